//! Which components each commit touched, and in which files, by comparing ids
//! of subtrees: where two trees have the same id, nothing below them needs to be
//! read. A file that a commit renames is followed under its former path.

mod difference;
mod renames;
mod trie;
mod walk;

pub(crate) use walk::walk;

use model::{CommitSha, FileChange};
use tokio_util::sync::CancellationToken;

/// Most files that one commit tells.
pub const MAX_TOUCHED_FILES: usize = 200;

/// What to look for.
pub struct HistoryOptions<'a> {
    /// Whether a commit is recorded already: there the walk ends.
    pub known: &'a dyn Fn(&CommitSha) -> bool,
    /// Files and folders with the index of the component that each belongs to.
    /// One path may belong to several components, and a component may have
    /// many paths. The empty path is the whole tree.
    pub paths: &'a [(String, usize)],
    /// Files that define components. Where a commit changes one, `redefined` is
    /// asked what else to watch.
    pub definitions: &'a [String],
    /// What a commit changed in definitions.
    pub redefined: &'a dyn Fn(&Redefinition<'_>) -> Redefined,
    /// Most commits to return.
    pub limit: usize,
    /// Ends the walk with [`crate::GitError::Cancelled`].
    pub cancel: CancellationToken,
}

impl<'a> HistoryOptions<'a> {
    /// The newest 2,000 commits that touch any of these paths.
    pub fn new(paths: &'a [(String, usize)]) -> Self {
        Self {
            known: &|_| false,
            paths,
            definitions: &[],
            redefined: &|_| Redefined::default(),
            limit: model::DEFAULT_COMMITS,
            cancel: CancellationToken::new(),
        }
    }
}

impl std::fmt::Debug for HistoryOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HistoryOptions")
            .field("paths", &self.paths.len())
            .field("definitions", &self.definitions)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// A commit that changed, added or removed files that define components.
#[derive(Debug)]
pub struct Redefinition<'a> {
    /// The commit.
    pub commit: &'a CommitSha,
    /// Its first parent, if it has one that can be read.
    pub parent: Option<&'a CommitSha>,
    /// Former and new paths of the definitions that it renamed.
    pub renamed: &'a [(String, String)],
}

/// What a commit changed in definitions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redefined {
    /// Components whose definition it changed, with the path of the file that
    /// holds it.
    pub touched: Vec<(String, usize)>,
    /// More files to watch in this commit and the older ones, as in
    /// [`HistoryOptions::paths`].
    pub paths: Vec<(String, usize)>,
    /// More files that defined components before it, as in
    /// [`HistoryOptions::definitions`].
    pub definitions: Vec<String>,
}

/// A commit that touched a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub sha: CommitSha,
    /// The author's name.
    pub author: String,
    /// When it was authored, in seconds since 1970.
    pub date: i64,
    /// The message.
    pub message: String,
    /// The components that it touched, ascending.
    pub touched: Vec<usize>,
    /// The files of components that it touched, by path: at most
    /// [`MAX_TOUCHED_FILES`].
    pub files: Vec<TouchedFile>,
    /// How many more files there are.
    pub more_files: usize,
}

/// A file that a commit touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedFile {
    /// Its path; where it was, if it was removed.
    pub path: String,
    /// What happened to it.
    pub change: FileChange,
    /// Its former path, if it was renamed.
    pub from: Option<String>,
    /// The components that it belongs to, ascending.
    pub components: Vec<usize>,
}

/// What a walk through history found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Commits that touched a component, newest first.
    pub commits: Vec<Commit>,
    /// How many commits were looked at.
    pub examined: usize,
    /// Whether a known commit ended the walk. If not, it ended at the limit or
    /// at the first commit, and what was known is no longer in this history.
    pub reached_known: bool,
    /// Whether older commits were left out because of the limit.
    pub truncated: bool,
    /// The commit behind which history cannot be read: a shallow clone's
    /// boundary, or a broken object.
    pub ends_early_at: Option<CommitSha>,
}
