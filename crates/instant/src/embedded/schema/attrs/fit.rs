//! Whether the data fits what an attribute is to become.

use crate::InstantError;
use crate::app_attr::{AppAttr, AppCardinality};
use crate::embedded::catalog::{Blob, Catalog, Known, Namespace, Ref};
use crate::embedded::entity::checked;
use crate::embedded::{key, read};
use model::EntityId;
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Whether some entity of the namespace has a value or a forward link.
pub(super) fn has_triples(connection: &Connection, catalog: &Catalog, etype: &str) -> Result<bool, InstantError> {
    let Some(namespace) = catalog.namespace(etype) else {
        return Ok(false);
    };
    let mut entities = connection.prepare_cached("SELECT 1 FROM entities WHERE etype = ?1 LIMIT 1")?;
    if entities.exists([namespace.id])? {
        return Ok(true);
    }
    let mut links = connection.prepare_cached("SELECT 1 FROM links WHERE attr = ?1 LIMIT 1")?;
    for link in namespace.forward.values() {
        if links.exists([link.id])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Refuses a change that the data does not fit, in the words in which the same
/// data would be refused afterwards.
pub(super) fn check(
    connection: &Connection,
    catalog: &Catalog,
    before: &AppAttr,
    after: &AppAttr,
) -> Result<(), InstantError> {
    let Some(known) = catalog.by_uuid(after.id) else {
        return Ok(());
    };
    let unique = after.unique && !before.unique;
    match known {
        Known::Blob(namespace, blob) => {
            let keyed = unique || (after.indexed && !before.indexed);
            let typed = after.checked_data_type.is_some() && after.checked_data_type != before.checked_data_type;
            if keyed || typed {
                values(connection, namespace, &Blob::new(blob.id, after.clone()), unique)?;
            }
        }
        Known::Ref(link) => {
            if after.cardinality == AppCardinality::One && before.cardinality == AppCardinality::Many {
                single(connection, link)?;
            }
            if unique {
                unique_targets(connection, link)?;
            }
        }
        Known::Id(..) => {}
    }
    if after.required && !before.required {
        required(connection, catalog, known, after)?;
    }
    Ok(())
}

/// Types, sizes and uniqueness of all values.
fn values(connection: &Connection, namespace: &Namespace, blob: &Blob, unique: bool) -> Result<(), InstantError> {
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    each(connection, namespace.id, |id, doc| {
        let Some(value) = doc.get(&blob.label) else {
            return Ok(());
        };
        checked(namespace, blob, id, value.clone())?;
        if unique && !value.is_null() && !seen.insert(key::key(value, blob.value_type)) {
            return Err(InstantError::NotUnique {
                etype: namespace.name.clone(),
                label: blob.label.clone(),
                value: Box::new(value.clone()),
                attr_id: Some(blob.attr.id),
            });
        }
        Ok(())
    })
}

/// No source has two targets.
fn single(connection: &Connection, link: &Ref) -> Result<(), InstantError> {
    let sql = "SELECT 1 FROM links WHERE attr = ?1 GROUP BY source HAVING count(*) > 1 LIMIT 1";
    if connection.prepare(sql)?.exists([link.id])? {
        // Which one it is InstantDB does not tell.
        let hint = json!({ "record-type": "triple" });
        return Err(InstantError::refused("record-not-unique", "Record not unique: triple", hint));
    }
    Ok(())
}

/// No target has two sources.
fn unique_targets(connection: &Connection, link: &Ref) -> Result<(), InstantError> {
    let sql = "SELECT target FROM links WHERE attr = ?1 GROUP BY target HAVING count(*) > 1 LIMIT 1";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([link.id])?;
    match rows.next()? {
        None => Ok(()),
        Some(row) => Err(InstantError::NotUnique {
            etype: link.etype.clone(),
            label: link.label.clone(),
            value: Box::new(json!(read::id(row.get_ref(0)?)?)),
            attr_id: Some(link.attr.id),
        }),
    }
}

/// Every entity of the namespace has a value, or a link.
fn required(connection: &Connection, catalog: &Catalog, known: Known<'_>, after: &AppAttr) -> Result<(), InstantError> {
    let lacking = match known {
        Known::Id(..) => false,
        Known::Blob(namespace, _) => {
            let mut lacking = false;
            each(connection, namespace.id, |_, doc| {
                lacking |= doc.get(after.label()).is_none_or(Value::is_null);
                Ok(())
            })?;
            lacking
        }
        Known::Ref(link) => {
            let etype = catalog.namespace(&link.etype).map_or(0, |namespace| namespace.id);
            let sql = "SELECT 1 FROM entities e WHERE e.etype = ?2
                       AND NOT EXISTS (SELECT 1 FROM links l WHERE l.attr = ?1 AND l.source = e.id) LIMIT 1";
            connection.prepare(sql)?.exists(params![link.id, etype])?
        }
    };
    if !lacking {
        return Ok(());
    }
    let (etype, label) = (after.namespace(), after.label());
    let message =
        format!("Can't update attribute `{label}` to required because `{etype}` already have entities without it");
    Err(InstantError::invalid("attributes", message).with_input(|| json!({ "id": after.id })))
}

/// Looks at every document of a namespace.
fn each(
    connection: &Connection,
    etype: i64,
    mut look: impl FnMut(EntityId, &Map<String, Value>) -> Result<(), InstantError>,
) -> Result<(), InstantError> {
    let mut select = connection.prepare("SELECT id, doc FROM entities WHERE etype = ?1")?;
    let mut rows = select.query([etype])?;
    while let Some(row) = rows.next()? {
        let id = read::id(row.get_ref(0)?)?;
        let doc: String = row.get(1)?;
        let damaged = |_| InstantError::Corrupt { what: format!("entity {id} is not JSON") };
        look(id, &serde_json::from_str(&doc).map_err(damaged)?)?;
    }
    Ok(())
}

/// Writes back every document of a namespace that `change` says it has changed.
pub(super) fn rewrite(
    connection: &Connection,
    etype: i64,
    mut change: impl FnMut(&mut Map<String, Value>) -> bool,
) -> Result<(), InstantError> {
    let mut update = connection.prepare("UPDATE entities SET doc = ?3 WHERE etype = ?1 AND id = ?2")?;
    let mut changed = Vec::new();
    each(connection, etype, |id, doc| {
        let mut doc = doc.clone();
        if change(&mut doc) {
            changed.push((id, Value::Object(doc).to_string()));
        }
        Ok(())
    })?;
    for (id, doc) in changed {
        update.execute(params![etype, id.as_bytes(), doc])?;
    }
    Ok(())
}
