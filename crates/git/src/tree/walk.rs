//! Every entry of a tree, one after the other, without recursion: a tree can
//! be deeper than a stack.

use super::{Folder, Tree};
use crate::{GitError, Limit};
use model::{Entry, EntryKind, ObjectId};
use std::rc::Rc;

/// How far a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WalkLimits {
    /// How many folders deep; deeper folders are told and not entered.
    pub max_depth: usize,
    /// How many entries in all; more is an error.
    pub max_entries: usize,
}

impl Default for WalkLimits {
    /// 64 folders deep, a million entries.
    fn default() -> Self {
        Self { max_depth: 64, max_entries: 1_000_000 }
    }
}

/// What to do after an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Go on, into the entry if it is a folder.
    Continue,
    /// Go on, not into this folder.
    Skip,
    /// End the walk.
    Stop,
}

/// What a walk met.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WalkSummary {
    /// Entries told.
    pub entries: usize,
    /// Entries not told, for their names or modes.
    pub unsafe_names: usize,
    /// Folders not entered because they cannot be read, or are too deep.
    pub unread: Vec<String>,
}

/// One folder on the way: what is left of it, and how long its own path is.
struct Level {
    folder: Rc<Folder>,
    last: Option<Box<str>>,
    prefix: usize,
}

impl Level {
    /// The next entry in the order of names.
    fn next(&mut self) -> Option<(Box<str>, Entry)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = self.last.as_deref().map_or(Unbounded, Excluded);
        let (name, entry) = self.folder.entries.range::<str, _>((from, Unbounded)).next()?;
        self.last = Some(name.clone());
        Some((name.clone(), *entry))
    }
}

impl Tree<'_> {
    /// Tells every entry, folders before what they hold, names in byte order.
    /// Paths are relative to the root and joined by `/`.
    ///
    /// # Errors
    /// [`GitError::LimitExceeded`] beyond the entries allowed;
    /// [`GitError::Corrupt`] where the root itself cannot be read. Any other
    /// folder that cannot is named in the summary.
    pub fn walk(
        &self,
        limits: WalkLimits,
        mut visit: impl FnMut(&str, Entry) -> Visit,
    ) -> Result<WalkSummary, GitError> {
        let mut summary = WalkSummary::default();
        let mut path = String::new();
        let mut levels = vec![self.level(&self.root, 0, &mut summary)?];
        while let Some(level) = levels.last_mut() {
            path.truncate(level.prefix);
            let Some((name, entry)) = level.next() else {
                levels.pop();
                continue;
            };
            path.push_str(&name);
            summary.entries += 1;
            if summary.entries > limits.max_entries {
                let allowed = limits.max_entries as u64;
                return Err(GitError::LimitExceeded {
                    place: self.place.to_owned(),
                    limit: Limit::TreeEntries,
                    allowed,
                });
            }
            match visit(&path, entry) {
                Visit::Stop => break,
                Visit::Continue if entry.kind == EntryKind::Folder => {}
                Visit::Continue | Visit::Skip => continue,
            }
            let prefix = path.len() + 1;
            match self.level(&entry.id, prefix, &mut summary) {
                Ok(level) if levels.len() < limits.max_depth => {
                    path.push('/');
                    levels.push(level);
                }
                _ => summary.unread.push(path.clone()),
            }
        }
        Ok(summary)
    }

    fn level(&self, id: &ObjectId, prefix: usize, summary: &mut WalkSummary) -> Result<Level, GitError> {
        let folder = self.folder(id)?;
        summary.unsafe_names += folder.unsafe_names;
        Ok(Level { folder, last: None, prefix })
    }
}
