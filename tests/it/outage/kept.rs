//! What is kept on disk for an outage: whose it is, and what becomes of it when
//! it is damaged.

use super::{cut_off, is_back};
use crate::support::{Database, Host, Replica, item, push_of, set_status, until};
use instant::AppStatus;
use std::fs;

#[test]
fn what_was_kept_of_another_app_is_neither_served_nor_trusted() {
    let host = Host::start();
    host.repository("theirs", &[item("their-button")]);
    host.repository("ours", &[item("our-button")]);
    let (theirs, mut ours) = (Database::start(), Database::start());
    let replica = theirs.replica();
    replica.registry.add_and_sync(&host.url("theirs"));
    let token = replica.registry.token("read");
    let stopped = replica.stop();
    ours.replica().registry.add_and_sync(&host.url("ours"));
    ours.kill();

    // The same data folder, now over another app that is away.
    let settings =
        [("INSTANT_APP_ID", ours.app()), ("INSTANT_ADMIN_TOKEN", ours.token()), ("INSTANT_API_URI", ours.uri())];
    let replica = stopped.with(&settings).start();
    assert_eq!(replica.health(), "store_unavailable");
    assert_eq!(replica.registry.get("/r/their-button.json").status, 503);
    assert_eq!(replica.registry.ask("GET", "/r/registry.json").token(&token).send().status, 503);
    ours.restart();
    is_back(&replica);
    assert_eq!(replica.registry.names(), ["our-button"]);
    assert_eq!(replica.registry.ask("GET", "/r/registry.json").token(&token).send().status, 401);
}

#[test]
fn a_catalogue_that_is_damaged_is_not_served_and_is_made_anew() {
    let host = Host::start();
    let (mut database, replica, _) = cut_off(&host);
    let token = replica.registry.admin_token();
    let listed =
        |replica: &Replica| replica.registry.ask("GET", "/api/internal/components").token(&token).send().status;
    let mut stopped = replica.stop();
    let file = stopped.offline.kept().join("catalog");
    let files = || fs::read_dir(&file).expect("a folder").map(|entry| entry.expect("a file").path());
    let catalogue = files().find(|path| path.extension().is_some_and(|end| end == "bin")).expect("a catalogue");
    let whole = fs::read(&catalogue).expect("bytes");
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        bytes
    };
    let damaged = [whole[..whole.len() / 2].to_vec(), flipped(whole.len() - 3), flipped(20), Vec::new(), b"x".to_vec()];
    for bytes in damaged {
        fs::write(&catalogue, bytes).expect("it is written");
        let replica = stopped.start();
        assert_eq!(replica.health(), "store_unavailable");
        assert_eq!(replica.registry.get("/r/acme-button.json").status, 503);
        stopped = replica.stop();
    }
    // What requests are checked with is damaged: nobody comes in by a token.
    fs::write(&catalogue, whole).expect("it is written");
    let sealed = files().find(|path| path.extension().is_some_and(|end| end == "sealed")).expect("what is kept");
    fs::write(&sealed, "nonsense").expect("it is written");
    let replica = stopped.start();
    assert_eq!(replica.health(), "stale");
    assert_eq!(replica.registry.get("/r/acme-button.json").status, 200);
    assert_eq!(listed(&replica), 503);
    database.restart();
    is_back(&replica);
    assert_eq!(listed(&replica), 200);
    until("it is kept anew", || (fs::read(&sealed).expect("it is there") != b"nonsense").then_some(()));
    let stopped = replica.stop();
    database.kill();
    let replica = stopped.start();
    assert_eq!((replica.health().as_str(), listed(&replica)), ("stale", 200));
}

#[test]
fn a_delivery_is_taken_also_by_a_server_that_has_not_noticed_yet_that_its_app_is_closed() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let mut database = Database::start();
    let replica = database.replica();
    replica.registry.add_and_sync(&host.url("ui"));
    let hook = replica.registry.hook("ui");
    // Every request is answered, with a refusal.
    database.kill();
    set_status(&database.data(), AppStatus::Disabled);
    database.restart();
    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    let head = repository.head();
    let body = push_of(head.as_str(), head.as_str());
    for id in ["one", "two", "three"] {
        let taken = hook.signed(&replica.registry, "push", id, &body).send();
        assert_eq!((taken.status, &taken.json()["outcome"]), (202, &"accepted".into()), "{id}");
    }
    database.kill();
    set_status(&database.data(), AppStatus::Active);
    database.restart();
    replica.serves("acme-button", "second\n");
}
