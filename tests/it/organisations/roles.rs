//! What members, administrators, API keys and helpers may do.

use super::{ACME, BETA, Neighbours};
use clerk::{InstanceKind, testing::Trouble};
use serde_json::json;

#[test]
fn members_look_and_sync_and_administrators_change() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let [repository, _] = &neighbours.repositories;
    let abe = deployment.visitor("user_abe", Some(ACME));
    let ann = deployment.visitor("user_ann", Some(ACME));
    let one = format!("/api/internal/registry/{repository}");
    for path in ["/api/internal/registry", "/api/internal/components", "/r/card.json", one.as_str()] {
        abe.ask("GET", path).send().expect(200);
    }
    let sync = json!({ "repoId": repository });
    let synced = abe.ask("POST", "/api/internal/registry/sync").json(&sync).send();
    assert!((200..300).contains(&synced.status), "{} {}", synced.status, synced.text());
    for (method, path, body) in [
        ("POST", "/api/internal/registry", json!({ "url": neighbours.host.url("beta") })),
        ("PATCH", one.as_str(), json!({ "name": "other" })),
        ("DELETE", one.as_str(), json!({})),
        ("POST", "/api/internal/tokens", json!({ "name": "mine", "scope": "admin" })),
        ("POST", "/api/internal/aliases", json!({ "name": "old", "target": "card" })),
    ] {
        let refused = abe.ask(method, path).json(&body).send().expect(403);
        assert_eq!(refused.json()["error"], "missing_scope", "{method} {path}");
        assert!(refused.text().contains("role"), "{}", refused.text());
    }
    for path in ["/api/internal/tokens", "/api/internal/audit"] {
        assert_eq!(abe.ask("GET", path).send().status, 403, "{path}");
    }
    assert_eq!(abe.open("/settings/tokens").status, 403);
    ann.open("/settings/tokens").expect(200);
    let made =
        ann.ask("POST", "/api/internal/tokens").json(&json!({ "name": "mine", "scope": "read" })).send().expect(201);
    let token = made.json()["token"].as_str().expect("a token").to_owned();
    assert!(token.starts_with(&format!("ekr_{ACME}_")), "a token names its organisation");
    deployment.ask("GET", "/r/card.json").token(&token).send().expect(200);
    assert_eq!(ann.ask("PATCH", &one).json(&json!({ "name": "renamed" })).send().status, 200);
}

#[test]
fn changes_of_another_sites_page_are_refused_whoever_is_signed_in() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let ann = deployment.visitor("user_ann", Some(ACME));
    let platform = deployment.clerk.platform_url("localhost");
    let body = json!({ "name": "mine", "scope": "admin" });
    for origin in ["https://evil.example", &platform, "null"] {
        let asking = deployment.ask("POST", "/api/internal/tokens").with("cookie", &ann.cookies());
        assert_eq!(asking.with("origin", origin).json(&body).send().status, 403, "{origin}");
    }
    for path in ["/api/internal/tokens", "/logout"] {
        let asking = deployment.ask("POST", path).with("cookie", &ann.cookies());
        assert_eq!(asking.json(&body).send().status, 403, "without an origin: {path}");
    }
    ann.open("/registry").expect(200);
}

#[test]
fn an_api_key_of_clerk_does_what_its_scopes_say_until_it_is_revoked() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let one = format!("/api/internal/registry/{}", neighbours.repositories[0]);
    deployment
        .clerk
        .api_key("ak_reader", ACME, &json!({ "scopes": ["registry:read"] }))
        .api_key("ak_admin", ACME, &json!({ "scopes": ["registry:admin"] }))
        .api_key("ak_plain", ACME, &json!({}))
        .api_key("ak_revoked", ACME, &json!({ "scopes": ["registry:admin"], "revoked": true }))
        .api_key("ak_expired", ACME, &json!({ "scopes": ["registry:admin"], "expired": true }))
        .api_key("ak_persons", "user_ann", &json!({ "scopes": ["registry:admin"] }))
        .api_key("ak_beta", BETA, &json!({ "scopes": ["registry:admin"] }));
    let change = |key: &str| deployment.ask("PATCH", &one).token(key).json(&json!({ "name": "by-key" })).send();
    let look = |key: &str| deployment.ask("GET", "/r/card.json").token(key).send();
    for (key, looks, changes) in [
        ("ak_reader", 200, 403),
        ("ak_plain", 200, 403),
        ("ak_admin", 200, 200),
        ("ak_revoked", 401, 401),
        ("ak_expired", 401, 401),
        ("ak_unknown", 401, 401),
        ("ak_beta", 200, 404),
    ] {
        assert_eq!((look(key).status, change(key).status), (looks, changes), "{key}");
    }
    assert!(look("ak_beta").text().contains("beta") && look("ak_admin").text().contains("acme"));
    // A person's key belongs to no organisation.
    assert!(matches!(look("ak_persons").status, 401 | 403));
    assert!(change("ak_reader").text().contains("registry:admin"), "{}", change("ak_reader").text());
    // Nothing of a cookie helps a key that is no good.
    let ann = deployment.visitor("user_ann", Some(ACME));
    assert_eq!(ann.ask("GET", "/r/card.json").token("ak_revoked").send().status, 401);
}

