//! The order of lists in an answer. InstantDB sorts each list once more in
//! memory, where strings compare by UTF-16 code units (`specs/instantdb-admin-api.md` 5.2).

use super::Row;
use crate::embedded::catalog::Namespace;
use crate::query::{Direction, Order};
use crate::{ValueType, date};
use serde_json::Value;
use std::cmp::Ordering;

/// A value to sort by: null first.
#[derive(Debug, PartialEq, PartialOrd)]
enum Sorted {
    Null,
    Number(f64),
    Text(Vec<u16>),
    Bool(bool),
    Other(String),
}

impl Sorted {
    fn of(value: Option<&Value>, value_type: Option<ValueType>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Null,
            Some(value) if value_type == Some(ValueType::Date) => date::millis(value).map_or(Self::Null, Self::Number),
            Some(Value::Number(number)) => Self::Number(number.as_f64().unwrap_or_default()),
            Some(Value::String(text)) => Self::Text(text.encode_utf16().collect()),
            Some(Value::Bool(bool)) => Self::Bool(*bool),
            Some(other) => Self::Other(other.to_string()),
        }
    }
}

/// Sorts by the order asked for, or by creation; what is equal by id.
pub(super) fn sort(namespace: &Namespace, order: Option<&Order>, rows: &mut Vec<Row>) {
    let by = order.map(|order| order.by.as_str()).filter(|by| *by != "serverCreatedAt");
    let descending = order.is_some_and(|order| order.direction == Direction::Desc);
    let Some(label) = by else {
        rows.sort_by(|a, b| directed((a.created_at, a.id).cmp(&(b.created_at, b.id)), descending));
        return;
    };
    let value_type = namespace.blobs.get(label).and_then(|blob| blob.value_type);
    let mut keyed: Vec<(Sorted, Row)> =
        rows.drain(..).map(|row| (Sorted::of(row.values.get(label), value_type), row)).collect();
    keyed.sort_by(|(a, a_row), (b, b_row)| {
        let by_value = a.partial_cmp(b).unwrap_or(Ordering::Equal);
        directed(by_value.then_with(|| a_row.id.cmp(&b_row.id)), descending)
    });
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

fn directed(ordering: Ordering, descending: bool) -> Ordering {
    if descending { ordering.reverse() } else { ordering }
}
