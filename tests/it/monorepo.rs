//! Several registries in one repository.

use crate::support::{Host, Registry, item_of, registry_of};
use git::testing::TestRepository;
use serde_json::{Value, json};

/// A repository with a registry for each of two apps.
fn two_apps(host: &Host) -> TestRepository {
    let repository = host.empty_repository("mono");
    for app in ["www", "docs"] {
        let items = [item_of(&format!("{app}-button"), "button.tsx"), item_of(&format!("{app}-card"), "card.tsx")];
        repository
            .write(&format!("apps/{app}/registry.json"), registry_of(&items).to_string())
            .write(&format!("apps/{app}/button.tsx"), format!("button of {app}\n"))
            .write(&format!("apps/{app}/card.tsx"), format!("card of {app}\n"));
    }
    repository.commit("Begin");
    repository
}

fn paths(registries: &Value) -> Vec<&str> {
    registries.as_array().expect("a list").iter().map(|found| found["path"].as_str().expect("a path")).collect()
}

#[test]
fn every_registry_of_a_repository_is_found_before_anything_is_registered() {
    let host = Host::start();
    two_apps(&host);
    let registry = Registry::start();
    let found = registry.cli(["repo", "discover", &host.url("mono"), "--json"]).ok().json();
    assert_eq!(paths(&found["registries"]), ["apps/docs/registry.json", "apps/www/registry.json"]);
    assert_eq!(found["registries"][0]["items"], 2);
    assert_eq!(found["registries"][0]["shape"], "manifest");
    let text = registry.cli(["repo", "discover", &host.url("mono")]).ok().out;
    assert!(text.contains("apps/www/registry.json") && text.contains("repo add"), "{text}");
    let listed = registry.as_admin("GET", "/api/internal/registry").send().expect(200).json();
    assert_eq!(listed, json!([]));
}

#[test]
fn a_sync_offers_the_other_registries_and_each_can_be_added() {
    let host = Host::start();
    two_apps(&host);
    let registry = Registry::start();
    let report = registry.add_and_sync_report(&host.url("mono"));
    assert_eq!(report["registry"]["path"], "apps/docs/registry.json");
    assert_eq!(paths(&report["others"]), ["apps/www/registry.json"]);
    assert_eq!(registry.names(), ["docs-button", "docs-card"]);

    let added = registry
        .cli(["repo", "add", &host.url("mono"), "--config-path", "apps/www/registry.json", "--json"])
        .ok()
        .json();
    assert_eq!(added["name"], "mono apps/www");
    registry.sync("mono apps/www");
    assert_eq!(registry.names(), ["docs-button", "docs-card", "www-button", "www-card"]);
    let found = registry.cli(["repo", "discover", &host.url("mono"), "--json"]).ok().json();
    assert!(
        found["registries"].as_array().expect("a list").iter().all(|offer| offer["registered"].is_string()),
        "{found:#}"
    );
}

#[test]
fn a_registry_that_is_read_already_is_not_added_twice() {
    let host = Host::start();
    two_apps(&host);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("mono"));
    let message =
        registry.cli(["repo", "add", &host.url("mono"), "--config-path", "apps/docs/registry.json"]).refused();
    assert!(message.contains("is read already"), "{message}");
}

#[test]
fn one_fetch_serves_all_registries_of_a_repository() {
    let host = Host::start();
    let repository = two_apps(&host);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("mono"));
    registry.cli(["repo", "add", &host.url("mono"), "--config-path", "apps/www/registry.json"]).ok();
    registry.sync("mono apps/www");
    let fetches = |host: &Host| host.server.take_requests().iter().filter(|request| request.is_fetch()).count();
    assert_eq!(fetches(&host), 1);
    repository.write("apps/www/button.tsx", "new\n").write("apps/docs/button.tsx", "new too\n").commit("Both");
    registry.sync("mono");
    registry.sync("mono apps/www");
    assert_eq!(fetches(&host), 1);
    assert_eq!(registry.get("/r/www-button.json").expect(200).content(), "new\n");
    assert_eq!(registry.get("/r/docs-button.json").expect(200).content(), "new too\n");
}

#[test]
fn removing_one_registry_leaves_the_others_their_mirror() {
    let host = Host::start();
    let repository = two_apps(&host);
    let registry = Registry::start();
    let first = registry.add_and_sync(&host.url("mono"));
    registry.cli(["repo", "add", &host.url("mono"), "--config-path", "apps/www/registry.json"]).ok();
    registry.sync("mono apps/www");
    registry.as_admin("DELETE", &format!("/api/internal/registry/{first}")).send().expect(204);
    let commit = repository.head();
    assert_eq!(registry.get(&format!("/r/www-button@sha-{commit}.json")).expect(200).content(), "button of www\n");
    assert_eq!(registry.names(), ["www-button", "www-card"]);
}

#[test]
fn a_folder_of_built_items_beside_its_source_is_told_as_such() {
    let host = Host::start();
    let repository = two_apps(&host);
    let built = json!({
        "$schema": "https://ui.shadcn.com/schema/registry-item.json", "name": "www-button", "type": "registry:ui",
        "files": [{ "path": "button.tsx", "content": "x", "type": "registry:ui" }]
    });
    repository.write("apps/www/public/r/www-button.json", built.to_string()).commit("Build");
    let registry = Registry::start();
    let found = registry.cli(["repo", "discover", &host.url("mono"), "--json"]).ok().json();
    let paths = paths(&found["registries"]);
    assert_eq!(paths, ["apps/docs/registry.json", "apps/www/registry.json", "apps/www/public/r"]);
    assert_eq!(found["registries"][2]["builtFrom"], "apps/www/registry.json");
}

#[test]
fn a_mirror_stays_while_its_address_is_registered_in_any_spelling() {
    let host = Host::start();
    let repository = two_apps(&host);
    let registry = Registry::start();
    let first = registry.add_and_sync(&host.url("mono"));
    let spelled = format!("{}.git", host.url("mono"));
    let second =
        registry.cli(["repo", "add", &spelled, "--config-path", "apps/www/registry.json", "--json"]).ok().json();
    host.server.answer_with(|request| {
        let rest = request.path.strip_prefix("/mono.git/")?;
        Some(git::testing::Reply::Redirect(format!("/mono/{rest}?{}", request.query)))
    });
    registry.sync(second["id"].as_str().expect("an id"));
    registry.as_admin("DELETE", &format!("/api/internal/registry/{first}")).send().expect(204);
    let commit = repository.head();
    assert_eq!(registry.get(&format!("/r/www-button@sha-{commit}.json")).expect(200).content(), "button of www\n");
}
