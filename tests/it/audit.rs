//! The audit trail: who did what, when, and from where.

use crate::support::{Database, Host, Registry, is_with_clerk, item, push_of, until};
use serde_json::{Value, json};

fn events(registry: &Registry, query: &str) -> Vec<Value> {
    let page = registry.as_admin("GET", &format!("/api/internal/audit?{query}")).send().expect(200).json();
    page["rows"].as_array().expect("rows").clone()
}

fn actions(registry: &Registry) -> Vec<String> {
    let events = events(registry, "limit=200").into_iter();
    events.map(|event| event["action"].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn every_change_is_in_the_trail() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("acme-card")]);
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    registry.cli(["repo", "change", "ui", "--name", "design"]).ok();
    registry.cli(["repo", "hook", "design"]).ok();
    registry.cli(["repo", "hook", "design", "--rotate"]).ok();
    let path = format!("/api/internal/registry/{id}/hook");
    registry.as_admin("DELETE", &path).send().expect(204);
    registry.cli(["alias", "add", "knob", "acme-button"]).ok();
    registry.cli(["alias", "remove", "knob"]).ok();
    let first = repository.head();
    crate::support::write_registry(&repository, &[item("acme-button")]);
    repository.commit("Without the card");
    registry.sync("design");
    registry.cli(["name", "replace", "acme-card", "--by", "acme-button"]).ok();
    registry.cli(["rollback", "design", first.as_ref()]).ok();
    registry.cli(["repo", "change", "design", "--namespace", "team"]).ok();
    let hand = |method: &str, name: &str| {
        let text = json!({ "name": "by-hand", "type": "registry:ui", "files": [{ "path": "a.tsx", "type": "registry:ui", "content": name }] });
        registry
            .as_admin(
                method,
                if method == "POST" { "/api/internal/components" } else { "/api/internal/components/by-hand" },
            )
            .json(&text)
            .send()
    };
    hand("POST", "one").expect(201);
    hand("PUT", "two").expect(200);
    registry.as_admin("DELETE", "/api/internal/components/by-hand").send();
    registry.cli(["name", "release", "by-hand"]).ok();
    let token = registry.token("read");
    drop(token);
    let tokens = registry.as_admin("GET", "/api/internal/tokens").send().expect(200).json();
    let token =
        tokens.as_array().expect("a list").iter().find(|token| token["scope"] == "read").expect("it")["id"].clone();
    registry.cli(["token", "rotate", token.as_str().expect("an id")]).ok();
    registry.cli(["token", "revoke", token.as_str().expect("an id")]).ok();
    registry.cli(["settings", "--alias", "@acme"]).ok();
    let cookie = registry.session();
    registry.ask("POST", "/logout").with("cookie", &cookie).with("origin", &registry.url).send().expect(303);
    registry.cli(["repo", "change", "design", "--no-namespace"]).ok();
    until("no sync is under way", || {
        let removed = registry.as_admin("DELETE", &format!("/api/internal/registry/{id}")).send();
        (removed.status == 204).then_some(())
    });
    let told = actions(&registry);
    for action in [
        "repository.register",
        "repository.sync",
        "repository.publish",
        "repository.change",
        "repository.hook.make",
        "repository.hook.rotate",
        "repository.hook.remove",
        "alias.add",
        "alias.remove",
        "name.replace",
        "name.release",
        "repository.rollback",
        "repository.namespace",
        "component.create",
        "component.publish",
        "component.remove",
        "token.create",
        "token.rotate",
        "token.revoke",
        "settings.change",
        "session.close",
        "repository.remove",
    ] {
        assert!(told.iter().any(|other| other == action), "no {action}: {told:?}");
    }
    for action in ["session.link", "session.open"] {
        // With Clerk people come in elsewhere.
        assert_eq!(told.iter().any(|other| other == action), !is_with_clerk(), "{action}: {told:?}");
    }
    assert_eq!(told.first().map(String::as_str), Some("repository.remove"), "newest first");
}

#[test]
fn an_event_tells_who_when_and_from_where() {
    let registry = Registry::start_with(&[("EKAIROS_TRUSTED_PROXIES", "127.0.0.1")]);
    let admin = registry.admin_token();
    let asking = registry.ask("POST", "/api/internal/tokens").token(&admin).with("x-forwarded-for", "203.0.113.7");
    let made = asking.json(&json!({ "scope": "read", "name": "=ci" })).send().expect(201).json();
    let event = events(&registry, "action=token.create").remove(0);
    assert!(event["actor"].as_str().is_some_and(|actor| actor.starts_with("token:")), "{event}");
    assert_eq!((&event["address"], &event["subject"]), (&json!("203.0.113.7"), &made["id"]));
    assert_eq!(event["detail"]["name"], "=ci");
    let at = event["at"].as_i64().expect("a time");
    assert!((made["createdAt"].as_i64().expect("a time") - at).abs() < 5_000, "{event}");
    let by_operator = events(&registry, "actor=operator");
    assert!(!by_operator.is_empty() && by_operator.iter().all(|event| event["actor"] == "operator"), "{by_operator:?}");
    assert_eq!(by_operator[0].get("address"), None);
    let by_token = events(&registry, &format!("actor={}", event["actor"].as_str().expect("a text")));
    assert_eq!(by_token, [event]);
}

