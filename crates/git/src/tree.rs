//! Folders and files of one commit. Symbolic links and submodules are told,
//! never followed; nothing touches the disk.

mod raw;
mod walk;

pub(crate) use raw::entries;
pub use walk::{Visit, WalkLimits, WalkSummary};

use crate::{GitError, Limit, commit};
use model::{Entry, EntryKind, ObjectId};
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

/// Largest tree object that is read, in bytes: some 400,000 entries.
const MAX_FOLDER_BYTES: usize = 16 << 20;

/// How many folders are kept read.
const MAX_CACHED_FOLDERS: usize = 4_096;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// This entry; a symbolic link or submodule at the path's own end too.
    Found(Entry),
    /// Nothing.
    Missing,
    /// The path goes on behind a symbolic link or inside a submodule, which is
    /// never followed.
    Blocked {
        /// The path of the link or submodule.
        at: String,
        /// The link or submodule.
        entry: Entry,
    },
}

impl Lookup {
    /// The entry at the path's end, if there is one.
    pub fn found(self) -> Option<Entry> {
        match self {
            Self::Found(entry) => Some(entry),
            Self::Missing | Self::Blocked { .. } => None,
        }
    }

    /// The entry at the path's end, or the one that blocks the way to it.
    pub fn last_entry(self) -> Option<Entry> {
        match self {
            Self::Found(entry) | Self::Blocked { entry, .. } => Some(entry),
            Self::Missing => None,
        }
    }
}

/// The names of one folder.
pub(crate) struct Folder {
    /// Entries whose names are safe, in the names' byte order.
    entries: BTreeMap<Box<str>, Entry>,
    /// How many entries have names that are not.
    unsafe_names: usize,
}

/// The folders and files of one commit. Keeps the folders that it has read.
pub struct Tree<'r> {
    odb: git2::Odb<'r>,
    place: &'r str,
    root: ObjectId,
    folders: RefCell<HashMap<ObjectId, Rc<Folder>>>,
}

impl<'r> Tree<'r> {
    pub(crate) fn new(odb: git2::Odb<'r>, place: &'r str, root: ObjectId) -> Self {
        Self { odb, place, root, folders: RefCell::default() }
    }

    /// The root folder's name. Equal names, equal trees.
    pub fn id(&self) -> ObjectId {
        self.root
    }

    /// What a path leads to. The empty path is the root folder; segments are
    /// taken as they are, so `.` and `..` lead nowhere.
    ///
    /// # Errors
    /// [`GitError::Corrupt`] where a folder on the way cannot be read.
    pub fn lookup(&self, path: &str) -> Result<Lookup, GitError> {
        let mut entry = Entry { kind: EntryKind::Folder, id: self.root };
        if path.is_empty() {
            return Ok(Lookup::Found(entry));
        }
        let mut end = 0;
        for segment in path.split('/') {
            match entry.kind {
                EntryKind::Folder => {}
                EntryKind::File => return Ok(Lookup::Missing),
                EntryKind::Symlink | EntryKind::Submodule => {
                    let at = path[..end].trim_end_matches('/').to_owned();
                    return Ok(Lookup::Blocked { at, entry });
                }
            }
            let folder = self.folder(&entry.id)?;
            let Some(found) = folder.entries.get(segment) else {
                return Ok(Lookup::Missing);
            };
            entry = *found;
            end += segment.len() + 1;
        }
        Ok(Lookup::Found(entry))
    }

    /// The entries of a folder with safe names, in the names' byte order.
    ///
    /// # Errors
    /// [`GitError::Corrupt`] where it is no folder or cannot be read.
    pub fn list(&self, folder: ObjectId) -> Result<Vec<(String, Entry)>, GitError> {
        let folder = self.folder(&folder)?;
        Ok(folder.entries.iter().map(|(name, entry)| (name.to_string(), *entry)).collect())
    }

