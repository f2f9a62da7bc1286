//! Answers to queries.

use super::catalog::{Catalog, Hop, Namespace};
use super::condition::{Candidate, Sql, Stop, json_path, of_where};
use super::key;
use crate::query::{Direction, Form, Order, Query, Where};
use crate::store::Tree;
use crate::{InstantError, ValueType};
use model::EntityId;
use rusqlite::types::Value as Sqlite;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Reads one state of the database.
pub(super) struct Reader<'a> {
    pub(super) connection: &'a Connection,
    pub(super) catalog: &'a Catalog,
    pub(super) inference: bool,
}

/// An entity as read.
struct Row {
    id: EntityId,
    created_at: i64,
    values: Map<String, Value>,
}

const ROOT: Candidate<'static> = Candidate { id: "e.id", doc: Some("e.doc"), depth: 0 };

impl Reader<'_> {
    /// The answer to a query.
    pub(super) fn query(&self, query: &Query) -> Result<Tree, InstantError> {
        query.forms.iter().map(|(etype, form)| Ok((etype.clone(), self.top(etype, form)?))).collect()
    }

    /// How many entities fulfil a filter.
    pub(super) fn count(&self, etype: &str, filter: &Where) -> Result<u64, InstantError> {
        let Some(namespace) = self.catalog.namespace(etype) else {
            return Ok(0);
        };
        let Some(condition) = known(of_where(self.catalog, etype, filter, ROOT))? else {
            return Ok(0);
        };
        let sql = format!("SELECT count(*) FROM entities e WHERE e.etype = ? AND ({})", condition.text);
        let params = [Sqlite::Integer(namespace.id)].into_iter().chain(condition.params);
        Ok(self.connection.prepare_cached(&sql)?.query_row(params_from_iter(params), |row| row.get(0))?)
    }

    fn top(&self, etype: &str, form: &Form) -> Result<Value, InstantError> {
        let Some(namespace) = self.catalog.namespace(etype) else {
            return Ok(Value::Array(Vec::new()));
        };
        check_order(namespace, form.order.as_ref())?;
        let Some(condition) = known(of_where(self.catalog, etype, &form.filter, ROOT))? else {
            return Ok(Value::Array(Vec::new()));
        };
        let (sql, params) = select(namespace, form, condition);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(params))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(read_row(id(row.get_ref(0)?)?, row.get(1)?, row.get_ref(2)?.as_str().map_err(damaged)?)?);
        }
        drop(found);
        Ok(self.complete(namespace, form, rows)?.into_iter().map(|(_, value)| value).collect())
    }

    /// Adds to rows what is not in their documents: links.
    fn complete(
        &self,
        namespace: &Namespace,
        form: &Form,
        mut rows: Vec<Row>,
    ) -> Result<Vec<(EntityId, Value)>, InstantError> {
        let wanted = |label: &str| form.fields.as_ref().is_none_or(|fields| fields.iter().any(|field| field == label));
        let ids = json_ids(rows.iter().map(|row| row.id));
        if form.fields.is_some() {
            for row in &mut rows {
                row.values.retain(|label, _| label == "id" || wanted(label));
            }
        }
        // A forward has-one link shows its id also when nobody asked for it.
        for attr in namespace.forward.values().filter(|attr| !attr.many && wanted(&attr.label)) {
            let hop = Hop { attr: attr.clone(), forward: true };
            let linked: HashMap<EntityId, EntityId> = self.linked_ids(&hop, &ids)?.into_iter().collect();
            for row in &mut rows {
                if let Some(target) = linked.get(&row.id) {
                    row.values.insert(attr.label.clone(), target.to_string().into());
                }
            }
        }
        for (label, child) in &form.children {
            let (mut children, singular) = match namespace.hop(label) {
                Some(hop) => (self.children(&hop, child, &ids)?, hop.singular()),
                None if namespace.knows(label) => {
                    return Err(InstantError::invalid(
                        "attr",
                        format!("{}.{label} needs to be a link", namespace.name),
                    ));
                }
                None => (HashMap::new(), false),
            };
            for row in &mut rows {
                let mut list = children.remove(&row.id).unwrap_or_default();
                let value = if singular && self.inference { list.pop().unwrap_or(Value::Null) } else { list.into() };
                row.values.insert(label.clone(), value);
            }
        }
        Ok(rows.into_iter().map(|row| (row.id, row.values.into())).collect())
    }

    fn linked_ids(&self, hop: &Hop, ids: &str) -> Result<Vec<(EntityId, EntityId)>, InstantError> {
        let (here, there) = hop.columns();
        let sql = format!(
            "SELECT l.{here}, l.{there} FROM json_each(?) j CROSS JOIN links l ON l.attr = ? AND l.{here} = unhex(j.value)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query((ids, hop.attr.id))?;
        let mut pairs = Vec::new();
        while let Some(row) = found.next()? {
            pairs.push((id(row.get_ref(0)?)?, id(row.get_ref(1)?)?));
        }
        Ok(pairs)
    }

    /// The linked entities of each parent, in the form's order. `limit` has no effect here, as in InstantDB.
    fn children(&self, hop: &Hop, form: &Form, ids: &str) -> Result<HashMap<EntityId, Vec<Value>>, InstantError> {
        let pairs = self.linked_ids(hop, ids)?;
        let Some(namespace) = self.catalog.namespace(hop.etype()) else {
            return Ok(HashMap::new());
        };
        let Some(condition) = known(of_where(self.catalog, hop.etype(), &form.filter, ROOT))? else {
            return Ok(HashMap::new());
        };
        let unique: HashSet<EntityId> = pairs.iter().map(|(_, child)| *child).collect();
        let sql = format!(
            "SELECT e.id, e.created_at, e.doc FROM json_each(?) j CROSS JOIN entities e INDEXED BY entities_id ON e.etype = ? AND e.id = unhex(j.value) WHERE {}",
            condition.text
        );
        let params = [Sqlite::Text(json_ids(unique.iter().copied())), Sqlite::Integer(namespace.id)]
            .into_iter()
            .chain(condition.params);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(params))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(read_row(id(row.get_ref(0)?)?, row.get(1)?, row.get_ref(2)?.as_str().map_err(damaged)?)?);
        }
        drop(found);
        if form.filter.is_empty() {
            // A link may lead to an entity that was never created: it reads as `{}`.
            let there: HashSet<EntityId> = rows.iter().map(|row| row.id).collect();
            let dangling = unique.difference(&there);
            rows.extend(dangling.map(|id| Row { id: *id, created_at: 0, values: Map::new() }));
        }
        sort(namespace, form.order.as_ref(), &mut rows);
        let place: HashMap<EntityId, usize> = rows.iter().enumerate().map(|(place, row)| (row.id, place)).collect();
        let values = self.complete(namespace, form, rows)?;
        let mut placed: Vec<(EntityId, usize)> =
            pairs.iter().filter_map(|(parent, child)| place.get(child).map(|place| (*parent, *place))).collect();
        placed.sort_by_key(|(_, place)| *place);
        let mut children: HashMap<EntityId, Vec<Value>> = HashMap::new();
        for (parent, place) in placed {
            children.entry(parent).or_default().push(values[place].1.clone());
        }
        Ok(children)
    }
}

