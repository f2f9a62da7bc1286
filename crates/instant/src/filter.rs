//! Attributes and links as constants, and the filters made from them.

use crate::{AttrValue, Clause, Condition, Direction, Entity, Lookup, Order, Where};
use model::EntityId;
use serde_json::Value;
use std::marker::PhantomData;

/// An attribute of `E` with values of type `T`; the constants of [`crate::rows`].
pub struct Attr<E, T> {
    label: &'static str,
    marker: PhantomData<fn() -> (E, T)>,
}

/// A link from `E` to `T`; the constants of [`crate::rows`].
pub struct Link<E, T> {
    label: &'static str,
    marker: PhantomData<fn() -> (E, T)>,
}

/// An attribute seen from `E` over links.
#[derive(Debug)]
pub struct Path<E, T> {
    segments: Vec<&'static str>,
    marker: PhantomData<fn() -> (E, T)>,
}

/// A condition on entities of type `E`.
#[derive(Debug)]
pub struct Filter<E> {
    pub(crate) filter: Where,
    marker: PhantomData<fn() -> E>,
}

/// An order of entities of type `E`.
#[derive(Debug)]
pub struct OrderBy<E> {
    pub(crate) order: Order,
    marker: PhantomData<fn() -> E>,
}

impl<E, T> Clone for Attr<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Attr<E, T> {}

impl<E, T> Clone for Link<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Link<E, T> {}

impl<E> Clone for Filter<E> {
    fn clone(&self) -> Self {
        Self { filter: self.filter.clone(), marker: PhantomData }
    }
}

/// The JSON of an attribute's value.
pub(crate) fn json<T: AttrValue>(value: impl Into<T>) -> Value {
    serde_json::to_value(value.into())
        .expect("attribute values are numbers, strings, booleans and JSON with string keys")
}

macro_rules! conditions {
    () => {
        /// Equal to `value`.
        pub fn eq(self, value: impl Into<T>) -> Filter<E> {
            self.condition(Condition::Eq(json::<T>(value)))
        }

        /// One of `values`; nothing when there are none.
        pub fn is_in(self, values: impl IntoIterator<Item = impl Into<T>>) -> Filter<E> {
            self.condition(Condition::In(values.into_iter().map(json::<T>).collect()))
        }

        /// Different from `value`, null or missing.
        pub fn not(self, value: impl Into<T>) -> Filter<E> {
            self.condition(Condition::Not(json::<T>(value)))
        }

        /// Null or missing; on a path also where a link is missing.
        pub fn is_null(self) -> Filter<E> {
            self.condition(Condition::IsNull(true))
        }

        /// Present and not null.
        pub fn is_not_null(self) -> Filter<E> {
            self.condition(Condition::IsNull(false))
        }

        /// Greater than `value`; the attribute must be indexed, as for the other comparisons.
        pub fn gt(self, value: impl Into<T>) -> Filter<E> {
            self.condition(Condition::Gt(json::<T>(value)))
        }

        /// Greater than or equal to `value`.
        pub fn gte(self, value: impl Into<T>) -> Filter<E> {
            self.condition(Condition::Gte(json::<T>(value)))
        }

        /// Less than `value`. On strings null is less than every value, as in InstantDB.
        pub fn lt(self, value: impl Into<T>) -> Filter<E> {
            self.condition(Condition::Lt(json::<T>(value)))
        }

        /// Less than or equal to `value`. On strings null is less than every value.
        pub fn lte(self, value: impl Into<T>) -> Filter<E> {
            self.condition(Condition::Lte(json::<T>(value)))
        }
    };
}

macro_rules! string_conditions {
    () => {
        /// Like a SQL pattern (`%`, `_`, `\` escapes), case-sensitive; the attribute must be indexed.
        pub fn like(self, pattern: &str) -> Filter<E> {
            self.condition(Condition::Like(pattern.into()))
        }

        /// Like a SQL pattern in any case; the attribute must be indexed.
        pub fn ilike(self, pattern: &str) -> Filter<E> {
            self.condition(Condition::Ilike(pattern.into()))
        }
    };
}

impl<E, T> Attr<E, T> {
    pub(crate) const fn new(label: &'static str) -> Self {
        Self { label, marker: PhantomData }
    }

