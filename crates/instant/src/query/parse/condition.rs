//! `where` objects from JSON.

use super::{Parsed, Parser, Place, object};
use crate::query::{Clause, Condition, Problem, Where};
use serde_json::{Map, Value};

impl Parser {
    /// Reads a `where` object of the form at `place`, which is listed at `at`.
    pub(super) fn filter(&mut self, filter: &Map<String, Value>, place: &Place, at: &[Value]) -> Parsed<Where> {
        let clauses = filter.iter().enumerate().map(|(index, (key, value))| {
            let at = [at, &[index.into()]].concat();
            Ok(match (key.as_str(), value) {
                ("and", Value::Array(parts)) => {
                    let mut parts = self.list(key, parts, place, &at)?;
                    parts.retain(|part| !part.is_empty());
                    if parts.is_empty() {
                        return Err(empty_list(key, place));
                    }
                    Clause::And(parts)
                }
                ("or", Value::Array(parts)) => {
                    let parts = self.list(key, parts, place, &at)?;
                    if parts.is_empty() {
                        return Err(empty_list(key, place));
                    }
                    Clause::Or(parts)
                }
                // Also `and` and `or` with anything but a list: then they are names like any other.
                _ => Clause::Field(path(key), self.condition(value, &[at, vec![1.into()]].concat())),
            })
        });
        Ok(Where { clauses: clauses.collect::<Parsed<_>>()? })
    }

    fn list(&mut self, key: &str, parts: &[Value], place: &Place, at: &[Value]) -> Parsed<Vec<Where>> {
        let each = parts.iter().enumerate().map(|(index, part)| {
            let part = object(part, place.named(&["$", key]))?;
            self.filter(part, place, &[at, &[key.into(), index.into()]].concat())
        });
        each.collect()
    }

    /// Of several operators the first counts, as in InstantDB.
    fn condition(&mut self, value: &Value, at: &[Value]) -> Condition {
        let operators = match value {
            Value::Null | Value::Array(_) => {
                self.malformed("map?", at.to_vec());
                return NOTHING;
            }
            Value::Object(operators) => operators,
            scalar => return Condition::Eq(scalar.clone()),
        };
        for (operator, operand) in operators {
            self.operand(operator, operand, at);
        }
        if operators.keys().any(|operator| !OPERATORS.contains(&operator.as_str())) {
            self.malformed("instant.db.instaql/where-value-valid-keys?", at.to_vec());
        }
        let Some((operator, operand)) = operators.iter().next() else {
            return NOTHING;
        };
        let value = operand.clone();
        match (operator.as_str(), operand) {
            ("$in" | "in", Value::Array(values)) => Condition::In(values.clone()),
            ("$not" | "$ne", _) => Condition::Not(value),
            ("$isNull", Value::Bool(is_null)) => Condition::IsNull(*is_null),
            ("$gt", _) => Condition::Gt(value),
            ("$gte", _) => Condition::Gte(value),
            ("$lt", _) => Condition::Lt(value),
            ("$lte", _) => Condition::Lte(value),
            ("$like", _) => Condition::Like(value),
            ("$ilike", _) => Condition::Ilike(value),
            _ => NOTHING,
        }
    }

    /// Refuses what an operator does not take.
    fn operand(&mut self, operator: &str, operand: &Value, at: &[Value]) {
        let scalar = matches!(operand, Value::String(_) | Value::Number(_) | Value::Bool(_));
        let mut at = [at, &[operator.into()]].concat();
        match (operator, operand) {
            ("$in" | "in", Value::Array(values)) => {
                let wrong = values.iter().position(|value| matches!(value, Value::Array(_) | Value::Object(_)));
                if let Some(index) = wrong {
                    at.push(index.into());
                    self.malformed("instant.db.instaql/in-value-valid?", at);
                }
            }
            ("$in" | "in", _) => self.malformed("vector?", at),
            ("$not" | "$ne", _) if !scalar => self.malformed("instant.db.instaql/where-value-valid?", at),
            ("$isNull", value) if !value.is_boolean() => self.malformed("boolean?", at),
            ("$gt" | "$gte" | "$lt" | "$lte" | "$like" | "$ilike", _) if !scalar => self.malformed("boolean?", at),
            _ => {}
        }
    }
}

const OPERATORS: [&str; 12] =
    ["in", "$in", "$not", "$ne", "$isNull", "$gt", "$gte", "$lt", "$lte", "$like", "$ilike", "$entityId"];

/// What stands for a condition that nothing fulfils.
const NOTHING: Condition = Condition::In(Vec::new());

/// The labels of a path; empty ones at its end do not count.
fn path(key: &str) -> Vec<String> {
    key.trim_end_matches('.').split('.').map(str::to_owned).collect()
}

fn empty_list(key: &str, place: &Place) -> Problem {
    Problem::new("non-empty-list?", place.named(&["$", key]))
        .saying(format!("The list of `{key}` conditions can't be empty."))
}
