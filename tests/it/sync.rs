//! Syncs over smart HTTP: what changes in a repository is served, and whatever
//! goes wrong, what was served before still is.

use crate::support::{Host, Ran, Registry, is_about_local_mode, item, item_of, needing, until, write_registry};
use git::testing::{Reply, TestRepository};
use serde_json::{Value, json};
use std::io::Write as _;

/// A server that follows a repository with a button and a card, synced once.
fn followed() -> (Registry, Host, TestRepository, String) {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("fancy-card")]);
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    (registry, host, repository, id)
}

fn repository_view(registry: &Registry, id: &str) -> Value {
    registry.as_admin("GET", &format!("/api/internal/registry/{id}")).send().expect(200).json()
}

fn button(registry: &Registry) -> String {
    registry.get("/r/acme-button.json").expect(200).content()
}

const FIRST: &str = "export const made = \"first acme-button\"\n";

#[test]
fn a_first_sync_serves_every_item_and_records_its_history() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("fancy-card")]);
    let registry = Registry::start();
    let report = registry.add_and_sync_report(&host.url("ui"));
    assert_eq!(report["published"], true);
    assert_eq!(report["items"], 2);
    assert_eq!(report["changes"], json!([["acme-button", "added"], ["fancy-card", "added"]]));
    assert_eq!(report["commit"], repository.head().as_str());
    assert_eq!(report["diagnostics"], json!([]));
    assert_eq!(button(&registry), FIRST);
    assert_eq!(registry.names(), ["acme-button", "fancy-card"]);
}

#[test]
fn a_sync_without_changes_publishes_nothing() {
    let (registry, _host, _repository, id) = followed();
    let before = repository_view(&registry, &id);
    let report = registry.sync("ui");
    assert_eq!(report["published"], false);
    assert_eq!(report["items"], 2);
    assert_eq!(report["changes"], json!([]));
    assert_eq!(repository_view(&registry, &id)["snapshot"], before["snapshot"]);
}

#[test]
fn a_commit_that_touches_no_item_moves_the_head_and_publishes_nothing() {
    let (registry, _host, repository, id) = followed();
    let before = repository_view(&registry, &id);
    let head = repository.write("README.md", "Read me\n").commit("Only words");
    assert_eq!(registry.sync("ui")["published"], false);
    let after = repository_view(&registry, &id);
    assert_eq!(after["snapshot"], before["snapshot"]);
    assert_eq!(after["head"], head.as_str());
}

#[test]
fn one_changed_file_changes_its_item_alone() {
    let (registry, _host, repository, _) = followed();
    let other = registry.get("/r/fancy-card.json").expect(200);
    repository.write("ui/acme-button.tsx", "second\n").commit("Change the button");
    let report = registry.sync("ui");
    assert_eq!(report["published"], true);
    assert_eq!(report["changes"], json!([["acme-button", "changed"]]));
    assert_eq!(button(&registry), "second\n");
    assert_eq!(registry.get("/r/fancy-card.json").expect(200).header("etag"), other.header("etag"));
    let versions = registry.component("acme-button")["versions"].clone();
    assert_eq!(versions.as_array().map(Vec::len), Some(2), "{versions}");
    assert_eq!(versions[0]["current"], true);
}

#[test]
fn a_renamed_item_is_served_under_its_new_name_and_the_old_one_leads_there() {
    let (registry, _host, repository, _) = followed();
    write_registry(&repository, &[item_of("acme-press", "ui/acme-button.tsx"), item("fancy-card")]);
    repository.commit("Call it press");
    let report = registry.sync("ui");
    assert_eq!(report["changes"], json!([["acme-press", "added"], ["acme-button", "removed"]]));
    assert_eq!(registry.get("/r/acme-press.json").expect(200).content(), FIRST);
    assert_eq!(registry.get("/r/acme-button.json").expect(307).header("location"), "/r/acme-press.json");
    assert_eq!(registry.names(), ["acme-press", "fancy-card"]);
}

