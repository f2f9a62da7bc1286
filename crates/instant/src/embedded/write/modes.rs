//! `create` and `upsert: false`, which look before they write.

use super::Work;
use super::op::{Eid, Kind, Op, Triple};
use crate::InstantError;
use crate::transaction::PutMode;
use model::EntityId;
use std::collections::HashMap;

impl Work<'_> {
    /// Checks modes against the state before the transaction.
    pub(super) fn check_modes(&mut self, ops: &[Op<'_>]) -> Result<(), InstantError> {
        let mut known: HashMap<(String, EntityId), bool> = HashMap::new();
        let (mut created, mut missing) = (Vec::new(), Vec::new());
        for op in ops {
            let Op::Triple(kind @ (Kind::Add | Kind::Merge), triple) = op else { continue };
            let Some(mode) = triple.mode else { continue };
            let there = self.is_there(triple, &mut known)?;
            match mode {
                PutMode::Create if there => created.push((*kind, triple)),
                PutMode::Existing if !there => missing.push((*kind, triple)),
                _ => {}
            }
        }
        let told = |steps: Vec<(Kind, &Triple<'_>)>| {
            let entities = steps.iter().map(|(_, triple)| triple.eid.printed()).collect();
            (entities, steps.into_iter().map(|(kind, triple)| triple.to_json_map(kind)).collect())
        };
        if !created.is_empty() {
            let (entities, input) = told(created);
            return Err(InstantError::Exists { entities, input });
        }
        if !missing.is_empty() {
            let (entities, input) = told(missing);
            return Err(InstantError::Missing { entities, input });
        }
        Ok(())
    }

    fn is_there(
        &mut self,
        triple: &Triple<'_>,
        known: &mut HashMap<(String, EntityId), bool>,
    ) -> Result<bool, InstantError> {
        let Eid::Id(id) = triple.eid else {
            return Ok(self.existing_before(&triple.eid)?.is_some());
        };
        let place = (triple.attr.attr().namespace().to_owned(), id);
        if let Some(there) = known.get(&place) {
            return Ok(*there);
        }
        let there = self.has_triples(&place.0, id)?;
        known.insert(place, there);
        Ok(there)
    }

    /// Whether the entity has a value or a forward link in this namespace.
    pub(super) fn has_triples(&mut self, etype: &str, id: EntityId) -> Result<bool, InstantError> {
        let namespace = self.namespace(etype)?;
        if self.drafts.get(&namespace, id)?.is_some() {
            return Ok(true);
        }
        for link in namespace.forward.values() {
            if self.has_target(link.id, id)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
