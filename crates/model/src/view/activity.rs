//! What happened lately, in all repositories.

use super::{CommitView, Millis, PublicationView, SyncView};
use crate::RepositoryId;
use serde::{Deserialize, Serialize};

/// A part of what happened, and how much happened when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityView {
    /// Newest first.
    pub rows: Vec<ActivityRow>,
    /// The position of the first row, from 0.
    pub offset: usize,
    /// The most rows there can be.
    pub limit: usize,
    /// Whether there are older ones.
    pub more: bool,
    /// How much happened in each of the last weeks, the oldest first.
    pub weeks: Vec<WeekCount>,
}

/// Something that happened in a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityRow {
    /// When.
    pub at: Millis,
    /// The repository.
    pub repository: RepositoryId,
    /// That repository's name.
    pub repository_name: String,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Happening {
    /// A commit that touched a component.
    Commit(CommitView),
    /// A sync.
    Sync(Box<SyncView>),
    /// A change by hand, or a rollback.
    Publication(PublicationView),
}

/// How much happened in a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WeekCount {
    /// When it begins: a Monday, 0:00 UTC.
    pub begins: Millis,
    /// Commits that touched a component.
    pub commits: usize,
    /// Syncs.
    pub syncs: usize,
    /// Those of the syncs that failed.
    pub failed: usize,
}