    /// The size of a file or link in bytes, without reading it.
    ///
    /// # Errors
    /// [`GitError::Corrupt`] where it is no file or cannot be read.
    pub fn size(&self, id: ObjectId) -> Result<u64, GitError> {
        match self.odb.read_header(commit::oid(&id)) {
            Ok((size, git2::ObjectType::Blob)) => Ok(size as u64),
            Ok(_) => Err(self.corrupt(&id, "it is not a file".to_owned())),
            Err(error) => Err(self.unreadable(&id, &error)),
        }
    }

    /// The bytes of a file, or the target of a link.
    ///
    /// # Errors
    /// [`GitError::LimitExceeded`] if it has more than `max_bytes`, which is
    /// known before it is read; [`GitError::Corrupt`] as for [`Tree::size`].
    pub fn read(&self, id: ObjectId, max_bytes: u64) -> Result<Vec<u8>, GitError> {
        if self.size(id)? > max_bytes {
            return Err(GitError::LimitExceeded {
                place: self.place.to_owned(),
                limit: Limit::FileBytes,
                allowed: max_bytes,
            });
        }
        let object = self.odb.read(commit::oid(&id)).map_err(|error| self.unreadable(&id, &error))?;
        Ok(object.data().to_vec())
    }

    fn folder(&self, id: &ObjectId) -> Result<Rc<Folder>, GitError> {
        if let Some(folder) = self.folders.borrow().get(id) {
            return Ok(Rc::clone(folder));
        }
        let oid = commit::oid(id);
        match self.odb.read_header(oid) {
            Ok((size, git2::ObjectType::Tree)) if size <= MAX_FOLDER_BYTES => {}
            Ok((_, git2::ObjectType::Tree)) => {
                return Err(self.corrupt(id, format!("the folder is larger than {MAX_FOLDER_BYTES} bytes")));
            }
            Ok(_) => return Err(self.corrupt(id, "it is not a folder".to_owned())),
            Err(error) => return Err(self.unreadable(id, &error)),
        }
        let object = self.odb.read(oid).map_err(|error| self.unreadable(id, &error))?;
        let folder =
            Folder::read(object.data()).ok_or_else(|| self.corrupt(id, "the folder is malformed".to_owned()))?;
        let folder = Rc::new(folder);
        let mut folders = self.folders.borrow_mut();
        if folders.len() >= MAX_CACHED_FOLDERS {
            folders.clear();
        }
        folders.insert(*id, Rc::clone(&folder));
        Ok(folder)
    }

    fn corrupt(&self, id: &ObjectId, reason: String) -> GitError {
        GitError::Corrupt { place: self.place.to_owned(), id: *id, reason }
    }

    fn unreadable(&self, id: &ObjectId, error: &git2::Error) -> GitError {
        self.corrupt(id, error.message().escape_debug().to_string())
    }
}

impl std::fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tree").field("place", &self.place).field("root", &self.root).finish_non_exhaustive()
    }
}

impl Folder {
    /// Reads a tree object; `None` if it is malformed.
    fn read(data: &[u8]) -> Option<Self> {
        let mut folder = Self { entries: BTreeMap::new(), unsafe_names: 0 };
        for entry in entries(data) {
            let entry = entry?;
            let (Some(name), Some(kind)) = (safe_name(entry.name), entry.kind()) else {
                folder.unsafe_names += 1;
                continue;
            };
            // Two entries of one name: git refuses them, and readers differ in
            // which one they take. The first it is, and the other is counted.
            if folder.entries.contains_key(name) {
                folder.unsafe_names += 1;
            } else {
                folder.entries.insert(name.into(), Entry { kind, id: entry.id });
            }
        }
        Some(folder)
    }
}

/// The name of an entry, if it is one that can be shown and joined to a path:
/// UTF-8, one segment, no control characters, and not one of `.`, `..`, `.git`.
pub(crate) fn safe_name(name: &[u8]) -> Option<&str> {
    let name = str::from_utf8(name).ok()?;
    let reserved = matches!(name, "" | "." | "..") || name.eq_ignore_ascii_case(".git");
    (!reserved && !name.contains('/') && !name.chars().any(char::is_control)).then_some(name)
}

#[cfg(test)]
mod tests;
