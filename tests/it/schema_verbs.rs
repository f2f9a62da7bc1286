//! `schema plan`, `push` and `remove` in an app that is shared with others. The
//! app is stood in for by the listener of an embedded store.

use crate::support::{Answer, Host, Offline, Ran, StandIn, is_about_local_mode, item};
use serde_json::{Value, json};
use std::process::Command;

/// A folder whose store is an app in which nothing of the registry is.
struct Shared {
    home: Offline,
    app: StandIn,
}

impl Shared {
    fn new() -> Self {
        let app = StandIn::start();
        let mut home = Offline::new();
        home.set(&app.settings());
        let shared = Self { home, app };
        shared.run(&["schema", "remove", "--yes"]).ok();
        shared
    }

    /// One in which a platform has data, files and rules of its own.
    fn with_platform() -> Self {
        let shared = Self::new();
        let attr = json!({ "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } });
        shared.push(&json!({ "entities": { "projects": { "attrs": { "name": attr } } }, "links": {} }));
        let steps = json!([["update", "projects", "8a1f2c9e-0000-4000-8000-00000000aaaa", { "name": "one" }]]);
        shared.app.ask("POST", "/admin/transact").json(&json!({ "steps": steps })).send().expect(200);
        let upload = shared.app.ask("PUT", "/admin/storage/upload").with("path", "pictures/cat.png");
        upload.text("image/png", "meow").send().expect(200);
        shared.set_rules(&platform_rules());
        shared
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.home.command(arguments)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments))
    }

    fn push(&self, schema: &Value) {
        let body = json!({ "schema": schema, "check_types": true, "supports_background_updates": false });
        self.app.ask("POST", "/superadmin/apps/{app}/schema/push/apply").json(&body).send().expect(200);
    }

    fn rules(&self) -> Value {
        self.app.ask("GET", "/superadmin/apps/{app}/perms").send().expect(200).json()["perms"].clone()
    }

    fn set_rules(&self, code: &Value) {
        let body = json!({ "code": code });
        self.app.ask("POST", "/superadmin/apps/{app}/perms").json(&body).send().expect(200);
    }

    /// What is not of the registry, as the app has it.
    fn platform(&self) -> (Value, Value) {
        let query = json!({ "query": { "projects": {}, "$files": { "$": { "fields": ["path", "size"] } } } });
        let rows = self.app.ask("POST", "/admin/query").json(&query).send().expect(200).json();
        let pulled: Answer = self.app.ask("GET", "/dash/apps/{app}/schema/pull").send().expect(200);
        let mut attrs = pulled.json()["attrs"].as_array().expect("attributes").clone();
        attrs.retain(|attr| !attr["forward-identity"][1].as_str().is_some_and(|name| name.starts_with("registry_")));
        (rows, attrs.into())
    }
}

fn platform_rules() -> Value {
    json!({
        "projects": { "allow": { "view": "auth.id != null", "$default": "false" }, "bind": ["owner", "auth.id"] },
        "attrs": { "allow": { "create": "false" } },
    })
}

/// Some of the original's schema (`specs/instantdb-admin-api.md` 4.4).
fn original() -> Value {
    let attr = |required: bool, unique: bool| json!({ "valueType": "string", "required": required, "config": { "indexed": unique, "unique": unique } });
    json!({
        "entities": {
            "registry_repositories": { "attrs": { "url": attr(true, true), "name": attr(true, false) } },
            "registry_commits": { "attrs": { "hash": attr(true, true), "message": attr(true, false) } },
        },
        "links": { "repoCommits": {
            "forward": { "on": "registry_commits", "label": "repository", "has": "one" },
            "reverse": { "on": "registry_repositories", "label": "commits", "has": "many" },
        } },
    })
}

#[test]
fn a_plan_shows_the_difference_a_push_makes_it_and_pushing_again_does_nothing() {
    let shared = Shared::with_platform();
    let before = shared.platform();
    let told = shared.run(&["schema", "plan"]).ok().out;
    assert!(told.contains("To add:\n  namespace registry_repositories"), "{told}");
    assert!(told.contains("attribute registry_repositories.key: string, unique, indexed, required"), "{told}");
    assert!(told.contains("add a rule for registry_tokens: admins only"), "{told}");
    let plan = shared.run(&["schema", "plan", "--json"]).ok().json();
    assert_eq!(plan["schema"]["conflicts"], json!([]));
    assert_eq!(plan["schema"]["add"][0], json!({ "kind": "namespace", "entity": "registry_repositories" }));
    assert_eq!(shared.rules(), platform_rules(), "a plan writes nothing");

    assert!(shared.run(&["schema", "push"]).ok().out.ends_with("Done.\n"));
    assert_eq!(shared.platform(), before);
    let rules = shared.rules();
    for (name, rule) in platform_rules().as_object().expect("rules") {
        assert_eq!(&rules[name], rule, "{name}");
    }
    assert_eq!(rules["registry_components"], json!({ "allow": { "$default": "false" } }));
    let again = shared.run(&["schema", "push", "--json"]).ok().json();
    assert_eq!((&again["schema"]["add"], &again["rules"]["add"]), (&json!([]), &json!([])));
    assert!(
        shared.run(&["schema", "plan"]).ok().out.starts_with("The schema is up to date.\nThe rules are up to date.")
    );
}

