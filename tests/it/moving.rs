//! Moving an organisation from one store to another and back. Instant Cloud and
//! a self-hosted InstantDB are stood in for by the listener of an embedded store.

mod leaving;

use crate::support::{
    Host, Offline, Ran, Registry, StandIn, is_left_out, item, needing, set_status, stored, until, write_registry,
};
use instant::AppStatus;
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// An organisation with two repositories, history, tags, a rename, a component
/// made by hand, and a token; and how its items are served.
fn organisation(host: &Host, items: usize) -> (Offline, Vec<(String, Value)>, String) {
    let ui = host.empty_repository("ui");
    let mut listed: Vec<Value> = (0..items).map(|nth| item(&format!("piece-{nth}"))).collect();
    listed.push(needing("card-like", &["piece-0"]));
    write_registry(&ui, &listed);
    ui.commit("Begin");
    ui.tag("v1.0.0");
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    ui.write("ui/piece-0.tsx", "second\n").commit("Change one");
    registry.sync("ui");
    host.repository("more", &[item("more-button")]);
    registry.add_and_sync(&host.url("more"));
    let made = serde_json::json!({
        "name": "made-by-hand", "type": "registry:ui",
        "files": [{ "path": "ui/hand.tsx", "type": "registry:ui", "content": "by hand\n" }],
    });
    registry.as_admin("POST", "/api/internal/components").json(&made).send().expect(201);
    registry.cli(["alias", "add", "old-card", "card-like"]).ok();
    let token = registry.token("read");
    let served = served(&registry);
    assert_eq!(served.len(), items + 3 + 1);
    (registry.stop(), served, token)
}

/// Every item as it is served, and one by its tag.
fn served(registry: &Registry) -> Vec<(String, Value)> {
    let mut names = registry.names();
    names.sort();
    names.push("piece-0@v1.0.0".to_owned());
    names.into_iter().map(|name| (name.clone(), registry.get(&format!("/r/{name}.json")).expect(200).json())).collect()
}

fn import(home: &Offline, arguments: &[&str]) -> Command {
    let mut command = home.command(["import", "--json"]);
    command.args(arguments);
    command
}

fn into_app(home: &Offline, app: &StandIn, arguments: &[&str]) -> Ran {
    let mut command = import(home, &["--to", "instant"]);
    app.is_end_of("TO", command.args(arguments));
    Ran::of(command)
}

fn from_app(home: &Offline, app: &StandIn, arguments: &[&str]) -> Ran {
    let mut command = import(home, &["--from", "instant"]);
    app.is_end_of("FROM", command.args(arguments));
    Ran::of(command)
}

const WHY: &str = "it names both of its stores itself";

#[test]
fn an_organisation_that_moves_to_an_app_and_back_loses_nothing() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let (before, served_before, token) = organisation(&host, 12);
    let wanted = stored(&before.data());
    let app = StandIn::start();

    let counted = into_app(&before, &app, &["--dry-run"]).ok().json();
    assert_eq!(counted["found"]["refused"], Value::Null);
    assert_eq!(counted["found"]["files"]["there"], 0);
    let components = |json: &Value| {
        let counts = json["namespaces"].as_array().expect("counts").iter();
        counts.clone().find(|count| count["namespace"] == "registry_components").expect("components").clone()
    };
    assert_eq!(components(&counted["found"])["entities"], 15);

    let report = into_app(&before, &app, &[]).ok().json();
    assert_eq!(components(&report["report"]), components(&counted["found"]));
    assert_eq!(report["report"]["filesCopied"], counted["found"]["files"]["files"]);
    let again = into_app(&before, &app, &[]).ok().json();
    assert_eq!((&again["report"]["rowsWritten"], &again["report"]["filesCopied"]), (&0.into(), &0.into()));

    let after = Offline::new();
    from_app(&after, &app, &[]).ok();
    assert_eq!(stored(&after.data()), wanted);
    assert_eq!(stored(&before.data()), wanted, "the source is as it was");
    let folder = app.stop();
    let of_app: Vec<(String, Value)> =
        stored(&folder.path().join("data")).into_iter().filter(|(key, _)| wanted.contains_key(key)).collect();
    assert_eq!(of_app, wanted.into_iter().collect::<Vec<_>>());

    let registry = after.serve();
    assert_eq!(served(&registry), served_before);
    registry.ask("GET", "/api/internal/registry").token(&token).send().expect(200);
    assert_eq!(registry.sync("ui")["published"], false, "it goes on where the other stopped");
    assert_eq!(registry.get("/r/old-card.json").status, 307);
}

