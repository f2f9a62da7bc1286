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

fn remove(registry: &Registry, name: &str) -> Answer {
    registry.as_admin("DELETE", &format!("{COMPONENTS}/{name}")).send()
}

/// The publications of the manual repository, newest first, from its page.
fn manual_repository(registry: &Registry) -> Value {
    let all = registry.as_admin("GET", "/api/internal/registry").send().expect(200).json();
    let all = all.as_array().expect("repositories").iter();
    all.clone().find(|row| row["kind"] == "manual").expect("the manual repository").clone()
}

#[test]
fn a_component_is_removed_by_a_publication_that_can_be_rolled_back() {
    let registry = Registry::start();
    create(&registry, &badge("first\n")).expect(201);
    let with = manual_repository(&registry);
    remove(&registry, "hand-badge").expect(204);
    assert_eq!(registry.names(), [""; 0]);
    let (code, message) = registry.get("/r/hand-badge.json").expect(410).plain_error();
    assert_eq!(code, "removed");
    assert!(message.contains("hand-badge"), "{message}");
    let again = remove(&registry, "hand-badge").expect(410).json();
    assert_eq!(again["error"], "removed");
    update(&registry, "hand-badge", &badge("x\n")).expect(410);
    remove(&registry, "never-there").expect(404);

    let registry = registry.kill().serve();
    registry.get("/r/hand-badge.json").expect(410);
    let path = format!("/api/internal/registry/{}/rollback", with["id"].as_str().expect("an id"));
    let rolled =
        registry.as_admin("POST", &path).json(&json!({ "snapshot": with["snapshot"] })).send().expect(200).json();
    assert_eq!((&rolled["kind"], &rolled["count"]), (&json!("rollback"), &json!(1)));
    assert!(rolled["actor"].as_str().is_some_and(|actor| actor.starts_with("token:")), "{rolled}");
    assert_eq!(registry.get("/r/hand-badge.json").expect(200).content(), "first\n");
    // What is changed next is published on top.
    update(&registry, "hand-badge", &badge("second\n")).expect(200);
    assert_eq!(registry.get("/r/hand-badge.json").expect(200).content(), "second\n");
}

#[test]
fn the_name_of_a_removed_component_is_held_for_its_maker_until_it_is_released() {
    let host = Host::start();
    host.repository("ui", &[item("hand-badge")]);
    let registry = Registry::start();
    create(&registry, &badge("first\n")).expect(201);
    remove(&registry, "hand-badge").expect(204);
    let report = registry.add_and_sync_report(&host.url("ui"));
    assert_eq!(report["items"], 0);
    let taken = report["diagnostics"][0]["message"].as_str().expect("a message").to_owned();
    assert!(taken.contains("was published by someone here, by hand"), "{taken}");
    create(&registry, &badge("again\n")).expect(201);
    assert_eq!(registry.component("hand-badge")["versions"].as_array().map(Vec::len), Some(2), "its history goes on");
    remove(&registry, "hand-badge").expect(204);
    registry.cli(["name", "release", "hand-badge"]).ok();
    registry.sync("ui");
    assert_eq!(registry.component("hand-badge")["byHand"], false);
    let refused = create(&registry, &badge("late\n")).expect(409).json();
    assert!(refused["message"].as_str().is_some_and(|message| message.contains("published by ui")), "{refused}");
}

#[test]
fn of_what_is_made_by_hand_only_the_name_can_be_changed() {
    let registry = Registry::start();
    create(&registry, &badge("one")).expect(201);
    let id = manual_repository(&registry)["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/internal/registry/{id}");
    let change = |change: Value| registry.as_admin("PATCH", &path).json(&change).send();
    for other in
        [json!({ "url": "https://example.com/acme/ui" }), json!({ "branch": "next" }), json!({ "pollEvery": 60 })]
    {
        let message = change(other).expect(422).text().to_owned();
        assert!(message.contains("only the name"), "{message}");
    }
    assert_eq!(change(json!({ "name": "Made here" })).expect(200).json()["name"], "Made here");
}

#[test]
fn what_comes_from_git_is_not_removed_by_hand() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let body = remove(&registry, "acme-button").expect(409).json();
    assert!(body["message"].as_str().is_some_and(|message| message.contains("git repository")), "{body}");
    registry.get("/r/acme-button.json").expect(200);
}

