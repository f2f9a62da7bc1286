//! What a page needs beside the views of `model`.

mod account;
mod activity;
mod components;
mod github;
mod guard;
mod hand;
mod home;
mod names;
mod packages;
mod registry;
mod repositories;
mod settings;

pub use account::{Kept, MayChange, Step, Stopped, Viewer, Way};
pub use activity::ActivityData;
pub use components::{Around, ComponentsData, ComponentsQuery, Marks};
pub use github::{AddRepositoryData, GithubPicker, GithubProblem};
pub use guard::{AuditData, TokenData, TokenForm, TokenProblem, TokensData, UseData};
pub use hand::{HandFile, HandForm, HandProblem, TYPES};
pub use home::{AwayData, HomeData, MemberData, PublicRegistry, StrangerData};
pub use names::{
    AliasForm, ComponentPlace, NamesData, NamesTab, NamespaceData, NamespaceForm, ReplacementForm, RollbackData,
};
pub use packages::{PackagesData, PackagesQuery};
pub use registry::{RegistryData, RegistryForm};
pub use repositories::{MemberRow, MembersData, People, RepositoriesData, health_word};
pub use settings::{RemoveRepositoryData, RemoveRepositoryForm, SettingsForm};

use super::{install::PackageManager, parts::Place, words::t};
use model::{
    Accent, DependencyPolicy, Diagnostic, FoundRegistry, RepositoryId,
    view::{
        CommitChange, CommitDetail, CommitView, ComponentRow, ComponentView, DeliveryView, GraphView, HistoryBound,
        HookView, Millis, OriginView, Page, PublicationView, RefView, RepositoryName, RepositoryView, StateDiff,
        SyncView,
    },
};
use serde::Serialize;
use std::borrow::Cow;

/// Someone's organisations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationsData {
    /// By name.
    pub organisations: Vec<Organisation>,
    /// Where others are made.
    pub platform: String,
}

/// An organisation that someone belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Organisation {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What its member is in it: `admin`.
    pub role: String,
    /// Whether it is the one that is looked at now.
    pub is_active: bool,
}

/// What surrounds every page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Frame {
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// Whether they may change things, or only look and sync.
    pub changes: bool,
    /// Nobody looked who is signed in: the account area stays empty.
    pub bare: bool,
    /// What came of the form that led here; shown once.
    pub notice: Option<Notice>,
    /// Said while the database does not answer.
    pub away: Option<Away>,
    /// The organisation's accent; none for the dashboard's own.
    pub accent: Option<Accent>,
}

/// The database does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Away {
    /// Since when, if it ever did.
    pub since: Option<Millis>,
}

/// A form as it was sent, for when the page on which it stands cannot be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// Where it was sent to, and can be sent again.
    pub action: String,
    /// What was typed: name, label and value of each field.
    pub fields: Vec<(&'static str, &'static str, String)>,
}

/// What came of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Whether it failed.
    pub failed: bool,
    /// One sentence or two.
    pub message: String,
}

/// The tabs of a repository's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RepositoryTab {
    /// What is served from it.
    #[default]
    Components,
    /// Its commits.
    Commits,
    /// Its tags and branches.
    Refs,
    /// Its syncs, each with its report.
    Syncs,
    /// What was published.
    History,
    /// What the last sync found.
    Findings,
    /// What can be changed of it.
    Settings,
}

impl RepositoryTab {
    /// All tabs, in order.
    pub const ALL: [Self; 7] =
        [Self::Components, Self::Commits, Self::Syncs, Self::Findings, Self::Refs, Self::History, Self::Settings];

    /// Reads `?tab=`; anything unknown is the first tab.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.as_str() == text).unwrap_or_default()
    }

    /// The value of `?tab=`; empty for the first.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Components => "",
            Self::Commits => "commits",
            Self::Refs => "refs",
            Self::Syncs => "syncs",
            Self::History => "history",
            Self::Findings => "findings",
            Self::Settings => "settings",
        }
    }

    /// The tab's name.
    pub fn label(self) -> Cow<'static, str> {
        match self {
            Self::Components => t!("Components"),
            Self::Commits => t!("Commits"),
            Self::Refs => t!("Refs"),
            Self::Syncs => t!("Syncs"),
            Self::History => t!("History"),
            Self::Findings => t!("Findings"),
            Self::Settings => t!("Settings"),
        }
    }
}

