//! [`RegistryService`]: the verbs. The only room that decides what is written.
//!
//! Every verb takes an [`Access`], which names the organisation.

mod activity;
mod audit;
mod basis;
mod catalogue;
mod changes;
mod check;
mod commits;
mod compare;
mod components;
mod credentials;
mod discovery;
mod enter;
mod error;
mod fetching;
mod findings;
mod follow;
mod github;
mod heads;
mod history;
mod hooks;
mod in_git;
mod jobs;
mod kept;
mod known;
mod lease;
mod manual;
mod mend;
mod mirrors;
mod named;
mod names;
mod overview;
mod packages;
mod poll;
mod projection;
mod public;
mod publish;
#[cfg(test)]
mod races;
mod reading;
mod refs;
mod reports;
mod repositories;
mod restore;
mod rollback;
mod room;
mod selectors;
mod settings;
mod snapshots;
mod start;
mod sync;
mod tokens;
mod tree;
mod versions;

pub use activity::{ActivityKind, ActivityQuery, Week};
pub(crate) use audit::Unsent;
pub use audit::{Action, EventsPage, EventsQuery, ExportFormat};
pub(crate) use basis::Broken;
pub use check::{CheckReport, check};
pub use commits::Part;
pub use compare::Sides;
pub use components::ComponentsQuery;
pub use credentials::DeployToken;
pub use discovery::{Discover, Discovery, Offer};
pub use enter::EnterError;
pub use error::ServiceError;
pub(crate) use github::GithubCache;
pub use github::{
    GithubQuery, GithubRefusal, GithubRepositories, GithubRepository, GithubState, GithubStatus, RefusalKind,
};
pub(crate) use heads::Sequence;
pub(crate) use hooks::Hooks;
pub use hooks::{HookRefusal, KnownHook, Received};
pub use jobs::Jobs;
pub(crate) use kept::Kept;
pub use manual::{IfMatch, NewComponent};
pub(crate) use mirrors::Mirrors;
pub use names::{NewAlias, Released, RemovedQuery, Replacement};
pub use packages::{Packages, PackagesQuery};
pub use poll::Polls;
pub use public::PublicOrganisations;
pub use repositories::{NewRepository, Removal, RepositoryChange};
pub use restore::{Steps, restore};
pub(crate) use room::Candidate;
pub use settings::{Homepage, InvalidSetting, RegistryName, SettingsChange};
pub use tokens::{NewToken, OVERLAP, Rotation};

use crate::{
    auth::{Access, Role},
    config::Config,
    data::DataFolder,
    seal::Sealer,
    tenants::{Directory, Tenant, Tenants},
};
use std::sync::Arc;

/// The verbs of the registry. Cheap to clone.
#[derive(Clone)]
pub struct RegistryService {
    tenants: Tenants,
    config: Arc<Config>,
    http: net::TenantClient,
    /// Opens and seals what the store keeps secret.
    sealer: Arc<Sealer>,
    /// Our own address, for what is handed out.
    origin: Arc<str>,
    /// Where everything is kept.
    data: DataFolder,
    /// Who knows the organisations; nobody in local mode.
    directory: Option<Arc<dyn Directory>>,
    /// Whether organisations that are entered are looked after in the background.
    looks_after: bool,
    /// Tokens whose use was noted.
    uses: tokens::Uses,
    /// The public organisations that are known.
    public: public::Public,
    /// Credentials that databases refused a moment ago.
    rejections: enter::Rejections,
}

impl RegistryService {
    /// A service over these tenants.
    pub fn new(tenants: Tenants, config: Arc<Config>, data: DataFolder, http: net::TenantClient, origin: &str) -> Self {
        let sealer = Arc::new(Sealer::new(config.seal_key.value.clone()));
        Self {
            tenants,
            config,
            http,
            sealer,
            origin: origin.into(),
            data,
            directory: None,
            looks_after: false,
            uses: tokens::Uses::default(),
            public: public::Public::default(),
            rejections: enter::Rejections::default(),
        }
    }

    /// The same, for the organisations of a directory.
    #[must_use]
    pub fn with_directory(mut self, directory: Arc<dyn Directory>) -> Self {
        self.directory = Some(directory);
        self
    }

    /// The same, in a server: organisations are looked after once they are entered.
    #[must_use]
    pub fn looking_after(mut self) -> Self {
        self.looks_after = true;
        self
    }

    /// The tenant that an access is for.
    pub(crate) fn tenant<R: Role>(&self, access: &Access<R>) -> Result<Arc<Tenant>, ServiceError> {
        // Whoever has access found it open. It may have been closed since.
        let missing = if self.directory.is_some() { ServiceError::Closed } else { ServiceError::NoOrganisation };
        self.tenants.get(access.organisation()).ok_or(missing)
    }

    /// The organisations that are served.
    pub fn tenants(&self) -> &Tenants {
        &self.tenants
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Our own address, without a trailing slash.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}
