//! Entities under change: what a transaction has read and not yet written.

use super::catalog::{Blob, Namespace};
use super::condition::{fits, type_name};
use super::{key, lookup, read};
use crate::error::{InstantError, InvalidValue};
use model::{EntityId, MAX_INDEXED_BYTES};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// One entity's document.
pub(super) const READ: &str = "SELECT created_at, doc FROM entities WHERE etype = ?1 AND id = ?2";
/// A key that is no more.
pub(super) const REMOVE_KEY: &str = "DELETE FROM keys WHERE attr = ?1 AND key = ?2 AND entity = ?3";
/// A changed document.
pub(super) const UPDATE: &str = "UPDATE entities SET doc = ?3 WHERE etype = ?1 AND id = ?2";
/// An entity that is no more.
pub(super) const REMOVE: &str = "DELETE FROM entities WHERE etype = ?1 AND id = ?2";

/// One entity.
#[derive(Default)]
struct Draft {
    /// Its document and creation as they stand in the database.
    stored: Option<(i64, Map<String, Value>)>,
    /// Its document as it shall be; `None` when it does not exist.
    current: Option<Map<String, Value>>,
    dirty: bool,
}

/// The entities that a transaction has touched.
pub(super) struct Drafts<'a> {
    connection: &'a Connection,
    now: i64,
    by_id: HashMap<(i64, EntityId), Draft>,
    dirty: Vec<(EntityId, Arc<Namespace>)>,
}

impl<'a> Drafts<'a> {
    /// None yet; what is created is created at `now`, in milliseconds since 1970.
    pub(super) fn new(connection: &'a Connection, now: i64) -> Self {
        Self { connection, now, by_id: HashMap::new(), dirty: Vec::new() }
    }

