//! Asking for another state than the current one: `name@selector`.

use crate::support::{Host, Registry, item, needing, write_registry};
use git::testing::TestRepository;
use model::CommitSha;
use serde_json::json;

/// Three states: `v1.4.1`, `v1.4.2` and a third on `main`; the branch `next` at the first.
fn three_states() -> (Registry, Host, TestRepository, [CommitSha; 3]) {
    let host = Host::start();
    let items = [item("acme-button"), needing("fancy-card", &["acme-button"])];
    let repository = host.repository("ui", &items);
    let first = repository.head();
    repository.tag("v1.4.1").branch("next").branch("feature/glow");
    repository.write("ui/acme-button.tsx", "second\n");
    let second = repository.commit("Second");
    repository.annotated_tag("v1.4.2");
    repository.write("ui/acme-button.tsx", "third\n");
    let third = repository.commit("Third");
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    (registry, host, repository, [first, second, third])
}

const FIRST: &str = "export const made = \"first acme-button\"\n";

#[test]
fn a_commit_a_tag_a_branch_and_a_version_each_name_their_state() {
    let (registry, _host, _, [first, second, third]) = three_states();
    let content = |selector: &str| registry.get(&format!("/r/acme-button@{selector}.json")).expect(200).content();
    assert_eq!(content(&format!("sha-{first}")), FIRST);
    assert_eq!(content(&format!("sha-{second}")), "second\n");
    assert_eq!(content(&format!("sha-{}", &second.as_str()[..7])), "second\n");
    assert_eq!(content(&format!("sha-{third}")), "third\n");
    assert_eq!(content("v1.4.1"), FIRST);
    assert_eq!(content("v1.4.2"), "second\n");
    assert_eq!(content("1.4.1"), FIRST);
    assert_eq!(content("1.4"), "second\n");
    assert_eq!(content("1"), "second\n");
    assert_eq!(content("next"), FIRST);
    assert_eq!(content("main"), "third\n");
    assert_eq!(content("feature/glow"), FIRST);
    assert_eq!(registry.get("/r/acme-button.json").expect(200).content(), "third\n");
}

#[test]
fn a_pinned_items_dependencies_are_pinned_to_the_same_state() {
    let (registry, _host, _, [first, second, _]) = three_states();
    let needs = |path: &str| registry.get(path).expect(200).json()["registryDependencies"].clone();
    let pinned = |sha: &CommitSha| json!([format!("@registry/acme-button@sha-{sha}")]);
    assert_eq!(needs(&format!("/r/fancy-card@sha-{first}.json")), pinned(&first));
    assert_eq!(needs("/r/fancy-card@v1.4.2.json"), pinned(&second));
    assert_eq!(needs("/r/fancy-card@1.json"), pinned(&second));
    assert_eq!(needs("/r/fancy-card@next.json"), pinned(&first));
    let other = registry.get("/r/fancy-card@v1.4.2.json?ns=@x").expect(200).json();
    assert_eq!(other["registryDependencies"], json!([format!("@x/acme-button@sha-{second}")]));
}

#[test]
fn only_a_whole_commit_is_for_ever() {
    let (registry, _host, _, [first, ..]) = three_states();
    let policy = |selector: &str| {
        registry.get(&format!("/r/acme-button@{selector}.json")).expect(200).header("cache-control").to_owned()
    };
    assert_eq!(policy(&format!("sha-{first}")), "private, max-age=31536000, immutable");
    for selector in [&format!("sha-{}", &first.as_str()[..12]), "v1.4.1", "next", "1.4"] {
        assert_eq!(policy(selector), "private, no-cache", "{selector}");
    }
}

#[test]
fn a_version_that_is_not_there_is_told_from_an_item_that_is_not_there() {
    let (registry, _host, ..) = three_states();
    for selector in ["v9", "2", "1.5", "sha-0000000", &format!("sha-{}", "0".repeat(40))] {
        let (code, message) = registry.get(&format!("/r/acme-button@{selector}.json")).expect(404).plain_error();
        assert_eq!(code, "no_version", "{selector}");
        assert!(message.contains(selector) && message.contains("sha-"), "{message}");
    }
    let (code, _) = registry.get("/r/acme-buton@v1.4.1.json").expect(404).plain_error();
    assert_eq!(code, "not_found");
}

#[test]
fn an_item_whose_name_holds_an_at_sign_is_served_before_any_selector_is_read() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button"), item("acme-button@main")]);
    let registry = Registry::start();
    assert_eq!(registry.add_and_sync_report(&host.url("ui"))["items"], 2);
    assert_eq!(registry.get("/r/acme-button@main.json").expect(200).json()["name"], "acme-button@main");
    assert_eq!(registry.get("/r/acme-button.json").expect(200).json()["name"], "acme-button");
}

#[test]
fn a_moved_tag_names_its_new_state_after_the_next_sync() {
    let (registry, _host, repository, _) = three_states();
    repository.tag("v1.4.1");
    registry.sync("ui");
    assert_eq!(registry.get("/r/acme-button@v1.4.1.json").expect(200).content(), "third\n");
    repository.delete_tag("v1.4.1");
    registry.sync("ui");
    registry.get("/r/acme-button@v1.4.1.json").expect(404);
}

#[test]
fn items_that_a_state_did_not_have_are_not_found_in_it() {
    let (registry, _host, repository, [first, ..]) = three_states();
    write_registry(&repository, &[item("acme-button"), item("newcomer")]);
    repository.commit("A newcomer");
    registry.sync("ui");
    registry.get("/r/newcomer.json").expect(200);
    registry.get(&format!("/r/newcomer@sha-{first}.json")).expect(404);
}

#[test]
fn a_version_that_someone_pinned_stays_one_however_many_branches_come_after_it() {
    let (registry, _host, repository, _) = three_states();
    for number in 0..70 {
        repository.git(&["checkout", "--quiet", "-b", &format!("b-{number}")]);
        repository.write("ui/acme-button.tsx", format!("branch {number}\n")).commit("Another");
    }
    registry.sync("ui");
    assert_eq!(registry.get("/r/acme-button@v1.4.1.json").expect(200).content(), FIRST);
    assert_eq!(registry.get("/r/acme-button@1.4.1.json").expect(200).content(), FIRST);
    assert_eq!(registry.get("/r/acme-button@1.json").expect(200).content(), "second\n");
}

#[test]
fn a_branch_that_is_gone_is_no_version_any_more_whatever_else_changed_with_it() {
    let (registry, _host, repository, _) = three_states();
    repository.git(&["branch", "short-lived"]);
    registry.sync("ui");
    registry.get("/r/acme-button@short-lived.json").expect(200);
    repository.git(&["branch", "-D", "short-lived"]);
    registry.cli(["repo", "change", "ui", "--dependencies", "own-first"]).ok();
    registry.sync("ui");
    registry.get("/r/acme-button@short-lived.json").expect(404);
}
