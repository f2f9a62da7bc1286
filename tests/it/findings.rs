//! What a sync and a check say about a registry, each time with a way to mend it.

use crate::support::{Offline, Registry, item, item_of, needing, registry_of, sources_on_disk, write_registry};
use git::testing::TestRepository;
use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

fn on_disk() -> (TempDir, TestRepository, String) {
    let disk = sources_on_disk();
    let repository = TestRepository::new(&disk.path().join("ui"));
    let path = repository.folder().display().to_string();
    (disk, repository, path)
}

/// A registry with one of each thing that can be said about one.
fn with_every_problem(repository: &TestRepository) {
    let mut lacking = needing("acme-lacking", &["no-such-item"]);
    lacking["dependencies"] = json!(["zod", "clsx@^2.0.0"]);
    let mut colliding = item("acme-colliding");
    colliding["files"] = json!([
        { "path": "ui/one.tsx", "type": "registry:ui", "target": "components/x.tsx" },
        { "path": "ui/two.tsx", "type": "registry:ui", "target": "components/X.tsx" }
    ]);
    let mut page = item("acme-page");
    page["type"] = json!("registry:page");
    page["files"] = json!([{ "path": "app/page.tsx", "type": "registry:page", "target": "app/page.tsx" }]);
    let items = [
        item("acme-button"),
        lacking,
        needing("acme-above", &["acme-lacking"]),
        needing("acme-top", &["acme-above"]),
        needing("acme-self", &["https://acme.example/r/acme-button.json"]),
        needing("acme-both", &["button"]),
        item("button"),
        colliding,
        page,
        item_of("acme-binary", "ui/picture.png"),
        needing("acme-needs-binary", &["acme-binary"]),
        item("acme-undeclared"),
        needing("acme-declares-by-needing", &["acme-lacking"]),
    ];
    let imports = "import * as React from \"react\"\nimport fs from \"node:fs\"\nimport { cn } from \"@/lib/utils\"\n";
    repository
        .write("package.json", json!({ "name": "ui", "dependencies": { "date-fns": "^4.1.0" } }).to_string())
        .write(
            "ui/acme-undeclared.tsx",
            format!("{imports}import {{ format }} from \"date-fns/format\"\nimport x from \"./one\"\n"),
        )
        .write("ui/acme-declares-by-needing.tsx", "import { z } from \"zod\"\nexport const x = z.string()\n");
    repository.write("ui/picture.png", [0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);
    write_registry(repository, &items);
    let written: Value = registry_of(&items);
    repository.write("registry.json", serde_json::to_string_pretty(&written).expect("JSON"));
}

fn codes(findings: &Value) -> Vec<String> {
    let findings = findings.as_array().expect("a list").iter();
    let mut codes: Vec<String> = findings.map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect();
    codes.sort_unstable();
    codes
}

#[test]
fn every_finding_says_what_where_and_how_to_mend_it() {
    let (_disk, repository, path) = on_disk();
    with_every_problem(&repository);
    let offline = Offline::new();
    let ran = offline.cli(["check", &path]);
    assert_eq!(ran.code, 1);
    assert_snapshot!("check_text", ran.out);
    let report = offline.cli(["check", &path, "--format", "json"]).json();
    for finding in report["diagnostics"].as_array().expect("a list") {
        assert!(finding["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "no fix: {finding:#}");
        assert!(finding["file"].is_string(), "no file: {finding:#}");
    }
}

#[test]
fn a_sync_says_what_a_check_says() {
    let (_disk, repository, path) = on_disk();
    with_every_problem(&repository);
    repository.commit("Everything that can be said");
    let registry = Registry::start();
    let checked = registry.cli(["check", &path, "--json"]).json();
    assert_eq!(codes(&registry.add_and_sync_report(&path)["diagnostics"]), codes(&checked["diagnostics"]));
}

#[test]
fn in_github_actions_a_finding_appears_at_its_line() {
    let (_disk, repository, path) = on_disk();
    with_every_problem(&repository);
    let ran = Offline::new().cli(["check", &path, "--format", "github"]);
    assert_eq!(ran.code, 1);
    assert_snapshot!("check_github", ran.out);
}

#[test]
fn advice_alone_leaves_a_repository_fresh() {
    let (_disk, repository, path) = on_disk();
    let mut unpinned = item("acme-button");
    unpinned["dependencies"] = json!(["zod", "date-fns@latest"]);
    write_registry(&repository, &[unpinned]);
    repository.commit("Begin");
    let registry = Registry::start();
    assert_eq!(codes(&registry.add_and_sync_report(&path)["diagnostics"]), ["unpinned-package", "unpinned-package"]);
    assert!(registry.cli(["repo", "list"]).ok().out.contains("fresh"));
}

#[test]
fn a_folder_is_checked_as_part_of_its_repository() {
    let (_disk, repository, path) = on_disk();
    let mut shared = item_of("acme-button", "../../packages/ui/button.tsx");
    shared["files"][0]["target"] = json!("components/button.tsx");
    repository
        .write("apps/www/registry.json", registry_of(&[shared]).to_string())
        .write("packages/ui/button.tsx", "export {}\n")
        .write("registry.json", registry_of(&[item_of("root-item", "packages/ui/button.tsx")]).to_string());
    let offline = Offline::new();
    for place in ["apps/www", "apps", "apps/www/registry.json"] {
        let report = offline.cli(["check", &format!("{path}/{place}"), "--json"]).ok().json();
        assert_eq!(report["registry"], "apps/www/registry.json", "{place}");
        assert_eq!(report["preview"][0]["name"], "acme-button");
    }
}

#[test]
fn what_git_ignores_is_not_checked() {
    let (_disk, repository, path) = on_disk();
    write_registry(&repository, &[item("acme-button")]);
    repository.write(".gitignore", "build/\n");
    repository.write("build/registry.json", registry_of(&[item("made"), item("made-too")]).to_string());
    repository.remove("registry.json");
    let ran = Offline::new().cli(["check", &path, "--json"]);
    assert_ne!(ran.json()["registry"], "build/registry.json");
}
