//! Credentials that change, and organisations that go, while the server runs.

use super::{ACME, BETA, Neighbours};
use crate::support::{Database, Deployment, metadata_of, until};
use clerk::{
    InstanceKind,
    testing::{FakeClerk, Trouble},
};
use serde_json::json;

/// The key that the operator set.
const SEAL_KEY: (&str, &str) = ("EKAIROS_SEAL_KEY", "c2VhbGluZy1rZXktb2YtMzItYnl0ZXMtaW4tYmFzZTY=");

#[test]
fn credentials_that_were_replaced_in_clerk_are_used_without_a_restart() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let token = deployment.token(ACME, "read");
    let ann = deployment.visitor("user_ann", Some(ACME));
    ann.ask("GET", "/r/card.json").send().expect(200);
    // The organisation gets another, empty app.
    let another = Database::start();
    deployment.clerk.organization(ACME, "Acme", metadata_of(&another));
    assert_eq!(ann.ask("GET", "/r/card.json").send().status, 200, "nobody told");
    deployment.tell("msg_1", "organization.updated", ACME).expect(204);
    ann.ask("GET", "/r/card.json").send().expect(404);
    // What the old app let in, the new one does not.
    assert_eq!(deployment.ask("GET", "/r/card.json").token(&token).send().status, 401);
    assert!(!ann.open("/registry").expect(200).text().contains(">acme</a>"));
    deployment.add_and_sync(ACME, &neighbours.host.url("acme"));
    ann.ask("GET", "/r/card.json").send().expect(200);
    assert_eq!(another.rows("registry_repositories").len(), 1);
    // The other organisation noticed nothing.
    deployment.visitor("user_bea", Some(BETA)).ask("GET", "/r/card.json").send().expect(200);
    // And back again: what the first app had is there as it was.
    deployment.clerk.organization(ACME, "Acme", metadata_of(&neighbours.databases[0]));
    deployment.tell("msg_2", "organization.updated", ACME).expect(204);
    deployment.ask("GET", "/r/card.json").token(&token).send().expect(200);
}

#[test]
fn an_organisation_that_was_deleted_is_closed() {
    let neighbours = Neighbours::settle_with(InstanceKind::Production, &[SEAL_KEY]);
    let deployment = &neighbours.deployment;
    let token = deployment.token(ACME, "read");
    let ann = deployment.visitor("user_ann", Some(ACME));
    ann.ask("GET", "/r/card.json").send().expect(200);
    deployment.clerk.without_organization(ACME);
    deployment.tell("msg_gone", "organization.deleted", ACME).expect(204);
    assert_eq!(deployment.ask("GET", "/r/card.json").token(&token).send().status, 401);
    // Their session names it for a moment yet: they are told to choose another one.
    let refused = ann.ask("GET", "/r/card.json").send().expect(403);
    assert_eq!(refused.plain_error().0, "organization_required");
    let page = ann.open("/registry").expect(403);
    assert!(page.text().contains("not there any more") && page.text().contains("href=\"/organisations\""));
    // Also while Clerk is away: nothing is left that would open it.
    deployment.clerk.trouble("/", Trouble::Status(503));
    assert_ne!(deployment.ask("GET", "/r/card.json").token(&token).send().status, 200);
    deployment.visitor("user_bea", Some(BETA)).ask("GET", "/r/card.json").send().expect(200);
}

#[test]
fn a_delivery_that_clerk_did_not_sign_changes_nothing() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let ann = deployment.visitor("user_ann", Some(ACME));
    ann.ask("GET", "/r/card.json").send().expect(200);
    let asked = || deployment.clerk.calls(&format!("GET /v1/organizations/{ACME}"));
    let before = asked();
    let (headers, body) = deployment.clerk.delivery("msg_1", "organization.updated", &json!({ "id": ACME }));
    let other = String::from_utf8(body.clone()).expect("JSON").replace(ACME, BETA);
    let good = |name: &str| headers.iter().find(|(other, _)| *other == name).expect("a header").1.clone();
    let deliver = |id: &str, at: &str, signature: &str, body: &str| {
        let asking = deployment.ask("POST", "/api/webhooks/clerk").with("svix-id", id).with("svix-timestamp", at);
        asking.with("svix-signature", signature).text("application/json", body).send()
    };
    let (at, signature) = (good("svix-timestamp"), good("svix-signature"));
    let text = String::from_utf8(body).expect("JSON");
    for answer in [
        deliver("msg_1", &at, &signature, &other),
        deliver("msg_2", &at, &signature, &text),
        deliver("msg_1", "1", &signature, &text),
        deliver("msg_1", &at, "v1,AAAA", &text),
        deliver("msg_1", &at, "", &text),
        deployment.ask("POST", "/api/webhooks/clerk").text("application/json", &text).send(),
    ] {
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(!answer.text().contains(&signature), "{}", answer.text());
    }
    let large = "x".repeat(300 * 1024);
    assert_eq!(deliver("msg_1", &at, &signature, &large).status, 413);
    ann.ask("GET", "/r/card.json").send().expect(200);
    assert_eq!(asked(), before, "nothing was asked for anew");
    assert_eq!(deliver("msg_1", &at, &signature, &text).status, 204);
    assert_eq!(deliver("msg_1", &at, &signature, &text).status, 204, "a second time is as good as once");
    ann.ask("GET", "/r/card.json").send().expect(200);
    until("it is asked for anew", || (asked() > before).then_some(()));
}

