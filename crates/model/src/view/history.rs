//! Commits, the files they touched, and what tags and branches name.

use super::{CommitView, Millis, Page};
use crate::{CommitSha, FileChange, ItemName, SnapshotId};
use serde::{Deserialize, Serialize};

/// A file of a component that a commit touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitFile {
    /// Its path in the repository; where it was, if it was removed.
    pub path: String,
    /// What happened to it.
    pub change: FileChange,
    /// Its former path, if it was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The components that it belongs to.
    pub components: Vec<ItemName>,
}

/// The files that a commit touched, as far as they were recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CommitFiles {
    /// The files, by path.
    pub files: Vec<CommitFile>,
    /// How many more there are.
    pub more: usize,
}

/// One commit, with what can be compared with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitDetail {
    /// The commit.
    #[serde(flatten)]
    pub commit: CommitView,
    /// Its first parent, if it has one that can be read.
    pub parent: Option<CommitSha>,
}

/// What a commit changed of a component's files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitChange {
    /// The commit before it, if there is one that can be read.
    pub parent: Option<CommitSha>,
    /// How many lines came and went, if that was counted.
    pub lines: Option<(usize, usize)>,
}

/// Where a component's files stand in git.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginView {
    /// The repository's canonical address, or its path.
    pub url: String,
    /// The commit that was looked at.
    pub commit: Option<CommitSha>,
    /// The path in the repository of each file, in the item's order; empty where
    /// nothing could be looked at.
    pub files: Vec<Option<String>>,
}

/// How far back a repository's history is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryBound {
    /// The most commits that one look at the repository records.
    pub limit: usize,
    /// Whether older commits were left out because of it.
    pub cut: bool,
}

/// A page of a repository's commits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommitsPage {
    /// The page.
    #[serde(flatten)]
    pub page: Page<CommitView>,
    /// How far back they go.
    pub history: HistoryBound,
}

/// What a name in a repository is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RefKind {
    /// A git tag.
    Tag,
    /// A name that an operator moves.
    Channel,
    /// A git branch.
    Branch,
}

impl RefKind {
    /// All kinds, in the order in which a name is looked up.
    pub const ALL: [Self; 3] = [Self::Tag, Self::Channel, Self::Branch];

    /// The kind as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Channel => "channel",
            Self::Branch => "branch",
        }
    }
}

/// A tag or branch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NamedRef {
    /// What it is.
    pub kind: RefKind,
    /// Its name.
    pub name: String,
}

/// A tag or branch of a repository, and what it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefView {
    /// The tag or branch.
    #[serde(flatten)]
    pub named: NamedRef,
    /// The commit whose components it names. Where several commits hold the
    /// same components, the one that was read first.
    pub commit: Option<CommitSha>,
    /// The snapshot that it names.
    pub snapshot: SnapshotId,
    /// How many components that is.
    pub count: u64,
    /// When it last moved, as far as was seen here.
    pub updated_at: Millis,
    /// Whether that is what is served now.
    pub current: bool,
}
