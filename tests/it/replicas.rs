//! Several servers over one database: what one publishes all serve, one sync of
//! a repository runs at a time, and whatever stops or is cut off comes back.

mod caches;

use crate::support::{Database, Fault, Host, Replica, item, needing, push_of, until, write_registry};
use serde_json::{Value, json};
use std::{thread, time::Duration};

/// All numbers of the sequence and what took them.
fn sequence(database: &Database) -> Vec<(u64, String)> {
    let rows = database.rows("registry_publications");
    let row = |row: &Value| (row["seq"].as_u64().expect("a number"), row["kind"].as_str().expect("a kind").to_owned());
    let mut sequence: Vec<_> = rows.iter().map(row).collect();
    sequence.sort();
    sequence
}

/// Asks for a sync and does not wait for it.
fn ask(replica: &Replica, repository: &str) {
    replica.registry.cli(["sync", repository]).ok();
}

/// Waits until some server holds a lease.
fn begins(database: &Database) {
    until("a sync begins", || (!database.rows("registry_leases").is_empty()).then_some(()));
}

/// A repository's newest sync as a server tells it.
fn last_sync(replica: &Replica, repository: &str) -> Value {
    let path = format!("/api/internal/registry/{repository}");
    replica.registry.as_admin("GET", &path).send().expect(200).json()["lastSync"].take()
}

/// Waits until a repository's newest sync has ended, and returns it.
fn ends(replica: &Replica, repository: &str) -> Value {
    until("the sync ends", || {
        let sync = last_sync(replica, repository);
        matches!(sync["state"].as_str(), Some("succeeded" | "failed")).then_some(sync)
    })
}

#[test]
fn what_one_server_publishes_the_others_serve_at_once() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), needing("acme-card", &["acme-button"])]);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());

    one.registry.add_and_sync(&host.url("ui"));
    other.lists(&["acme-button", "acme-card"]);
    for name in ["acme-button", "acme-card"] {
        let get = |replica: &Replica| replica.registry.get(&format!("/r/{name}.json")).expect(200);
        let (here, there) = (get(&one), get(&other));
        assert_eq!((&here.body, here.header("etag")), (&there.body, there.header("etag")));
    }

    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    other.registry.sync("ui");
    one.serves("acme-button", "second\n");
    write_registry(&repository, &[item("acme-button")]);
    repository.commit("No card");
    one.registry.sync("ui");
    until("what is removed is gone everywhere", || {
        (other.registry.get("/r/acme-card.json").status == 410).then_some(())
    });

    other.registry.cli(["alias", "add", "old-button", "acme-button"]).ok();
    until("an alias leads on everywhere", || (one.registry.get("/r/old-button.json").status == 307).then_some(()));
    other.registry.cli(["alias", "remove", "old-button"]).ok();
    until("and no longer", || (one.registry.get("/r/old-button.json").status == 404).then_some(()));
    one.registry.cli(["name", "release", "acme-card"]).ok();
    until("a released name is free everywhere", || {
        (other.registry.get("/r/acme-card.json").status == 404).then_some(())
    });
    one.registry.cli(["repo", "change", "ui", "--namespace", "team"]).ok();
    other.lists(&["team/acme-button"]);
    until("the former name leads on", || (other.registry.get("/r/acme-button.json").status == 307).then_some(()));
    other.registry.cli(["repo", "change", "ui", "--no-namespace"]).ok();
    one.lists(&["acme-button"]);

    let made = json!({ "name": "by-hand", "type": "registry:ui", "files": [{ "path": "a.tsx", "type": "registry:ui", "content": "a\n" }] });
    one.registry.as_admin("POST", "/api/internal/components").json(&made).send().expect(201);
    other.serves("by-hand", "a\n");
}

#[test]
fn a_token_opens_every_server_until_it_is_revoked() {
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    let token = one.registry.token("read");
    let status =
        |replica: &Replica| replica.registry.ask("GET", "/api/internal/components").token(&token).send().status;
    until("a token that one server made opens the other", || (status(&other) == 200).then_some(()));
    for row in database.rows("registry_tokens") {
        database.transact(&json!([["update", "registry_tokens", row["id"], { "revokedAt": 1_000 }]]));
    }
    until("a token that is revoked opens none", || (status(&other) == 401 && status(&one) == 401).then_some(()));
}

