//! `where` objects as SQL.
//!
//! Every condition is about membership: the id of a candidate is, or is not, in
//! a set that an index yields. On the root row, where the document is at hand,
//! conditions without an index read it instead.

mod value;

pub(super) use value::{fits, json_path, type_name};

use super::catalog::{Catalog, Hop, Namespace};
use crate::InstantError;
use crate::query::{Clause, Condition, Where};
use model::EntityId;
use rusqlite::types::Value as Sqlite;
use serde_json::Value;
use std::collections::BTreeMap;

/// Why there is no SQL for a `where`.
pub(super) enum Stop {
    /// It names something that the store does not know: the form's answer is empty.
    Unknown,
    /// It is malformed.
    Refused(InstantError),
}

impl From<InstantError> for Stop {
    fn from(error: InstantError) -> Self {
        Self::Refused(error)
    }
}

/// A boolean SQL expression with its parameters.
#[derive(Debug, Default)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) params: Vec<Sqlite>,
    /// Whether it picks rows by an index, so that it should drive the query.
    pub(super) selective: bool,
}

impl Sql {
    fn new(text: impl Into<String>, params: impl IntoIterator<Item = Sqlite>) -> Self {
        Self { text: text.into(), params: params.into_iter().collect(), selective: false }
    }

    fn selective(mut self) -> Self {
        self.selective = true;
        self
    }

    fn join(parts: Vec<Self>, operator: &str, empty: &str) -> Self {
        if parts.is_empty() {
            return Self::new(empty, []);
        }
        let selective = match operator {
            "AND" => parts.iter().any(|part| part.selective),
            _ => parts.iter().all(|part| part.selective),
        };
        let text =
            parts.iter().map(|part| format!("({})", part.text)).collect::<Vec<_>>().join(&format!(" {operator} "));
        Self { text, params: parts.into_iter().flat_map(|part| part.params).collect(), selective }
    }
}

/// A candidate in the SQL being made.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// The expression of its id.
    pub(super) id: &'a str,
    /// The expression of its document, where the row is at hand.
    pub(super) doc: Option<&'a str>,
    /// How many links away from the root it is; names the aliases.
    pub(super) depth: usize,
}

/// One condition of a `where` object: what remains of its path, and the condition.
type Field<'a> = (&'a [String], &'a Condition);

/// The SQL of a whole `where`.
pub(super) fn of_where(catalog: &Catalog, etype: &str, filter: &Where, candidate: Candidate<'_>) -> Result<Sql, Stop> {
    let mut parts = Vec::new();
    let mut fields: Vec<Field<'_>> = Vec::new();
    for clause in &filter.clauses {
        match clause {
            Clause::Field(path, condition) => fields.push((path, condition)),
            Clause::And(list) => parts.push(Sql::join(each(catalog, etype, list, candidate)?, "AND", "1")),
            Clause::Or(list) => {
                parts.push(Sql::join(each(catalog, etype, list, candidate)?, "OR", "0"));
            }
        }
    }
    if !fields.is_empty() {
        parts.push(of_fields(catalog, etype, &fields, candidate)?);
    }
    Ok(Sql::join(parts, "AND", "1"))
}

fn each(catalog: &Catalog, etype: &str, list: &[Where], candidate: Candidate<'_>) -> Result<Vec<Sql>, Stop> {
    list.iter().map(|filter| of_where(catalog, etype, filter, candidate)).collect()
}

