//! The database goes away: what was published is served, marked as such, writes
//! are refused with a clear word, and everything converges when it is back.

mod forms;
mod kept;

use crate::support::{Answer, Database, Fault, Host, Replica, is_with_clerk, item, push_of, until};
use serde_json::json;
use std::time::Duration;

/// A server that serves one item, whose database is gone.
fn cut_off(host: &Host) -> (Database, Replica, String) {
    cut_off_after(host, |_| {})
}

/// The same after more was done.
fn cut_off_after(host: &Host, work: impl FnOnce(&Replica)) -> (Database, Replica, String) {
    host.repository("ui", &[item("acme-button")]);
    let mut database = Database::start();
    let replica = database.replica();
    let id = replica.registry.add_and_sync(&host.url("ui"));
    replica.registry.admin_token();
    work(&replica);
    database.kill();
    is_away(&replica);
    (database, replica, id)
}

pub(crate) fn is_away(replica: &Replica) {
    until("the server notices", || (replica.health() == "stale").then_some(()));
}

fn is_back(replica: &Replica) {
    until("the server notices", || (replica.health() == "ok").then_some(()));
}

/// An answer that says that the database is away.
fn says_so(answer: &Answer) {
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["error"], "store_unavailable", "{told}");
    assert!(told["message"].as_str().is_some_and(|message| message.contains("does not answer")), "{told}");
}

#[test]
fn what_was_published_is_served_while_the_database_is_away_and_marked() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let mut database = Database::start();
    let replica = database.replica();
    replica.registry.add_and_sync(&host.url("ui"));
    let before = replica.registry.get("/r/acme-button.json").expect(200);
    assert_eq!(before.header("x-registry-stale"), "");
    let pinned = format!("/r/acme-button@sha-{}.json", repository.head());
    replica.registry.get(&pinned).expect(200);
    let token = replica.registry.token("read");
    let by_token = |replica: &Replica| replica.registry.ask("GET", "/r/registry.json").token(&token).send();
    assert_eq!(by_token(&replica).status, 200);

    database.kill();
    is_away(&replica);
    let get = |replica: &Replica, path: &str| replica.registry.get(path);
    let during = get(&replica, "/r/acme-button.json").expect(200);
    assert_eq!((&during.body, during.header("etag")), (&before.body, before.header("etag")));
    let since = during.header("x-registry-stale").to_owned();
    assert!(since.len() == 20 && since.ends_with('Z'), "{since:?}");
    let unchanged = replica.registry.ask("GET", "/r/acme-button.json").with("if-none-match", before.header("etag"));
    let unchanged = unchanged.send();
    assert_eq!((unchanged.status, unchanged.header("x-registry-stale")), (304, since.as_str()));
    let absent = get(&replica, "/r/no-such-thing.json").expect(404);
    assert_eq!((absent.plain_error().0.as_str(), absent.header("x-registry-stale")), ("not_found", since.as_str()));
    assert_eq!(get(&replica, &pinned).status, 200, "what was asked for before is kept");
    let unread = get(&replica, "/r/acme-button@v1.json").expect(503);
    assert_eq!(unread.plain_error().0, "store_unavailable");

    // Also by a server that is started now, and again.
    let mut replica = replica;
    for _ in 0..2 {
        replica = replica.stop().start();
        assert_eq!(replica.health(), "stale");
        let kept = get(&replica, "/r/acme-button.json").expect(200);
        assert_eq!((&kept.body, kept.header("etag")), (&before.body, before.header("etag")));
        assert_eq!(kept.header("x-registry-stale"), since, "as old as it was");
        assert_eq!(by_token(&replica).status, 200);
    }

    repository.write("ui/acme-button.tsx", "second\n").commit("Second");
    database.restart();
    is_back(&replica);
    replica.registry.sync("ui");
    let after = get(&replica, "/r/acme-button.json").expect(200);
    assert_eq!((after.content().as_str(), after.header("x-registry-stale")), ("second\n", ""));
    get(&replica, &pinned).expect(200);
}

