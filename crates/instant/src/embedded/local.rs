//! What the app keeps of its users that no query shows: their refresh tokens.
//! Part of the store, unlike [`crate::Local`].

use super::Shared;
use crate::local::{PUT, get, take};
use crate::{InstantError, Timestamp};
use rusqlite::params;
use std::sync::Arc;

/// A small key-value table in the store's file.
#[derive(Clone)]
pub(crate) struct Local {
    pub(super) shared: Arc<Shared>,
}

impl Local {
    /// The value, unless it has expired.
    pub(crate) async fn get(&self, scope: &str, key: &str) -> Result<Option<Vec<u8>>, InstantError> {
        let (scope, key) = (scope.to_owned(), key.to_owned());
        Arc::clone(&self.shared).read(move |connection, _| Ok(get(connection, &scope, &key)?)).await
    }

    /// Sets the value, until `expires_at` if given.
    pub(crate) async fn put(
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

    /// Removes the value.
    pub(crate) async fn delete(&self, scope: &str, key: &str) -> Result<(), InstantError> {
        let (scope, key) = (scope.to_owned(), key.to_owned());
        Arc::clone(&self.shared).write(move |connection, _| Ok(take(connection, &scope, &key).map(drop)?)).await
    }
}