    /// The attribute's name in the store.
    pub const fn label(self) -> &'static str {
        self.label
    }

    fn condition(self, condition: Condition) -> Filter<E> {
        Filter::of(Clause::Field(vec![self.label.to_owned()], condition))
    }

    /// Smallest first, null before everything; the attribute must be indexed.
    pub fn asc(self) -> OrderBy<E> {
        OrderBy { order: Order { by: self.label.to_owned(), direction: Direction::Asc }, marker: PhantomData }
    }

    /// Largest first, null last; the attribute must be indexed.
    pub fn desc(self) -> OrderBy<E> {
        OrderBy { order: Order { by: self.label.to_owned(), direction: Direction::Desc }, marker: PhantomData }
    }
}

impl<E: Entity, T: AttrValue> Attr<E, T> {
    conditions!();

    /// The entity whose value of this unique attribute is `value`, as the target of a step.
    pub fn lookup(self, value: impl Into<T>) -> Lookup<E> {
        Lookup::new(self.label, json::<T>(value))
    }
}

impl<E: Entity> Attr<E, String> {
    string_conditions!();
}

impl<E, T> Path<E, T> {
    fn condition(self, condition: Condition) -> Filter<E> {
        Filter::of(Clause::Field(self.segments.into_iter().map(str::to_owned).collect(), condition))
    }
}

impl<E: Entity, T: AttrValue> Path<E, T> {
    conditions!();
}

impl<E: Entity> Path<E, String> {
    string_conditions!();
}

impl<E, T> Link<E, T> {
    pub(crate) const fn new(label: &'static str) -> Self {
        Self { label, marker: PhantomData }
    }

    /// The link's name in the store.
    pub const fn label(self) -> &'static str {
        self.label
    }

    fn condition(self, condition: Condition) -> Filter<E> {
        Filter::of(Clause::Field(vec![self.label.to_owned()], condition))
    }

    /// Linked to nothing.
    pub fn is_null(self) -> Filter<E> {
        self.condition(Condition::IsNull(true))
    }

    /// Linked to something.
    pub fn is_not_null(self) -> Filter<E> {
        self.condition(Condition::IsNull(false))
    }
}

impl<E: Entity, T: Entity> Link<E, T> {
    /// Linked to this entity.
    pub fn is(self, id: impl Into<T::Id>) -> Filter<E> {
        self.condition(Condition::Eq(id_json::<T>(id.into())))
    }

    /// Linked to one of these.
    pub fn is_in(self, ids: impl IntoIterator<Item = T::Id>) -> Filter<E> {
        self.condition(Condition::In(ids.into_iter().map(id_json::<T>).collect()))
    }

    /// An attribute of the linked entity: `Version::COMPONENT.attr(Component::NAME).eq("button")`.
    pub fn attr<V>(self, attr: Attr<T, V>) -> Path<E, V> {
        Path { segments: vec![self.label, attr.label], marker: PhantomData }
    }

    /// An attribute further away: `File::VERSION.path(Version::COMPONENT.attr(Component::NAME))`.
    pub fn path<V>(self, mut path: Path<T, V>) -> Path<E, V> {
        path.segments.insert(0, self.label);
        Path { segments: path.segments, marker: PhantomData }
    }
}

pub(crate) fn id_json<E: Entity>(id: E::Id) -> Value {
    let id: EntityId = id.into();
    Value::String(id.to_string())
}

impl<E> Filter<E> {
    fn of(clause: Clause) -> Self {
        Self { filter: Where { clauses: vec![clause] }, marker: PhantomData }
    }

    fn parts(filters: impl IntoIterator<Item = Self>) -> Vec<Where> {
        filters.into_iter().map(|filter| filter.filter).collect()
    }

    /// Both hold, each of its own linked entity.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::all([self, other])
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::any([self, other])
    }

    /// All hold; everything passes when there are none.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        let parts = Self::parts(filters);
        if parts.is_empty() {
            return Self { filter: Where::default(), marker: PhantomData };
        }
        Self::of(Clause::And(parts))
    }

    /// At least one holds; nothing passes when there are none.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        let parts = Self::parts(filters);
        if parts.is_empty() {
            return Self::of(Clause::Field(vec!["id".to_owned()], Condition::In(Vec::new())));
        }
        Self::of(Clause::Or(parts))
    }
}

impl<E: Entity> Filter<E> {
    /// Has one of these ids.
    pub fn ids(ids: impl IntoIterator<Item = E::Id>) -> Self {
        Self::of(Clause::Field(vec!["id".to_owned()], Condition::In(ids.into_iter().map(id_json::<E>).collect())))
    }
}
