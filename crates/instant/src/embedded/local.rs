//! Sessions and one-time tokens of this installation: outside InstantDB's data.

use super::Shared;
use crate::{InstantError, Timestamp};
use rusqlite::{OptionalExtension, params};
use std::sync::Arc;

const PUT: &str = "INSERT INTO local (scope, key, value, expires_at) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (scope, key) DO UPDATE SET value = ?3, expires_at = ?4";

/// A small key-value table with expiry, in the store's file. What it holds is
/// neither queried nor replicated.
#[derive(Clone)]
pub struct Local {
    pub(super) shared: Arc<Shared>,
}

impl Local {
    /// The value, unless it has expired.
    pub async fn get(&self, scope: &str, key: &str) -> Result<Option<Vec<u8>>, InstantError> {
        let (scope, key) = (scope.to_owned(), key.to_owned());
        let now = Timestamp::now().as_millis();
        Arc::clone(&self.shared)
            .read(move |connection, _| {
                let sql =
                    "SELECT value FROM local WHERE scope = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?3)";
                Ok(connection.prepare_cached(sql)?.query_row(params![scope, key, now], |row| row.get(0)).optional()?)
            })
            .await
    }

    /// Sets the value, until `expires_at` if given.
    pub async fn put(
        &self,
        scope: &str,
        key: &str,
        value: &[u8],
        expires_at: Option<Timestamp>,
    ) -> Result<(), InstantError> {
        let (scope, key, value) = (scope.to_owned(), key.to_owned(), value.to_owned());
        let expires_at = expires_at.map(Timestamp::as_millis);
        Arc::clone(&self.shared)
            .write(move |connection, _| {
                connection.prepare_cached(PUT)?.execute(params![scope, key, value, expires_at])?;
                Ok(())
            })
            .await
    }

    /// Sets several values of one scope in one transaction, all until `expires_at`.
    pub async fn put_all(
        &self,
        scope: &str,
        entries: Vec<(String, Vec<u8>)>,
        expires_at: Option<Timestamp>,
    ) -> Result<(), InstantError> {
        let scope = scope.to_owned();
        let expires_at = expires_at.map(Timestamp::as_millis);
        Arc::clone(&self.shared)
            .write(move |connection, _| {
                let mut statement = connection.prepare_cached(PUT)?;
                for (key, value) in entries {
                    statement.execute(params![scope, key, value, expires_at])?;
                }
                Ok(())
            })
            .await
    }

    /// Removes the value and answers it, unless it has expired: of several
    /// callers one gets it.
    pub async fn take(&self, scope: &str, key: &str) -> Result<Option<Vec<u8>>, InstantError> {
        let (scope, key) = (scope.to_owned(), key.to_owned());
        let now = Timestamp::now().as_millis();
        Arc::clone(&self.shared)
            .write(move |connection, _| {
                let sql = "DELETE FROM local WHERE scope = ?1 AND key = ?2 RETURNING value, expires_at IS NULL OR expires_at > ?3";
                let taken = connection.prepare_cached(sql)?.query_row(params![scope, key, now], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                Ok(taken.and_then(|(value, valid): (Vec<u8>, bool)| valid.then_some(value)))
            })
            .await
    }

    /// Removes the value.
    pub async fn delete(&self, scope: &str, key: &str) -> Result<(), InstantError> {
        self.take(scope, key).await.map(drop)
    }

    /// Removes what had expired at `now`; answers how much that was.
    pub async fn purge_expired(&self, now: Timestamp) -> Result<u64, InstantError> {
        Arc::clone(&self.shared)
            .write(move |connection, _| {
                let removed = connection
                    .prepare_cached("DELETE FROM local WHERE expires_at <= ?1")?
                    .execute([now.as_millis()])?;
                Ok(removed as u64)
            })
            .await
    }
}
