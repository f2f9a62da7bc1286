//! The `$files` rows of uploads, which nobody but the store writes.

use super::{Work, next};
use crate::InstantError;
use crate::embedded::catalog::Catalog;
use crate::embedded::entity::{canonical, checked};
use crate::embedded::intake::{FileMeta, StoredFile};
use crate::embedded::lookup;
use crate::store::TxId;
use model::{Digest, EntityId};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// A file whose bytes are in their place.
pub(in crate::embedded) struct FileRow<'a> {
    pub(in crate::embedded) meta: &'a FileMeta,
    pub(in crate::embedded) size: u64,
    pub(in crate::embedded) digest: Digest,
}

/// Writes the `$files` rows of uploads, and which bytes are theirs, in order.
/// An existing path keeps its id (`specs/instantdb-admin-api.md` 7).
pub(in crate::embedded) fn run_files(
    connection: &Connection,
    catalog: &mut Arc<Catalog>,
    files: &[FileRow<'_>],
) -> Result<(TxId, Vec<StoredFile>), InstantError> {
    let (tx, now) = next(connection)?;
    let mut work = Work::new(connection, catalog, now);
    let mut by_path: HashMap<&str, EntityId> = HashMap::new();
    let mut stored = Vec::with_capacity(files.len());
    for file in files {
        let path = file.meta.path.as_str();
        let id = if let Some(id) = by_path.get(path) {
            *id
        } else {
            lookup::by_value(connection, work.catalog, "$files", "path", &path.into())?.unwrap_or_else(EntityId::random)
        };
        by_path.insert(path, id);
        stored.push(work.write_file(id, file)?);
    }
    work.drafts.flush()?;
    work.check_required()?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO blobs (file, digest) VALUES (?1, ?2) ON CONFLICT (file) DO UPDATE SET digest = ?2",
    )?;
    for (file, stored) in files.iter().zip(&stored) {
        insert.execute(params![stored.id.as_bytes(), file.digest.as_bytes()])?;
    }
    Ok((tx, stored))
}

impl Work<'_> {
    fn write_file(&mut self, id: EntityId, file: &FileRow<'_>) -> Result<StoredFile, InstantError> {
        let text = |value: &Option<String>, default: &str| {
            json!(value.as_deref().filter(|text| !text.is_empty()).unwrap_or(default))
        };
        let location = EntityId::random();
        let namespace = self.namespace("$files")?;
        for (label, value) in [
            ("path", json!(file.meta.path)),
            ("size", json!(file.size)),
            ("content-type", text(&file.meta.content_type, "application/octet-stream")),
            ("content-disposition", text(&file.meta.content_disposition, "inline")),
            ("location-id", json!(location)),
            ("key-version", json!(1)),
        ] {
            let value: Value = canonical(value)?;
            let value = match namespace.blobs.get(label) {
                Some(blob) => checked(&namespace, blob, id, value)?,
                None => value,
            };
            self.drafts.upsert(&namespace, id)?.insert(label.to_owned(), value);
        }
        self.touch(&namespace.name, id);
        Ok(StoredFile { id, location, size: file.size })
    }
}