/// A repository's page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryData {
    /// The repository.
    pub repository: RepositoryView,
    /// How many commits are recorded.
    pub commits: usize,
    /// All repositories, for a screen that has room for them.
    pub others: Vec<RepositoryName>,
    /// The newest delivery of its webhook.
    pub delivery: Option<DeliveryView>,
    /// Its other registries, which are not read.
    pub offers: Vec<FoundRegistry>,
    /// What the chosen tab shows.
    pub content: RepositoryContent,
}

/// What one tab of a repository's page shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RepositoryContent {
    /// Components, by name.
    Components(Page<ComponentRow>),
    /// Commits, newest first.
    Commits {
        /// The commits.
        page: Page<CommitView>,
        /// How far back they go.
        history: HistoryBound,
    },
    /// Tags and branches.
    Refs(Vec<RefView>),
    /// Syncs, newest first.
    Syncs(Page<SyncView>),
    /// Publications, newest first.
    History {
        /// Publications.
        publications: Vec<PublicationView>,
        /// What those are called who made them.
        people: People,
    },
    /// Findings of the last sync that ended, errors first.
    Findings(Vec<Diagnostic>),
    /// What can be changed of it.
    Settings {
        /// The form, as it is or as it was last sent.
        form: SettingsForm,
        /// Whether it has a webhook.
        webhook: bool,
        /// Whether it has a deploy token.
        credential: bool,
        /// The time between two looks, where a repository has none of its own: `5m`.
        configured: String,
    },
}

impl RepositoryContent {
    /// The tab that shows it.
    pub fn tab(&self) -> RepositoryTab {
        match self {
            Self::Components(_) => RepositoryTab::Components,
            Self::Commits { .. } => RepositoryTab::Commits,
            Self::Refs(_) => RepositoryTab::Refs,
            Self::Syncs(_) => RepositoryTab::Syncs,
            Self::History { .. } => RepositoryTab::History,
            Self::Findings(_) => RepositoryTab::Findings,
            Self::Settings { .. } => RepositoryTab::Settings,
        }
    }
}

/// One commit's page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitData {
    /// The repository.
    pub repository: RepositoryView,
    /// The commit.
    pub detail: CommitDetail,
}

/// The page that compares two states of a repository.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompareData {
    /// The repository.
    pub repository: RepositoryView,
    /// What can be chosen.
    pub refs: Vec<RefView>,
    /// What differs.
    pub diff: StateDiff,
}

/// A component's page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentData {
    /// The component with a part of its versions and commits.
    pub component: ComponentView,
    /// Where the versions shown stand in all of them.
    pub versions: Place,
    /// Where the commits shown stand in all of them.
    pub commits: Place,
    /// What each of the commits shown changed; for the tab that shows them.
    pub changes: Vec<CommitChange>,
    /// Where its files stand in git; for the tab that shows them.
    pub origin: OriginView,
    /// What stands around it; for the tab that shows it.
    pub graph: GraphView,
    /// What stands around it in the list of all; of the page alone.
    #[serde(skip)]
    pub around: Around,
    /// The version that is looked at; empty for what is served.
    pub at: String,
    /// The package manager that was chosen last.
    pub manager: PackageManager,
    /// Whether only what is served now is known, because the database is away.
    pub partial: bool,
    /// Whether a project needs a token to install it.
    pub needs_token: bool,
}

/// The page of a repository's webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookData {
    /// The repository.
    pub repository: RepositoryId,
    /// Its name.
    pub name: String,
    /// The webhook, if there is one.
    pub hook: Option<HookView>,
    /// What arrived, newest first.
    pub deliveries: Vec<DeliveryView>,
}

/// The form that adds a repository, as it was last sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddRepositoryForm {
    /// The address or path.
    pub url: String,
    /// The name.
    pub name: String,
    /// The prefix of its items' names.
    pub namespace: String,
    /// Where its `registry.json` lies.
    pub config_path: String,
    /// The branch to follow.
    pub branch: String,
    /// How bare own dependencies are served.
    pub dependencies: Option<DependencyPolicy>,
    /// The user name that goes with a deploy token. The token is not shown again.
    pub username: String,
    /// What was wrong with it.
    pub error: Option<FormError>,
}

/// What is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FormError {
    /// The `name` of the field it is about, if it is about one.
    pub field: Option<String>,
    /// What, why and what now.
    pub message: String,
}
