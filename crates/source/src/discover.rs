//! Which registries a tree has (`specs/shadcn-protocol.md` 4.1).

use crate::{
    files::{Files, join},
    path,
    read::{built, declared, folder, read_json},
    registry::{RegistryKind, SourceError},
    resolve::Resolver,
    schema::looks_like_item,
    tree::{Tree, TreeError},
};
use model::{Diagnostic, DiagnosticCode, EntryKind};
use serde_json::Value;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
    rc::Rc,
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
    /// Its `registry.json`, its folder of built items or of components, or its
    /// `ekairos.json`: what [`crate::Settings::config_path`] takes.
    pub path: String,
    /// How many items it declares, as far as its files can be read; of a folder
    /// of components how many it may have, by its files' names.
    pub items: usize,
    /// Whether its files are there, judged by a sample.
    pub is_complete: bool,
}

/// All registries of the tree, best first: those whose files are there, source
/// before built, then the root's, then the shallower, then the larger. Behind
/// them all folders of components, at most one for each package.
///
/// Judged by content: many a `registry.json` is another product's.
pub fn discover(tree: &dyn Tree) -> Result<Vec<Candidate>, SourceError> {
    Ok(survey(tree)?.candidates)
}

/// What a tree has, and what it would have.
pub(crate) struct Survey {
    pub(crate) candidates: Vec<Candidate>,
    /// The first `registry.json` that is no registry but may have been meant as
    /// one: no JSON, or at the root or beside a `package.json`.
    pub(crate) broken: Option<Diagnostic>,
}

/// Looks for all registries of the tree.
pub(crate) fn survey(tree: &dyn Tree) -> Result<Survey, SourceError> {
    let files = Rc::new(Files::read(tree)?);
    let Places { manifests, folders } = places(&files);
    let mut candidates = Vec::new();
    let mut included = HashSet::new();
    let mut broken: Option<Diagnostic> = None;
    for path in manifests {
        match read_json(tree, &path)? {
            Ok(value) if is_registry(&value) => {}
            Ok(_) => {
                let folder = path::parent(&path);
                if folder.is_empty() || files.has(&join(folder, "package.json")) {
                    broken = broken.or_else(|| Some(no_registry(&path)));
                }
                continue;
            }
            Err(problem) => {
                if matches!(problem.code, DiagnosticCode::MalformedJson | DiagnosticCode::NotUtf8) {
                    broken = broken.or(Some(problem));
                }
                continue;
            }
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
    let found = folder::find::folders(&files, &mut Resolver::over(tree, Rc::clone(&files)))?;
    candidates.extend(found.into_iter().take(MAX_LOOKED_INTO).map(|found| Candidate {
        kind: RegistryKind::Folder,
        path: found.path,
        items: found.items,
        is_complete: true,
    }));
    Ok(Survey { candidates, broken })
}

fn no_registry(path: &str) -> Diagnostic {
    let message = format!("{path} is no registry: it has no items whose type begins with `registry:`");
    Diagnostic::error(DiagnosticCode::NoRegistry, message)
        .in_file(path)
        .fix("Correct it; if it is another product's, set the repository's config path to what is to be read.")
}

/// Where registries may be, by their paths alone.
#[derive(Default)]
struct Places {
    manifests: Vec<String>,
    /// Folders and the JSON files in them that may be built items.
    folders: BTreeMap<String, Vec<String>>,
}

fn places(files: &Files) -> Places {
    let mut places = Places::default();
    for file in files.all().filter(|file| path::is_json(file)) {
        if file.split('/').any(|segment| segment.starts_with('.')) {
            continue;
        }
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
    places
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
