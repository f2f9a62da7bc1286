//! A server that is killed at any moment of a sync comes back with the old
//! state or the new one, never a mix, and the next sync succeeds.

use crate::support::{Host, Registry, item, write_registry};
use git::testing::TestRepository;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
};

const ITEMS: usize = 150;

fn write_state(repository: &TestRepository, state: &str) {
    let items: Vec<Value> = (0..ITEMS).map(|nth| item(&format!("piece-{nth}"))).collect();
    for nth in 0..ITEMS {
        repository.write(&format!("ui/piece-{nth}.tsx"), format!("{state} {nth}\n"));
    }
    write_registry(repository, &items);
    repository.commit(state);
}

/// The one state that all items are served in; `None` when nothing is served.
fn served_state(registry: &Registry) -> Option<String> {
    let names = registry.names();
    if names.is_empty() {
        return None;
    }
    assert_eq!(names.len(), ITEMS, "all items or none");
    let states: BTreeSet<String> = names
        .iter()
        .map(|name| registry.get(&format!("/r/{name}.json")).expect(200).content())
        .map(|content| content.split(' ').next().expect("a word").to_owned())
        .collect();
    assert_eq!(states.len(), 1, "never a mix: {states:?}");
    states.into_iter().next()
}

/// Asks for a sync and reads its events until enough of them have been told,
/// or the end: then the moment was missed, which is a moment as well.
fn sync_until(registry: &Registry, id: &str, mut enough: impl FnMut(&str) -> bool) {
    let body = json!({ "repoId": id });
    let accepted = registry.as_admin("POST", "/api/internal/registry/sync").json(&body).send().expect(202).json();
    let events = accepted["events"].as_str().expect("where to follow it");
    let (_, _, stream) = registry.as_admin("GET", events).open();
    for line in BufReader::new(stream).lines() {
        let line = line.expect("a line");
        if line == "event: result" || (line.starts_with("data:") && enough(&line)) {
            return;
        }
    }
}

fn telling(stage: &str) -> impl Fn(&str) -> bool {
    let stage = format!("\"stage\":\"{stage}\"");
    move |event| event.contains(&stage)
}

fn killed_while(stage: &str) {
    let host = Host::start();
    let repository = host.empty_repository("ui");
    write_state(&repository, "old");
    let registry = Registry::start();
    let id = registry.add(&host.url("ui"));

    sync_until(&registry, &id, telling(stage));
    let registry = registry.kill().serve();
    assert!(matches!(served_state(&registry).as_deref(), None | Some("old")), "first sync, {stage}");
    registry.sync(&id);
    assert_eq!(served_state(&registry).as_deref(), Some("old"));

    write_state(&repository, "new");
    sync_until(&registry, &id, telling(stage));
    let registry = registry.kill().serve();
    assert!(matches!(served_state(&registry).as_deref(), Some("old" | "new")), "second sync, {stage}");
    registry.sync(&id);
    assert_eq!(served_state(&registry).as_deref(), Some("new"));
    assert_eq!(registry.sync(&id)["published"], false);
}

#[test]
fn a_kill_while_objects_are_fetched_leaves_the_old_state_or_the_new_one() {
    killed_while("fetching");
}

#[test]
fn a_kill_while_items_are_read_leaves_the_old_state_or_the_new_one() {
    killed_while("reading");
}

#[test]
fn a_kill_while_rows_are_written_leaves_the_old_state_or_the_new_one() {
    killed_while("publishing");
}

#[test]
fn a_kill_while_answers_are_prepared_leaves_the_old_state_or_the_new_one() {
    killed_while("preparing");
}

#[test]
fn a_kill_while_history_is_recorded_leaves_the_old_state_or_the_new_one() {
    killed_while("history");
}

#[test]
fn a_kill_after_any_number_of_events_leaves_the_state_before_or_the_one_after() {
    let host = Host::start();
    let repository = host.empty_repository("ui");
    write_state(&repository, "first");
    let mut registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    let mut before = "first".to_owned();
    for events in 1..=8 {
        let after = format!("state-{events}");
        write_state(&repository, &after);
        let mut told = 0;
        sync_until(&registry, &id, |_| {
            told += 1;
            told == events
        });
        registry = registry.kill().serve();
        let served = served_state(&registry);
        assert!(served.as_ref().is_some_and(|served| *served == before || *served == after), "{events}: {served:?}");
        registry.sync(&id);
        assert_eq!(served_state(&registry), Some(after.clone()));
        before = after;
    }
}
