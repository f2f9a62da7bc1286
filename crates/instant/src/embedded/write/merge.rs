//! Objects merged into values.

use super::op::{Operand, Triple};
use super::{Work, check_parameters};
use crate::InstantError;
use crate::embedded::catalog::{Blob, Known, Namespace};
use crate::embedded::entity::{canonical, checked, merge};
use crate::embedded::schema::attrs;
use model::EntityId;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The patches of one attribute of an entity, in order.
type Patches<'a> = (&'a Arc<Namespace>, &'a Arc<Blob>, Vec<Value>);

impl Work<'_> {
    /// Merges, all patches of one attribute of an entity in order.
    pub(super) fn merge(&mut self, triples: &[&Triple<'_>]) -> Result<(), InstantError> {
        let found = self.resolve(triples)?;
        let mut merges: BTreeMap<(EntityId, EntityId), Patches<'_>> = BTreeMap::new();
        for triple in triples {
            let id = found.entity(&triple.eid)?;
            let attr = self.check_there(triple.attr)?;
            match (triple.attr, &triple.value) {
                (Known::Ref(_), _) => return Err(attrs::raised("merge operation is not supported for links")),
                (Known::Blob(namespace, blob), Operand::Json(patch)) => {
                    let patch = canonical(Value::clone(patch))?;
                    merges.entry((id, attr)).or_insert_with(|| (namespace, blob, Vec::new())).2.push(patch);
                }
                // Only an addition writes an `id`.
                _ => {}
            }
        }
        check_parameters(merges.len() * 5)?;
        self.make(&found)?;
        for ((id, _), (namespace, blob, patches)) in merges {
            let namespace = self.namespace(&namespace.name)?;
            let Some(values) = self.drafts.get(&namespace, id)? else {
                // Deleted between its addition and this: it has no `id` any more, and nobody sees it.
                continue;
            };
            let mut patches = patches.into_iter();
            let mut value = match values.get(&blob.label) {
                Some(value) => value.clone(),
                None => patches.next().unwrap_or_default(),
            };
            patches.for_each(|patch| merge(&mut value, patch));
            let value = checked(&namespace, blob, id, value)?;
            self.drafts.upsert(&namespace, id)?.insert(blob.label.clone(), value);
            self.touch(&namespace.name, id);
        }
        Ok(())
    }
}
