//! Reading a source `registry.json`.

use crate::common::{findings, item, read, read_with, registry_json, rendered, served};
use model::{DiagnosticCode as Code, MAX_FILE_BYTES, Severity};
use serde_json::{Value, json};
use source::{
    Dependency, MemoryBlobs, MemoryTree, RegistryKind, Settings, SourceError, TreeError, read_registry, render,
    render_catalog_entry,
};

fn at(config_path: &str) -> Settings {
    Settings { config_path: Some(config_path.to_owned()), ..Settings::default() }
}

/// A root registry with these items, and one good file.
fn tree(items: &Value) -> MemoryTree {
    MemoryTree::new().file("registry.json", registry_json(items)).file("a.tsx", "a")
}

#[test]
fn an_item_is_rendered_as_shadcn_build_writes_it() {
    let items = json!([{"files": [{"type": "registry:ui", "path": "./a.tsx", "content": "stale"}], "type": "registry:ui", "x": 1, "name": "a", "registryDependencies": ["button"], "cssVars": {}, "categories": []}]);
    let (registry, blobs) = read(&tree(&items));
    assert_eq!((registry.kind, registry.path.as_str()), (RegistryKind::Manifest, "registry.json"));
    assert_eq!((registry.name.as_deref(), registry.homepage.as_deref()), (Some("acme"), Some("https://acme.test")));
    let expected = r#"{
  "$schema": "https://ui.shadcn.com/schema/registry-item.json",
  "name": "a",
  "registryDependencies": [
    "button"
  ],
  "files": [
    {
      "path": "a.tsx",
      "content": "a",
      "type": "registry:ui"
    }
  ],
  "cssVars": {},
  "categories": [],
  "type": "registry:ui"
}"#;
    assert_eq!(rendered(&registry.items[0], &blobs), expected);
}

#[test]
fn own_dependencies_leave_a_place_for_the_alias() {
    let items = json!([{"name": "a", "type": "registry:ui", "registryDependencies": ["b", "zod"]}]);
    let (registry, _) = read(&tree(&items));
    let dependencies = [Dependency::Own("team/b\"".into()), Dependency::AsWritten("zod".into())];
    let manifest = &registry.items[0].manifest;
    for rendered in [
        render(manifest, &[], &dependencies, Some("team/a")),
        render_catalog_entry(manifest, &dependencies, Some("team/a")),
    ] {
        assert_eq!(rendered.splices.len(), 1);
        let json: Value = serde_json::from_str(&rendered.with_alias("@acme")).unwrap();
        assert_eq!(json["registryDependencies"], json!(["@acme/team/b\"", "zod"]));
        assert_eq!(json["name"], "team/a");
    }
}

