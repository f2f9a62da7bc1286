//! Conditions on what an entity's document says of one attribute.

use crate::embedded::sql::Sql;
use rusqlite::types::Value as Sqlite;
use serde_json::Value;

/// Where the expression of the document goes.
const DOC: &str = "{doc}";

/// A condition on a document.
#[derive(Debug, Clone)]
pub(super) struct DocTest(Sql);

impl DocTest {
    /// It as SQL on the document behind `expression`.
    pub(super) fn sql(&self, expression: &str) -> Sql {
        Sql { text: self.0.text.replace(DOC, expression), params: self.0.params.clone() }
    }

    /// There is a value, and it is not null.
    pub(super) fn present(label: &str) -> Self {
        Self(value(label).text(" IS NOT NULL"))
    }

    /// The value is one of these: of their types too. Arrays and objects equal nothing here.
    pub(super) fn one_of(label: &str, values: &[Value]) -> Self {
        let texts: Vec<&Value> = values.iter().filter(|value| value.is_string()).collect();
        let numbers: Vec<&Value> = values.iter().filter(|value| value.is_number()).collect();
        let mut conditions = Vec::new();
        for (types, list) in [("'text'", texts), ("'integer', 'real'", numbers)] {
            let equal = match list.as_slice() {
                [] => continue,
                [only] => value(label).then(Sql::new(" = ?", [param(only)])),
                many => {
                    let many = serde_json::to_string(many).unwrap_or_default();
                    value(label).then(Sql::new(" IN (SELECT value FROM json_each(?))", [Sqlite::Text(many)]))
                }
            };
            conditions.push(Sql::all([of_type(label, types), equal]));
        }
        if values.contains(&Value::Null) {
            conditions.push(value(label).text(" IS NULL"));
        }
        for bool in [true, false] {
            if values.contains(&Value::Bool(bool)) {
                conditions.push(of_type(label, &format!("'{bool}'")));
            }
        }
        Self(Sql::any(conditions))
    }

    /// The value compares so to another; where null counts, it is less than every value.
    pub(super) fn compared(label: &str, operator: &str, with: &Value, null_too: bool) -> Self {
        let compared = value(label).then(Sql::new(format!(" {operator} ?"), [param(with)]));
        Self(if null_too { Sql::any([value(label).text(" IS NULL"), compared]) } else { compared })
    }

    /// The value as an instant compares so to another, both in milliseconds since 1970.
    pub(super) fn compared_date(label: &str, operator: &str, millis: f64) -> Self {
        let instant = Sql::new("instant_date(", []).then(value(label)).text(")");
        Self(instant.then(Sql::new(format!(" {operator} ?"), [Sqlite::Real(millis)])))
    }

    /// The value is like a pattern.
    pub(super) fn like(label: &str, pattern: &str, case_sensitive: bool) -> Self {
        let params = [Sqlite::Text(pattern.to_owned()), Sqlite::Integer(i64::from(case_sensitive))];
        Self(Sql::new("instant_like(", []).then(value(label)).then(Sql::new(", ?, ?)", params)))
    }
}

fn value(label: &str) -> Sql {
    Sql::new(format!("json_extract({DOC}, ?)"), [path(label)])
}

fn of_type(label: &str, types: &str) -> Sql {
    // What is missing has no type: neither a condition nor its opposite may be lost in a NULL.
    Sql::new(format!("COALESCE(json_type({DOC}, ?), 'null') IN ({types})"), [path(label)])
}

/// The JSON path of an attribute in the document.
fn path(label: &str) -> Sqlite {
    Sqlite::Text(format!("$.\"{label}\""))
}

fn param(value: &Value) -> Sqlite {
    match value {
        Value::Bool(bool) => Sqlite::Integer(i64::from(*bool)),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Sqlite::Real(number.as_f64().unwrap_or_default()), Sqlite::Integer)
        }
        Value::String(text) => Sqlite::Text(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => Sqlite::Null,
    }
}
