//! Which registries a tree has (`specs/shadcn-protocol.md` 4.1).

use crate::{
    path,
    read::{built, declared, read_json},
    registry::{RegistryKind, SourceError},
    schema::looks_like_item,
    tree::{Tree, TreeError, WalkControl},
};
use model::EntryKind;
use serde_json::Value;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};

/// Most files that are looked into as possible registries.
const MAX_LOOKED_INTO: usize = 200;

/// How many of a registry's items are asked whether their files exist.
const SAMPLE: usize = 20;

/// A registry that a tree has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// How it is written down.
    pub kind: RegistryKind,
    /// Its `registry.json`, or its folder of built items: what
    /// [`crate::Settings::config_path`] takes.
    pub path: String,
    /// How many items it declares, as far as its files can be read.
    pub items: usize,
    /// Whether its files are there, judged by a sample.
    pub is_complete: bool,
}

/// All registries of the tree, best first: those whose files are there, source
/// before built, then the root's, then the shallower, then the larger.
///
/// Judged by content: many a `registry.json` is another product's.
pub fn discover(tree: &dyn Tree) -> Result<Vec<Candidate>, SourceError> {
    let Places { manifests, folders } = places(tree)?;
    let mut candidates = Vec::new();
    let mut included = HashSet::new();
    for path in manifests {
        if !read_json(tree, &path)?.is_ok_and(|value| is_registry(&value)) {
            continue;
        }
        match declared::read(tree, &path) {
            Ok(declared) => {
                included.extend(declared.items.iter().map(|item| item.file.clone()).filter(|file| *file != path));
                let is_complete = has_files(tree, &path, &declared)?;
                candidates.push(Candidate {
                    kind: RegistryKind::Manifest,
                    path,
                    items: declared.items.len(),
                    is_complete,
                });
            }
            Err(SourceError::Tree(error)) => return Err(error.into()),
            Err(_) => {}
        }
    }
    candidates.retain(|candidate| !included.contains(&candidate.path));
    for (folder, files) in folders.into_iter().take(MAX_LOOKED_INTO) {
        if built::holds_built_items(tree, files.iter().map(String::as_str))? {
            candidates.push(Candidate {
                kind: RegistryKind::Built,
                path: folder,
                items: files.len(),
                is_complete: true,
            });
        }
    }
    candidates.sort_by_key(|candidate| {
        let depth = candidate.path.matches('/').count();
        let is_built = candidate.kind == RegistryKind::Built;
        (!candidate.is_complete, is_built, depth, Reverse(candidate.items), candidate.path.clone())
    });
    Ok(candidates)
}

/// Where registries may be, by their paths alone.
#[derive(Default)]
struct Places {
    manifests: Vec<String>,
    /// Folders and the JSON files in them that may be built items.
    folders: BTreeMap<String, Vec<String>>,
}

fn places(tree: &dyn Tree) -> Result<Places, TreeError> {
    let mut places = Places::default();
    tree.walk(&mut |file, entry| {
        let is_hidden = |segment: &str| segment == "node_modules" || segment.starts_with('.');
        if entry.kind == EntryKind::File && path::is_json(file) && !file.split('/').any(is_hidden) {
            let folder = path::parent(file);
            let is_output = folder.split('/').any(|segment| matches!(segment, "public" | "static" | "dist" | "r"));
            if path::basename(file) != "registry.json" {
                if is_output {
                    places.folders.entry(folder.to_owned()).or_default().push(file.to_owned());
                }
            } else if !is_output && places.manifests.len() < MAX_LOOKED_INTO {
                places.manifests.push(file.to_owned());
            }
        }
        WalkControl::Continue
    })?;
    Ok(places)
}

/// Whether a JSON value is a shadcn registry and not another product's.
pub(crate) fn is_registry(value: &Value) -> bool {
    let list = |key: &str| value.get(key).and_then(Value::as_array);
    let says_so =
        value.get("$schema").and_then(Value::as_str).is_some_and(|schema| schema.ends_with("/schema/registry.json"));
    let includes = |include: &Vec<Value>| {
        include.iter().any(|path| path.as_str().is_some_and(|path| path::basename(path) == "registry.json"))
    };
    list("items").is_some_and(|items| says_so || items.iter().any(looks_like_item))
        || list("include").is_some_and(includes)
}

/// Whether at least half of a sample of files is there.
fn has_files(tree: &dyn Tree, root: &str, declared: &declared::Declarations) -> Result<bool, TreeError> {
    let (mut there, mut asked) = (0, 0);
    let step = declared.items.len().div_ceil(SAMPLE).max(1);
    for item in declared.items.iter().step_by(step) {
        let Some(file) = item.value.get("files").and_then(|files| files.get(0)) else {
            continue;
        };
        let Some(written) = file.get("path").and_then(Value::as_str) else {
            continue;
        };
        asked += 1;
        let folder = path::parent(if declared.uses_include { &item.file } else { root });
        if let Some(path) = path::resolve(folder, written)
            && tree.lookup(&path)?.is_some_and(|entry| entry.kind == EntryKind::File)
        {
            there += 1;
        }
    }
    Ok(there * 2 >= asked)
}