    fn draft(&mut self, namespace: &Namespace, id: EntityId) -> Result<&mut Draft, InstantError> {
        match self.by_id.entry((namespace.id, id)) {
            Entry::Occupied(draft) => Ok(draft.into_mut()),
            Entry::Vacant(place) => {
                let mut select = self.connection.prepare_cached(READ)?;
                let row: Option<(i64, String)> = select
                    .query_row(params![namespace.id, id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                let stored = row.map(|(created_at, doc)| parse(&doc, id).map(|doc| (created_at, doc))).transpose()?;
                let current = stored.as_ref().map(|(_, doc)| doc.clone());
                Ok(place.insert(Draft { stored, current, dirty: false }))
            }
        }
    }

    /// The entity's values, if it exists.
    pub(super) fn get(
        &mut self,
        namespace: &Namespace,
        id: EntityId,
    ) -> Result<Option<&Map<String, Value>>, InstantError> {
        Ok(self.draft(namespace, id)?.current.as_ref())
    }

    /// The entity's values for changing; made when there is none. A new one has
    /// null for every indexed attribute of the app (`specs/instantdb-admin-api.md` 4.1).
    pub(super) fn upsert(
        &mut self,
        namespace: &Arc<Namespace>,
        id: EntityId,
    ) -> Result<&mut Map<String, Value>, InstantError> {
        self.mark(namespace, id)?;
        let draft = self.draft(namespace, id)?;
        Ok(draft.current.get_or_insert_with(|| {
            let indexed = namespace.blobs.values().filter(|blob| blob.indexed && !blob.system);
            indexed.map(|blob| (blob.label.clone(), Value::Null)).collect()
        }))
    }

    /// Removes the entity's values.
    pub(super) fn remove(&mut self, namespace: &Arc<Namespace>, id: EntityId) -> Result<(), InstantError> {
        self.mark(namespace, id)?;
        self.draft(namespace, id)?.current = None;
        Ok(())
    }

    fn mark(&mut self, namespace: &Arc<Namespace>, id: EntityId) -> Result<(), InstantError> {
        let draft = self.draft(namespace, id)?;
        if !draft.dirty {
            draft.dirty = true;
            self.dirty.push((id, Arc::clone(namespace)));
        }
        Ok(())
    }

    /// Writes what has changed, entity by entity in the order of their ids, each
    /// checked against what is written by then: so two entities cannot swap a
    /// unique value, as in InstantDB.
    pub(super) fn flush(&mut self) -> Result<(), InstantError> {
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_by_key(|(id, _)| *id);
        for (id, namespace) in dirty {
            let draft = self.by_id.get_mut(&(namespace.id, id)).expect("what is dirty has a draft");
            draft.dirty = false;
            write(self.connection, &namespace, id, draft, self.now)?;
        }
        Ok(())
    }

    /// Forgets what was read, because the schema has changed under it. All is written by then.
    pub(super) fn forget(&mut self) {
        self.by_id.clear();
    }
}

fn parse(doc: &str, id: EntityId) -> Result<Map<String, Value>, InstantError> {
    serde_json::from_str(doc).map_err(|_| InstantError::Corrupt { what: format!("entity {id} is not JSON") })
}

fn write(
    connection: &Connection,
    namespace: &Namespace,
    id: EntityId,
    draft: &mut Draft,
    now: i64,
) -> Result<(), InstantError> {
    for blob in namespace.blobs.values().filter(|blob| blob.has_keys()) {
        let old = draft.stored.as_ref().map(|(_, doc)| value_key(doc, blob));
        let new = draft.current.as_ref().map(|doc| value_key(doc, blob));
        if old == new {
            continue;
        }
        if let Some(old) = old {
            connection.prepare_cached(REMOVE_KEY)?.execute(params![blob.id, old, id.as_bytes()])?;
        }
        let Some(new) = new else { continue };
        if blob.unique && new != key::NULL {
            let mut taken = connection.prepare_cached(lookup::BY_KEY)?;
            let mut rows = taken.query(params![blob.id, new])?;
            if let Some(row) = rows.next()?
                && read::id(row.get_ref(0)?)? != id
            {
                let value = draft.current.as_ref().and_then(|doc| doc.get(&blob.label)).cloned().unwrap_or_default();
                return Err(InstantError::NotUnique {
                    etype: namespace.name.clone(),
                    label: blob.label.clone(),
                    value: Box::new(value),
                    attr_id: Some(blob.attr.id),
                });
            }
        }
        let mut insert = connection.prepare_cached("INSERT INTO keys (attr, key, entity) VALUES (?1, ?2, ?3)")?;
        insert.execute(params![blob.id, new, id.as_bytes()])?;
    }
    let created_at = draft.stored.as_ref().map(|(created_at, _)| *created_at);
    match (&draft.current, created_at) {
        (Some(doc), None) => {
            let doc = serde_json::to_string(doc).expect("JSON values serialise");
            let mut insert = connection
                .prepare_cached("INSERT INTO entities (etype, id, created_at, doc) VALUES (?1, ?2, ?3, ?4)")?;
            insert.execute(params![namespace.id, id.as_bytes(), now, doc])?;
        }
        (Some(doc), Some(_)) => {
            let doc = serde_json::to_string(doc).expect("JSON values serialise");
            connection.prepare_cached(UPDATE)?.execute(params![namespace.id, id.as_bytes(), doc])?;
        }
        (None, Some(_)) => {
            connection.prepare_cached(REMOVE)?.execute(params![namespace.id, id.as_bytes()])?;
        }
        (None, None) => {}
    }
    draft.stored = draft.current.clone().map(|doc| (created_at.unwrap_or(now), doc));
    Ok(())
}

/// Writes an entity that is not there yet.
pub(super) fn insert(
    connection: &Connection,
    namespace: &Namespace,
    id: EntityId,
    doc: Map<String, Value>,
    created_at: i64,
) -> Result<(), InstantError> {
    write(connection, namespace, id, &mut Draft { current: Some(doc), ..Draft::default() }, created_at)
}

fn value_key(doc: &Map<String, Value>, blob: &Blob) -> Vec<u8> {
    key::key(doc.get(&blob.label).unwrap_or(&Value::Null), blob.value_type)
}

/// A value as it is stored, or why it cannot be.
pub(super) fn checked(namespace: &Namespace, blob: &Blob, id: EntityId, value: Value) -> Result<Value, InstantError> {
    if !fits(blob.value_type, &value) {
        let (refused, whole) = invalid(namespace, blob, id, &value);
        return Err(InstantError::WrongType { value: refused, actual: whole.then(|| type_name(&value)) });
    }
    if blob.has_keys() && size(&value) > MAX_INDEXED_BYTES {
        let (refused, _) = invalid(namespace, blob, id, &value);
        return Err(InstantError::TooLarge { value: refused, unique: blob.unique });
    }
    Ok(value)
}

/// What a refusal tells of a value, and whether that is all of it.
fn invalid(namespace: &Namespace, blob: &Blob, id: EntityId, value: &Value) -> (Box<InvalidValue>, bool) {
    let (value, whole) = InvalidValue::shown(value);
    let refused = InvalidValue {
        namespace: namespace.name.clone(),
        attribute: blob.label.clone(),
        value,
        checked_data_type: Some(blob.value_type.map_or("null", crate::ValueType::as_str).to_owned()),
        attr_id: Some(blob.attr.id),
        entity_id: Some(id),
    };
    (Box::new(refused), whole)
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(_) | Value::Object(_) => value.to_string().len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Refuses U+0000 and spells UUIDs in lower case (`specs/instantdb-admin-api.md` 5.3).
pub(super) fn canonical(mut value: Value) -> Result<Value, InstantError> {
    canonicalise(&mut value)?;
    Ok(value)
}

fn canonicalise(value: &mut Value) -> Result<(), InstantError> {
    match value {
        Value::String(text) if text.contains('\0') => Err(InstantError::NullByte),
        Value::String(text) => {
            if text.len() == 36 && text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                let lower = text.to_ascii_lowercase();
                if lower.parse::<EntityId>().is_ok() {
                    *text = lower;
                }
            }
            Ok(())
        }
        Value::Array(values) => values.iter_mut().try_for_each(canonicalise),
        Value::Object(values) if values.keys().any(|key| key.contains('\0')) => Err(InstantError::NullByte),
        Value::Object(values) => values.values_mut().try_for_each(canonicalise),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Merges `patch` into `target`: where both are objects key by key, null
/// removing one; anything else replaces, nulls within it included.
pub(super) fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(values), Value::Object(patch)) => {
            for (name, value) in patch {
                match values.get_mut(&name) {
                    Some(there @ Value::Object(_)) if value.is_object() => merge(there, value),
                    _ if value.is_null() => drop(values.shift_remove(&name)),
                    _ => drop(values.insert(name, value)),
                }
            }
        }
        (target, patch) => *target = patch,
    }
}
