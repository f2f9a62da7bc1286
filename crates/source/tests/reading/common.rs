//! What the tests share.

use model::{Diagnostic, DiagnosticCode};
use serde_json::{Value, json};
use source::{
    Dependency, Item, MemoryBlobs, MemoryTree, Registry, Settings, SourceError, read_registry, registry_dependencies,
    render,
};
use std::path::{Path, PathBuf};

/// Reads with these settings.
pub(crate) fn read_with(tree: &MemoryTree, settings: &Settings) -> Result<(Registry, MemoryBlobs), SourceError> {
    let mut blobs = MemoryBlobs::default();
    let registry = read_registry(tree, settings, &mut blobs, &mut |_, _| {})?;
    Ok((registry, blobs))
}

/// Reads the best registry of a tree that must have one.
pub(crate) fn read(tree: &MemoryTree) -> (Registry, MemoryBlobs) {
    read_with(tree, &Settings::default()).unwrap()
}

/// A `registry.json` with these items.
pub(crate) fn registry_json(items: &Value) -> String {
    json!({"name": "acme", "homepage": "https://acme.test", "items": items}).to_string()
}

/// An item with one file.
pub(crate) fn item(name: &str, path: &str) -> Value {
    json!({"name": name, "type": "registry:ui", "files": [{"path": path, "type": "registry:ui"}]})
}

/// The item as `shadcn build` would write it.
pub(crate) fn rendered(item: &Item, blobs: &MemoryBlobs) -> String {
    let contents: Vec<&str> = item.files.iter().map(|file| blobs.text(&file.digest).unwrap()).collect();
    let dependencies: Vec<_> = registry_dependencies(&item.manifest).into_iter().map(Dependency::AsWritten).collect();
    render(&item.manifest, &contents, &dependencies, None).json
}

/// The names of the items that are served.
pub(crate) fn served(registry: &Registry) -> Vec<&str> {
    registry.items.iter().map(|item| item.name.as_str()).collect()
}

/// Code, item and field of each finding.
pub(crate) fn findings(diagnostics: &[Diagnostic]) -> Vec<(DiagnosticCode, &str, &str)> {
    let mut found = Vec::new();
    for diagnostic in diagnostics {
        let item = diagnostic.item.as_deref().unwrap_or("");
        found.push((diagnostic.code, item, diagnostic.field.as_deref().unwrap_or("")));
    }
    found
}

/// A path of the workspace.
pub(crate) fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
