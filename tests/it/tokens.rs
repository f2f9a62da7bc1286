//! API tokens: what they open, for how long, and how one takes another's place.

use crate::support::{Registry, until};
use serde_json::{Value, json};

fn made(registry: &Registry, arguments: &[&str]) -> Value {
    let all = ["token", "create", "--json"].iter().chain(arguments);
    crate::support::Ran::of(registry.command(all)).ok().json()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field}: {value}"))
}

fn opens(registry: &Registry, token: &str) -> u16 {
    registry.ask("GET", "/api/internal/components").token(token).send().status
}

fn listed(registry: &Registry) -> Vec<Value> {
    let list = registry.as_admin("GET", "/api/internal/tokens").send().expect(200).json();
    list.as_array().expect("a list").clone()
}

fn find(registry: &Registry, id: &str) -> Value {
    listed(registry).into_iter().find(|token| token["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn a_token_is_listed_with_all_but_its_secret() {
    let registry = Registry::start();
    let token = made(&registry, &["--scope", "read", "--name", "ci", "--expires", "90d"]);
    let listed = find(&registry, text(&token, "id"));
    assert_eq!((text(&listed, "name"), text(&listed, "scope"), text(&listed, "state")), ("ci", "read", "active"));
    assert_eq!(listed["createdBy"], "operator");
    let life = listed["expiresAt"].as_i64().expect("a time") - listed["createdAt"].as_i64().expect("a time");
    assert_eq!(life, 90 * 24 * 60 * 60 * 1000);
    let secret = text(&token, "token");
    assert!(!listed.to_string().contains(secret) && listed.get("token").is_none() && listed.get("hash").is_none());
    let printed = registry.cli(["token", "list"]).ok().out;
    assert!(printed.contains("ci") && !printed.contains(secret), "{printed}");
}

#[test]
fn a_token_that_was_revoked_opens_nothing_from_then_on() {
    let registry = Registry::start();
    let token = made(&registry, &["--scope", "sync", "--name", "ci"]);
    assert_eq!(opens(&registry, text(&token, "token")), 200);
    registry.cli(["token", "revoke", "ci"]).ok();
    assert_eq!(opens(&registry, text(&token, "token")), 401);
    let path = format!("/api/internal/tokens/{}", text(&token, "id"));
    let again = registry.as_admin("DELETE", &path).send().expect(200).json();
    assert_eq!(again["state"], "revoked", "revoking twice does no harm");
    assert!(registry.cli(["token", "revoke", "ci"]).refused().contains("no token"));
}

#[test]
fn an_old_token_works_beside_the_new_one_for_as_long_as_was_said() {
    let registry = Registry::start();
    let old = made(&registry, &["--scope", "read", "--name", "ci", "--expires", "30d"]);
    let new = registry.cli(["token", "rotate", "ci", "--overlap", "1h", "--json"]).ok().json();
    assert_eq!((text(&new, "name"), text(&new, "scope")), ("ci", "read"));
    assert_eq!((opens(&registry, text(&old, "token")), opens(&registry, text(&new, "token"))), (200, 200));
    let listed = find(&registry, text(&old, "id"));
    assert_eq!((text(&listed, "state"), text(&listed, "replacedBy")), ("replaced", text(&new, "id")));
    let life =
        |token: &Value| token["expiresAt"].as_i64().expect("a time") - token["createdAt"].as_i64().expect("a time");
    assert_eq!(life(&find(&registry, text(&new, "id"))), 30 * 24 * 60 * 60 * 1000, "as long a life as the old one had");
    let message = registry.cli(["token", "rotate", text(&old, "id")]).refused();
    assert!(message.contains("replaced already"), "{message}");

    // Its name means the new one now. Without an overlap there is none.
    let newest = registry.cli(["token", "rotate", "ci", "--overlap", "0s", "--json"]).ok().json();
    assert_eq!((opens(&registry, text(&new, "token")), opens(&registry, text(&newest, "token"))), (401, 200));
}

#[test]
fn a_token_whose_time_is_over_opens_nothing_and_its_holder_is_told_why() {
    let registry = Registry::start();
    let old = made(&registry, &["--scope", "read", "--name", "ci"]);
    let new = registry.cli(["token", "rotate", "ci", "--overlap", "1s", "--json"]).ok().json();
    let answer = until("it expires", || {
        let answer = registry.ask("GET", "/r/registry.json").token(text(&old, "token")).send();
        (answer.status == 401).then_some(answer)
    });
    let (code, message) = answer.plain_error();
    assert_eq!(code, "invalid_token");
    assert!(message.contains("\"ci\" has expired") && message.contains("--scope read"), "{message}");
    assert_eq!(opens(&registry, text(&new, "token")), 200);
    assert_eq!(find(&registry, text(&old, "id"))["state"], "expired");
}

#[test]
fn when_a_token_was_last_used_is_noted_once_an_hour_beside_the_request() {
    let registry = Registry::start();
    let token = made(&registry, &["--scope", "read", "--name", "ci"]);
    let id = text(&token, "id").to_owned();
    assert_eq!(find(&registry, &id).get("lastUsedAt"), None, "it was never used");
    registry.ask("GET", "/r/registry.json").token(text(&token, "token")).send().expect(200);
    let first = until("its use is noted", || find(&registry, &id)["lastUsedAt"].as_i64());
    for _ in 0..20 {
        registry.ask("GET", "/r/registry.json").token(text(&token, "token")).send().expect(200);
    }
    assert_eq!(find(&registry, &id)["lastUsedAt"].as_i64(), Some(first));
}

#[test]
fn what_no_token_can_be_is_refused_with_what_can() {
    let registry = Registry::start();
    let ask = |body: &Value| registry.as_admin("POST", "/api/internal/tokens").json(body).send();
    for (body, told) in [
        (json!({ "name": "x" }), "scope"),
        (json!({ "scope": "everything" }), "everything"),
        (json!({ "scope": "read", "expiresIn": 5 }), "a minute to ten years"),
        (json!({ "scope": "read", "expires": "90d" }), "expires"),
    ] {
        let answer = ask(&body).expect(422);
        assert!(text(&answer.json(), "message").contains(told), "{}", answer.text());
    }
    let named = ask(&json!({ "scope": "read", "name": "  a\u{7}b  " })).expect(201).json();
    assert_eq!(named["name"], "ab");
    let path = format!("/api/internal/tokens/{}/rotate", text(&named, "id"));
    let answer = registry.as_admin("POST", &path).json(&json!({ "overlap": 8_000_000 })).send().expect(422);
    assert!(text(&answer.json(), "message").contains("90 days"), "{}", answer.text());
}

#[test]
fn the_dashboard_makes_replaces_and_revokes_tokens_without_scripts() {
    let registry = Registry::start();
    let cookie = registry.session();
    let get = |path: &str| registry.ask("GET", path).with("cookie", &cookie).send();
    let post = |path: &str, body: &str| {
        let asking = registry.ask("POST", path).with("cookie", &cookie).with("origin", &registry.url);
        asking.text("application/x-www-form-urlencoded", body).send()
    };
    let secret = |page: &str| {
        let begin = page.find("ekr_").expect("a token");
        page[begin..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()
    };
    let page = post("/settings/tokens", "name=ci&scope=read&expires=90d").expect(201);
    assert_eq!(page.header("cache-control"), "private, no-store");
    let token = secret(page.text());
    assert_eq!(opens(&registry, &token), 200);
    assert!(!get("/settings/tokens").expect(200).text().contains("ekr_"), "it is shown once");
    let id = listed(&registry).into_iter().find(|token| token["name"] == "ci").expect("it is there");
    let id = text(&id, "id").to_owned();

    let page = get(&format!("/settings/tokens/{id}/rotate")).expect(200);
    assert!(page.text().contains("goes on working"), "{}", page.text());
    let page = post(&format!("/settings/tokens/{id}/rotate"), "overlap=1h").expect(201);
    let newer = secret(page.text());
    assert_eq!((opens(&registry, &token), opens(&registry, &newer)), (200, 200));
    let page = post(&format!("/settings/tokens/{id}/rotate"), "overlap=1h").expect(409);
    assert!(page.text().contains("replaced already"), "{}", page.text());

    let page = get(&format!("/settings/tokens/{id}/revoke")).expect(200);
    assert!(page.text().contains("cannot be undone") && opens(&registry, &token) == 200, "looking revokes nothing");
    let answer = post(&format!("/settings/tokens/{id}/revoke"), "").expect(303);
    assert_eq!(answer.header("location"), "/settings/tokens");
    assert_eq!((opens(&registry, &token), opens(&registry, &newer)), (401, 200));
    assert!(get("/settings/tokens").expect(200).text().contains("Revoked"));

    let page =
        post("/settings/tokens", "name=%3Cscript%3Ealert(1)%3C%2Fscript%3E&scope=read&expires=never").expect(201);
    for text in [page.text(), get("/settings/tokens").text(), get("/settings/audit").text()] {
        assert!(text.contains("&lt;script&gt;alert(1)") && !text.contains("<script>alert(1)"), "{text}");
    }
    let page = post("/settings/tokens", "name=&scope=all&expires=90d").expect(422);
    assert!(page.text().contains("needs a name") && !page.text().contains("ekr_"), "{}", page.text());
    get("/settings/tokens/nothing/rotate").expect(404);
}

#[test]
fn a_canary_token_is_in_no_log_no_page_and_no_file() {
    let home = crate::support::Offline::new();
    let registry = home.serve_with(&[("EKAIROS_LOG", "debug")]);
    let token = made(&registry, &["--scope", "admin", "--name", "canary"]);
    let secret = text(&token, "token").to_owned();
    let whole_path = format!("/no/such/page?token={secret}");
    for path in [
        "/api/internal/tokens",
        "/api/internal/audit",
        "/api/internal/audit/export",
        "/settings/tokens",
        "/settings",
        "/r/nothing.json",
    ] {
        let answer = registry.ask("GET", path).token(&secret).send();
        assert!(!answer.text().contains(&secret), "{path}");
    }
    registry.ask("GET", &whole_path).token(&secret).send().expect(404);
    registry.cli(["token", "rotate", "canary", "--overlap", "1h"]).ok();
    assert!(!registry.log().contains(&secret), "{}", registry.log());
    // Not its secret part either, in anything that lies on disk.
    let part = secret.rsplit('_').nth(1).expect("the secret part").to_owned();
    let holds = |bytes: &[u8]| bytes.windows(part.len()).any(|window| window == part.as_bytes());
    let data = registry.data();
    let offline = registry.stop();
    assert!(!holds(&offline.store_bytes()), "the store");
    for file in std::fs::read_dir(&data).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if file.is_file() {
            assert!(!holds(&std::fs::read(&file).expect("readable")), "{}", file.display());
        }
    }
}
