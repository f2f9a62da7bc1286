//! Conditions on one attribute or link of an entity: checked, and as a [`Test`].

use super::document::DocTest;
use super::test::Test;
use super::{Stop, refuse};
use crate::embedded::catalog::{Blob, Hop, Namespace};
use crate::embedded::key;
use crate::embedded::sql::Sql;
use crate::query::{Condition, Problem, text, uuid};
use crate::{ValueType, date};
use model::EntityId;
use rusqlite::types::Value as Sqlite;
use serde_json::{Value, json};

/// What a condition of the form at `form` asks of the attribute or link `label`.
pub(super) fn test(namespace: &Namespace, label: &str, condition: &Condition, form: &[Value]) -> Result<Test, Stop> {
    // Where InstantDB says that the condition stands: links on the way to it are left out.
    let at = [form, &["$".into(), "where".into(), label.into()]].concat();
    if label == "id" {
        return of_id(namespace, condition, form, &at);
    }
    if let Some(blob) = namespace.blobs.get(label) {
        return of_blob(namespace, blob, condition, form, at);
    }
    of_link(&namespace.hop(label).ok_or(Stop::Unknown)?, label, condition, &at)
}

/// An operator that compares by order or pattern, and what with.
fn comparison(condition: &Condition) -> Option<(&'static str, &Value)> {
    match condition {
        Condition::Gt(value) => Some(("$gt", value)),
        Condition::Gte(value) => Some(("$gte", value)),
        Condition::Lt(value) => Some(("$lt", value)),
        Condition::Lte(value) => Some(("$lte", value)),
        Condition::Like(value) => Some(("$like", value)),
        Condition::Ilike(value) => Some(("$ilike", value)),
        Condition::Eq(_) | Condition::In(_) | Condition::Not(_) | Condition::IsNull(_) => None,
    }
}

fn of_blob(
    namespace: &Namespace,
    blob: &Blob,
    condition: &Condition,
    form: &[Value],
    at: Vec<Value>,
) -> Result<Test, Stop> {
    let name = format!("{}.{}", namespace.name, blob.label);
    let value_type = blob.value_type;
    if let Some((operator, value)) = comparison(condition) {
        comparable(&name, blob.indexed, value_type, &at)?;
        let at = [at, vec![operator.into()]].concat();
        return compared(&name, blob, operator, value, at);
    }
    let values: &[Value] = match condition {
        Condition::Eq(value) | Condition::Not(value) => std::slice::from_ref(value),
        Condition::In(values) => values,
        _ => &[],
    };
    values.iter().try_for_each(|value| check_type(&name, value_type, value, false, &at))?;
    if values.contains(&Value::Null) && !blob.indexed {
        return no_null(&name, values, form);
    }
    let null = || Test::Keys { attr: blob.id, keys: vec![key::NULL.to_vec()], unique: false, on_doc: None };
    let present = || Test::Doc(DocTest::present(&blob.label));
    Ok(match condition {
        Condition::IsNull(true) if blob.has_keys() => null(),
        Condition::IsNull(true) => Test::Not(Box::new(present())),
        Condition::IsNull(false) if blob.has_keys() => Test::Not(Box::new(null())),
        Condition::IsNull(false) => present(),
        Condition::Not(_) => Test::Not(Box::new(equal(blob, values))),
        _ => equal(blob, values),
    })
}

/// From so many values on a row is asked by its document, where that is possible.
const MANY: usize = 16;

/// Equality with one of the values.
fn equal(blob: &Blob, values: &[Value]) -> Test {
    // Keys tell instants apart; a date that is not indexed is compared as it is spelled.
    if !blob.has_keys() || (blob.value_type == Some(ValueType::Date) && !blob.indexed) {
        return Test::Doc(DocTest::one_of(&blob.label, values));
    }
    let keys: Vec<_> = values.iter().map(|value| key::key(value, blob.value_type)).collect();
    let many = values.len() > MANY && blob.value_type != Some(ValueType::Date);
    let on_doc = many.then(|| DocTest::one_of(&blob.label, values));
    Test::Keys { attr: blob.id, keys, unique: blob.unique && !values.contains(&Value::Null), on_doc }
}

