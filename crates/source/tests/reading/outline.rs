//! What a registry declares, without its items' files.

use crate::common::{item, read, registry_json};
use serde_json::json;
use source::{MemoryTree, outline};

#[test]
fn an_outline_names_the_same_files_as_reading_does() {
    let root = json!({
        "name": "acme", "homepage": "https://acme.test", "include": ["ui/registry.json"],
        "items": [item("page", "page.tsx")],
    });
    let tree = MemoryTree::new()
        .file("registry.json", root.to_string().as_bytes())
        .file("ui/registry.json", registry_json(&json!([item("card", "./parts/card.tsx")])).as_bytes())
        .file("page.tsx", b"1")
        .file("ui/parts/card.tsx", b"2");
    let outline = outline(&tree, "registry.json").unwrap();
    let (registry, _) = read(&tree);
    assert_eq!(registry.items.len(), outline.items.len());
    for read in &registry.items {
        let outlined = &outline.items[read.name.as_str()];
        assert_eq!(outlined.definition, read.definition.file);
        let files: Vec<_> = read.files.iter().map(|file| file.source_path.clone()).collect();
        assert_eq!(outlined.files, files);
    }
    assert!(outline.definitions.iter().map(String::as_str).eq(["registry.json", "ui/registry.json"]));
    assert!(outline.bytes > 100);
}

#[test]
fn of_several_definitions_of_one_name_the_one_that_is_served_is_told() {
    let tree = MemoryTree::new()
        .file("registry.json", registry_json(&json!([item("card", "a.tsx"), item("card", "b.tsx")])).as_bytes())
        .file("a.tsx", b"1")
        .file("b.tsx", b"2");
    let outline = outline(&tree, "registry.json").unwrap();
    assert_eq!(outline.items["card"].files, ["b.tsx"]);
    assert_eq!(read(&tree).0.items[0].files[0].source_path, "b.tsx");
}

#[test]
fn a_state_without_the_file_has_no_items_and_a_broken_file_is_told() {
    assert!(outline(&MemoryTree::new(), "registry.json").unwrap().items.is_empty());
    assert!(outline(&MemoryTree::new().file("registry.json", b"{ broken"), "registry.json").is_err());
}
