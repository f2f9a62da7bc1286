//! What a tree must be able to do to be read.

use model::{Entry, ObjectId};

/// Whether a walk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalkControl {
    /// To the next entry.
    Continue,
    /// No further.
    Stop,
}

/// Why a tree could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The tree names an object that the repository does not have: a shallow or
    /// damaged copy. Costs the item that needs it, not the whole registry.
    #[error("object {0} is named by the tree but is not in the repository; fetch the repository again")]
    MissingObject(ObjectId),
    /// Anything else: reading stops.
    #[error("cannot read the tree: {0}")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A folder of files as of one moment: a git tree, or a folder on disk.
///
/// Paths are relative to the root, joined by `/`, without a leading or trailing
/// one; `""` is the root itself. Callers pass no empty, `.` or `..` segments.
pub trait Tree {
    /// What `path` leads to. Links are never followed: when a segment before
    /// the last one is a symbolic link or a submodule, the answer is that
    /// blocking entry, whose kind says why the rest was not looked at. A
    /// segment below a plain file is `None`, like any other absent path.
    fn lookup(&self, path: &str) -> Result<Option<Entry>, TreeError>;

    /// The size of a file's content in bytes, without reading it.
    fn size(&self, id: ObjectId) -> Result<u64, TreeError>;

    /// A file's content.
    fn read(&self, id: ObjectId) -> Result<Vec<u8>, TreeError>;

    /// Visits every entry that is not a folder with its path. Iterative, and
    /// bounded by the implementor. A path that is not UTF-8 is left out: no
    /// manifest can name it.
    fn walk(&self, visit: &mut dyn FnMut(&str, &Entry) -> WalkControl) -> Result<(), TreeError>;
}
