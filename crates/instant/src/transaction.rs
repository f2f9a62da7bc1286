//! Transactions, as data.

mod build;
mod parse;

pub use build::{Lookup, StepBuilder};

use crate::AppAttr;
use model::EntityId;
use serde_json::{Map, Value, json};

/// How an `update` or `create` step treats what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutMode {
    /// `create`: the entity must not exist.
    Create,
    /// `update`: made when missing.
    Upsert,
    /// `update` with `upsert: false`: the entity must exist.
    Existing,
}

/// An entity, by id or by the value of a unique attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Reference {
    /// Its id.
    Id(EntityId),
    /// The entity whose attribute has this value. `link.id` means: whose
    /// unique has-one link leads to this id.
    Lookup(String, Value),
}

impl Reference {
    fn to_json(&self) -> Value {
        match self {
            Self::Id(id) => id.to_string().into(),
            Self::Lookup(label, value) => json!([label, value]),
        }
    }

    fn to_link_json(&self) -> Value {
        match self {
            Self::Id(id) => id.to_string().into(),
            Self::Lookup(label, value) => format!("lookup__{label}__{value}").into(),
        }
    }
}

/// One step (`specs/instantdb-admin-api.md` 6.1).
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Changes an entity.
    Entity(EntityStep),
    /// Adds an attribute or link to the schema.
    AddAttr(Box<AppAttr>),
    /// Removes an attribute or link with all of its values.
    DeleteAttr(EntityId),
}

/// A step that changes one entity.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityStep {
    /// The namespace.
    pub etype: String,
    /// The entity.
    pub target: Reference,
    /// What happens to it.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Sets attributes.
    Put(PutMode, Map<String, Value>),
    /// Merges objects into attributes; the mode is never `Create`.
    Merge(PutMode, Map<String, Value>),
    /// Adds links.
    Link(Vec<(String, Vec<Reference>)>),
    /// Removes links.
    Unlink(Vec<(String, Vec<Reference>)>),
    /// Deletes the entity, its links and what cascades.
    Delete,
}

impl From<EntityStep> for Step {
    fn from(step: EntityStep) -> Self {
        Self::Entity(step)
    }
}

impl Step {
    /// The change of an entity, if it is one.
    pub fn entity(&self) -> Option<&EntityStep> {
        match self {
            Self::Entity(step) => Some(step),
            Self::AddAttr(_) | Self::DeleteAttr(_) => None,
        }
    }

    /// Whether it and the other one change the same entity.
    fn is_of_same_entity(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Entity(one), Self::Entity(other)) => one.etype == other.etype && one.target == other.target,
            _ => false,
        }
    }

    /// The step as the admin API takes it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Entity(step) => step.to_json(),
            Self::AddAttr(attr) => json!(["add-attr", attr]),
            Self::DeleteAttr(id) => json!(["delete-attr", id]),
        }
    }
}

impl Step {
    fn triples(&self) -> usize {
        self.entity().map_or(1, EntityStep::triples)
    }

    /// The same in parts that fit a transaction each.
    fn parts(self) -> Vec<Self> {
        match self {
            Self::Entity(step) if step.triples() > MAX_TRIPLES => step.parts().into_iter().map(Self::Entity).collect(),
            step => vec![step],
        }
    }
}

impl EntityStep {
    /// The same with fewer links each: nothing else of a step can be so much.
    fn parts(self) -> Vec<Self> {
        let part = |action| Self { etype: self.etype.clone(), target: self.target.clone(), action };
        let parts = |links: &[(String, Vec<Reference>)]| -> Vec<Vec<(String, Vec<Reference>)>> {
            let parts = links.iter().flat_map(|(label, to)| to.chunks(MAX_TRIPLES).map(move |to| (label, to)));
            parts.map(|(label, to)| vec![(label.clone(), to.to_vec())]).collect()
        };
        match &self.action {
            Action::Link(links) => parts(links).into_iter().map(|links| part(Action::Link(links))).collect(),
            Action::Unlink(links) => parts(links).into_iter().map(|links| part(Action::Unlink(links))).collect(),
            Action::Put(..) | Action::Merge(..) | Action::Delete => vec![self],
        }
    }

