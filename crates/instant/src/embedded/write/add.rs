//! Triples added.

use super::op::{Eid, Operand, Triple};
use super::resolve::Found;
use super::{Work, check_parameters};
use crate::InstantError;
use crate::embedded::catalog::{Blob, Known, Namespace, Ref};
use crate::embedded::entity::{canonical, checked};
use crate::embedded::lookup;
use model::EntityId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the last operation on one attribute of an entity writes.
enum Cell<'a> {
    /// The `id` attribute: the entity comes into being.
    Id(&'a str),
    Value(&'a Arc<Namespace>, &'a Arc<Blob>, Value),
    Link(&'a Arc<Ref>, EntityId),
}

impl Work<'_> {
    /// Adds triples. Of several for one attribute of an entity the last one
    /// counts; they are written in the order of entities, as InstantDB does.
    pub(super) fn add(&mut self, triples: &[&Triple<'_>]) -> Result<(), InstantError> {
        check_parameters(triples.iter().map(|triple| parameters(triple)).sum())?;
        let found = self.resolve(triples)?;
        let mut ones: BTreeMap<(EntityId, EntityId), Cell<'_>> = BTreeMap::new();
        let mut manys: BTreeMap<(EntityId, EntityId, EntityId), &Arc<Ref>> = BTreeMap::new();
        for triple in triples {
            let id = found.entity(&triple.eid)?;
            let attr = self.check_there(triple.attr)?;
            if found.new.contains_key(&(id, attr)) {
                return Err(lookup_changed(triples));
            }
            let cell = match triple.attr {
                Known::Id(namespace, _) => Cell::Id(&namespace.name),
                Known::Blob(namespace, blob) => Cell::Value(namespace, blob, value_of(&triple.value, id)?),
                Known::Ref(link) => {
                    let target = self.target(link, id, &triple.value, &found)?;
                    if link.many {
                        manys.insert((id, attr, target), link);
                        continue;
                    }
                    Cell::Link(link, target)
                }
            };
            ones.insert((id, attr), cell);
        }
        for ((id, attr), (known, value)) in found.new {
            match known {
                Known::Id(namespace, _) => drop(ones.insert((id, attr), Cell::Id(&namespace.name))),
                Known::Blob(namespace, blob) => drop(ones.insert((id, attr), Cell::Value(namespace, blob, value))),
                Known::Ref(link) => {
                    let Some(target) = lookup::id(&value) else { continue };
                    if link.many {
                        manys.insert((id, attr, target), link);
                    } else {
                        ones.insert((id, attr), Cell::Link(link, target));
                    }
                }
            }
        }
        for ((id, _), cell) in ones {
            self.write(id, cell)?;
        }
        for ((source, _, target), link) in manys {
            self.link(link, source, target)?;
        }
        Ok(())
    }

    fn write(&mut self, id: EntityId, cell: Cell<'_>) -> Result<(), InstantError> {
        match cell {
            Cell::Id(etype) => {
                let namespace = self.namespace(etype)?;
                self.drafts.upsert(&namespace, id)?;
                self.touch(etype, id);
            }
            Cell::Value(namespace, blob, value) => {
                let value = checked(namespace, blob, id, value)?;
                let namespace = self.namespace(&namespace.name)?;
                self.drafts.upsert(&namespace, id)?.insert(blob.label.clone(), value);
                self.touch(&namespace.name, id);
            }
            Cell::Link(link, target) => self.link(link, id, target)?,
        }
        Ok(())
    }

    /// Makes the entities that lookups did not find.
    pub(super) fn make(&mut self, found: &Found<'_>) -> Result<(), InstantError> {
        for ((id, _), (known, value)) in &found.new {
            match (known, lookup::id(value)) {
                (Known::Ref(link), Some(target)) => self.link(link, *id, target)?,
                (Known::Blob(namespace, blob), _) => self.write(*id, Cell::Value(namespace, blob, value.clone()))?,
                (Known::Id(namespace, _), _) => self.write(*id, Cell::Id(&namespace.name))?,
                (Known::Ref(_), None) => {}
            }
        }
        Ok(())
    }
}

/// How many parameters the statement has for this triple.
fn parameters(triple: &Triple<'_>) -> usize {
    let lookup = if triple.eid.lookup().is_some() { 3 } else { 0 };
    let value = if matches!(triple.value, Operand::Lookup(_)) { 9 } else { 0 };
    5 + lookup + value
}

fn value_of(value: &Operand<'_>, id: EntityId) -> Result<Value, InstantError> {
    match value {
        Operand::Json(value) => canonical(Value::clone(value)),
        Operand::Id(linked) => Ok(json!(linked)),
        Operand::Own => Ok(json!(id)),
        // Only links and `id` take a lookup; elsewhere it is an array.
        Operand::Lookup(lookup) => canonical(json!([lookup.attr.attr().id, lookup.value])),
    }
}

/// What a lookup makes has its value from the lookup, and cannot be given one in the same transaction.
fn lookup_changed(triples: &[&Triple<'_>]) -> InstantError {
    let message = "Updates with lookups can only update the lookup attribute if an entity with the unique attribute value already exists.";
    InstantError::invalid("lookup", message).with_input(|| {
        let mut lookups: Vec<Value> = Vec::new();
        for triple in triples.iter().filter(|triple| matches!(triple.eid, Eid::Lookup(_))) {
            let lookup = triple.eid.json();
            if !lookups.contains(&lookup) {
                lookups.push(lookup);
            }
        }
        lookups.into()
    })
}
