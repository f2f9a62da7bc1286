//! One state of the store, read from beginning to end: what a backup is made of.

use super::catalog::{Catalog, Namespace};
use super::{App, Embedded, Shared, blocking, file, read};
use crate::InstantError;
use crate::backup::{self, BackupError, BackupSummary, Config, Row, Source};
use model::{Digest, EntityId};
use rusqlite::{Connection, params};
use serde_json::Map;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;
use std::sync::{Arc, PoisonError};

/// How much of a file is in memory, in bytes.
const PIECE: usize = 256 * 1024;

impl Embedded {
    /// Writes InstantDB's backup zip of the store as it is now to `path`, and
    /// reads it back; other transactions go on meanwhile. The file is there
    /// whole or not at all, for its owner alone. `progress` is told how many
    /// entities and files are written, and of how many.
    ///
    /// [`BackupError::Exists`] when `path` is there and is not to be replaced.
    pub async fn backup(
        &self,
        path: impl AsRef<Path>,
        replace: bool,
        mut progress: impl FnMut(u64, u64) + Send + 'static,
    ) -> Result<BackupSummary, BackupError> {
        let (shared, path) = (Arc::clone(&self.shared), path.as_ref().to_owned());
        blocking(move || {
            // Blobs that a transaction unnames meanwhile must stay.
            let _kept = shared.collecting.read().unwrap_or_else(PoisonError::into_inner);
            let mut connection = file::connect(&shared.dir.join("registry.sqlite"))?;
            let transaction = connection.transaction()?;
            // The first statement pins the state, so the catalogue is not older.
            transaction.query_row("SELECT tx FROM meta", [], |_| Ok(()))?;
            let (catalog, app) = (shared.catalog(), App::load(&transaction)?);
            let dump = Dump { shared: &shared, connection: &transaction, catalog, app };
            Ok(backup::write(&dump, &path, replace, &mut progress))
        })
        .await?
    }
}

/// The store as one read transaction sees it.
struct Dump<'a> {
    shared: &'a Shared,
    connection: &'a Connection,
    catalog: Arc<Catalog>,
    app: App,
}

impl Source for Dump<'_> {
    fn config(&self) -> Config {
        let app = &self.app;
        Config::new(&self.catalog.attrs(), app.rules.clone(), app.title.clone(), app.id.to_string())
    }

    fn namespaces(&self) -> Vec<String> {
        let mut names: Vec<String> = self.catalog.all().map(|namespace| namespace.name.clone()).collect();
        names.sort_unstable();
        names
    }

    fn rows(&self, namespace: &str, each: &mut dyn FnMut(Row) -> Result<(), BackupError>) -> Result<(), BackupError> {
        let Some(namespace) = self.catalog.namespace(namespace) else {
            return Ok(());
        };
        let sql = "SELECT id, created_at, doc FROM entities WHERE etype = ?1 ORDER BY id";
        let mut select = self.connection.prepare(sql).map_err(InstantError::from)?;
        let mut rows = select.query([namespace.id]).map_err(InstantError::from)?;
        while let Some(row) = rows.next().map_err(InstantError::from)? {
            let row = self.row(namespace, row)?;
            each(row)?;
        }
        Ok(())
    }

    fn copy(&self, file: EntityId, to: &mut dyn Write) -> Result<u64, BackupError> {
        let select = self.connection.prepare_cached("SELECT digest FROM blobs WHERE file = ?1");
        let digest = select.and_then(|mut select| select.query_row([file.as_bytes()], |row| row.get::<_, [u8; 32]>(0)));
        let digest = Digest::from_bytes(digest.map_err(InstantError::from)?);
        let path = self.shared.blob_path(digest);
        let reading = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => InstantError::Corrupt { what: format!("blob {digest} has no file") },
            _ => InstantError::io(format!("reading {}", path.display()), error),
        };
        let (mut from, mut hasher, mut piece) = (File::open(&path).map_err(reading)?, Sha256::new(), vec![0; PIECE]);
        let mut size = 0;
        loop {
            let length = from.read(&mut piece).map_err(reading)?;
            if length == 0 {
                break;
            }
            hasher.update(&piece[..length]);
            to.write_all(&piece[..length]).map_err(|error| BackupError::io("writing the backup", error))?;
            size += length as u64;
        }
        if Digest::from_bytes(hasher.finalize().into()) != digest {
            let what = format!("blob {digest} has other bytes than its name says");
            return Err(InstantError::Corrupt { what }.into());
        }
        Ok(size)
    }
}

impl Dump<'_> {
    fn row(&self, namespace: &Namespace, row: &rusqlite::Row) -> Result<Row, InstantError> {
        let id = read::id(row.get_ref(0)?)?;
        let doc: String = row.get(2)?;
        let values: Map<_, _> = serde_json::from_str(&doc)
            .map_err(|_| InstantError::Corrupt { what: format!("entity {id} is not JSON") })?;
        let mut whole = Row { id, created_at: row.get(1)?, values, one: Vec::new(), many: Vec::new() };
        let mut select = self
            .connection
            .prepare_cached("SELECT target FROM links WHERE attr = ?1 AND source = ?2 ORDER BY target")?;
        for link in namespace.forward.values() {
            let mut rows = select.query(params![link.id, id.as_bytes()])?;
            let mut to = Vec::new();
            while let Some(row) = rows.next()? {
                to.push(read::id(row.get_ref(0)?)?);
            }
            match to.as_slice() {
                [] => {}
                [one] if !link.many => whole.one.push((link.label.clone(), *one)),
                _ => whole.many.push((link.label.clone(), to)),
            }
        }
        Ok(whole)
    }
}
