//! Which registry of a tree is meant.

use super::{Settings, built::is_built_folder, folder, read_json};
use crate::{
    discover::{Candidate, Survey, survey},
    files::join,
    module::Dialect,
    path,
    registry::{RegistryKind, SourceError},
    tree::{Tree, TreeError, WalkControl},
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
        Some(EntryKind::File) if path::basename(&path) == folder::OVERRIDE_FILE => {
            Ok(Place { kind: RegistryKind::Folder, path })
        }
        Some(EntryKind::File) => manifest(path),
        Some(EntryKind::Folder) if is_built_folder(tree, &path)? => Ok(Place { kind: RegistryKind::Built, path }),
        Some(EntryKind::Folder) => {
            let inside = join(&path, "registry.json");
            if tree.lookup(&inside)?.is_some() {
                manifest(inside)
            } else if holds_code(tree, &path)? {
                let own = join(&path, folder::OVERRIDE_FILE);
                let path = if tree.lookup(&own)?.is_some() { own } else { path };
                Ok(Place { kind: RegistryKind::Folder, path })
            } else {
                fail("the folder has no registry.json, no built items and no code")
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
    let Survey { candidates, broken } = survey(tree)?;
    let best = candidates.into_iter().next();
    // Nor may a folder of components take the place of any registry.json that
    // is broken: all its items would be others from one commit to the next.
    let is_folder = best.as_ref().is_some_and(|best| best.kind == RegistryKind::Folder);
    if let Some(problem) = broken.filter(|_| is_folder) {
        return Err(SourceError::Unreadable(Box::new(problem)));
    }
    let Candidate { kind, path, .. } = best.ok_or(SourceError::NoRegistry)?;
    Ok(Place { kind, path })
}

/// Whether there is a file of code below a folder.
fn holds_code(tree: &dyn Tree, folder: &str) -> Result<bool, TreeError> {
    let prefix = join(folder, "");
    let mut found = false;
    tree.walk(&mut |file, _| {
        found = file.starts_with(&prefix) && Dialect::of(file).is_some();
        if found { WalkControl::Stop } else { WalkControl::Continue }
    })?;
    Ok(found)
}
