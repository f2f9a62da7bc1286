//! Folders of built items, and finding registries.

use crate::common::{findings, item, read, read_with, registry_json, rendered, served};
use model::DiagnosticCode as Code;
use serde_json::{Value, json};
use source::{MemoryTree, RegistryKind, Settings, SourceError, discover};

fn built(name: &str, content: &str) -> String {
    json!({
        "$schema": "https://ui.shadcn.com/schema/registry-item.json", "name": name, "type": "registry:ui",
        "files": [{"path": format!("ui/{name}.tsx"), "content": content, "type": "registry:ui", "target": ""}],
    })
    .to_string()
}

#[test]
fn built_items_are_read_from_their_own_files() {
    let tree = MemoryTree::new()
        .file("public/r/button.json", built("button", "b"))
        .file("public/r/lib/nested.json", built("lib/nested", "n"))
        .file("public/r/other-file.json", built("card", "c"))
        .file("public/r/registry.json", registry_json(&json!([item("button", "x")])))
        .file("public/r/notes.json", r#"{"hello": 1}"#)
        .file("public/r/broken.json", "{")
        .file(
            "public/r/bad.json",
            r#"{"name": "bad", "type": "registry:ui", "files": [{"path": "x", "type": "registry:ui"}]}"#,
        )
        .file("public/r/styles/default/button.json", built("button", "other style"));
    let (registry, blobs) = read(&tree);
    assert_eq!(
        (registry.kind, registry.path.as_str(), registry.name.as_deref()),
        (RegistryKind::Built, "public/r", Some("acme"))
    );
    assert_eq!(served(&registry), ["button", "lib/nested", "card"]);
    let file = &registry.items[0].files[0];
    assert_eq!(
        (file.path.as_str(), file.source_path.as_str(), file.target.as_deref()),
        ("ui/button.tsx", "public/r/button.json", Some(""))
    );
    assert_eq!(blobs.text(&file.digest), Some("b"));
    let again: Value = serde_json::from_str(&rendered(&registry.items[0], &blobs)).unwrap();
    assert_eq!(again, serde_json::from_str::<Value>(&built("button", "b")).unwrap());
    assert_eq!(registry.unreadable, ["public/r/broken.json"]);
    assert_eq!(
        findings(&registry.diagnostics),
        [
            (Code::MissingFile, "bad", "files.0.content"),
            (Code::MalformedJson, "", ""),
            (Code::Schema, "", ""),
            (Code::Schema, "", ""),
        ]
    );
}

#[test]
fn of_two_built_files_with_one_name_the_one_at_its_place_is_served() {
    let tree =
        MemoryTree::new().file("r/a-copy.json", built("button", "copy")).file("r/button.json", built("button", "real"));
    let (registry, blobs) = read(&tree);
    assert_eq!(served(&registry), ["button"]);
    assert_eq!(blobs.text(&registry.items[0].files[0].digest), Some("real"));
    assert_eq!(findings(&registry.diagnostics), [(Code::DuplicateName, "button", "name")]);
}

#[test]
fn registries_are_found_by_content_and_ranked_by_what_can_be_served() {
    let good = registry_json(&json!([item("a", "a.tsx")]));
    let tree = MemoryTree::new()
        .file("registry.json", registry_json(&json!([item("a", "gone.tsx")])))
        .file("apps/www/registry.json", good.clone())
        .file("apps/www/a.tsx", "a")
        .file("deep/er/still/registry.json", good.clone())
        .file("deep/er/still/a.tsx", "a")
        .file("npm/registry.json", r#"{"items": [{"type": "package"}]}"#)
        .file("broken/registry.json", "{")
        .file("node_modules/x/registry.json", good)
        .file("public/r/a.json", built("a", "a"))
        .file("public/manifest.json", r#"{"name": "app"}"#);
    let found: Vec<_> =
        discover(&tree).unwrap().into_iter().map(|found| (found.kind, found.path, found.is_complete)).collect();
    let manifest = RegistryKind::Manifest;
    assert_eq!(
        found,
        [
            (manifest, "apps/www/registry.json".to_owned(), true),
            (manifest, "deep/er/still/registry.json".to_owned(), true),
            (RegistryKind::Built, "public/r".to_owned(), true),
            (manifest, "registry.json".to_owned(), false),
        ]
    );
    assert_eq!(read(&tree).0.path, "apps/www/registry.json");
    let settings = Settings { config_path: Some("public/r/".to_owned()), ..Settings::default() };
    assert_eq!(read_with(&tree, &settings).unwrap().0.kind, RegistryKind::Built);
    let settings = Settings { config_path: Some("apps/www".to_owned()), ..Settings::default() };
    assert_eq!(read_with(&tree, &settings).unwrap().0.path, "apps/www/registry.json");
}

#[test]
fn a_root_registry_that_breaks_does_not_hand_over_to_another_one() {
    let tree = MemoryTree::new().file("registry.json", "{").file("public/r/a.json", built("a", "a"));
    assert!(matches!(read_with(&tree, &Settings::default()), Err(SourceError::Unreadable(_))));
}

#[test]
fn a_tree_without_registry_says_so() {
    let tree = MemoryTree::new().file("package.json", "{}").file("registry.json", r#"{"images": []}"#);
    let error = read_with(&tree, &Settings::default()).err().unwrap();
    assert!(matches!(error, SourceError::NoRegistry));
    assert_eq!(error.diagnostic().code, Code::NoRegistry);
}