#[test]
fn a_server_with_nothing_to_serve_says_so_and_begins_by_itself() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let mut database = Database::start();
    let first = database.replica();
    first.registry.add_and_sync(&host.url("ui"));
    database.kill();

    let replica = database.offline(&[]).start();
    // With Clerk this is one organisation's trouble, and the others are served.
    let ready = replica.registry.get("/health/ready");
    if is_with_clerk() {
        assert_eq!(ready.json()["status"], "ok");
    } else {
        says_so(&ready);
    }
    for path in ["/r/acme-button.json", "/r/registry.json", "/r/no-such-thing.json"] {
        let answer = replica.registry.get(path);
        says_so(&answer);
        answer.plain_error();
    }
    let page = replica.registry.get("/components");
    assert!(matches!(page.status, 401 | 503), "{}", page.status);
    database.restart();
    is_back(&replica);
    assert_eq!(replica.content("acme-button"), first.content("acme-button"));
}

#[test]
fn what_would_be_written_is_refused_with_one_clear_code() {
    let host = Host::start();
    let (mut database, replica, id) = cut_off(&host);
    let registry = format!("/api/internal/registry/{id}");
    let by_hand = json!({ "name": "by-hand", "type": "registry:ui" });
    for (method, path, body) in [
        ("POST", "/api/internal/registry", json!({ "url": "https://example.com/acme/ui" })),
        ("PATCH", &registry, json!({ "name": "other" })),
        ("DELETE", &registry, json!(null)),
        ("POST", "/api/internal/registry/sync", json!({ "repoId": id })),
        ("POST", "/api/internal/components", by_hand),
        ("POST", "/api/internal/aliases", json!({ "name": "old", "to": "acme-button" })),
        ("GET", &registry, json!(null)),
        ("GET", "/api/internal/components/acme-button", json!(null)),
    ] {
        let asking = replica.registry.as_admin(method, path);
        says_so(&if body.is_null() { asking.send() } else { asking.json(&body).send() });
    }
    assert!(replica.registry.cli(["sync", "ui"]).refused().contains("does not answer"));
    // What can be told without it is.
    let listed = replica.registry.as_admin("GET", "/api/internal/components").send().expect(200).json();
    assert_eq!(listed["rows"][0]["repositoryName"], "ui");
    let since = |path: &str| {
        let answer = replica.registry.as_admin("GET", path).send();
        answer.header("x-registry-stale").to_owned()
    };
    for path in ["/api/internal/components", "/api/internal/components/acme-button", "/api/internal/registry"] {
        assert_eq!(since(path).len(), 20, "{path} says since when");
    }
    database.restart();
    is_back(&replica);
    assert_eq!(since("/api/internal/components"), "");
    replica.registry.sync(&id);
}

#[test]
fn pages_say_since_when_and_show_what_can_be_shown() {
    let host = Host::start();
    let (mut database, replica, id) = cut_off(&host);
    let page = |path: &str| replica.registry.as_admin("GET", path).send();
    for (path, told) in [("/components", "acme-button"), ("/components/acme-button", "Install"), ("/login", "Sign in")]
    {
        if path == "/login" && is_with_clerk() {
            // Of no organisation, so no database is away.
            assert!(page(path).expect(401).text().contains(told), "{path}");
            continue;
        }
        let page = page(path).expect(200);
        assert!(
            page.text().contains("role=\"status\"") && page.text().contains("The database does not answer"),
            "{path}"
        );
        assert!(page.text().contains("<time") && page.text().contains(told), "{path}");
    }
    for tab in ["versions", "commits"] {
        assert!(page(&format!("/components/acme-button?tab={tab}")).expect(200).text().contains("Not known just now"));
    }
    for path in ["/registry", "/registry/new", &format!("/registry/{id}"), "/names"] {
        let page = page(path);
        // A form that was not sent yet needs nothing.
        if page.status == 200 && path == "/registry/new" {
            continue;
        }
        let (retry, refresh) = (page.header("retry-after"), page.header("refresh"));
        assert_eq!((page.status, retry, refresh), (503, "10", "10"), "{path}: {}", page.text());
        assert!(page.text().contains("Go to components"), "{path}: {}", page.text());
    }
    database.restart();
    is_back(&replica);
    let page = page("/registry").expect(200);
    assert!(!page.text().contains("The database does not answer"));
    assert_eq!(page.header("refresh"), "");
}

