//! Where a file came from that a commit adds: of the files that the same commit
//! removes, one with the same content, or else the most similar one.

use super::difference::{self, Reach, Slot};
use crate::commit;
use model::{EntryKind, LikelyRename, ObjectId, RENAMED_FROM, Signature, best_renames, most_in_common};
use std::collections::HashMap;

/// How much of a commit is looked through for what it removes.
const REACH: Reach = Reach { folders: 5_000, files: 5_000 };

/// How many added files of a commit are looked for by their content.
const MAX_ADDED: usize = 500;

/// Largest file that is compared by its content, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// How many bytes of one commit are read to compare contents.
const MAX_BYTES: u64 = 32 << 20;

/// How many bytes of all commits of one walk are read for that.
const MAX_BYTES_IN_ALL: u64 = 1 << 30;

/// How many pairs of one commit are compared by their contents.
const MAX_PAIRS: usize = 10_000;

/// A file by its path and content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) id: ObjectId,
}

/// Finds out where files came from, within what one walk may read for that.
pub(super) struct Renames<'a> {
    odb: &'a git2::Odb<'a>,
    left: u64,
}

impl<'a> Renames<'a> {
    pub(super) fn new(odb: &'a git2::Odb<'a>) -> Self {
        Self { odb, left: MAX_BYTES_IN_ALL }
    }

    /// The former path of each added file that has one, by its new path. Each
    /// removed file is where one added file came from at most.
    pub(super) fn origins(&mut self, before: Slot, after: Slot, added: &[File]) -> HashMap<String, String> {
        let mut found = HashMap::new();
        if added.is_empty() {
            return found;
        }
        let (differing, _) = difference::between(self.odb, "", before, after, REACH);
        let removed = differing.into_iter().filter_map(|differing| match (differing.before, differing.after) {
            (Some((EntryKind::File, id)), None) => Some(File { path: differing.path, id }),
            _ => None,
        });
        let mut removed: Vec<File> = removed.collect();
        for same_name in [true, false] {
            for file in added.iter().filter(|file| !is_empty(&file.id)) {
                if found.contains_key(&file.path) {
                    continue;
                }
                let fits = |gone: &File| gone.id == file.id && (!same_name || name(&gone.path) == name(&file.path));
                if let Some(at) = removed.iter().position(fits) {
                    found.insert(file.path.clone(), removed.remove(at).path);
                }
            }
        }
        let unexplained: Vec<&File> =
            added.iter().filter(|file| !found.contains_key(&file.path)).take(MAX_ADDED).collect();
        found.extend(self.most_similar(&unexplained, &removed));
        found
    }

    /// The pairs of similar files, the most similar first served.
    fn most_similar(&mut self, added: &[&File], removed: &[File]) -> Vec<(String, String)> {
        let mut contents =
            Contents { odb: self.odb, signatures: HashMap::new(), left: MAX_BYTES.min(self.left), read: 0 };
        let sizes = |ids: &mut dyn Iterator<Item = ObjectId>| ids.map(|id| contents.size(&id)).collect::<Vec<_>>();
        let added_sizes = sizes(&mut added.iter().map(|file| file.id));
        let removed_sizes = sizes(&mut removed.iter().map(|file| file.id));
        let mut likely = Vec::new();
        let mut compared = 0;
        'all: for (to, size) in added_sizes.iter().enumerate() {
            for (from, other) in removed_sizes.iter().enumerate() {
                let (Some(size), Some(other)) = (size, other) else { continue };
                if most_in_common(*size, *other) < RENAMED_FROM {
                    continue;
                }
                compared += 1;
                if compared > MAX_PAIRS {
                    break 'all;
                }
                let (file, gone) = (added[to], &removed[from]);
                if let Some(percent) = contents.percent(&file.id, &gone.id).filter(|percent| *percent >= RENAMED_FROM) {
                    let same_name = name(&file.path) == name(&gone.path);
                    likely.push(LikelyRename { percent, same_name, appeared: to, went: from });
                }
            }
        }
        self.left -= contents.read.min(self.left);
        let best = best_renames(likely).into_iter();
        best.map(|(to, from)| (added[to].path.clone(), removed[from].path.clone())).collect()
    }
}

/// What is known of files' contents in one commit.
struct Contents<'a> {
    odb: &'a git2::Odb<'a>,
    signatures: HashMap<ObjectId, Option<Signature>>,
    /// How many bytes may be read, and how many were.
    left: u64,
    read: u64,
}

impl Contents<'_> {
    /// The size of a file that may be compared.
    fn size(&self, id: &ObjectId) -> Option<u64> {
        match self.odb.read_header(commit::oid(id)) {
            Ok((size, git2::ObjectType::Blob)) => Some(size as u64).filter(|size| *size <= MAX_FILE_BYTES),
            _ => None,
        }
    }

    fn percent(&mut self, one: &ObjectId, other: &ObjectId) -> Option<u8> {
        self.learn(one);
        self.learn(other);
        let signature = |id| self.signatures.get(id).and_then(Option::as_ref);
        Some(signature(one)?.percent_of(signature(other)?))
    }

    fn learn(&mut self, id: &ObjectId) {
        if self.signatures.contains_key(id) {
            return;
        }
        let object = (self.read < self.left).then(|| self.odb.read(commit::oid(id)).ok()).flatten();
        self.read += object.as_ref().map_or(0, |object| object.len() as u64);
        self.signatures.insert(*id, object.map(|object| Signature::of(object.data())));
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether this is the empty file, which is where nothing came from.
fn is_empty(id: &ObjectId) -> bool {
    // SHA-1 of `blob 0\0`.
    const EMPTY: [u8; 20] = [
        0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a, 0xd8, 0xc2, 0xe4, 0x8c,
        0x53, 0x91,
    ];
    *id.as_bytes() == EMPTY
}
