//! All repositories at a glance.

use super::{Millis, RepositoryView};
use crate::{RepositoryId, SyncState};
use serde::{Deserialize, Serialize};

/// A repository as the list of all of them shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryOverview {
    /// The repository.
    #[serde(flatten)]
    pub repository: RepositoryView,
    /// The first line of the message of the commit that is served.
    pub subject: Option<String>,
    /// Its last syncs, the oldest first.
    pub syncs: Vec<SyncMark>,
}

impl RepositoryOverview {
    /// How long the last sync that came to an end took, in milliseconds.
    pub fn took(&self) -> Option<Millis> {
        self.syncs.iter().rev().find_map(|mark| mark.took)
    }
}

/// One sync as a point of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncMark {
    /// Where it stands.
    pub state: SyncState,
    /// When it began.
    pub at: Millis,
    /// How long it took, in milliseconds; none while it runs.
    pub took: Option<Millis>,
}

/// A repository as a list beside another page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryName {
    /// Its id.
    pub id: RepositoryId,
    /// The name people gave it.
    pub name: String,
    /// How many components are served from it.
    pub components: usize,
}
