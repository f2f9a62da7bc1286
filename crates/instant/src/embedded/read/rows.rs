//! Rows of a form: found by an index, or by walking in the order that is wanted.

use super::Reader;
use crate::InstantError;
use crate::embedded::catalog::Namespace;
use crate::embedded::condition::{Part, SELECTIVE};
use crate::embedded::page::{By, Found, Page, Position};
use crate::embedded::plan::Plan;
use crate::embedded::sql::{Sql, bytes, hex_list};
use model::EntityId;
use rusqlite::types::{Value as Sqlite, ValueRef};
use rusqlite::{CachedStatement, params_from_iter};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// So many entities are read and sorted rather than walking all of them for a page.
const FEW: usize = 2_000;
/// So few ids that no other part needs to be tried.
const VERY_FEW: usize = 32;

/// How many parameters a statement of SQLite has at most.
const MOST_PARAMETERS: usize = 32_766;

/// An entity as read.
#[derive(Debug, Clone)]
pub(in crate::embedded) struct Row {
    pub(in crate::embedded) id: EntityId,
    /// In milliseconds since 1970.
    pub(in crate::embedded) created_at: i64,
    pub(in crate::embedded) values: Map<String, Value>,
    /// How many entities are in it: itself and those below.
    pub(in crate::embedded) size: usize,
}

const COLUMNS: &str = "e.id, e.created_at, e.doc";

