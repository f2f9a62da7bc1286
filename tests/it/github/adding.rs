//! Deploy tokens that are given when a repository is added.

use crate::support::{Host, Registry, item};
use serde_json::{Value, json};

const TOKEN: &str = "glpat-canary-9876543210";

fn private() -> (Registry, Host) {
    let host = Host::start();
    for name in ["ui", "by-json", "by-form"] {
        host.repository(name, &[item(&format!("{name}-button"))]);
    }
    host.server.require("deploy", TOKEN);
    (Registry::start(), host)
}

#[test]
fn a_token_given_with_a_repository_is_kept_sealed_and_used_for_the_first_look() {
    let (registry, host) = private();
    let file = registry.data().join("token.txt");
    std::fs::write(&file, format!("{TOKEN}\n")).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let url = host.url("ui");
    let with_token =
        |verb: &str| registry.cli(["repo", verb, &url, "--username", "deploy", "--token-file", file, "--json"]).ok();
    let (found, added) = (with_token("discover"), with_token("add"));
    assert_eq!(found.json()["registries"][0]["items"], 1);
    assert!(!format!("{}{}{}{}", found.out, found.err, added.out, added.err).contains(TOKEN));
    registry.sync("ui");
    registry.get("/r/ui-button.json").expect(200);
    std::fs::remove_file(file).expect("it was there");

    let credential = json!({ "username": "deploy", "token": TOKEN });
    let send = |path: &str, body: &Value| registry.as_admin("POST", path).json(body).send();
    let url = host.url("by-json");
    send("/api/internal/registry/discover", &json!({ "url": url })).expect(422);
    send("/api/internal/registry/discover", &json!({ "url": url, "credential": credential })).expect(200);
    // Looking keeps nothing.
    send("/api/internal/registry/discover", &json!({ "url": url })).expect(422);
    let added = send("/api/internal/registry", &json!({ "url": url, "credential": credential })).expect(201);
    assert!(!added.text().contains(TOKEN));
    registry.sync("by-json");

    let session = registry.session();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("url", host.url("by-form").as_str()), ("username", "deploy"), ("token", TOKEN)])
        .finish();
    let asking = registry.ask("POST", "/registry/new").with("origin", &registry.url).with("cookie", &session);
    let there = asking.text("application/x-www-form-urlencoded", &form).send().expect(303);
    assert!(there.header("location").starts_with("/registry/"));
    registry.sync("by-form");
    registry.get("/r/by-form-button.json").expect(200);

    let trail = registry.as_admin("GET", "/api/internal/audit").send().expect(200).text().to_owned();
    assert_eq!(trail.matches("repository.credential.set").count(), 3, "{trail}");
    assert!(!trail.contains(TOKEN) && !registry.log().contains(TOKEN));
    let kept = registry.stop().store_bytes();
    assert!(!kept.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()), "it lies in the clear");
}

#[test]
fn a_token_that_is_none_is_refused_and_never_repeated() {
    let (registry, host) = private();
    let (safe, clear) = (host.url("ui"), "http://git.example.com/acme/ui".to_owned());
    for (url, credential) in [
        (&safe, json!(TOKEN)),
        (&safe, json!({ "token": [TOKEN] })),
        (&safe, json!({ "token": TOKEN, "more": TOKEN })),
        (&safe, json!({ "token": format!("{TOKEN}\n") })),
        (&safe, json!({ "token": "" })),
        (&clear, json!({ "token": TOKEN })),
    ] {
        for path in ["/api/internal/registry", "/api/internal/registry/discover"] {
            let sent = json!({ "url": url, "credential": credential });
            let refused = registry.as_admin("POST", path).json(&sent).send().expect(422);
            assert!(!refused.text().contains(TOKEN), "{}", refused.text());
        }
    }
    let session = registry.session();
    let form = format!("url={}&token={TOKEN}&username=deploy", clear.replace(':', "%3A"));
    let asking = registry.ask("POST", "/registry/new").with("origin", &registry.url).with("cookie", &session);
    let again = asking.text("application/x-www-form-urlencoded", &form).send().expect(422).text().to_owned();
    assert!(again.contains("value=\"deploy\"") && again.contains("over http"), "{again}");
    assert!(!again.contains(TOKEN), "the form shows the token again");
    let listed = registry.as_admin("GET", "/api/internal/registry").send().expect(200).json();
    assert_eq!(listed, json!([]));
}
