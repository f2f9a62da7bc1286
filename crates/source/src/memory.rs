//! A tree in memory, for tests and for folders that were read already.

use crate::tree::{Tree, TreeError, WalkControl};
use model::{Digest, Entry, EntryKind, ObjectId};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

/// A tree whose every file is in memory.
#[derive(Debug, Default)]
pub struct MemoryTree {
    entries: BTreeMap<String, Entry>,
    folders: BTreeSet<String>,
    contents: HashMap<ObjectId, Vec<u8>>,
    reads: Cell<usize>,
}

impl MemoryTree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.insert(path, content);
        self
    }

    /// Adds a symbolic link.
    #[must_use]
    pub fn symlink(mut self, path: &str) -> Self {
        self.insert_entry(path, EntryKind::Symlink, ObjectId::from_bytes([1; 20]));
        self
    }

    /// Adds a submodule.
    #[must_use]
    pub fn submodule(mut self, path: &str) -> Self {
        self.insert_entry(path, EntryKind::Submodule, ObjectId::from_bytes([2; 20]));
        self
    }

    /// Adds or replaces a file, in place.
    pub fn insert(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        let content = content.into();
        let mut id = [0; 20];
        id.copy_from_slice(&Digest::of(&content).as_bytes()[..20]);
        let id = ObjectId::from_bytes(id);
        self.contents.insert(id, content);
        self.insert_entry(path, EntryKind::File, id);
    }

    fn insert_entry(&mut self, path: &str, kind: EntryKind, id: ObjectId) {
        for (at, _) in path.match_indices('/') {
            self.folders.insert(path[..at].to_owned());
        }
        self.entries.insert(path.to_owned(), Entry { kind, id });
    }

    /// How many times a file's content was read.
    pub fn reads(&self) -> usize {
        self.reads.get()
    }
}

impl Tree for MemoryTree {
    fn lookup(&self, path: &str) -> Result<Option<Entry>, TreeError> {
        if let Some(entry) = self.entries.get(path) {
            return Ok(Some(*entry));
        }
        if path.is_empty() || self.folders.contains(path) {
            return Ok(Some(Entry { kind: EntryKind::Folder, id: ObjectId::from_bytes([0; 20]) }));
        }
        let parents = path.match_indices('/').map(|(at, _)| &path[..at]);
        Ok(parents
            .filter_map(|parent| self.entries.get(parent))
            .find(|entry| matches!(entry.kind, EntryKind::Symlink | EntryKind::Submodule))
            .copied())
    }

    fn size(&self, id: ObjectId) -> Result<u64, TreeError> {
        let content = self.contents.get(&id).ok_or(TreeError::MissingObject(id))?;
        Ok(content.len() as u64)
    }

    fn read(&self, id: ObjectId) -> Result<Vec<u8>, TreeError> {
        self.reads.set(self.reads.get() + 1);
        self.contents.get(&id).cloned().ok_or(TreeError::MissingObject(id))
    }

    fn walk(&self, visit: &mut dyn FnMut(&str, &Entry) -> WalkControl) -> Result<(), TreeError> {
        for (path, entry) in &self.entries {
            if visit(path, entry) == WalkControl::Stop {
                break;
            }
        }
        Ok(())
    }
}