#[test]
fn a_delivery_that_comes_meanwhile_is_taken_and_carried_out_also_after_a_restart() {
    for restarted in [false, true] {
        let host = Host::start();
        let repository = host.repository("ui", &[item("acme-button")]);
        let mut database = Database::start();
        let mut replica = database.replica();
        replica.registry.add_and_sync(&host.url("ui"));
        let hook = replica.registry.hook("ui");
        database.kill();
        is_away(&replica);

        repository.write("ui/acme-button.tsx", "second\n").commit("Second");
        let head = repository.head();
        let body = push_of(head.as_str(), head.as_str());
        let taken = hook.signed(&replica.registry, "push", "one", &body).send().expect(202);
        assert_eq!(taken.json()["outcome"], "accepted");
        let again = hook.signed(&replica.registry, "push", "one", &body).send().expect(200);
        assert_eq!(again.json()["outcome"], "duplicate");
        assert_eq!(hook.unsigned(&replica.registry, "push", "two", &body).send().status, 401);
        if restarted {
            replica = replica.kill().start();
            assert_eq!(replica.health(), "stale");
            assert_eq!(hook.unsigned(&replica.registry, "push", "three", &body).send().status, 401);
        }
        database.restart();
        replica.serves("acme-button", "second\n");
        until("the delivery knows its sync", || {
            let deliveries = hook.deliveries(&replica.registry);
            deliveries.iter().any(|told| told["outcome"] == "accepted" && !told["sync"].is_null()).then_some(())
        });
    }
}

#[test]
fn a_sync_that_meets_an_outage_fails_with_the_reason_and_is_done_when_that_is_over() {
    let host = Host::start();
    let items: Vec<_> = (0..20).map(|nth| item(&format!("piece-{nth}"))).collect();
    let repository = host.repository("ui", &items);
    let mut database = Database::start();
    let replica = database.replica();
    let id = replica.registry.add_and_sync(&host.url("ui"));
    for nth in 0..20 {
        repository.write(&format!("ui/piece-{nth}.tsx"), "second\n");
    }
    repository.commit("Second");
    replica.proxy.set(Fault::Delay(Duration::from_millis(100)));
    replica.registry.cli(["sync", &id]).ok();
    until("the sync begins", || (!database.rows("registry_leases").is_empty()).then_some(()));
    database.kill();
    is_away(&replica);
    let before = replica.content("piece-3").expect("it is served");
    assert!(before.contains("first"), "{before}");
    replica.proxy.set(Fault::Pass);
    database.restart();
    for nth in 0..20 {
        replica.serves(&format!("piece-{nth}"), "second\n");
    }
    let open = || database.rows("registry_syncs").into_iter().filter(|row| row["state"] == "running").count();
    until("no sync claims to run for ever", || (open() == 0).then_some(()));
    let failures = database.rows("registry_syncs").into_iter().filter_map(|row| {
        let report: serde_json::Value = serde_json::from_str(row["report"].as_str()?).ok()?;
        Some(report["failure"].as_str()?.to_owned())
    });
    for failure in failures {
        assert!(failure.contains("does not answer"), "{failure}");
    }
}

#[test]
fn tokens_are_trusted_for_a_day_without_the_database() {
    let host = Host::start();
    let mut database = Database::start();
    host.repository("ui", &[item("acme-button")]);
    let replica = database.replica();
    replica.registry.add_and_sync(&host.url("ui"));
    let token = replica.registry.token("read");
    database.kill();
    is_away(&replica);
    let mut stopped = replica.stop();
    for (offset, status) in [("+23h", 200), ("+25h", 503)] {
        let Some(clock) = crate::support::clock_off_by(offset) else { return };
        let replica = stopped.with(&clock).start();
        let asked = replica.registry.ask("GET", "/r/acme-button.json").token(&token).send();
        assert_eq!(asked.status, status, "{offset}");
        if status == 503 {
            assert!(asked.plain_error().1.contains("for a day"), "{}", asked.text());
        }
        assert_eq!(replica.registry.get("/r/acme-button.json").status, 200, "who needs no token is served");
        stopped = replica.stop();
    }
}
