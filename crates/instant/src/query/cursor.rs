//! Places in an ordered list, as InstantDB's page info names them.

use super::{Problem, text};
use model::EntityId;
use serde_json::{Value, json};

/// A place in an ordered list: `[entity, attribute, value, createdAt]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The entity that stands there.
    pub entity: EntityId,
    /// What the list is ordered by; the `id` attribute for the order of creation.
    pub attr: EntityId,
    /// The entity's value of it. Not looked at for the order of creation.
    pub value: Value,
    /// When the entity was created, in milliseconds since 1970; looked at for the order of creation only.
    pub created_at: i64,
    /// Whether the entity itself belongs to what is asked for.
    pub inclusive: bool,
}

impl Cursor {
    /// It as the wire has it.
    pub fn to_json(&self) -> Value {
        json!([self.entity, self.attr, self.value, self.created_at])
    }

    /// Reads one that stands at `at`. The inner error is about what InstantDB
    /// finds out only when the whole query is well-formed.
    pub(super) fn read(json: &Value, at: &[Value]) -> Result<Option<Self>, Problem> {
        let refuse = |message: String| Err(Problem::new("join-row?", at.to_vec()).saying(message));
        let Some(row) = json.as_array() else {
            return refuse(format!("Expected a join row for the cursor, got {}.", text(json)));
        };
        if !matches!(row.len(), 3 | 4) {
            return refuse(format!("Expected a join row with 4 items for the cursor, got {}.", text(json)));
        }
        let Some(attr) = uuid(&row[1]) else {
            return refuse(format!(
                "Expected a join row with a uuid attribute id in the second position, got {}.",
                text(&row[1])
            ));
        };
        let time = row.get(3).filter(|time| !matches!(time, Value::Null | Value::Bool(false)));
        let created_at = match time.map(Value::as_i64) {
            Some(None) => {
                return refuse(format!(
                    "Expected a join row with an integer created_at in the last position, got {}.",
                    text(&row[3])
                ));
            }
            Some(created_at) => created_at,
            None => None,
        };
        let (Some(entity), Some(created_at)) = (uuid(&row[0]), created_at) else {
            return Ok(None);
        };
        Ok(Some(Self { entity, attr, value: row[2].clone(), created_at, inclusive: false }))
    }
}

/// A value that InstantDB takes for a UUID.
pub(crate) fn uuid(value: &Value) -> Option<EntityId> {
    value.as_str()?.trim().parse().ok()
}
