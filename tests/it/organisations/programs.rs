//! What programs are told: by JSON routes, and below `/r/`.

use super::{ACME, Neighbours};
use crate::support::{Answer, Database, Deployment};
use clerk::{InstanceKind, testing::Trouble};
use serde_json::json;
use std::time::Duration;

/// What an answer says went wrong.
fn told(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"].as_str().expect("a code").to_owned())
}

fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn json_routes_say_in_a_code_what_is_missing() {
    let deployment = Deployment::start(InstanceKind::Production);
    deployment.clerk.organization("org_new", "New", json!({}));
    deployment.clerk.user("user_nia", "Nia", &[("org_new", "org:admin")]);
    let route = "/api/internal/registry";
    let stranger = deployment.ask("GET", route).send();
    assert_eq!(told(&stranger), code(401, "unauthorized"));
    assert!(
        stranger.json()["action"]["url"].as_str().is_some_and(|url| url.contains("/sign-in?redirect=")),
        "{}",
        stranger.text()
    );
    let nowhere = deployment.visitor("user_nia", None).ask("GET", route).send();
    assert_eq!(told(&nowhere), code(403, "organization_required"));
    let unready = deployment.visitor("user_nia", Some("org_new")).ask("GET", route).send();
    assert_eq!(told(&unready), code(403, "onboarding_required"));
    let action = unready.json()["action"]["url"].as_str().expect("where to go").to_owned();
    assert!(
        action.starts_with(&format!("{}/platform/grant?redirect=", deployment.clerk.platform_url("localhost"))),
        "{action}"
    );
    // Below /r/ the CLI prints a code and a message, and knows nothing else.
    let item = "/r/card.json";
    for (answer, code) in [
        (deployment.ask("GET", item).send(), "unauthorized"),
        (deployment.visitor("user_nia", None).ask("GET", item).send(), "organization_required"),
        (deployment.visitor("user_nia", Some("org_new")).ask("GET", item).send(), "onboarding_required"),
        (deployment.ask("GET", item).token("ekr_org_new_x_y_z").send(), "invalid_token"),
    ] {
        assert_eq!(answer.plain_error().0, code);
        assert_eq!(answer.header("location"), "");
    }
}

#[test]
fn while_clerk_is_away_people_go_on_and_nobody_new_comes_in() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let ann = deployment.visitor("user_ann", Some(ACME));
    ann.open("/registry").expect(200);
    deployment.clerk.trouble("/", Trouble::Status(503));
    for _ in 0..3 {
        ann.open("/registry").expect(200);
        ann.ask("GET", "/r/card.json").send().expect(200);
        ann.ask("GET", "/api/internal/registry").send().expect(200);
    }
    // Another session of the same key is known by its signature alone.
    deployment.visitor("user_abe", Some(ACME)).open("/registry").expect(200);
    // Who would have to be looked up cannot be.
    deployment.clerk.organization("org_late", "Late", json!({})).user("user_lee", "Lee", &[("org_late", "org:admin")]);
    let lee = deployment.visitor("user_lee", Some("org_late"));
    let answer = lee.ask("GET", "/api/internal/registry").send();
    assert_eq!(told(&answer), code(503, "clerk_unavailable"));
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    let page = lee.visit("/registry");
    assert_eq!((page.answer.status, page.way.len()), (503, 1));
    assert!(!page.answer.header("refresh").is_empty(), "it tries again by itself");
    assert_eq!(lee.ask("GET", "/r/card.json").send().expect(503).plain_error().0, "clerk_unavailable");
    let page = ann.visit("/organisations");
    assert_eq!((page.answer.status, page.way.len()), (503, 1));
    deployment.ask("GET", "/r/card.json").token("ak_new").send().expect(503).plain_error();
}

#[test]
fn while_clerk_has_never_answered_every_page_says_that_it_does_not() {
    let mut deployment = Deployment::stopped(clerk::testing::FakeClerk::start(InstanceKind::Production), &[]);
    let database = deployment.organisation(ACME, "Acme");
    deployment.clerk.user("user_ann", "Ann", &[(ACME, "org:admin")]);
    for trouble in [Trouble::Status(500), Trouble::TooMany(7), Trouble::Garbage] {
        deployment.clerk.no_trouble().trouble("/", trouble);
        deployment.begin();
        let ann = deployment.visitor("user_ann", Some(ACME));
        let seen = ann.visit("/registry");
        assert_eq!((seen.answer.status, seen.way.len()), (503, 1), "{trouble:?}: {}", seen.answer.text());
        assert!(seen.answer.text().contains("sign-in provider does not answer"), "{}", seen.answer.text());
        let seconds: u32 = seen.answer.header("refresh").parse().expect("it tries again by itself");
        assert!((1..=60).contains(&seconds));
        let answer = ann.ask("GET", "/api/internal/registry").send();
        assert_eq!(told(&answer), code(503, "clerk_unavailable"), "{trouble:?}");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
        ann.ask("GET", "/r/card.json").send().expect(503).plain_error();
        deployment.end();
    }
    deployment.clerk.no_trouble().trouble("/v1/organizations", Trouble::Late(Duration::from_millis(300)));
    deployment.begin();
    // What takes a moment is waited for.
    assert_eq!(deployment.visitor("user_ann", Some(ACME)).open("/registry").status, 200);
    drop(database);
}

