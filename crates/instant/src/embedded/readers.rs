//! Connections that read: few at a time, each for a limited time.

use super::catalog::Catalog;
use super::{Shared, blocking, file, locked};
use crate::InstantError;
use rusqlite::Connection;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many queries run at a time.
const AT_A_TIME: u32 = 4;
/// How long a query may take, as in InstantDB (`specs/instantdb-admin-api.md` 11).
const TIME: Duration = Duration::from_secs(30);
/// After so many steps of SQLite's machine it is asked for the time: well below a millisecond.
const STEPS: i32 = 10_000;

/// The connections, while nobody uses them.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Default for Readers {
    fn default() -> Self {
        Self { idle: Mutex::default(), permits: Arc::new(Semaphore::new(AT_A_TIME as usize)) }
    }
}

impl Readers {
    /// Waits until nobody reads; nobody does until what this answers is dropped.
    /// Blocks its thread, which must be one for that.
    pub(super) fn none(&self) -> Option<SemaphorePermit<'_>> {
        // The permits are never closed; without them nobody could read anyway.
        Handle::current().block_on(self.permits.acquire_many(AT_A_TIME)).ok()
    }
}

impl Shared {
    /// Runs `work` on a reader, which sees one state of the database throughout.
    pub(super) async fn read<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Connection, &Catalog) -> Result<T, InstantError> + Send + 'static,
    ) -> Result<T, InstantError> {
        let permit = Arc::clone(&self.readers.permits).acquire_owned().await.map_err(|error| {
            InstantError::Unavailable { what: "the store is closed".to_owned(), source: Some(Box::new(error)) }
        })?;
        blocking(move || {
            // Held until the work is done, also when nobody waits for it any more.
            let _permit = permit;
            let pooled = locked(&self.readers.idle).pop();
            let mut connection = match pooled {
                Some(connection) => connection,
                None => file::connect(&self.dir.join("registry.sqlite"))?,
            };
            let result = within(&mut connection, TIME, |connection| {
                let transaction = connection.transaction()?;
                // After the first statement pinned the state, so that the catalogue is not older.
                transaction.query_row("SELECT tx FROM meta", [], |_| Ok(()))?;
                work(&transaction, &self.catalog())
            });
            locked(&self.readers.idle).push(connection);
            result
        })
        .await
    }
}

/// Runs `work` on the connection; statements that are still running after `time` are stopped.
fn within<T>(
    connection: &mut Connection,
    time: Duration,
    work: impl FnOnce(&mut Connection) -> Result<T, InstantError>,
) -> Result<T, InstantError> {
    let end = Instant::now() + time;
    connection.progress_handler(STEPS, Some(move || Instant::now() >= end))?;
    let result = work(connection);
    connection.progress_handler(0, None::<fn() -> bool>)?;
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_takes_too_long_is_stopped_and_its_connection_is_still_good() {
        let mut connection = Connection::open_in_memory().unwrap();
        let forever = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        let read = |connection: &mut Connection| Ok(connection.query_row(forever, [], |row| row.get::<_, i64>(0))?);
        let error = within(&mut connection, Duration::from_millis(5), read).unwrap_err();
        assert_eq!((error.code(), error.to_wire().0), ("timeout", 429));
        assert_eq!(error.to_string(), "The query took too long to complete.");
        let one = |connection: &mut Connection| Ok(connection.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?);
        assert_eq!(within(&mut connection, TIME, one).unwrap(), 1);
    }
}
