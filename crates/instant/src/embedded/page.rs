//! Which part of an ordered list a query asks for (`specs/instantdb-admin-api.md` 5.2, 8).

use super::catalog::{Blob, Catalog, Known, Namespace};
use super::condition::{Stop, refuse};
use super::key;
use super::read::Row;
use crate::query::{Cursor, Direction, Form, Problem};
use model::EntityId;
use rusqlite::types::Value as Sqlite;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a list is ordered by.
#[derive(Debug, Clone)]
pub(super) enum By {
    /// Creation.
    Created,
    /// The values of an indexed attribute.
    Attr(Arc<Blob>),
}

/// Where an entity stands in a list; what stands at the same place is ordered by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Created(i64),
    Key(Vec<u8>),
}

/// A place and the entity that stands there.
pub(super) type Position = (Place, EntityId);

/// A part of an ordered list.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) by: By,
    pub(super) descending: bool,
    pub(super) limit: Option<u64>,
    /// Whether the last ones are meant, and not the first.
    pub(super) last: bool,
    pub(super) offset: u64,
    /// With whether what stands there belongs to it.
    pub(super) after: Option<(Position, bool)>,
    pub(super) before: Option<(Position, bool)>,
}

/// A page as it was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rows: Vec<Row>,
    pub(super) has_next: bool,
    pub(super) has_previous: bool,
}

impl Place {
    pub(super) fn param(&self) -> Sqlite {
        match self {
            Self::Created(at) => Sqlite::Integer(*at),
            Self::Key(key) => Sqlite::Blob(key.clone()),
        }
    }
}

impl By {
    /// Where the row stands.
    pub(super) fn position(&self, row: &Row) -> Position {
        let place = match self {
            Self::Created => Place::Created(row.created_at),
            Self::Attr(blob) => {
                Place::Key(key::key(row.values.get(&blob.label).unwrap_or(&Value::Null), blob.value_type))
            }
        };
        (place, row.id)
    }
}

impl Page {
    /// What the form at `at` asks for, if it is anything but the whole list in its own order.
    pub(super) fn of_form(
        catalog: &Catalog,
        namespace: &Namespace,
        form: &Form,
        at: &[Value],
    ) -> Result<Option<Self>, Stop> {
        let limit = form.limit.or(form.last);
        let asked = form.order.is_some() || limit.is_some() || form.offset.is_some();
        if !asked && form.after.is_none() && form.before.is_none() {
            return Ok(None);
        }
        let by = order_of(namespace, form, at)?;
        let cursor = |cursor: &Option<Cursor>, name: &str| {
            cursor.as_ref().map(|cursor| position(catalog, namespace, &by, cursor, name, at)).transpose()
        };
        let before = cursor(&form.before, "before")?;
        let after = cursor(&form.after, "after")?;
        Ok(Some(Self {
            descending: form.order.as_ref().is_some_and(|order| order.direction == Direction::Desc),
            limit,
            last: form.limit.is_none() && form.last.is_some(),
            offset: form.offset.unwrap_or_default(),
            after,
            before,
            by,
        }))
    }

    /// The page of rows of which all are given.
    pub(super) fn of_all(&self, rows: Vec<Row>) -> Found {
        let mut all: Vec<(Position, Row)> = rows.into_iter().map(|row| (self.by.position(&row), row)).collect();
        all.sort_by(|(a, _), (b, _)| if self.descending { b.cmp(a) } else { a.cmp(b) });
        let precedes = |a: &Position, b: &Position| if self.descending { a > b } else { a < b };
        let start = match &self.after {
            Some((mark, inclusive)) => {
                all.partition_point(|(position, _)| precedes(position, mark) || (!inclusive && position == mark))
            }
            None => 0,
        };
        let end = match &self.before {
            Some((mark, inclusive)) => {
                all.partition_point(|(position, _)| precedes(position, mark) || (*inclusive && position == mark))
            }
            None => all.len(),
        };
        let length = end.saturating_sub(start);
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX).min(length);
        let left = length - offset;
        let taken = self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX).min(left);
        let first = if self.last { end.saturating_sub(offset + taken) } else { start + offset };
        let (has_next, has_previous) = self
            .beside::<std::convert::Infallible>(taken == 0, || Ok(first + taken < all.len()), || Ok(first > 0))
            .unwrap_or_default();
        let rows = all.into_iter().skip(first).take(taken).map(|(_, row)| row).collect();
        Found { rows, has_next, has_previous }
    }

    /// Whether there is more after and before a page, by InstantDB's rules:
    /// it looks for more only in a direction in which something was cut off.
    pub(super) fn beside<E>(
        &self,
        empty: bool,
        follows: impl FnOnce() -> Result<bool, E>,
        precedes: impl FnOnce() -> Result<bool, E>,
    ) -> Result<(bool, bool), E> {
        let cut_after = self.limit.is_some() || self.before.is_some();
        let cut_before = self.offset > 0 || self.after.is_some() || self.last;
        let next = cut_after && !empty && follows()?;
        let previous = if empty { self.offset > 0 || self.after.is_some() } else { cut_before && precedes()? };
        Ok((next, previous))
    }

    /// The page info of what was found, as the wire has it.
    pub(super) fn info(&self, namespace: &Namespace, found: &Found) -> Value {
        let cursor = |row: &Row| {
            let (attr, value) = match &self.by {
                By::Created => (namespace.attr.as_ref().map(|attr| attr.id), json!(row.id)),
                By::Attr(blob) => (Some(blob.attr.id), row.values.get(&blob.label).cloned().unwrap_or_default()),
            };
            json!([row.id, attr, value, row.created_at])
        };
        json!({
            "start-cursor": found.rows.first().map(cursor),
            "end-cursor": found.rows.last().map(cursor),
            "has-next-page?": found.has_next,
            "has-previous-page?": found.has_previous,
        })
    }
}