#[test]
fn a_deleted_item_is_gone_and_comes_back_with_its_definition() {
    let (registry, _host, repository, _) = followed();
    let both = repository.head();
    write_registry(&repository, &[item("fancy-card")]);
    repository.commit("No button");
    assert_eq!(registry.sync("ui")["changes"], json!([["acme-button", "removed"]]));
    registry.get("/r/acme-button.json").expect(410);
    repository.force_reset(&both);
    assert_eq!(registry.sync("ui")["changes"], json!([["acme-button", "added"]]));
    assert_eq!(button(&registry), FIRST);
}

#[test]
fn after_a_force_push_the_new_history_is_what_is_served() {
    let (registry, _host, repository, id) = followed();
    let base = repository.head();
    repository.write("ui/acme-button.tsx", "abandoned\n").commit("Abandoned");
    registry.sync("ui");
    assert_eq!(button(&registry), "abandoned\n");
    repository.force_reset(&base);
    let head = repository.write("ui/acme-button.tsx", "kept\n").commit("Kept");
    registry.sync("ui");
    assert_eq!(button(&registry), "kept\n");
    assert_eq!(repository_view(&registry, &id)["head"], head.as_str());
}

#[test]
fn another_branch_is_followed_once_it_is_chosen() {
    let (registry, _host, repository, id) = followed();
    repository.git(&["checkout", "--quiet", "-b", "next"]);
    repository.write("ui/acme-button.tsx", "next\n").commit("Next");
    repository.checkout("main");
    assert_eq!(registry.sync("ui")["published"], false);
    assert_eq!(button(&registry), FIRST);

    let path = format!("/api/internal/registry/{id}");
    let changed = registry.as_admin("PATCH", &path).json(&json!({ "branch": "next" })).send().expect(200).json();
    assert_eq!(changed["branch"], "next");
    registry.sync("ui");
    assert_eq!(button(&registry), "next\n");

    registry.as_admin("PATCH", &path).json(&json!({ "branch": "nowhere" })).send().expect(200);
    let reason = registry.failing_sync("ui");
    assert!(reason.contains("nowhere") && reason.contains("main") && reason.contains("next"), "{reason}");
    assert_eq!(button(&registry), "next\n", "what was served stays served");
}

#[test]
fn other_settings_are_followed_by_a_sync_without_anyone_asking() {
    let (registry, _host, repository, id) = followed();
    repository.git(&["checkout", "--quiet", "-b", "next"]);
    repository.write("ui/acme-button.tsx", "next\n").commit("Next");
    registry.cli(["repo", "change", "ui", "--branch", "next"]).ok();
    until("the other branch", || (button(&registry) == "next\n").then_some(()));

    let findings = || repository_view(&registry, &id)["lastSync"]["report"]["diagnostics"].clone();
    write_registry(&repository, &[item("acme-button"), item("button"), needing("acme-form", &["button"])]);
    repository.commit("One of its own");
    registry.sync("ui");
    assert_eq!(findings()[0]["code"], "bare-own-dependency");
    registry.cli(["repo", "change", "ui", "--dependencies", "own-first"]).ok();
    until("no finding any more", || (findings() == json!([])).then_some(()));
}

#[test]
fn other_settings_do_not_undo_a_rollback() {
    let (registry, _host, repository, id) = followed();
    let first = repository.head();
    repository.write("ui/acme-button.tsx", "second\n").commit("Change");
    registry.sync("ui");
    registry.cli(["rollback", "ui", first.as_str()]).ok();
    let before = repository_view(&registry, &id)["lastSync"]["id"].clone();
    registry.cli(["repo", "change", "ui", "--namespace", "team"]).ok();
    assert_eq!(registry.get("/r/team/acme-button.json").expect(200).content(), FIRST);
    assert_eq!(repository_view(&registry, &id)["lastSync"]["id"], before);
}

