//! Transactions (`specs/instantdb-admin-api.md` 6).

mod delete;
mod names;
mod required;

use super::catalog::{Catalog, Hop, Namespace, Ref};
use super::entity::{Drafts, checked, merge};
use super::intake::{FileMeta, StoredFile};
use super::{lookup, read};
use crate::store::TxId;
use crate::transaction::{Action, PutMode, Reference, Step, Transaction};
use crate::{InstantError, Timestamp};
use model::{Digest, EntityId};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Carries out a transaction on a connection that is inside of one.
pub(super) fn run(
    connection: &Connection,
    catalog: &mut Arc<Catalog>,
    transaction: &Transaction,
) -> Result<TxId, InstantError> {
    names::settle(connection, catalog, transaction)?;
    let (tx, now) = next(connection)?;
    let mut work = Work::new(connection, catalog, now);
    work.run(&transaction.steps)?;
    Ok(tx)
}

/// A file whose bytes are in their place.
pub(super) struct FileRow<'a> {
    pub(super) meta: &'a FileMeta,
    pub(super) size: u64,
    pub(super) digest: Digest,
}

/// Writes the `$files` rows of uploads, and which bytes are theirs, in order.
/// An existing path keeps its id (`specs/instantdb-admin-api.md` 7).
pub(super) fn run_files(
    connection: &Connection,
    catalog: &Arc<Catalog>,
    files: &[FileRow<'_>],
) -> Result<(TxId, Vec<StoredFile>), InstantError> {
    let (tx, now) = next(connection)?;
    let mut work = Work::new(connection, catalog, now);
    let locations: Vec<EntityId> = files.iter().map(|_| EntityId::random()).collect();
    let step = |(file, location): (&FileRow<'_>, &EntityId)| {
        let text = |value: &Option<String>, default: &str| {
            json!(value.as_deref().filter(|text| !text.is_empty()).unwrap_or(default))
        };
        let values = Map::from_iter([
            ("path".to_owned(), json!(file.meta.path)),
            ("size".to_owned(), json!(file.size)),
            ("content-type".to_owned(), text(&file.meta.content_type, "application/octet-stream")),
            ("content-disposition".to_owned(), text(&file.meta.content_disposition, "inline")),
            ("location-id".to_owned(), json!(location)),
            ("key-version".to_owned(), json!(1)),
        ]);
        let target = Reference::Lookup("path".to_owned(), file.meta.path.clone().into());
        Step { etype: "$files".to_owned(), target, action: Action::Put(PutMode::Upsert, values) }
    };
    let steps: Vec<Step> = files.iter().zip(&locations).map(step).collect();
    let ids = work.run(&steps)?.into_iter().flatten();
    let mut insert = connection.prepare_cached(
        "INSERT INTO blobs (file, digest) VALUES (?1, ?2) ON CONFLICT (file) DO UPDATE SET digest = ?2",
    )?;
    let mut stored = Vec::with_capacity(files.len());
    for ((file, location), id) in files.iter().zip(locations).zip(ids) {
        insert.execute(params![id.as_bytes(), file.digest.as_bytes()])?;
        stored.push(StoredFile { id, location, size: file.size });
    }
    Ok((tx, stored))
}

/// The number and time of the next transaction. Times strictly increase, so
/// that the order of creation is that of the transactions.
fn next(connection: &Connection) -> Result<(TxId, i64), InstantError> {
    let sql = "UPDATE meta SET tx = tx + 1, clock = max(clock + 1, ?1) RETURNING tx, clock";
    let mut update = connection.prepare_cached(sql)?;
    Ok(update.query_row([Timestamp::now().as_millis()], |row| Ok((TxId(row.get(0)?), row.get(1)?)))?)
}

/// The kinds of steps, which run together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Add,
    Merge,
    Unlink,
    Delete,
}

fn group(action: &Action) -> Group {
    match action {
        Action::Put(..) | Action::Link(_) => Group::Add,
        Action::Merge(..) => Group::Merge,
        Action::Unlink(_) => Group::Unlink,
        Action::Delete => Group::Delete,
    }
}

/// An entity that a lookup made, and what it was looked up by.
type Made<'a> = HashMap<(&'a str, &'a str, String), EntityId>;

struct Work<'a> {
    connection: &'a Connection,
    catalog: &'a Catalog,
    drafts: Drafts<'a>,
    /// Sources of links that were added or removed.
    relinked: HashSet<(String, EntityId)>,
    deleted: HashSet<(i64, EntityId)>,
}

impl<'a> Work<'a> {
    fn new(connection: &'a Connection, catalog: &'a Catalog, now: i64) -> Self {
        Self {
            connection,
            catalog,
            drafts: Drafts::new(connection, now),
            relinked: HashSet::new(),
            deleted: HashSet::new(),
        }
    }

