//! The typed builder of transactions.

use super::{Action, EntityStep, PutMode, Reference, Step, Transaction};
use crate::filter::json;
use crate::{Attr, AttrValue, Entity, Link};
use serde_json::{Map, Value};
use std::marker::PhantomData;

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

impl Transaction {
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

    fn step<E: Entity>(&mut self, target: Reference, action: Action) -> StepBuilder<'_, E> {
        let step = EntityStep { etype: E::NAMESPACE.to_owned(), target: target.clone(), action };
        self.steps.push(Step::Entity(step));
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
        let last = self.transaction.steps.last_mut().and_then(|step| same::<E>(step, &self.target));
        match last.map(|step| &mut step.action) {
            Some(Action::Link(links)) if link => push_links(links, label, to),
            Some(Action::Unlink(links)) if !link => push_links(links, label, to),
            _ => {
                let links = vec![(label.to_owned(), to)];
                let action = if link { Action::Link(links) } else { Action::Unlink(links) };
                let step = EntityStep { etype: E::NAMESPACE.to_owned(), target: self.target.clone(), action };
                self.transaction.steps.push(Step::Entity(step));
            }
        }
        self
    }

    fn set_json(self, label: &str, value: Value) -> Self {
        let steps = self.transaction.steps.iter_mut().rev().map_while(|step| same::<E>(step, &self.target));
        let put = steps.map(|step| &mut step.action).find_map(|action| match action {
            Action::Put(_, values) | Action::Merge(_, values) => Some(values),
            _ => None,
        });
        if let Some(values) = put {
            values.insert(label.to_owned(), value);
        } else {
            // After `relink`: the entity is taken to exist.
            let values = Map::from_iter([(label.to_owned(), value)]);
            let step = EntityStep {
                etype: E::NAMESPACE.to_owned(),
                target: self.target.clone(),
                action: Action::Put(PutMode::Existing, values),
            };
            self.transaction.steps.push(Step::Entity(step));
        }
        self
    }
}

/// The step, if it changes this entity.
fn same<'a, E: Entity>(step: &'a mut Step, target: &Reference) -> Option<&'a mut EntityStep> {
    match step {
        Step::Entity(step) if step.target == *target && step.etype == E::NAMESPACE => Some(step),
        _ => None,
    }
}

fn push_links(links: &mut Vec<(String, Vec<Reference>)>, label: &str, to: Vec<Reference>) {
    match links.iter_mut().find(|(there, _)| there == label) {
        Some((_, there)) => there.extend(to),
        None => links.push((label.to_owned(), to)),
    }
}
