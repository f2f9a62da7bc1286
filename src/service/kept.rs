//! What is kept on disk beside the catalogue, so that requests can be checked
//! while the database is away: hashes of tokens and the webhooks, sealed.

use super::{RegistryService, ServiceError};
use crate::{auth::TokenTable, seal::Place, tenants::Tenant};
use arc_swap::ArcSwap;
use instant::{Timestamp, rows};
use model::{HookId, RepositoryId};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Least time between two writes where only the time of the contact changed.
const NOTE_EVERY: Duration = Duration::from_mins(5);

/// What one organisation keeps beside its catalogue.
#[derive(Default)]
pub(crate) struct Kept {
    repositories: ArcSwap<Vec<KeptRepository>>,
    /// What was written last, and when.
    written: Mutex<Option<(Instant, File)>>,
}

/// A repository as deliveries need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptRepository {
    pub(super) id: RepositoryId,
    pub(super) url: String,
    /// The last segment of its webhook's address.
    pub(super) hook: Option<String>,
    /// The webhook's secret, sealed as in the row.
    pub(super) secret: Option<String>,
}

impl From<&rows::Repository> for KeptRepository {
    fn from(row: &rows::Repository) -> Self {
        Self { id: row.id, url: row.url.clone(), hook: row.hook.clone(), secret: row.hook_secret.clone() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Contents {
    tokens: TokenTable,
    repositories: Vec<KeptRepository>,
}

#[derive(Serialize, Deserialize)]
struct File {
    /// When the database last said all this, in milliseconds since 1970.
    contact: i64,
    contents: Contents,
}

impl Kept {
    /// Keeps repositories in memory, as the database has them now.
    pub(super) fn remember(&self, rows: &[rows::Repository]) {
        self.repositories.store(Arc::new(rows.iter().map(KeptRepository::from).collect()));
    }

    /// The repository that has this webhook.
    pub(super) fn by_hook(&self, hook: &HookId) -> Option<KeptRepository> {
        self.repositories.load().iter().find(|kept| kept.hook.as_deref() == Some(hook.as_str())).cloned()
    }

    /// The repositories of an address, which may be spelled in these ways.
    pub(super) fn by_address(&self, spellings: &[String]) -> Vec<RepositoryId> {
        let repositories = self.repositories.load();
        repositories.iter().filter(|kept| spellings.contains(&kept.url)).map(|kept| kept.id).collect()
    }
}

fn place(organisation: &str) -> Place<'_> {
    Place { purpose: "kept", row: organisation }
}

impl RegistryService {
    /// Writes to disk what requests are checked with, if that changed or was
    /// written a while ago: when contact was lost, the time of it is written at once.
    pub(super) async fn keep(&self, tenant: &Arc<Tenant>) -> Result<(), ServiceError> {
        let Some(contact) = tenant.contact.last() else { return Ok(()) };
        let away = tenant.contact.away().is_some();
        let (sealer, tenant) = (self.sealer.clone(), tenant.clone());
        let writing = move || {
            let mut written = tenant.kept.written.lock().expect("nothing panics while it holds this lock");
            let contents = Contents {
                tokens: TokenTable::clone(&tenant.tokens.load()),
                repositories: Vec::clone(&tenant.kept.repositories.load()),
            };
            let file = File { contact: contact.as_millis(), contents };
            let is_written = |(at, old): &(Instant, File)| {
                let is_told = old.contact == file.contact || !away && at.elapsed() < NOTE_EVERY;
                is_told && old.contents == file.contents
            };
            if written.as_ref().is_some_and(is_written) {
                return Ok(());
            }
            let text = serde_json::to_string(&file).expect("texts and numbers serialise");
            let organisation = tenant.organisation.to_string();
            let text = sealer.key(&tenant.data)?.seal(place(&organisation), &text);
            write(&tenant.data.kept(&tenant.organisation), text.as_bytes())?;
            *written = Some((Instant::now(), file));
            Ok(())
        };
        tokio::task::spawn_blocking(writing).await?
    }

    /// Brings back what an earlier process kept. What cannot be opened is as
    /// good as none: then requests are checked once the database answers.
    pub(super) async fn bring_back_kept(&self, tenant: &Arc<Tenant>) -> Result<(), ServiceError> {
        let (sealer, owned) = (self.sealer.clone(), tenant.clone());
        let read = tokio::task::spawn_blocking(move || {
            let text = fs::read_to_string(owned.data.kept(&owned.organisation)).ok()?;
            let organisation = owned.organisation.to_string();
            let opened = sealer.key(&owned.data).ok()?.open(place(&organisation), &text);
            let opened = opened.inspect_err(|error| tracing::warn!(%error, "what was kept on disk cannot be opened"));
            serde_json::from_str::<File>(opened.ok()?.expose()).ok()
        });
        if let Some(File { contact, contents }) = read.await? {
            tenant.tokens.store(Arc::new(contents.tokens));
            tenant.kept.repositories.store(Arc::new(contents.repositories));
            tenant.contact.was_until(Timestamp::from_millis(contact));
        }
        Ok(())
    }
}

/// Writes a file whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().expect("it lies in a folder");
    fs::create_dir_all(folder)?;
    let temporary = path.with_extension("sealed.new");
    fs::write(&temporary, bytes)?;
    fs::rename(temporary, path)
}
