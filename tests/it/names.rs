//! Names over time: who holds one, where it leads when its component is renamed
//! or removed, and how it comes free.

mod aliases;

use crate::support::{Answer, Host, Offline, Registry, item, item_of, sources_on_disk, write_registry};
use git::testing::TestRepository;
use serde_json::{Value, json};

const ALIASES: &str = "/api/internal/aliases";
const NAMES: &str = "/api/internal/names";

/// A server that follows a repository with a button and a card, synced once.
fn followed() -> (Registry, Host, TestRepository, String) {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("fancy-card")]);
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    (registry, host, repository, id)
}

/// The same, and then the button is called press.
fn renamed() -> (Registry, Host, TestRepository, String) {
    let (registry, host, repository, id) = followed();
    write_registry(&repository, &[item_of("acme-press", "ui/acme-button.tsx"), item("fancy-card")]);
    repository.commit("Call it press");
    registry.sync("ui");
    (registry, host, repository, id)
}

fn finding<'a>(report: &'a Value, code: &str) -> &'a Value {
    let found = report["diagnostics"].as_array().expect("diagnostics").iter().find(|found| found["code"] == code);
    found.unwrap_or_else(|| panic!("no {code}: {report:#}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn leads(registry: &Registry, from: &str, to: &str) {
    let answer = registry.get(from).expect(307);
    assert_eq!(answer.header("location"), to, "{from}");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert!(answer.header("vary").contains("Authorization"));
    assert_eq!(answer.text(), "");
}

fn gone(registry: &Registry, name: &str) -> String {
    let (code, message) = registry.get(&format!("/r/{name}.json")).expect(410).plain_error();
    assert_eq!(code, "removed");
    message
}

fn add_alias(registry: &Registry, name: &str, to: &str) -> Answer {
    registry.as_admin("POST", ALIASES).json(&json!({ "name": name, "to": to })).send()
}

fn state(registry: &Registry, name: &str) -> String {
    let view = registry.as_admin("GET", &format!("{NAMES}/{name}")).send().expect(200).json();
    text(&view["state"]).to_owned()
}

/// Waits for the sync of a repository that something else asked for.
fn synced(registry: &Registry, id: &str) {
    let stream = registry.as_admin("GET", &format!("/api/internal/registry/{id}/events")).send().expect(200);
    assert!(stream.text().contains("event: result"), "{}", stream.text());
}

#[test]
fn the_first_publisher_holds_a_name_in_whatever_order_repositories_are_synced() {
    let (registry, host, first, _) = followed();
    host.repository("other", &[item("other-card"), item("acme-button")]);
    let other = registry.add(&host.url("other"));
    for _ in 0..2 {
        let report = registry.sync("other");
        let taken = finding(&report, "name-taken");
        assert_eq!((&taken["file"], &taken["itemIndex"]), (&json!("registry.json"), &json!(1)), "its own place");
        let message = text(&taken["message"]);
        for part in ["\"acme-button\"", "ui (", &host.url("ui"), "registry.json items[0]"] {
            assert!(message.contains(part), "the holder's place, {part}: {message}");
        }
        assert!(text(&taken["fix"]).contains("namespace") && text(&taken["fix"]).contains("release"), "{taken}");
        registry.sync("ui");
        assert_eq!(registry.names(), ["acme-button", "fancy-card", "other-card"]);
        assert_eq!(registry.component("acme-button")["quarantined"], false, "the one that is served is whole");
    }

    write_registry(&first, &[item("fancy-card")]);
    first.commit("No button");
    registry.sync("ui");
    let report = registry.sync("other");
    let taken = finding(&report, "name-taken");
    assert!(text(&taken["message"]).contains("was published by ui"), "{taken}");
    assert!(text(&taken["fix"]).contains("name release acme-button"), "{taken}");
    gone(&registry, "acme-button");

    let released = registry.as_admin("DELETE", &format!("{NAMES}/acme-button")).send().expect(200).json();
    assert_eq!(released, json!({ "name": "acme-button", "syncing": ["other"] }));
    synced(&registry, &other);
    assert_eq!(registry.component("acme-button")["repositoryName"], "other");

    write_registry(&first, &[item("fancy-card"), item("acme-button")]);
    first.commit("The button again");
    let report = registry.sync("ui");
    assert!(text(&finding(&report, "name-taken")["message"]).contains("is published by other"), "{report:#}");
    assert_eq!(registry.component("acme-button")["repositoryName"], "other");
}

#[test]
fn of_two_repositories_that_claim_a_name_at_the_same_moment_one_gets_it() {
    let host = Host::start();
    host.repository("one", &[item("acme-button")]);
    host.repository("two", &[item("acme-button")]);
    let registry = Registry::start();
    for name in ["one", "two"] {
        registry.add(&host.url(name));
    }
    let reports: Vec<Value> = std::thread::scope(|scope| {
        let syncs = ["one", "two"].map(|name| scope.spawn(|| registry.sync(name)));
        syncs.into_iter().map(|sync| sync.join().expect("a report")).collect()
    });
    let items: u64 = reports.iter().map(|report| report["items"].as_u64().expect("a number")).sum();
    assert_eq!(items, 1, "{reports:#?}");
    let holder = registry.component("acme-button")["repositoryName"].clone();
    for name in ["two", "one"] {
        registry.sync(name);
    }
    assert_eq!(registry.component("acme-button")["repositoryName"], holder);
    assert_eq!(registry.kill().serve().component("acme-button")["repositoryName"], holder);
}

#[test]
fn names_below_a_namespace_belong_to_its_repository_alone() {
    let host = Host::start();
    host.repository("team", &[item("button")]);
    host.repository("other", &[item("team/card"), item("other-card")]);
    let registry = Registry::start();
    registry.cli(["repo", "add", &host.url("team"), "--namespace", "team"]).ok();
    registry.sync("team");
    let report = registry.add_and_sync_report(&host.url("other"));
    let message = text(&finding(&report, "name-taken")["message"]).to_owned();
    assert!(message.contains("\"team/card\" begins with the namespace of team"), "{message}");
    assert_eq!(registry.names(), ["team/button", "other-card"]);

    host.repository("late", &[item("late/one")]);
    registry.add_and_sync(&host.url("late"));
    host.repository("later", &[item("x")]);
    let refused = registry.cli(["repo", "add", &host.url("later"), "--namespace", "late"]).refused();
    assert!(refused.contains("late/one"), "{refused}");
}

#[test]
fn an_item_below_a_namespace_may_be_called_as_a_route_is() {
    let host = Host::start();
    host.repository("ui", &[item("index"), item("button")]);
    let registry = Registry::start();
    let id = registry.add(&host.url("ui"));
    let report = registry.sync("ui");
    assert!(text(&finding(&report, "reserved-name")["fix"]).contains("namespace"), "{report:#}");
    assert_eq!(registry.names(), ["button"]);
    registry.cli(["repo", "change", "ui", "--namespace", "team"]).ok();
    let report = registry.sync(&id);
    assert_eq!(report["diagnostics"], json!([]));
    assert_eq!(registry.names(), ["team/index", "team/button"]);
    assert_eq!(registry.get("/r/team/index.json").expect(200).json()["name"], "team/index");
    let refused = registry.cli(["repo", "change", "ui", "--no-namespace"]).refused();
    assert!(refused.contains("index") && refused.contains("Rename"), "{refused}");
}

#[test]
fn another_namespace_moves_all_names_and_keeps_versions_history_and_old_names() {
    let (registry, _host, repository, id) = followed();
    let first = repository.head();
    repository.tag("v1");
    repository.write("ui/acme-button.tsx", "second\n").commit("Change the button");
    write_registry(&repository, &[item("acme-button")]);
    repository.commit("No card");
    registry.sync("ui");
    let before = registry.component("acme-button");
    let path = format!("/api/internal/registry/{id}");

    let changed = registry.as_admin("PATCH", &path).json(&json!({ "namespace": "team" })).send().expect(200).json();
    assert_eq!(changed["namespace"], "team");
    synced(&registry, &id);
    assert_eq!(registry.names(), ["team/acme-button"]);
    leads(&registry, "/r/acme-button.json?ns=@x", "/r/team/acme-button.json?ns=@x");
    leads(&registry, "/r/acme-button@v1.json", "/r/team/acme-button@v1.json");
    leads(&registry, &format!("/r/acme-button@sha-{first}"), &format!("/r/team/acme-button@sha-{first}"));
    registry.get("/r/team/acme-button@v1.json").expect(200);
    gone(&registry, "fancy-card");
    gone(&registry, "team/fancy-card");
    let after = registry.component("team/acme-button");
    assert_eq!((&after["id"], &after["versions"]), (&before["id"], &before["versions"]));
    assert_eq!(after["commits"].as_array().map(Vec::len), before["commits"].as_array().map(Vec::len));

    // And on to another one, over a restart, and back to none.
    let registry = registry.kill().serve();
    registry.cli(["repo", "change", "ui", "--namespace", "crew"]).ok();
    registry.sync("ui");
    for old in ["acme-button", "team/acme-button"] {
        leads(&registry, &format!("/r/{old}.json"), "/r/crew/acme-button.json");
    }
    registry.as_admin("PATCH", &path).json(&json!({ "namespace": null })).send().expect(200);
    synced(&registry, &id);
    assert_eq!(registry.get("/r/acme-button.json").expect(200).content(), "second\n");
    for old in ["crew/acme-button", "team/acme-button"] {
        leads(&registry, &format!("/r/{old}.json"), "/r/acme-button.json");
    }
    assert_eq!(registry.component("acme-button")["id"], before["id"]);
}

#[test]
fn former_names_lead_on_when_the_namespace_changes() {
    let (registry, _host, repository, id) = renamed();
    let path = format!("/api/internal/registry/{id}");
    registry.as_admin("PATCH", &path).json(&json!({ "namespace": "team" })).send().expect(200);
    for old in ["acme-button", "acme-press", "team/acme-button"] {
        leads(&registry, &format!("/r/{old}.json"), "/r/team/acme-press.json");
    }
    synced(&registry, &id);
    // Rolled back to when it was called button, and moved once more.
    registry.cli(["rollback", &id, repository.git(&["rev-parse", "HEAD~1"]).trim()]).ok();
    registry.get("/r/team/acme-button.json").expect(200);
    registry.as_admin("PATCH", &path).json(&json!({ "namespace": "crew" })).send().expect(200);
    leads(&registry, "/r/team/acme-button.json", "/r/crew/acme-button.json");
}

#[test]
fn a_namespace_is_not_given_where_names_would_clash() {
    let (registry, host, _, id) = followed();
    host.repository("other", &[item("acme-button"), item("fancy-card")]);
    registry.cli(["repo", "add", &host.url("other"), "--namespace", "team"]).ok();
    registry.sync("other");
    let path = format!("/api/internal/registry/{id}");
    let refused = registry.as_admin("PATCH", &path).json(&json!({ "namespace": "team" })).send().expect(409).json();
    assert!(text(&refused["message"]).contains("team"), "{refused}");
    let refused = registry.cli(["repo", "change", "other", "--no-namespace"]).refused();
    for part in ["acme-button", "fancy-card", "ui ("] {
        assert!(refused.contains(part), "{refused}");
    }
    assert_eq!(
        registry.names(),
        ["acme-button", "fancy-card", "team/acme-button", "team/fancy-card"],
        "nothing changed"
    );
    let refused = registry.cli(["repo", "change", "other", "--name", "ui"]).refused();
    assert!(refused.contains("\"ui\" belongs to"), "{refused}");
    registry.cli(["repo", "change", "other", "--name", "another"]).ok();
    // With a namespace of its own, what was in quarantine is published.
    host.repository("third", &[item("acme-button")]);
    let third = registry.add(&host.url("third"));
    assert_eq!(registry.sync("third")["items"], 0);
    registry.cli(["repo", "change", "third", "--namespace", "third"]).ok();
    synced(&registry, &third);
    registry.get("/r/third/acme-button.json").expect(200);
}

#[test]
fn a_removed_component_is_told_to_be_replaced_by_the_same_content_or_by_what_an_admin_chose() {
    let (registry, host, repository, _) = followed();
    // Moved to another repository, under another name.
    let other = host.empty_repository("other");
    other.write("src/knob.tsx", "export const made = \"first acme-button\"\n");
    write_registry(&other, &[item_of("acme-knob", "src/knob.tsx")]);
    other.commit("Begin");
    registry.add_and_sync(&host.url("other"));
    write_registry(&repository, &[item("fancy-card")]);
    repository.commit("No button");
    registry.sync("ui");
    let message = gone(&registry, "acme-button");
    assert!(message.contains("Use @registry/acme-knob instead"), "{message}");

    let path = format!("{NAMES}/acme-button");
    let replace = |by: Value| registry.as_admin("PATCH", &path).json(&json!({ "replacedBy": by })).send();
    let chosen = replace(json!("fancy-card")).expect(200).json();
    assert_eq!((&chosen["replacement"], &chosen["chosen"]), (&json!("fancy-card"), &json!(true)));
    assert!(gone(&registry, "acme-button").contains("Use @registry/fancy-card instead"));
    replace(json!("nothing-of-the-kind")).expect(404);
    registry.as_admin("PATCH", &format!("{NAMES}/fancy-card")).json(&json!({ "replacedBy": null })).send().expect(409);
    registry.as_admin("PATCH", &format!("{NAMES}/unheard-of")).json(&json!({ "replacedBy": null })).send().expect(404);

    // What was chosen is renamed: the replacement is its new name, also after a restart.
    write_registry(&repository, &[item_of("plain-card", "ui/fancy-card.tsx")]);
    repository.commit("A plain card");
    registry.sync("ui");
    assert!(gone(&registry, "acme-button").contains("Use @registry/plain-card instead"));
    let registry = registry.kill().serve();
    assert!(gone(&registry, "acme-button").contains("Use @registry/plain-card instead"));
    registry.cli(["name", "replace", "acme-button", "--none"]).ok();
    assert!(gone(&registry, "acme-button").contains("Use @registry/acme-knob instead"));

    let removed = registry.as_admin("GET", NAMES).send().expect(200).json();
    assert_eq!(removed["total"], 2);
    let names: Vec<&str> = removed["rows"].as_array().expect("rows").iter().map(|row| text(&row["name"])).collect();
    assert_eq!(names, ["fancy-card", "acme-button"], "the newest first");
    assert_eq!(removed["rows"][0]["leadsTo"], "plain-card");
    assert_eq!(removed["rows"][1]["version"].as_str().map(str::len), Some(64));
}

#[test]
fn a_released_name_is_nobodys_and_its_pinned_states_go_with_it() {
    let (registry, _host, repository, _) = followed();
    let first = repository.head();
    let release = |name: &str| registry.as_admin("DELETE", &format!("{NAMES}/{name}")).send();
    let refused = release("acme-button").expect(409).json();
    assert!(text(&refused["message"]).contains("is served"), "{refused}");
    release("unheard-of").expect(404);

    write_registry(&repository, &[item("fancy-card")]);
    repository.commit("No button");
    registry.sync("ui");
    registry.get(&format!("/r/acme-button@sha-{first}.json")).expect(200);
    assert_eq!(state(&registry, "acme-button"), "removed");
    let message =
        text(&registry.as_admin("GET", "/api/internal/components/acme-button").send().expect(410).json()["message"])
            .to_owned();
    assert!(message.contains("was removed"), "{message}");

    assert_eq!(release("acme-button").expect(200).json()["syncing"], json!([]));
    for path in ["/r/acme-button.json".to_owned(), format!("/r/acme-button@sha-{first}.json")] {
        registry.get(&path).expect(404);
    }
    assert_eq!(state(&registry, "acme-button"), "free");
    release("acme-button").expect(404);
    let registry = registry.kill().serve();
    registry.get("/r/acme-button.json").expect(404);

    // Its repository may publish it again as anyone may, and has its history then.
    write_registry(&repository, &[item("fancy-card"), item("acme-button")]);
    repository.commit("The button again");
    registry.sync("ui");
    assert_eq!(state(&registry, "acme-button"), "served");
    registry.get(&format!("/r/acme-button@sha-{first}.json")).expect(200);
}

#[test]
fn a_former_name_is_released_with_its_alias() {
    let (registry, _host, _, _) = renamed();
    let released = registry.cli(["name", "release", "acme-button"]).ok().out;
    assert!(released.contains("acme-button is free"), "{released}");
    registry.get("/r/acme-button.json").expect(404);
    registry.get("/r/acme-press.json").expect(200);
    assert_eq!(registry.as_admin("GET", ALIASES).send().expect(200).json()["total"], 0);
}

#[test]
fn a_rollback_leaves_out_what_others_hold_by_now_and_says_so_before() {
    let (registry, host, repository, id) = followed();
    let first = repository.head();
    write_registry(&repository, &[item("fancy-card"), item("newcomer")]);
    repository.write("ui/fancy-card.tsx", "second\n").commit("No button");
    registry.sync("ui");
    registry.cli(["name", "release", "acme-button"]).ok();
    host.repository("other", &[item("acme-button")]);
    registry.add_and_sync(&host.url("other"));

    let path = format!("/api/internal/registry/{id}/rollback");
    let preview = registry.as_admin("GET", &format!("{path}?snapshot={first}")).send().expect(200).json();
    assert_eq!(preview["added"], json!([]));
    assert_eq!(preview["changed"], json!(["fancy-card"]));
    assert_eq!(preview["removed"], json!(["newcomer"]));
    assert_eq!(preview["leftOut"], json!(["acme-button"]));
    assert_eq!(preview["count"], 1);

    registry.as_admin("POST", &path).json(&json!({ "snapshot": first.as_str() })).send().expect(200);
    assert_eq!(registry.names(), ["fancy-card", "acme-button"]);
    assert_eq!(registry.component("acme-button")["repositoryName"], "other");
    gone(&registry, "newcomer");
    // It can be undone.
    registry.cli(["rollback", "ui", repository.head().as_str()]).ok();
    registry.get("/r/newcomer.json").expect(200);
}

#[test]
fn a_repository_that_is_removed_gives_its_names_to_who_waited() {
    let (registry, host, _, id) = followed();
    host.repository("other", &[item("acme-button")]);
    let other = registry.add(&host.url("other"));
    assert_eq!(registry.sync("other")["items"], 0);
    registry.as_admin("DELETE", &format!("/api/internal/registry/{id}")).send().expect(204);
    synced(&registry, &other);
    assert_eq!(registry.component("acme-button")["repositoryName"], "other");
}

#[test]
fn names_are_looked_after_on_the_command_line_without_a_server_too() {
    let disk = sources_on_disk();
    let repository = |name: &str, items: &[Value]| {
        let repository = TestRepository::new(&disk.path().join(name));
        write_registry(&repository, items);
        repository.commit("Begin");
        repository
    };
    let one = repository("one", &[item("acme-button"), item("fancy-card")]);
    let two = repository("two", &[item("acme-button")]);
    let offline = Offline::new();
    let run = |arguments: &[&str]| crate::support::Ran::of(offline.command(arguments));
    for repository in [&one, &two] {
        let path = repository.folder().to_str().expect("a path").to_owned();
        run(&["repo", "add", &path]).ok();
        run(&["sync", &path, "--wait"]).ok();
    }
    assert!(run(&["name", "list"]).ok().out.contains("No names are held"));
    write_registry(&one, &[item("fancy-card")]);
    one.commit("No button");
    run(&["sync", "one", "--wait"]).ok();
    assert!(run(&["name", "list"]).ok().out.contains("acme-button"));
    run(&["name", "replace", "acme-button", "--by", "fancy-card"]).ok();
    assert_eq!(run(&["name", "list", "--json"]).ok().json()[0]["replacement"], "fancy-card");
    assert!(run(&["name", "release", "fancy-card"]).refused().contains("is served"));
    let released = run(&["name", "release", "acme-button"]).ok().out;
    assert!(released.contains("Syncing, because it waited for the name: two."), "{released}");
    assert!(run(&["alias", "add", "card", "fancy-card"]).ok().out.contains("card leads to fancy-card"));
    assert!(run(&["alias", "list"]).ok().out.contains("by an admin"));
    assert!(run(&["repo", "change", "one", "--namespace", "team"]).ok().out.contains("below team/"));
    assert_eq!(run(&["alias", "list", "--json"]).ok().json().as_array().map(Vec::len), Some(2));
    let registry = offline.serve();
    assert_eq!(registry.names(), ["team/fancy-card", "acme-button"], "the one that waited was synced");
    leads(&registry, "/r/card.json", "/r/team/fancy-card.json");
    leads(&registry, "/r/fancy-card.json", "/r/team/fancy-card.json");
}