#[test]
fn the_time_between_two_looks_returns_to_what_is_configured() {
    let (registry, _host, _repository, id) = followed();
    let path = format!("/api/internal/registry/{id}");
    let configured = repository_view(&registry, &id)["poll"]["every"].clone();
    let change = |change: serde_json::Value| {
        let poll = registry.as_admin("PATCH", &path).json(&change).send().expect(200).json()["poll"].clone();
        (poll["every"].clone(), poll["own"].clone())
    };
    assert_eq!(change(json!({ "pollEvery": 420 })), (json!(420), json!(true)));
    assert_eq!(change(json!({ "name": "another" })), (json!(420), json!(true)), "what is not given stays");
    assert_eq!(change(json!({ "pollEvery": null })), (configured.clone(), json!(false)));
    registry.cli(["repo", "change", "another", "--poll-every", "7m"]).ok();
    registry.cli(["repo", "change", "another", "--poll-as-configured"]).ok();
    let poll = repository_view(&registry, &id)["poll"].clone();
    assert_eq!((&poll["every"], &poll["own"]), (&configured, &json!(false)));
}

#[test]
fn a_change_that_is_refused_changes_nothing() {
    let (registry, host, _repository, id) = followed();
    let before = repository_view(&registry, &id);
    let path = format!("/api/internal/registry/{id}");
    host.repository("other", &[item("acme-card")]);
    registry.add(&host.url("other"));
    for (field, value) in
        [("url", json!("nowhere/at all")), ("url", json!(host.url("other"))), ("pollEvery", json!(1_000_000_000))]
    {
        let change = json!({ "namespace": "team", "name": "another", field: value });
        let refused = registry.as_admin("PATCH", &path).json(&change).send();
        assert!(matches!(refused.status, 409 | 422), "{field}: {} {}", refused.status, refused.text());
        let after = repository_view(&registry, &id);
        assert_eq!((&after["name"], &after["url"]), (&before["name"], &before["url"]));
        assert_eq!(after["namespace"], before["namespace"], "{field}");
    }
    registry.get("/r/acme-button.json").expect(200);
}

#[test]
fn a_sender_that_hangs_up_leaves_no_sync_that_never_ends() {
    let (registry, _host, repository, id) = followed();
    let (address, token) = (registry.url.strip_prefix("http://").expect("http").to_owned(), registry.admin_token());
    let body = json!({ "repoId": id }).to_string();
    for number in 0..30 {
        repository.write("ui/acme-button.tsx", format!("{number}\n")).commit("Change");
        let mut stream = std::net::TcpStream::connect(&address).expect("it listens");
        let head = "POST /api/internal/registry/sync HTTP/1.1\r\ncontent-type: application/json";
        let length = body.len();
        let sent = write!(
            stream,
            "{head}\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        sent.expect("it reads");
        // Hung up at many moments between the first step and the answer.
        for _ in 0..number * 50 {
            std::thread::yield_now();
        }
        drop(stream);
    }
    registry.sync("ui");
    assert_eq!(button(&registry), "29\n");
}

#[test]
fn a_repository_can_be_registered_with_a_branch_and_a_namespace() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    repository.git(&["checkout", "--quiet", "-b", "next"]);
    repository.write("ui/acme-button.tsx", "next\n").commit("Next");
    repository.checkout("main");
    let registry = Registry::start();
    registry.cli(["repo", "add", &host.url("ui"), "--name", "Team UI", "--branch", "next", "--namespace", "team"]).ok();
    registry.sync("Team UI");
    assert_eq!(registry.names(), ["team/acme-button"]);
    assert_eq!(registry.get("/r/team/acme-button.json").expect(200).content(), "next\n");
}

#[test]
fn an_empty_repository_is_told_apart_and_serves_nothing() {
    let host = Host::start();
    let repository = host.empty_repository("ui");
    let registry = Registry::start();
    registry.add(&host.url("ui"));
    let reason = registry.failing_sync("ui");
    assert!(reason.contains("is empty; push a first commit"), "{reason}");
    assert_eq!(registry.names(), [""; 0]);
    write_registry(&repository, &[item("acme-button")]);
    repository.commit("Begin");
    registry.sync("ui");
    assert_eq!(registry.names(), ["acme-button"]);
}