/// An unknown name makes an empty answer, not an error.
fn known(sql: Result<Sql, Stop>) -> Result<Option<Sql>, InstantError> {
    match sql {
        Ok(sql) => Ok(Some(sql)),
        Err(Stop::Unknown) => Ok(None),
        Err(Stop::Refused(error)) => Err(error),
    }
}

fn check_order(namespace: &Namespace, order: Option<&Order>) -> Result<(), InstantError> {
    let Some(order) = order.filter(|order| order.by != "serverCreatedAt") else {
        return Ok(());
    };
    let name = format!("{}.{}", namespace.name, order.by);
    let Some(blob) = namespace.blobs.get(&order.by) else {
        return Err(InstantError::invalid(
            "query",
            format!("There is no `{}` attribute for {}.", order.by, namespace.name),
        ));
    };
    let mut problems = Vec::new();
    if !blob.indexed {
        problems.push(format!(
            "The `{name}` attribute is not indexed. Only indexed and typed attributes can be used to order by."
        ));
    }
    if blob.value_type.is_none() {
        problems.push(format!(
            "The `{name}` attribute is not typed. Only typed and indexed attributes can be used to order by."
        ));
    }
    if problems.is_empty() { Ok(()) } else { Err(InstantError::invalid("query", problems.join(", "))) }
}

