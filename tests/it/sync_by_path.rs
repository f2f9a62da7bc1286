//! Syncs of repositories on this machine's disk, which are opened in place. With
//! Clerk there are no such: those that are about more than that are on a git host.

use crate::support::{Offline, Registry, is_about_local_mode, item, registry_of, sources_on_disk, write_registry};
use git::testing::TestRepository;
use serde_json::json;

#[test]
fn a_repository_is_followed_by_path_through_changes_and_removals() {
    let disk = sources_on_disk();
    let folder = disk.path().join("ui");
    let repository = TestRepository::new(&folder);
    write_registry(&repository, &[item("acme-button"), item("fancy-card")]);
    repository.commit("Begin");
    let registry = Registry::start();
    let report = registry.add_and_sync_report(folder.to_str().expect("UTF-8"));
    assert_eq!(report["changes"], json!([["acme-button", "added"], ["fancy-card", "added"]]));
    assert_eq!(registry.sync("ui")["published"], false);

    write_registry(&repository, &[item("acme-button")]);
    repository.write("ui/acme-button.tsx", "second\n");
    assert_eq!(registry.sync("ui")["published"], false, "what is not committed is not served");
    repository.commit("No card");
    assert_eq!(registry.sync("ui")["changes"], json!([["acme-button", "changed"], ["fancy-card", "removed"]]));
    assert_eq!(registry.get("/r/acme-button.json").expect(200).content(), "second\n");
    registry.get("/r/fancy-card.json").expect(410);
}

#[test]
fn a_repository_whose_folder_vanished_stays_served() {
    if is_about_local_mode("local paths are off; `sync` has the same for a git host") {
        return;
    }
    let disk = sources_on_disk();
    let folder = disk.path().join("ui");
    let repository = TestRepository::new(&folder);
    write_registry(&repository, &[item("acme-button")]);
    repository.commit("Begin");
    let registry = Registry::start();
    registry.add_and_sync(folder.to_str().expect("UTF-8"));
    std::fs::remove_dir_all(&folder).expect("removable");
    let reason = registry.failing_sync("ui");
    assert!(reason.contains(folder.to_str().expect("UTF-8")), "{reason}");
    registry.get("/r/acme-button.json").expect(200);
}

#[test]
fn a_shallow_clone_is_served_with_the_history_that_it_has() {
    if is_about_local_mode("local paths are off, and what a git host has is refused if it is shallow") {
        return;
    }
    let disk = sources_on_disk();
    let whole = TestRepository::new(&disk.path().join("whole"));
    write_registry(&whole, &[item("acme-button")]);
    whole.commit("Begin");
    whole.write("ui/acme-button.tsx", "second\n").commit("Second");
    let source = format!("file://{}", whole.folder().display());
    whole.git(&["clone", "--quiet", "--depth", "1", &source, "../shallow"]);
    let registry = Registry::start();
    registry.add_and_sync(disk.path().join("shallow").to_str().expect("UTF-8"));
    assert_eq!(registry.get("/r/acme-button.json").expect(200).content(), "second\n");
    let commits = registry.component("acme-button")["commits"].clone();
    assert_eq!(commits.as_array().map(Vec::len), Some(1), "{commits}");
}

#[test]
fn several_registries_of_one_repository_are_told_apart_by_their_path() {
    let disk = sources_on_disk();
    let folder = disk.path().join("apps");
    let repository = TestRepository::new(&folder);
    for (app, name) in [("web", "acme-button"), ("docs", "fancy-card")] {
        repository.write(&format!("{app}/registry.json"), registry_of(&[item(name)]).to_string());
        repository.write(&format!("{app}/ui/{name}.tsx"), format!("{name}\n"));
    }
    repository.commit("Begin");
    let registry = Registry::start();
    let path = folder.to_str().expect("UTF-8");
    registry.cli(["repo", "add", path, "--name", "web", "--config-path", "web/registry.json"]).ok();
    registry.cli(["repo", "add", path, "--name", "docs", "--config-path", "docs/registry.json"]).ok();
    registry.sync("web");
    assert_eq!(registry.names(), ["acme-button"]);
    registry.sync("docs");
    let mut names = registry.names();
    names.sort_unstable();
    assert_eq!(names, ["acme-button", "fancy-card"]);
}

#[test]
fn paths_are_refused_where_they_are_not_allowed() {
    let disk = sources_on_disk();
    let repository = TestRepository::new(&disk.path().join("ui"));
    write_registry(&repository, &[item("acme-button")]);
    repository.commit("Begin");
    let registry = Registry::start_with(&[("EKAIROS_LOCAL_PATHS", "false")]);
    let path = repository.folder().to_str().expect("UTF-8");
    let refused = registry.as_admin("POST", "/api/internal/registry").json(&json!({ "url": path })).send().expect(422);
    let message = refused.json()["message"].to_string();
    assert!(message.contains("local paths are not allowed here"), "{message}");
}

#[test]
fn a_first_sync_works_without_a_server_and_is_served_by_the_next_one() {
    let disk = sources_on_disk();
    let repository = TestRepository::new(&disk.path().join("ui"));
    write_registry(&repository, &[item("acme-button")]);
    repository.commit("Begin");
    let offline = Offline::new();
    offline.cli(["repo", "add", repository.folder().to_str().expect("UTF-8")]).ok();
    let ran = offline.cli(["sync", "ui"]).ok();
    assert!(ran.out.contains("1 items are served") && ran.out.contains("1 added"), "{}", ran.out);
    assert_eq!(offline.serve().names(), ["acme-button"]);
}
