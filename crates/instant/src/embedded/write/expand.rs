//! Steps as operations (`specs/instantdb-admin-api.md` 6.2).

use super::op::{Eid, Kind, Lookup, Op, Operand, Triple};
use crate::InstantError;
use crate::app_attr::AttrCatalog;
use crate::embedded::catalog::{Catalog, Hop, Known};
use crate::embedded::lookup;
use crate::transaction::{Action, EntityStep, PutMode, Reference, Step, Transaction};
use serde_json::{Map, Value, json};

/// The operations of all steps, in order. Every name has an attribute by now.
pub(super) fn expand<'a>(catalog: &'a Catalog, transaction: &'a Transaction) -> Result<Vec<Op<'a>>, InstantError> {
    let mut ops = Ops { catalog, ops: Vec::new() };
    for step in &transaction.steps {
        match step {
            Step::Entity(step) => ops.expand(step)?,
            Step::AddAttr(attr) => ops.ops.push(Op::AddAttr(attr)),
            Step::DeleteAttr(id) => ops.ops.push(Op::DeleteAttr(*id)),
        }
    }
    for (index, op) in ops.ops.iter().enumerate() {
        check_id_lookups(index, op)?;
        check_system(op)?;
    }
    Ok(ops.ops)
}

struct Ops<'a> {
    catalog: &'a Catalog,
    ops: Vec<Op<'a>>,
}

impl<'a> Ops<'a> {
    fn expand(&mut self, step: &'a EntityStep) -> Result<(), InstantError> {
        let etype = step.etype.as_str();
        let eid = self.eid(etype, &step.target)?;
        match &step.action {
            Action::Put(mode, values) => self.put(etype, eid, *mode, Kind::Add, values),
            Action::Merge(mode, values) => self.put(etype, eid, *mode, Kind::Merge, values),
            Action::Link(links) => self.links(etype, eid, Kind::Add, links),
            Action::Unlink(links) => self.links(etype, eid, Kind::Retract, links),
            Action::Delete => {
                self.ops.push(Op::Delete { etype, eid });
                Ok(())
            }
        }
    }

    fn put(
        &mut self,
        etype: &str,
        eid: Eid<'a>,
        mode: PutMode,
        kind: Kind,
        values: &'a Map<String, Value>,
    ) -> Result<(), InstantError> {
        let mode = Some(mode).filter(|mode| *mode != PutMode::Upsert);
        // The id comes first, so that a value of the lookup's attribute is not lost.
        let id = self.attr(etype, "id")?;
        self.triple(Kind::Add, Triple { eid, attr: id, value: Operand::Own, mode });
        for (label, value) in values.iter().filter(|(label, _)| *label != "id") {
            let attr = self.attr(etype, label)?;
            self.triple(kind, Triple { eid, attr, value: Operand::Json(value), mode });
        }
        Ok(())
    }

    fn links(
        &mut self,
        etype: &str,
        eid: Eid<'a>,
        kind: Kind,
        links: &'a [(String, Vec<Reference>)],
    ) -> Result<(), InstantError> {
        if matches!(eid, Eid::Lookup(_)) {
            let id = self.attr(etype, "id")?;
            self.triple(Kind::Add, Triple { eid, attr: id, value: Operand::Own, mode: None });
        }
        for (label, to) in links.iter().filter(|(label, _)| label != "id") {
            let forward = self.catalog.at(etype, label);
            for reference in to {
                let triple = match (forward, self.hop(etype, label)) {
                    (Some(attr), hop) => {
                        let value = operand(self.eid(hop.as_ref().map_or("", Hop::etype), reference)?);
                        Triple { eid, attr, value, mode: None }
                    }
                    (None, Some(hop)) => {
                        let attr = self.attr(&hop.attr.etype, &hop.attr.label)?;
                        let linked = match self.eid(hop.etype(), reference)? {
                            Eid::Lookup(lookup) => Eid::Linked(lookup),
                            id => id,
                        };
                        Triple { eid: linked, attr, value: operand(eid), mode: None }
                    }
                    (None, None) => return Err(missing(etype, label)),
                };
                self.triple(kind, triple);
            }
        }
        Ok(())
    }

