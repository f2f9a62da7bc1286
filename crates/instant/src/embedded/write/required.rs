//! Required attributes.

use super::Work;
use crate::app_attr::AppAttr;
use crate::error::{InstantError, MissingAttr};
use model::EntityId;
use serde_json::Value;
use std::collections::HashSet;

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
        let mut missing = Vec::new();
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
                let mut miss = |attr: &AppAttr| {
                    missing.push(MissingAttr {
                        entity_id: id,
                        attr_id: attr.id,
                        etype: namespace.name.clone(),
                        label: attr.label().to_owned(),
                        is_required: attr.required,
                    });
                };
                if let (true, Some(attr)) = (orphan, &namespace.attr) {
                    miss(attr);
                }
                for blob in namespace.blobs.values().filter(|blob| blob.required) {
                    if values.and_then(|values| values.get(&blob.label)).is_none_or(Value::is_null) {
                        miss(&blob.attr);
                    }
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(InstantError::MissingRequired { missing }) }
    }
}