#[test]
fn an_import_that_was_killed_is_run_again_and_nothing_uses_its_half() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let (before, served_before, _) = organisation(&host, 60);
    let wanted = stored(&before.data());
    let zip = before.folder().join("moving.zip");
    before.cli(["backup", "moving.zip"]).ok();
    let after = Offline::new();
    let zip = zip.to_str().expect("UTF-8");
    let blobs = || files_below(&after.data().join("blobs"));
    // The first file is the mark itself, whose row comes after it.
    for enough in [2, 20, 50] {
        let mut running = import(&after, &["--from", zip]).stdout(Stdio::null()).spawn().expect("it starts");
        until("files arrive", || (blobs() >= enough || running.try_wait().expect("a child").is_some()).then_some(()));
        drop(running.kill());
        running.wait().expect("it ends");
        let served = Ran::of(after.command(["serve", "--listen", "127.0.0.1:0"]));
        assert!(served.refused().contains("was begun here and not finished"));
    }
    import_is_equal(&after, zip);
    assert_eq!(stored(&after.data()), wanted);
    assert_eq!(served(&after.serve()), served_before);
}

fn import_is_equal(home: &Offline, from: &str) {
    Ran::of(import(home, &["--from", from])).ok();
    let again = Ran::of(import(home, &["--from", from])).ok().json();
    assert_eq!(again["report"]["rowsWritten"], 0);
}

fn files_below(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

#[test]
fn an_app_that_is_read_only_can_be_left_and_not_be_moved_to() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let (before, _, _) = organisation(&host, 2);
    let app = StandIn::start();
    into_app(&before, &app, &[]).ok();
    let folder = app.stop();
    set_status(&folder.path().join("data"), AppStatus::ReadOnly);
    let app = StandIn::start_in(folder);
    let after = Offline::new();
    from_app(&after, &app, &[]).ok();
    assert_eq!(stored(&after.data()), stored(&before.data()));

    let folder = app.stop();
    set_status(&folder.path().join("data"), AppStatus::Active);
    let app = StandIn::start_in(folder);
    app_is_emptied(&app);
    let folder = app.stop();
    set_status(&folder.path().join("data"), AppStatus::ReadOnly);
    let app = StandIn::start_in(folder);
    let refused = into_app(&before, &app, &[]).refused();
    assert!(refused.contains("the target:") && refused.contains("read-only"), "{refused}");
}

/// Takes the registry out of an app.
fn app_is_emptied(app: &StandIn) {
    let home = Offline::new();
    let mut command = home.command(["schema", "remove", "--yes"]);
    app.is_store_of(&mut command);
    Ran::of(command).ok();
}