#[test]
fn tokens_open_what_they_opened_while_clerk_is_away_also_after_a_restart() {
    let mut neighbours = Neighbours::settle_with(InstanceKind::Production, &[SEAL_KEY]);
    let tokens = [ACME, BETA].map(|id| neighbours.deployment.token(id, "read"));
    neighbours.deployment.clerk.trouble("/", Trouble::Status(503));
    let opens = |deployment: &Deployment| {
        for (token, whose) in tokens.iter().zip(["acme", "beta"]) {
            let answer = deployment.ask("GET", "/r/card.json").token(token).send().expect(200);
            assert_eq!(answer.content(), format!("export const whose = \"{whose}\"\n"));
        }
    };
    opens(&neighbours.deployment);
    // Clerk tells of a change and is away again: what was known goes on.
    neighbours.deployment.tell("msg_1", "organization.updated", ACME).expect(204);
    opens(&neighbours.deployment);
    neighbours.deployment.end();
    neighbours.deployment.begin();
    opens(&neighbours.deployment);
    // Who is not known cannot be let in.
    let body = format!("ekr_org_nobody_{}_{}", "a".repeat(12), "b".repeat(43));
    let made_up = format!("{body}_{:08x}", crc32fast::hash(body.as_bytes()));
    assert_ne!(neighbours.deployment.ask("GET", "/r/card.json").token(&made_up).send().status, 200);
    // What is kept is sealed, and under this key alone.
    let kept = neighbours.deployment.data().join("organisations").join(ACME).join("credentials.sealed");
    let text = std::fs::read_to_string(&kept).expect("kept").clone();
    assert!(text.starts_with("v1.") && !text.contains(&neighbours.databases[0].token()));
    let other = neighbours.deployment.data().join("organisations").join(BETA).join("credentials.sealed");
    neighbours.deployment.end();
    std::fs::copy(&kept, &other).expect("writable");
    neighbours.deployment.begin();
    assert_eq!(neighbours.deployment.ask("GET", "/r/card.json").token(&tokens[0]).send().status, 200);
    assert_eq!(
        neighbours.deployment.ask("GET", "/r/card.json").token(&tokens[1]).send().status,
        503,
        "moved, it opens nothing"
    );
    neighbours.deployment.clerk.no_trouble();
}

#[test]
fn however_many_come_at_once_an_organisation_is_opened_once() {
    let mut neighbours = Neighbours::settle(InstanceKind::Production);
    let token = neighbours.deployment.token(ACME, "read");
    neighbours.deployment.end();
    let asked = format!("GET /v1/organizations/{ACME}");
    let before = neighbours.deployment.clerk.calls(&asked);
    neighbours.deployment.begin();
    let deployment = &neighbours.deployment;
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..24)
            .map(|_| scope.spawn(|| deployment.ask("GET", "/r/card.json").token(&token).send().status))
            .collect();
        for asked in asking {
            assert_eq!(asked.join().expect("no panic"), 200);
        }
    });
    assert_eq!(deployment.clerk.calls(&asked) - before, 1);
}

#[test]
fn without_a_sealing_key_no_credentials_lie_on_disk() {
    let mut deployment = Deployment::stopped(FakeClerk::start(InstanceKind::Production), &[]);
    let _database = deployment.organisation(ACME, "Acme");
    deployment.begin();
    deployment.token(ACME, "read");
    assert!(deployment.data().join("organisations").join(ACME).is_dir());
    assert!(!deployment.data().join("organisations").join(ACME).join("credentials.sealed").exists());
}