#[test]
fn a_repository_that_became_empty_loses_nothing_of_what_is_served() {
    let (registry, host, repository, _) = followed();
    std::fs::remove_dir_all(repository.folder()).expect("removable");
    host.empty_repository("ui");
    let reason = registry.failing_sync("ui");
    assert!(reason.contains("empty"), "{reason}");
    assert_eq!(button(&registry), FIRST);
}

#[test]
fn a_repository_that_vanished_stays_served_as_it_last_was() {
    let (registry, _host, repository, id) = followed();
    std::fs::remove_dir_all(repository.folder()).expect("removable");
    let reason = registry.failing_sync("ui");
    assert!(reason.contains("is gone") && reason.contains("stays served"), "{reason}");
    assert_eq!(button(&registry), FIRST);
    assert_eq!(registry.names(), ["acme-button", "fancy-card"]);
    assert_eq!(repository_view(&registry, &id)["lastSync"]["state"], "failed");
}

#[test]
fn a_repository_that_wants_a_sign_in_says_so_and_stays_served() {
    let (registry, host, _repository, _) = followed();
    host.server.require("ada", "secret");
    let reason = registry.failing_sync("ui");
    assert!(reason.contains("asks for a sign-in") && reason.contains("credential"), "{reason}");
    assert_eq!(button(&registry), FIRST);
}

#[test]
fn a_private_repository_is_fetched_with_the_right_credentials_and_wrong_ones_are_told_and_never_shown() {
    if is_about_local_mode("git-credentials are refused; `deploy_token` has what takes their place") {
        return;
    }
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    host.server.require("ada", "secret");
    let wrong = Registry::start_with(&[("EKAIROS_GIT_CREDENTIALS", "127.0.0.1=ada:gu3ss")]);
    wrong.add(&host.url("ui"));
    let reason = wrong.failing_sync("ui");
    assert!(reason.contains("refused the credential") && reason.contains(&host.url("ui")), "{reason}");
    assert!(!reason.contains("gu3ss") && !wrong.log().contains("gu3ss"), "{reason}");
    let right = Registry::start_with(&[("EKAIROS_GIT_CREDENTIALS", "127.0.0.1=ada:secret")]);
    right.add_and_sync(&host.url("ui"));
    right.get("/r/acme-button.json").expect(200);
    assert!(!right.log().contains("secret"));
    let mut config = right.command(["config"]);
    config.env("EKAIROS_GIT_CREDENTIALS", "127.0.0.1=ada:secret");
    let shown = Ran::of(config).ok().out;
    assert!(shown.contains("127.0.0.1=(hidden)") && !shown.contains("secret"), "{shown}");
}

#[test]
fn a_host_that_breaks_down_is_named_and_the_next_sync_catches_up() {
    let (registry, host, repository, _) = followed();
    repository.write("ui/acme-button.tsx", "second\n").commit("Change the button");
    for reply in [Reply::Status(500), Reply::Truncated(40), Reply::Body("text/html", b"<html>Sign in</html>".to_vec())]
    {
        let told = format!("{reply:?}");
        host.server.answer_with(move |_| Some(reply.clone()));
        let reason = registry.failing_sync("ui");
        assert!(reason.contains(&host.url("ui")), "{told}: {reason}");
        assert_eq!(button(&registry), FIRST, "{told}");
    }
    host.server.answer_honestly();
    registry.sync("ui");
    assert_eq!(button(&registry), "second\n");
}

#[test]
fn a_redirect_to_an_address_that_is_not_public_is_not_followed() {
    let (registry, host, _repository, _) = followed();
    host.server.answer_with(|_| Some(Reply::Redirect("http://169.254.169.254/ui".to_owned())));
    let reason = registry.failing_sync("ui");
    assert!(reason.contains("169.254.169.254"), "{reason}");
    assert_eq!(button(&registry), FIRST);
}

