//! Several servers over one database: what one publishes all serve, one sync of
//! a repository runs at a time, and whatever stops or is cut off comes back.

use crate::support::{Database, Host, Replica, item, until};
use serde_json::{Value, json};
use std::thread;

/// All publications and other steps of the sequence, as the database has them.
fn sequence(database: &Database) -> Vec<(u64, String)> {
    let rows = database.rows("registry_publications");
    let row = |row: &Value| (row["seq"].as_u64().expect("a number"), row["kind"].as_str().unwrap_or("").to_owned());
    let mut sequence: Vec<_> = rows.iter().map(row).collect();
    sequence.sort();
    sequence
}

#[test]
fn what_one_server_publishes_the_others_serve_at_once() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());

    one.registry.add_and_sync(&host.url("ui"));
    let first = one.content("acme-button").expect("it is served where it was synced");
    other.serves("acme-button", &first);
    let bytes = |replica: &Replica| replica.registry.get("/r/acme-button.json").expect(200);
    let (here, there) = (bytes(&one), bytes(&other));
    // Each is reached under its own address, which is its home page.
    assert_eq!((here.body.clone(), here.header("etag")), (there.body.clone(), there.header("etag")));

    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    other.registry.sync("ui");
    one.serves("acme-button", "second\n");
    // Tokens, names and settings, too.
    let token = one.registry.token("read");
    until("a token that one server made is taken by the other", || {
        (other.registry.ask("GET", "/api/internal/components").token(&token).send().status == 200).then_some(())
    });
    other.registry.cli(["alias", "add", "old-button", "acme-button"]).ok();
    until("an alias leads on everywhere", || (one.registry.get("/r/old-button.json").status == 307).then_some(()));
    one.registry.cli(["repo", "change", "ui", "--namespace", "team"]).ok();
    other.lists(&["team/acme-button"]);
    other.registry.cli(["repo", "change", "ui", "--no-namespace"]).ok();
    one.lists(&["acme-button"]);
    for row in database.rows("registry_tokens") {
        database.transact(&json!([["update", "registry_tokens", row["id"], { "revokedAt": 1_000 }]]));
    }
    until("a token that is revoked opens no server", || {
        (other.registry.ask("GET", "/api/internal/components").token(&token).send().status == 401).then_some(())
    });
}

#[test]
fn of_three_servers_that_are_asked_at_once_one_syncs_and_all_tell_its_result() {
    let host = Host::start();
    let items: Vec<Value> = (0..60).map(|nth| item(&format!("piece-{nth}"))).collect();
    host.repository("ui", &items);
    let database = Database::start();
    let replicas = [database.replica(), database.replica(), database.replica()];
    let id = replicas[0].registry.add(&host.url("ui"));

    let reports: Vec<Value> = thread::scope(|scope| {
        let asked = replicas.iter().map(|replica| scope.spawn(|| replica.registry.sync(&id)));
        let asked: Vec<_> = asked.collect();
        asked.into_iter().map(|asked| asked.join().expect("a report")).collect()
    });
    for report in &reports {
        assert_eq!(report["items"], 60, "{report:#}");
    }
    assert_eq!(sequence(&database), [(1, "sync".to_owned())], "it was published once");
    for replica in &replicas {
        until("everything is served everywhere", || (replica.registry.names().len() == 60).then_some(()));
    }
    let (fetches, _) = host.fetches_and_looks();
    assert!(fetches <= replicas.len(), "{fetches} fetches");
}
