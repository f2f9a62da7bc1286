//! The webhooks of each host through the real route: GitHub's own examples,
//! and for the others what their documentation says.

use crate::support::{Hook, Host, Registry, item};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Write as _, path::Path};
use webhook::sign;

/// A server with a repository and its webhook.
fn listening() -> (Registry, Host, Hook) {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let hook = registry.hook("ui");
    (registry, host, hook)
}

/// GitHub's examples: event → bodies.
fn examples() -> Option<Vec<(String, Value)>> {
    let path = "end2end/node_modules/@octokit/webhooks-examples/api.github.com/index.json";
    let Ok(text) = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)) else {
        assert!(std::env::var_os("CI").is_none(), "end2end/node_modules is missing: run scripts/bootstrap");
        println!("skipped: end2end/node_modules is missing; scripts/bootstrap installs it");
        return None;
    };
    let events: Value = serde_json::from_str(&text).expect("JSON");
    let mut examples = Vec::new();
    for event in events.as_array().expect("a list") {
        let name = event["name"].as_str().expect("a name");
        examples
            .extend(event["examples"].as_array().expect("a list").iter().map(|body| (name.to_owned(), body.clone())));
    }
    Some(examples)
}

#[test]
fn every_example_of_github_is_understood() {
    let Some(examples) = examples() else { return };
    let (registry, _host, hook) = listening();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (nth, (event, body)) in examples.iter().enumerate() {
        let answer = hook.signed(&registry, event, &format!("example-{nth}"), &body.to_string()).send();
        let outcome =
            answer.json()["outcome"].as_str().unwrap_or_else(|| panic!("{event}: {}", answer.text())).to_owned();
        let expected: &[(&str, u16)] = match event.as_str() {
            // Whether something was seen depends on the syncs that these begin.
            "push" | "create" | "delete" => &[("accepted", 202), ("up-to-date", 200)],
            "ping" => &[("pong", 200)],
            _ => &[("ignored", 200)],
        };
        assert!(expected.contains(&(outcome.as_str(), answer.status)), "{event}: {} {outcome}", answer.status);
        *counts.entry(event.clone()).or_default() += 1;
    }
    hook.settles(&registry);
    for event in ["push", "ping", "create", "delete"] {
        assert!(counts[event] >= 4, "{counts:?}");
    }
    assert!(counts.len() >= 50, "{counts:?}");
}

#[test]
fn github_may_send_a_form() {
    let (registry, _host, hook) = listening();
    let json = json!({ "ref": "refs/heads/x", "before": "0".repeat(40), "after": "1".repeat(40) }).to_string();
    let mut form = "payload=".to_owned();
    for byte in json.bytes() {
        write!(form, "%{byte:02X}").expect("a string takes any text");
    }
    let asking = registry
        .ask("POST", &hook.path)
        .with("x-github-event", "push")
        .with("x-hub-signature-256", &sign::prefixed(&hook.secret, form.as_bytes()))
        .text("application/x-www-form-urlencoded", &form);
    asking.send().expect(202);
}

const OLD: &str = "1111111111111111111111111111111111111111";
const NEW: &str = "2222222222222222222222222222222222222222";

