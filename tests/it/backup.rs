//! The embedded store as one file, written and put back with and without a server.

use crate::support::{Host, Offline, Ran, Registry, is_left_out, item, stored, until, write_registry};
use serde_json::{Value, json};
use std::{fs, path::Path};

const WHY: &str = "backups are of the embedded store";

/// A server with some items, and their folder's name.
fn registry_of(host: &Host, items: usize) -> Registry {
    let repository = host.empty_repository("ui");
    write_registry(&repository, &(0..items).map(|nth| item(&format!("piece-{nth}"))).collect::<Vec<_>>());
    repository.commit("Begin");
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    registry
}

fn restore(home: &Offline, from: &Path, arguments: &[&str]) -> Ran {
    let mut command = home.command(["restore", "--json"]);
    command.arg(from).args(arguments);
    Ran::of(command)
}

#[test]
fn a_backup_made_beside_a_server_is_all_that_it_serves() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let registry = registry_of(&host, 5);
    let listing = registry.get("/r/registry.json").expect(200).json();
    let summary = registry.cli(["backup", "now.zip", "--json"]).ok().json();
    assert_eq!(summary["entities"]["registry_components"], 5);
    assert_eq!(summary["files"], 6);
    let told = registry.cli(["backup", "now.zip"]).refused();
    assert!(told.contains("now.zip is there already") && told.contains("--force"), "{told}");
    let told = registry.cli(["backup", "now.zip", "--force"]).ok().out;
    assert!(told.contains("6 files") && told.contains("seal.key"), "{told}");
    let before = registry.stop();
    let offline = before.cli(["backup", "later.zip", "--json"]).ok().json();
    assert_eq!(offline["entities"], summary["entities"]);

    let after = Offline::new();
    let restored = restore(&after, &before.folder().join("now.zip"), &[]).ok().json();
    assert_eq!(restored, summary);
    assert_eq!(stored(&after.data()), stored(&before.data()));
    assert_eq!(without_addresses(after.serve().get("/r/registry.json").expect(200).json()), without_addresses(listing));
}

/// The home page is the server's own address.
fn without_addresses(mut listing: Value) -> Value {
    listing["homepage"] = Value::Null;
    listing
}

#[test]
fn a_backup_made_during_a_sync_is_one_state() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let registry = registry_of(&host, 2);
    let many = host.empty_repository("many");
    write_registry(&many, &(0..150).map(|nth| item(&format!("more-{nth}"))).collect::<Vec<_>>());
    many.commit("Begin");
    let id = registry.add(&host.url("many"));
    let body = json!({ "repoId": id });
    registry.as_admin("POST", "/api/internal/registry/sync").json(&body).send().expect(202);
    let mut backups = Vec::new();
    until("the sync ends", || {
        let name = format!("{}.zip", backups.len());
        registry.cli(["backup", &name]).ok();
        backups.push(name);
        let names = registry.names().len();
        (names == 152).then_some(())
    });
    let home = registry.stop();
    for name in backups {
        let after = Offline::new();
        restore(&after, &home.folder().join(&name), &[]).ok();
        let served = after.serve().names().len();
        assert!(served == 2 || served == 152, "{name}: {served}");
    }
}

