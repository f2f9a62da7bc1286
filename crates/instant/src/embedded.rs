//! The store in one folder: `registry.sqlite`, and `blobs/` beside it.

mod answer;
mod app;
mod blobs;
mod catalog;
mod condition;
mod dump;
mod entity;
mod file;
mod file_url;
mod functions;
mod intake;
mod key;
mod local;
mod lookup;
mod page;
mod plan;
mod read;
mod readers;
mod rehearsal;
mod restore;
mod schema;
mod served_file;
mod sql;
#[cfg(test)]
mod tests;
mod write;

pub use answer::Answer;
pub use app::{App, AppStatus, FileKey};
pub(crate) use file::connect;
pub use file_url::{BadFileUrl, FileUrls};
pub use intake::{FileMeta, Intake, StoredFile};
pub use schema::{PushOptions, RefKeys};
pub use served_file::{FileHead, ServedFile};

use crate::schema::EntityDef;
use crate::store::{Reach, Store, Tree, TxId, Upload};
use crate::{AppAttr, InstantError, Query, Transaction, Where};
use async_trait::async_trait;
use bytes::Bytes;
use catalog::Catalog;
use model::{Digest, EntityId};
use readers::Readers;
use rusqlite::{Connection, TransactionBehavior};
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// A store with InstantDB's semantics on SQLite, for one process at a time.
#[derive(Clone)]
pub struct Embedded {
    shared: Arc<Shared>,
}

/// What all handles of one store share. Fields drop in order: connections
/// before the lock, a temporary folder last.
struct Shared {
    writer: Mutex<Connection>,
    readers: Readers,
    catalog: RwLock<Arc<Catalog>>,
    app: RwLock<Arc<App>>,
    /// Where files are served, once something serves them.
    file_urls: RwLock<Option<Arc<FileUrls>>>,
    latest: watch::Sender<TxId>,
    dir: PathBuf,
    /// Held while blob files are made or removed.
    blob_files: Mutex<()>,
    /// Taken by who needs blobs to stay, and alone by who removes some.
    collecting: RwLock<()>,
    _lock: File,
    _temporary: Option<Temporary>,
}

/// A folder that goes when the store does.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(dir = %self.0.display(), %error, "a temporary store was left behind");
        }
    }
}

impl Embedded {
    /// Opens the store in `dir`; makes folder, file and tables where they are missing.
    ///
    /// [`InstantError::Locked`] when another process has it open,
    /// [`InstantError::Newer`] when a later version of this program wrote it.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self, InstantError> {
        let dir = dir.as_ref().to_owned();
        blocking(move || Self::open_blocking(dir, None, crate::rows::ENTITIES)).await
    }

    /// As [`Self::open`], for any app: with no namespaces but those that every
    /// app of InstantDB has, and those that came in by pushes and transactions.
    pub async fn open_app(dir: impl AsRef<Path>) -> Result<Self, InstantError> {
        let dir = dir.as_ref().to_owned();
        blocking(move || Self::open_blocking(dir, None, &[])).await
    }

    /// An empty store in a folder of its own, removed with the last handle.
    pub async fn temporary() -> Result<Self, InstantError> {
        let dir = std::env::temp_dir().join(format!("ekairos-{}", EntityId::random()));
        blocking(move || Self::open_blocking(dir.clone(), Some(Temporary(dir)), crate::rows::ENTITIES)).await
    }

    fn open_blocking(dir: PathBuf, temporary: Option<Temporary>, entities: &[EntityDef]) -> Result<Self, InstantError> {
        let blobs = dir.join("blobs");
        std::fs::create_dir_all(&blobs)
            .map_err(|error| InstantError::io(format!("creating {}", blobs.display()), error))?;
        let lock = file::lock(&dir)?;
        intake::sweep(&blobs);
        let path = dir.join("registry.sqlite");
        let mut connection = file::connect(&path)?;
        file::migrate(&mut connection, &path)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut catalog = Catalog::load(&transaction)?;
        catalog.ensure(&transaction, entities)?;
        let latest = transaction.query_row("SELECT tx FROM meta", [], |row| row.get(0))?;
        let app = App::load(&transaction)?;
        transaction.commit()?;
        let shared = Shared {
            writer: Mutex::new(connection),
            readers: Readers::default(),
            catalog: RwLock::new(Arc::new(catalog)),
            app: RwLock::new(Arc::new(app)),
            file_urls: RwLock::default(),
            latest: watch::Sender::new(TxId(latest)),
            dir,
            blob_files: Mutex::default(),
            collecting: RwLock::default(),
            _lock: lock,
            _temporary: temporary,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What the app keeps of its users that no query shows.
    pub(crate) fn local(&self) -> local::Local {
        local::Local { shared: Arc::clone(&self.shared) }
    }

    /// The store's folder.
    pub fn dir(&self) -> &Path {
        &self.shared.dir
    }

    /// Tells of transactions: the latest one known. Some may be skipped.
    pub fn latest(&self) -> watch::Receiver<TxId> {
        self.shared.latest.subscribe()
    }

    /// Whether the blob with this digest is there and its bytes are right.
    pub async fn verify_blob(&self, digest: Digest) -> Result<bool, InstantError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(shared.read_blob(digest)?.is_some_and(|bytes| Digest::of(&bytes) == digest))).await
    }

    /// Removes blob files that no `$files` row names and that are older than
    /// `grace`; answers how many.
    pub async fn collect_blobs(&self, grace: Duration) -> Result<u64, InstantError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.collect_blobs(grace)).await
    }
}

