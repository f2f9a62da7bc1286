//! The entities that lookups mean.

use super::Work;
use super::op::{Eid, Lookup, Operand, Triple};
use crate::embedded::catalog::{Known, Ref};
use crate::embedded::entity::{canonical, checked};
use crate::embedded::lookup;
use crate::error::{InstantError, InvalidValue};
use model::EntityId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// The lookups of one group of operations.
#[derive(Default)]
pub(super) struct Found<'a> {
    /// Attribute and value → entity.
    entities: HashMap<(i64, String), EntityId>,
    /// The values of those that were not there: entity and attribute → attribute and value.
    pub(super) new: BTreeMap<(EntityId, EntityId), (Known<'a>, Value)>,
}

impl Found<'_> {
    /// The entity; every lookup of the group was found or made before.
    pub(super) fn entity(&self, eid: &Eid<'_>) -> Result<EntityId, InstantError> {
        match eid {
            Eid::Id(id) => Ok(*id),
            Eid::Lookup(wanted) | Eid::Linked(wanted) => self.get(wanted)?.ok_or_else(|| InstantError::Corrupt {
                what: format!("the lookup {} was not resolved", wanted.printed()),
            }),
        }
    }

    fn get(&self, wanted: &Lookup<'_>) -> Result<Option<EntityId>, InstantError> {
        Ok(self.entities.get(&key(wanted)?).copied())
    }
}

fn key(wanted: &Lookup<'_>) -> Result<(i64, String), InstantError> {
    Ok((wanted.attr.id(), canonical(wanted.value.clone())?.to_string()))
}

impl Work<'_> {
    /// Finds the entities that a group of operations names by lookups, and makes up those that are not there.
    pub(super) fn resolve<'o>(&self, triples: &[&Triple<'o>]) -> Result<Found<'o>, InstantError> {
        let mut found = Found::default();
        for triple in triples {
            let Eid::Lookup(wanted) = &triple.eid else { continue };
            let key = key(wanted)?;
            if found.entities.contains_key(&key) {
                continue;
            }
            let attr_id = self.check_there(wanted.attr)?;
            let value = canonical(wanted.value.clone())?;
            let id = if let Some(id) = lookup::find(self.connection, wanted.attr, &value)? {
                id
            } else {
                let (id, value) = made_up(wanted.attr, value)?;
                found.new.insert((id, attr_id), (wanted.attr, value));
                id
            };
            found.entities.insert(key, id);
        }
        for triple in triples {
            let Eid::Linked(wanted) = &triple.eid else { continue };
            let id = self.linked(wanted, &found)?.ok_or_else(|| missing(wanted))?;
            found.entities.insert(key(wanted)?, id);
        }
        Ok(found)
    }

    /// What a link leads to: an entity that is there, or that this group makes by the same lookup.
    pub(super) fn target(
        &self,
        link: &Ref,
        source: EntityId,
        value: &Operand<'_>,
        found: &Found<'_>,
    ) -> Result<EntityId, InstantError> {
        match value {
            Operand::Id(id) => Ok(*id),
            Operand::Own => Ok(source),
            Operand::Json(value) => lookup::id(value).ok_or_else(|| not_uuid(link, source, value)),
            Operand::Lookup(wanted) => self.linked(wanted, found)?.ok_or_else(|| missing(wanted)),
        }
    }

    fn linked(&self, wanted: &Lookup<'_>, found: &Found<'_>) -> Result<Option<EntityId>, InstantError> {
        match found.get(wanted)? {
            Some(id) => Ok(Some(id)),
            None => lookup::find(self.connection, wanted.attr, wanted.value),
        }
    }

    /// The entity, if it is there.
    pub(super) fn existing(&self, eid: &Eid<'_>) -> Result<Option<EntityId>, InstantError> {
        match eid {
            Eid::Id(id) => Ok(Some(*id)),
            Eid::Lookup(wanted) | Eid::Linked(wanted) => lookup::find(self.connection, wanted.attr, wanted.value),
        }
    }

    /// The same, as InstantDB sees it before a transaction: it does not find
    /// what is looked up by a UUID ([`Lookup::is_by_uuid`]).
    pub(super) fn existing_before(&self, eid: &Eid<'_>) -> Result<Option<EntityId>, InstantError> {
        match eid {
            Eid::Lookup(wanted) if wanted.is_by_uuid() => Ok(None),
            other => self.existing(other),
        }
    }
}

/// An entity for a unique value that none has, and the value as it is stored.
fn made_up(attr: Known<'_>, value: Value) -> Result<(EntityId, Value), InstantError> {
    match attr {
        Known::Id(namespace, _) => {
            let id = lookup::id(&value).ok_or_else(|| {
                InstantError::invalid("lookup", format!("{value} is not the id of an entity of {}", namespace.name))
            })?;
            Ok((id, value))
        }
        Known::Blob(namespace, blob) => {
            let id = EntityId::random();
            Ok((id, checked(namespace, blob, id, value)?))
        }
        Known::Ref(link) => {
            let id = EntityId::random();
            if lookup::id(&value).is_none() {
                return Err(not_uuid(link, id, &value));
            }
            Ok((id, value))
        }
    }
}

fn not_uuid(link: &Ref, source: EntityId, value: &Value) -> InstantError {
    let refused = InvalidValue {
        namespace: link.etype.clone(),
        attribute: link.label.clone(),
        value: InvalidValue::shown(value).0,
        checked_data_type: Some("null".to_owned()),
        attr_id: Some(link.attr.id),
        entity_id: Some(source),
    };
    InstantError::NotUuid { value: Box::new(refused) }
}

fn missing(wanted: &Lookup<'_>) -> InstantError {
    let attr = wanted.attr.attr();
    InstantError::invalid("lookup", "The entity for the lookup does not exist.").with_input(|| {
        json!({
            "attribute-id": attr.id, "namespace": attr.namespace(),
            "label": attr.label(), "value": wanted.value,
        })
    })
}