#[test]
fn of_three_servers_that_are_asked_at_once_one_syncs_and_all_tell_its_result() {
    let host = Host::start();
    let items: Vec<Value> = (0..60).map(|nth| item(&format!("piece-{nth}"))).collect();
    let repository = host.repository("ui", &items);
    let database = Database::start();
    let replicas = [database.replica(), database.replica(), database.replica()];
    let id = replicas[0].registry.add(&host.url("ui"));
    let all_sync = || {
        let reports: Vec<Value> = thread::scope(|scope| {
            let asked = replicas.each_ref().map(|replica| scope.spawn(|| replica.registry.sync(&id)));
            asked.into_iter().map(|asked| asked.join().expect("a report")).collect()
        });
        reports
    };
    for report in all_sync() {
        assert_eq!(report["items"], 60, "{report:#}");
    }
    assert_eq!(sequence(&database), [(1, "sync".to_owned())], "it was published once");
    host.fetches_and_looks();

    repository.write("ui/piece-7.tsx", "second\n").commit("Second");
    all_sync();
    assert_eq!(sequence(&database).len(), 2);
    let (fetches, _) = host.fetches_and_looks();
    assert!((1..=3).contains(&fetches), "{fetches} fetches");
    for replica in &replicas {
        replica.serves("piece-7", "second\n");
    }
    assert!(database.rows("registry_leases").is_empty(), "nobody holds what nobody needs");
}

#[test]
fn whoever_waits_for_another_server_says_so_and_ends_with_its_result() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    let id = one.registry.add_and_sync(&host.url("ui"));
    other.lists(&["acme-button"]);

    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    one.proxy.set(Fault::Delay(Duration::from_millis(100)));
    ask(&one, &id);
    begins(&database);
    ask(&other, &id);
    let waiting = until("the other server says what it waits for", || {
        let sync = last_sync(&other, &id);
        let tells = sync["progress"]["stage"] == "waiting" || sync["state"] == "succeeded";
        tells.then_some(sync)
    });
    one.proxy.set(Fault::Pass);
    let (here, there) = (ends(&one, &id), ends(&other, &id));
    assert_eq!((&here["state"], &here["id"]), (&json!("succeeded"), &there["id"]), "{waiting:#}");
    other.serves("acme-button", "second\n");
    assert_eq!(sequence(&database).len(), 2);
}

#[test]
fn of_two_repositories_that_claim_a_name_on_two_servers_at_once_one_gets_it_and_the_other_is_told() {
    let host = Host::start();
    host.repository("first", &[item("acme-button"), item("only-first")]);
    host.repository("second", &[item("acme-button"), item("only-second")]);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    let (first, second) = (one.registry.add(&host.url("first")), other.registry.add(&host.url("second")));
    // Both look at the names before either has published.
    for replica in [&one, &other] {
        replica.proxy.set(Fault::Delay(Duration::from_millis(20)));
    }
    let reports = thread::scope(|scope| {
        let asked = [(&one, &first), (&other, &second)];
        let asked = asked.map(|(replica, id)| scope.spawn(|| replica.registry.sync(id)));
        asked.map(|asked| asked.join().expect("a report"))
    });
    let taken = |report: &Value| {
        let findings = report["diagnostics"].as_array().expect("findings");
        findings.iter().filter(|finding| finding["code"] == "name-taken").count()
    };
    assert_eq!(reports.iter().map(taken).sum::<usize>(), 1, "{reports:#?}");
    for replica in [&one, &other] {
        replica.lists(&["acme-button", "only-first", "only-second"]);
    }
    let named = database.rows("registry_components").into_iter().filter(|row| row["name"] == "acme-button");
    assert_eq!(named.count(), 1);
    assert_eq!(one.content("acme-button"), other.content("acme-button"));
}

