//! What pages and JSON routes show: rows read from the store, ready to print.
//! Times are milliseconds since 1970-01-01 UTC.

mod activity;
mod diff;
mod graph;
mod guard;
mod history;
mod names;
mod overview;
mod packages;
mod search;
mod settings;

pub use activity::{ActivityRow, ActivityView, Happening, WeekCount};
pub use diff::{
    ComponentDifference, DiffBody, DiffLine, DiffSide, Difference, FieldDiff, FileDiff, FileFacts, Hunk, LineMark,
    ManifestDiff, StateDiff, StateSide, VersionDiff,
};
pub use graph::{GraphKind, GraphMore, GraphNode, GraphView};
pub use guard::{EventView, MadeToken, TokenState, TokenView};
pub use history::{
    CommitChange, CommitDetail, CommitFile, CommitFiles, CommitsPage, HistoryBound, NamedRef, OriginView, RefKind,
    RefView,
};
pub use names::{AliasOrigin, AliasView, NameState, NameView, ReleasedView, RemovedView};
pub use overview::{RepositoryName, RepositoryOverview, SyncMark};
pub use packages::{PackageRange, PackageUser, PackageView};
pub use search::{FacetKind, FacetValue, FacetView, FoundComponents, PackageSort, Sort};
pub use settings::{SettingsDefaults, SettingsView};

use crate::{
    CommitSha, ComponentId, DeliveryOutcome, DependencyPolicy, Digest, ItemName, Namespace, Progress, RefName,
    RepositoryId, SnapshotId, SyncId, SyncReport, SyncState, Trigger,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01 UTC.
pub type Millis = i64;

/// A registered repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryView {
    /// Its id.
    pub id: RepositoryId,
    /// The name people gave it.
    pub name: String,
    /// The canonical address, or the path of a local repository.
    pub url: String,
    /// `git`, or `manual` for the organisation's hand-made components.
    pub kind: RepositoryKind,
    /// The prefix of its items' names.
    pub namespace: Option<Namespace>,
    /// Where its `registry.json` lies, when that was set.
    pub config_path: Option<String>,
    /// The branch that is followed, when that was set.
    pub branch: Option<RefName>,
    /// The host's default branch, once known.
    pub default_branch: Option<RefName>,
    /// How bare own dependencies are served.
    pub dependencies: DependencyPolicy,
    /// When it was last looked at with success.
    pub last_synced_at: Option<Millis>,
    /// The commit that is served now.
    pub head: Option<CommitSha>,
    /// The snapshot that is served now.
    pub snapshot: Option<SnapshotId>,
    /// How many components are served from it.
    pub components: usize,
    /// The newest sync, running or done.
    pub last_sync: Option<SyncView>,
    /// How the regular looks at it go; `None` for what is not fetched.
    pub poll: Option<PollView>,
    /// Whether it has a webhook.
    #[serde(default)]
    pub webhook: bool,
}

/// The regular looks at a repository, since the server started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PollView {
    /// Seconds between two looks; 0 is never.
    pub every: u64,
    /// Whether that was set for this repository, rather than for all of them.
    #[serde(default)]
    pub own: bool,
    /// When a look last went well.
    pub looked_at: Option<Millis>,
    /// Since when looks fail.
    pub failing_since: Option<Millis>,
    /// Why the last look failed: a sentence that names the next step.
    pub failure: Option<String>,
}

/// What a repository is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RepositoryKind {
    /// A git repository.
    Git,
    /// The organisation's hand-made components.
    Manual,
}

/// The four states that a repository is shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Synced, nothing to report.
    Fresh,
    /// A sync is queued or running.
    Working,
    /// Synced, with findings that someone should look at; or never synced.
    Attention,
    /// The last sync failed.
    Broken,
}

impl RepositoryView {
    /// The state to show.
    pub fn health(&self) -> Health {
        let Some(sync) = &self.last_sync else {
            return if self.kind == RepositoryKind::Manual { Health::Fresh } else { Health::Attention };
        };
        match sync.state {
            SyncState::Queued | SyncState::Running => Health::Working,
            SyncState::Failed => Health::Broken,
            SyncState::Succeeded => {
                let unreachable = self.poll.as_ref().is_some_and(|poll| poll.failure.is_some());
                if unreachable || sync.report.as_ref().is_some_and(SyncReport::needs_attention) {
                    Health::Attention
                } else {
                    Health::Fresh
                }
            }
        }
    }
}

/// One sync.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncView {
    /// Its id.
    pub id: SyncId,
    /// The repository it reads.
    pub repository: RepositoryId,
    /// Where it stands.
    pub state: SyncState,
    /// Who asked for it.
    pub trigger: Trigger,
    /// When it began.
    pub started_at: Millis,
    /// When it ended.
    pub finished_at: Option<Millis>,
    /// What it is doing, while it runs here.
    pub progress: Option<Progress>,
    /// What came of it, once it ended.
    pub report: Option<SyncReport>,
}

/// A component in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentRow {
    /// Its id.
    pub id: ComponentId,
    /// The name it is served under: `team/button`.
    pub name: ItemName,
    /// `registry:ui`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The title, if it has one.
    pub title: Option<String>,
    /// The description, if it has one.
    pub description: Option<String>,
    /// The repository it comes from.
    pub repository: RepositoryId,
    /// That repository's name.
    pub repository_name: String,
    /// How many files it has.
    pub files: usize,
    /// The current version.
    pub version: Digest,
    /// When the current version was published.
    pub updated_at: Millis,
    /// Whether its newest state in the repository is broken and this is its last good version.
    pub quarantined: bool,
    /// Whether it was made by hand.
    #[serde(default)]
    pub by_hand: bool,
}