#[test]
fn a_sync_that_a_git_host_asked_for_names_the_webhook_and_its_address() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start_with(&[("EKAIROS_TRUSTED_PROXIES", "127.0.0.1")]);
    let id = registry.add_and_sync(&host.url("ui"));
    let hook = registry.hook("ui");
    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    let head = repository.head();
    let body = push_of(head.as_str(), head.as_str());
    hook.signed(&registry, "push", "one", &body).with("x-forwarded-for", "203.0.113.9").send().expect(202);
    let webhook = format!("webhook:{id}");
    let event = until("it is in the trail", || events(&registry, &format!("actor={webhook}")).pop());
    assert_eq!((&event["action"], &event["address"]), (&json!("repository.sync"), &json!("203.0.113.9")));
    let published = until("it is published", || {
        let events = events(&registry, "actor=job:sync").into_iter();
        events.into_iter().find(|event| event["detail"]["trigger"] == "webhook")
    });
    assert_eq!((&published["action"], &published["subject"]), (&json!("repository.publish"), &json!(id)));
}

#[test]
fn a_list_is_paged_and_an_export_is_whole() {
    let registry = Registry::start();
    for nth in 0..12 {
        let body = json!({ "scope": "read", "name": format!("nr {nth}") });
        registry.as_admin("POST", "/api/internal/tokens").json(&body).send().expect(201);
    }
    let page =
        |query: &str| registry.as_admin("GET", &format!("/api/internal/audit?{query}")).send().expect(200).json();
    let first = page("action=token.create&limit=5");
    assert_eq!((first["rows"].as_array().map(Vec::len), &first["more"]), (Some(5), &json!(true)));
    let last = page("action=token.create&limit=5&offset=10");
    assert_eq!((last["rows"].as_array().map(Vec::len), &last["more"]), (Some(3), &json!(false)));

    let export =
        |query: &str| registry.as_admin("GET", &format!("/api/internal/audit/export?{query}")).send().expect(200);
    let lines = export("action=token.create");
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    assert!(lines.header("content-disposition").contains("audit.jsonl"));
    let told: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(told.len(), 13);
    assert_eq!(told[..5], first["rows"].as_array().expect("rows")[..]);
    let table = export("format=csv&action=token.create");
    assert!(table.header("content-type").starts_with("text/csv"));
    assert_eq!(table.text().split("\r\n").filter(|line| !line.is_empty()).count(), 14, "with a heading");
    let refused = registry.as_admin("GET", "/api/internal/audit/export?format=xls").send().expect(400);
    assert_eq!(refused.json()["error"], "invalid_query");
}

#[test]
fn the_page_shows_what_happened_and_filters_it() {
    let registry = Registry::start();
    registry.token("read");
    registry.add("https://git.example.com/acme/ui");
    let cookie = registry.session();
    let page = |query: &str| {
        registry.ask("GET", &format!("/settings/audit{query}")).with("cookie", &cookie).send().expect(200)
    };
    let all = page("").text().to_owned();
    assert!(all.contains("token.create") && all.contains("repository.register"), "{all}");
    let rows = |text: &str| text.matches("<tr").count();
    let only = page("?action=repository.register").text().to_owned();
    assert_eq!(rows(&only), 2, "a heading and one registration");
    assert!(page("?actor=nobody").text().contains("Nothing matches"));
}

#[test]
fn what_happens_while_the_database_is_away_is_in_the_trail_when_it_is_back() {
    let database = Database::start();
    let replica = database.replica();
    replica.registry.admin_token();
    let (registry, cookie) = (&replica.registry, replica.registry.session());
    replica.cut_off();
    registry.ask("POST", "/logout").with("cookie", &cookie).with("origin", &registry.url).send().expect(303);
    // Also when the server ends before it is.
    let replica = replica.kill().start();
    replica.reconnect();
    until("it is in the database", || {
        let rows = database.rows("registry_events");
        rows.iter().any(|event| event["action"] == "session.close").then_some(())
    });
}
