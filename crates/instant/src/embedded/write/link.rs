//! Links added and removed.

use super::op::{Operand, Triple};
use super::{Work, check_parameters};
use crate::InstantError;
use crate::embedded::catalog::{Known, Ref};
use crate::embedded::{lookup, read};
use model::EntityId;
use rusqlite::params;
use serde_json::json;

/// What a source is linked to.
pub(super) const TARGETS: &str = "SELECT target FROM links WHERE attr = ?1 AND source = ?2";
/// What is linked to a target.
pub(super) const SOURCES: &str = "SELECT source FROM links WHERE attr = ?1 AND target = ?2";
/// Whether a source is linked to anything.
pub(super) const HAS_TARGET: &str = "SELECT 1 FROM links WHERE attr = ?1 AND source = ?2 LIMIT 1";
/// A link that is no more.
pub(super) const REMOVE_LINK: &str = "DELETE FROM links WHERE attr = ?1 AND source = ?2 AND target = ?3";

impl Work<'_> {
    /// The entities that one of [`TARGETS`] and [`SOURCES`] yields.
    pub(super) fn ends(&self, sql: &str, attr: i64, id: EntityId) -> Result<Vec<EntityId>, InstantError> {
        let mut select = self.connection.prepare_cached(sql)?;
        let mut rows = select.query(params![attr, id.as_bytes()])?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            ids.push(read::id(row.get_ref(0)?)?);
        }
        Ok(ids)
    }

    /// Whether the source is linked to anything.
    pub(super) fn has_target(&self, attr: i64, source: EntityId) -> Result<bool, InstantError> {
        Ok(self.connection.prepare_cached(HAS_TARGET)?.exists(params![attr, source.as_bytes()])?)
    }

    /// Links. A forward link to one is replaced; one that another source has is refused.
    pub(super) fn link(&mut self, link: &Ref, source: EntityId, target: EntityId) -> Result<(), InstantError> {
        self.touch(&link.etype, source);
        if !link.many {
            let before = self.ends(TARGETS, link.id, source)?.first().copied();
            if before == Some(target) {
                return Ok(());
            }
            if let Some(before) = before {
                self.unlink(link.id, source, before)?;
            }
        }
        if link.unique && self.ends(SOURCES, link.id, target)?.into_iter().any(|holder| holder != source) {
            return Err(InstantError::NotUnique {
                etype: link.etype.clone(),
                label: link.label.clone(),
                value: Box::new(json!(target)),
                attr_id: Some(link.attr.id),
            });
        }
        let mut insert =
            self.connection.prepare_cached("INSERT OR IGNORE INTO links (attr, source, target) VALUES (?1, ?2, ?3)")?;
        insert.execute(params![link.id, source.as_bytes(), target.as_bytes()])?;
        Ok(())
    }

    fn unlink(&self, attr: i64, source: EntityId, target: EntityId) -> Result<(), InstantError> {
        let mut delete = self.connection.prepare_cached(REMOVE_LINK)?;
        delete.execute(params![attr, source.as_bytes(), target.as_bytes()])?;
        Ok(())
    }

    /// Removes triples; what is not there is no error.
    pub(super) fn retract(&mut self, triples: &[&Triple<'_>]) -> Result<(), InstantError> {
        check_parameters(triples.len() * 4)?;
        for triple in triples {
            let Some(source) = self.existing(&triple.eid)? else { continue };
            match triple.attr {
                Known::Ref(link) => {
                    let target = match &triple.value {
                        Operand::Id(id) => Some(*id),
                        Operand::Own => Some(source),
                        Operand::Json(value) => lookup::id(value),
                        Operand::Lookup(wanted) => lookup::find(self.connection, wanted.attr, wanted.value)?,
                    };
                    if let Some(target) = target {
                        self.unlink(link.id, source, target)?;
                        self.touch(&link.etype, source);
                    }
                }
                Known::Blob(namespace, blob) => {
                    let namespace = self.namespace(&namespace.name)?;
                    let Operand::Id(id) = &triple.value else { continue };
                    let values = self.drafts.get(&namespace, source)?;
                    if values.is_some_and(|values| values.get(&blob.label) == Some(&json!(id))) {
                        self.drafts.upsert(&namespace, source)?.shift_remove(&blob.label);
                        self.touch(&namespace.name, source);
                    }
                }
                Known::Id(..) => {}
            }
        }
        Ok(())
    }
}
