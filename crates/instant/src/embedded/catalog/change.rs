//! Attributes added and changed.

use super::{Blob, Catalog, Known};
use crate::app_attr::{AppAttr, AppCardinality, AttrCatalog, AttrKind, Ident};
use crate::embedded::key;
use crate::schema::EntityDef;
use crate::{AttrDef, Cardinality, InstantError, LinkDef, ValueType};
use model::EntityId;
use rusqlite::{Connection, params};
use serde_json::{Map, Value};

/// A blob attribute of the app with fresh ids, without type or flags.
pub(in crate::embedded) fn new_blob(etype: &str, label: &str) -> AppAttr {
    AppAttr {
        id: EntityId::random(),
        forward_identity: Ident(EntityId::random(), etype.to_owned(), label.to_owned()),
        reverse_identity: None,
        value_type: AttrKind::Blob,
        cardinality: AppCardinality::One,
        unique: false,
        indexed: false,
        required: false,
        checked_data_type: None,
        on_delete: None,
        on_delete_reverse: None,
        inferred_types: None,
        catalog: AttrCatalog::User,
    }
}

/// The `id` attribute of a namespace, with fresh ids.
pub(in crate::embedded) fn new_id(etype: &str) -> AppAttr {
    AppAttr { unique: true, ..new_blob(etype, "id") }
}

/// A link of the app with fresh ids: many to many.
pub(in crate::embedded) fn new_ref(etype: &str, label: &str, reverse_etype: &str, reverse_label: &str) -> AppAttr {
    AppAttr {
        reverse_identity: Some(Ident(EntityId::random(), reverse_etype.to_owned(), reverse_label.to_owned())),
        value_type: AttrKind::Ref,
        cardinality: AppCardinality::Many,
        ..new_blob(etype, label)
    }
}

impl Catalog {
    /// Writes an attribute that is not there yet.
    pub(in crate::embedded) fn add(&mut self, connection: &Connection, attr: AppAttr) -> Result<(), InstantError> {
        connection.execute("INSERT INTO attrs (definition) VALUES (?1)", [definition(&attr)])?;
        let id = connection.last_insert_rowid();
        let (etype, label) = (attr.namespace().to_owned(), attr.label().to_owned());
        self.insert(id, attr)
            .ok_or_else(|| InstantError::Corrupt { what: format!("the attribute definition {etype}.{label}") })?;
        if let Some(Known::Blob(namespace, blob)) = self.at(&etype, &label)
            && blob.has_keys()
        {
            backfill(connection, namespace.id, blob)?;
        }
        Ok(())
    }

    /// Writes an attribute in place of the one with its uuid.
    pub(in crate::embedded) fn replace(&mut self, connection: &Connection, attr: AppAttr) -> Result<(), InstantError> {
        let Some(before) = self.by_uuid(attr.id) else {
            return self.add(connection, attr);
        };
        if *before.attr() == attr {
            return Ok(());
        }
        let id = before.id();
        let had_keys = matches!(before, Known::Blob(_, blob) if blob.has_keys());
        let was_indexed = before.attr().indexed;
        let checked_before = before.attr().checked_data_type.clone();
        connection.execute("UPDATE attrs SET definition = ?2 WHERE id = ?1", params![id, definition(&attr)])?;
        let (uuid, retyped) = (attr.id, attr.checked_data_type != checked_before);
        self.insert(id, attr)
            .ok_or_else(|| InstantError::Corrupt { what: format!("the attribute definition {uuid}") })?;
        if let Some(Known::Blob(namespace, blob)) = self.by_uuid(uuid) {
            let keyed = blob.has_keys();
            if had_keys && (!keyed || retyped) {
                connection.execute("DELETE FROM keys WHERE attr = ?1", [id])?;
            }
            if keyed && (!had_keys || retyped || (blob.indexed && !was_indexed)) {
                backfill(connection, namespace.id, blob)?;
            }
        }
        Ok(())
    }

    /// Adds the system catalogue, and what the schema has and the database has
    /// not, and takes over changed flags. Nothing is ever removed.
    pub(in crate::embedded) fn ensure(
        &mut self,
        connection: &Connection,
        entities: &[EntityDef],
    ) -> Result<(), InstantError> {
        for attr in super::system_attrs() {
            self.replace(connection, attr)?;
        }
        for entity in entities {
            if self.at(entity.namespace, "id").is_none() {
                self.add(connection, new_id(entity.namespace))?;
            }
        }
        for entity in entities {
            for attr in entity.attrs.iter().filter(|attr| !attr.system) {
                self.ensure_blob(connection, entity.namespace, attr)?;
            }
            for link in entity.links {
                self.ensure_ref(connection, link)?;
            }
        }
        Ok(())
    }

    fn ensure_blob(&mut self, connection: &Connection, etype: &str, def: &AttrDef) -> Result<(), InstantError> {
        let before = self.at(etype, def.label).map(|known| known.attr().clone());
        let attr = AppAttr {
            checked_data_type: Some(def.value_type)
                .filter(|value_type| *value_type != ValueType::Json)
                .map(|value_type| value_type.as_str().to_owned()),
            unique: def.unique,
            indexed: def.indexed,
            required: def.required,
            ..before.unwrap_or_else(|| new_blob(etype, def.label))
        };
        self.replace(connection, attr)
    }

    fn ensure_ref(&mut self, connection: &Connection, link: &LinkDef) -> Result<(), InstantError> {
        let (forward, reverse) = (&link.forward, &link.reverse);
        let before = self.at(forward.on, forward.label).map(|known| known.attr().clone());
        let cascade = |cascade: bool| cascade.then(|| "cascade".to_owned());
        let attr = AppAttr {
            cardinality: match forward.has {
                Cardinality::One => AppCardinality::One,
                Cardinality::Many => AppCardinality::Many,
            },
            unique: reverse.has == Cardinality::One,
            on_delete: cascade(forward.cascade),
            on_delete_reverse: cascade(reverse.cascade),
            ..before.unwrap_or_else(|| new_ref(forward.on, forward.label, reverse.on, reverse.label))
        };
        self.replace(connection, attr)
    }
}

fn definition(attr: &AppAttr) -> String {
    serde_json::to_string(attr).expect("an attribute serialises: its keys are strings")
}

/// Gives the entities that are there a key for an attribute that is indexed
/// from now on, and null where they have no value.
fn backfill(connection: &Connection, etype: i64, blob: &Blob) -> Result<(), InstantError> {
    let mut rows = connection.prepare("SELECT id, doc FROM entities WHERE etype = ?1")?;
    let mut insert = connection.prepare("INSERT OR IGNORE INTO keys (attr, key, entity) VALUES (?1, ?2, ?3)")?;
    let mut update = connection.prepare("UPDATE entities SET doc = ?3 WHERE etype = ?1 AND id = ?2")?;
    let entities = rows
        .query_map([etype], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    for (id, doc) in entities {
        let mut doc: Map<String, Value> = serde_json::from_str(&doc)
            .map_err(|_| InstantError::Corrupt { what: format!("entity {} is not JSON", hex::encode(&id)) })?;
        let value = doc.get(&blob.label).unwrap_or(&Value::Null);
        insert.execute(params![blob.id, key::key(value, blob.value_type), id])?;
        if blob.indexed && !doc.contains_key(&blob.label) {
            doc.insert(blob.label.clone(), Value::Null);
            update.execute(params![etype, id, Value::Object(doc).to_string()])?;
        }
    }
    Ok(())
}
