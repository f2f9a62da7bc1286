//! Steps that change the schema, as `instant-cli push` sends them
//! (`specs/instantdb-admin-api.md` 3.2, 10).

use super::attrs;
use crate::InstantError;
use crate::app_attr::{AppAttr, AppCardinality, AttrCatalog, Ident};
use crate::embedded::catalog::Catalog;
use crate::embedded::write;
use crate::store::TxId;
use model::EntityId;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use time::OffsetDateTime;
use time::macros::format_description;

/// One step.
pub(super) enum Step {
    Add(Box<AppAttr>),
    Update(Box<Update>),
    Delete(EntityId),
    /// A flag or type of an attribute that is there.
    Set(EntityId, Flag),
}

/// What of an attribute changes; what is not there stays, but for the cascades.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Update {
    id: EntityId,
    forward_identity: Option<Ident>,
    reverse_identity: Option<Ident>,
    cardinality: Option<AppCardinality>,
    #[serde(rename = "unique?")]
    unique: Option<bool>,
    #[serde(rename = "index?")]
    indexed: Option<bool>,
    #[serde(rename = "required?")]
    required: Option<bool>,
    on_delete: Option<String>,
    on_delete_reverse: Option<String>,
}

#[derive(Clone)]
pub(super) enum Flag {
    Indexed(bool),
    Unique(bool),
    Required(bool),
    Type(Option<String>),
}

/// What was done.
pub(super) struct Done {
    pub(super) tx: TxId,
    /// When, in milliseconds since 1970.
    at: i64,
    added: Vec<EntityId>,
}

impl Done {
    /// As the answer of the schema routes has it.
    pub(super) fn to_json(&self, app: EntityId) -> Value {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        let at = OffsetDateTime::from_unix_timestamp(self.at / 1_000).ok().and_then(|at| at.format(format).ok());
        let added: Vec<Value> = self.added.iter().map(|id| json!({ "id": id })).collect();
        json!({ "id": self.tx.0, "app_id": app, "created_at": at, "results": { "add-attr": { "attrs": added } } })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Job {
    attr_id: EntityId,
    checked_data_type: Option<String>,
}

/// Reads steps.
pub(super) fn parse(steps: &Value) -> Result<Vec<Step>, InstantError> {
    let malformed = |index: usize, what: &dyn std::fmt::Display| {
        InstantError::invalid("steps", what.to_string())
            .with_hint(json!({ "in": [index, 1] }))
            .with_input(|| steps.clone())
    };
    let list = steps.as_array().ok_or_else(|| InstantError::param_malformed(&["body", "steps"], steps))?;
    let step = |(index, step): (usize, &Value)| -> Result<Step, InstantError> {
        let action = step.get(0).and_then(Value::as_str).unwrap_or_default();
        let payload = step.get(1).unwrap_or(&Value::Null);
        Ok(match action {
            "add-attr" => {
                let attr = AppAttr::deserialize(payload).map_err(|error| malformed(index, &error))?;
                Step::Add(Box::new(AppAttr { catalog: AttrCatalog::User, inferred_types: None, ..attr }))
            }
            "update-attr" => {
                Step::Update(Box::new(Update::deserialize(payload).map_err(|error| malformed(index, &error))?))
            }
            "delete-attr" => Step::Delete(EntityId::deserialize(payload).map_err(|error| malformed(index, &error))?),
            _ => {
                let flag = flag(action).ok_or_else(|| {
                    InstantError::invalid("steps", format!("Unsupported action {action}"))
                        .with_hint(json!({ "in": [index, 0] }))
                        .with_input(|| steps.clone())
                })?;
                let job = Job::deserialize(payload).map_err(|error| malformed(index, &error))?;
                let flag = if action == "check-data-type" { Flag::Type(job.checked_data_type) } else { flag };
                Step::Set(job.attr_id, flag)
            }
        })
    };
    list.iter().enumerate().map(step).collect()
}

fn flag(action: &str) -> Option<Flag> {
    Some(match action {
        "index" => Flag::Indexed(true),
        "remove-index" => Flag::Indexed(false),
        "unique" => Flag::Unique(true),
        "remove-unique" => Flag::Unique(false),
        "required" => Flag::Required(true),
        "remove-required" => Flag::Required(false),
        "check-data-type" | "remove-data-type" => Flag::Type(None),
        _ => return None,
    })
}

/// Carries out steps on a connection that is inside of a transaction: first those
/// that add, update and remove attributes, by kind in the order of their first, then the others.
pub(super) fn apply(connection: &Connection, catalog: &mut Arc<Catalog>, steps: &[Step]) -> Result<Done, InstantError> {
    let (tx, at) = write::next(connection)?;
    let catalog = Arc::make_mut(catalog);
    let kind = |step: &Step| match step {
        Step::Add(_) => 0,
        Step::Update(_) => 1,
        Step::Delete(_) => 2,
        Step::Set(..) => 3,
    };
    let mut order: Vec<u8> = Vec::new();
    for step in steps {
        if kind(step) != 3 && !order.contains(&kind(step)) {
            order.push(kind(step));
        }
    }
    order.push(3);
    let mut added = Vec::new();
    for current in order {
        for step in steps.iter().filter(|step| kind(step) == current) {
            match step {
                Step::Add(attr) => {
                    added.push(attr.id);
                    attrs::add(connection, catalog, AppAttr::clone(attr))?;
                }
                Step::Update(update) => {
                    if let Some(before) = catalog.by_uuid(update.id).map(|known| known.attr().clone()) {
                        attrs::change(connection, catalog, update.of(before))?;
                    }
                }
                Step::Delete(id) => attrs::remove(connection, catalog, *id)?,
                Step::Set(id, flag) => {
                    let before = catalog.by_uuid(*id).map(|known| known.attr().clone());
                    let before =
                        before.ok_or_else(|| InstantError::record_not_found("attr", json!({ "attr-id": id })))?;
                    attrs::change(connection, catalog, flag.of(before))?;
                }
            }
        }
    }
    Ok(Done { tx, at, added })
}

impl Update {
    fn of(&self, before: AppAttr) -> AppAttr {
        // The name changes, its own id does not.
        let renamed = |ident: Ident, new: &Option<Ident>| match new {
            Some(Ident(_, etype, label)) => Ident(ident.0, etype.clone(), label.clone()),
            None => ident,
        };
        AppAttr {
            forward_identity: renamed(before.forward_identity, &self.forward_identity),
            reverse_identity: before.reverse_identity.map(|ident| renamed(ident, &self.reverse_identity)),
            cardinality: self.cardinality.unwrap_or(before.cardinality),
            unique: self.unique.unwrap_or(before.unique),
            indexed: self.indexed.unwrap_or(before.indexed),
            required: self.required.unwrap_or(before.required),
            on_delete: self.on_delete.clone(),
            on_delete_reverse: self.on_delete_reverse.clone(),
            ..before
        }
    }
}

impl Flag {
    fn of(&self, mut attr: AppAttr) -> AppAttr {
        match self {
            Self::Indexed(indexed) => attr.indexed = *indexed,
            Self::Unique(unique) => attr.unique = *unique,
            Self::Required(required) => attr.required = *required,
            Self::Type(value_type) => attr.checked_data_type.clone_from(value_type),
        }
        attr
    }
}
