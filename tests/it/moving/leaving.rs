//! The way out of one InstantDB and into another place, as `docs/instantdb.md`
//! tells it.

use super::{WHY, import, into_app, organisation, served};
use crate::support::{Host, Offline, Ran, StandIn, is_left_out, set_status};
use instant::AppStatus;
use serde_json::{Value, json};
use std::fs;

/// The same app, which lets its callers do other things.
fn with_status(app: StandIn, status: AppStatus) -> StandIn {
    let folder = app.stop();
    set_status(&folder.path().join("data"), status);
    StandIn::start_in(folder)
}

#[test]
fn a_server_leaves_its_app_for_the_embedded_store_in_its_own_folder() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let (before, served_before, _) = organisation(&host, 3);
    let cloud = StandIn::start();
    into_app(&before, &cloud, &[]).ok();

    let mut home = Offline::new();
    home.set(&cloud.settings());
    let registry = home.serve();
    assert_eq!(served(&registry), served_before);
    home = registry.stop();

    let cloud = with_status(cloud, AppStatus::ReadOnly);
    home.set(&cloud.settings());
    let leave = |home: &Offline, arguments: &[&str]| {
        let mut command = import(home, &["--from", "instant"]);
        cloud.is_end_of("FROM", command.args(arguments));
        Ran::of(command)
    };
    let told = leave(&home, &[]).refused();
    assert!(told.contains("is both source and target") && told.contains("--to embedded:<folder>"), "{told}");
    let counted = leave(&home, &["--to", "embedded:data", "--dry-run"]).ok().json();
    assert!(!home.data().join("registry.sqlite").exists(), "a dry run writes nothing");
    let report = leave(&home, &["--to", "embedded:data"]).ok().json();
    let entities = |counts: &Value| {
        let counts = counts.as_array().expect("counts").iter();
        counts.map(|count| (count["namespace"].clone(), count["entities"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(entities(&report["report"]["namespaces"]), entities(&counted["found"]["namespaces"]));

    // The settings go, the folder stays.
    home.set(&cloud.settings().map(|(name, _)| (name, String::new())));
    let registry = home.serve();
    assert_eq!(served(&registry), served_before);

    let remove = |cloud: &StandIn, data: &str| {
        let mut command = registry.command(["schema", "remove", "--yes", "--data", data]);
        cloud.is_store_of(&mut command);
        Ran::of(command)
    };
    let told = remove(&cloud, "data").refused();
    assert!(told.contains("stop it before") && told.contains("--data"), "{told}");
    let told = remove(&cloud, "elsewhere").refused();
    assert!(told.contains("read-only"), "{told}");
    let cloud = with_status(cloud, AppStatus::Active);
    assert!(remove(&cloud, "elsewhere").ok().out.contains("registry_components"));
    assert_eq!(served(&registry), served_before);
}

#[test]
fn a_dry_run_makes_no_folder() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let (before, _, _) = organisation(&host, 1);
    before.cli(["backup", "moving.zip"]).ok();
    let zip = before.folder().join("moving.zip");
    let home = Offline::new();
    for to in [&[][..], &["--to", "embedded:new"]] {
        let mut command = import(&home, &["--dry-run", "--from"]);
        command.arg(&zip).args(to);
        let found = Ran::of(command).ok().json();
        assert_eq!(found["found"]["refused"], Value::Null);
        let left: Vec<_> = fs::read_dir(home.folder()).expect("a folder").filter_map(Result::ok).collect();
        assert!(left.iter().all(|entry| entry.file_name() == "Leptos.toml"), "{left:?}");
    }
}

#[test]
fn a_whole_app_moves_with_its_people_files_and_rules() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let (before, served_before, _) = organisation(&host, 2);
    let (source, target) = (StandIn::start(), StandIn::start());
    into_app(&before, &source, &[]).ok();
    let name = json!({ "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } });
    let schema = json!({
        "entities": { "projects": { "attrs": { "name": name } } },
        "links": { "projectLead": {
            "forward": { "on": "projects", "label": "lead", "has": "one" },
            "reverse": { "on": "$users", "label": "projects", "has": "many" },
        } },
    });
    let body = json!({ "schema": schema, "check_types": true, "supports_background_updates": false });
    source.ask("POST", "/superadmin/apps/{app}/schema/push/apply").json(&body).send().expect(200);
    let upload = source.ask("PUT", "/admin/storage/upload").with("path", "cat.png");
    let file = upload.text("image/png", "meow").send().expect(200).json()["data"]["id"].clone();
    let (ada, project) = ("10000000-0000-4000-8000-00000000000a", "10000000-0000-4000-8000-00000000000b");
    let steps = json!([
        ["update", "$users", ada, { "email": "ada@example.com" }],
        ["create", "projects", project, { "name": "Größe" }],
        ["link", "projects", project, { "lead": ada }],
        ["update", "$files", file, { "path": "bilder/日本 – Katze.png" }],
    ]);
    let body = json!({ "steps": steps, "throw-on-missing-attrs?": true });
    source.ask("POST", "/admin/transact").json(&body).send().expect(200);

    let home = Offline::new();
    let moved = |arguments: &[&str]| {
        let mut command = import(&home, &["--from", "instant", "--to", "instant", "--whole-app"]);
        command.args(arguments);
        source.is_end_of("FROM", &mut command);
        target.is_end_of("TO", &mut command);
        Ran::of(command).ok().json()
    };
    let counted = moved(&["--dry-run"]);
    let report = moved(&[]);
    assert_eq!(report["report"]["filesCopied"], counted["found"]["files"]["files"]);
    let again = moved(&[]);
    assert_eq!((&again["report"]["rowsWritten"], &again["report"]["filesCopied"]), (&json!(0), &json!(0)));

    let everything = |app: &StandIn| {
        let query = json!({ "query": { "projects": { "lead": {} }, "$users": {}, "$files": { "$": { "where": { "path": { "$like": "bilder/%" } }, "fields": ["path", "size", "content-type"] } } } });
        let mut rows = app.ask("POST", "/admin/query").json(&query).send().expect(200).json();
        rows["$files"][0]["id"].take();
        let rules = app.ask("GET", "/superadmin/apps/{app}/perms").send().expect(200).json();
        (rows, rules)
    };
    assert_eq!(everything(&target), everything(&source));
    assert_eq!(everything(&target).0["$files"][0]["content-type"], "image/png");
    let mut home = home;
    home.set(&target.settings());
    assert_eq!(served(&home.serve()), served_before);
}
