//! Attributes as files of format 1 have them: without ids, and with their own
//! names for the flags.

use super::{new_blob, new_id, new_ref, system_attrs};
use crate::InstantError;
use crate::app_attr::{AppAttr, AppCardinality};
use rusqlite::{Connection, params};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of InstantDB's attrs")]
struct Definition {
    etype: String,
    label: String,
    #[serde(rename = "type")]
    value_type: Option<String>,
    unique: bool,
    indexed: bool,
    required: bool,
    reverse_etype: Option<String>,
    reverse_label: Option<String>,
    many: bool,
    cascade: bool,
    cascade_reverse: bool,
}

impl Definition {
    fn into_attr(self) -> AppAttr {
        let cascade = |cascade: bool| cascade.then(|| "cascade".to_owned());
        if let (Some(etype), Some(label)) = (&self.reverse_etype, &self.reverse_label) {
            return AppAttr {
                cardinality: if self.many { AppCardinality::Many } else { AppCardinality::One },
                unique: self.unique,
                on_delete: cascade(self.cascade),
                on_delete_reverse: cascade(self.cascade_reverse),
                ..new_ref(&self.etype, &self.label, etype, label)
            };
        }
        let name = (self.etype.as_str(), self.label.as_str());
        let system = system_attrs().into_iter().find(|attr| (attr.namespace(), attr.label()) == name);
        let attr = match system {
            Some(attr) if attr.reverse_identity.is_none() => attr,
            _ if self.label == "id" => return new_id(&self.etype),
            _ => new_blob(&self.etype, &self.label),
        };
        // With the flags that its keys were made by: opening the store gives the system's their own.
        AppAttr {
            checked_data_type: self.value_type.filter(|value_type| super::checked_type(value_type).is_some()),
            unique: self.unique,
            indexed: self.indexed,
            required: self.required,
            ..attr
        }
    }
}

/// Gives every attribute its ids.
pub(in crate::embedded) fn from_format_1(connection: &Connection) -> Result<(), InstantError> {
    let mut select = connection.prepare("SELECT id, definition FROM attrs")?;
    let rows = select.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    for (id, text) in rows {
        let damaged = |_| InstantError::Corrupt { what: format!("attribute {id} in the table attrs") };
        let attr = serde_json::from_str::<Definition>(&text).map_err(damaged)?.into_attr();
        let text = serde_json::to_string(&attr).map_err(damaged)?;
        connection.execute("UPDATE attrs SET definition = ?2 WHERE id = ?1", params![id, text])?;
    }
    Ok(())
}