fn order_of(namespace: &Namespace, form: &Form, at: &[Value]) -> Result<By, Stop> {
    let Some(order) = form.order.as_ref().filter(|order| order.by != "serverCreatedAt") else {
        return Ok(By::Created);
    };
    let problem = |message: String| {
        Problem::new("supported-order?", [at, &["$".into(), "order".into()]].concat()).saying(message)
    };
    let blob = namespace.blobs.get(&order.by);
    let (indexed, typed, many) = match (blob, namespace.forward.get(&order.by)) {
        (Some(blob), _) => (blob.indexed, blob.value_type.is_some(), false),
        (None, Some(link)) => (false, false, link.many),
        (None, None) if order.by == "id" => (namespace.attr.as_ref().is_some_and(|attr| attr.indexed), false, false),
        (None, None) => {
            return refuse(problem(format!("There is no `{}` attribute for {}.", order.by, namespace.name)));
        }
    };
    let name = format!("{}.{}", namespace.name, order.by);
    let mut messages = Vec::new();
    if !indexed {
        messages.push(format!(
            "The `{name}` attribute is not indexed. Only indexed and typed attributes can be used to order by."
        ));
    }
    if !typed {
        messages.push(format!(
            "The `{name}` attribute is not typed. Only typed and indexed attributes can be used to order by."
        ));
    }
    if many {
        messages.push(format!(
            "The `{name}` attribute has cardinality `many`. Only attributes with cardinality `one` can be used to order by."
        ));
    }
    match blob {
        Some(blob) if messages.is_empty() => Ok(By::Attr(Arc::clone(blob))),
        _ => Err(Stop::Refused(None, messages.into_iter().map(problem).collect())),
    }
}

fn position(
    catalog: &Catalog,
    namespace: &Namespace,
    by: &By,
    cursor: &Cursor,
    name: &str,
    at: &[Value],
) -> Result<(Position, bool), Stop> {
    let (attr, label) = match by {
        By::Created => (namespace.attr.as_ref().map(|attr| attr.id), "serverCreatedAt"),
        By::Attr(blob) => (Some(blob.attr.id), blob.label.as_str()),
    };
    let invalid = |expected: &str, why: String| {
        let at = [at, &["$".into(), name.into()]].concat();
        refuse(Problem::new(expected, at).saying(format!("Invalid {name} cursor. {why}")))
    };
    if attr != Some(cursor.attr) {
        let theirs = catalog.by_uuid(cursor.attr).map(Known::attr).map(|attr| match attr.label() {
            "id" => "`serverCreatedAt`".to_owned(),
            label => format!("`{label}`"),
        });
        let theirs = theirs.unwrap_or_else(|| "a missing attribute".to_owned());
        return invalid(
            "valid-cursor?",
            format!("The query orders by `{label}`, but the query that returned the cursor orders by {theirs}."),
        );
    }
    let place = match by {
        By::Created => Place::Created(cursor.created_at),
        By::Attr(blob) => {
            if !super::condition::fits(blob.value_type, &cursor.value) {
                return invalid("valid-cursor?", format!("Its value is none that `{label}` can have."));
            }
            Place::Key(key::key(&cursor.value, blob.value_type))
        }
    };
    Ok(((place, cursor.entity), cursor.inclusive))
}
