//! Transactions, as data and as a typed builder.

mod parse;

use crate::filter::json;
use crate::{Attr, AttrValue, Entity, Link};
use model::EntityId;
use serde_json::{Map, Value, json};
use std::marker::PhantomData;

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
pub struct Step {
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

impl Step {
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

/// The entity of type `E` with a value of a unique attribute; made by [`Attr::lookup`].
#[derive(Debug, Clone)]
pub struct Lookup<E> {
    label: &'static str,
    value: Value,
    marker: PhantomData<fn() -> E>,
}

impl<E> Lookup<E> {
    pub(crate) fn new(label: &'static str, value: Value) -> Self {
        Self { label, value, marker: PhantomData }
    }

    fn reference(self) -> Reference {
        Reference::Lookup(self.label.to_owned(), self.value)
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
        self.steps.iter().map(Step::triples).sum()
    }

    /// Makes an entity; refused when it exists.
    pub fn create<E: Entity>(&mut self, id: impl Into<E::Id>) -> StepBuilder<'_, E> {
        self.step(by_id::<E>(id.into()), Action::Put(PutMode::Create, Map::new()))
    }

    /// Changes an entity, or makes it.
    pub fn update<E: Entity>(&mut self, id: impl Into<E::Id>) -> StepBuilder<'_, E> {
        self.step(by_id::<E>(id.into()), Action::Put(PutMode::Upsert, Map::new()))
    }

    /// Changes the entity with this unique value, or makes one.
    pub fn update_by<E: Entity>(&mut self, lookup: Lookup<E>) -> StepBuilder<'_, E> {
        self.step(lookup.reference(), Action::Put(PutMode::Upsert, Map::new()))
    }

    /// Changes an entity; refused when it does not exist (`upsert: false`).
    pub fn update_existing<E: Entity>(&mut self, id: impl Into<E::Id>) -> StepBuilder<'_, E> {
        self.step(by_id::<E>(id.into()), Action::Put(PutMode::Existing, Map::new()))
    }

    /// Merges objects into JSON attributes: keys that are given replace, null
    /// removes, others stay.
    pub fn merge<E: Entity>(&mut self, id: impl Into<E::Id>) -> StepBuilder<'_, E> {
        self.step(by_id::<E>(id.into()), Action::Merge(PutMode::Upsert, Map::new()))
    }

    /// Changes only the links of an entity.
    pub fn relink<E: Entity>(&mut self, id: impl Into<E::Id>) -> StepBuilder<'_, E> {
        StepBuilder { target: by_id::<E>(id.into()), transaction: self, marker: PhantomData }
    }

    /// Deletes an entity and its links; one that does not exist is no error.
    pub fn delete<E: Entity>(&mut self, id: impl Into<E::Id>) {
        self.step::<E>(by_id::<E>(id.into()), Action::Delete);
    }

    /// Deletes the entity with this unique value, if there is one.
    pub fn delete_by<E: Entity>(&mut self, lookup: Lookup<E>) {
        self.step::<E>(lookup.reference(), Action::Delete);
    }

    /// Splits into transactions of at most 500 steps and 5,000 triples, in
    /// order. Steps of one entity that follow each other stay together.
    pub fn into_chunks(self) -> Vec<Self> {
        let throw_on_missing_attrs = self.throw_on_missing_attrs;
        let mut chunks: Vec<Self> = Vec::new();
        let mut triples = 0;
        let mut steps = self.steps.into_iter().peekable();
        while let Some(first) = steps.next() {
            let mut together = vec![first];
            while let Some(next) =
                steps.next_if(|next| next.etype == together[0].etype && next.target == together[0].target)
            {
                together.push(next);
            }
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
        }
        chunks
    }

    /// The steps as the admin API takes them: the value of `steps`.
    pub fn to_json(&self) -> Value {
        self.steps.iter().map(Step::to_json).collect()
    }

    fn step<E: Entity>(&mut self, target: Reference, action: Action) -> StepBuilder<'_, E> {
        self.steps.push(Step { etype: E::NAMESPACE.to_owned(), target: target.clone(), action });
        StepBuilder { target, transaction: self, marker: PhantomData }
    }
}

fn by_id<E: Entity>(id: E::Id) -> Reference {
    Reference::Id(id.into())
}

/// Fills in the step that was just added.
#[derive(Debug)]
pub struct StepBuilder<'a, E> {
    transaction: &'a mut Transaction,
    target: Reference,
    marker: PhantomData<fn() -> E>,
}

