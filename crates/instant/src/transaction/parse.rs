//! Steps from the admin API's JSON (`specs/instantdb-admin-api.md` 6.1).

use super::{Action, EntityStep, PutMode, Reference, Step, Transaction};
use crate::app_attr::{AppAttr, AttrCatalog, AttrKind};
use crate::error::{InstantError, InvalidValue};
use model::EntityId;
use serde_json::{Map, Value, json};

type Parsed<T> = Result<T, InstantError>;

impl Transaction {
    /// Reads steps as the admin API takes them: the value of `steps`.
    /// `ruleParams` steps concern permissions and are left out.
    pub fn from_json(steps: &Value) -> Result<Self, InstantError> {
        let parsed = || {
            let Some(steps) = steps.as_array() else {
                return Err(expected(&json!("coll?"), &json!([])));
            };
            check(steps)?;
            let steps = steps.iter().enumerate().filter_map(|(index, step)| step_of(index, step).transpose());
            Ok(Self { steps: steps.collect::<Parsed<_>>()?, throw_on_missing_attrs: false })
        };
        parsed().map_err(|error: InstantError| error.with_input(|| steps.clone()))
    }
}

fn expected(what: &Value, at: &Value) -> InstantError {
    InstantError::invalid("steps", "").with_hint(json!({ "expected": what, "in": at }))
}

/// The shape of all steps. InstantDB tells of malformed ids first, wherever they stand.
fn check(steps: &[Value]) -> Parsed<()> {
    let Err(error) = steps.iter().enumerate().try_for_each(|(index, step)| check_step(index, step)) else {
        return Ok(());
    };
    for (index, step) in steps.iter().enumerate() {
        let known = step.get(0).and_then(Value::as_str).is_some_and(|action| ENTITY_ACTIONS.contains(&action));
        if let (true, Some(id)) = (known, step.get(2))
            && is_malformed_id(id)
        {
            let shown = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            let message = format!("Invalid entity ID '{shown}'. Entity IDs must be UUIDs or lookup references.");
            return Err(InstantError::invalid("steps", message).with_hint(json!({ "in": [index, 2] })));
        }
    }
    Err(error)
}

const ENTITY_ACTIONS: [&str; 7] = ["create", "update", "merge", "link", "unlink", "delete", "ruleParams"];

/// What InstantDB's specification calls the last of its forms of a lookup.
const LOOKUP: &str = "instant.admin.model/lookup?";

fn check_step(index: usize, step: &Value) -> Parsed<()> {
    let Some(step) = step.as_array() else {
        return Err(expected(&json!("sequential?"), &json!([index])));
    };
    let part = |place: usize, what: &str, fits: fn(&Value) -> bool| match step.get(place) {
        Some(value) if fits(value) => Ok(()),
        Some(_) => Err(expected(&json!(what), &json!([index, place]))),
        None => Err(expected(&json!(what), &json!([index]))),
    };
    let action = step.first().and_then(Value::as_str).unwrap_or_default();
    let most = match action {
        "add-attr" | "update-attr" => return part(1, "map?", Value::is_object),
        "delete-attr" => return part(1, "instant.admin.model/coercible-uuid?", |id| id_of(id).is_some()),
        "update" | "merge" => 5,
        "create" | "link" | "unlink" | "ruleParams" => 4,
        "delete" => usize::MAX,
        _ => return Err(expected(&json!(["delete-attr"]), &json!([index, 0]))),
    };
    part(1, "string?", Value::is_string)?;
    part(2, LOOKUP, is_lookup)?;
    if action == "delete" {
        return Ok(());
    }
    part(3, "map?", Value::is_object)?;
    if step.len() > most {
        return Err(expected(&json!("nil?"), &json!([index, most])));
    }
    if step.get(4).is_some_and(|options| !options.is_null() && !options.is_object()) {
        return Err(expected(&json!("map?"), &json!([index, 4])));
    }
    let links = step[3].as_object().filter(|_| matches!(action, "link" | "unlink"));
    for (label, to) in links.into_iter().flatten() {
        let listed = to.as_array().filter(|_| !is_lookup(to));
        let bad = match listed {
            Some(list) => list.iter().position(|to| !is_lookup(to)).map(|place| json!([index, 3, label, 1, place])),
            None => (!is_lookup(to)).then(|| json!([index, 3, label, 1])),
        };
        if let Some(at) = bad {
            return Err(expected(&json!(LOOKUP), &at));
        }
    }
    Ok(())
}

fn id_of(value: &Value) -> Option<EntityId> {
    value.as_str()?.to_lowercase().parse().ok()
}

fn is_malformed_id(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.starts_with("lookup__") && id_of(value).is_none(),
        Value::Array(_) | Value::Object(_) => false,
        _ => true,
    }
}

/// Whether the value has the form of an id or of a lookup.
fn is_lookup(value: &Value) -> bool {
    match value {
        Value::Array(pair) => pair.len() == 2 && pair[0].is_string(),
        other => !is_malformed_id(other),
    }
}