#[test]
fn a_database_that_refuses_its_credentials_is_told_of_as_that() {
    let deployment = Deployment::start(InstanceKind::Production);
    let database = Database::start();
    let wrong = "c0ffee00-canary-4000-8000-000000000002";
    let metadata = json!({ "instant": { "appId": database.app(), "adminToken": wrong, "apiUri": database.uri() } });
    deployment.clerk.organization(ACME, "Acme", metadata).user("user_ann", "Ann", &[(ACME, "org:admin")]);
    let ann = deployment.visitor("user_ann", Some(ACME));
    let seen = ann.visit("/registry");
    assert_eq!((seen.answer.status, seen.way.len()), (502, 1), "{}", seen.answer.text());
    assert!(seen.answer.text().contains("refuses the credentials") && !seen.answer.text().contains("canary"));
    let answer = ann.ask("GET", "/api/internal/registry").send();
    assert_eq!(told(&answer), code(502, "instant_credentials_rejected"));
    ann.ask("GET", "/r/card.json").send().expect(502).plain_error();
    assert!(!deployment.log().contains("canary"), "{}", deployment.log());
    // A private address that is not on the list of allowed hosts is no database at all.
    let inside = json!({ "instant": { "appId": database.app(), "adminToken": database.token(), "apiUri": "http://169.254.169.254/" } });
    deployment.clerk.organization("org_inside", "Inside", inside).user(
        "user_ivy",
        "Ivy",
        &[("org_inside", "org:admin")],
    );
    let seen = deployment.visitor("user_ivy", Some("org_inside")).visit("/registry");
    assert!(matches!(seen.answer.status, 502 | 503), "{}", seen.answer.text());
    assert!(!seen.answer.text().contains(&database.token()));
}

#[test]
fn whoever_invents_handshakes_is_stopped_and_people_of_the_same_address_go_on() {
    let neighbours = Neighbours::settle_with(InstanceKind::Production, &[("EKAIROS_TRUSTED_PROXIES", "127.0.0.1")]);
    let deployment = &neighbours.deployment;
    let from = [("x-forwarded-for", "203.0.113.7")];
    let asked = || deployment.clerk.calls("GET /v1/clients/handshake_payload");
    let before = asked();
    let stranger = deployment.stranger();
    let last = (0..60)
        .map(|nth| stranger.open_with(&format!("/signed-out?__clerk_handshake_nonce=invented{nth}"), &from))
        .last()
        .expect("sixty");
    assert!((30..50).contains(&(asked() - before)), "{}", asked() - before);
    assert_eq!(last.header("x-clerk-auth-reason"), "rate-limited");
    let refused = deployment.stranger().open_with("/registry?__clerk_handshake_nonce=invented", &from).expect(429);
    assert!(refused.text().contains("Too many requests"), "{}", refused.text());
    assert!(!refused.header("refresh").is_empty(), "it tries again by itself");
    // Nor by the way out.
    let calls = || deployment.clerk.calls("POST /api_keys/verify");
    for nth in 0..20 {
        let out = deployment.ask("POST", "/logout").with("x-forwarded-for", "203.0.113.7");
        out.token(&format!("ak_invented{nth}")).send();
    }
    assert!(calls() < 5, "{}", calls());
    // Their session is known without a call.
    let ann = deployment.visitor("user_ann", Some(ACME));
    ann.open_with("/registry", &from).expect(200);
    // And who comes with something good is not counted, however often.
    let newcomers = || deployment.visitor_of_platform("user_ann", Some(ACME));
    for _ in 0..40 {
        let visitor = newcomers();
        let handshake = visitor.open_with("/registry", &[("x-forwarded-for", "203.0.113.8")]).expect(307);
        let back = visitor.open(handshake.header("location")).expect(307);
        visitor.open_with(back.header("location"), &[("x-forwarded-for", "203.0.113.8")]).expect(200);
    }
}