/// What a host sends for a push: its headers without the proof, and its body.
type Push = (&'static str, Vec<(&'static str, &'static str)>, Value);

/// What each host sends for a push, as its documentation has it.
fn pushes() -> Vec<Push> {
    vec![
        // https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events
        (
            "GitLab",
            vec![
                ("x-gitlab-event", "Push Hook"),
                ("x-gitlab-instance", "https://gitlab.example"),
                ("idempotency-key", "1"),
            ],
            json!({ "object_kind": "push", "event_name": "push", "before": OLD, "after": NEW, "ref": "refs/heads/main", "checkout_sha": NEW,
                "project": { "path_with_namespace": "acme/ui" }, "commits": [], "total_commits_count": 1 }),
        ),
        (
            "GitLab",
            vec![("x-gitlab-event", "Tag Push Hook"), ("idempotency-key", "2")],
            json!({ "object_kind": "tag_push", "before": "0".repeat(40), "after": NEW, "ref": "refs/tags/v1", "checkout_sha": OLD, "commits": [] }),
        ),
        // https://docs.gitea.com/usage/repository/webhooks
        (
            "Gitea",
            vec![
                ("x-gitea-event", "push"),
                ("x-github-event", "push"),
                ("x-gogs-event", "push"),
                ("x-gitea-delivery", "3"),
            ],
            json!({ "ref": "refs/heads/main", "before": OLD, "after": NEW, "compare_url": "", "commits": [], "head_commit": null, "repository": { "full_name": "acme/ui" } }),
        ),
        // https://forgejo.org/docs/latest/user/webhooks/
        (
            "Forgejo",
            vec![
                ("x-forgejo-event", "create"),
                ("x-gitea-event", "create"),
                ("x-github-event", "create"),
                ("x-forgejo-delivery", "4"),
            ],
            json!({ "sha": NEW, "ref": "v2", "ref_type": "tag", "repository": { "full_name": "acme/ui" } }),
        ),
        // https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/#Push
        (
            "Bitbucket Cloud",
            vec![
                ("x-event-key", "repo:push"),
                ("x-hook-uuid", "h"),
                ("x-request-uuid", "5"),
                ("x-attempt-number", "1"),
            ],
            json!({ "repository": { "full_name": "acme/ui" }, "push": { "changes": [{
                "old": { "type": "branch", "name": "main", "target": { "type": "commit", "hash": OLD } },
                "new": { "type": "branch", "name": "main", "target": { "type": "commit", "hash": NEW } },
                "created": false, "closed": false, "forced": false, "truncated": false }] } }),
        ),
        // https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html#Eventpayload-Push
        (
            "Bitbucket Data Center",
            vec![("x-event-key", "repo:refs_changed"), ("x-request-id", "6")],
            json!({ "eventKey": "repo:refs_changed", "repository": { "slug": "ui" }, "changes": [{
                "ref": { "id": "refs/heads/main", "displayId": "main", "type": "BRANCH" }, "refId": "refs/heads/main",
                "fromHash": OLD, "toHash": NEW, "type": "UPDATE" }] }),
        ),
    ]
}

#[test]
fn a_push_of_every_other_host_is_accepted_with_its_proof_alone() {
    let (registry, _host, hook) = listening();
    for (host, headers, body) in pushes() {
        let body = body.to_string();
        let ask = || {
            let asking = registry.ask("POST", &hook.path).text("application/json", &body);
            headers.iter().fold(asking, |asking, (name, value)| asking.with(name, value))
        };
        ask().send().expect(401);
        let (name, proof) = match host {
            "GitLab" => ("x-gitlab-token", hook.secret.expose().to_owned()),
            "Gitea" => ("x-gitea-signature", sign::hexadecimal(&hook.secret, body.as_bytes())),
            "Forgejo" => ("x-forgejo-signature", sign::hexadecimal(&hook.secret, body.as_bytes())),
            _ => ("x-hub-signature", sign::prefixed(&hook.secret, body.as_bytes())),
        };
        ask().with(name, &format!("{proof}0")).send().expect(401);
        ask().with(name, &proof).send().expect(202);
        let told = &hook.deliveries(&registry)[0];
        assert_eq!((told["host"].as_str(), told["outcome"].as_str()), (Some(host), Some("accepted")), "{told}");
        assert!(told["delivery"].is_string(), "{told}");
    }
    hook.settles(&registry);
}

#[test]
fn gitlabs_signing_token_is_checked_with_its_time() {
    let (registry, _host, hook) = listening();
    let body = json!({ "ref": "refs/heads/main", "before": OLD, "after": NEW }).to_string();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let send = |id: &str, time: u64| {
        let time = time.to_string();
        registry
            .ask("POST", &hook.path)
            .with("x-gitlab-event", "Push Hook")
            .with("webhook-id", id)
            .with("webhook-timestamp", &time)
            .with("webhook-signature", &sign::standard(&hook.secret, id, &time, body.as_bytes()))
            .text("application/json", &body)
            .send()
    };
    let stale = send("1", now - 360).expect(401);
    assert!(stale.text().contains("five minutes"), "{}", stale.text());
    send("1", now).expect(202);
    hook.settles(&registry);
    // GitLab's «Resend» sends the same id.
    assert_eq!(send("1", now + 1).expect(200).json()["outcome"], "duplicate");
}

#[test]
fn the_ping_of_bitbucket_data_center_is_answered() {
    let (registry, _host, hook) = listening();
    let body = "{\"test\": true}";
    let asking = registry
        .ask("POST", &hook.path)
        .with("x-event-key", "diagnostics:ping")
        .with("x-hub-signature", &sign::prefixed(&hook.secret, body.as_bytes()))
        .text("application/json", body);
    assert_eq!(asking.send().expect(200).json()["outcome"], "pong");
}