fn step_of(index: usize, step: &Value) -> Parsed<Option<Step>> {
    let values = || step[3].as_object().cloned().unwrap_or_default();
    let mode = match step.get(4).and_then(|options| options.get("upsert")) {
        Some(Value::Bool(false)) => PutMode::Existing,
        _ => PutMode::Upsert,
    };
    let action = match step[0].as_str().unwrap_or_default() {
        "create" => Action::Put(PutMode::Create, without_id(values())),
        "update" => Action::Put(mode, without_id(values())),
        "merge" => Action::Merge(mode, without_id(values())),
        "link" => Action::Link(links_of(&step[1], values())?),
        "unlink" => Action::Unlink(links_of(&step[1], values())?),
        "delete" => Action::Delete,
        "add-attr" => return attr_of(index, &step[1]).map(|attr| Some(Step::AddAttr(Box::new(attr)))),
        "delete-attr" => return Ok(id_of(&step[1]).map(Step::DeleteAttr)),
        "ruleParams" => return Ok(None),
        other => {
            return Err(InstantError::invalid("action", format!("Unsupported action {other}"))
                .with_hint(json!({ "hint": { "value": other } }))
                .with_input(|| other.into()));
        }
    };
    let etype = step[1].as_str().unwrap_or_default().to_owned();
    Ok(Some(Step::Entity(EntityStep { etype, target: reference_of(&step[2])?, action })))
}

fn without_id(mut values: Map<String, Value>) -> Map<String, Value> {
    values.shift_remove("id");
    values
}

/// An id or lookup; its form was checked before.
fn reference_of(value: &Value) -> Parsed<Reference> {
    match value {
        Value::Array(pair) if pair.len() == 2 => {
            Ok(Reference::Lookup(pair[0].as_str().unwrap_or_default().to_owned(), pair[1].clone()))
        }
        Value::Object(lookup) => {
            if let (Some((label, value)), 1) = (lookup.iter().next(), lookup.len()) {
                return Ok(Reference::Lookup(label.clone(), value.clone()));
            }
            let message = "lookup must be an object with a single unique attr and value.";
            Err(InstantError::invalid("lookup", message).with_input(|| value.clone()))
        }
        other => match other.as_str().and_then(|text| text.strip_prefix("lookup__")) {
            Some(lookup) => {
                let (label, json) = lookup.split_once("__").unwrap_or((lookup, ""));
                let parsed = serde_json::from_str(json).map_err(|_| {
                    InstantError::invalid("lookup", "lookup value is invalid")
                        .with_hint(json!({ "hint": { "attribute": label, "value": json } }))
                        .with_input(|| other.clone())
                })?;
                Ok(Reference::Lookup(label.to_owned(), parsed))
            }
            None => id_of(other).map(Reference::Id).ok_or_else(|| InstantError::NotUuid {
                value: Box::new(InvalidValue { value: other.clone(), ..InvalidValue::default() }),
            }),
        },
    }
}

/// What each label is linked to. A bare pair is two ids, an object as many lookups as it has keys.
fn links_of(etype: &Value, links: Map<String, Value>) -> Parsed<Vec<(String, Vec<Reference>)>> {
    let located = |label: &str, error: InstantError| match error {
        InstantError::NotUuid { mut value } => {
            etype.as_str().unwrap_or_default().clone_into(&mut value.namespace);
            label.clone_into(&mut value.attribute);
            InstantError::NotUuid { value }
        }
        other => other,
    };
    without_id(links)
        .into_iter()
        .map(|(label, to)| {
            let to = match to {
                Value::Array(to) => to.iter().map(reference_of).collect::<Parsed<_>>(),
                Value::Object(to) => Ok(to.into_iter().map(|(label, value)| Reference::Lookup(label, value)).collect()),
                one => reference_of(&one).map(|to| vec![to]),
            };
            to.map_err(|error| located(&label, error)).map(|to| (label, to))
        })
        .collect()
}

/// An attribute of the app; whose it says to be is of no account.
fn attr_of(index: usize, value: &Value) -> Parsed<AppAttr> {
    let malformed = |what: &str| {
        InstantError::invalid("tx-steps", "")
            .with_hint(json!({ "expected": what, "in": [index, 1] }))
            .with_input(|| json!([["add-attr", value]]))
    };
    let attr: AppAttr =
        serde_json::from_value(value.clone()).map_err(|_| malformed("instant.db.model.attr/value-type"))?;
    for flag in ["unique?", "index?"] {
        if !value[flag].is_boolean() {
            return Err(malformed("boolean?"));
        }
    }
    if attr.value_type == AttrKind::Ref && attr.reverse_identity.is_none() {
        return Err(malformed("(contains? % :reverse-identity)"));
    }
    let known = |name: &str| matches!(name, "string" | "number" | "boolean" | "date");
    if attr.checked_data_type.as_deref().is_some_and(|name| !known(name)) {
        return Err(malformed("checked-data-types"));
    }
    Ok(AppAttr { catalog: AttrCatalog::User, inferred_types: None, ..attr })
}