/// A sync that has begun and goes on slowly.
fn begun(host: &Host, database: &Database, items: usize) -> (Replica, Replica, String) {
    let items: Vec<Value> = (0..items).map(|nth| item(&format!("piece-{nth}"))).collect();
    host.repository("ui", &items);
    let (one, other) = (database.replica(), database.replica());
    let id = one.registry.add(&host.url("ui"));
    // It must not be over before the test goes on.
    one.proxy.set(Fault::Delay(Duration::from_millis(200)));
    ask(&one, &id);
    begins(database);
    (one, other, id)
}

#[test]
fn a_server_that_is_killed_in_a_sync_is_followed_by_the_one_that_is_asked_next() {
    let (host, database) = (Host::start(), Database::start());
    let (one, other, id) = begun(&host, &database, 30);
    let stopped = one.kill();
    let report = other.registry.sync(&id);
    assert_eq!(report["items"], 30);
    assert_eq!(other.registry.names().len(), 30);
    stopped.proxy.set(Fault::Pass);
    let one = stopped.start();
    until("the one that comes back serves it, too", || (one.registry.names().len() == 30).then_some(()));
    let running = || database.rows("registry_syncs").into_iter().filter(|row| row["state"] == "running").count();
    until("no sync claims to run for ever", || (running() == 0).then_some(()));
    assert_eq!(sequence(&database), [(1, "sync".to_owned())]);
}

#[test]
fn a_request_whose_server_is_killed_is_taken_up_by_another_without_anyone_asking() {
    let (host, database) = (Host::start(), Database::start());
    let (one, other, _) = begun(&host, &database, 10);
    drop(one.kill());
    until("another server takes it up", || (other.registry.names().len() == 10).then_some(()));
    let open = || database.rows("registry_syncs").into_iter().filter(|row| row["state"] == "running").count();
    until("what was left behind is closed", || (open() == 0).then_some(()));
}

#[test]
fn a_server_that_was_cut_off_in_a_sync_finds_it_done_by_another_when_it_is_back() {
    let (host, database) = (Host::start(), Database::start());
    let (one, other, id) = begun(&host, &database, 20);
    one.proxy.set(Fault::Silence);
    assert_eq!(other.registry.sync(&id)["items"], 20);
    one.proxy.set(Fault::Refuse);
    one.proxy.set(Fault::Pass);
    until("it serves what the other published", || (one.registry.names().len() == 20).then_some(()));
    ends(&one, &id);
    assert_eq!(sequence(&database), [(1, "sync".to_owned())]);
    let twice = one.registry.sync(&id);
    assert_eq!(twice["published"], false);
}

#[test]
fn a_server_that_was_cut_off_catches_up_with_all_that_was_published_meanwhile() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    let id = one.registry.add_and_sync(&host.url("ui"));
    other.lists(&["acme-button"]);
    let before = other.content("acme-button").expect("it is served");

    other.cut_off();
    for text in ["second\n", "third\n"] {
        repository.write("ui/acme-button.tsx", text).commit(text);
        one.registry.sync(&id);
    }
    host.repository("more", &[item("acme-card")]);
    one.registry.add_and_sync(&host.url("more"));
    let stale = other.registry.get("/r/acme-button.json").expect(200);
    assert_eq!((stale.content(), stale.header("x-registry-stale").is_empty()), (before, false));
    other.reconnect();
    other.serves("acme-button", "third\n");
    other.lists(&["acme-button", "acme-card"]);
    assert_eq!(other.registry.get("/r/acme-button.json").header("x-registry-stale"), "");
}

#[test]
fn a_publication_whose_answer_is_lost_is_made_once() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let replica = database.replica();
    let id = replica.registry.add(&host.url("ui"));
    for (nth, text) in ["first\n", "second\n"].into_iter().enumerate() {
        repository.write("ui/acme-button.tsx", text).commit(text);
        replica.proxy.set(Fault::LoseAnswerTo(vec!["/admin/transact", "[\"create\",\"registry_publications\""]));
        let report = replica.registry.sync(&id);
        assert_eq!((replica.proxy.struck(), &report["published"]), (nth + 1, &json!(true)), "{report:#}");
        replica.serves("acme-button", text);
    }
    assert_eq!(sequence(&database).len(), 2);
}