/// Runs what blocks on a thread for that.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, InstantError> + Send + 'static,
) -> Result<T, InstantError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(InstantError::Unavailable {
            what: "a task of the store was stopped".to_owned(),
            source: Some(Box::new(error)),
        }),
    }
}

/// A poisoned lock guards nothing half-done: transactions roll back when dropped.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs `work` in the one transaction that may write at this time, and commits it if it succeeds.
    async fn write<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Connection, &mut Arc<Catalog>) -> Result<T, InstantError> + Send + 'static,
    ) -> Result<T, InstantError> {
        blocking(move || self.write_blocking(work)).await
    }

    fn write_blocking<T>(
        &self,
        work: impl FnOnce(&Connection, &mut Arc<Catalog>) -> Result<T, InstantError>,
    ) -> Result<T, InstantError> {
        let mut connection = locked(&self.writer);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = self.catalog();
        let mut catalog = Arc::clone(&before);
        let result = work(&transaction, &mut catalog)?;
        transaction.commit()?;
        if !Arc::ptr_eq(&before, &catalog) {
            *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = catalog;
        }
        Ok(result)
    }

    /// Tells subscribers of a commit.
    fn announce(&self, tx: TxId) {
        self.latest.send_if_modified(|latest| {
            let newer = tx > *latest;
            if newer {
                *latest = tx;
            }
            newer
        });
    }
}

#[async_trait]
impl Store for Embedded {
    async fn query(&self, query: &Query) -> Result<Tree, InstantError> {
        Ok(self.read_answer(query, false).await?.tree)
    }

    async fn count(&self, etype: &str, filter: &Where) -> Result<u64, InstantError> {
        self.app().check_readable()?;
        let (etype, filter) = (etype.to_owned(), filter.clone());
        Arc::clone(&self.shared)
            .read(move |connection, catalog| read::Reader { connection, catalog, urls: None }.count(&etype, &filter))
            .await
    }

    async fn transact(&self, transaction: Transaction) -> Result<TxId, InstantError> {
        let app = Arc::clone(&self.shared);
        let tx = Arc::clone(&self.shared)
            .write(move |connection, catalog| {
                app.app().check_writable()?;
                write::run(connection, catalog, &transaction)
            })
            .await?;
        self.shared.announce(tx);
        Ok(tx)
    }

    async fn upload_all(&self, uploads: Vec<Upload>) -> Result<Vec<EntityId>, InstantError> {
        let shared = Arc::clone(&self.shared);
        let (tx, ids) = blocking(move || shared.upload(&uploads)).await?;
        self.shared.announce(tx);
        Ok(ids)
    }

    async fn download_all(&self, paths: &[String]) -> Result<Vec<Option<Bytes>>, InstantError> {
        let paths = paths.to_vec();
        let files = Arc::clone(&self.shared)
            .read(move |connection, catalog| blobs::digests(connection, catalog, &paths))
            .await?;
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            files.into_iter().map(|digest| digest.map(|digest| shared.checked_blob(digest)).transpose()).collect()
        })
        .await
    }

    fn live(&self, query: Query) -> watch::Receiver<Option<Arc<Tree>>> {
        let (sender, receiver) = watch::channel(None);
        let store = self.clone();
        tokio::spawn(async move {
            let mut latest = store.latest();
            latest.mark_changed();
            while tokio::select! { changed = latest.changed() => changed.is_ok(), () = sender.closed() => false } {
                match store.query(&query).await {
                    Ok(tree) => {
                        sender.send_if_modified(|last: &mut Option<Arc<Tree>>| {
                            let new = last.as_deref() != Some(&tree);
                            if new {
                                *last = Some(Arc::new(tree));
                            }
                            new
                        });
                    }
                    Err(error) => tracing::warn!(%error, "a live query was not answered"),
                }
            }
        });
        receiver
    }

    fn reach(&self) -> watch::Receiver<Reach> {
        // A file in this machine: what goes wrong with it is the answer of each call.
        watch::Sender::new(Reach::Up).subscribe()
    }

    async fn attrs(&self) -> Result<Vec<AppAttr>, InstantError> {
        Ok(self.shared.catalog().attrs())
    }

    async fn push_schema(&self, schema: &Value) -> Result<(), InstantError> {
        let options = PushOptions { check_types: true, background_updates: true };
        self.apply_schema(schema, options).await.map(drop)
    }

    async fn delete_attrs(&self, ids: &[EntityId]) -> Result<(), InstantError> {
        let steps = ids.iter().map(|id| json!(["delete-attr", id])).collect();
        self.apply_schema_steps(&steps).await.map(drop)
    }

    async fn rules(&self) -> Result<Option<Value>, InstantError> {
        Ok(self.app().rules.clone())
    }

    async fn replace_rules(&self, code: &Value) -> Result<(), InstantError> {
        let rules = Some(code.clone()).filter(|code| !code.is_null());
        self.change_app(move |app| app.rules = rules).await
    }
}
