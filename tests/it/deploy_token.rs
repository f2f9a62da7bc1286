//! Deploy tokens: private repositories of any host, each with a token of its own.

use crate::support::{Host, Registry, item};
use serde_json::{Value, json};

const TOKEN: &str = "glpat-canary-0123456789";

/// A registry that has a private repository which it may not read yet.
fn private() -> (Registry, Host, String) {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    host.server.require("deploy", TOKEN);
    let registry = Registry::start();
    let added = registry.cli(["repo", "add", &host.url("ui"), "--json"]).ok().json();
    let id = added["id"].as_str().expect("an id").to_owned();
    (registry, host, id)
}

fn path(id: &str) -> String {
    format!("/api/internal/registry/{id}/credential")
}

#[test]
fn a_private_repository_is_fetched_with_its_own_token_which_is_never_shown_again() {
    let (registry, _host, id) = private();
    assert!(registry.failing_sync("ui").contains("asks for a sign-in"));
    let token = json!({ "username": "deploy", "token": TOKEN });
    registry.as_admin("PUT", &path(&id)).json(&token).send().expect(204);
    registry.sync("ui");
    registry.get("/r/acme-button.json").expect(200);

    assert_eq!(registry.as_admin("GET", &path(&id)).send().expect(200).json(), json!({ "set": true }));
    let view = registry.as_admin("GET", &format!("/api/internal/registry/{id}")).send().expect(200);
    assert!(!view.text().contains(TOKEN));
    let trail = registry.as_admin("GET", "/api/internal/audit").send().expect(200);
    assert!(trail.text().contains("repository.credential.set") && !trail.text().contains(TOKEN));
    assert!(!registry.log().contains(TOKEN));
    let home = registry.stop();
    let kept = home.store_bytes();
    assert!(!kept.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()), "it lies in the clear");

    let registry = home.serve();
    registry.sync("ui");
    registry.as_admin("DELETE", &path(&id)).send().expect(204);
    assert!(registry.failing_sync("ui").contains("asks for a sign-in"));
    registry.get("/r/acme-button.json").expect(200);
}

#[test]
fn a_token_is_given_and_taken_on_the_command_line() {
    let (registry, _host, _id) = private();
    let file = registry.data().join("token.txt");
    std::fs::write(&file, format!("{TOKEN}\n")).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let given = registry.cli(["repo", "credential", "ui", "--username", "deploy", "--token-file", file]).ok();
    assert!(!given.out.contains(TOKEN) && !given.err.contains(TOKEN));
    registry.sync("ui");
    registry.cli(["repo", "credential", "ui", "--remove"]).ok();
    assert!(registry.failing_sync("ui").contains("asks for a sign-in"));
}

#[test]
fn a_token_goes_to_the_host_that_it_was_given_for_and_to_no_other() {
    let (registry, _host, id) = private();
    let token = json!({ "username": "deploy", "token": TOKEN });
    registry.as_admin("PUT", &path(&id)).json(&token).send().expect(204);
    registry.sync("ui");
    let other = Host::start();
    other.repository("ui", &[item("acme-button")]);
    registry.cli(["repo", "change", "ui", "--url", &other.url("ui")]).ok();
    registry.sync("ui");
    let sent = other.server.take_requests();
    let named = |request: &git::testing::Request| request.headers.contains_key("authorization");
    assert!(!sent.iter().any(named), "the token went to another host");
    assert_eq!(registry.as_admin("GET", &path(&id)).send().expect(200).json(), json!({ "set": false }));
}

#[test]
fn a_token_that_would_travel_in_the_clear_or_is_none_is_refused() {
    let registry = Registry::start();
    let id = |url: &str| {
        let added = registry.cli(["repo", "add", url, "--json"]).ok().json();
        added["id"].as_str().expect("an id").to_owned()
    };
    let (clear, safe) = (id("http://git.example.com/acme/clear"), id("https://git.example.com/acme/safe"));
    let give = |id: &str, token: &Value| registry.as_admin("PUT", &path(id)).json(token).send();
    let refused = give(&clear, &json!({ "token": TOKEN })).expect(422).text().to_owned();
    assert!(refused.contains("https") && !refused.contains(TOKEN), "{refused}");
    for token in [json!({ "token": "" }), json!({ "token": "a\nb" }), json!({ "username": "a:b", "token": TOKEN })] {
        let refused = give(&safe, &token).expect(422).text().to_owned();
        assert!(!refused.contains(TOKEN), "{refused}");
    }
    for odd in [json!({}), json!({ "token": TOKEN, "more": TOKEN }), json!({ "token": [TOKEN] })] {
        let refused = give(&safe, &odd).expect(422).text().to_owned();
        assert!(!refused.contains(TOKEN), "{refused}");
    }
    give(&safe, &json!({ "token": TOKEN })).expect(204);
}
