//! The list of a publication: what is on it, what that changes, and whether it
//! is one that anyone can have meant.

use crate::service::{
    ServiceError,
    snapshots::{Listed, SnapshotList},
};
use instant::rows;
use model::{ItemChange, ItemName, RegistryShape, SyncReport};
use source::{Registry, RegistryKind};
use std::collections::HashSet;

/// The list to publish: what was read, and the last good version of what is
/// there but cannot be served.
pub(super) fn merged_list(registry: &Registry, before: &SnapshotList) -> SnapshotList {
    let mut list: Vec<Listed> =
        registry.items.iter().map(|item| Listed { item: item.name.clone(), version: item.version_digest() }).collect();
    let read: HashSet<&ItemName> = registry.items.iter().map(|item| &item.name).collect();
    let broken: HashSet<&ItemName> = registry.quarantined.iter().filter_map(|item| item.name.as_ref()).collect();
    // Where a definition cannot be read, what it defined is unknown, not gone.
    let unknown = registry.is_incomplete();
    let kept =
        before.0.iter().filter(|listed| !read.contains(&listed.item) && (unknown || broken.contains(&listed.item)));
    list.extend(kept.cloned());
    SnapshotList(list)
}

/// What changed from one list to the next, in the order of the new one.
pub(super) fn changes(before: &SnapshotList, after: &SnapshotList) -> Vec<(String, ItemChange)> {
    let (old, new) = (before.by_item(), after.by_item());
    let mut changes = Vec::new();
    for listed in &after.0 {
        match old.get(listed.item.as_str()) {
            None => changes.push((listed.item.to_string(), ItemChange::Added)),
            Some(version) if *version != listed.version => changes.push((listed.item.to_string(), ItemChange::Changed)),
            Some(_) => {}
        }
    }
    let gone = before.0.iter().filter(|listed| !new.contains_key(listed.item.as_str()));
    changes.extend(gone.map(|listed| (listed.item.to_string(), ItemChange::Removed)));
    changes
}

/// What cannot be served of what was read: broken, or under a name that
/// another holds.
pub(super) fn held_back(registry: &Registry, taken: &[ItemName]) -> Vec<(String, ItemChange)> {
    let served: HashSet<&str> = registry.items.iter().map(|item| item.name.as_str()).collect();
    let broken = registry.quarantined.iter().filter_map(|item| item.written_name.as_deref());
    let names = broken.chain(taken.iter().map(ItemName::as_str));
    names.filter(|name| !served.contains(name)).map(|name| (name.to_owned(), ItemChange::Quarantined)).collect()
}

/// A `registry.json` that vanishes is more likely a mistake than a wish to have
/// every file of code published: a components folder does not take its place
/// by itself.
pub(super) fn refuse_another_shape(
    repository: &rows::Repository,
    last: Option<&SyncReport>,
    registry: &Registry,
) -> Result<(), ServiceError> {
    let before = last.and_then(|report| report.registry.as_ref());
    let (Some(before), RegistryKind::Folder, None) = (before, registry.kind, &repository.config_path) else {
        return Ok(());
    };
    if before.shape == RegistryShape::Folder {
        return Ok(());
    }
    Err(ServiceError::Invalid(format!(
        "{} is gone, and only a folder of components is left ({}). What was read before is still served. Bring it back; or remove this repository and add it anew, which reads the folder.",
        before.path, registry.path
    )))
}
