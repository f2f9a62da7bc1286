//! What steps come down to: triples added, merged and retracted, entities
//! deleted, attributes added and deleted.

use crate::app_attr::AppAttr;
use crate::embedded::catalog::Known;
use crate::embedded::lookup;
use crate::transaction::PutMode;
use model::EntityId;
use serde_json::{Value, json};

/// The kinds of operations; those of one kind run together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Add,
    Merge,
    Retract,
    Delete,
    AddAttr,
    DeleteAttr,
}

/// One operation.
pub(super) enum Op<'a> {
    /// Of kind `Add`, `Merge` or `Retract`.
    Triple(Kind, Triple<'a>),
    Delete {
        etype: &'a str,
        eid: Eid<'a>,
    },
    AddAttr(&'a AppAttr),
    DeleteAttr(EntityId),
}

impl Op<'_> {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Triple(kind, _) => *kind,
            Self::Delete { .. } => Kind::Delete,
            Self::AddAttr(_) => Kind::AddAttr,
            Self::DeleteAttr(_) => Kind::DeleteAttr,
        }
    }
}

/// An entity, an attribute that holds it forward, and a value of it.
pub(super) struct Triple<'a> {
    pub(super) eid: Eid<'a>,
    pub(super) attr: Known<'a>,
    pub(super) value: Operand<'a>,
    /// How the step that it comes from treats what is there, where it says so.
    pub(super) mode: Option<PutMode>,
}

/// An entity, as a step names it.
#[derive(Clone, Copy)]
pub(super) enum Eid<'a> {
    Id(EntityId),
    /// The entity of a step: made if it is not there.
    Lookup(Lookup<'a>),
    /// What a step links to, from the other end of a link: it must be there.
    Linked(Lookup<'a>),
}

/// A unique attribute and the value that tells the entity.
#[derive(Clone, Copy)]
pub(super) struct Lookup<'a> {
    pub(super) attr: Known<'a>,
    pub(super) value: &'a Value,
}

/// What is written.
#[derive(Clone, Copy)]
pub(super) enum Operand<'a> {
    /// The entity's own id: the value of the `id` attribute.
    Own,
    Json(&'a Value),
    Id(EntityId),
    Lookup(Lookup<'a>),
}

impl Lookup<'_> {
    /// Whether its value reads as a UUID. InstantDB makes UUIDs of such texts
    /// and then does not know them again in what the database answers.
    pub(super) fn is_by_uuid(&self) -> bool {
        lookup::id(self.value).is_some()
    }

    fn json(&self) -> Value {
        json!([self.attr.attr().id, self.value])
    }

    /// As Clojure prints a vector of a UUID and a value: so it stands in messages.
    pub(super) fn printed(&self) -> String {
        let attr = self.attr.attr().id;
        let uuid = if self.is_by_uuid() { "#uuid " } else { "" };
        let value = if self.value.is_null() { "nil".to_owned() } else { self.value.to_string() };
        format!("[#uuid \"{attr}\" {uuid}{value}]")
    }
}

impl Eid<'_> {
    /// As it stands in messages.
    pub(super) fn printed(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Lookup(lookup) | Self::Linked(lookup) => lookup.printed(),
        }
    }

    pub(super) fn json(&self) -> Value {
        match self {
            Self::Id(id) => json!(id),
            Self::Lookup(lookup) | Self::Linked(lookup) => lookup.json(),
        }
    }

    /// The lookup, if it is one.
    pub(super) fn lookup(&self) -> Option<&Lookup<'_>> {
        match self {
            Self::Id(_) => None,
            Self::Lookup(lookup) | Self::Linked(lookup) => Some(lookup),
        }
    }
}

impl Triple<'_> {
    fn value_json(&self) -> Value {
        match self.value {
            Operand::Own => self.eid.json(),
            Operand::Json(value) => value.clone(),
            Operand::Id(id) => json!(id),
            Operand::Lookup(lookup) => lookup.json(),
        }
    }

    fn options(&self) -> Value {
        self.mode.map_or(Value::Null, |mode| {
            let name = match mode {
                PutMode::Create => "create",
                PutMode::Existing => "update",
                PutMode::Upsert => "upsert",
            };
            json!({ "mode": name })
        })
    }

    /// As an array: the `input` of refusals of one step.
    pub(super) fn to_json(&self, kind: Kind) -> Value {
        let attr = self.attr.attr();
        json!([name(kind), self.eid.json(), attr.id, self.value_json(), self.options()])
    }

    /// As an object: the `input` of refusals of several steps.
    pub(super) fn to_json_map(&self, kind: Kind) -> Value {
        let attr = self.attr.attr();
        let reverse = attr.reverse_identity.as_ref().map(|ident| &ident.1);
        json!({
            "op": name(kind), "eid": self.eid.json(), "etype": attr.namespace(), "aid": attr.id,
            "value": self.value_json(), "rev-etype": reverse, "opts": self.options(),
        })
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Add => "add-triple",
        Kind::Merge => "deep-merge-triple",
        Kind::Retract => "retract-triple",
        Kind::Delete => "delete-entity",
        Kind::AddAttr => "add-attr",
        Kind::DeleteAttr => "delete-attr",
    }
}