#[test]
fn a_server_pushes_what_is_missing_and_a_removal_takes_exactly_that_back() {
    let shared = Shared::with_platform();
    let (before, rules) = (shared.platform(), shared.rules());
    let host = Host::start();
    host.repository("ui", &[item("acme-button"), item("acme-card")]);
    shared.run(&["repo", "add", &host.url("ui")]).ok();
    shared.run(&["sync", "ui", "--wait"]).ok();
    assert_eq!(shared.rules()["registry_files"], json!({ "allow": { "$default": "false" } }));

    let refused = shared.run(&["schema", "remove"]).refused();
    assert!(refused.contains("nothing was done: add --yes"), "{refused}");
    assert!(refused.contains("registry_components") && refused.contains("2 entities"), "{refused}");
    let removed = shared.run(&["schema", "remove", "--yes", "--json"]).ok().json();
    assert_eq!(removed["entities"]["registry_components"], 2);
    assert_eq!(removed["files"], 3);
    assert_eq!(shared.platform(), before);
    assert_eq!(shared.rules(), rules);
    assert!(shared.run(&["schema", "remove"]).ok().out.contains("Nothing of this registry is there."));
}

#[test]
fn the_originals_schema_is_refused_with_the_flags_that_differ() {
    let shared = Shared::new();
    shared.push(&original());
    let plan = shared.run(&["schema", "plan"]);
    assert_eq!(plan.code, 1);
    for told in [
        "registry_commits.hash: unique: yes, needed: no",
        "registry_commits.message: required: yes, needed: no",
        "registry_repositories.url: unique: yes, needed: no",
        "registry_commits.repository: onDelete: none, needed: cascade",
    ] {
        assert!(plan.out.contains(told), "{told}: {}", plan.out);
    }
    let conflicts = shared.run(&["schema", "plan", "--json"]).json()["schema"]["conflicts"].clone();
    assert!(conflicts.as_array().expect("conflicts").contains(
        &json!({ "entity": "registry_commits", "label": "hash", "flag": "unique", "found": "yes", "wanted": "no" })
    ));
    let before = shared.platform();
    for verb in [&["schema", "push"][..], &["serve", "--listen", "127.0.0.1:0"], &["repo", "list"]] {
        if verb[0] == "serve" && is_about_local_mode("a server starts, whatever the state of one organisation's app") {
            continue;
        }
        let refused = shared.run(verb).refused();
        assert!(refused.contains("registry_commits.hash: unique: yes, needed: no"), "{verb:?}: {refused}");
    }
    let refused = shared.run(&["schema", "remove", "--yes"]).refused();
    assert!(refused.contains("another program made") && refused.contains("registry_commits.hash"), "{refused}");
    assert_eq!((shared.platform(), shared.rules()), (before, Value::Null));
    assert_eq!(shared.run(&["schema", "plan", "--json"]).json()["schema"]["conflicts"], conflicts);
}

#[test]
fn more_than_adding_is_left_to_a_push_that_someone_asks_for() {
    let shared = Shared::new();
    let attr = json!({ "valueType": "string", "required": false, "config": { "indexed": false, "unique": false } });
    shared.push(&json!({ "entities": { "registry_commits": { "attrs": { "hash": attr } } }, "links": {} }));
    let refused = shared.run(&["repo", "list"]).refused();
    assert!(refused.contains("registry_commits.hash: indexed: no, to be: yes"), "{refused}");
    assert!(refused.contains("`ekairos-registry schema push`"), "{refused}");
    shared.run(&["schema", "push"]).ok();
    shared.run(&["repo", "list"]).ok();
}

#[test]
fn rules_that_lay_our_files_open_are_reported_and_left() {
    let shared = Shared::new();
    let open = json!({ "$files": { "allow": { "view": "true" } }, "attrs": { "allow": { "create": "false" } } });
    shared.set_rules(&open);
    let told = shared.run(&["schema", "push"]).ok().out;
    assert!(told.contains("the rule $files.allow.view is `true`") && told.contains("registry/blobs/"), "{told}");
    assert_eq!(shared.rules()["$files"], open["$files"]);
    let mut narrowed = shared.rules();
    narrowed["$files"]["allow"]["view"] = "auth.id != null && !data.path.startsWith('registry/')".into();
    shared.set_rules(&narrowed);
    assert!(!shared.run(&["schema", "plan"]).ok().out.contains("Look at these rules"));
}

#[test]
fn locking_down_a_whole_app_is_asked_for_and_agreed_to() {
    let shared = Shared::with_platform();
    shared.run(&["schema", "push"]).ok();
    let rules = shared.rules();
    let refused = shared.run(&["schema", "push", "--exclusive"]).refused();
    assert!(refused.contains("remove the rule for projects") && refused.contains("add --yes"), "{refused}");
    assert_eq!(shared.rules(), rules);
    shared.run(&["schema", "push", "--exclusive", "--yes"]).ok();
    let locked =
        json!({ "attrs": { "allow": { "$default": "false" } }, "$default": { "allow": { "$default": "false" } } });
    assert_eq!(shared.rules(), locked);
    shared.run(&["schema", "push"]).ok();
    assert_eq!(shared.rules(), locked, "what is locked down stays so");
}

#[test]
fn the_embedded_store_has_the_schema_from_the_start_with_and_without_a_server() {
    let home = Offline::new();
    let told = home.cli(["schema", "plan"]).ok().out;
    assert!(told.starts_with("The schema is up to date."), "{told}");
    let registry = home.serve();
    registry.cli(["schema", "push"]).ok();
    let told = registry.cli(["schema", "plan"]).ok().out;
    assert!(told.contains("The rules are up to date."), "{told}");
    let refused = registry.cli(["schema", "remove", "--yes"]).refused();
    assert!(refused.contains("stop it before removing"), "{refused}");
}
