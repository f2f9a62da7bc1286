//! The list of a publication: what is on it, and what that changes.

use crate::service::snapshots::{Listed, SnapshotList};
use model::{ItemChange, ItemName};
use source::Registry;
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