fn compared(name: &str, blob: &Blob, operator: &'static str, value: &Value, at: Vec<Value>) -> Result<Test, Stop> {
    if matches!(operator, "$like" | "$ilike") {
        let Some(pattern) = value.as_str() else {
            return refuse(Problem::of_value("string?", at).saying(format!(
                "The $like value for `{name}` must be a string, but the query got the value `{}` of type `{}`.",
                text(value),
                type_name(value)
            )));
        };
        if blob.value_type != Some(ValueType::String) {
            return refuse(wrong_type(name, blob.value_type, value, at));
        }
        return Ok(like(blob, pattern, operator == "$like"));
    }
    check_type(name, blob.value_type, value, true, &at)?;
    let operator = match operator {
        "$gt" => ">",
        "$gte" => ">=",
        "$lt" => "<",
        _ => "<=",
    };
    // On strings jsonb order counts: null comes before all of them.
    let null_too = blob.value_type == Some(ValueType::String) && operator.starts_with('<');
    let (key, on_doc) = match date::queried(value).filter(|_| blob.value_type == Some(ValueType::Date)) {
        Some(millis) => (key::instant(millis), DocTest::compared_date(&blob.label, operator, millis)),
        None => (key::key(value, blob.value_type), DocTest::compared(&blob.label, operator, value, null_too)),
    };
    let (first, end) = key::kind_bounds(&key);
    let (bound, text) = match operator {
        ">" | ">=" => (end, format!("k.key {operator} ? AND k.key < ?")),
        _ if null_too => (key::NULL.to_vec(), format!("k.key {operator} ? AND k.key >= ?")),
        _ => (first, format!("k.key {operator} ? AND k.key >= ?")),
    };
    let on_key = Sql::new(text, [Sqlite::Blob(key), Sqlite::Blob(bound)]);
    Ok(Test::Range { attr: blob.id, on_key, on_doc })
}

fn like(blob: &Blob, pattern: &str, case_sensitive: bool) -> Test {
    // The part before the first wildcard bounds the range of keys.
    let prefix = pattern.split(['%', '_', '\\']).next().filter(|_| case_sensitive).unwrap_or_default();
    let first = key::key(&prefix.into(), None);
    let end = if prefix.is_empty() { key::kind_bounds(&first).1 } else { [first.as_slice(), key::END].concat() };
    let on_key = Sql::new(
        "k.key >= ? AND k.key < ? AND instant_like(k.key, ?, ?)",
        [
            Sqlite::Blob(first),
            Sqlite::Blob(end),
            Sqlite::Text(pattern.to_owned()),
            Sqlite::Integer(i64::from(case_sensitive)),
        ],
    );
    Test::Range { attr: blob.id, on_key, on_doc: DocTest::like(&blob.label, pattern, case_sensitive) }
}

fn of_id(namespace: &Namespace, condition: &Condition, form: &[Value], at: &[Value]) -> Result<Test, Stop> {
    let attr = namespace.attr.as_ref().ok_or(Stop::Unknown)?;
    let name = format!("{}.id", namespace.name);
    if comparison(condition).is_some() {
        comparable(&name, attr.indexed, None, at)?;
    }
    let ids = |values: &[Value]| Test::Ids(values.iter().filter_map(spelled).collect());
    Ok(match condition {
        Condition::Eq(value) => ids(std::slice::from_ref(value)),
        Condition::In(values) if values.contains(&Value::Null) && !attr.indexed => return no_null(&name, values, form),
        Condition::In(values) => ids(values),
        Condition::Not(value) => Test::Not(Box::new(ids(std::slice::from_ref(value)))),
        Condition::IsNull(false) => Test::Not(Box::new(Test::Never)),
        _ => Test::Never,
    })
}

/// The id that is spelled as ids are stored: others equal none.
fn spelled(value: &Value) -> Option<EntityId> {
    let id = uuid(value)?;
    (value.as_str() == Some(id.to_string().as_str())).then_some(id)
}

