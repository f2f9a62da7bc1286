//! One entity as it is moved: without what belongs to a store alone.

use crate::read::Files;
use crate::scope::{FILES, Namespace};
use instant::{Action, EntityStep, PutMode, Reference, Step};
use model::EntityId;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Where a link leads. Files have other ids in every store, so they are named
/// by their path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Entity(EntityId),
    File(String),
}

/// An entity's values and links. Null is the same as no value: which of the two
/// a store has depends on the attribute's index.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    values: BTreeMap<String, Value>,
    links: BTreeMap<String, BTreeSet<Target>>,
}

impl Row {
    /// From an answer of the store whose files these are.
    pub(crate) fn new(namespace: &Namespace, mut entity: Map<String, Value>, files: &Files) -> Self {
        let mut row = Self::default();
        for label in &namespace.values {
            match entity.shift_remove(label) {
                None | Some(Value::Null) => {}
                Some(value) => drop(row.values.insert(label.clone(), value)),
            }
        }
        for (label, to) in namespace.one.iter().chain(&namespace.many) {
            let linked = match entity.shift_remove(label) {
                Some(Value::Array(linked)) => linked,
                None | Some(Value::Null) => Vec::new(),
                Some(one) => vec![one],
            };
            let targets: BTreeSet<Target> = linked
                .iter()
                // A link to what was never created is answered without an id.
                .filter_map(|linked| linked.as_str().or_else(|| linked.get("id")?.as_str())?.parse::<EntityId>().ok())
                .filter_map(|id| match to.as_str() {
                    FILES => files.path(id).map(|path| Target::File(path.to_owned())),
                    _ => Some(Target::Entity(id)),
                })
                .collect();
            if !targets.is_empty() {
                row.links.insert(label.clone(), targets);
            }
        }
        row
    }

    /// A value that is a whole number; 0 where there is none.
    pub(crate) fn number(&self, label: &str) -> u64 {
        self.values.get(label).and_then(Value::as_u64).unwrap_or_default()
    }

    /// How many links it has.
    pub(crate) fn links(&self) -> u64 {
        self.links.values().map(|targets| targets.len() as u64).sum()
    }

    /// About how many bytes it is on the wire.
    pub(crate) fn size(&self) -> usize {
        let values = self.values.iter().map(|(label, value)| match value {
            Value::String(text) => label.len() + text.len(),
            other => label.len() + other.to_string().len(),
        });
        values.sum::<usize>() + usize::try_from(self.links()).unwrap_or(usize::MAX).saturating_mul(48)
    }

    /// The labels that differ from `other`.
    pub(crate) fn differing(&self, other: &Self) -> Vec<String> {
        let values = self.values.keys().chain(other.values.keys()).filter(|label| {
            match (self.values.get(*label), other.values.get(*label)) {
                (Some(one), Some(other)) => !same(one, other),
                (one, other) => one != other,
            }
        });
        let links = self.links.keys().chain(other.links.keys());
        let links = links.filter(|label| self.links.get(*label) != other.links.get(*label));
        let labels: BTreeSet<String> = values.chain(links).cloned().collect();
        labels.into_iter().collect()
    }

    /// What makes the entity `id` this, where it was `before`. Links to files
    /// that the target does not have are left out.
    pub(crate) fn steps(&self, namespace: &str, id: EntityId, before: Option<&Self>, files: &Files) -> Vec<Step> {
        let step = |action| Step::from(EntityStep { etype: namespace.to_owned(), target: Reference::Id(id), action });
        let none = Self::default();
        let old = before.unwrap_or(&none);
        let gone = old.values.keys().filter(|label| !self.values.contains_key(*label));
        let changed = self.values.iter().filter(|(label, value)| old.values.get(*label) != Some(value));
        let mut values: Map<String, Value> = changed.map(|(label, value)| (label.clone(), value.clone())).collect();
        values.extend(gone.map(|label| (label.clone(), Value::Null)));
        let mut steps = Vec::new();
        if before.is_none() || !values.is_empty() {
            steps.push(step(Action::Put(PutMode::Upsert, values)));
        }
        let added = difference(&self.links, &old.links, files);
        // Links that one transaction cannot hold go into several steps.
        for (label, targets) in &added {
            for targets in targets.chunks(MAX_LINKS) {
                steps.push(step(Action::Link(vec![(label.clone(), targets.to_vec())])));
            }
        }
        let removed = difference(&old.links, &self.links, files);
        steps.extend(removed.into_iter().map(|links| step(Action::Unlink(vec![links]))));
        steps
    }
}

/// The most links that one step adds.
const MAX_LINKS: usize = 1_000;

type Links = BTreeMap<String, BTreeSet<Target>>;

/// The links of `one` that `other` does not have.
fn difference(one: &Links, other: &Links, files: &Files) -> Vec<(String, Vec<Reference>)> {
    let none = BTreeSet::new();
    let lists = one.iter().map(|(label, targets)| {
        let missing = targets.difference(other.get(label).unwrap_or(&none));
        let references = missing.filter_map(|target| match target {
            Target::Entity(id) => Some(Reference::Id(*id)),
            Target::File(path) => files.id(path).map(Reference::Id),
        });
        (label.clone(), references.collect::<Vec<_>>())
    });
    lists.filter(|(_, references)| !references.is_empty()).collect()
}

/// Whether two values are the same JSON. A number may be written in several ways.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        (one, other) => one == other,
    }
}