    /// Runs all steps; answers the entity of each, `None` for a delete that found nothing.
    fn run(&mut self, steps: &[Step]) -> Result<Vec<Option<EntityId>>, InstantError> {
        let (ids, made) = self.resolve(steps)?;
        self.check_modes(steps, &ids, &made)?;
        let doomed = self.doomed(steps, &ids)?;
        let mut order: Vec<Group> = Vec::new();
        for step in steps {
            if !order.contains(&group(&step.action)) {
                order.push(group(&step.action));
            }
        }
        for current in order {
            if current == Group::Delete {
                self.delete_all(&doomed)?;
                continue;
            }
            for (step, id) in steps.iter().zip(&ids) {
                if let (Some(id), true) = (id, group(&step.action) == current) {
                    self.step(step, *id, &made)?;
                }
            }
            self.drafts.flush()?;
        }
        self.check_required()?;
        Ok(ids)
    }

    fn namespace(&self, name: &str) -> Result<&'a Arc<Namespace>, InstantError> {
        self.catalog
            .namespace(name)
            .ok_or_else(|| InstantError::invalid("tx-step", format!("there is no namespace {name}")))
    }

    /// Finds the entity of each step. A lookup that finds none makes one, except to delete it.
    fn resolve<'s>(&self, steps: &'s [Step]) -> Result<(Vec<Option<EntityId>>, Made<'s>), InstantError> {
        let mut made = Made::new();
        let mut ids = Vec::with_capacity(steps.len());
        for step in steps {
            ids.push(match &step.target {
                Reference::Id(id) => Some(*id),
                Reference::Lookup(label, value) => {
                    match lookup::by_value(self.connection, self.catalog, &step.etype, label, value)? {
                        Some(id) => Some(id),
                        None if step.action == Action::Delete => None,
                        None => {
                            Some(*made.entry((&step.etype, label, value.to_string())).or_insert_with(EntityId::random))
                        }
                    }
                }
            });
        }
        // A lookup that also sets its own attribute makes sense only for what exists.
        for step in steps {
            if let (Reference::Lookup(label, value), Action::Put(_, values) | Action::Merge(_, values)) =
                (&step.target, &step.action)
                && values.get(label).is_some_and(|new| new != value)
                && made.contains_key(&(step.etype.as_str(), label.as_str(), value.to_string()))
            {
                return Err(InstantError::invalid(
                    "lookup",
                    "Updates with lookups can only update the lookup attribute if an entity with the unique attribute value already exists.",
                ));
            }
        }
        Ok((ids, made))
    }

    /// Checks `create` and `upsert: false` against the state before the transaction.
    fn check_modes(&mut self, steps: &[Step], ids: &[Option<EntityId>], made: &Made<'_>) -> Result<(), InstantError> {
        let (mut existing, mut missing) = (Vec::new(), Vec::new());
        for (step, id) in steps.iter().zip(ids) {
            let (Some(id), Action::Put(put_mode, values) | Action::Merge(put_mode, values)) = (*id, &step.action)
            else {
                continue;
            };
            match put_mode {
                PutMode::Upsert => {}
                PutMode::Create => {
                    if self.has_triples(&step.etype, id)? {
                        existing.push(id);
                    }
                }
                PutMode::Existing => {
                    let namespace = self.namespace(&step.etype)?;
                    if made.values().any(|new| *new == id) || self.drafts.get(namespace, id)?.is_none() {
                        missing.extend(std::iter::repeat_n(id, values.len() + 1));
                    }
                }
            }
        }
        if !existing.is_empty() {
            return Err(InstantError::Exists { entities: names(&existing), input: Value::Null });
        }
        if missing.is_empty() {
            Ok(())
        } else {
            Err(InstantError::Missing { entities: names(&missing), input: Value::Null })
        }
    }

    /// Whether the entity has a value or a forward link in this namespace.
    fn has_triples(&mut self, etype: &str, id: EntityId) -> Result<bool, InstantError> {
        let namespace = self.namespace(etype)?;
        if self.drafts.get(namespace, id)?.is_some() {
            return Ok(true);
        }
        for attr in namespace.forward.values() {
            if self.ends(attr.id, "source", id)?.next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The other ends of a link attribute's links that have `id` at `column`.
    fn ends(
        &self,
        attr: i64,
        column: &'static str,
        id: EntityId,
    ) -> Result<std::vec::IntoIter<EntityId>, InstantError> {
        let sql = match column {
            "source" => "SELECT target FROM links WHERE attr = ?1 AND source = ?2",
            _ => "SELECT source FROM links WHERE attr = ?1 AND target = ?2",
        };
        let mut select = self.connection.prepare_cached(sql)?;
        let mut rows = select.query(params![attr, id.as_bytes()])?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            ids.push(read::id(row.get_ref(0)?)?);
        }
        Ok(ids.into_iter())
    }

    fn step(&mut self, step: &Step, id: EntityId, made: &Made<'_>) -> Result<(), InstantError> {
        let namespace = self.namespace(&step.etype)?;
        if let Reference::Lookup(label, value) = &step.target
            && made.contains_key(&(step.etype.as_str(), label.as_str(), value.to_string()))
        {
            self.make(namespace, id, label, value, made)?;
        }
        match &step.action {
            Action::Put(_, values) => {
                let checked = check_all(namespace, id, values)?;
                self.drafts.upsert(namespace, id)?.extend(checked);
            }
            Action::Merge(_, values) => {
                for (label, patch) in values {
                    if namespace.hop(label).is_some() {
                        return Err(InstantError::invalid("tx-step", "merge operation is not supported for links"));
                    }
                    let mut value = self.drafts.upsert(namespace, id)?.get(label).cloned().unwrap_or_default();
                    merge(&mut value, patch.clone());
                    let value = checked(namespace, id, label, value)?;
                    self.drafts.upsert(namespace, id)?.insert(label.clone(), value);
                }
                self.drafts.upsert(namespace, id)?;
            }
            Action::Link(links) => self.links(namespace, id, links, made, Self::link)?,
            Action::Unlink(links) => self.links(namespace, id, links, made, Self::unlink)?,
            Action::Delete => {}
        }
        Ok(())
    }

    /// Makes the entity that a lookup did not find.
    fn make(
        &mut self,
        namespace: &Arc<Namespace>,
        id: EntityId,
        label: &str,
        value: &Value,
        made: &Made<'_>,
    ) -> Result<(), InstantError> {
        if let Some(link) = label.strip_suffix(".id") {
            self.drafts.upsert(namespace, id)?;
            let to = value.as_str().and_then(|text| text.to_lowercase().parse().ok()).map(Reference::Id);
            return self.links(namespace, id, &[(link.to_owned(), to.into_iter().collect())], made, Self::link);
        }
        let value = checked(namespace, id, label, value.clone())?;
        let values = self.drafts.upsert(namespace, id)?;
        if values.get(label).is_none_or(Value::is_null) {
            values.insert(label.to_owned(), value);
        }
        Ok(())
    }

    fn links(
        &mut self,
        namespace: &Arc<Namespace>,
        id: EntityId,
        links: &[(String, Vec<Reference>)],
        made: &Made<'_>,
        change: fn(&mut Self, &Ref, EntityId, EntityId) -> Result<(), InstantError>,
    ) -> Result<(), InstantError> {
        for (label, to) in links {
            let hop = namespace
                .hop(label)
                .ok_or_else(|| InstantError::invalid("tx-step", format!("{}.{label} is not a link", namespace.name)))?;
            for reference in to {
                let other = self.linked(&hop, reference, made)?;
                let (source, target) = if hop.forward { (id, other) } else { (other, id) };
                change(self, &hop.attr, source, target)?;
                self.relinked.insert((hop.attr.etype.clone(), source));
            }
        }
        Ok(())
    }

    /// The entity that a link's target names: it exists, or a step of this transaction has this lookup.
    fn linked(&self, hop: &Hop, reference: &Reference, made: &Made<'_>) -> Result<EntityId, InstantError> {
        let (label, value) = match reference {
            Reference::Id(id) => return Ok(*id),
            Reference::Lookup(label, value) => (label, value),
        };
        if let Some(id) = made.get(&(hop.etype(), label.as_str(), value.to_string())) {
            return Ok(*id);
        }
        lookup::by_value(self.connection, self.catalog, hop.etype(), label, value)?.ok_or_else(|| {
            InstantError::invalid("lookup", "The entity for the lookup does not exist.")
                .with_input(|| json!({ "namespace": hop.etype(), "label": label, "value": value }))
        })
    }

    fn link(&mut self, attr: &Ref, source: EntityId, target: EntityId) -> Result<(), InstantError> {
        if !attr.many {
            let before = self.ends(attr.id, "source", source)?.next();
            if before == Some(target) {
                return Ok(());
            }
            if let Some(before) = before {
                self.unlink(attr, source, before)?;
            }
        }
        if attr.unique && self.ends(attr.id, "target", target)?.any(|holder| holder != source) {
            return Err(InstantError::NotUnique {
                etype: attr.etype.clone(),
                label: attr.label.clone(),
                value: Box::new(json!(target)),
                attr_id: Some(attr.attr.id),
            });
        }
        let mut insert =
            self.connection.prepare_cached("INSERT OR IGNORE INTO links (attr, source, target) VALUES (?1, ?2, ?3)")?;
        insert.execute(params![attr.id, source.as_bytes(), target.as_bytes()])?;
        Ok(())
    }

    fn unlink(&mut self, attr: &Ref, source: EntityId, target: EntityId) -> Result<(), InstantError> {
        let mut delete =
            self.connection.prepare_cached("DELETE FROM links WHERE attr = ?1 AND source = ?2 AND target = ?3")?;
        delete.execute(params![attr.id, source.as_bytes(), target.as_bytes()])?;
        Ok(())
    }
}

fn names(ids: &[EntityId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn check_all(
    namespace: &Namespace,
    id: EntityId,
    values: &Map<String, Value>,
) -> Result<Vec<(String, Value)>, InstantError> {
    let check = |(label, value): (&String, &Value)| {
        if namespace.hop(label).is_some() {
            return Err(InstantError::invalid("tx-step", format!("{}.{label} is a link; use `link`", namespace.name)));
        }
        Ok((label.clone(), checked(namespace, id, label, value.clone())?))
    };
    values.iter().filter(|(label, _)| *label != "id").map(check).collect()
}