fn of_link(hop: &Hop, label: &str, condition: &Condition, at: &[Value]) -> Result<Test, Stop> {
    let not_an_id = |got: String| Stop::refuse(Problem::new("uuid?", at.to_vec()).saying(got));
    let one = |value: &Value, got: &Value| {
        uuid(value).ok_or_else(|| not_an_id(format!("Expected {label} to be a uuid, got {}", text(got))))
    };
    Ok(match condition {
        Condition::Eq(value) => Test::Linked { hop: hop.clone(), ids: vec![one(value, value)?] },
        Condition::In(values) => {
            let all = json!(values);
            let id = |value: &Value| {
                let got = || format!("Expected {label} to match on a uuid, found {} in {}", text(value), text(&all));
                uuid(value).ok_or_else(|| not_an_id(got()))
            };
            Test::Linked { hop: hop.clone(), ids: values.iter().map(id).collect::<Result<_, _>>()? }
        }
        Condition::Not(value) => {
            let id = one(value, &json!({ "$not": value }))?;
            let none = Test::Not(Box::new(Test::LinkedAny(hop.clone())));
            Test::Any(vec![Test::LinkedOther { hop: hop.clone(), id }, none])
        }
        Condition::IsNull(true) => Test::Not(Box::new(Test::LinkedAny(hop.clone()))),
        // Twice, because the entity must exist for either.
        Condition::IsNull(false) => Test::Not(Box::new(Test::Not(Box::new(Test::LinkedAny(hop.clone()))))),
        _ => {
            let (operator, value) = comparison(condition).ok_or(Stop::Unknown)?;
            let got = json!({ operator: [type_name(value), value] });
            return Err(not_an_id(format!("Expected {label} to be a uuid, got {}", text(&got))));
        }
    })
}

fn comparable(name: &str, indexed: bool, value_type: Option<ValueType>, at: &[Value]) -> Result<(), Stop> {
    let (expected, must) = match (indexed, value_type) {
        (false, _) => ("indexed?", "be indexed"),
        (true, None) => ("checked-data-type?", "have an enforced type"),
        (true, Some(_)) => return Ok(()),
    };
    let message = format!("The `{name}` attribute must {must} to use comparison operators.");
    refuse(Problem::of_value(expected, at.to_vec()).saying(message))
}

fn no_null<T>(name: &str, values: &[Value], form: &[Value]) -> Result<T, Stop> {
    let at = [form, &["$".into(), "where".into(), "$in".into(), values.into()]].concat();
    let message = format!("Only indexed attrs can check for `nil` in `$in`. {name} is not indexed.");
    refuse(Problem::of_value("indexed?", at).saying(message))
}

/// Refuses a value that the attribute cannot have. `relative`: the present day counts as a date.
fn check_type(
    name: &str,
    value_type: Option<ValueType>,
    value: &Value,
    relative: bool,
    at: &[Value],
) -> Result<(), Stop> {
    let fits = match value_type {
        Some(ValueType::Date) if !value.is_null() => {
            date::queried(value).is_some() && (relative || !value.as_str().is_some_and(date::is_relative))
        }
        _ => fits(value_type, value),
    };
    if fits { Ok(()) } else { refuse(wrong_type(name, value_type, value, at.to_vec())) }
}

fn wrong_type(name: &str, value_type: Option<ValueType>, value: &Value, at: Vec<Value>) -> Problem {
    let wanted = value_type.map_or("json", ValueType::as_str);
    let expected = match (value_type, value) {
        (Some(ValueType::Date), Value::Number(_)) => "timestamp?".to_owned(),
        (Some(ValueType::Date), Value::String(_)) => "date-string?".to_owned(),
        _ => format!("{wanted}?"),
    };
    let got = if expected == format!("{wanted}?") { "got the value" } else { "got value" };
    Problem::of_value(expected, at).saying(format!(
        "The data type of `{name}` is `{wanted}`, but the query {got} `{}` of type `{}`.",
        text(value),
        type_name(value)
    ))
}

/// The name of a JSON value's type.
pub(in crate::embedded) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether an attribute of this type takes the value; null always passes.
pub(in crate::embedded) fn fits(value_type: Option<ValueType>, value: &Value) -> bool {
    match (value_type, value) {
        (None | Some(ValueType::Json), _) | (_, Value::Null) => true,
        (Some(ValueType::String), value) => value.is_string(),
        (Some(ValueType::Number), value) => value.is_number(),
        (Some(ValueType::Boolean), value) => value.is_boolean(),
        (Some(ValueType::Date), value) => date::millis(value).is_some(),
    }
}
