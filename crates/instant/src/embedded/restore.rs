//! A backup put in the place of everything that the store holds.
//!
//! The zip is checked as a whole first. Then all happens in one SQLite
//! transaction: a crash leaves the old state or the new one, and readers see
//! either. Bytes of files come before, under names of their content; what is
//! not used in the end, `collect_blobs` removes.

use super::catalog::{Catalog, Namespace, new_id};
use super::{App, Embedded, Shared, blocking, entity, locked, read, schema, write};
use crate::backup::{self, Archive, BackupError, BackupSummary, Kinds, Row};
use crate::store::TxId;
use crate::{InstantError, rows::ENTITIES};
use model::{Digest, EntityId};
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

/// What a store holds of an app. The app's own id, token and status stay.
const WIPE: &str = "DELETE FROM entities; DELETE FROM keys; DELETE FROM links; DELETE FROM blobs; DELETE FROM attrs; DELETE FROM local;";

/// A file with more bytes is written as it is unpacked.
const LARGE: u64 = 4 * 1024 * 1024;

impl Embedded {
    /// Puts the app of a backup in the place of what the store holds: schema,
    /// entities with their ids and times, links, files with their locations,
    /// rules and title. Queries are answered throughout, from the old state or
    /// the new one. `progress` is told how many entities and files are taken, and
    /// of how many.
    ///
    /// [`BackupError::NotEmpty`] unless the store has nothing in it or `replace`
    /// says so, [`BackupError::Invalid`] when the file is not a whole backup;
    /// then nothing has changed.
    pub async fn restore(
        &self,
        path: impl AsRef<Path>,
        replace: bool,
        mut progress: impl FnMut(u64, u64) + Send + 'static,
    ) -> Result<BackupSummary, BackupError> {
        let (shared, path) = (Arc::clone(&self.shared), path.as_ref().to_owned());
        blocking(move || Ok(shared.restore(&path, replace, &mut progress))).await?
    }
}

