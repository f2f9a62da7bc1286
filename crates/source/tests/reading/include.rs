//! Registries that include others.

use crate::common::{findings, item, read, read_with, served};
use model::DiagnosticCode as Code;
use serde_json::{Value, json};
use source::{MemoryTree, Settings};

fn include(files: &[&str], items: &Value) -> String {
    json!({"name": "acme", "homepage": "https://acme.test", "include": files, "items": items}).to_string()
}

#[test]
fn included_items_come_first_with_paths_from_the_root() {
    let tree = MemoryTree::new()
        .file(
            "docs/registry.json",
            include(&["ui/registry.json", "./lib//registry.json"], &json!([item("own", "own.tsx")])),
        )
        .file("docs/own.tsx", "own")
        .file(
            "docs/ui/registry.json",
            json!({"include": ["deep/registry.json"], "items": [item("ui", "./a.tsx")]}).to_string(),
        )
        .file("docs/ui/a.tsx", "ui")
        .file("docs/ui/deep/registry.json", json!({"items": [item("deep", "d.tsx")]}).to_string())
        .file("docs/ui/deep/d.tsx", "d")
        .file(
            "docs/lib/registry.json",
            json!({"items": [item("lib", "../ui/a.tsx"), item("own", "l.tsx"), item("deep", "l.tsx")]}).to_string(),
        )
        .file("docs/lib/l.tsx", "l");
    let (registry, _) = read(&tree);
    assert_eq!(registry.path, "docs/registry.json", "included files are no registries of their own");
    assert_eq!(served(&registry), ["deep", "ui", "own"]);
    let paths: Vec<_> = registry.items.iter().map(|item| item.files[0].path.as_str()).collect();
    assert_eq!(paths, ["ui/deep/d.tsx", "ui/a.tsx", "lib/l.tsx"]);
    assert_eq!(
        findings(&registry.diagnostics),
        [
            (Code::UnsafePath, "lib", "files.0.path"),
            (Code::DuplicateName, "deep", "name"),
            (Code::DuplicateName, "own", "name")
        ]
    );
    assert_eq!(registry.quarantined.len(), 3);
}

#[test]
fn a_broken_include_costs_its_items_and_marks_the_registry_incomplete() {
    let cases: [(&str, Code); 8] = [
        ("gone/registry.json", Code::MissingFile),
        ("linked/registry.json", Code::Symlink),
        ("bad/registry.json", Code::MalformedJson),
        ("empty/registry.json", Code::Schema),
        ("../registry.json", Code::Include),
        ("/registry.json", Code::Include),
        ("https://acme.test/registry.json", Code::Include),
        ("registry.json", Code::Include),
    ];
    let settings = Settings { config_path: Some("registry.json".to_owned()), ..Settings::default() };
    for (path, code) in cases {
        let tree = MemoryTree::new()
            .file("registry.json", include(&[path], &json!([item("own", "a.tsx")])))
            .file("a.tsx", "a")
            .file("bad/registry.json", "{")
            .file("empty/registry.json", "{}")
            .symlink("linked");
        let (registry, _) = read_with(&tree, &settings).unwrap();
        assert_eq!(served(&registry), ["own"], "{path}");
        assert!(registry.is_incomplete(), "{path}");
        let found = &registry.diagnostics[0];
        assert_eq!((found.code, found.field.as_deref()), (code, Some("include.0")), "{path}");
    }
}

#[test]
fn cycles_and_depth_end_an_include_not_the_reader() {
    let mut tree = MemoryTree::new().file("registry.json", include(&["d/registry.json"], &json!([])));
    let mut folder = "d".to_owned();
    for level in 1..40 {
        let items = json!([{"name": format!("l{level}"), "type": "registry:ui"}]);
        tree.insert(
            &format!("{folder}/registry.json"),
            json!({"include": ["d/registry.json"], "items": items}).to_string(),
        );
        folder.push_str("/d");
    }
    let (registry, _) = read(&tree);
    assert_eq!(registry.items.len(), 31, "the root is the first of 32 levels");
    assert_eq!(registry.diagnostics[0].code, Code::Include);
    assert!(registry.diagnostics[0].message.contains("32 levels"));

    let twice = MemoryTree::new()
        .file("registry.json", include(&["a/registry.json", "./a/registry.json"], &json!([])))
        .file("a/registry.json", json!({"items": [{"name": "x", "type": "registry:ui"}]}).to_string());
    let (registry, _) = read(&twice);
    assert_eq!((served(&registry), registry.diagnostics[0].code), (vec!["x"], Code::Include));
}