#[test]
fn each_component_knows_the_commits_that_touched_it() {
    let (registry, _host, repository, _) = followed();
    repository.write("README.md", "Read me\n").commit("Only words");
    repository.write("ui/acme-button.tsx", "second\n").commit("Change the button");
    repository.write("ui/fancy-card.tsx", "second\n").commit("Change the card");
    registry.sync("ui");
    let messages = |name: &str| -> Vec<String> {
        let component = registry.component(name);
        let commits = component["commits"].as_array().expect("commits").iter();
        commits.map(|commit| commit["message"].as_str().expect("a message").trim().to_owned()).collect()
    };
    assert_eq!(messages("acme-button"), ["Change the button", "Begin"]);
    assert_eq!(messages("fancy-card"), ["Change the card", "Begin"]);
    let commit = registry.component("acme-button")["commits"][0].clone();
    assert_eq!(commit["author"], "Ada");
    assert_eq!(commit["components"], json!(["acme-button"]));
}

#[test]
fn a_rollback_serves_the_earlier_state_and_an_unchanged_sync_does_not_undo_it() {
    let (registry, _host, repository, _) = followed();
    let first = repository.head();
    repository.write("ui/acme-button.tsx", "second\n").commit("Change the button");
    registry.sync("ui");
    let publication = registry.cli(["rollback", "ui", &first.as_str()[..8], "--json"]).ok().json();
    assert_eq!(publication["kind"], "rollback");
    assert_eq!(button(&registry), FIRST);
    assert_eq!(registry.sync("ui")["published"], false);
    assert_eq!(button(&registry), FIRST, "the commit that was rolled back is not published again by itself");
    repository.write("ui/acme-button.tsx", "third\n").commit("Mend the button");
    registry.sync("ui");
    assert_eq!(button(&registry), "third\n");
}

#[test]
fn a_rollback_brings_a_removed_item_back() {
    let (registry, _host, repository, id) = followed();
    let first = repository.head();
    write_registry(&repository, &[item("fancy-card")]);
    repository.commit("No button");
    registry.sync("ui");
    registry.get("/r/acme-button.json").expect(410);
    let path = format!("/api/internal/registry/{id}/rollback");
    let roll = || registry.as_admin("POST", &path).json(&json!({ "snapshot": first.as_str() })).send();
    roll().expect(200);
    assert_eq!(button(&registry), FIRST);
    roll().expect(409);
    registry.as_admin("POST", &path).json(&json!({ "snapshot": "0000000" })).send().expect(404);
}

#[test]
fn a_removed_repository_is_no_longer_served() {
    let (registry, _host, _repository, id) = followed();
    registry.as_admin("DELETE", &format!("/api/internal/registry/{id}")).send().expect(204);
    assert_eq!(registry.names(), [""; 0]);
    let gone = registry.get("/r/acme-button.json");
    assert!(matches!(gone.status, 404 | 410), "{}", gone.status);
    registry.as_admin("GET", &format!("/api/internal/registry/{id}")).send().expect(404);
}

#[test]
fn a_sync_that_is_asked_for_by_http_can_be_followed_to_its_result() {
    let (registry, _host, repository, id) = followed();
    repository.write("ui/acme-button.tsx", "second\n").commit("Change the button");
    let accepted = registry
        .as_admin("POST", "/api/internal/registry/sync")
        .json(&json!({ "repoId": id }))
        .send()
        .expect(202)
        .json();
    let events = accepted["events"].as_str().expect("where to follow it");
    let stream = registry.as_admin("GET", events).send().expect(200);
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let last = stream.text().trim_end().rsplit("\n\n").next().expect("an event").to_owned();
    assert!(last.contains("event: result"), "{last}");
    let data = last.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
    let view: Value = serde_json::from_str(data).expect("a sync");
    assert_eq!(view["id"], accepted["syncId"]);
    assert_eq!(view["state"], "succeeded");
    assert_eq!(button(&registry), "second\n");
}