impl Reader<'_> {
    /// Every row of the form.
    pub(super) fn all(&self, plan: &Plan<'_>) -> Result<Vec<Row>, InstantError> {
        match self.candidates(&plan.parts, false, None)? {
            Some((ids, rest)) => self.load(&plan.namespace, &ids, &rest),
            None => self.rows(&walk(plan, &By::Created, COLUMNS, &[]).text(" ORDER BY e.created_at, e.id")),
        }
    }

    /// The rows of a page; whether there is more beside it only `with_meta`.
    pub(super) fn page(&self, plan: &Plan<'_>, page: &Page, with_meta: bool) -> Result<Found, InstantError> {
        let ends = page.limit.is_some();
        let ordering = match &page.by {
            By::Attr(blob) if ends => Some(blob.id),
            _ => None,
        };
        if let Some((ids, rest)) = self.candidates(&plan.parts, ends, ordering)? {
            return Ok(page.of_all(self.load(&plan.namespace, &ids, &rest)?));
        }
        // In the order of the index, or against it.
        let descending = page.descending != page.last;
        let bounds: Vec<(&str, &Position)> = [(&page.after, !page.descending), (&page.before, page.descending)]
            .into_iter()
            .filter_map(|(mark, greater)| {
                let (position, inclusive) = mark.as_ref()?;
                Some((operator(greater, *inclusive), position))
            })
            .collect();
        let bound = |count: u64| Sqlite::Integer(i64::try_from(count).unwrap_or(i64::MAX));
        let mut sql = walk(plan, &page.by, COLUMNS, &bounds).text(&ordered(&page.by, descending));
        if ends || page.offset > 0 {
            let limit = page.limit.map_or(Sqlite::Integer(-1), bound);
            sql = sql.then(Sql::new(" LIMIT ? OFFSET ?", [limit, bound(page.offset)]));
        }
        let mut rows = self.rows(&sql)?;
        if page.last {
            rows.reverse();
        }
        let mut found = Found { rows, ..Found::default() };
        if with_meta {
            let first = found.rows.first().map(|row| page.by.position(row));
            let last = found.rows.last().map(|row| page.by.position(row));
            let more = |position: Option<&Position>, greater: bool| match position {
                Some(position) => self.exists(plan, page, operator(greater, false), position),
                None => Ok(false),
            };
            (found.has_next, found.has_previous) = page.beside(
                found.rows.is_empty(),
                || more(last.as_ref(), !page.descending),
                || more(first.as_ref(), page.descending),
            )?;
        }
        Ok(found)
    }

    /// How many rows the form has.
    pub(super) fn count_of(&self, plan: &Plan<'_>) -> Result<u64, InstantError> {
        if let Some(page) = &plan.page {
            return Ok(self.page(plan, page, false)?.rows.len() as u64);
        }
        let sql = if let Some((ids, rest)) = self.candidates(&plan.parts, false, None)? {
            listed(&plan.namespace, "count(*)", &ids, &rest)
        } else {
            let text = "SELECT count(*) FROM entities e INDEXED BY entities_id WHERE e.etype = ? AND ";
            let probes = Sql::all(plan.parts.iter().map(|part| part.probe.clone()));
            Sql::new(text, [Sqlite::Integer(plan.namespace.id)]).then(probes)
        };
        let mut statement = self.statement(&sql)?;
        Ok(statement.query_row(params_from_iter(sql.params), |row| row.get(0))?)
    }

    /// The rows with these ids that fulfil all of the parts, in no order.
    pub(super) fn load(
        &self,
        namespace: &Namespace,
        ids: &HashSet<EntityId>,
        parts: &[&Part],
    ) -> Result<Vec<Row>, InstantError> {
        self.rows(&listed(namespace, COLUMNS, ids, parts))
    }

    /// The ids that the best of the parts yields, and the parts that are left to
    /// ask. `None` when no index yields few enough: a page (`ends`) is then found
    /// sooner by walking. What is asked of the attribute in whose order is walked
    /// (`ordering`) bounds the walk, which beats reading and sorting.
    #[expect(clippy::type_complexity, reason = "the ids, and the parts that they do not answer")]
    fn candidates<'p>(
        &self,
        parts: &'p [Part],
        ends: bool,
        ordering: Option<i64>,
    ) -> Result<Option<(HashSet<EntityId>, Vec<&'p Part>)>, InstantError> {
        let bounds = |part: &Part| part.on_key.as_ref().is_some_and(|(attr, _)| Some(*attr) == ordering);
        let usable = parts.iter().enumerate().filter(|(_, part)| !bounds(part));
        let mut indexed: Vec<(usize, &Part, &Sql)> =
            usable.filter_map(|(place, part)| Some((place, part, part.ids.as_ref()?))).collect();
        indexed.sort_by_key(|(_, part, _)| part.rank);
        let mut best: Option<(usize, HashSet<EntityId>)> = None;
        for (place, _, sql) in &indexed {
            let most = best.as_ref().map_or(FEW, |(_, ids)| ids.len());
            let ids = self.ids(sql, Some(most + 1))?;
            if ids.len() <= most {
                let done = ids.len() <= VERY_FEW;
                best = Some((*place, ids));
                if done {
                    break;
                }
            }
        }
        if best.is_none()
            && !ends
            && let Some((place, _, sql)) = indexed.first().filter(|(_, part, _)| part.rank <= SELECTIVE)
        {
            best = Some((*place, self.ids(sql, None)?));
        }
        Ok(best.map(|(chosen, ids)| {
            let answered = |(place, part): &(usize, &'p Part)| *place == chosen && part.exact;
            let rest = parts.iter().enumerate().filter(|part| !answered(part)).map(|(_, part)| part).collect();
            (ids, rest)
        }))
    }

    fn ids(&self, sql: &Sql, most: Option<usize>) -> Result<HashSet<EntityId>, InstantError> {
        let limit = most.and_then(|most| i64::try_from(most).ok()).unwrap_or(-1);
        let sql =
            Sql::new("SELECT id FROM (", []).then(sql.clone()).then(Sql::new(") LIMIT ?", [Sqlite::Integer(limit)]));
        let mut statement = self.statement(&sql)?;
        let mut found = statement.query(params_from_iter(sql.params))?;
        let mut ids = HashSet::new();
        while let Some(row) = found.next()? {
            ids.insert(id(row.get_ref(0)?)?);
        }
        Ok(ids)
    }

    fn exists(&self, plan: &Plan<'_>, page: &Page, operator: &str, than: &Position) -> Result<bool, InstantError> {
        let sql = walk(plan, &page.by, "1", &[(operator, than)]).text(" LIMIT 1");
        Ok(self.statement(&sql)?.exists(params_from_iter(sql.params))?)
    }

    fn statement(&self, sql: &Sql) -> Result<CachedStatement<'_>, InstantError> {
        if sql.params.len() > MOST_PARAMETERS {
            return Err(InstantError::parameter_limit());
        }
        Ok(self.connection.prepare_cached(&sql.text)?)
    }

    fn rows(&self, sql: &Sql) -> Result<Vec<Row>, InstantError> {
        let mut statement = self.statement(sql)?;
        let mut found = statement.query(params_from_iter(&sql.params))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let id = id(row.get_ref(0)?)?;
            let doc = row.get_ref(2)?.as_str().map_err(damaged)?;
            let mut values: Map<String, Value> = serde_json::from_str(doc)
                .map_err(|_| InstantError::Corrupt { what: format!("entity {id} is not JSON") })?;
            values.insert("id".to_owned(), id.to_string().into());
            rows.push(Row { id, created_at: row.get(1)?, values, size: 1 });
        }
        Ok(rows)
    }
}