impl<E: Entity> StepBuilder<'_, E> {
    /// Sets an attribute.
    #[expect(clippy::return_self_not_must_use, reason = "the step is already in the transaction")]
    pub fn set<T: AttrValue>(self, attr: Attr<E, T>, value: impl Into<T>) -> Self {
        self.set_json(attr.label(), json::<T>(value))
    }

    /// Sets an attribute, or makes it null.
    #[expect(clippy::return_self_not_must_use, reason = "the step is already in the transaction")]
    pub fn set_opt<T: AttrValue>(self, attr: Attr<E, T>, value: Option<impl Into<T>>) -> Self {
        self.set_json(attr.label(), value.map_or(Value::Null, json::<T>))
    }

    /// Makes an attribute null.
    #[expect(clippy::return_self_not_must_use, reason = "the step is already in the transaction")]
    pub fn clear<T: AttrValue>(self, attr: Attr<E, T>) -> Self {
        self.set_json(attr.label(), Value::Null)
    }

    /// Links to an entity. A has-one link is replaced. The entity need not exist yet.
    #[expect(clippy::return_self_not_must_use, reason = "the step is already in the transaction")]
    pub fn link<T: Entity>(self, link: Link<E, T>, to: impl Into<T::Id>) -> Self {
        self.link_all(link, [to.into()])
    }

    /// Links to several entities.
    #[expect(clippy::return_self_not_must_use, reason = "the step is already in the transaction")]
    pub fn link_all<T: Entity>(self, link: Link<E, T>, to: impl IntoIterator<Item = T::Id>) -> Self {
        self.add_links(link.label(), to.into_iter().map(by_id::<T>).collect())
    }

    /// Links to the entity with a unique value, which must exist before the transaction.
    #[expect(clippy::return_self_not_must_use, reason = "the step is already in the transaction")]
    pub fn link_by<T: Entity>(self, link: Link<E, T>, to: Lookup<T>) -> Self {
        self.add_links(link.label(), vec![to.reference()])
    }

    /// Removes the link to an entity, if there is one.
    #[expect(clippy::return_self_not_must_use, reason = "the step is already in the transaction")]
    pub fn unlink<T: Entity>(self, link: Link<E, T>, from: impl Into<T::Id>) -> Self {
        self.unlink_all(link, [from.into()])
    }

    /// Removes the links to several entities.
    #[expect(clippy::return_self_not_must_use, reason = "the step is already in the transaction")]
    pub fn unlink_all<T: Entity>(self, link: Link<E, T>, from: impl IntoIterator<Item = T::Id>) -> Self {
        self.append(link.label(), from.into_iter().map(by_id::<T>).collect(), false)
    }

    fn add_links(self, label: &str, to: Vec<Reference>) -> Self {
        self.append(label, to, true)
    }

    /// Adds to the last step where that is this entity's and of the same kind.
    fn append(self, label: &str, to: Vec<Reference>, link: bool) -> Self {
        if to.is_empty() {
            return self;
        }
        let last =
            self.transaction.steps.last_mut().filter(|step| step.target == self.target && step.etype == E::NAMESPACE);
        match last.map(|step| &mut step.action) {
            Some(Action::Link(links)) if link => push_links(links, label, to),
            Some(Action::Unlink(links)) if !link => push_links(links, label, to),
            _ => {
                let links = vec![(label.to_owned(), to)];
                let action = if link { Action::Link(links) } else { Action::Unlink(links) };
                self.transaction.steps.push(Step {
                    etype: E::NAMESPACE.to_owned(),
                    target: self.target.clone(),
                    action,
                });
            }
        }
        self
    }

    fn set_json(self, label: &str, value: Value) -> Self {
        let mine = |step: &&mut Step| step.target == self.target && step.etype == E::NAMESPACE;
        let put = self.transaction.steps.iter_mut().rev().take_while(mine).find_map(|step| match &mut step.action {
            Action::Put(_, values) | Action::Merge(_, values) => Some(values),
            _ => None,
        });
        if let Some(values) = put {
            values.insert(label.to_owned(), value);
        } else {
            // After `relink`: the entity is taken to exist.
            let values = Map::from_iter([(label.to_owned(), value)]);
            self.transaction.steps.push(Step {
                etype: E::NAMESPACE.to_owned(),
                target: self.target.clone(),
                action: Action::Put(PutMode::Existing, values),
            });
        }
        self
    }
}

fn push_links(links: &mut Vec<(String, Vec<Reference>)>, label: &str, to: Vec<Reference>) {
    match links.iter_mut().find(|(there, _)| there == label) {
        Some((_, there)) => there.extend(to),
        None => links.push((label.to_owned(), to)),
    }
}
