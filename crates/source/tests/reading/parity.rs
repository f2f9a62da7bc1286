//! Side by side with the real `shadcn build`.

use crate::{
    common::{read_with, registry_json, rendered, workspace},
    judge::{node_modules, shadcn_build},
};
use flate2::read::GzDecoder;
use model::DiagnosticCode;
use serde_json::{Value, json};
use source::{MemoryTree, Registry, Settings};
use std::{collections::BTreeMap, fs, fs::File, path::Path};

/// Writes the files to a folder, builds them with the CLI, reads them with
/// ours, and compares what is served byte for byte.
fn compare(node_modules: &Path, files: &BTreeMap<String, Vec<u8>>) -> Registry {
    let folder = tempfile::tempdir().unwrap();
    let mut tree = MemoryTree::new();
    for (path, content) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
        tree.insert(path, content.clone());
    }
    let output = shadcn_build(node_modules, folder.path());
    let settings = Settings { config_path: Some("registry.json".into()), ..Settings::default() };
    let (registry, blobs) = read_with(&tree, &settings).unwrap();
    for item in &registry.items {
        let judged = fs::read_to_string(output.join(format!("{}.json", item.name))).unwrap();
        assert_eq!(rendered(item, &blobs), judged, "{}", item.name);
    }
    registry
}

/// The official items, turned back into a source tree; `None` (and a note)
/// where the fixture is absent.
fn new_york() -> Option<BTreeMap<String, Vec<u8>>> {
    let archive = workspace("../shared/fixtures/shadcn-new-york-items.tar.gz");
    let Ok(archive) = File::open(&archive) else {
        eprintln!("skipped: {} is absent", archive.display());
        return None;
    };
    let mut files = BTreeMap::new();
    let mut items = Vec::new();
    for entry in tar::Archive::new(GzDecoder::new(archive)).entries().unwrap() {
        let entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let mut item: Value = serde_json::from_reader(entry).unwrap();
        if !item["name"].is_string() || !item["type"].is_string() {
            continue;
        }
        // Two items may have different texts at one path: a folder for each.
        let folder = format!("source/{}", items.len());
        for file in item.get_mut("files").and_then(Value::as_array_mut).into_iter().flatten() {
            let content = file.as_object_mut().unwrap().remove("content").unwrap_or_default();
            let path = format!("{folder}/{}", file["path"].as_str().unwrap());
            files.insert(path.clone(), content.as_str().unwrap_or_default().as_bytes().to_vec());
            file["path"] = json!(path);
        }
        items.push(item);
    }
    files.insert("registry.json".to_owned(), registry_json(&json!(items)).into_bytes());
    Some(files)
}

#[test]
fn the_official_items_come_out_byte_for_byte() {
    let (Some(node_modules), Some(files)) = (node_modules(), new_york()) else {
        return;
    };
    let registry = compare(&node_modules, &files);
    assert_eq!(registry.items.len() + registry.quarantined.len(), 366);
    for quarantined in &registry.quarantined {
        let codes: Vec<_> = quarantined.diagnostics.iter().map(|found| found.code).collect();
        assert_eq!(codes, [DiagnosticCode::ReservedName], "{:?}", quarantined.definition);
    }
    assert!(registry.items.len() >= 365, "{} items", registry.items.len());
}