#[test]
fn what_is_served_survives_a_restart() {
    let (registry, _host, _repository, _) = followed();
    let before = registry.get("/r/registry.json").expect(200).json();
    let etag = registry.get("/r/acme-button.json").expect(200).header("etag").to_owned();
    let again = registry.kill().serve();
    assert_eq!(again.get("/r/acme-button.json").expect(200).header("etag"), etag);
    assert_eq!(again.get("/r/registry.json").expect(200).json()["items"], before["items"]);
    assert_eq!(again.sync("ui")["published"], false);
}

#[test]
fn a_registry_of_2500_items_is_served_whole_and_one_change_stays_one_change() {
    let host = Host::start();
    let items: Vec<Value> = (0..2_500).map(|nth| item(&format!("piece-{nth}"))).collect();
    let repository = host.repository("ui", &items);
    let registry = Registry::start();
    let report = registry.add_and_sync_report(&host.url("ui"));
    assert_eq!((&report["items"], &report["diagnostics"]), (&json!(2_500), &json!([])));
    assert_eq!(registry.names().len(), 2_500);
    assert_eq!(registry.get("/r/registry.json?limit=1").expect(200).json()["pagination"]["total"], 2_500);
    repository.write("ui/piece-1234.tsx", "changed\n").commit("One piece");
    assert_eq!(registry.sync("ui")["changes"], json!([["piece-1234", "changed"]]));
    assert_eq!(registry.get("/r/piece-1234.json").expect(200).content(), "changed\n");
}

#[test]
fn a_host_that_never_stops_talking_is_cut_off_and_what_was_served_stays() {
    let (registry, host, _repository, _) = followed();
    let reference = format!("003f{} refs/heads/endless\n", "1".repeat(40)).into_bytes();
    host.server.answer_with(move |_| {
        let kind = "application/x-git-upload-pack-advertisement";
        Some(Reply::Endless(kind, b"001e# service=git-upload-pack\n0000".to_vec(), reference.clone()))
    });
    let reason = registry.failing_sync("ui");
    assert!(reason.contains(&host.url("ui")), "{reason}");
    assert_eq!(button(&registry), FIRST);
}

#[test]
fn a_shallow_clone_on_a_host_is_refused_with_what_to_do() {
    let host = Host::start();
    let whole = host.repository("whole", &[item("acme-button")]);
    whole.write("ui/acme-button.tsx", "second\n").commit("Second");
    whole.git(&["clone", "--quiet", "--depth", "1", &format!("file://{}", whole.folder().display()), "../shallow"]);
    let registry = Registry::start();
    registry.add(&host.url("shallow"));
    let reason = registry.failing_sync("shallow");
    assert!(reason.contains("shallow clone") && reason.contains("--unshallow"), "{reason}");
    assert_eq!(registry.names(), [""; 0]);
}

#[test]
fn requests_for_a_sync_while_one_is_under_way_miss_nothing_that_was_pushed_before_them() {
    let (registry, _host, repository, id) = followed();
    let body = json!({ "repoId": id });
    for nth in 0..5 {
        repository.write("ui/acme-button.tsx", format!("push {nth}\n")).commit("Push");
        registry.as_admin("POST", "/api/internal/registry/sync").json(&body).send().expect(202);
    }
    registry.as_admin("GET", &format!("/api/internal/registry/{id}/events")).send().expect(200);
    assert_eq!(button(&registry), "push 4\n");
}

#[test]
fn repositories_that_sync_at_the_same_time_are_all_served() {
    let host = Host::start();
    let registry = Registry::start();
    let names = ["one", "two", "three", "four"];
    let ids = names.map(|name| {
        host.repository(name, &[item(&format!("piece-{name}"))]);
        registry.add(&host.url(name))
    });
    for id in &ids {
        registry.as_admin("POST", "/api/internal/registry/sync").json(&json!({ "repoId": id })).send().expect(202);
    }
    for id in &ids {
        registry.as_admin("GET", &format!("/api/internal/registry/{id}/events")).send().expect(200);
        assert_eq!(repository_view(&registry, id)["lastSync"]["state"], "succeeded");
    }
    let mut served = registry.names();
    served.sort_unstable();
    assert_eq!(served, ["piece-four", "piece-one", "piece-three", "piece-two"]);
}
