//! Deleting, and what goes with it.

use super::Work;
use crate::InstantError;
use crate::embedded::catalog::Namespace;
use crate::transaction::{Action, Step};
use model::EntityId;
use rusqlite::params;
use std::collections::HashSet;
use std::sync::Arc;

impl Work<'_> {
    /// What the deletes take with them, by the state before the transaction.
    pub(super) fn doomed(
        &self,
        steps: &[Step],
        ids: &[Option<EntityId>],
    ) -> Result<Vec<(Arc<Namespace>, EntityId)>, InstantError> {
        let mut waiting: Vec<(Arc<Namespace>, EntityId)> = Vec::new();
        for (step, id) in steps.iter().zip(ids) {
            if let (Action::Delete, Some(id), Some(namespace)) = (&step.action, id, self.catalog.namespace(&step.etype))
            {
                waiting.push((Arc::clone(namespace), *id));
            }
        }
        waiting.reverse();
        let mut seen = HashSet::new();
        let mut doomed = Vec::new();
        while let Some((namespace, id)) = waiting.pop() {
            if !seen.insert((namespace.id, id)) {
                continue;
            }
            for attr in namespace.reverse.values().filter(|attr| attr.cascade) {
                let source = self.namespace(&attr.etype)?;
                waiting.extend(self.ends(attr.id, "target", id)?.map(|id| (Arc::clone(source), id)));
            }
            for attr in namespace.forward.values().filter(|attr| attr.cascade_reverse) {
                let target = self.namespace(&attr.reverse_etype)?;
                waiting.extend(self.ends(attr.id, "source", id)?.map(|id| (Arc::clone(target), id)));
            }
            doomed.push((namespace, id));
        }
        Ok(doomed)
    }

    pub(super) fn delete_all(&mut self, doomed: &[(Arc<Namespace>, EntityId)]) -> Result<(), InstantError> {
        for (namespace, id) in doomed {
            self.drafts.remove(namespace, *id)?;
            self.deleted.insert((namespace.id, *id));
            for attr in namespace.forward.values() {
                self.connection
                    .prepare_cached("DELETE FROM links WHERE attr = ?1 AND source = ?2")?
                    .execute(params![attr.id, id.as_bytes()])?;
            }
            for attr in namespace.reverse.values() {
                self.connection
                    .prepare_cached("DELETE FROM links WHERE attr = ?1 AND target = ?2")?
                    .execute(params![attr.id, id.as_bytes()])?;
            }
            if namespace.name == "$files" {
                self.connection.prepare_cached("DELETE FROM blobs WHERE file = ?1")?.execute([id.as_bytes()])?;
            }
        }
        self.drafts.flush()
    }
}
