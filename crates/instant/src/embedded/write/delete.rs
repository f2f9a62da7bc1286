//! Deleting, and what goes with it.

use super::Work;
use super::link::{SOURCES, TARGETS};
use super::op::Op;
use crate::InstantError;
use crate::embedded::catalog::Namespace;
use crate::embedded::read;
use model::EntityId;
use rusqlite::params;
use std::collections::HashSet;
use std::sync::Arc;

/// All forward links of an entity.
pub(super) const REMOVE_FORWARD: &str = "DELETE FROM links WHERE attr = ?1 AND source = ?2";
/// All links to an entity, with whom they came from.
pub(super) const REMOVE_REVERSE: &str = "DELETE FROM links WHERE attr = ?1 AND target = ?2 RETURNING source";

/// An entity to be deleted.
type Doomed = (Arc<Namespace>, EntityId);

impl Work<'_> {
    /// What the deletes take with them, by the state before the transaction.
    pub(super) fn doomed(&self, ops: &[Op<'_>]) -> Result<Vec<Doomed>, InstantError> {
        let mut waiting: Vec<Doomed> = Vec::new();
        for op in ops {
            if let Op::Delete { etype, eid } = op
                && let Some(namespace) = self.catalog.namespace(etype)
                && let Some(id) = self.existing_before(eid)?
            {
                waiting.push((Arc::clone(namespace), id));
            }
        }
        waiting.reverse();
        let mut seen = HashSet::new();
        let mut doomed = Vec::new();
        while let Some((namespace, id)) = waiting.pop() {
            if !seen.insert((namespace.name.clone(), id)) {
                continue;
            }
            for link in namespace.reverse.values().filter(|link| link.cascade) {
                let source = self.namespace(&link.etype)?;
                waiting.extend(self.ends(SOURCES, link.id, id)?.into_iter().map(|id| (Arc::clone(&source), id)));
            }
            for link in namespace.forward.values().filter(|link| link.cascade_reverse) {
                let target = self.namespace(&link.reverse_etype)?;
                waiting.extend(self.ends(TARGETS, link.id, id)?.into_iter().map(|id| (Arc::clone(&target), id)));
            }
            doomed.push((namespace, id));
        }
        Ok(doomed)
    }

    pub(super) fn delete(&mut self, doomed: &[Doomed]) -> Result<(), InstantError> {
        for (namespace, id) in doomed {
            self.drafts.remove(namespace, *id)?;
            for link in namespace.forward.values() {
                self.connection.prepare_cached(REMOVE_FORWARD)?.execute(params![link.id, id.as_bytes()])?;
            }
            for link in namespace.reverse.values() {
                let mut delete = self.connection.prepare_cached(REMOVE_REVERSE)?;
                let mut rows = delete.query(params![link.id, id.as_bytes()])?;
                while let Some(row) = rows.next()? {
                    self.touch(&link.etype, read::id(row.get_ref(0)?)?);
                }
            }
            self.touch(&namespace.name, *id);
            if namespace.name == "$files" {
                self.connection.prepare_cached("DELETE FROM blobs WHERE file = ?1")?.execute([id.as_bytes()])?;
            }
        }
        Ok(())
    }
}
