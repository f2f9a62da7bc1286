//! Typed queries.

use crate::filter::OrderBy;
use crate::{Attr, Entity, Filter, Form, InstantError, Link, Query, Store, Timestamp, Where};
use serde_json::Value;
use std::marker::PhantomData;

/// A query of one row type, made by [`crate::Store`]'s `select`.
#[must_use = "a query does nothing until `all`, `one`, `count` or `pages` is called"]
pub struct Select<'a, E> {
    store: &'a dyn Store,
    form: Form,
    marker: PhantomData<fn() -> E>,
}

/// How many rows a page holds where the caller leaves it to us.
const PAGE: u64 = 1_000;

impl<E> Clone for Select<'_, E> {
    fn clone(&self) -> Self {
        Self { store: self.store, form: self.form.clone(), marker: PhantomData }
    }
}

impl dyn Store {
    /// A typed query: `db.select::<Component>().filter(…).all().await?`.
    pub fn select<E: Entity>(&self) -> Select<'_, E> {
        Select { store: self, form: Form::default(), marker: PhantomData }
    }

    /// The row with this id.
    pub async fn get<E: Entity>(&self, id: impl Into<E::Id>) -> Result<Option<E>, InstantError> {
        self.select::<E>().id(id).one().await
    }
}

impl<E: Entity> Select<'_, E> {
    /// Only rows for which `filter` holds; several calls add up.
    pub fn filter(mut self, filter: Filter<E>) -> Self {
        let Where { clauses } = Filter::all([filter]).filter;
        self.form.filter.clauses.extend(clauses);
        self
    }

    /// Only the row with this id.
    pub fn id(self, id: impl Into<E::Id>) -> Self {
        self.filter(Filter::ids([id.into()]))
    }

    /// Only rows with one of these ids.
    pub fn ids(self, ids: impl IntoIterator<Item = E::Id>) -> Self {
        self.filter(Filter::ids(ids))
    }

    /// In this order; by creation, oldest first, when not called.
    pub fn order(mut self, order: OrderBy<E>) -> Self {
        self.form.order = Some(order.order);
        self
    }

    /// By creation, newest first.
    pub fn newest_first(mut self) -> Self {
        self.form.order = Some(crate::Order { by: "serverCreatedAt".to_owned(), direction: crate::Direction::Desc });
        self
    }

    /// At most this many rows. 0 yields none.
    pub fn limit(mut self, limit: u64) -> Self {
        self.form.limit = Some(limit);
        self
    }

    /// Leaves out this many rows first.
    pub fn offset(mut self, offset: u64) -> Self {
        self.form.offset = Some(offset);
        self
    }

    /// The rows.
    pub async fn all(self) -> Result<Vec<E>, InstantError> {
        self.values().await?.into_iter().map(row).collect()
    }

    /// The first row.
    pub async fn one(self) -> Result<Option<E>, InstantError> {
        Ok(self.limit(1).all().await?.pop())
    }

    /// The rows, each with those that `link` leads to; has-one links yield at most one.
    pub async fn all_with<T: Entity>(mut self, link: Link<E, T>) -> Result<Vec<(E, Vec<T>)>, InstantError> {
        self.form.children.push((link.label().to_owned(), Form::default()));
        let rows = self.values().await?;
        rows.into_iter()
            .map(|mut value| {
                let linked = match value.get_mut(link.label()).map(Value::take) {
                    Some(Value::Array(linked)) => linked,
                    Some(entity @ Value::Object(_)) => vec![entity],
                    _ => Vec::new(),
                };
                // Give a has-one link its id back, which the child had replaced.
                if let ([only], Value::Object(parent)) = (linked.as_slice(), &mut value) {
                    parent.insert(link.label().to_owned(), only.get("id").cloned().unwrap_or_default());
                }
                // An empty object is a link to an entity that was never created.
                let children =
                    linked.into_iter().filter(|child| child.get("id").is_some()).map(row).collect::<Result<_, _>>()?;
                Ok((row(value)?, children))
            })
            .collect()
    }

    /// The newest values of a date, newest first, without the rest of their rows.
    pub async fn newest(mut self, date: Attr<E, Timestamp>, most: u64) -> Result<Vec<Timestamp>, InstantError> {
        self.form.fields = Some(vec![date.label().to_owned()]);
        let rows = self.order(date.desc()).limit(most).values().await?;
        let value = |mut row: Value| {
            let value = row.get_mut(date.label()).map(Value::take).unwrap_or_default();
            serde_json::from_value(value).map_err(|source| InstantError::Row { etype: E::NAMESPACE, source })
        };
        rows.into_iter().map(value).collect()
    }

    /// How many rows there are, whatever `limit` and `offset` say.
    pub async fn count(self) -> Result<u64, InstantError> {
        self.store.count(E::NAMESPACE, &self.form.filter).await
    }

    /// All rows, asked for a page at a time so that no answer is too large.
    /// Each page is its own query: rows written in between may be missed or
    /// seen twice unless the order is by creation.
    pub async fn pages(mut self) -> Result<Vec<E>, InstantError> {
        self.form.limit = Some(PAGE);
        let mut rows = Vec::new();
        loop {
            self.form.offset = Some(rows.len() as u64);
            let page = self.clone().all().await?;
            let last = (page.len() as u64) < PAGE;
            rows.extend(page);
            if last {
                return Ok(rows);
            }
        }
    }

    async fn values(self) -> Result<Vec<Value>, InstantError> {
        if self.form.limit == Some(0) {
            return Ok(Vec::new());
        }
        let query = Query::of(E::NAMESPACE, self.form);
        let mut tree = self.store.query(&query).await?;
        Ok(match tree.remove(E::NAMESPACE) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        })
    }
}

fn row<E: Entity>(value: Value) -> Result<E, InstantError> {
    serde_json::from_value(value).map_err(|source| InstantError::Row { etype: E::NAMESPACE, source })
}