#[test]
fn of_two_editors_the_second_does_not_overwrite_what_it_has_not_seen() {
    let registry = Registry::start();
    let etag = create(&registry, &badge("first\n")).expect(201).header("etag").to_owned();
    let path = format!("{COMPONENTS}/hand-badge");
    assert_eq!(registry.as_admin("GET", &path).send().expect(200).header("etag"), etag);
    let put =
        |content: &str, seen: &str| registry.as_admin("PUT", &path).with("if-match", seen).json(&badge(content)).send();
    let second = put("mine\n", &etag).expect(200).header("etag").to_owned();
    assert_ne!(second, etag);
    let refused = put("theirs\n", &etag).expect(412).json();
    assert_eq!(refused["error"], "changed_meanwhile");
    assert!(refused["message"].as_str().is_some_and(|message| message.contains(&second)), "{refused}");
    for odd in ["", "x", "W/\"y\"", &format!("W/{second}")] {
        put("theirs\n", odd).expect(412);
    }
    registry.as_admin("DELETE", &path).with("if-match", &etag).send().expect(412);
    assert_eq!(registry.get("/r/hand-badge.json").expect(200).content(), "mine\n");
    put("merged\n", &format!("{etag}, {second}")).expect(200);
    put("whatever\n", "*").expect(200);
    // The same again is no new version.
    let same = put("whatever\n", "*").expect(200).json();
    assert_eq!(same["versions"].as_array().map(Vec::len), Some(4));
    registry.as_admin("DELETE", &path).send().expect(204);
}

#[test]
fn components_that_are_created_at_the_same_moment_all_arrive() {
    let registry = Registry::start();
    registry.admin_token();
    let name = |nth: usize| format!("hand-{nth}");
    std::thread::scope(|scope| {
        for nth in 0..8 {
            let registry = &registry;
            scope.spawn(move || {
                let mut component = badge("x\n");
                component["name"] = json!(name(nth));
                create(registry, &component).expect(201);
            });
        }
    });
    let mut names = registry.names();
    names.sort_unstable();
    assert_eq!(names, (0..8).map(name).collect::<Vec<_>>());
    // And of several of one name, one.
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(|| create(&registry, &badge("x\n")).status)).collect();
        all.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 409).count(), 3, "{answers:?}");
}

#[test]
fn a_file_by_hand_is_served_as_it_was_given_whatever_it_is_called() {
    let registry = Registry::start();
    let mut component = badge("unused");
    let file = |path: &str, content: &str| json!({ "path": path, "type": "registry:file", "target": format!("~/{path}"), "content": content });
    component["files"] = json!([file("registry.json", "{}"), file("_registry.json", "[]")]);
    create(&registry, &component).expect(201);
    let served = registry.get("/r/hand-badge.json").expect(200).json();
    assert_eq!((&served["files"][0]["content"], &served["files"][1]["content"]), (&json!("{}"), &json!("[]")));
}

#[test]
fn two_texts_for_one_path_are_rejected_and_neither_is_lost() {
    let registry = Registry::start();
    let mut component = badge("one");
    component["files"] = json!([
        { "path": "a.tsx", "type": "registry:ui", "content": "one" },
        { "path": "./a.tsx", "type": "registry:ui", "content": "two" },
    ]);
    let refused = create(&registry, &component).expect(422);
    assert!(refused.text().contains("two files have the path"), "{}", refused.text());
    registry.get("/r/hand-badge.json").expect(404);
}

#[test]
fn the_repository_of_what_is_made_by_hand_is_not_removed_with_everything_in_it() {
    let registry = Registry::start();
    create(&registry, &badge("first\n")).expect(201);
    let all = registry.as_admin("GET", "/api/internal/registry").send().expect(200).json();
    let id = all[0]["id"].as_str().expect("an id");
    let refused = registry.as_admin("DELETE", &format!("/api/internal/registry/{id}")).send().expect(409).json();
    assert!(refused["message"].as_str().expect("a message").contains("Remove the components"), "{refused}");
    assert_eq!(registry.get("/r/hand-badge.json").expect(200).content(), "first\n");
}