impl Shared {
    fn restore(
        self: &Arc<Self>,
        path: &Path,
        replace: bool,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BackupSummary, BackupError> {
        self.app().check_writable()?;
        if !replace {
            refuse_data(&locked(&self.writer))?;
        }
        let summary = backup::check(path)?;
        let mut archive = Archive::open(path)?;
        let mut taken = Taken { done: 0, total: summary.entities.values().sum::<u64>() + summary.files, progress };
        // Until their rows are there, nothing names these files.
        let _kept = self.collecting.read().unwrap_or_else(PoisonError::into_inner);
        let digests = self.take_files(&mut archive, &mut taken)?;

        let mut connection = locked(&self.writer);
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(InstantError::from)?;
        if !replace {
            refuse_data(&transaction)?;
        }
        let (catalog, tx) = fill(&transaction, &mut archive, &digests, &mut taken)?;
        let mut app = App::load(&transaction)?;
        app.rules.clone_from(&archive.config.rules);
        app.title = archive.config.title.clone().unwrap_or(app.title);
        app.save(&transaction)?;
        {
            // No reader may see the old rows with the new attributes.
            let _alone = self.readers.none();
            transaction.commit().map_err(InstantError::from)?;
            *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = catalog;
            *self.app.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(app);
        }
        drop(connection);
        self.announce(tx);
        Ok(summary)
    }

    /// Puts the bytes of all files in their places; answers them by location.
    fn take_files(
        self: &Arc<Self>,
        archive: &mut Archive,
        taken: &mut Taken<'_>,
    ) -> Result<HashMap<EntityId, Digest>, BackupError> {
        let kinds = Kinds::of(&archive.config.schema);
        let mut sizes: HashMap<EntityId, u64> = HashMap::new();
        if let Some((_, place)) = archive.entities.iter().find(|(name, _)| name == "$files").cloned() {
            archive.lines(place, |_, line| {
                if let (Some(row), _) = kinds.row("$files", line)? {
                    let (location, _, size) = backup::file(&row)?;
                    sizes.insert(location, size);
                }
                Ok(())
            })?;
        }
        let mut digests = HashMap::new();
        let mut new = Vec::new();
        for (location, place) in archive.files.clone() {
            let size = sizes.get(&location).copied().unwrap_or_default();
            digests.insert(location, self.take_file(archive, place, size, &mut new)?);
            taken.one();
        }
        self.bring_to_disk(&new)?;
        Ok(digests)
    }

    /// Puts the bytes of one file in their place.
    fn take_file(
        self: &Arc<Self>,
        archive: &mut Archive,
        place: usize,
        size: u64,
        new: &mut Vec<PathBuf>,
    ) -> Result<Digest, BackupError> {
        if size > LARGE {
            let mut intake = Arc::clone(self).intake()?;
            archive.pieces(place, size, |piece| Ok(intake.write(piece)?))?;
            let _files = locked(&self.blob_files);
            let digest = intake.settle()?;
            new.push(self.blob_path(digest));
            return Ok(digest);
        }
        let mut bytes = Vec::new();
        archive.pieces(place, size, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        let _files = locked(&self.blob_files);
        Ok(self.write_blob(&bytes, new)?)
    }
}

/// How far it is.
struct Taken<'a> {
    done: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

impl Taken<'_> {
    fn one(&mut self) {
        self.done += 1;
        (self.progress)(self.done, self.total);
    }
}

fn refuse_data(connection: &Connection) -> Result<(), BackupError> {
    let count: u64 =
        connection.query_row("SELECT count(*) FROM entities", [], |row| row.get(0)).map_err(InstantError::from)?;
    if count == 0 { Ok(()) } else { Err(BackupError::NotEmpty(format!("it has {count} entities"))) }
}

/// Writes everything on a connection that is inside of a transaction.
fn fill(
    connection: &Connection,
    archive: &mut Archive,
    digests: &HashMap<EntityId, Digest>,
    taken: &mut Taken<'_>,
) -> Result<(Arc<Catalog>, TxId), BackupError> {
    connection.execute_batch(WIPE).map_err(InstantError::from)?;
    let mut catalog = Catalog::default();
    catalog.ensure(connection, &[])?;
    let mut catalog = Arc::new(catalog);
    schema::push(connection, &mut catalog, &definitions(archive))
        .map_err(|error| archive.invalid(format!("its schema cannot be used: {error}")))?;
    let kinds = Kinds::of(&archive.config.schema);
    let mut newest = 0;
    for (name, place) in archive.entities.clone() {
        if !usable(&name) {
            tracing::info!(namespace = %name, "left out of what is restored");
            continue;
        }
        if catalog.at(&name, "id").is_none() {
            // One that has nothing but links is not in the schema.
            Arc::make_mut(&mut catalog).add(connection, new_id(&name))?;
        }
        let namespace = catalog.namespace(&name).cloned().unwrap_or_default();
        let rows = Rows { connection, namespace: &namespace, digests };
        archive.lines(place, |_, line| {
            if let (Some(row), _) = kinds.row(&name, line)? {
                newest = newest.max(row.created_at);
                rows.insert(row)?;
            }
            taken.one();
            Ok(())
        })?;
    }
    // The schema may be older than this program, as that of any store it opens.
    let occupied: BTreeSet<String> = archive.config.counts.keys().cloned().collect();
    let plan = crate::plan(&catalog.attrs(), ENTITIES, &occupied);
    if !plan.conflicts.is_empty() {
        return Err(archive.invalid(format!("its schema does not go with this registry's.\n{plan}")));
    }
    Arc::make_mut(&mut catalog).ensure(connection, ENTITIES)?;
    let sql = "UPDATE meta SET clock = max(clock, ?1)";
    connection.execute(sql, [newest]).map_err(InstantError::from)?;
    let (tx, _) = write::next(connection)?;
    Ok((catalog, tx))
}

/// Whether a namespace is not InstantDB's own, such as `$streams`, for which there is no use here.
fn usable(namespace: &str) -> bool {
    !namespace.starts_with('$') || namespace == "$files" || namespace == "$users"
}

/// The schema of a backup as a store takes it: of the system's namespaces only
/// what others have put on them.
fn definitions(archive: &Archive) -> Value {
    let schema = &archive.config.schema;
    let entities: Map<String, Value> = schema
        .entities
        .iter()
        .filter(|(name, _)| usable(name))
        .map(|(name, entity)| (name.clone(), json!({ "attrs": entity.attrs })))
        .collect();
    let links: Map<String, Value> = schema
        .links
        .iter()
        .filter(|(_, link)| usable(&link.forward.on) && usable(&link.reverse.on))
        .map(|(name, link)| (name.clone(), json!(link)))
        .collect();
    json!({ "entities": entities, "links": links })
}

/// Writes the rows of one namespace.
struct Rows<'a> {
    connection: &'a Connection,
    namespace: &'a Namespace,
    digests: &'a HashMap<EntityId, Digest>,
}