#[test]
fn a_catalogue_entry_has_its_files_without_contents() {
    let (registry, _) = read(&tree(&json!([item("a", "a.tsx")])));
    let entry = render_catalog_entry(&registry.items[0].manifest, &[], None);
    assert_eq!(entry.json, r#"{"name":"a","files":[{"path":"a.tsx","type":"registry:ui"}],"type":"registry:ui"}"#);
}

#[test]
fn a_broken_item_costs_only_itself() {
    let items = json!([
        item("missing", "nope.tsx"),
        item("folder", "lib"),
        item("empty-path", ""),
        item("link", "link.tsx"),
        item("through-link", "linked/a.tsx"),
        item("submodule", "vendor/a.tsx"),
        item("binary", "a.png"),
        item("huge", "huge.txt"),
        item("outside", "../a.tsx"),
        item("absolute", "/a.tsx"),
        item("registry", "a.tsx"),
        item("styles/x", "a.tsx"),
        item("a?b", "a.tsx"),
        {"name": "flag", "type": "registry:ui", "dependencies": ["zod", " --evil"]},
        {"name": "dev-flag", "type": "registry:ui", "devDependencies": ["-D"]},
        {"name": "target", "type": "registry:ui", "files": [{"path": "a.tsx", "type": "registry:ui", "target": "%2e%2e/x"}]},
        {"name": "kind", "type": "registry:nope"},
        {"name": 3, "type": "registry:ui"},
        null,
        item("good", "a.tsx"),
    ]);
    let tree = tree(&items)
        .file("lib/x.ts", "x")
        .symlink("link.tsx")
        .symlink("linked")
        .submodule("vendor")
        .file("a.png", [0x89, b'P', 0xff])
        .file("huge.txt", vec![b'a'; usize::try_from(MAX_FILE_BYTES).unwrap() + 1]);
    let (registry, _) = read(&tree);
    assert_eq!(served(&registry), ["good"]);
    assert_eq!(
        findings(&registry.diagnostics),
        [
            (Code::MissingFile, "missing", "files.0.path"),
            (Code::MissingFile, "folder", "files.0.path"),
            (Code::MissingFile, "empty-path", "files.0.path"),
            (Code::Symlink, "link", "files.0.path"),
            (Code::Symlink, "through-link", "files.0.path"),
            (Code::Submodule, "submodule", "files.0.path"),
            (Code::BinaryFile, "binary", "files.0.path"),
            (Code::FileTooLarge, "huge", "files.0.path"),
            (Code::UnsafePath, "outside", "files.0.path"),
            (Code::UnsafePath, "absolute", "files.0.path"),
            (Code::ReservedName, "registry", "name"),
            (Code::ReservedName, "styles/x", "name"),
            (Code::InvalidName, "a?b", "name"),
            (Code::UnsafeDependency, "flag", "dependencies.1"),
            (Code::UnsafeDependency, "dev-flag", "devDependencies.0"),
            (Code::UnsafePath, "target", "files.0.target"),
            (Code::UnknownType, "kind", "type"),
            (Code::Schema, "", "name"),
            (Code::Schema, "", ""),
        ]
    );
    for (position, found) in registry.diagnostics.iter().enumerate() {
        assert_eq!((found.severity, found.item_index), (Severity::Error, Some(position)));
        assert!(found.fix.is_some() && found.file.as_deref() == Some("registry.json"), "{found}");
    }
    assert_eq!(registry.quarantined.len(), 19);
    assert!(registry.is_incomplete(), "two items have no name that could be kept");
}

#[test]
fn a_file_may_be_as_large_as_the_limit_and_as_small_as_nothing() {
    let tree = tree(&json!([item("full", "full.txt"), item("empty", "empty.txt")]))
        .file("full.txt", vec![b'a'; usize::try_from(MAX_FILE_BYTES).unwrap()])
        .file("empty.txt", "");
    let (registry, blobs) = read(&tree);
    assert_eq!(served(&registry), ["full", "empty"]);
    assert!(rendered(&registry.items[1], &blobs).contains(r#""content": """#));
}

#[test]
fn an_item_cannot_grow_without_bound_by_naming_a_file_over_and_over() {
    let file = json!({"path": "big.txt", "type": "registry:ui"});
    let items = json!([{"name": "bomb", "type": "registry:ui", "files": vec![file; 9]}]);
    let tree = tree(&items).file("big.txt", vec![b'a'; 4 * 1024 * 1024]);
    let (registry, _) = read_with(&tree, &at("registry.json")).unwrap();
    assert_eq!(findings(&registry.diagnostics), [(Code::TooMany, "bomb", "files")]);
    assert_eq!(tree.reads(), 2, "registry.json and the file, once each");
}

#[test]
fn without_include_a_path_may_leave_the_registrys_folder_if_its_target_is_safe() {
    let items = json!([
        {"name": "a", "type": "registry:ui", "files": [{"path": "../../packages/./a.tsx", "type": "registry:ui", "target": "@components/a.tsx"}]},
        item("b", "../../packages/a.tsx"),
        {"name": "c", "type": "registry:ui", "files": [{"path": "../../../x", "type": "registry:ui", "target": "x"}]},
        item("d", "../www/x.tsx"),
    ]);
    let tree = MemoryTree::new()
        .file("apps/www/registry.json", registry_json(&items))
        .file("apps/www/x.tsx", "x")
        .file("packages/a.tsx", "a");
    let (registry, _) = read_with(&tree, &at("apps/www/registry.json")).unwrap();
    assert_eq!(served(&registry), ["a", "d"]);
    let file = &registry.items[0].files[0];
    assert_eq!((file.path.as_str(), file.source_path.as_str()), ("../../packages/a.tsx", "packages/a.tsx"));
    assert_eq!(registry.items[1].files[0].path, "x.tsx");
    assert_eq!(
        findings(&registry.diagnostics),
        [(Code::UnsafePath, "b", "files.0.path"), (Code::UnsafePath, "c", "files.0.path")]
    );
}

#[test]
fn without_include_the_last_of_two_equal_names_is_served_with_a_warning() {
    let tree = tree(&json!([item("x", "a.tsx"), item("y", "a.tsx"), item("x", "b.tsx")])).file("b.tsx", "b");
    let (registry, _) = read(&tree);
    assert_eq!(served(&registry), ["y", "x"]);
    assert_eq!(registry.items[1].files[0].path, "b.tsx");
    assert_eq!(findings(&registry.diagnostics), [(Code::DuplicateName, "x", "name")]);
    assert_eq!(registry.diagnostics[0].severity, Severity::Warning);
    assert_eq!(registry.quarantined, []);
}

#[test]
fn a_broken_last_definition_does_not_bring_back_an_earlier_one() {
    let (registry, _) = read(&tree(&json!([item("x", "a.tsx"), item("x", "gone.tsx")])));
    assert_eq!(served(&registry), Vec::<&str>::new());
    assert_eq!(registry.quarantined[0].name.as_ref().unwrap().as_str(), "x");
}

#[test]
fn names_that_differ_only_by_a_prefix_are_different_names() {
    let settings = Settings { namespace: Some("team".parse().unwrap()), ..Settings::default() };
    let tree = tree(&json!([item("x", "a.tsx"), item("team/x", "a.tsx"), item(&"n".repeat(252), "a.tsx")]));
    let (registry, _) = read_with(&tree, &settings).unwrap();
    assert_eq!(served(&registry), ["x", "team/x"]);
    assert_eq!(registry.diagnostics[0].code, Code::InvalidName, "too long below the namespace");
}

#[test]
fn a_name_that_the_routes_use_is_free_below_a_namespace() {
    let items = tree(&json!([item("index", "a.tsx"), item("styles/x", "a.tsx")]));
    let (alone, _) = read(&items);
    assert_eq!(served(&alone), Vec::<&str>::new());
    assert!(alone.diagnostics[0].fix.as_ref().is_some_and(|fix| fix.contains("namespace")));
    let settings = Settings { namespace: Some("team".parse().unwrap()), ..Settings::default() };
    let (below, _) = read_with(&items, &settings).unwrap();
    assert_eq!(served(&below), ["index", "styles/x"]);
    assert_eq!(below.diagnostics, []);
}

#[test]
fn a_root_that_cannot_be_read_says_why_and_what_to_do() {
    let cases: [(Vec<u8>, Code); 7] = [
        (b"{".to_vec(), Code::MalformedJson),
        ("\u{feff}{}".into(), Code::MalformedJson),
        (b"{\"name\":\"\xff\"}".to_vec(), Code::NotUtf8),
        ("[".repeat(100_000).into(), Code::MalformedJson),
        (b"[]".to_vec(), Code::Schema),
        (b"{}".to_vec(), Code::Schema),
        (br#"{"items":{}}"#.to_vec(), Code::Schema),
    ];
    for (bytes, code) in cases {
        let error = read_with(&MemoryTree::new().file("registry.json", bytes), &at("registry.json")).err().unwrap();
        let found = error.diagnostic();
        assert_eq!((found.code, found.file.as_deref()), (code, Some("registry.json")), "{error}");
        assert!(found.fix.is_some(), "{error}");
    }
    for path in ["nope.json", "../x", "linked/registry.json", "empty"] {
        let tree = MemoryTree::new().symlink("linked").file("empty/x", "");
        assert!(matches!(read_with(&tree, &at(path)), Err(SourceError::ConfigPath { .. })), "{path}");
    }
}

#[test]
fn too_many_items_fail_the_sync_instead_of_publishing_a_part() {
    let items = vec![json!({"name": "x", "type": "registry:ui"}); model::MAX_ITEMS + 1];
    let result = read_with(&tree(&json!(items)), &at("registry.json"));
    assert!(matches!(result, Err(SourceError::TooManyItems { count, .. }) if count == model::MAX_ITEMS + 1));
}

#[test]
fn what_is_known_by_object_id_is_neither_read_nor_hashed() {
    let tree = tree(&json!([item("a", "a.tsx"), item("b", "b.tsx")])).file("b.tsx", "a");
    let mut blobs = MemoryBlobs::default();
    let first = read_registry(&tree, &at("registry.json"), &mut blobs, &mut |_, _| {}).unwrap();
    assert_eq!(tree.reads(), 2, "registry.json, and one text for two files");
    let mut steps = Vec::new();
    let second = read_registry(&tree, &at("registry.json"), &mut blobs, &mut |done, all| {
        steps.push((done, all));
    })
    .unwrap();
    assert_eq!(tree.reads(), 3, "registry.json alone");
    assert_eq!(first.items, second.items);
    assert_eq!(steps, [(1, 2), (2, 2)]);
}

#[test]
fn a_version_changes_with_its_content_and_not_with_what_is_stripped() {
    let digest = |items: Value, content: &str| read(&tree(&items).file("a.tsx", content)).0.items[0].version_digest();
    let base = digest(json!([item("a", "a.tsx")]), "1");
    assert_ne!(base, digest(json!([item("a", "a.tsx")]), "2"));
    let mut same = item("a", "./a.tsx");
    same["$schema"] = json!("anything");
    same["unknown"] = json!(1);
    same["files"][0]["content"] = json!("stale");
    assert_eq!(base, digest(json!([same]), "1"));
}

#[test]
fn a_name_that_cannot_be_served_leaves_no_doubt_about_the_others() {
    let (registry, _) = read(&tree(&json!([item("styles", "a.tsx"), item("a?b", "a.tsx"), item("good", "a.tsx")])));
    assert_eq!(served(&registry), ["good"]);
    let written: Vec<_> = registry.quarantined.iter().map(|item| item.written_name.as_deref()).collect();
    assert_eq!(written, [Some("styles"), Some("a?b")]);
    assert!(!registry.is_incomplete(), "whatever else is absent was removed");
}

#[test]
fn a_missing_object_costs_the_item_that_needs_it() {
    struct Damaged(MemoryTree, model::ObjectId);
    impl source::Tree for Damaged {
        fn lookup(&self, path: &str) -> Result<Option<model::Entry>, TreeError> {
            let entry = self.0.lookup(path)?;
            Ok(entry.map(|entry| if path == "lost.tsx" { model::Entry { id: self.1, ..entry } } else { entry }))
        }
        fn size(&self, id: model::ObjectId) -> Result<u64, TreeError> {
            self.0.size(id)
        }
        fn read(&self, id: model::ObjectId) -> Result<Vec<u8>, TreeError> {
            self.0.read(id)
        }
        fn walk(&self, visit: &mut dyn FnMut(&str, &model::Entry) -> source::WalkControl) -> Result<(), TreeError> {
            self.0.walk(visit)
        }
    }
    let tree = tree(&json!([item("lost", "lost.tsx"), item("good", "a.tsx")])).file("lost.tsx", "x");
    let damaged = Damaged(tree, model::ObjectId::from_bytes([9; 20]));
    let registry = read_registry(&damaged, &at("registry.json"), &mut MemoryBlobs::default(), &mut |_, _| {}).unwrap();
    assert_eq!(served(&registry), ["good"]);
    assert_eq!(findings(&registry.diagnostics), [(Code::MissingFile, "lost", "files.0.path")]);
}