    /// How many triples it writes at most, the `id` triple included.
    fn triples(&self) -> usize {
        match &self.action {
            Action::Put(_, values) | Action::Merge(_, values) => values.len() + 1,
            Action::Link(links) | Action::Unlink(links) => links.iter().map(|(_, to)| to.len()).sum(),
            Action::Delete => 1,
        }
    }

    /// The step as the admin API takes it.
    pub fn to_json(&self) -> Value {
        let target = self.target.to_json();
        let links = |links: &[(String, Vec<Reference>)]| -> Value {
            let entry = |(label, to): &(String, Vec<Reference>)| {
                let mut to: Vec<Value> = to.iter().map(Reference::to_link_json).collect();
                // One alone goes without a list, as InstantDB's own client sends it.
                let to = if to.len() == 1 { to.remove(0) } else { to.into() };
                (label.clone(), to)
            };
            links.iter().map(entry).collect::<Map<_, _>>().into()
        };
        match &self.action {
            Action::Put(PutMode::Create, values) => json!(["create", self.etype, target, values]),
            Action::Put(PutMode::Upsert, values) => json!(["update", self.etype, target, values]),
            Action::Put(PutMode::Existing, values) => {
                json!(["update", self.etype, target, values, { "upsert": false }])
            }
            Action::Merge(PutMode::Existing, values) => {
                json!(["merge", self.etype, target, values, { "upsert": false }])
            }
            Action::Merge(_, values) => json!(["merge", self.etype, target, values]),
            Action::Link(to) => json!(["link", self.etype, target, links(to)]),
            Action::Unlink(to) => json!(["unlink", self.etype, target, links(to)]),
            Action::Delete => json!(["delete", self.etype, target, null]),
        }
    }
}

/// Steps that take effect together or not at all.
///
/// InstantDB groups them by kind, and the groups run in the order of their
/// first step (`specs/instantdb-admin-api.md` 6.2): do not write, delete and
/// write the same entity in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// The steps.
    pub steps: Vec<Step>,
    /// Whether names that the schema does not have are refused. When false
    /// they are added to the schema.
    pub throw_on_missing_attrs: bool,
}

impl Default for Transaction {
    fn default() -> Self {
        Self::new()
    }
}

/// What we promise InstantDB never to go beyond in one transaction
/// (`specs/instantdb-admin-api.md` 11).
pub(crate) const MAX_STEPS: usize = 500;
pub(crate) const MAX_TRIPLES: usize = 5_000;

impl Transaction {
    /// One without steps.
    pub fn new() -> Self {
        Self { steps: Vec::new(), throw_on_missing_attrs: true }
    }

    /// Whether there are no steps.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// How many triples it writes at most.
    pub(crate) fn triples(&self) -> usize {
        self.steps.iter().map(|step| step.entity().map_or(1, EntityStep::triples)).sum()
    }

    /// Splits into transactions of at most 500 steps and 5,000 triples, in
    /// order. Steps of one entity that follow each other stay together, unless
    /// they are too many.
    pub fn into_chunks(self) -> Vec<Self> {
        let throw_on_missing_attrs = self.throw_on_missing_attrs;
        let mut chunks: Vec<Self> = Vec::new();
        let mut triples = 0;
        let mut add = |together: Vec<Step>| {
            let more: usize = together.iter().map(Step::triples).sum();
            match chunks.last_mut() {
                Some(chunk) if chunk.steps.len() + together.len() <= MAX_STEPS && triples + more <= MAX_TRIPLES => {
                    chunk.steps.extend(together);
                    triples += more;
                }
                _ => {
                    chunks.push(Self { steps: together, throw_on_missing_attrs });
                    triples = more;
                }
            }
        };
        let mut steps = self.steps.into_iter().flat_map(Step::parts).peekable();
        while let Some(first) = steps.next() {
            let mut together = vec![first];
            while let Some(next) = steps.next_if(|next| next.is_of_same_entity(&together[0])) {
                together.push(next);
            }
            if together.len() <= MAX_STEPS && together.iter().map(Step::triples).sum::<usize>() <= MAX_TRIPLES {
                add(together);
            } else {
                for step in together {
                    add(vec![step]);
                }
            }
        }
        chunks
    }

    /// The steps as the admin API takes them: the value of `steps`.
    pub fn to_json(&self) -> Value {
        self.steps.iter().map(Step::to_json).collect()
    }
}
