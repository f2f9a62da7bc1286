//! Which registry of a tree is meant.

use super::{Settings, built::is_built_folder, read_json};
use crate::{
    discover::{Candidate, discover},
    path,
    registry::{RegistryKind, SourceError},
    tree::Tree,
};
use model::EntryKind;

/// Where the registry is, and how it is written down.
pub(super) struct Place {
    pub(super) kind: RegistryKind,
    pub(super) path: String,
}

pub(super) fn locate(tree: &dyn Tree, settings: &Settings) -> Result<Place, SourceError> {
    match settings.config_path.as_deref().filter(|path| !path.is_empty()) {
        Some(path) => configured(tree, path),
        None => search(tree),
    }
}

fn configured(tree: &dyn Tree, config_path: &str) -> Result<Place, SourceError> {
    let fail =
        |problem: &str| Err(SourceError::ConfigPath { path: config_path.to_owned(), problem: problem.to_owned() });
    let Some(path) = path::resolve("", config_path) else {
        return fail("it leaves the repository");
    };
    let manifest = |path: String| Ok(Place { kind: RegistryKind::Manifest, path });
    match tree.lookup(&path)?.map(|entry| entry.kind) {
        None => fail("there is nothing"),
        Some(EntryKind::Symlink) => fail("it leads through a symbolic link, which is never followed"),
        Some(EntryKind::Submodule) => fail("it leads into a submodule, which is never entered"),
        Some(EntryKind::File) => manifest(path),
        Some(EntryKind::Folder) if is_built_folder(tree, &path)? => Ok(Place { kind: RegistryKind::Built, path }),
        Some(EntryKind::Folder) => {
            let inside = if path.is_empty() { "registry.json".to_owned() } else { format!("{path}/registry.json") };
            if tree.lookup(&inside)?.is_some() {
                manifest(inside)
            } else {
                fail("the folder has neither a registry.json nor built items")
            }
        }
    }
}

fn search(tree: &dyn Tree) -> Result<Place, SourceError> {
    // A registry.json at the root that is broken must not make another
    // registry of the tree take its place from one commit to the next.
    if tree.lookup("registry.json")?.is_some()
        && let Err(problem) = read_json(tree, "registry.json")?
    {
        return Err(SourceError::Unreadable(Box::new(problem)));
    }
    let best = discover(tree)?.into_iter().next().ok_or(SourceError::NoRegistry)?;
    let Candidate { kind, path, .. } = best;
    Ok(Place { kind, path })
}