/// Everything a component's page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentView {
    /// What a list shows of it.
    #[serde(flatten)]
    pub row: ComponentRow,
    /// Files in the item's order.
    pub contents: Vec<FileView>,
    /// npm packages.
    pub dependencies: Vec<String>,
    /// npm packages for development.
    pub dev_dependencies: Vec<String>,
    /// Other items that it needs.
    pub registry_dependencies: Vec<DependencyView>,
    /// Names of our components that need it.
    pub used_by: Vec<ItemName>,
    /// Notes of the author, shown after an install.
    pub docs: Option<String>,
    /// Versions, newest first.
    pub versions: Vec<VersionView>,
    /// Commits that touched it, newest first.
    pub commits: Vec<CommitView>,
    /// The name under which a project that knows this registry asks for it: `@acme/button`.
    #[serde(default)]
    pub address: String,
    /// The address that the CLI asks.
    pub url: String,
    /// `npx shadcn@latest add @acme/button`, for a project that knows this registry.
    pub install: String,
    /// The same by address, for any project.
    pub install_by_url: String,
}

/// One file of a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileView {
    /// The path as served.
    pub path: String,
    /// `registry:ui`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Where the CLI is told to put it.
    pub target: Option<String>,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the content.
    pub digest: Digest,
    /// The content.
    pub content: String,
}

/// One entry of `registryDependencies`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DependencyView {
    /// As it is served: `@acme/utils`, `button`, a URL.
    pub served: String,
    /// Our component that it leads to, if it is one.
    pub component: Option<ItemName>,
}

/// One version of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionView {
    /// Its digest.
    pub digest: Digest,
    /// When it was first published.
    pub created_at: Millis,
    /// The commit it came with.
    pub commit: Option<CommitSha>,
    /// Whether it is the one served now.
    pub current: bool,
    /// The tags and branches that have it.
    #[serde(default)]
    pub refs: Vec<NamedRef>,
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitView {
    /// Its SHA.
    pub sha: CommitSha,
    /// The whole message.
    pub message: String,
    /// The author's name.
    pub author: String,
    /// The author's date.
    pub date: Millis,
    /// Names of the components it touched; in the list of a component just that one.
    pub components: Vec<ItemName>,
    /// The files of components that it touched, by path.
    #[serde(default)]
    pub files: Vec<CommitFile>,
    /// How many more such files there are than are recorded.
    #[serde(default)]
    pub more_files: usize,
}

/// One publication of a repository, newest first in lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicationView {
    /// Its number within the organisation.
    pub seq: u64,
    /// When.
    pub at: Millis,
    /// `sync`, `manual` or `rollback`.
    pub kind: String,
    /// The snapshot it made current.
    pub snapshot: SnapshotId,
    /// The commit of that snapshot.
    pub commit: Option<CommitSha>,
    /// How many items the snapshot has.
    pub count: u64,
    /// Who made it, where someone did: `operator`, `person:…`, `token:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// What a rollback would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackView {
    /// The snapshot to roll back to.
    pub snapshot: SnapshotId,
    /// When it was last current.
    pub at: Option<Millis>,
    /// The commit of that snapshot.
    pub commit: Option<CommitSha>,
    /// How many components would be served.
    pub count: usize,
    /// Names that would be served again.
    pub added: Vec<ItemName>,
    /// Names of which another version would be served.
    pub changed: Vec<ItemName>,
    /// Names that would not be served any more.
    pub removed: Vec<ItemName>,
    /// Names of the snapshot that stay out: someone else holds them now.
    pub left_out: Vec<ItemName>,
}

/// A repository's webhook, as whoever sets it up needs it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HookView {
    /// The repository.
    pub repository: RepositoryId,
    /// Where the host sends deliveries.
    pub address: String,
    /// What the host signs with. None if it cannot be read; `problem` says why.
    pub secret: Option<String>,
    /// Why it does not work as it is, and what to do.
    pub problem: Option<String>,
    /// What to do at the host; several hosts where the repository's address does not tell which.
    pub steps: Vec<HostSteps>,
}

/// Without the secret, which is not for logs.
impl fmt::Debug for HookView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookView").field("address", &self.address).finish_non_exhaustive()
    }
}

/// How a webhook is set up at one kind of host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostSteps {
    /// The host's name for people.
    pub host: String,
    /// The steps, in order.
    pub steps: Vec<String>,
}

/// One delivery of a webhook, newest first in lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    /// When it arrived; of several that were refused alike in a row, the last.
    pub at: Millis,
    /// What came of it.
    pub outcome: DeliveryOutcome,
    /// The sync that takes care of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<SyncId>,
    /// The kind of host, as its headers say.
    pub host: Option<String>,
    /// The event, as its headers say.
    pub event: Option<String>,
    /// The host's id for it.
    pub delivery: Option<String>,
    /// Why it was refused, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// How many were refused alike in a row; 1 for every other.
    pub times: u32,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// How many rows there are in all.
    pub total: usize,
    /// The position of the first row, from 0.
    pub offset: usize,
    /// The most rows a page has.
    pub limit: usize,
}

impl<T> Page<T> {
    /// A page of a list that is not known.
    pub fn unknown() -> Self {
        Self { rows: Vec::new(), total: 0, offset: 0, limit: 0 }
    }
}
