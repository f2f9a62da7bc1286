//! Transactions (`specs/instantdb-admin-api.md` 6).
//!
//! Steps become operations on triples, as InstantDB has them inside; those of
//! one kind run together, and the kinds in the order of their first operation.

mod add;
mod delete;
mod expand;
mod link;
mod merge;
mod modes;
mod names;
mod op;
mod required;
mod resolve;
mod upload;

pub(super) use upload::{FileRow, run_files};

use super::catalog::{Catalog, Known, Namespace};
use super::entity::Drafts;
use super::schema::attrs;
use crate::store::TxId;
use crate::transaction::Transaction;
use crate::{InstantError, Timestamp};
use model::EntityId;
use op::{Kind, Op, Triple};
use rusqlite::Connection;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

/// Carries out a transaction on a connection that is inside of one.
pub(super) fn run(
    connection: &Connection,
    catalog: &mut Arc<Catalog>,
    transaction: &Transaction,
) -> Result<TxId, InstantError> {
    let before = Arc::clone(catalog);
    let added = names::settle(connection, catalog, transaction)?;
    let named = Arc::clone(catalog);
    let ops = expand::expand(&named, transaction)?;
    let (tx, now) = next(connection)?;
    let mut work = Work::new(connection, catalog, now);
    work.run(&ops, added).map_err(|error| told_apart(error, &before))?;
    Ok(tx)
}

/// The number and time of the next transaction. Times strictly increase, so
/// that the order of creation is that of the transactions.
pub(super) fn next(connection: &Connection) -> Result<(TxId, i64), InstantError> {
    let sql = "UPDATE meta SET tx = tx + 1, clock = max(clock + 1, ?1) RETURNING tx, clock";
    let mut update = connection.prepare_cached(sql)?;
    Ok(update.query_row([Timestamp::now().as_millis()], |row| Ok((TxId(row.get(0)?), row.get(1)?)))?)
}

/// InstantDB cannot name an attribute that the same transaction made.
fn told_apart(error: InstantError, before: &Catalog) -> InstantError {
    match error {
        InstantError::NotUnique { value, attr_id: Some(id), .. } if before.by_uuid(id).is_none() => {
            let hint = json!({ "record-type": "triple", "attr-id": id, "value": value.to_string() });
            InstantError::refused("record-not-unique", "Record not unique: triple", hint)
        }
        other => other,
    }
}

/// Most parameters of a statement of Postgres; of such is a group of InstantDB's.
const MAX_PARAMETERS: usize = 65_535;

fn check_parameters(count: usize) -> Result<(), InstantError> {
    if count > MAX_PARAMETERS { Err(InstantError::parameter_limit()) } else { Ok(()) }
}

struct Work<'a> {
    connection: &'a Connection,
    /// As it is by now; attributes may come and go on the way.
    catalog: &'a mut Arc<Catalog>,
    drafts: Drafts<'a>,
    /// Entities of which something was added or removed, where their namespace requires something.
    touched: HashSet<(String, EntityId)>,
    /// Attributes that the transaction removed.
    gone: HashSet<EntityId>,
}

impl<'a> Work<'a> {
    fn new(connection: &'a Connection, catalog: &'a mut Arc<Catalog>, now: i64) -> Self {
        let drafts = Drafts::new(connection, now);
        Self { connection, catalog, drafts, touched: HashSet::new(), gone: HashSet::new() }
    }

    /// Runs all operations; `added` says that attributes were added before all else.
    fn run(&mut self, ops: &[Op<'_>], added: bool) -> Result<(), InstantError> {
        let doomed = self.doomed(ops)?;
        self.check_modes(ops)?;
        let mut order: Vec<Kind> = Vec::new();
        let first = added.then_some(Kind::AddAttr);
        for kind in first.into_iter().chain(ops.iter().map(Op::kind)) {
            if !order.contains(&kind) {
                order.push(kind);
            }
        }
        for kind in order {
            let triples = || -> Vec<&Triple<'_>> {
                let all = ops.iter().filter(|op| op.kind() == kind);
                all.filter_map(|op| if let Op::Triple(_, triple) = op { Some(triple) } else { None }).collect()
            };
            match kind {
                Kind::Add => self.add(&triples())?,
                Kind::Merge => self.merge(&triples())?,
                Kind::Retract => self.retract(&triples())?,
                Kind::Delete => self.delete(&doomed)?,
                Kind::AddAttr | Kind::DeleteAttr => self.change_attrs(ops, kind)?,
            }
            self.drafts.flush()?;
        }
        self.check_required()
    }

    fn change_attrs(&mut self, ops: &[Op<'_>], kind: Kind) -> Result<(), InstantError> {
        for op in ops.iter().filter(|op| op.kind() == kind) {
            match op {
                Op::AddAttr(attr) => {
                    attrs::add(self.connection, Arc::make_mut(self.catalog), crate::AppAttr::clone(attr))?;
                }
                Op::DeleteAttr(id) => {
                    attrs::remove(self.connection, Arc::make_mut(self.catalog), *id)?;
                    self.gone.insert(*id);
                }
                Op::Triple(..) | Op::Delete { .. } => {}
            }
        }
        self.drafts.forget();
        Ok(())
    }

    /// The namespace as it is by now.
    fn namespace(&self, name: &str) -> Result<Arc<Namespace>, InstantError> {
        self.catalog.namespace(name).cloned().ok_or_else(|| InstantError::Corrupt {
            what: format!("the schema has lost the namespace {name} during a transaction"),
        })
    }

    /// What was removed on the way takes no values.
    fn check_there(&self, attr: Known<'_>) -> Result<EntityId, InstantError> {
        let id = attr.attr().id;
        if self.gone.contains(&id) {
            return Err(attrs::raised(&format!("We could not find an attribute with id = '{id}'")));
        }
        Ok(id)
    }

    /// Has the required attributes of an entity checked in the end.
    fn touch(&mut self, etype: &str, id: EntityId) {
        if self.catalog.namespace(etype).is_some_and(|namespace| namespace.has_required()) {
            self.touched.insert((etype.to_owned(), id));
        }
    }
}

/// The statements that a transaction reads and removes by, for the test of their plans.
#[cfg(test)]
pub(super) fn statements() -> [&'static str; 13] {
    use super::{entity, lookup};
    [
        entity::READ,
        entity::REMOVE_KEY,
        entity::UPDATE,
        entity::REMOVE,
        lookup::BY_KEY,
        lookup::BY_TARGET,
        lookup::BY_ID,
        link::TARGETS,
        link::SOURCES,
        link::HAS_TARGET,
        link::REMOVE_LINK,
        delete::REMOVE_FORWARD,
        delete::REMOVE_REVERSE,
    ]
}
