//! What every store can do.

use crate::{AppAttr, InstantError, Query, Timestamp, Transaction, Where};
use async_trait::async_trait;
use bytes::Bytes;
use model::EntityId;
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::sync::watch;

/// The number of a transaction. Later ones are greater; there may be gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TxId(pub u64);

/// The answer to a query: namespace → array of entities.
pub type Tree = Map<String, Value>;

/// Whether a store can be reached: what its last answer, or the lack of one, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It answers.
    Up,
    /// It does not.
    Down {
        /// Since when, by this machine's clock.
        since: Timestamp,
        /// Why, in a sentence for people.
        why: String,
    },
}

/// A shared store.
pub type Db = Arc<dyn Store>;

/// A file to upload.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its path; an existing file of this path is replaced and keeps its id.
    pub path: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A store with InstantDB's semantics. Typed queries are methods of
/// `dyn Store`: `db.select::<Component>()`.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Answers a query.
    async fn query(&self, query: &Query) -> Result<Tree, InstantError>;

    /// How many entities of `etype` fulfil `filter`.
    async fn count(&self, etype: &str, filter: &Where) -> Result<u64, InstantError>;

    /// Carries out a transaction, whole or not at all.
    async fn transact(&self, transaction: Transaction) -> Result<TxId, InstantError>;

    /// Stores files, and answers the ids of their `$files` rows in order.
    /// Not atomic with a transaction: upload first, then link.
    async fn upload_all(&self, uploads: Vec<Upload>) -> Result<Vec<EntityId>, InstantError>;

    /// The bytes of the files with these paths, in order; `None` where there is no such file.
    async fn download_all(&self, paths: &[String]) -> Result<Vec<Option<Bytes>>, InstantError>;

    /// The answer to a query, kept up to date (`specs/instantdb-admin-api.md` 8):
    /// `None` until the first one. States may be skipped; the last one never is,
    /// also after a connection was lost. Ends when the receiver is dropped.
    fn live(&self, query: Query) -> watch::Receiver<Option<Arc<Tree>>>;

    /// Whether the store can be reached.
    fn reach(&self) -> watch::Receiver<Reach>;

    /// Every attribute and link of the app, the store's own included
    /// (`specs/instantdb-admin-api.md` 4.1).
    async fn attrs(&self) -> Result<Vec<AppAttr>, InstantError>;

    /// Adds what `schema` has and the app has not, and takes over changed flags
    /// (`specs/instantdb-admin-api.md` 4.2). Nothing is ever removed.
    async fn push_schema(&self, schema: &Value) -> Result<(), InstantError>;

    /// Removes attributes and links with all of their values.
    async fn delete_attrs(&self, ids: &[EntityId]) -> Result<(), InstantError>;

    /// The app's permission rules: the value of `code`, if there are any.
    async fn rules(&self) -> Result<Option<Value>, InstantError>;

    /// Replaces all of the app's permission rules.
    async fn replace_rules(&self, code: &Value) -> Result<(), InstantError>;

    /// Stores one file.
    async fn upload(&self, path: &str, content_type: &str, bytes: Bytes) -> Result<EntityId, InstantError> {
        let upload = Upload { path: path.to_owned(), content_type: content_type.to_owned(), bytes };
        let mut ids = self.upload_all(vec![upload]).await?;
        ids.pop().ok_or_else(|| InstantError::Corrupt { what: format!("no id for the upload of {path}") })
    }

    /// The bytes of one file.
    async fn download(&self, path: &str) -> Result<Option<Bytes>, InstantError> {
        Ok(self.download_all(&[path.to_owned()]).await?.pop().flatten())
    }
}

impl dyn Store {
    /// Carries out a transaction in parts of at most 500 steps and 5,000
    /// triples. Each part is whole or not at all, the sum is not: only for
    /// immutable rows with ids derived from their keys, where doing it again
    /// does no harm. `None` when there was nothing to do.
    pub async fn transact_in_chunks(&self, transaction: Transaction) -> Result<Option<TxId>, InstantError> {
        let mut last = None;
        for chunk in transaction.into_chunks() {
            last = Some(self.transact(chunk).await?);
        }
        Ok(last)
    }
}