#[test]
fn odd_but_valid_items_come_out_byte_for_byte() {
    let Some(node_modules) = node_modules() else {
        return;
    };
    let mut files = BTreeMap::new();
    for (path, content) in [
        ("crlf.tsx", "a\r\nb\r\n"),
        ("bom.tsx", "\u{feff}a"),
        ("empty.tsx", ""),
        ("odd name [x].tsx", "\u{1}\u{7f}\u{2028}\"\\é😀\t"),
        ("deep/er/a.tsx", "a"),
        ("http:/x/a.tsx", "colon"),
    ] {
        files.insert(path.to_owned(), content.as_bytes().to_vec());
    }
    // Text, not values: spellings of numbers, orders and equal keys are the point.
    let registry = r#"{
      "name": "acme", "homepage": "h", "extra": 1,
      "items": [
        {"type": "registry:ui", "name": "files", "files": [
          {"type": "registry:ui", "path": "./crlf.tsx"}, {"path": "bom.tsx", "type": "registry:lib", "target": ""},
          {"path": "empty.tsx", "content": "stale", "type": "registry:page", "target": "~/x"}, {"path": "odd name [x].tsx", "type": "registry:ui"},
          {"path": "deep//er/../er/./a.tsx/", "type": "registry:file", "target": "app/[...slug]/a.tsx"}, {"path": "http://x/a.tsx", "type": "registry:ui"}]},
        {"name": "lib/nested", "type": "registry:lib", "files": []},
        {"name": "no-files", "type": "registry:item", "dependencies": [], "registryDependencies": ["@x/y", "button"]},
        {"name": "numbers", "type": "registry:item", "meta": {"a": [1.0, -0, 1e21, 1e20, 0.000001, 1e-7, 12345678901234567890, 9007199254740993, 0.1, 1.7976931348623157e308, 5e-324, 100, -1.5e-9, 123456.789e3]}},
        {"name": "keys", "type": "registry:item", "meta": {"b": 1, "10": 1, "9": {"2": 1, "a": 1, "1": 1}, "01": 1, "4294967294": 1, "4294967295": 1, "b": 2}, "envVars": {"Z": "", "1": "x", "A": ""}},
        {"name": "proto", "type": "registry:item", "meta": {"__proto__": 1, "x": {"__proto__": 2}}, "css": {"__proto__": "x", "@layer": {"__proto__": {}, ".a": {}, ".b": ["x", {"c": "d"}], ".c": []}}},
        {"name": "base", "type": "registry:base", "config": {"registries": {"@b": {"headers": {}, "url": "{name}", "x": 1}, "@a": "https://a/{name}"}, "tsx": "false", "rsc": 0, "tailwind": {"prefix": "", "css": "c", "x": 1}}, "font": 1},
        {"name": "font", "type": "registry:font", "font": {"variable": "v", "import": "i", "provider": "google", "family": "f", "weight": [], "x": 1}, "config": 1},
        {"name": "twice", "type": "registry:item", "title": "first"},
        {"name": "twice", "type": "registry:item", "title": "last"}
      ]
    }"#;
    files.insert("registry.json".to_owned(), registry.as_bytes().to_vec());
    let registry = compare(&node_modules, &files);
    assert_eq!((registry.items.len(), registry.quarantined.len(), registry.diagnostics.len()), (9, 0, 1));
}

#[test]
fn included_items_come_out_byte_for_byte() {
    let Some(node_modules) = node_modules() else {
        return;
    };
    let item = |name: &str, path: &str| json!({"name": name, "type": "registry:ui", "files": [{"path": path, "type": "registry:ui"}]});
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut write = |path: &str, content: String| files.insert(path.to_owned(), content.into_bytes());
    write("registry.json", json!({"name": "a", "homepage": "h", "include": ["./ui/registry.json", "lib//registry.json"], "items": [item("own", "own.tsx")]}).to_string());
    write("own.tsx", "own".into());
    write(
        "ui/registry.json",
        json!({"name": "ignored", "include": ["deep/registry.json"], "items": [item("ui", "./a.tsx")]}).to_string(),
    );
    write("ui/a.tsx", "ui".into());
    write("ui/deep/registry.json", json!({"items": [item("deep/er", "d/d.tsx")]}).to_string());
    write("ui/deep/d/d.tsx", "d".into());
    write("lib/registry.json", json!({"items": []}).to_string());
    let registry = compare(&node_modules, &files);
    let names: Vec<_> = registry.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!((names, registry.diagnostics.len()), (vec!["deep/er", "ui", "own"], 0));
}