#[test]
fn a_store_with_data_is_replaced_only_when_that_is_said() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let before = registry_of(&host, 3).stop();
    before.cli(["backup", "three.zip"]).ok();
    let zip = before.folder().join("three.zip");
    host.repository("other", &[item("other-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("other"));
    let other = registry.stop();
    let wanted = stored(&other.data());
    let refused = restore(&other, &zip, &[]).refused();
    assert!(refused.contains("the store is not empty") && refused.contains("--replace"), "{refused}");
    assert_eq!(stored(&other.data()), wanted);
    restore(&other, &zip, &["--replace"]).ok();
    assert_eq!(stored(&other.data()), stored(&before.data()));
    let registry = other.serve();
    assert_eq!(registry.names().len(), 3);
    assert_eq!(registry.sync("ui")["published"], false);
}

#[test]
fn a_file_that_is_no_whole_backup_is_refused_and_nothing_changes() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let home = registry_of(&host, 3).stop();
    home.cli(["backup", "good.zip"]).ok();
    let wanted = stored(&home.data());
    let good = fs::read(home.folder().join("good.zip")).expect("a file");
    let bad = home.folder().join("bad.zip");
    let mut flipped = good.clone();
    flipped[good.len() / 3] ^= 0xff;
    for (bytes, told) in [
        (&good[..good.len() / 2], "not a whole zip file"),
        (&good[..good.len() - 10], "not a whole zip file"),
        (&flipped[..], "cannot be used"),
        (b"hello", "not a whole zip file"),
        (b"", "not a whole zip file"),
    ] {
        fs::write(&bad, bytes).expect("writable");
        let refused = restore(&home, &bad, &["--replace"]).refused();
        assert!(refused.contains(told) && refused.contains("Nothing was changed"), "{told}: {refused}");
    }
    assert!(restore(&home, Path::new("missing.zip"), &["--replace"]).refused().contains("missing.zip"));
    assert_eq!(stored(&home.data()), wanted);
}

#[test]
fn a_backup_into_a_folder_that_is_not_there_is_told_and_leaves_nothing() {
    if is_left_out(WHY) {
        return;
    }
    let home = Offline::new();
    let refused = home.cli(["backup", "no/such/folder/x.zip"]).refused();
    assert!(refused.contains("no/such/folder"), "{refused}");
    assert!(!home.folder().join("no").exists());
}

#[test]
fn a_server_serves_the_restored_state_right_after() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let registry = registry_of(&host, 3);
    let token = registry.token("read");
    registry.cli(["backup", "three.zip"]).ok();
    let served = registry.get("/r/piece-1.json").expect(200).json();
    let ui = host.repository("other", &[item("other-button")]);
    registry.add_and_sync(&host.url("other"));
    let revoked = registry.token("read");
    assert_eq!(registry.names().len(), 4);

    let refused = registry.cli(["restore", "three.zip"]).refused();
    assert!(refused.contains("--replace"), "{refused}");
    assert_eq!(registry.names().len(), 4);
    let told = registry.cli(["restore", "three.zip", "--replace"]).ok().out;
    assert!(told.starts_with("Restored: "), "{told}");
    assert_eq!(registry.names().len(), 3);
    assert_eq!(registry.get("/r/piece-1.json").expect(200).json(), served);
    assert_eq!(registry.get("/r/other-button.json").status, 404);
    registry.ask("GET", "/api/internal/registry").token(&token).send().expect(200);
    registry.ask("GET", "/api/internal/registry").token(&revoked).send().expect(401);
    assert_eq!(registry.cli(["repo", "list", "--json"]).ok().json().as_array().map(Vec::len), Some(1));

    // It goes on from there, over numbers that were taken once.
    assert_eq!(registry.sync("ui")["published"], false);
    ui.write("ui/other-button.tsx", "again\n").commit("Again");
    registry.add_and_sync(&host.url("other"));
    assert_eq!(registry.get("/r/other-button.json").expect(200).content(), "again\n");
    let registry = registry.stop().serve();
    assert_eq!(registry.get("/r/other-button.json").expect(200).content(), "again\n");
    assert_eq!(registry.names().len(), 4);
}

#[test]
fn a_kill_while_restoring_leaves_the_old_state_or_the_new_one() {
    if is_left_out(WHY) {
        return;
    }
    let host = Host::start();
    let new = registry_of(&host, 120).stop();
    new.cli(["backup", "new.zip"]).ok();
    let zip = new.folder().join("new.zip");
    let wanted = stored(&new.data());
    let old = Host::start();
    old.repository("ui", &[item("old-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&old.url("ui"));
    let home = registry.stop();
    let before = stored(&home.data());
    let files = || {
        let folders = fs::read_dir(home.data().join("blobs")).expect("a folder").filter_map(Result::ok);
        folders.filter_map(|folder| fs::read_dir(folder.path()).ok()).map(Iterator::count).sum::<usize>()
    };
    for enough in [3, 60, 120, 121] {
        let mut command = home.command(["restore", "--replace"]);
        let mut running = command.arg(&zip).stdout(std::process::Stdio::null()).spawn().expect("it starts");
        until("files arrive", || (files() >= enough || running.try_wait().expect("a child").is_some()).then_some(()));
        drop(running.kill());
        running.wait().expect("it ends");
        let there = stored(&home.data());
        assert!(there == before || there == wanted, "neither after {enough} files");
    }
    restore(&home, &zip, &["--replace"]).ok();
    assert_eq!(stored(&home.data()), wanted);
}
