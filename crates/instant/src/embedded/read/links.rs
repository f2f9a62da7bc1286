//! What entities are linked to.

use super::{Reader, Row, id, sort};
use crate::InstantError;
use crate::embedded::catalog::Hop;
use crate::embedded::plan::{Child, Plan};
use crate::embedded::sql::hex_list;
use model::EntityId;
use rusqlite::params;
use rusqlite::types::Value as Sqlite;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// How many entities an answer may have, each counted wherever it stands: links
/// that are followed back and forth would else multiply without end.
const MOST: usize = 1_000_000;

/// The linked entities of each parent, with how many entities are in them.
type Linked = HashMap<EntityId, (Vec<Value>, usize)>;

impl Reader<'_> {
    /// Adds to rows what is not in their documents, and takes away what was not asked for.
    pub(super) fn link(&self, plan: &Plan<'_>, rows: &mut [Row], inference: bool) -> Result<(), InstantError> {
        let fields = plan.form.fields.as_ref();
        let wanted = |label: &str| fields.is_none_or(|fields| fields.iter().any(|field| field == label));
        if wanted("url") {
            self.sign(plan, rows);
        }
        if fields.is_some() {
            for row in &mut *rows {
                row.values.retain(|label, _| label == "id" || wanted(label));
            }
        }
        let ids = hex_list(rows.iter().map(|row| row.id.as_bytes().as_slice()));
        // A forward has-one link shows its id also when nobody asked for it.
        for attr in plan.namespace.forward.values().filter(|attr| !attr.many && wanted(&attr.label)) {
            let hop = Hop { attr: attr.clone(), forward: true };
            let linked: HashMap<EntityId, EntityId> = self.pairs(&hop, &ids)?.into_iter().collect();
            for row in &mut *rows {
                if let Some(target) = linked.get(&row.id) {
                    row.values.insert(attr.label.clone(), target.to_string().into());
                }
            }
        }
        for child in &plan.children {
            let mut linked = self.children(child, &ids, inference)?;
            let singular = inference && child.hop.as_ref().is_some_and(Hop::singular);
            for row in &mut *rows {
                let (mut list, size) = linked.remove(&row.id).unwrap_or_default();
                row.size += size;
                let value = if singular {
                    if list.is_empty() { Value::Null } else { list.swap_remove(0) }
                } else {
                    list.into()
                };
                row.values.insert(child.label.to_owned(), value);
            }
        }
        Ok(())
    }

    /// Each of the entities with one that the link leads to, for all that it leads to.
    fn pairs(&self, hop: &Hop, ids: &Sqlite) -> Result<Vec<(EntityId, EntityId)>, InstantError> {
        let (here, there) = hop.columns();
        let sql = format!(
            "SELECT l.{here}, l.{there} FROM json_each(?) j CROSS JOIN links l ON l.attr = ? AND l.{here} = unhex(j.value)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(params![ids, hop.attr.id])?;
        let mut pairs = Vec::new();
        while let Some(row) = found.next()? {
            pairs.push((id(row.get_ref(0)?)?, id(row.get_ref(1)?)?));
        }
        Ok(pairs)
    }

    /// The linked entities of each parent, in the form's order. `limit` has no effect here, as in InstantDB.
    fn children(&self, child: &Child<'_>, ids: &Sqlite, inference: bool) -> Result<Linked, InstantError> {
        let (Some(hop), Some(plan)) = (&child.hop, &child.plan) else {
            return Ok(HashMap::new());
        };
        if plan.form.count {
            return Ok(HashMap::new());
        }
        let pairs = self.pairs(hop, ids)?;
        let unique: HashSet<EntityId> = pairs.iter().map(|(_, child)| *child).collect();
        let mut rows = self.load(&plan.namespace, &unique, &plan.parts.iter().collect::<Vec<_>>())?;
        if plan.parts.is_empty() {
            // A link may lead to an entity that was never created: it reads as `{}`.
            let there: HashSet<EntityId> = rows.iter().map(|row| row.id).collect();
            let dangling = unique.difference(&there);
            rows.extend(dangling.map(|id| Row { id: *id, created_at: i64::MIN, values: Map::new(), size: 1 }));
        }
        sort::sort(&plan.namespace, plan.form.order.as_ref(), &mut rows);
        self.link(plan, &mut rows, inference)?;
        let place: HashMap<EntityId, usize> = rows.iter().enumerate().map(|(place, row)| (row.id, place)).collect();
        let mut placed: Vec<(EntityId, usize)> =
            pairs.iter().filter_map(|(parent, child)| place.get(child).map(|place| (*parent, *place))).collect();
        placed.sort_by_key(|(_, place)| *place);
        if placed.iter().map(|(_, place)| rows[*place].size).sum::<usize>() > MOST {
            return Err(InstantError::query_timeout());
        }
        let mut children = Linked::new();
        for (parent, place) in placed {
            let (list, size) = children.entry(parent).or_default();
            list.push(rows[place].values.clone().into());
            *size += rows[place].size;
        }
        Ok(children)
    }
}
