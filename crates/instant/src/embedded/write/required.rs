//! Required attributes.

use super::Work;
use crate::InstantError;
use model::EntityId;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

impl Work<'_> {
    /// Checks required attributes of what was touched, after everything. A
    /// forward link makes its source an entity that must have them, too.
    pub(super) fn check_required(&mut self) -> Result<(), InstantError> {
        let mut touched: HashSet<(i64, EntityId)> = self.drafts.touched().collect();
        let mut linked = HashSet::new();
        for (etype, id) in std::mem::take(&mut self.relinked) {
            let namespace = self.namespace(&etype)?;
            if namespace.has_required() && !self.deleted.contains(&(namespace.id, id)) {
                touched.insert((namespace.id, id));
                linked.insert((namespace.id, id));
            }
        }
        let mut missing: BTreeMap<(String, String), Vec<EntityId>> = BTreeMap::new();
        let catalog = self.catalog;
        for namespace in catalog.all().filter(|namespace| namespace.has_required()) {
            let mut ids: Vec<EntityId> =
                touched.iter().filter(|(etype, _)| *etype == namespace.id).map(|(_, id)| *id).collect();
            ids.sort_unstable();
            for id in ids {
                let linked = linked.contains(&(namespace.id, id));
                let orphan =
                    linked && self.drafts.get(namespace, id)?.is_none() && self.has_triples(&namespace.name, id)?;
                let values = self.drafts.get(namespace, id)?;
                if values.is_none() && !orphan {
                    continue;
                }
                let mut miss = |label: &str| {
                    missing.entry((namespace.name.clone(), label.to_owned())).or_default().push(id);
                };
                if orphan {
                    miss("id");
                }
                for blob in namespace.blobs.values().filter(|blob| blob.required) {
                    if values.and_then(|values| values.get(&blob.label)).is_none_or(Value::is_null) {
                        miss(&blob.label);
                    }
                }
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(InstantError::MissingRequired {
            missing: missing.into_iter().map(|((etype, label), ids)| (etype, label, ids)).collect(),
        })
    }
}
