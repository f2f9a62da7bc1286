//! Organisation → its store, catalogue and jobs.

use crate::{
    auth::TokenTable,
    catalog::{Answer, Catalog, IdentityCache},
    data::DataFolder,
    service::{Hooks, Jobs, Polls},
};
use arc_swap::ArcSwap;
use instant::{Db, Local};
use model::OrganisationId;
use moka::sync::Cache;
use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

/// Most bytes that answers to pinned requests may take in memory.
const PINNED_BYTES: u64 = 16 * 1024 * 1024;

/// Everything that belongs to one organisation.
pub struct Tenant {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Its store.
    pub db: Db,
    /// Marks and sessions of this machine, beside the store.
    pub local: Local,
    /// Where its mirrors and its catalogue lie.
    pub data: DataFolder,
    /// What it serves now.
    pub catalog: ArcSwap<Catalog>,
    /// The tokens that open it.
    pub tokens: ArcSwap<TokenTable>,
    /// Syncs under way.
    pub jobs: Jobs,
    /// The regular looks at repositories.
    pub polls: Polls,
    /// Webhooks: what arrived, and which looks take care of it.
    pub(crate) hooks: Hooks,
    /// Uncompressed answers that are in use.
    pub identities: IdentityCache,
    /// Answers to pinned requests, by catalogue, address and alias.
    pub pinned: Cache<(usize, String, String), Option<Answer>>,
    /// Writes of the catalogue to disk.
    pub(crate) saving: Saving,
    /// Held from the last look at who holds a name until what was published is
    /// written to its rows: of two that publish one name, the second sees the first.
    pub(crate) publishing: tokio::sync::Mutex<()>,
    /// Held while the catalogue is remade, so that no older one overtakes a newer.
    pub(crate) rebuilding: tokio::sync::Mutex<()>,
}

impl Tenant {
    /// A tenant that serves nothing yet.
    pub fn new(organisation: OrganisationId, db: Db, local: Local, data: DataFolder) -> Self {
        let weigh = |_: &(usize, String, String), answer: &Option<Answer>| {
            answer.as_ref().map_or(64, |answer| u32::try_from(answer.gzip().len() * 4).unwrap_or(u32::MAX))
        };
        Self {
            organisation,
            db,
            hooks: Hooks::new(local.clone()),
            local,
            data,
            catalog: ArcSwap::default(),
            tokens: ArcSwap::default(),
            jobs: Jobs::default(),
            polls: Polls::default(),
            identities: IdentityCache::default(),
            pinned: Cache::builder().max_capacity(PINNED_BYTES).weigher(weigh).build(),
            saving: Saving::default(),
            publishing: tokio::sync::Mutex::default(),
            rebuilding: tokio::sync::Mutex::default(),
        }
    }
}

/// Keeps writes in order that are made in the background: an older one that
/// comes late is left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Saving(Arc<(AtomicU64, Mutex<()>)>);

impl Saving {
    /// Takes a number for a write that is about to be made.
    pub(crate) fn begin(&self) -> u64 {
        self.0.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Writes, unless a newer write has taken a number.
    pub(crate) fn if_newest(&self, nth: u64, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let _one_at_a_time = self.0.1.lock().expect("a write that fails returns an error");
        if self.0.0.load(Ordering::SeqCst) == nth { write() } else { Ok(()) }
    }
}

/// The organisations that this process serves.
#[derive(Clone)]
pub struct Tenants {
    local: Arc<Tenant>,
}

impl Tenants {
    /// The one organisation of local mode.
    pub fn local(tenant: Tenant) -> Self {
        Self { local: Arc::new(tenant) }
    }

    /// The organisation's tenant, if it is served here.
    pub fn get(&self, organisation: &OrganisationId) -> Option<&Arc<Tenant>> {
        (self.local.organisation == *organisation).then_some(&self.local)
    }

    /// The organisation that a request means when it names none.
    pub fn default_organisation(&self) -> &OrganisationId {
        &self.local.organisation
    }
}
