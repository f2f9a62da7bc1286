//! Entities by the value of a unique attribute (`specs/instantdb-admin-api.md` 6.2).

use super::catalog::{Catalog, Known};
use super::{key, read};
use crate::InstantError;
use model::EntityId;
use rusqlite::{Connection, params};
use serde_json::Value;

/// An entity by the key of a unique value.
pub(super) const BY_KEY: &str = "SELECT entity FROM keys WHERE attr = ?1 AND key = ?2 LIMIT 1";
/// An entity by what its unique link leads to.
pub(super) const BY_TARGET: &str = "SELECT source FROM links WHERE attr = ?1 AND target = ?2 LIMIT 1";
/// An entity by itself.
pub(super) const BY_ID: &str = "SELECT id FROM entities WHERE etype = ?1 AND id = ?2";

/// The entity of `etype` whose unique attribute `label` has this value.
pub(super) fn by_value(
    connection: &Connection,
    catalog: &Catalog,
    etype: &str,
    label: &str,
    value: &Value,
) -> Result<Option<EntityId>, InstantError> {
    if catalog.namespace(etype).is_none() {
        return Ok(None);
    }
    find(connection, attr(catalog, etype, label)?, value)
}

/// The forward link in the name of a lookup by link, `link.id`; `None` for a lookup by value.
pub(super) fn link_of<'l>(catalog: &Catalog, etype: &str, label: &'l str) -> Result<Option<&'l str>, InstantError> {
    if !label.contains('.') || catalog.at(etype, label).is_some() {
        return Ok(None);
    }
    match label.strip_suffix(".id") {
        Some(link) if !link.contains('.') => Ok(Some(link)),
        _ => Err(InstantError::invalid("lookup", format!("{label} is not a valid lookup attribute."))),
    }
}

/// The unique attribute that a lookup names.
pub(super) fn attr<'c>(catalog: &'c Catalog, etype: &str, label: &str) -> Result<Known<'c>, InstantError> {
    let name = link_of(catalog, etype, label)?.unwrap_or(label);
    let found = catalog.at(etype, name);
    found
        .filter(|known| known.attr().unique)
        .ok_or_else(|| InstantError::invalid("lookup", format!("{label} is not a unique attribute on {etype}")))
}

/// The entity whose unique attribute has this value.
pub(super) fn find(connection: &Connection, attr: Known<'_>, value: &Value) -> Result<Option<EntityId>, InstantError> {
    let (sql, wanted) = match attr {
        Known::Blob(..) if value.is_null() => return Ok(None),
        Known::Blob(_, blob) => (BY_KEY, key::key(value, blob.value_type)),
        Known::Id(..) | Known::Ref(_) => match id(value) {
            None => return Ok(None),
            Some(id) => (if matches!(attr, Known::Id(..)) { BY_ID } else { BY_TARGET }, id.as_bytes().to_vec()),
        },
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![attr.id(), wanted])?;
    rows.next()?.map(|row| read::id(row.get_ref(0)?)).transpose()
}

/// The id that a value is, however it is spelled.
pub(super) fn id(value: &Value) -> Option<EntityId> {
    value.as_str()?.parse().ok()
}
