//! The definitions that are pushed: what `i.schema()` serialises to
//! (`specs/instantdb-admin-api.md` 4.2). All else in them is ignored.

use super::attrs::is_system_name;
use crate::InstantError;
use crate::app_attr::{AppAttr, AppCardinality};
use crate::embedded::catalog::{checked_type, new_blob, new_ref, system_attrs};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Definitions {
    entities: Option<Map<String, Value>>,
    links: Option<Map<String, Value>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entity {
    attrs: Option<Map<String, Value>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Attr {
    value_type: Value,
    required: Value,
    config: Option<Config>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Config {
    indexed: Value,
    unique: Value,
}

#[derive(Deserialize)]
struct Link {
    forward: Side,
    reverse: Side,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Side {
    on: String,
    label: String,
    has: Option<String>,
    #[serde(default)]
    required: Value,
    on_delete: Option<String>,
}

/// The attributes that definitions speak of, with fresh ids: values, then links.
/// Those of the system are left out, as are namespaces that have no other.
pub(super) fn read(definitions: &Value) -> Result<Vec<AppAttr>, InstantError> {
    let malformed = |at: &[&str], what: &dyn std::fmt::Display| {
        InstantError::invalid("schema", what.to_string())
            .with_hint(json!({ "in": at, "message": what.to_string() }))
            .with_input(|| definitions.clone())
    };
    let definitions_read: Definitions =
        Definitions::deserialize(definitions).map_err(|error| malformed(&["schema"], &error))?;
    let mut attrs = Vec::new();
    for (etype, entity) in definitions_read.entities.unwrap_or_default() {
        let entity = Entity::deserialize(&entity).map_err(|error| malformed(&["entities", &etype], &error))?;
        for (label, attr) in entity.attrs.unwrap_or_default() {
            if is_system_name(&etype, &label) {
                continue;
            }
            let at = ["entities", &etype, "attrs", &label];
            attrs.push(Attr::deserialize(&attr).map_err(|error| malformed(&at, &error))?.into_attr(&etype, &label));
        }
    }
    for (name, link) in definitions_read.links.unwrap_or_default() {
        let link = Link::deserialize(&link).map_err(|error| malformed(&["links", &name], &error))?;
        let attr = link.into_attr();
        if !is_system_link(&attr) {
            attrs.push(attr);
        }
    }
    Ok(attrs)
}

fn flag(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

impl Attr {
    fn into_attr(self, etype: &str, label: &str) -> AppAttr {
        let config = self.config.unwrap_or_default();
        AppAttr {
            checked_data_type: self.value_type.as_str().filter(|name| checked_type(name).is_some()).map(str::to_owned),
            unique: flag(&config.unique),
            indexed: flag(&config.indexed),
            required: self.required == Value::Bool(true),
            ..new_blob(etype, label)
        }
    }
}

impl Link {
    fn into_attr(self) -> AppAttr {
        let is_one = |side: &Side| side.has.as_deref() == Some("one");
        AppAttr {
            cardinality: if is_one(&self.forward) { AppCardinality::One } else { AppCardinality::Many },
            unique: is_one(&self.reverse),
            required: self.forward.required == Value::Bool(true),
            on_delete: self.forward.on_delete,
            on_delete_reverse: self.reverse.on_delete,
            ..new_ref(&self.forward.on, &self.forward.label, &self.reverse.on, &self.reverse.label)
        }
    }
}

/// Whether it is a link of the system, as generated schema files spell it: with its cascade or without.
fn is_system_link(attr: &AppAttr) -> bool {
    let names = |attr: &AppAttr| {
        let reverse = attr.reverse_identity.as_ref().map(|ident| (ident.1.clone(), ident.2.clone()));
        (attr.namespace().to_owned(), attr.label().to_owned(), reverse)
    };
    system_attrs().iter().any(|system| {
        names(system) == names(attr)
            && (system.cardinality, system.unique) == (attr.cardinality, attr.unique)
            && (attr.on_delete.is_none() || attr.on_delete == system.on_delete)
            && (attr.on_delete_reverse.is_none() || attr.on_delete_reverse == system.on_delete_reverse)
    })
}
