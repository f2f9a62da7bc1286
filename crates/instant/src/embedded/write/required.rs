//! Required attributes.

use super::Work;
use crate::app_attr::AppAttr;
use crate::error::{InstantError, MissingAttr};
use model::EntityId;
use serde_json::Value;

impl Work<'_> {
    /// Checks required attributes of what was touched, after everything. A
    /// forward link makes its source an entity that must have them, too, and an `id`.
    pub(super) fn check_required(&mut self) -> Result<(), InstantError> {
        let mut touched: Vec<(String, EntityId)> = std::mem::take(&mut self.touched).into_iter().collect();
        touched.sort_unstable();
        let mut missing = Vec::new();
        for (etype, id) in touched {
            let Some(namespace) = self.catalog.namespace(&etype).cloned() else { continue };
            if !self.has_triples(&etype, id)? {
                continue;
            }
            let mut miss = |attr: &AppAttr| {
                missing.push(MissingAttr {
                    entity_id: id,
                    attr_id: attr.id,
                    etype: attr.namespace().to_owned(),
                    label: attr.label().to_owned(),
                    is_required: attr.required,
                });
            };
            for link in namespace.forward.values().filter(|link| link.required) {
                if !self.has_target(link.id, id)? {
                    miss(&link.attr);
                }
            }
            let values = self.drafts.get(&namespace, id)?;
            if let (None, Some(attr)) = (values, &namespace.attr) {
                miss(attr);
            }
            for blob in namespace.blobs.values().filter(|blob| blob.required) {
                if values.and_then(|values| values.get(&blob.label)).is_none_or(Value::is_null) {
                    miss(&blob.attr);
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(InstantError::MissingRequired { missing }) }
    }
}