/// All conditions of one object, about one entity.
fn of_fields(catalog: &Catalog, etype: &str, fields: &[Field<'_>], candidate: Candidate<'_>) -> Result<Sql, Stop> {
    let namespace = catalog.namespace(etype).ok_or(Stop::Unknown)?;
    let mut parts = Vec::new();
    // Conditions that share a link share the linked entity.
    let mut shared: BTreeMap<&str, Vec<Field<'_>>> = BTreeMap::new();
    for (path, condition) in fields {
        match path {
            [] => return Err(Stop::Unknown),
            [label] => parts.push(of_value(namespace, label, condition, candidate)?),
            [link, rest @ ..] if is_negative(condition) => {
                let hop = hop(namespace, link)?;
                let found = of_linked(catalog, &hop, &[(rest, condition)], candidate)?;
                parts.push(Sql::join(vec![none_linked(&hop, candidate), found], "OR", "0"));
            }
            [link, rest @ ..] => shared.entry(link).or_default().push((rest, condition)),
        }
    }
    for (link, fields) in shared {
        parts.push(of_linked(catalog, &hop(namespace, link)?, &fields, candidate)?.selective());
    }
    Ok(Sql::join(parts, "AND", "1"))
}

fn hop(namespace: &Namespace, label: &str) -> Result<Hop, Stop> {
    namespace.hop(label).ok_or_else(|| {
        if namespace.knows(label) {
            InstantError::invalid("attr", format!("{}.{label} needs to be a link", namespace.name)).into()
        } else {
            Stop::Unknown
        }
    })
}

/// What also holds where there is no value, or no link on the way to it.
fn is_negative(condition: &Condition) -> bool {
    matches!(condition, Condition::Not(_) | Condition::IsNull(true))
}

fn of_linked(catalog: &Catalog, hop: &Hop, fields: &[Field<'_>], candidate: Candidate<'_>) -> Result<Sql, Stop> {
    let (here, there) = hop.columns();
    let depth = candidate.depth + 1;
    let linked = format!("l{depth}.{there}");
    let inner = of_fields(catalog, hop.etype(), fields, Candidate { id: &linked, doc: None, depth })?;
    let text = format!(
        "{} IN (SELECT l{depth}.{here} FROM links l{depth} WHERE l{depth}.attr = ? AND ({}))",
        candidate.id, inner.text
    );
    let params = [Sqlite::Integer(hop.attr.id)].into_iter().chain(inner.params);
    Ok(Sql::new(text, params))
}

fn none_linked(hop: &Hop, candidate: Candidate<'_>) -> Sql {
    let (here, _) = hop.columns();
    let text = format!("NOT EXISTS (SELECT 1 FROM links n WHERE n.attr = ? AND n.{here} = {})", candidate.id);
    Sql::new(text, [Sqlite::Integer(hop.attr.id)])
}

fn of_value(namespace: &Namespace, label: &str, condition: &Condition, candidate: Candidate<'_>) -> Result<Sql, Stop> {
    if label == "id" {
        return of_id(condition, candidate);
    }
    if let Some(blob) = namespace.blobs.get(label) {
        value::check(&namespace.name, blob, condition)?;
        return Ok(if blob.has_keys() {
            value::of_indexed(namespace, blob, condition, candidate)
        } else {
            value::of_document(namespace, blob, condition, candidate)
        });
    }
    of_link(&namespace.hop(label).ok_or(Stop::Unknown)?, label, condition, candidate)
}

fn bytes(id: EntityId) -> Sqlite {
    Sqlite::Blob(id.as_bytes().to_vec())
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(",")
}

fn id_of(value: &Value) -> Option<EntityId> {
    value.as_str()?.to_lowercase().parse().ok()
}

fn of_id(condition: &Condition, candidate: Candidate<'_>) -> Result<Sql, Stop> {
    let x = candidate.id;
    Ok(match condition {
        Condition::Eq(value) => match id_of(value) {
            Some(id) => Sql::new(format!("{x} = ?"), [bytes(id)]).selective(),
            None => Sql::new("0", []),
        },
        Condition::In(values) => {
            let ids: Vec<_> = values.iter().filter_map(id_of).map(bytes).collect();
            Sql::new(format!("{x} IN ({})", marks(ids.len())), ids).selective()
        }
        Condition::Not(value) => match id_of(value) {
            Some(id) => Sql::new(format!("{x} <> ?"), [bytes(id)]),
            None => Sql::new("1", []),
        },
        Condition::IsNull(is_null) => Sql::new(if *is_null { "0" } else { "1" }, []),
        _ => {
            return Err(InstantError::invalid(
                "query",
                "`id` can only be compared with equality, `$in`, `$not` and `$isNull`.",
            )
            .into());
        }
    })
}

fn of_link(hop: &Hop, label: &str, condition: &Condition, candidate: Candidate<'_>) -> Result<Sql, Stop> {
    let (here, there) = hop.columns();
    let x = candidate.id;
    let attr = Sqlite::Integer(hop.attr.id);
    let member = |test: &str| format!("{x} IN (SELECT m.{here} FROM links m WHERE m.attr = ? AND m.{there} {test})");
    let parse = |value: &Value| {
        id_of(value)
            .map(bytes)
            .ok_or_else(|| InstantError::invalid("query", format!("Expected {label} to be a uuid, got {value}")))
    };
    Ok(match condition {
        Condition::Eq(value) => Sql::new(member("= ?"), [attr, parse(value)?]).selective(),
        Condition::In(values) => {
            let mut params = vec![attr];
            for value in values {
                let all = || Value::from(values.clone());
                let refusal = || {
                    InstantError::invalid(
                        "query",
                        format!("Expected {label} to match on a uuid, found {value} in {}", all()),
                    )
                };
                params.push(id_of(value).map(bytes).ok_or_else(refusal)?);
            }
            Sql::new(member(&format!("IN ({})", marks(values.len()))), params).selective()
        }
        Condition::Not(value) => {
            let other = Sql::new(member("<> ?"), [attr, parse(value)?]);
            Sql::join(vec![none_linked(hop, candidate), other], "OR", "0")
        }
        Condition::IsNull(true) => none_linked(hop, candidate),
        Condition::IsNull(false) => {
            let none = none_linked(hop, candidate);
            Sql::new(format!("NOT ({})", none.text), none.params)
        }
        _ => {
            return Err(InstantError::invalid(
                "query",
                format!("`{label}` is a link; it cannot be compared by order or pattern."),
            )
            .into());
        }
    })
}
