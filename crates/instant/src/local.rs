//! What belongs to one installation rather than to the data: sessions, one-time
//! tokens, marks. A file of its own, whatever the store is; losing it signs
//! people out and makes some work be done again.

use crate::embedded::{blocking, connect, locked};
use crate::{InstantError, Timestamp};
use model::EntityId;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const FORMAT_1: &str = "
CREATE TABLE local (scope TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, expires_at INTEGER, PRIMARY KEY (scope, key)) WITHOUT ROWID;
CREATE INDEX local_expires ON local (expires_at) WHERE expires_at IS NOT NULL;
";

/// The format that this program writes.
const FORMAT: i64 = 1;

/// What earlier versions kept in the embedded store's file.
const FORMER: &str = "INSERT INTO local SELECT scope, key, value, expires_at FROM former.local WHERE scope IN
    ('session', 'login-link', 'settled', 'history', 'seen-refs', 'hook-deliveries', 'hook-handled')";
const CLEAR_FORMER: &str = "DELETE FROM former.local WHERE (scope, key) IN (SELECT scope, key FROM main.local)";

/// Sets one value.
pub(crate) const PUT: &str = "INSERT INTO local (scope, key, value, expires_at) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (scope, key) DO UPDATE SET value = ?3, expires_at = ?4";

/// A small key-value table with expiry, in `local.sqlite`. What it holds is
/// neither queried nor replicated. For one process at a time.
#[derive(Clone)]
pub struct Local {
    shared: Arc<Shared>,
}

/// Fields drop in order: a temporary folder last.
struct Shared {
    connection: Mutex<Connection>,
    _temporary: Option<Temporary>,
}

/// A folder that goes when the table does.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(dir = %self.0.display(), %error, "a temporary folder was left behind");
        }
    }
}

impl Local {
    /// Opens the table in `dir`, and makes it where it is missing. Then what
    /// earlier versions kept in `registry.sqlite` moves over, once: open this
    /// before the embedded store.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self, InstantError> {
        let dir = dir.as_ref().to_owned();
        blocking(move || Self::open_blocking(&dir, None)).await
    }

    /// An empty table in a folder of its own, removed with the last handle.
    pub async fn temporary() -> Result<Self, InstantError> {
        let dir = std::env::temp_dir().join(format!("ekairos-local-{}", EntityId::random()));
        blocking(move || {
            std::fs::create_dir_all(&dir)
                .map_err(|error| InstantError::io(format!("creating {}", dir.display()), error))?;
            Self::open_blocking(&dir, Some(Temporary(dir.clone())))
        })
        .await
    }

    fn open_blocking(dir: &Path, temporary: Option<Temporary>) -> Result<Self, InstantError> {
        let path = dir.join("local.sqlite");
        let mut connection = connect(&path)?;
        let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > FORMAT {
            return Err(InstantError::Newer { file: path.display().to_string(), found, known: FORMAT });
        }
        if found == 0 {
            let former = dir.join("registry.sqlite");
            let attached = former.is_file() && attach(&connection, &former)?;
            let transaction = connection.transaction()?;
            transaction.execute_batch(FORMAT_1)?;
            if attached {
                transaction.execute(FORMER, [])?;
            }
            transaction.pragma_update(None, "user_version", FORMAT)?;
            transaction.commit()?;
            if attached {
                // They are here now; what is left there is never looked at again.
                let cleared = connection.execute(CLEAR_FORMER, []);
                let detached = connection.execute("DETACH DATABASE former", []);
                if let Err(error) = cleared.and(detached) {
                    tracing::warn!(%error, "could not clear what moved to local.sqlite");
                }
            }
        }
        Ok(Self { shared: Arc::new(Shared { connection: Mutex::new(connection), _temporary: temporary }) })
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, InstantError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(work(&mut locked(&shared.connection))?)).await
    }

    /// The value, unless it has expired.
    pub async fn get(&self, scope: &str, key: &str) -> Result<Option<Vec<u8>>, InstantError> {
        let (scope, key) = (scope.to_owned(), key.to_owned());
        self.work(move |connection| get(connection, &scope, &key)).await
    }

    /// Sets the value, until `expires_at` if given.
    pub async fn put(
        &self,
        scope: &str,
        key: &str,
        value: &[u8],
        expires_at: Option<Timestamp>,
    ) -> Result<(), InstantError> {
        self.put_all(scope, vec![(key.to_owned(), value.to_owned())], expires_at).await
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
        self.work(move |connection| {
            let transaction = connection.transaction()?;
            for (key, value) in entries {
                transaction.prepare_cached(PUT)?.execute(params![scope, key, value, expires_at])?;
            }
            transaction.commit()
        })
        .await
    }

    /// Removes the value and answers it, unless it has expired: of several
    /// callers one gets it.
    pub async fn take(&self, scope: &str, key: &str) -> Result<Option<Vec<u8>>, InstantError> {
        let (scope, key) = (scope.to_owned(), key.to_owned());
        self.work(move |connection| take(connection, &scope, &key)).await
    }

    /// Removes the value.
    pub async fn delete(&self, scope: &str, key: &str) -> Result<(), InstantError> {
        self.take(scope, key).await.map(drop)
    }

    /// Removes everything of a scope.
    pub async fn clear(&self, scope: &str) -> Result<(), InstantError> {
        let scope = scope.to_owned();
        self.work(move |connection| connection.execute("DELETE FROM local WHERE scope = ?1", [scope]).map(drop)).await
    }

    /// Removes what had expired at `now`; answers how much that was.
    pub async fn purge_expired(&self, now: Timestamp) -> Result<u64, InstantError> {
        self.work(move |connection| {
            let removed =
                connection.prepare_cached("DELETE FROM local WHERE expires_at <= ?1")?.execute([now.as_millis()])?;
            Ok(removed as u64)
        })
        .await
    }
}