impl Rows<'_> {
    fn insert(&self, row: Row) -> Result<(), String> {
        let doc = self.doc(row.id, row.values)?;
        self.write(row.id, row.created_at, doc).map_err(|error| error.to_string())?;
        for (label, to) in &row.one {
            self.link(label, row.id, &[*to])?;
        }
        row.many.iter().try_for_each(|(label, to)| self.link(label, row.id, to))
    }

    /// The values as they are stored, each checked.
    fn doc(&self, id: EntityId, values: Map<String, Value>) -> Result<Map<String, Value>, String> {
        let mut doc = Map::new();
        for (label, value) in values {
            // The system's namespaces may have attributes that are unknown here.
            let Some(blob) = self.namespace.blobs.get(&label) else { continue };
            let value = entity::canonical(value).and_then(|value| entity::checked(self.namespace, blob, id, value));
            doc.insert(label, value.map_err(|error| error.to_string())?);
        }
        for blob in self.namespace.blobs.values() {
            let missing = doc.get(&blob.label).is_none_or(Value::is_null);
            if blob.required && missing {
                return Err(format!("the entity {id} lacks the required {}", blob.label));
            }
            if blob.indexed && missing {
                doc.insert(blob.label.clone(), Value::Null);
            }
        }
        Ok(doc)
    }

    fn write(&self, id: EntityId, created_at: i64, doc: Map<String, Value>) -> Result<(), InstantError> {
        let location = doc.get("location-id").and_then(Value::as_str).and_then(|location| location.parse().ok());
        if let Some(digest) = location.and_then(|location: EntityId| self.digests.get(&location))
            && self.namespace.name == "$files"
        {
            let mut insert = self.connection.prepare_cached("INSERT INTO blobs (file, digest) VALUES (?1, ?2)")?;
            insert.execute(params![id.as_bytes(), digest.as_bytes()])?;
        }
        entity::insert(self.connection, self.namespace, id, doc, created_at)
    }

    fn link(&self, label: &str, from: EntityId, to: &[EntityId]) -> Result<(), String> {
        let Some(link) = self.namespace.forward.get(label) else { return Ok(()) };
        for to in to {
            let other = if link.unique { self.holder(link.id, *to) } else { Ok(None) };
            let insert =
                |sql| self.connection.prepare_cached(sql)?.execute(params![link.id, from.as_bytes(), to.as_bytes()]);
            match other {
                Ok(Some(other)) if other != from => {
                    return Err(format!("{label} leads to {to}, as {other} does, and only one may"));
                }
                Ok(_) => insert("INSERT OR IGNORE INTO links (attr, source, target) VALUES (?1, ?2, ?3)")
                    .map_err(|error| error.to_string())?,
                Err(error) => return Err(error.to_string()),
            };
        }
        Ok(())
    }

    /// The entity that leads to this one already.
    fn holder(&self, link: i64, to: EntityId) -> Result<Option<EntityId>, InstantError> {
        let sql = "SELECT source FROM links WHERE attr = ?1 AND target = ?2 LIMIT 1";
        let mut select = self.connection.prepare_cached(sql)?;
        let mut rows = select.query(params![link, to.as_bytes()])?;
        rows.next()?.map(|row| read::id(row.get_ref(0)?)).transpose()
    }
}
