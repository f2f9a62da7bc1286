//! SQL in the making.

use model::EntityId;
use rusqlite::types::Value as Sqlite;

/// A piece of SQL with its parameters.
#[derive(Debug, Clone, Default)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) params: Vec<Sqlite>,
}

impl Sql {
    pub(super) fn new(text: impl Into<String>, params: impl IntoIterator<Item = Sqlite>) -> Self {
        Self { text: text.into(), params: params.into_iter().collect() }
    }

    /// What always holds.
    pub(super) fn yes() -> Self {
        Self::new("1", [])
    }

    /// What never holds.
    pub(super) fn no() -> Self {
        Self::new("0", [])
    }

    /// This, then `other`.
    #[must_use]
    pub(super) fn then(mut self, other: Self) -> Self {
        self.text.push_str(&other.text);
        self.params.extend(other.params);
        self
    }

    /// This, then `text`.
    #[must_use]
    pub(super) fn text(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// The opposite of a condition.
    pub(super) fn not(self) -> Self {
        Self::new("NOT (", []).then(self).text(")")
    }

    /// All conditions hold.
    pub(super) fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions.into_iter().collect(), " AND ", Self::yes)
    }

    /// One of the conditions holds.
    pub(super) fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions.into_iter().collect(), " OR ", Self::no)
    }

    /// In parentheses, as halves of halves: SQLite takes expressions of a depth of 1,000.
    fn joined(mut conditions: Vec<Self>, operator: &str, none: fn() -> Self) -> Self {
        let both = match conditions.len() {
            0 => none(),
            1 => conditions.swap_remove(0),
            many => {
                let second = conditions.split_off(many / 2);
                let [first, second] = [conditions, second].map(|half| Self::joined(half, operator, none));
                first.text(operator).then(second)
            }
        };
        Self::new("(", []).then(both).text(")")
    }

    /// Whether `expression`, a blob, is one of `values`. The text is the same however many there are.
    pub(super) fn one_of(expression: &str, values: &[Vec<u8>]) -> Self {
        match values {
            [] => Self::no(),
            [only] => Self::new(format!("{expression} = ?"), [Sqlite::Blob(only.clone())]),
            many => Self::new(
                format!("{expression} IN (SELECT unhex(value) FROM json_each(?))"),
                [hex_list(many.iter().map(Vec::as_slice))],
            ),
        }
    }
}

/// Blobs as a JSON array of hexadecimal text, for `json_each` and `unhex`.
pub(super) fn hex_list<'a>(blobs: impl Iterator<Item = &'a [u8]>) -> Sqlite {
    let mut json = String::from("[");
    for blob in blobs {
        if json.len() > 1 {
            json.push(',');
        }
        json.push('"');
        json.push_str(&hex::encode(blob));
        json.push('"');
    }
    json.push(']');
    Sqlite::Text(json)
}

/// An id as a parameter.
pub(super) fn bytes(id: EntityId) -> Vec<u8> {
    id.as_bytes().to_vec()
}