/// The SQL of a top-level form.
///
/// SQLite has no statistics here, so the index is named: by id when a condition
/// picks the rows (then they are few enough to sort), else the one in whose
/// order the rows are wanted, so that a limit ends the walk.
fn select(namespace: &Namespace, form: &Form, condition: Sql) -> (String, Vec<Sqlite>) {
    let direction = match form.order.as_ref().map(|order| order.direction) {
        Some(Direction::Desc) => "DESC",
        _ => "ASC",
    };
    let blob = form.order.as_ref().and_then(|order| namespace.blobs.get(&order.by));
    let columns = "SELECT e.id, e.created_at, e.doc FROM";
    let filter = &condition.text;
    let etype = Sqlite::Integer(namespace.id);
    let mut params = Vec::new();
    let mut sql = match blob {
        None => {
            params.push(etype);
            params.extend(condition.params);
            let index = if condition.selective { "entities_id" } else { "entities_created" };
            format!(
                "{columns} entities e INDEXED BY {index} WHERE e.etype = ? AND ({filter}) ORDER BY e.created_at {direction}, e.id {direction}"
            )
        }
        // Dates may be stored in several spellings: only their keys sort.
        Some(blob) if condition.selective && blob.value_type != Some(ValueType::Date) => {
            params.push(etype);
            params.extend(condition.params);
            params.push(Sqlite::Text(json_path(&blob.label)));
            format!(
                "{columns} entities e INDEXED BY entities_id WHERE e.etype = ? AND ({filter}) ORDER BY json_extract(e.doc, ?) {direction}, e.id {direction}"
            )
        }
        Some(blob) if condition.selective => {
            params.push(etype);
            params.extend(condition.params);
            params.push(Sqlite::Text(json_path(&blob.label)));
            format!(
                "{columns} entities e INDEXED BY entities_id WHERE e.etype = ? AND ({filter}) ORDER BY instant_date(json_extract(e.doc, ?)) {direction}, e.id {direction}"
            )
        }
        Some(blob) => {
            params.extend([etype, Sqlite::Integer(blob.id)]);
            params.extend(condition.params);
            format!(
                "{columns} keys k CROSS JOIN entities e INDEXED BY entities_id ON e.etype = ? AND e.id = k.entity WHERE k.attr = ? AND ({filter}) ORDER BY k.key {direction}, k.entity {direction}"
            )
        }
    };
    if form.limit.is_some() || form.offset.is_some() {
        let bound = |count: u64| Sqlite::Integer(i64::try_from(count).unwrap_or(i64::MAX));
        sql.push_str(" LIMIT ? OFFSET ?");
        params.extend([form.limit.map_or(Sqlite::Integer(-1), bound), bound(form.offset.unwrap_or_default())]);
    }
    (sql, params)
}

fn sort(namespace: &Namespace, order: Option<&Order>, rows: &mut [Row]) {
    let by = order.filter(|order| order.by != "serverCreatedAt");
    rows.sort_by_cached_key(|row| {
        let sort_key = match by {
            Some(order) => {
                let value_type = namespace.blobs.get(&order.by).and_then(|blob| blob.value_type);
                key::key(row.values.get(&order.by).unwrap_or(&Value::Null), value_type)
            }
            None => row.created_at.to_be_bytes().to_vec(),
        };
        (sort_key, row.id)
    });
    if order.is_some_and(|order| order.direction == Direction::Desc) {
        rows.reverse();
    }
}

fn read_row(id: EntityId, created_at: i64, doc: &str) -> Result<Row, InstantError> {
    let mut values: Map<String, Value> =
        serde_json::from_str(doc).map_err(|_| InstantError::Corrupt { what: format!("entity {id} is not JSON") })?;
    values.insert("id".to_owned(), id.to_string().into());
    Ok(Row { id, created_at, values })
}

fn json_ids(ids: impl Iterator<Item = EntityId>) -> String {
    let mut json = String::from("[");
    for id in ids {
        if json.len() > 1 {
            json.push(',');
        }
        json.push('"');
        json.push_str(&hex::encode(id.as_bytes()));
        json.push('"');
    }
    json.push(']');
    json
}

fn damaged(error: impl std::fmt::Display) -> InstantError {
    InstantError::Corrupt { what: format!("a column has the wrong type: {error}") }
}

/// An id from a column.
pub(super) fn id(column: rusqlite::types::ValueRef<'_>) -> Result<EntityId, InstantError> {
    let bytes: [u8; 16] = column.as_blob().map_err(damaged)?.try_into().map_err(damaged)?;
    Ok(EntityId::from_bytes(bytes))
}
