//! Steps from the admin API's JSON (`specs/instantdb-admin-api.md` 6.1).

use super::{Action, PutMode, Reference, Step, Transaction};
use crate::InstantError;
use serde_json::{Map, Value, json};

type Parsed<T> = Result<T, InstantError>;

fn expected<T>(what: &str, at: [usize; 2]) -> Parsed<T> {
    Err(InstantError::invalid("steps", "").with_hint(json!({ "expected": what, "in": at })))
}

impl Transaction {
    /// Reads steps as the admin API takes them: the value of `steps`.
    /// `ruleParams` steps concern permissions and are left out.
    pub fn from_json(steps: &Value) -> Result<Self, InstantError> {
        let Some(steps) = steps.as_array() else {
            return Err(InstantError::invalid("steps", "").with_hint(json!({ "expected": "coll?", "in": [] })));
        };
        let steps = steps.iter().enumerate().filter_map(|(index, step)| step_of(index, step).transpose());
        Ok(Self { steps: steps.collect::<Parsed<_>>()?, throw_on_missing_attrs: false })
    }
}

fn step_of(index: usize, step: &Value) -> Parsed<Option<Step>> {
    let part = |position: usize| step.get(position).unwrap_or(&Value::Null);
    let Some(action) = part(0).as_str() else {
        return expected("string?", [index, 0]);
    };
    if !["create", "update", "merge", "link", "unlink", "delete", "ruleParams"].contains(&action) {
        return Err(InstantError::invalid("action", format!("Unsupported action {action}"))
            .with_hint(json!({ "in": [index, 0] })));
    }
    let Some(etype) = part(1).as_str() else {
        return expected("string?", [index, 1]);
    };
    let target = target_of(part(2), index)?;
    let values = || part(3).as_object().map_or_else(|| expected("map?", [index, 3]), Ok);
    let mode = match part(4).get("upsert") {
        Some(Value::Bool(false)) => PutMode::Existing,
        _ => PutMode::Upsert,
    };
    let action = match action {
        "create" => Action::Put(PutMode::Create, without_id(values()?)),
        "update" => Action::Put(mode, without_id(values()?)),
        "merge" => Action::Merge(mode, without_id(values()?)),
        "link" => Action::Link(links_of(values()?, index)?),
        "unlink" => Action::Unlink(links_of(values()?, index)?),
        "delete" => Action::Delete,
        _ => return Ok(None),
    };
    Ok(Some(Step { etype: etype.to_owned(), target, action }))
}

fn without_id(values: &Map<String, Value>) -> Map<String, Value> {
    values.iter().filter(|(label, _)| *label != "id").map(|(label, value)| (label.clone(), value.clone())).collect()
}

fn target_of(value: &Value, index: usize) -> Parsed<Reference> {
    let reference = match value {
        Value::Array(pair) => match pair.as_slice() {
            [Value::String(label), value] => Some(Reference::Lookup(label.clone(), value.clone())),
            _ => None,
        },
        other => reference_of(other)?,
    };
    reference.ok_or_else(|| {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let message = format!("Invalid entity ID '{shown}'. Entity IDs must be UUIDs or lookup references.");
        InstantError::invalid("steps", message).with_hint(json!({ "in": [index, 2] }))
    })
}

/// The forms that an entity id and a link's target have in common.
fn reference_of(value: &Value) -> Parsed<Option<Reference>> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix("lookup__") {
            Some(lookup) => {
                let (label, json) = lookup.split_once("__").unwrap_or((lookup, ""));
                let value = serde_json::from_str(json).map_err(|_| {
                    InstantError::invalid("lookup", "lookup value is invalid")
                        .with_hint(json!({ "hint": { "attribute": label, "value": json } }))
                })?;
                Some(Reference::Lookup(label.to_owned(), value))
            }
            None => text.to_lowercase().parse().ok().map(Reference::Id),
        },
        Value::Object(lookup) if lookup.len() == 1 => {
            lookup.iter().next().map(|(label, value)| Reference::Lookup(label.clone(), value.clone()))
        }
        _ => None,
    })
}

fn links_of(links: &Map<String, Value>, index: usize) -> Parsed<Vec<(String, Vec<Reference>)>> {
    let target = |value: &Value, listed: bool| match value {
        Value::Array(_) if listed => target_of(value, index),
        other => reference_of(other)?.map_or_else(|| expected("uuid-or-lookup?", [index, 3]), Ok),
    };
    links
        .iter()
        .filter(|(label, _)| *label != "id")
        .map(|(label, to)| {
            let to = match to {
                Value::Array(to) => to.iter().map(|value| target(value, true)).collect::<Parsed<_>>()?,
                one => vec![target(one, false)?],
            };
            Ok((label.clone(), to))
        })
        .collect()
}
