//! The database file: opening, its tables, their versions.

use super::{app, catalog, functions};
use crate::InstantError;
use rusqlite::Connection;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

/// The tables of format 1. One row per entity with its plain values as JSON;
/// `keys` holds the indexed values in an order-preserving form, `links` the links.
const FORMAT_1: &str = "
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), tx INTEGER NOT NULL, clock INTEGER NOT NULL);
INSERT INTO meta VALUES (1, 0, 0);
CREATE TABLE attrs (id INTEGER PRIMARY KEY, definition TEXT NOT NULL);
CREATE TABLE entities (n INTEGER PRIMARY KEY, etype INTEGER NOT NULL, id BLOB NOT NULL, created_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE UNIQUE INDEX entities_id ON entities (etype, id);
CREATE INDEX entities_created ON entities (etype, created_at, id);
CREATE TABLE keys (attr INTEGER NOT NULL, key BLOB NOT NULL, entity BLOB NOT NULL, PRIMARY KEY (attr, key, entity)) WITHOUT ROWID;
CREATE TABLE links (attr INTEGER NOT NULL, source BLOB NOT NULL, target BLOB NOT NULL, PRIMARY KEY (attr, source, target)) WITHOUT ROWID;
CREATE INDEX links_reverse ON links (attr, target, source);
CREATE TABLE blobs (file BLOB PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX blobs_digest ON blobs (digest);
CREATE TABLE local (scope TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, expires_at INTEGER, PRIMARY KEY (scope, key)) WITHOUT ROWID;
CREATE INDEX local_expires ON local (expires_at) WHERE expires_at IS NOT NULL;
";

/// What format 2 adds: the app. Attributes are stored as the wire has them, with
/// ids of their own.
const FORMAT_2: &str = "
CREATE TABLE app (one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL, title TEXT NOT NULL, admin_token BLOB NOT NULL,
    file_key BLOB NOT NULL, status TEXT NOT NULL, rules TEXT);
";

/// From one format to the next.
type Migration = fn(&Connection) -> Result<(), InstantError>;

/// The steps from each format to the next.
const MIGRATIONS: [Migration; 2] = [
    |connection| Ok(connection.execute_batch(FORMAT_1)?),
    |connection| {
        connection.execute_batch(FORMAT_2)?;
        app::create(connection)?;
        catalog::from_format_1(connection)
    },
];

/// Takes the folder for this process. The lock goes with the file, also when the process is killed.
pub(super) fn lock(dir: &Path) -> Result<File, InstantError> {
    let path = dir.join("registry.lock");
    let opened = private(OpenOptions::new().create(true).truncate(false).write(true)).open(&path);
    let file = opened.map_err(|error| InstantError::io(format!("opening {}", path.display()), error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(InstantError::Locked { dir: dir.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(InstantError::io(format!("locking {}", path.display()), error)),
    }
}

/// The file's format, brought up to date.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), InstantError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let done = match usize::try_from(found) {
        Ok(done) if found <= known => done,
        _ => {
            return Err(InstantError::Newer { file: path.display().to_string(), found, known });
        }
    };
    for (index, step) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction = connection.transaction()?;
        step(&transaction)?;
        transaction.pragma_update(None, "user_version", i64::try_from(index + 1).unwrap_or(i64::MAX))?;
        transaction.commit()?;
    }
    Ok(())
}

/// A connection with our settings. The file is made readable for its owner only.
///
/// `synchronous = FULL`: a transaction that was answered is on disk, also when
/// the machine loses power; in WAL mode that is one flush a transaction.
pub(crate) fn connect(path: &Path) -> Result<Connection, InstantError> {
    private(OpenOptions::new().create(true).truncate(false).write(true))
        .open(path)
        .map_err(|error| InstantError::io(format!("opening {}", path.display()), error))?;
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -8_192)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    functions::register(&connection)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
