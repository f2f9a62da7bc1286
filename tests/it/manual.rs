//! Components made by hand, by JSON.

use crate::support::{Answer, Host, Registry, item};
use serde_json::{Value, json};

const COMPONENTS: &str = "/api/internal/components";

fn badge(content: &str) -> Value {
    json!({
        "name": "hand-badge",
        "type": "registry:ui",
        "title": "Badge",
        "dependencies": ["clsx"],
        "files": [{ "path": "ui/hand-badge.tsx", "type": "registry:ui", "content": content }],
    })
}

fn create(registry: &Registry, component: &Value) -> Answer {
    registry.as_admin("POST", COMPONENTS).json(component).send()
}

fn update(registry: &Registry, name: &str, component: &Value) -> Answer {
    registry.as_admin("PUT", &format!("{COMPONENTS}/{name}")).json(component).send()
}

#[test]
fn a_component_made_by_hand_is_served_at_once_and_updated_as_a_new_version() {
    let registry = Registry::start();
    let made = create(&registry, &badge("first\n")).expect(201).json();
    assert_eq!(made["name"], "hand-badge");
    assert_eq!(made["contents"][0]["content"], "first\n");
    let served = registry.get("/r/hand-badge.json").expect(200);
    assert_eq!(served.content(), "first\n");
    assert_eq!(served.json()["dependencies"], json!(["clsx"]));

    let changed = update(&registry, "hand-badge", &badge("second\n")).expect(200).json();
    assert_eq!(changed["versions"].as_array().map(Vec::len), Some(2));
    assert_eq!(registry.get("/r/hand-badge.json").expect(200).content(), "second\n");
    assert_eq!(registry.kill().serve().get("/r/hand-badge.json").expect(200).content(), "second\n");
}

#[test]
fn a_second_component_leaves_the_first_as_it_is() {
    let registry = Registry::start();
    create(&registry, &badge("first\n")).expect(201);
    let mut other = badge("other\n");
    other["name"] = json!("hand-chip");
    create(&registry, &other).expect(201);
    assert_eq!(registry.names(), ["hand-badge", "hand-chip"]);
    assert_eq!(registry.get("/r/hand-badge.json").expect(200).content(), "first\n");
}

#[test]
fn what_cannot_be_served_is_rejected_with_findings_and_nothing_is_published() {
    let registry = Registry::start();
    let with = |field: &str, value: Value| {
        let mut component = badge("x\n");
        component[field] = value;
        component
    };
    let file = |path: &str| json!([{ "path": path, "type": "registry:ui", "content": "x\n" }]);
    let cases = [
        (json!([1, 2]), "schema"),
        (with("type", json!("registry:nonsense")), "unknown-type"),
        (with("name", json!("registry")), "reserved-name"),
        (with("name", json!("a?b")), "invalid-name"),
        (with("files", file("../outside.tsx")), "unsafe-path"),
        (with("files", json!([{ "path": "ui/x.tsx", "type": "registry:ui" }])), "schema"),
        (with("dependencies", json!(["--global"])), "unsafe-dependency"),
    ];
    for (component, code) in cases {
        let body = create(&registry, &component).expect(422).json();
        assert_eq!(body["error"], "rejected", "{body}");
        let codes: Vec<&Value> =
            body["findings"].as_array().expect("findings").iter().map(|finding| &finding["code"]).collect();
        assert!(codes.contains(&&json!(code)), "{component}: {body:#}");
    }
    assert_eq!(registry.names(), [""; 0]);
}

#[test]
fn a_body_that_is_no_json_is_told_what_the_route_takes() {
    let registry = Registry::start();
    for (content_type, text, status) in [("application/json", "{", 400), ("text/plain", "{}", 415)] {
        let body = registry.as_admin("POST", COMPONENTS).text(content_type, text).send().expect(status).json();
        assert_eq!(body["error"], "invalid_body", "{body}");
        assert!(body["message"].as_str().is_some_and(|message| message.contains("/openapi.json")), "{body}");
    }
}

#[test]
fn a_name_that_is_taken_is_not_given_twice() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let mut component = badge("x\n");
    component["name"] = json!("acme-button");
    create(&registry, &component).expect(409);
    create(&registry, &badge("x\n")).expect(201);
    create(&registry, &badge("y\n")).expect(409);
    assert_eq!(registry.get("/r/hand-badge.json").expect(200).content(), "x\n");
}

#[test]
fn what_comes_from_git_is_not_changed_by_hand() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let mut component = badge("x\n");
    component["name"] = json!("acme-button");
    let body = update(&registry, "acme-button", &component).expect(409).json();
    assert!(body["message"].as_str().is_some_and(|message| message.contains("git repository")), "{body}");
}

#[test]
fn an_update_keeps_the_name_and_needs_a_component_to_update() {
    let registry = Registry::start();
    update(&registry, "hand-badge", &badge("x\n")).expect(404);
    create(&registry, &badge("x\n")).expect(201);
    let mut renamed = badge("y\n");
    renamed["name"] = json!("hand-chip");
    update(&registry, "hand-badge", &renamed).expect(422);
    assert_eq!(registry.names(), ["hand-badge"]);
}
