//! What is pushed is served without anyone asking for it.

use crate::support::{Host, Registry, item, until, write_registry};
use git::testing::{Reply, TestRepository};
use serde_json::Value;

const EVERY_SECOND: [(&str, &str); 1] = [("EKAIROS_POLL_EVERY", "1s")];

/// A server that looks every second, and a repository that it has synced.
fn polled() -> (Registry, Host, TestRepository, String) {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start_with(&EVERY_SECOND);
    let id = registry.add_and_sync(&host.url("ui"));
    (registry, host, repository, id)
}

fn view(registry: &Registry, id: &str) -> Value {
    registry.as_admin("GET", &format!("/api/internal/registry/{id}")).send().expect(200).json()
}

fn served(registry: &Registry) -> String {
    registry.get("/r/acme-button.json").expect(200).content()
}

fn until_served(registry: &Registry, content: &str) {
    until(&format!("serving {content:?}"), || (served(registry) == content).then_some(()));
}

fn syncs(registry: &Registry, id: &str) -> String {
    view(registry, id)["lastSync"]["id"].as_str().expect("a sync").to_owned()
}

/// Waits until another look went well.
fn until_looked_again(registry: &Registry, id: &str) {
    let looked = || view(registry, id)["poll"]["lookedAt"].as_i64();
    let before = looked();
    until("another look", || (looked() > before).then_some(()));
}

#[test]
fn a_push_is_served_by_polling_alone() {
    let (registry, _host, repository, id) = polled();
    repository.write("ui/acme-button.tsx", "second\n").commit("Change");
    until_served(&registry, "second\n");
    assert_eq!(view(&registry, &id)["lastSync"]["trigger"], "poll");
}

#[test]
fn a_branch_that_is_moved_back_converges() {
    let (registry, _host, repository, _id) = polled();
    let first = repository.head();
    repository.write("ui/acme-button.tsx", "second\n").commit("Change");
    until_served(&registry, "second\n");
    repository.force_reset(&first);
    until_served(&registry, "export const made = \"first acme-button\"\n");
}

#[test]
fn what_was_pushed_while_the_server_was_down_is_served_after_its_start() {
    let (registry, _host, repository, _id) = polled();
    let home = registry.kill();
    repository.write("ui/acme-button.tsx", "meanwhile\n").commit("Change");
    until_served(&home.serve_with(&EVERY_SECOND), "meanwhile\n");
}

#[test]
fn a_look_that_finds_nothing_new_asks_for_refs_only_and_makes_no_sync() {
    let (registry, host, _repository, id) = polled();
    until_looked_again(&registry, &id);
    let before = syncs(&registry, &id);
    host.server.take_requests();
    until_looked_again(&registry, &id);
    until_looked_again(&registry, &id);
    assert_eq!(syncs(&registry, &id), before);
    let fetches = host.server.take_requests().iter().filter(|request| request.is_fetch()).count();
    assert_eq!(fetches, 0);
}

#[test]
fn a_repository_that_was_only_registered_is_synced_by_itself() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start_with(&EVERY_SECOND);
    registry.add(&host.url("ui"));
    until("the first sync", || (registry.get("/r/acme-button.json").status == 200).then_some(()));
}

#[test]
fn a_host_that_is_away_is_told_and_what_it_has_is_served_when_it_is_back() {
    let (registry, host, repository, id) = polled();
    host.server.answer_with(|_| Some(Reply::Status(503)));
    repository.write("ui/acme-button.tsx", "second\n").commit("Change");
    let failing =
        until("a failed look", || Some(view(&registry, &id)["poll"].clone()).filter(|poll| !poll["failure"].is_null()));
    assert!(failing["failure"].as_str().expect("a reason").contains("503"), "{failing}");
    assert!(failing["failingSince"].is_i64(), "{failing}");
    assert_eq!(served(&registry), "export const made = \"first acme-button\"\n");
    assert_eq!(view(&registry, &id)["lastSync"]["state"], "succeeded", "a look that fails is no sync");
    host.server.answer_with(|_| None);
    until_served(&registry, "second\n");
    until("the failure is over", || view(&registry, &id)["poll"]["failure"].is_null().then_some(()));
}

#[test]
fn a_registry_that_cannot_be_read_is_not_read_again_and_again() {
    let (registry, _host, repository, id) = polled();
    repository.write("registry.json", "{").commit("Break it");
    until("the failed sync", || (view(&registry, &id)["lastSync"]["state"] == "failed").then_some(()));
    let failed = syncs(&registry, &id);
    until_looked_again(&registry, &id);
    until_looked_again(&registry, &id);
    assert_eq!(syncs(&registry, &id), failed);
    write_registry(&repository, &[item("acme-button"), item("acme-card")]);
    repository.commit("Mend it");
    until("the mended registry", || (registry.get("/r/acme-card.json").status == 200).then_some(()));
}

#[test]
fn a_repository_that_moved_on_its_host_is_followed_and_its_new_address_told() {
    let (registry, host, repository, id) = polled();
    let renamed = host.url("ui-next");
    repository.git(&["clone", "--quiet", "--bare", ".", "../ui-next"]);
    host.server.answer_with(|request| {
        let rest = request.path.strip_prefix("/ui/")?;
        Some(Reply::Redirect(format!("/ui-next/{rest}?{}", request.query)))
    });
    let moved = repository.write("ui/acme-button.tsx", "moved\n").commit("Change");
    repository.git(&["push", "--quiet", "../ui-next", "main"]);
    until_served(&registry, "moved\n");
    let report = until("the sync's end", || {
        let report = view(&registry, &id)["lastSync"]["report"].clone();
        (report["commit"] == moved.as_str()).then_some(report)
    });
    let finding =
        report["diagnostics"].as_array().expect("a list").iter().find(|finding| finding["code"] == "repository-moved");
    let finding = finding.unwrap_or_else(|| panic!("no finding: {report:#}"));
    assert!(finding["message"].as_str().expect("a message").contains(&renamed), "{finding}");
    registry.cli(["repo", "change", &id, "--url", &renamed]).ok();
    assert_eq!(view(&registry, &id)["url"], renamed);
    assert_eq!(registry.sync(&id)["diagnostics"], serde_json::json!([]));
    assert_eq!(served(&registry), "moved\n");
}

#[test]
fn an_interval_that_cannot_be_is_refused_with_an_example() {
    let offline = crate::support::Offline::new();
    let message = offline.cli(["repo", "add", "https://example.com/x", "--poll-every", "5"]);
    assert_eq!(message.code, 2);
    assert!(message.err.contains("`5m`"), "{}", message.err);
}
