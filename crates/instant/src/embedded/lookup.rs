//! Entities by the value of a unique attribute (`specs/instantdb-admin-api.md` 6.2).

use super::catalog::Catalog;
use super::{key, read};
use crate::InstantError;
use model::EntityId;
use rusqlite::{Connection, params};
use serde_json::Value;

/// What a lookup's name stands for.
enum Unique {
    /// A unique attribute.
    Blob { attr: i64, key: Vec<u8> },
    /// A unique has-one link, and the id it leads to.
    Link { attr: i64, target: EntityId },
    /// The id itself.
    Id(EntityId),
    /// A namespace that is not there.
    Nowhere,
}

/// The entity of `etype` whose unique attribute `label` has this value.
pub(super) fn by_value(
    connection: &Connection,
    catalog: &Catalog,
    etype: &str,
    label: &str,
    value: &Value,
) -> Result<Option<EntityId>, InstantError> {
    let (sql, attr, wanted) = match resolve(catalog, etype, label, value)? {
        Unique::Nowhere => return Ok(None),
        Unique::Id(id) => return Ok(Some(id)),
        Unique::Blob { .. } if value.is_null() => return Ok(None),
        Unique::Blob { attr, key } => ("SELECT entity FROM keys WHERE attr = ?1 AND key = ?2", attr, key),
        Unique::Link { attr, target } => {
            ("SELECT source FROM links WHERE attr = ?1 AND target = ?2", attr, target.as_bytes().to_vec())
        }
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![attr, wanted])?;
    rows.next()?.map(|row| read::id(row.get_ref(0)?)).transpose()
}

fn resolve(catalog: &Catalog, etype: &str, label: &str, value: &Value) -> Result<Unique, InstantError> {
    let refuse = |message: String| Err(InstantError::invalid("lookup", message));
    let id = || value.as_str().and_then(|text| text.to_lowercase().parse::<EntityId>().ok());
    let not_an_id = || {
        refuse(format!(
            "Invalid lookup '{value}'. The lookup attribute is '{etype}.{label}', but the lookup value is not a valid UUID."
        ))
    };
    let Some(namespace) = catalog.namespace(etype) else {
        return Ok(Unique::Nowhere);
    };
    if label == "id" {
        return id().map_or_else(not_an_id, |id| Ok(Unique::Id(id)));
    }
    if let Some(link) = label.strip_suffix(".id") {
        return match namespace.forward.get(link) {
            Some(attr) if attr.unique && !attr.many => {
                id().map_or_else(not_an_id, |target| Ok(Unique::Link { attr: attr.id, target }))
            }
            _ => refuse(format!("{label} is not a valid lookup attribute.")),
        };
    }
    match namespace.blobs.get(label) {
        _ if label.contains('.') => refuse(format!("{label} is not a valid lookup attribute.")),
        Some(blob) if blob.unique => Ok(Unique::Blob { attr: blob.id, key: key::key(value, blob.value_type) }),
        _ => refuse(format!("{label} is not a unique attribute on {etype}")),
    }
}
