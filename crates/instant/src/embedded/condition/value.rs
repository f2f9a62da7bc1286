//! Conditions on the values of one attribute.

use super::{Candidate, Sql, is_negative, marks};
use crate::embedded::catalog::{Blob, Namespace};
use crate::embedded::key;
use crate::query::Condition;
use crate::{InstantError, ValueType, date};
use rusqlite::types::Value as Sqlite;
use serde_json::{Value, json};

/// Refuses what InstantDB refuses (`specs/instantdb-admin-api.md` 5.1).
pub(super) fn check(etype: &str, blob: &Blob, condition: &Condition) -> Result<(), InstantError> {
    let refuse = |message: String| Err(InstantError::invalid("query", message));
    let name = format!("{etype}.{}", blob.label);
    let comparison = match condition {
        Condition::Gt(_) | Condition::Gte(_) | Condition::Lt(_) | Condition::Lte(_) => None,
        Condition::Like(value) => Some(("$like", value)),
        Condition::Ilike(value) => Some(("$ilike", value)),
        Condition::In(values) => {
            if !blob.indexed && values.contains(&Value::Null) {
                return refuse(format!("Only indexed attrs can check for `nil` in `$in`. {name} is not indexed."));
            }
            return values.iter().try_for_each(|value| check_type(&name, blob, value));
        }
        Condition::Eq(value) | Condition::Not(value) => return check_type(&name, blob, value),
        Condition::IsNull(_) => return Ok(()),
    };
    if !blob.indexed {
        return refuse(format!("The `{name}` attribute must be indexed to use comparison operators."));
    }
    if blob.value_type.is_none() {
        return refuse(format!("The `{name}` attribute must have an enforced type to use comparison operators."));
    }
    match (comparison, condition) {
        (Some((operator, value)), _) if !value.is_string() => refuse(format!(
            "The {operator} value for `{name}` must be a string, but the query got the value `{value}` of type `{}`.",
            type_name(value)
        )),
        (None, Condition::Gt(value) | Condition::Gte(value) | Condition::Lt(value) | Condition::Lte(value)) => {
            check_type(&name, blob, value)
        }
        _ => Ok(()),
    }
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

fn check_type(name: &str, blob: &Blob, value: &Value) -> Result<(), InstantError> {
    let Some(value_type) = blob.value_type else {
        return Ok(());
    };
    if fits(Some(value_type), value) {
        return Ok(());
    }
    let got = if value_type == ValueType::Date { "got value" } else { "got the value" };
    let message = format!(
        "The data type of `{name}` is `{}`, but the query {got} `{value}` of type `{}`.",
        value_type.as_str(),
        type_name(value)
    );
    Err(InstantError::invalid("query", message).with_hint(json!({ "expected": value_type.as_str() })))
}

/// The SQL of a condition on an attribute that is in the index.
pub(super) fn of_indexed(namespace: &Namespace, blob: &Blob, condition: &Condition, candidate: Candidate<'_>) -> Sql {
    let x = candidate.id;
    let key = |value: &Value| key::key(value, blob.value_type);
    let within = |test: &str| format!("{x} IN (SELECT k.entity FROM keys k WHERE k.attr = ? AND {test})");
    let attr = Sqlite::Integer(blob.id);
    let range = |test: &str, bounds: [Vec<u8>; 2]| {
        Sql::new(within(test), [attr.clone()].into_iter().chain(bounds.map(Sqlite::Blob))).selective()
    };
    // On strings jsonb order counts: null comes before all of them.
    let low = |bounds: Vec<u8>| {
        if blob.value_type == Some(ValueType::String) { key::NULL.to_vec() } else { bounds }
    };
    match condition {
        Condition::Eq(value) => Sql::new(within("k.key = ?"), [attr.clone(), Sqlite::Blob(key(value))]).selective(),
        Condition::In(values) => {
            let params = [attr.clone()].into_iter().chain(values.iter().map(|value| Sqlite::Blob(key(value))));
            Sql::new(within(&format!("k.key IN ({})", marks(values.len()))), params).selective()
        }
        Condition::Not(value) => {
            let equal = Sql::new(within("k.key = ?"), [attr.clone(), Sqlite::Blob(key(value))]);
            Sql::new(format!("NOT ({})", equal.text), equal.params)
        }
        Condition::IsNull(_) if candidate.doc.is_some() => of_document(namespace, blob, condition, candidate),
        Condition::IsNull(is_null) => {
            let present = Sql::new(within("k.key > ?"), [attr.clone(), Sqlite::Blob(key::NULL.to_vec())]);
            Sql::new(format!("{} ({})", if *is_null { "NOT" } else { "" }, present.text), present.params)
        }
        Condition::Gt(value) => range("k.key > ? AND k.key < ?", [key(value), key::kind_bounds(&key(value)).1]),
        Condition::Gte(value) => range("k.key >= ? AND k.key < ?", [key(value), key::kind_bounds(&key(value)).1]),
        Condition::Lt(value) => range("k.key >= ? AND k.key < ?", [low(key::kind_bounds(&key(value)).0), key(value)]),
        Condition::Lte(value) => range("k.key >= ? AND k.key <= ?", [low(key::kind_bounds(&key(value)).0), key(value)]),
        Condition::Like(pattern) | Condition::Ilike(pattern) => {
            let case_sensitive = matches!(condition, Condition::Like(_));
            let pattern = pattern.as_str().unwrap_or_default();
            // The part before the first wildcard bounds the range of keys.
            let prefix = pattern.split(['%', '_', '\\']).next().unwrap_or_default();
            let lower = if case_sensitive { [&[0x20], prefix.as_bytes()].concat() } else { vec![0x20] };
            let upper = if case_sensitive { [lower.as_slice(), key::END].concat() } else { vec![0x30] };
            let test = "k.key >= ? AND k.key < ? AND instant_like(k.key, ?, ?)";
            let params = [
                attr.clone(),
                Sqlite::Blob(lower),
                Sqlite::Blob(upper),
                Sqlite::Text(pattern.to_owned()),
                Sqlite::Integer(i64::from(case_sensitive)),
            ];
            Sql::new(within(test), params).selective()
        }
    }
}

/// The JSON path of an attribute in the document.
pub(in crate::embedded) fn json_path(label: &str) -> String {
    format!("$.\"{label}\"")
}

/// The SQL of a condition on an attribute that is in the document only.
pub(super) fn of_document(namespace: &Namespace, blob: &Blob, condition: &Condition, candidate: Candidate<'_>) -> Sql {
    let path = || Sqlite::Text(json_path(&blob.label));
    let Some(doc) = candidate.doc else {
        let inner = of_document(namespace, blob, condition, Candidate { doc: Some("d.doc"), ..candidate });
        // What is missing has no row to look into: turn the negative around.
        let (not, inner_test) =
            if is_negative(condition) { ("NOT ", format!("NOT ({})", inner.text)) } else { ("", inner.text) };
        let sql =
            format!("{not}{} IN (SELECT d.id FROM entities d WHERE d.etype = ? AND ({inner_test}))", candidate.id);
        return Sql::new(sql, [Sqlite::Integer(namespace.id)].into_iter().chain(inner.params));
    };
    let present = format!("json_extract({doc}, ?) IS NOT NULL");
    match condition {
        Condition::Eq(value) => equal(doc, &json_path(&blob.label), value),
        Condition::In(values) => {
            Sql::join(values.iter().map(|value| equal(doc, &json_path(&blob.label), value)).collect(), "OR", "0")
        }
        Condition::Not(value) => {
            let equal = equal(doc, &json_path(&blob.label), value);
            Sql::new(format!("NOT ({})", equal.text), equal.params)
        }
        Condition::IsNull(false) => Sql::new(present, [path()]),
        Condition::IsNull(true) => Sql::new(format!("NOT ({present})"), [path()]),
        // `check` lets comparisons through for indexed attributes only.
        _ => Sql::new("0", []),
    }
}

/// Equality with a value in a document: of type and value.
fn equal(doc: &str, path: &str, value: &Value) -> Sql {
    let path = || Sqlite::Text(path.to_owned());
    let typed = |test: &str| format!("COALESCE(json_type({doc}, ?), 'null') {test}");
    match value {
        Value::Null => Sql::new(typed("= 'null'"), [path()]),
        Value::Bool(true) => Sql::new(typed("= 'true'"), [path()]),
        Value::Bool(false) => Sql::new(typed("= 'false'"), [path()]),
        Value::Number(number) => {
            let number =
                number.as_i64().map_or_else(|| Sqlite::Real(number.as_f64().unwrap_or_default()), Sqlite::Integer);
            Sql::new(
                format!("{} AND json_extract({doc}, ?) = ?", typed("IN ('integer', 'real')")),
                [path(), path(), number],
            )
        }
        Value::String(text) => Sql::new(
            format!("{} AND json_extract({doc}, ?) = ?", typed("= 'text'")),
            [path(), path(), Sqlite::Text(text.clone())],
        ),
        Value::Array(_) | Value::Object(_) => Sql::new("0", []),
    }
}