    fn triple(&mut self, kind: Kind, triple: Triple<'a>) {
        self.ops.push(Op::Triple(kind, triple));
    }

    fn hop(&self, etype: &str, label: &str) -> Option<Hop> {
        self.catalog.namespace(etype)?.hop(label)
    }

    fn attr(&self, etype: &str, label: &str) -> Result<Known<'a>, InstantError> {
        self.catalog.at(etype, label).ok_or_else(|| missing(etype, label))
    }

    fn eid(&self, etype: &str, reference: &'a Reference) -> Result<Eid<'a>, InstantError> {
        Ok(match reference {
            Reference::Id(id) => Eid::Id(*id),
            Reference::Lookup(label, value) => {
                let attr = lookup::attr(self.catalog, etype, label)
                    .map_err(|error| error.with_input(|| json!([label, value])))?;
                Eid::Lookup(Lookup { attr, value })
            }
        })
    }
}

fn operand(eid: Eid<'_>) -> Operand<'_> {
    match eid {
        Eid::Id(id) => Operand::Id(id),
        Eid::Lookup(lookup) | Eid::Linked(lookup) => Operand::Lookup(lookup),
    }
}

/// What was to be settled before.
fn missing(etype: &str, label: &str) -> InstantError {
    InstantError::Corrupt { what: format!("the schema has no {etype}.{label}, which a transaction was to add") }
}

/// A lookup by `id` takes a UUID.
fn check_id_lookups(index: usize, op: &Op<'_>) -> Result<(), InstantError> {
    let check = |lookup: &Lookup<'_>, place: usize, input: &dyn Fn() -> Value| {
        let Known::Id(namespace, _) = lookup.attr else {
            return Ok(());
        };
        if lookup.is_by_uuid() {
            return Ok(());
        }
        let message = format!(
            "Invalid lookup '{}'. The lookup attribute is '{}.id', but the lookup value is not a valid UUID.",
            lookup.printed(),
            namespace.name
        );
        Err(InstantError::invalid("tx-steps", message).with_hint(json!({ "in": [index, place] })).with_input(input))
    };
    match op {
        Op::Triple(kind, triple) => {
            let input = || triple.to_json(*kind);
            if let Some(lookup) = triple.eid.lookup() {
                check(lookup, 1, &input)?;
            }
            if let Operand::Lookup(lookup) = &triple.value {
                check(lookup, 3, &input)?;
            }
            Ok(())
        }
        Op::Delete { etype, eid: Eid::Lookup(lookup) } => {
            check(lookup, 1, &|| json!(["delete-entity", lookup.printed(), etype]))
        }
        _ => Ok(()),
    }
}

/// Of a file only the path is for others than the store to change
/// (`specs/instantdb-admin-api.md` 6.4). Admins may change `$users`.
fn check_system(op: &Op<'_>) -> Result<(), InstantError> {
    let Op::Triple(kind, triple) = op else {
        return Ok(());
    };
    let attr = triple.attr.attr();
    let (etype, label) = (attr.namespace(), attr.label());
    let refuse = |message: String| Err(InstantError::invalid("tx-step", message).with_input(|| triple.to_json(*kind)));
    let of_store = attr.catalog == AttrCatalog::System && matches!(etype, "$files" | "$streams");
    if of_store && label != "id" && (etype, label) != ("$files", "path") {
        return refuse(format!("{etype}.{label} is a system column. You aren't allowed to change this directly."));
    }
    if (etype, label) == ("$files", "path")
        && let Operand::Json(Value::String(path)) = triple.value
        && path.starts_with("$stream/")
    {
        return refuse("The path for stream files can't be edited.".to_owned());
    }
    Ok(())
}
