//! Setting webhooks up: the command line, the JSON routes, the sealing key.

use crate::support::{Answer, Host, Offline, Ran, Registry, item};
use serde_json::{Value, json};

fn path(id: &str) -> String {
    format!("/api/internal/registry/{id}/hook")
}

fn error(answer: Answer, status: u16) -> Value {
    answer.expect(status).json()["error"].clone()
}

#[test]
fn a_webhook_is_printed_with_and_without_a_server_with_the_steps_of_its_host() {
    let offline = Offline::new();
    offline.cli(["repo", "add", "https://github.com/acme/ui"]).ok();
    offline.cli(["repo", "add", "https://git.example.com/acme/other"]).ok();
    let told = offline.cli(["repo", "hook", "ui"]).ok();
    let address = format!("Address  {}/api/internal/registry/webhook/org_local.", offline.origin());
    assert!(told.out.contains(&address), "{}", told.out);
    assert!(told.out.contains("Secret   whsec_") && told.out.contains("\nGitHub\n  1. "), "{}", told.out);
    assert!(!told.out.contains("GitLab"), "{}", told.out);
    assert!(told.err.contains("no other host can reach it") && told.err.contains("public-url"), "{}", told.err);
    let first = offline.cli(["repo", "hook", "ui", "--json"]).ok().json();
    let other = offline.cli(["repo", "hook", "other", "--json"]).ok().json();
    assert_eq!(other["steps"].as_array().map(Vec::len), Some(6), "{other}");

    let registry = offline.serve();
    let second = registry.cli(["repo", "hook", "ui", "--json"]).ok().json();
    assert_eq!(second["secret"], first["secret"]);
    let rotated = registry.cli(["repo", "hook", "ui", "--rotate", "--json"]).ok().json();
    assert_eq!(rotated["address"], second["address"]);
    assert_ne!(rotated["secret"], second["secret"]);
    assert!(registry.cli(["repo", "hook", "nothing"]).refused().contains("repo list"));
}

#[test]
fn a_webhook_has_the_public_address_and_is_told_of_http() {
    let offline = Offline::new();
    offline.cli(["repo", "add", "https://gitlab.com/acme/ui"]).ok();
    let told = |public: &str| {
        let mut command = offline.command(["repo", "hook", "ui", "--json"]);
        command.env("EKAIROS_PUBLIC_URL", public);
        Ran::of(command).ok().json()
    };
    let hook = told("https://registry.example.com/");
    let address = hook["address"].as_str().expect("an address");
    assert!(address.starts_with("https://registry.example.com/api/internal/registry/webhook/org_local."), "{address}");
    assert_eq!(hook["problem"], Value::Null);
    let problem = told("http://registry.example.com")["problem"].to_string();
    assert!(problem.contains("https"), "{problem}");
}

#[test]
fn a_delivery_needs_the_registrys_host_and_no_page_of_its_own() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    registry.add(&host.url("ui"));
    let hook = registry.hook("ui");
    let ping = |id: &str| hook.signed(&registry, "ping", id, "{}");
    ping("1").with("origin", "https://github.com").send().expect(200);
    assert_eq!(error(ping("2").with("host", "evil.example").send(), 421), "wrong_host");
}

#[test]
fn the_webhook_is_made_shown_and_removed_by_whoever_may_do_everything() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    let id = registry.add(&host.url("ui"));
    assert_eq!(error(registry.as_admin("GET", &path(&id)).send(), 404), "no_hook");
    for token in [registry.token("read"), registry.token("sync")] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = registry.ask(method, &path(&id)).token(&token).send();
            assert_eq!(error(answer, 403), "missing_scope", "{method}");
        }
        let deliveries = registry.ask("GET", &format!("{}/deliveries", path(&id))).token(&token).send().expect(200);
        assert_eq!(deliveries.json(), json!([]));
    }
    let made = registry.as_admin("POST", &path(&id)).send().expect(200);
    assert_eq!(made.header("cache-control"), "private, no-store");
    assert_eq!(registry.as_admin("GET", &path(&id)).send().expect(200).json(), made.json());
    let rotated = registry.as_admin("POST", &path(&id)).send().expect(200).json();
    assert_eq!(rotated["address"], made.json()["address"]);
    let hook = registry.hook("ui");
    hook.signed(&registry, "ping", "1", "{}").send().expect(200);

    for _ in 0..2 {
        registry.as_admin("DELETE", &path(&id)).send().expect(204);
    }
    hook.signed(&registry, "ping", "2", "{}").send().expect(404);
    assert_eq!(hook.outcomes(&registry), Vec::<String>::new());
    let again = registry.as_admin("POST", &path(&id)).send().expect(200).json();
    assert_ne!(again["address"], made.json()["address"], "a removed address never comes back");
    let nobody = path("00000000-0000-4000-8000-000000000000");
    for method in ["GET", "POST", "DELETE"] {
        assert_eq!(error(registry.as_admin(method, &nobody).send(), 404), "not_found");
    }
}

#[test]
fn components_made_by_hand_have_no_webhook() {
    let registry = Registry::start();
    let badge = json!({ "name": "hand-badge", "type": "registry:ui", "files": [{ "path": "ui/hand-badge.tsx", "type": "registry:ui", "content": "x" }] });
    registry.as_admin("POST", "/api/internal/components").json(&badge).send().expect(201);
    let repositories = registry.as_admin("GET", "/api/internal/registry").send().expect(200).json();
    let id = repositories[0]["id"].as_str().expect("an id");
    assert_eq!(error(registry.as_admin("POST", &path(id)).send(), 422), "invalid");
}

#[test]
fn the_sealing_key_may_come_from_the_configuration_and_is_never_shown() {
    let key = "c2VhbGluZy1rZXktb2YtMzItYnl0ZXMtaW4tYmFzZTY=";
    let offline = Offline::new();
    offline.cli(["repo", "add", "https://github.com/acme/ui"]).ok();
    let with_key = |key: &str, arguments: &[&str]| {
        let mut command = offline.command(arguments);
        command.env("EKAIROS_SEAL_KEY", key);
        Ran::of(command)
    };
    let made = with_key(key, &["repo", "hook", "ui", "--json"]).ok().json();
    assert!(!offline.data().join("seal.key").exists());
    assert_eq!(with_key(key, &["repo", "hook", "ui", "--json"]).ok().json()["secret"], made["secret"]);
    let without = offline.cli(["repo", "hook", "ui", "--json"]).ok().json();
    assert!(without["secret"].is_null() && without["problem"].as_str().is_some_and(|told| told.contains("--rotate")));

    let shown = with_key(key, &["config"]).ok().out;
    assert!(shown.contains("seal-key") && shown.contains("(hidden)") && !shown.contains(key), "{shown}");
    let refused = with_key("canary", &["config"]).refused();
    assert!(
        refused.contains("EKAIROS_SEAL_KEY") && refused.contains("32 bytes") && !refused.contains("canary"),
        "{refused}"
    );
}