#[test]
fn a_lease_whose_answer_is_lost_is_held_and_given_back() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let replica = database.replica();
    let id = replica.registry.add(&host.url("ui"));
    replica.proxy.set(Fault::LoseAnswerTo(vec!["/admin/transact", "[\"create\",\"registry_leases\""]));
    replica.registry.sync(&id);
    assert_eq!(replica.proxy.struck(), 1);
    assert_eq!(database.rows("registry_leases"), Vec::<Value>::new());
    assert_eq!(sequence(&database).len(), 1);
}

#[test]
fn answers_that_are_cut_or_corrupted_publish_nothing_by_half_and_the_next_sync_catches_up() {
    let host = Host::start();
    let items: Vec<Value> = (0..40).map(|nth| item(&format!("piece-{nth}"))).collect();
    let repository = host.repository("ui", &items);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    let id = one.registry.add_and_sync(&host.url("ui"));
    for (nth, fault) in [Fault::CutAnswers(300), Fault::CorruptAnswers, Fault::CutAnswers(20)].into_iter().enumerate() {
        let text = format!("state {nth}\n");
        for piece in 0..40 {
            repository.write(&format!("ui/piece-{piece}.tsx"), &text);
        }
        repository.commit(&text);
        ask(&one, &id);
        one.proxy.set(fault.clone());
        let struck = one.proxy.struck();
        until("it strikes", || (one.proxy.struck() > struck + 3).then_some(()));
        // All of one state, on either server, whatever came of the sync.
        for replica in [&one, &other] {
            let listed = replica.registry.names();
            assert_eq!(listed.len(), 40, "{fault:?}");
            let known = |content: &String| content.contains("first") || content.starts_with("state ");
            assert!(replica.content("piece-3").as_ref().is_some_and(known), "{fault:?}");
        }
        one.proxy.set(Fault::Pass);
        until("the database is heard of again", || (one.health() == "ok").then_some(()));
        let ended = ends(&one, &id);
        if ended["state"] == "failed" {
            let failure = ended["report"]["failure"].as_str().expect("a reason");
            assert!(!failure.contains("inside the registry"), "{failure}");
        }
        one.registry.sync(&id);
        for replica in [&one, &other] {
            for piece in [0, 17, 39] {
                replica.serves(&format!("piece-{piece}"), &text);
            }
        }
    }
}

#[test]
fn clocks_that_are_minutes_apart_put_nothing_out_of_order() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("acme-card")]);
    let database = Database::start();
    let (Some(early), Some(late)) = (database.replica_with_clock("-5m"), database.replica_with_clock("+5m")) else {
        return;
    };
    let right = database.replica();
    let replicas = [&late, &early, &right];
    let id = late.registry.add_and_sync(&host.url("ui"));
    // The last word is had by whoever spoke last, not by whose clock is ahead.
    for round in 0..2 {
        for (nth, replica) in replicas.into_iter().enumerate() {
            let text = format!("{round} {nth}\n");
            repository.write("ui/acme-button.tsx", &text).commit(&text);
            let report = replica.registry.sync(&id);
            assert_eq!(report["published"], true, "{report:#}");
            for other in replicas {
                other.serves("acme-button", &text);
            }
            // What the newest report says of broken items counts, too.
            let broken = nth == 1;
            let card = if broken { json!({ "name": "acme-card", "type": "no type" }) } else { item("acme-card") };
            repository.write(
                "registry.json",
                json!({ "name": "acme", "homepage": "https://acme.example", "items": [item("acme-button"), card] })
                    .to_string(),
            );
            repository.commit("Card");
            replica.registry.sync(&id);
            for other in replicas {
                until("every server knows whether the newest state is broken", || {
                    let listed = other.registry.as_admin("GET", "/api/internal/components").send().expect(200).json();
                    let rows = listed["rows"].as_array().expect("rows").clone();
                    let card = rows.into_iter().find(|row| row["name"] == "acme-card").expect("its last good state");
                    (card["quarantined"] == json!(broken)).then_some(())
                });
            }
        }
    }
    // Leases are kept and taken over by what changes, not by what a clock says.
    host.repository("more", &[item("acme-dialog")]);
    let more = early.registry.add(&host.url("more"));
    thread::scope(|scope| {
        for asked in replicas.map(|replica| scope.spawn(|| replica.registry.sync(&more))) {
            asked.join().expect("a report");
        }
    });
    let before = sequence(&database).len();
    for replica in replicas {
        assert_eq!(replica.registry.sync(&more)["published"], false);
    }
    assert_eq!(sequence(&database).len(), before);
}

