//! The database goes away: what was published is served, marked as such, and
//! everything converges by itself when it is back.

use crate::support::{Database, Host, item, until};

#[test]
fn what_was_published_is_served_while_the_database_is_away_and_marked() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let mut database = Database::start();
    let replica = database.replica();
    replica.registry.add_and_sync(&host.url("ui"));
    let before = replica.registry.get("/r/acme-button.json").expect(200);
    assert_eq!(before.header("x-registry-stale"), "");
    let token = replica.registry.token("read");

    database.kill();
    until("the server notices", || (replica.health() == "stale").then_some(()));
    let during = replica.registry.get("/r/acme-button.json").expect(200);
    assert_eq!((&during.body, during.header("etag")), (&before.body, before.header("etag")));
    assert!(during.header("x-registry-stale").ends_with('Z'), "{:?}", during.headers);
    let unchanged =
        replica.registry.ask("GET", "/r/acme-button.json").with("if-none-match", before.header("etag")).send();
    assert_eq!((unchanged.status, unchanged.header("x-registry-stale")), (304, during.header("x-registry-stale")));
    assert_eq!(replica.registry.ask("GET", "/r/registry.json").token(&token).send().status, 200);

    // Also by a server that is started now.
    let replica = replica.stop().start();
    assert_eq!(replica.health(), "stale");
    let kept = replica.registry.get("/r/acme-button.json").expect(200);
    assert_eq!((&kept.body, kept.header("etag")), (&before.body, before.header("etag")));
    assert!(kept.header("x-registry-stale").ends_with('Z'));
    assert_eq!(replica.registry.ask("GET", "/r/registry.json").token(&token).send().status, 200);

    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    database.restart();
    until("the server notices", || (replica.health() == "ok").then_some(()));
    replica.registry.sync("ui");
    let after = replica.registry.get("/r/acme-button.json").expect(200);
    assert_eq!((after.content().as_str(), after.header("x-registry-stale")), ("second\n", ""));
}
