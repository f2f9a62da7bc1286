//! Everything that belongs to one organisation.

use super::Contact;
use crate::{
    auth::TokenTable,
    catalog::{Answer, Catalog, IdentityCache},
    data::DataFolder,
    service::{Broken, GithubCache, Hooks, Jobs, Kept, Mirrors, Polls, Sequence, Unsent},
};
use arc_swap::ArcSwap;
use instant::{Db, Local, RemoteSettings};
use model::{Digest, EntityId, OrganisationId};
use moka::sync::Cache;
use std::{
    collections::HashSet,
    io,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
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
    /// Whether the store answers.
    pub contact: Contact,
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
    /// Events that are not in the store yet.
    pub(crate) unsent: Unsent,
    /// Writes of the catalogue to disk.
    pub(crate) saving: Saving,
    /// What is current of each repository.
    pub(crate) sequence: Sequence,
    /// What was broken when it was read last.
    pub(crate) broken: Broken,
    /// Tells what the store says about repositories beside what is served.
    pub(crate) marks: ArcSwap<Option<Digest>>,
    /// Mirrors that were fetched because someone asked.
    pub(crate) mirrors: Mirrors,
    /// What is kept on disk beside the catalogue.
    pub(crate) kept: Kept,
    /// Its connection to GitHub, as of the last minute.
    pub(crate) github: GithubCache,
    /// Held by whoever publishes here, until it is served. It only saves work:
    /// what two servers publish at once is put in order by the sequence.
    pub(crate) publishing: tokio::sync::Mutex<()>,
    /// Held while the catalogue and what else is in memory is remade, so that no
    /// older one overtakes a newer.
    pub(crate) rebuilding: tokio::sync::Mutex<()>,
    /// The name of this server; see [`Tenant::server`].
    server: String,
    /// The name of the process that had the data folder before.
    predecessor: OnceLock<String>,
    /// The leases that this process holds.
    leases: Mutex<HashSet<EntityId>>,
    /// What its database was opened with, where a directory told it.
    settings: Option<RemoteSettings>,
    looked_after: AtomicBool,
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tenant({})", self.organisation)
    }
}

impl Tenant {
    /// A tenant that serves nothing yet.
    pub fn new(organisation: OrganisationId, db: Db, local: Local, data: DataFolder) -> Self {
        let weigh = |_: &(usize, String, String), answer: &Option<Answer>| {
            answer.as_ref().map_or(64, |answer| u32::try_from(answer.gzip().len() * 4).unwrap_or(u32::MAX))
        };
        Self {
            organisation,
            hooks: Hooks::new(local.clone(), db.clone()),
            db,
            local,
            data,
            catalog: ArcSwap::default(),
            contact: Contact::default(),
            tokens: ArcSwap::default(),
            jobs: Jobs::default(),
            polls: Polls::default(),
            identities: IdentityCache::default(),
            pinned: Cache::builder().max_capacity(PINNED_BYTES).weigher(weigh).build(),
            unsent: Unsent::default(),
            saving: Saving::default(),
            sequence: Sequence::default(),
            broken: Broken::default(),
            marks: ArcSwap::default(),
            mirrors: Mirrors::default(),
            kept: Kept::default(),
            github: GithubCache::default(),
            publishing: tokio::sync::Mutex::default(),
            rebuilding: tokio::sync::Mutex::default(),
            server: EntityId::random().to_string(),
            predecessor: OnceLock::new(),
            leases: Mutex::default(),
            settings: None,
            looked_after: AtomicBool::new(false),
        }
    }

    /// The same, whose database was opened with these.
    #[must_use]
    pub fn opened_with(self, settings: RemoteSettings) -> Self {
        Self { settings: Some(settings), ..self }
    }

    /// Whether its database was opened with these.
    pub(crate) fn is_opened_with(&self, settings: &RemoteSettings) -> bool {
        self.settings.as_ref().is_some_and(|own| own.is_same(settings))
    }

    /// What its database was opened with, where a directory told it.
    pub(crate) fn settings(&self) -> Option<&RemoteSettings> {
        self.settings.as_ref()
    }

    /// Whether someone looks after it. The first who asks does from then on.
    pub(crate) fn is_looked_after(&self) -> bool {
        self.looked_after.swap(true, Ordering::Relaxed)
    }

    /// The name by which this process is told from others over the same store.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Ends what goes on in the background, and writes what is not written yet.
    pub async fn close(&self) {
        self.jobs.stop();
        self.hooks.write_journal().await;
    }

    /// Says which process had the data folder before: what it left is ours.
    pub(crate) fn succeeds(&self, predecessor: String) {
        let _ = self.predecessor.set(predecessor);
    }

    /// Whether this name is ours, or that of the process before us.
    pub(crate) fn is_own(&self, server: &str) -> bool {
        server == self.server || self.predecessor.get().is_some_and(|predecessor| predecessor == server)
    }

    /// The leases that this process holds.
    pub(crate) fn leases(&self) -> MutexGuard<'_, HashSet<EntityId>> {
        self.leases.lock().expect("nothing panics while it holds this lock")
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