#[test]
fn a_server_without_its_data_folder_comes_back_with_everything() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    for number in 0..70 {
        let text = format!("{number}\n");
        repository.write("ui/acme-button.tsx", &text).commit(&text);
        repository.tag(&format!("v0.{number}.0"));
    }
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    let id = one.registry.add_and_sync(&host.url("ui"));
    other.serves("acme-button", "69\n");

    let other = other.stop().start_anew();
    other.serves("acme-button", "69\n");
    // Listed in the database, and read from a mirror that has to be fetched first.
    for (version, text) in [("v0.69.0", "69\n"), ("v0.1.0", "1\n")] {
        assert_eq!(other.content(&format!("acme-button@{version}")).as_deref(), Some(text), "{version}");
    }
    host.fetches_and_looks();
    for _ in 0..5 {
        assert_eq!(other.registry.get("/r/acme-button@v9.9.9.json").status, 404);
    }
    assert!(host.fetches_and_looks().0 <= 1, "names that exist nowhere keep no host busy");
    let refs = |replica: &Replica| {
        replica.registry.as_admin("GET", &format!("/api/internal/registry/{id}/refs")).send().expect(200).json()
    };
    let before = refs(&one);
    assert_eq!(other.registry.sync(&id)["published"], false);
    assert_eq!(refs(&other), before, "nothing moved because another server looked");
    repository.write("ui/acme-button.tsx", "after\n").commit("After");
    assert_eq!(other.registry.sync(&id)["commits"], 1, "history goes on where another server ended");
    one.serves("acme-button", "after\n");
}

#[test]
fn a_delivery_to_any_server_leads_to_a_sync_and_counts_everywhere() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    one.registry.add_and_sync(&host.url("ui"));
    let hook = one.registry.hook("ui");

    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    let head = repository.head();
    let body = push_of(head.as_str(), head.as_str());
    let deliver = |replica: &Replica, id: &str| hook.signed(&replica.registry, "push", id, &body).send();
    deliver(&other, "one").expect(202);
    one.serves("acme-button", "second\n");
    until("the same delivery to another server is known", || {
        (deliver(&one, "one").json()["outcome"] == "duplicate").then_some(())
    });
    let rotated = other.registry.rotated_hook("ui");
    until("a new secret counts everywhere", || {
        (rotated.signed(&one.registry, "push", "two", &body).send().status < 300).then_some(())
    });
    assert_eq!(deliver(&other, "three").status, 401);
}

#[test]
fn what_one_server_saw_no_other_needs_to_look_at_again() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    let one = database.replica();
    one.registry.add_and_sync(&host.url("ui"));
    host.fetches_and_looks();
    let polling = database.replica_with(&[("EKAIROS_POLL_EVERY", "10s")]);
    // With Clerk an organisation that was never here is opened once someone asks.
    polling.lists(&["acme-button"]);
    until("it looks", || (host.fetches_and_looks().1 > 0).then_some(()));
    let syncs = || database.rows("registry_syncs").len();
    assert_eq!((host.fetches_and_looks().0, syncs()), (0, 1), "it looked at refs, and that was all");
    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    one.serves("acme-button", "second\n");
    polling.serves("acme-button", "second\n");
}
