//! Which components each commit touched, by comparing ids of subtrees: where
//! two trees have the same id, nothing below them needs to be read.

mod trie;

use crate::{GitError, commit};
use model::CommitSha;
use tokio_util::sync::CancellationToken;
use trie::Trie;

/// What to look for.
pub struct HistoryOptions<'a> {
    /// Whether a commit is recorded already: there the walk ends.
    pub known: &'a dyn Fn(&CommitSha) -> bool,
    /// Files and folders with the index of the component that each belongs to.
    /// One path may belong to several components, and a component may have
    /// many paths. The empty path is the whole tree.
    pub paths: &'a [(String, usize)],
    /// Most commits to return.
    pub limit: usize,
    /// Ends the walk with [`GitError::Cancelled`].
    pub cancel: CancellationToken,
}

impl<'a> HistoryOptions<'a> {
    /// The newest 2,000 commits that touch any of these paths.
    pub fn new(paths: &'a [(String, usize)]) -> Self {
        Self { known: &|_| false, paths, limit: model::MAX_COMMITS, cancel: CancellationToken::new() }
    }
}

impl std::fmt::Debug for HistoryOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HistoryOptions")
            .field("paths", &self.paths.len())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
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

/// Walks the first parents from `head`. `progress` hears the number of commits
/// looked at.
pub(crate) fn walk(
    git: &git2::Repository,
    place: &str,
    head: git2::Oid,
    options: &HistoryOptions<'_>,
    progress: &mut dyn FnMut(usize),
) -> Result<History, GitError> {
    let odb = git.odb().map_err(|error| GitError::from_git(place, &error))?;
    let mut trie = Trie::new(&odb, place, options.paths);
    let mut history = History::default();
    let missing = |id: git2::Oid| GitError::CommitNotFound { place: place.to_owned(), commit: id.to_string() };
    let mut next = Some((head, read_commit(&odb, head).ok_or_else(|| missing(head))?));
    while let Some((id, data)) = next.take() {
        if options.cancel.is_cancelled() {
            return Err(GitError::Cancelled { place: place.to_owned() });
        }
        let sha = commit::sha(id);
        if (options.known)(&sha) {
            history.reached_known = true;
            break;
        }
        if history.commits.len() == options.limit {
            history.truncated = true;
            break;
        }
        let links = commit::links(&data).ok_or_else(|| missing(id))?;
        let mut before = None;
        if let Some(parent) = links.parents.first() {
            match read_commit(&odb, *parent) {
                Some(data) => {
                    before = commit::links(&data).map(|links| links.tree);
                    next = Some((*parent, data));
                }
                None => history.ends_early_at = Some(sha),
            }
        }
        let touched = trie.touched(before, links.tree)?;
        history.examined += 1;
        progress(history.examined);
        if !touched.is_empty()
            && let Some(info) = commit::parse(id, &data)
        {
            let (author, date, message) = (info.author, info.date, info.message);
            history.commits.push(Commit { sha: info.sha, author, date, message, touched });
        }
    }
    Ok(history)
}

/// The bytes of a commit, if it is one with a tree.
fn read_commit(odb: &git2::Odb<'_>, id: git2::Oid) -> Option<Vec<u8>> {
    let object = odb.read(id).ok()?;
    let data = object.data();
    (object.kind() == git2::ObjectType::Commit && commit::links(data).is_some()).then(|| data.to_vec())
}
