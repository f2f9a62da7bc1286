//! The `$files` rows of uploads, which nobody but the store writes.

use super::{Work, next};
use crate::InstantError;
use crate::embedded::catalog::Catalog;
use crate::embedded::entity::checked;
use crate::embedded::lookup;
use crate::store::{TxId, Upload};
use model::EntityId;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Writes the rows; answers their ids, in order. An existing path keeps its id
/// (`specs/instantdb-admin-api.md` 7).
pub(in crate::embedded) fn run_uploads(
    connection: &Connection,
    catalog: &mut Arc<Catalog>,
    uploads: &[Upload],
) -> Result<(TxId, Vec<EntityId>), InstantError> {
    let (tx, now) = next(connection)?;
    let mut work = Work::new(connection, catalog, now);
    let mut by_path: HashMap<&str, EntityId> = HashMap::new();
    let mut ids = Vec::with_capacity(uploads.len());
    for upload in uploads {
        let id = match by_path.get(upload.path.as_str()) {
            Some(id) => *id,
            None => {
                let path = Value::from(upload.path.as_str());
                let there = lookup::by_value(connection, work.catalog, "$files", "path", &path)?;
                there.unwrap_or_else(EntityId::random)
            }
        };
        by_path.insert(&upload.path, id);
        work.write_file(id, upload)?;
        ids.push(id);
    }
    work.drafts.flush()?;
    work.check_required()?;
    Ok((tx, ids))
}

impl Work<'_> {
    fn write_file(&mut self, id: EntityId, upload: &Upload) -> Result<(), InstantError> {
        let content_type =
            Some(upload.content_type.as_str()).filter(|text| !text.is_empty()).unwrap_or("application/octet-stream");
        let namespace = self.namespace("$files")?;
        for (label, value) in [
            ("path", json!(upload.path)),
            ("size", json!(upload.bytes.len())),
            ("content-type", json!(content_type)),
            ("content-disposition", json!("inline")),
            ("location-id", json!(EntityId::random())),
            ("key-version", json!(1)),
        ] {
            let value = match namespace.blobs.get(label) {
                Some(blob) => checked(&namespace, blob, id, value)?,
                None => value,
            };
            self.drafts.upsert(&namespace, id)?.insert(label.to_owned(), value);
        }
        self.touch(&namespace.name, id);
        Ok(())
    }
}