#[test]
fn who_helps_in_somebodys_name_is_named_in_the_audit_trail() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let ann = deployment.visitor("user_ann", Some(ACME));
    let signed_in = deployment.clerk.sign_in("user_ann", Some(ACME), &deployment.url);
    // What Clerk puts into the token of whoever acts for somebody.
    let payload = signed_in.token.split('.').nth(1).expect("a payload");
    let mut claims: serde_json::Value = serde_json::from_slice(
        &base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload).expect("base64"),
    )
    .expect("claims");
    claims["act"] = json!({ "sub": "user_support", "sid": "sess_support" });
    let token = deployment.clerk.sign(&claims);
    let made = deployment.ask("POST", "/api/internal/tokens").token(&token);
    made.json(&json!({ "name": "helped", "scope": "read" })).send().expect(201);
    ann.ask("POST", "/api/internal/tokens").json(&json!({ "name": "own", "scope": "read" })).send().expect(201);
    let trail = ann.ask("GET", "/api/internal/audit?action=token.create").send().expect(200).json();
    let actors: Vec<String> = trail["rows"]
        .as_array()
        .unwrap_or_else(|| panic!("{trail}"))
        .iter()
        .map(|row| row["actor"].to_string())
        .collect();
    assert!(
        actors.iter().any(|actor| actor.contains("user_ann") && actor.contains("impersonated by user_support")),
        "{actors:?}"
    );
    assert!(actors.iter().any(|actor| actor.contains("user_ann") && !actor.contains("impersonated")), "{actors:?}");
}

#[test]
fn members_see_who_is_in_the_organisation_and_clerk_is_asked_once() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let ann = deployment.visitor("user_ann", Some(ACME));
    let abe = deployment.visitor("user_abe", Some(ACME));
    let asked = || deployment.clerk.calls(&format!("GET /v1/organizations/{ACME}/memberships"));
    for _ in 0..3 {
        let page = ann.open("/settings/members").expect(200);
        for told in ["Ann", "Abe", "ann@example.com", "Administrator", "Invite on the platform"] {
            assert!(page.text().contains(told), "{told}: {}", page.text());
        }
    }
    let page = abe.open("/settings/members").expect(200);
    assert!(page.text().contains("Ann") && !page.text().contains("Invite on the platform"), "{}", page.text());
    for other in ["Ben", "Bea", BETA] {
        assert!(!page.text().contains(&format!("user_{}", other.to_lowercase())), "{other} is of another organisation");
    }
    assert_eq!(asked(), 1, "all members at once, for all who look");

    // Who did something is called by name.
    let made = json!({ "name": "mine", "scope": "read" });
    let token = ann.ask("POST", "/api/internal/tokens").json(&made).send().expect(201).json();
    let trail = ann.open("/settings/audit").expect(200);
    assert!(trail.text().contains(">Ann</a>") && !trail.text().contains(">user_ann<"), "{}", trail.text());
    let tokens = ann.open("/settings/tokens").expect(200);
    assert!(tokens.text().contains("by Ann"), "{}", tokens.text());
    assert_eq!(asked(), 1);

    // Programs have no business with people.
    let token = token["token"].as_str().expect("a token");
    let refused = deployment.ask("GET", "/settings/members").with("accept", "text/html").token(token).send();
    assert!(refused.status != 200 && !refused.text().contains("ann@example.com"), "{}", refused.text());
}

#[test]
fn while_clerk_does_not_tell_who_is_in_the_organisation_the_pages_are_shown_without_names() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let ann = deployment.visitor("user_ann", Some(ACME));
    ann.open("/registry").expect(200);
    deployment.clerk.trouble(&format!("/v1/organizations/{ACME}/memberships"), Trouble::Status(500));
    let page = ann.open("/settings/members").expect(200);
    assert!(page.text().contains("Clerk does not tell"), "{}", page.text());
    let trail = ann.open("/settings/audit").expect(200);
    assert!(trail.text().contains("user_ann"), "{}", trail.text());
}
