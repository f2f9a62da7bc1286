//! Organisation → its store, catalogue and jobs.

use crate::{
    auth::TokenTable,
    catalog::{Answer, Catalog, IdentityCache},
    data::DataFolder,
    service::Jobs,
};
use arc_swap::ArcSwap;
use instant::{Db, Local};
use model::OrganisationId;
use moka::sync::Cache;
use std::sync::Arc;

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
    /// Uncompressed answers that are in use.
    pub identities: IdentityCache,
    /// Answers to pinned requests, by catalogue, address and alias.
    pub pinned: Cache<(usize, String, String), Option<Answer>>,
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
            local,
            data,
            catalog: ArcSwap::default(),
            tokens: ArcSwap::default(),
            jobs: Jobs::default(),
            identities: IdentityCache::default(),
            pinned: Cache::builder().max_capacity(PINNED_BYTES).weigher(weigh).build(),
            rebuilding: tokio::sync::Mutex::default(),
        }
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
