//! The files in which two states of a folder differ, read where their ids
//! differ and nowhere else.

use crate::{commit, tree};
use model::{EntryKind, ObjectId};
use std::collections::BTreeMap;

/// Largest tree object that is read for this, in bytes.
const MAX_FOLDER_BYTES: usize = 16 << 20;

/// What stands at a path: its kind and id, or nothing.
pub(super) type Slot = Option<(EntryKind, ObjectId)>;

/// A path below which is no other, and what stood and stands there. Folders
/// count as nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Differing {
    pub(super) path: String,
    pub(super) before: Slot,
    pub(super) after: Slot,
}

/// How far looking for differences goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// How many folders are read.
    pub(super) folders: usize,
    /// How many differences are told.
    pub(super) files: usize,
}

/// The differences at and below `path`, in the order of paths, and whether
/// these are all. What cannot be read counts as empty.
pub(super) fn between(
    odb: &git2::Odb<'_>,
    path: &str,
    before: Slot,
    after: Slot,
    reach: Reach,
) -> (Vec<Differing>, bool) {
    let mut found = Vec::new();
    let mut folders = 0;
    let mut pending = vec![(path.to_owned(), before, after)];
    while let Some((path, before, after)) = pending.pop() {
        if before == after {
            continue;
        }
        let file = |slot: Slot| slot.filter(|(kind, _)| *kind != EntryKind::Folder);
        if file(before).is_some() || file(after).is_some() {
            if found.len() == reach.files {
                return (sorted(found), false);
            }
            found.push(Differing { path: path.clone(), before: file(before), after: file(after) });
        }
        let below = [before, after].map(|slot| match slot {
            Some((EntryKind::Folder, id)) => {
                folders += 1;
                folder(odb, &id)
            }
            _ => BTreeMap::new(),
        });
        if folders > reach.folders {
            return (sorted(found), false);
        }
        let [mut old, new] = below;
        let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        for (name, after) in new {
            let before = old.remove(&name);
            if before != Some(after) {
                pending.push((join(&name), before, Some(after)));
            }
        }
        pending.extend(old.into_iter().map(|(name, before)| (join(&name), Some(before), None)));
    }
    (sorted(found), true)
}

fn sorted(mut found: Vec<Differing>) -> Vec<Differing> {
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// The entries of a folder that have names to show.
fn folder(odb: &git2::Odb<'_>, id: &ObjectId) -> BTreeMap<String, (EntryKind, ObjectId)> {
    let oid = commit::oid(id);
    let readable = matches!(odb.read_header(oid), Ok((size, git2::ObjectType::Tree)) if size <= MAX_FOLDER_BYTES);
    let Some(object) = readable.then(|| odb.read(oid).ok()).flatten() else {
        return BTreeMap::new();
    };
    let named = tree::entries(object.data()).map_while(|entry| entry).filter_map(|entry| {
        let name = tree::safe_name(entry.name)?;
        Some((name.to_owned(), (entry.kind()?, entry.id)))
    });
    named.collect()
}