fn operator(greater: bool, inclusive: bool) -> &'static str {
    match (greater, inclusive) {
        (true, false) => ">",
        (true, true) => ">=",
        (false, false) => "<",
        (false, true) => "<=",
    }
}

/// The query of rows by their ids.
fn listed(namespace: &Namespace, columns: &str, ids: &HashSet<EntityId>, parts: &[&Part]) -> Sql {
    let list = hex_list(ids.iter().map(|id| id.as_bytes().as_slice()));
    let text = format!(
        "SELECT {columns} FROM json_each(?) j CROSS JOIN entities e INDEXED BY entities_id ON e.etype = ? AND e.id = unhex(j.value) WHERE "
    );
    Sql::new(text, [list, Sqlite::Integer(namespace.id)]).then(Sql::all(parts.iter().map(|part| part.probe.clone())))
}

/// The query of all rows of a form, by the index in whose order they are wanted,
/// within bounds of it. SQLite has no statistics here, so the index is named.
fn walk(plan: &Plan<'_>, by: &By, columns: &str, bounds: &[(&str, &Position)]) -> Sql {
    let etype = Sqlite::Integer(plan.namespace.id);
    let (start, place, ordering) = match by {
        By::Created => (
            Sql::new(
                format!("SELECT {columns} FROM entities e INDEXED BY entities_created WHERE e.etype = ?"),
                [etype],
            ),
            "(e.created_at, e.id)",
            None,
        ),
        By::Attr(blob) => (
            Sql::new(
                format!(
                    "SELECT {columns} FROM keys o CROSS JOIN entities e INDEXED BY entities_id ON e.etype = ? AND e.id = o.entity WHERE o.attr = ?"
                ),
                [etype, Sqlite::Integer(blob.id)],
            ),
            "(o.key, o.entity)",
            Some(blob.id),
        ),
    };
    let conditions = plan.parts.iter().map(|part| match &part.on_key {
        // What is asked of the attribute that orders bounds the walk.
        Some((attr, on_key)) if Some(*attr) == ordering => on_key.clone(),
        _ => part.probe.clone(),
    });
    let bounds = bounds.iter().map(|(operator, (at, id))| {
        Sql::new(format!("{place} {operator} (?, ?)"), [at.param(), Sqlite::Blob(bytes(*id))])
    });
    bounds.chain(conditions).fold(start, |sql, condition| sql.text(" AND (").then(condition).text(")"))
}

fn ordered(by: &By, descending: bool) -> String {
    let direction = if descending { "DESC" } else { "ASC" };
    match by {
        By::Created => format!(" ORDER BY e.created_at {direction}, e.id {direction}"),
        By::Attr(_) => format!(" ORDER BY o.key {direction}, o.entity {direction}"),
    }
}

pub(super) fn damaged(error: impl std::fmt::Display) -> InstantError {
    InstantError::Corrupt { what: format!("a column has the wrong type: {error}") }
}

/// An id from a column.
pub(in crate::embedded) fn id(column: ValueRef<'_>) -> Result<EntityId, InstantError> {
    let bytes: [u8; 16] = column.as_blob().map_err(damaged)?.try_into().map_err(damaged)?;
    Ok(EntityId::from_bytes(bytes))
}

#[cfg(test)]
mod tests;
