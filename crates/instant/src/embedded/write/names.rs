//! The names in a transaction: refused or added where the schema has not got
//! them (`specs/instantdb-admin-api.md` 6.3).

use crate::InstantError;
use crate::embedded::catalog::{Catalog, Namespace};
use crate::transaction::{Action, Reference, Step, Transaction};
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a name is used for, and so what it becomes.
enum Use {
    Value,
    Unique,
    Link { one_to_one: bool },
}

/// Sees to it that every name in the transaction has an attribute.
pub(super) fn settle(
    connection: &Connection,
    catalog: &mut Arc<Catalog>,
    transaction: &Transaction,
) -> Result<(), InstantError> {
    let mut missing = BTreeSet::new();
    for step in &transaction.steps {
        check_system(step)?;
        for (etype, label, usage) in uses(catalog, step) {
            let known = |catalog: &Catalog| {
                catalog.namespace(&etype).is_some_and(|namespace| namespace.id != 0 && namespace.knows(&label))
            };
            if known(catalog) {
                continue;
            }
            if transaction.throw_on_missing_attrs {
                missing.insert(format!("{etype}.{label}"));
                continue;
            }
            let catalog = Arc::make_mut(catalog);
            catalog.ensure_namespace(connection, &etype)?;
            if known(catalog) {
                continue;
            }
            match usage {
                Use::Value => catalog.add_blob(connection, &etype, &label, false)?,
                Use::Unique => catalog.add_blob(connection, &etype, &label, true)?,
                Use::Link { one_to_one } => {
                    catalog.add_ref(connection, &etype, &label, one_to_one)?;
                }
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(InstantError::invalid("steps", "Attributes are missing in your schema")
        .with_hint(json!({ "hint": { "attributes": missing } })))
}

/// Every name that a step uses: namespace, label, and for what.
fn uses(catalog: &Catalog, step: &Step) -> Vec<(String, String, Use)> {
    let etype = || step.etype.clone();
    let mut uses = Vec::new();
    if step.action != Action::Delete {
        uses.push((etype(), "id".to_owned(), Use::Value));
    }
    if let Reference::Lookup(label, _) = &step.target {
        uses.push(match label.strip_suffix(".id") {
            Some(link) => (etype(), link.to_owned(), Use::Link { one_to_one: true }),
            None => (etype(), label.clone(), Use::Unique),
        });
    }
    match &step.action {
        Action::Put(_, values) | Action::Merge(_, values) => {
            uses.extend(values.keys().map(|label| (etype(), label.clone(), Use::Value)));
        }
        Action::Link(links) | Action::Unlink(links) => {
            for (label, to) in links {
                let lookups = to.iter().filter_map(|reference| match reference {
                    Reference::Lookup(label, _) => Some(label),
                    Reference::Id(_) => None,
                });
                let target = catalog.namespace(&step.etype).and_then(|namespace: &Arc<Namespace>| namespace.hop(label));
                let target = target.map_or_else(|| label.clone(), |hop| hop.etype().to_owned());
                let lookups: Vec<_> = lookups.map(|lookup| (target.clone(), lookup.clone(), Use::Unique)).collect();
                uses.push((etype(), label.clone(), Use::Link { one_to_one: !lookups.is_empty() }));
                uses.extend(lookups.into_iter().filter(|(_, label, _)| !label.contains('.')));
            }
        }
        Action::Delete => {}
    }
    uses
}

/// Only the path of a file is for others than the store to change.
fn check_system(step: &Step) -> Result<(), InstantError> {
    let (Action::Put(_, values) | Action::Merge(_, values)) = &step.action else {
        return Ok(());
    };
    let Some(entity) = crate::rows::ENTITIES.iter().find(|entity| entity.namespace == step.etype) else {
        return Ok(());
    };
    let system =
        entity.attrs.iter().find(|attr| attr.system && attr.label != "path" && values.contains_key(attr.label));
    match system {
        None => Ok(()),
        Some(attr) => Err(InstantError::invalid(
            "tx-step",
            format!("{}.{} is a system column. You aren't allowed to change this directly.", step.etype, attr.label),
        )),
    }
}