/// The value, unless it has expired.
pub(crate) fn get(connection: &Connection, scope: &str, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = "SELECT value FROM local WHERE scope = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?3)";
    let now = Timestamp::now().as_millis();
    connection.prepare_cached(sql)?.query_row(params![scope, key, now], |row| row.get(0)).optional()
}

/// Removes the value and answers it, unless it has expired.
pub(crate) fn take(connection: &Connection, scope: &str, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = "DELETE FROM local WHERE scope = ?1 AND key = ?2 RETURNING value, expires_at IS NULL OR expires_at > ?3";
    let now = Timestamp::now().as_millis();
    let taken = connection
        .prepare_cached(sql)?
        .query_row(params![scope, key, now], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(taken.and_then(|(value, valid): (Vec<u8>, bool)| valid.then_some(value)))
}

/// Attaches the file in which earlier versions kept the table, if it has one.
fn attach(connection: &Connection, file: &Path) -> Result<bool, InstantError> {
    let attached = connection.execute("ATTACH DATABASE ?1 AS former", [file.display().to_string()]);
    let has_table = |_| {
        connection.query_row("SELECT count(*) > 0 FROM former.sqlite_schema WHERE name = 'local'", [], |row| row.get(0))
    };
    attached.and_then(has_table).or_else(|error| {
        // What is wrong with that file is said by whoever needs it.
        tracing::warn!(%error, file = %file.display(), "sessions of an earlier version could not be taken over");
        Ok(false)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_value_is_there_until_it_is_taken_replaced_or_expired() {
        let local = Local::temporary().await.unwrap();
        let later = Timestamp::now().plus_millis(60_000);
        local.put("a", "k", b"one", None).await.unwrap();
        local.put("a", "k", b"two", Some(later)).await.unwrap();
        local.put("b", "k", b"other", Some(Timestamp::from_millis(1))).await.unwrap();
        assert_eq!(local.get("a", "k").await.unwrap().unwrap(), b"two");
        assert_eq!(local.get("b", "k").await.unwrap(), None);
        assert_eq!(local.take("b", "k").await.unwrap(), None);
        assert_eq!(local.take("a", "k").await.unwrap().unwrap(), b"two");
        assert_eq!(local.take("a", "k").await.unwrap(), None);

        let entries = vec![("x".to_owned(), vec![1]), ("y".to_owned(), vec![2])];
        local.put_all("a", entries, Some(later)).await.unwrap();
        assert_eq!(local.purge_expired(Timestamp::now()).await.unwrap(), 0);
        local.delete("a", "x").await.unwrap();
        local.put("b", "z", b"", None).await.unwrap();
        local.clear("a").await.unwrap();
        assert_eq!(local.get("a", "y").await.unwrap(), None);
        assert_eq!(local.get("b", "z").await.unwrap().unwrap(), b"");
    }

    #[tokio::test]
    async fn what_an_earlier_version_kept_in_the_store_moves_over_once() {
        let dir = tempfile::tempdir().unwrap();
        let former = dir.path().join("registry.sqlite");
        let rows = "INSERT INTO local VALUES ('session', 'a', x'01', NULL), ('settled', 'b', x'02', 5);";
        let theirs = "INSERT INTO local VALUES ('instant-refresh-token', 'c', x'03', NULL);";
        let old = Connection::open(&former).unwrap();
        old.execute_batch(&format!("PRAGMA journal_mode = WAL; {FORMAT_1} {rows} {theirs}")).unwrap();
        drop(old);

        let local = Local::open(dir.path()).await.unwrap();
        assert_eq!(local.take("session", "a").await.unwrap().unwrap(), [1]);
        drop(local);
        let old = Connection::open(&former).unwrap();
        let left = old.query_row("SELECT group_concat(scope) FROM local", [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(left, "instant-refresh-token", "that is the app's own");
        // A row that turns up there later is not taken for one of today.
        old.execute_batch(rows).unwrap();
        drop(old);
        let local = Local::open(dir.path()).await.unwrap();
        assert_eq!(local.get("session", "a").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_store_that_is_none_or_has_no_such_table_is_no_obstacle() {
        for content in [&b"this is no database, but it is long enough to be looked at as one by anybody"[..], b""] {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("registry.sqlite"), content).unwrap();
            let local = Local::open(dir.path()).await.unwrap();
            local.put("a", "k", b"v", None).await.unwrap();
            assert_eq!(local.get("a", "k").await.unwrap().unwrap(), b"v");
        }
    }

    #[tokio::test]
    async fn a_file_of_a_later_version_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = Connection::open(dir.path().join("local.sqlite")).unwrap();
        file.pragma_update(None, "user_version", 99).unwrap();
        drop(file);
        assert!(matches!(Local::open(dir.path()).await, Err(InstantError::Newer { found: 99, .. })));
    }
}
