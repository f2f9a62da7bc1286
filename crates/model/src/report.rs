//! What a sync tells while it runs and when it is done.

use crate::{CommitSha, Diagnostic, Severity, SnapshotId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The state of one sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyncState {
    /// Waiting for its turn.
    Queued,
    /// Under way.
    Running,
    /// Done; what the repository has is served.
    Succeeded,
    /// Gave up; what was served before still is.
    Failed,
}

impl SyncState {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }

    /// The state as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for SyncState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who asked for a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// A person, in the dashboard or on the command line.
    Person,
    /// A program with a token.
    Token,
    /// A webhook of the git host.
    Webhook,
    /// The regular poll.
    Poll,
}

/// What a sync is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Another server syncs the same repository.
    Waiting,
    /// Getting objects from the host; counts objects received.
    Fetching,
    /// Reading items; counts items.
    Reading,
    /// Reading history; counts commits.
    History,
    /// Writing to the store; counts rows.
    Publishing,
    /// Making the answers ready; counts items.
    Preparing,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Fetching, Self::Reading, Self::History, Self::Publishing, Self::Preparing];

    /// The stage as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Fetching => "fetching",
            Self::Reading => "reading",
            Self::History => "history",
            Self::Publishing => "publishing",
            Self::Preparing => "preparing",
        }
    }

    /// The stage of this text.
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    /// The stage in a person's words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting for another server",
            Self::Fetching => "Receiving objects",
            Self::Reading => "Reading items",
            Self::History => "Reading history",
            Self::Publishing => "Publishing",
            Self::Preparing => "Preparing answers",
        }
    }
}

/// One step of a running sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How many are done.
    pub done: u64,
    /// How many there are, when known.
    pub total: Option<u64>,
}

/// What happened to one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemChange {
    /// First seen.
    Added,
    /// A new version.
    Changed,
    /// No longer in the registry.
    Removed,
    /// Broken; its last good version, if any, stays served.
    Quarantined,
}

/// How a registry is written down in its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistryShape {
    /// A `registry.json` whose items name files of the repository.
    Manifest,
    /// A folder of built items, their contents inlined.
    Built,
    /// A folder of components, without any of these.
    Folder,
}

impl RegistryShape {
    /// The shape in a person's words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Manifest => "registry.json",
            Self::Built => "built items",
            Self::Folder => "components folder",
        }
    }
}

/// A registry that was found in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundRegistry {
    /// Its file or folder, from the repository's root: what a config path takes.
    pub path: String,
    /// How it is written down.
    pub shape: RegistryShape,
    /// How many items it seems to have.
    pub items: usize,
    /// For built items: the source registry that they lie below, and that they
    /// were probably built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_from: Option<String>,
}

/// The result of a sync.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SyncReport {
    /// The commit that was read.
    pub commit: Option<CommitSha>,
    /// The snapshot that is current now.
    pub snapshot: Option<SnapshotId>,
    /// The registry that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<FoundRegistry>,
    /// Other registries of the same repository.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<FoundRegistry>,
    /// Whether a publication was made; false when nothing changed.
    pub published: bool,
    /// How many items are served from this repository now.
    pub items: usize,
    /// What changed, item by item, in the registry's order.
    pub changes: Vec<(String, ItemChange)>,
    /// How many commits of history were recorded.
    pub commits: usize,
    /// Findings, errors first.
    pub diagnostics: Vec<Diagnostic>,
    /// Why the sync failed: a sentence that names the next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Where that next step is taken, if on another site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
}

/// A next step that a person takes on another site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// What the link says.
    pub label: String,
    /// Where it leads: an http or https address.
    pub url: String,
}

impl NextStep {
    /// This, if it leads to another site and does nothing else: reports are read
    /// back from a database.
    pub fn checked(self) -> Option<Self> {
        let leads = ["https://", "http://"].iter().any(|scheme| self.url.starts_with(scheme));
        (leads && !self.url.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(self)
    }
}

impl SyncReport {
    /// Whether there is a finding that someone should look at.
    pub fn needs_attention(&self) -> bool {
        self.diagnostics.iter().any(|finding| finding.severity > Severity::Note)
    }

    /// How many items met this fate.
    pub fn count(&self, change: ItemChange) -> usize {
        self.changes.iter().filter(|(_, happened)| *happened == change).count()
    }
}
