//! The names in a transaction: refused or added where the schema has not got
//! them (`specs/instantdb-admin-api.md` 6.3).

use crate::InstantError;
use crate::app_attr::{AppAttr, AppCardinality};
use crate::embedded::catalog::{Catalog, new_blob, new_id, new_ref};
use crate::embedded::{lookup, schema::attrs};
use crate::transaction::{Action, EntityStep, Reference, Transaction};
use rusqlite::Connection;
use serde_json::json;
use std::sync::Arc;

/// Sees to it that every name in the transaction has an attribute; answers
/// whether some were added.
pub(super) fn settle(
    connection: &Connection,
    catalog: &mut Arc<Catalog>,
    transaction: &Transaction,
) -> Result<bool, InstantError> {
    let strict = transaction.throw_on_missing_attrs;
    let mut names = Names { connection, catalog, added: Vec::new(), strict };
    let steps = || transaction.steps.iter().filter_map(|step| step.entity());
    for step in steps() {
        names.of_lookups(step)?;
    }
    for step in steps() {
        names.of_step(step)?;
    }
    let added = names.added;
    if strict && !added.is_empty() {
        return Err(InstantError::invalid("steps", "Attributes are missing in your schema")
            .with_hint(json!({ "hint": { "attributes": added } }))
            .with_input(|| transaction.to_json()));
    }
    Ok(!added.is_empty())
}

struct Names<'a> {
    connection: &'a Connection,
    catalog: &'a mut Arc<Catalog>,
    added: Vec<String>,
    /// Whether nothing may be added: what is missing is only found out.
    strict: bool,
}

impl Names<'_> {
    fn add(&mut self, attr: AppAttr) -> Result<(), InstantError> {
        self.added.push(format!("{}.{}", attr.namespace(), attr.label()));
        let catalog = Arc::make_mut(self.catalog);
        if self.strict {
            catalog.imagine(attr);
            return Ok(());
        }
        attrs::add(self.connection, catalog, attr)
    }

    fn is_link(&self, etype: &str, label: &str) -> bool {
        self.catalog.namespace(etype).is_some_and(|namespace| namespace.hop(label).is_some())
    }

    /// Lookups by what is not there yet: unique values, and links of one to one.
    fn of_lookups(&mut self, step: &EntityStep) -> Result<(), InstantError> {
        if let Reference::Lookup(label, _) = &step.target {
            self.of_lookup(&step.etype, label)?;
        }
        let Action::Link(links) = &step.action else {
            return Ok(());
        };
        for (label, to) in links {
            for reference in to {
                if let Reference::Lookup(wanted, _) = reference {
                    self.one_to_one(&step.etype, label)?;
                    let hop = self.catalog.namespace(&step.etype).and_then(|namespace| namespace.hop(label));
                    let target = hop.map_or_else(|| label.clone(), |hop| hop.etype().to_owned());
                    self.of_lookup(&target, wanted)?;
                }
            }
        }
        Ok(())
    }

    fn of_lookup(&mut self, etype: &str, label: &str) -> Result<(), InstantError> {
        match lookup::link_of(self.catalog, etype, label)? {
            Some(link) => self.one_to_one(etype, link),
            None if self.catalog.at(etype, label).is_some() => Ok(()),
            None if label == "id" => self.add(new_id(etype)),
            None => self.add(AppAttr { unique: true, indexed: true, ..new_blob(etype, label) }),
        }
    }

    fn one_to_one(&mut self, etype: &str, label: &str) -> Result<(), InstantError> {
        if self.catalog.at(etype, label).is_some() || self.is_link(etype, label) {
            return Ok(());
        }
        let cardinality = AppCardinality::One;
        self.add(AppAttr { unique: true, indexed: true, cardinality, ..new_ref(etype, label, label, etype) })
    }

    fn of_step(&mut self, step: &EntityStep) -> Result<(), InstantError> {
        let etype = step.etype.as_str();
        if step.action == Action::Delete {
            return Ok(());
        }
        if self.catalog.at(etype, "id").is_none() {
            self.add(new_id(etype))?;
        }
        match &step.action {
            Action::Put(_, values) | Action::Merge(_, values) => {
                for label in values.keys() {
                    if self.catalog.at(etype, label).is_none() {
                        self.add(new_blob(etype, label))?;
                    }
                }
            }
            Action::Link(links) | Action::Unlink(links) => {
                for (label, _) in links.iter().filter(|(label, _)| label != "id") {
                    if self.catalog.at(etype, label).is_none() && !self.is_link(etype, label) {
                        self.add(new_ref(etype, label, label, etype))?;
                    }
                }
            }
            Action::Delete => {}
        }
        Ok(())
    }
}