#[test]
fn a_wrong_token_is_told_with_the_end_it_is_for_and_not_repeated() {
    if is_left_out(WHY) {
        return;
    }
    let (home, app) = (Offline::new(), StandIn::start());
    home.cli(["token", "create", "--scope", "read"]).ok();
    let wrong = "0badbeef-0000-4000-8000-00000000c0de";
    for (side, end) in [("FROM", "source"), ("TO", "target")] {
        let mut command = import(&home, &[if side == "FROM" { "--from" } else { "--to" }, "instant"]);
        app.is_end_of(side, &mut command);
        let told = Ran::of({
            command.env(format!("INSTANT_{side}_ADMIN_TOKEN"), wrong);
            command
        })
        .refused();
        assert!(told.contains(&format!("the {end}:")) && told.contains("admin token"), "{told}");
        assert!(!told.contains(wrong), "{told}");
    }
    let mut command = import(&home, &["--from", &format!("instant:{}", app.app())]);
    app.is_end_of("FROM", &mut command);
    command.env_remove("INSTANT_FROM_ADMIN_TOKEN");
    let told = Ran::of(std::mem::replace(&mut command, home.command(["import"]))).refused();
    assert!(told.contains("INSTANT_FROM_ADMIN_TOKEN") && told.contains("--from-token-file"), "{told}");
    command = import(&home, &["--from", &format!("instant:{}", app.app())]);
    app.is_end_of("FROM", &mut command);
    command.env("INSTANT_FROM_ADMIN_TOKEN", "");
    let told = Ran::of(command).refused();
    assert!(told.contains("INSTANT_FROM_ADMIN_TOKEN") && told.contains("--from-token-file"), "{told}");
    command =
        import(&home, &["--from", "instant", "--from-token-file", "-", "--to", "instant", "--to-token-file", "-"]);
    for side in ["FROM", "TO"] {
        app.is_end_of(side, &mut command);
    }
    let told = Ran::of(command).refused();
    assert!(told.contains("standard input"), "{told}");
    // A file is as good as the environment.
    let file = home.folder().join("token");
    fs::write(&file, format!("{wrong}\n")).expect("writable");
    let mut command = import(&home, &["--from", "instant", "--from-token-file", "token", "--dry-run"]);
    app.is_end_of("FROM", &mut command);
    assert!(Ran::of(command).refused().contains("the source:"));
}

#[test]
fn a_target_with_another_organisation_is_refused_and_stays_as_it_is() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let (before, _, _) = organisation(&host, 2);
    host.repository("other", &[item("other-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("other"));
    let other = registry.stop();
    let wanted = stored(&other.data());
    let data = before.data();
    let source = format!("embedded:{}", data.display());
    for arguments in [&["--from", &source][..], &["--from", &source, "--dry-run"]] {
        let ran = Ran::of(import(&other, arguments));
        assert_eq!(ran.code, 1);
        assert!(format!("{}{}", ran.out, ran.err).contains("are not in the source"), "{}{}", ran.out, ran.err);
    }
    assert_eq!(stored(&other.data()), wanted);
}

#[test]
fn stores_that_cannot_be_ends_are_told_before_anything_is_done() {
    if is_left_out(WHY) {
        return;
    }
    let home = Offline::new();
    Ran::of(home.command(["token", "create", "--scope", "read", "--data", "other"])).ok();
    for (arguments, told) in [
        (&[][..], "name the other store with --from or --to"),
        (&["--from", "embedded:nowhere"], "there is no embedded store in nowhere"),
        (&["--to", "embedded:other"], "there is no embedded store in data"),
        (&["--from", "nothing.zip"], "nothing.zip"),
        (&["--to", "backup.zip"], "cannot be imported into"),
        (&["--from", "embedded:other", "--to", "embedded:other"], "is both source and target"),
    ] {
        let refused = Ran::of(import(&home, arguments)).refused();
        assert!(refused.contains(told), "{arguments:?}: {refused}");
    }
    assert!(!home.folder().join("nowhere").exists());
    let unknown = Ran::of(import(&home, &["--from", "somewhere"]));
    assert!(unknown.code == 2 && unknown.err.contains("embedded:<folder>"), "{}", unknown.err);
    let registry = home.serve();
    let other = registry.data().parent().expect("a folder").join("elsewhere");
    let to = format!("embedded:{}", other.display());
    let busy = Ran::of(registry.command(["import", "--to", &to])).refused();
    assert!(busy.contains("stop it before importing"), "{busy}");
}
