//! Data folders and processes that are pulled away from under a server.

use super::{ask, begins, ends, sequence};
use crate::support::{Database, Fault, Host, Ran, item, until};
use model::EntityId;
use serde_json::{Value, json};
use std::{fs, time::Duration};

#[test]
fn a_data_folder_may_be_deleted_while_its_server_runs() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    let id = one.registry.add_and_sync(&host.url("ui"));
    let hook = one.registry.hook("ui");
    let token = one.registry.admin_token();
    // The server may be writing into it at this very moment.
    until("it is deleted", || fs::remove_dir_all(one.registry.data()).ok());

    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    let asked = one.registry.ask("POST", "/api/internal/registry/sync").token(&token).json(&json!({ "repoId": id }));
    assert!(asked.send().status < 300);
    one.serves("acme-button", "second\n");
    other.serves("acme-button", "second\n");
    assert_eq!(ends(&one, &id)["state"], "succeeded");
    repository.write("ui/acme-button.tsx", "third\n").commit("Third");
    assert!(hook.tells_of(&one.registry, &repository, "one").status < 300);
    other.serves("acme-button", "third\n");
    one.serves("acme-button", "third\n");
    let made = json!({ "name": "by-hand", "type": "registry:item" });
    one.registry.ask("POST", "/api/internal/components").token(&token).json(&made).send().expect(201);

    // What is served last is on disk again for the next start.
    let one = one.kill();
    one.proxy.set(Fault::Refuse);
    let one = one.start();
    assert_eq!((one.health().as_str(), one.content("acme-button").as_deref()), ("stale", Some("third\n")));
    one.reconnect();
    assert_eq!(one.registry.sync(&id)["published"], false);
}

#[test]
fn two_servers_never_share_a_data_folder() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let one = database.replica();
    one.registry.add_and_sync(&host.url("ui"));
    let message = Ran::of(one.registry.command(["serve", "--json", "--listen", "127.0.0.1:0"])).refused();
    assert!(message.contains("in use by another") && message.contains("--data"), "{message}");
    assert_eq!(one.content("acme-button").map(|text| text.contains("first")), Some(true));
}

#[test]
fn a_server_that_was_held_up_in_a_sync_finds_it_taken_over_and_overwrites_nothing() {
    let host = Host::start();
    let items: Vec<Value> = (0..20).map(|nth| item(&format!("piece-{nth}"))).collect();
    let repository = host.repository("ui", &items);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    let id = one.registry.add(&host.url("ui"));
    one.proxy.set(Fault::Delay(Duration::from_millis(200)));
    ask(&one, &id);
    begins(&database);
    one.registry.pause();
    repository.write("ui/piece-3.tsx", "second\n").commit("Second");
    assert_eq!(other.registry.sync(&id)["items"], 20);
    repository.write("ui/piece-3.tsx", "third\n").commit("Third");
    other.registry.sync(&id);
    let before = sequence(&database);
    one.proxy.set(Fault::Pass);
    one.registry.go_on();
    one.serves("piece-3", "third\n");
    assert_eq!(ends(&one, &id)["state"], "succeeded");
    other.serves("piece-3", "third\n");
    assert_eq!(sequence(&database), before, "nothing older came after");
    let running = || database.rows("registry_syncs").into_iter().filter(|row| row["state"] == "running").count();
    until("no sync claims to run for ever", || (running() == 0).then_some(()));
    assert_eq!(database.rows("registry_leases"), Vec::<Value>::new());
}

#[test]
fn a_server_that_is_thousands_of_numbers_behind_catches_up() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    let id = one.registry.add_and_sync(&host.url("ui"));
    other.lists(&["acme-button"]);
    other.cut_off();
    for chunk in 0..10 {
        let step = |nth: u64| {
            let seq = 2 + chunk * 500 + nth;
            json!(["create", "registry_publications", EntityId::random(), { "seq": seq, "attempt": "x", "at": 1, "kind": "names" }])
        };
        database.transact(&(0..500).map(step).collect());
    }
    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    one.registry.sync(&id);
    other.reconnect();
    other.serves("acme-button", "second\n");
    assert_eq!(sequence(&database).last().map(|(seq, _)| *seq), Some(5_002));
    assert_eq!(other.registry.sync(&id)["published"], false);
}

#[test]
fn a_repository_whose_list_is_gone_holds_up_no_other_and_is_whole_again_after_its_next_sync() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let more = host.repository("more", &[item("acme-card")]);
    let database = Database::start();
    let one = database.replica();
    let (id, other_id) = (one.registry.add_and_sync(&host.url("ui")), one.registry.add_and_sync(&host.url("more")));
    let publication =
        database.rows("registry_publications").into_iter().find(|row| row["repository"] == json!(id)).expect("a row");
    let snapshot = database
        .rows("registry_snapshots")
        .into_iter()
        .find(|row| row["id"] == publication["snapshot"])
        .expect("a row");
    database.transact(&json!([["delete", "$files", snapshot["list"]]]));

    // A server that has not read it before.
    let two = database.replica();
    until("what is whole is served", || (two.registry.names() == ["acme-card"]).then_some(()));
    more.write("ui/acme-card.tsx", "second\n").commit("Second");
    two.registry.sync(&other_id);
    two.serves("acme-card", "second\n");
    one.serves("acme-card", "second\n");
    assert!(one.content("acme-button").is_some(), "who has it serves it");
    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    two.registry.sync(&id);
    two.serves("acme-button", "second\n");
    one.serves("acme-button", "second\n");
}
