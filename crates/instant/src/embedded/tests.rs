//! The conformance vectors of `specs/instantdb-admin-api.md` 9.2 that concern
//! queries and transactions, by their numbers; and what is ours alone.

mod app;
mod attr_steps;
mod cost;
mod domain;
mod files;
mod formats;
mod links;
mod model_test;
mod pages;
mod paths;
mod queries;
mod refusals;
mod schema_steps;
mod schema_test;
mod shapes;
mod steps;
mod transactions;
mod typed;
mod where_test;
mod write_refusals;
mod zeneca;

use super::Embedded;
use crate::query::{Clause, Condition, Direction, Form, Order, Where};
use crate::schema::{EntityDef, LinkDef};
use crate::{AppAttr, AttrDef, InstantError, Query, Store, Transaction, TxId, ValueType};
use model::EntityId;
use serde_json::{Value, json};
use std::sync::Arc;

/// An id that is the same in every run; higher numbers sort later.
fn id(number: u128) -> EntityId {
    EntityId::from_bytes((0x1000_0000_0000_4000_8000_0000_0000_0000_u128 + number).to_be_bytes())
}

/// A store with these namespaces besides the registry's own.
async fn store(entities: &'static [EntityDef]) -> Embedded {
    let store = Embedded::temporary().await.unwrap();
    let shared = Arc::clone(&store.shared);
    shared.write(move |connection, catalog| Arc::make_mut(catalog).ensure(connection, entities)).await.unwrap();
    store
}

/// An app with nothing in it.
async fn empty() -> Embedded {
    let dir = std::env::temp_dir().join(format!("ekairos-{}", EntityId::random()));
    super::blocking(move || Embedded::open_blocking(dir.clone(), Some(super::Temporary(dir)), &[])).await.unwrap()
}

/// An app with this schema.
async fn pushed(schema: Value) -> Embedded {
    let store = empty().await;
    store.push_schema(&schema).await.unwrap();
    store
}

/// The attribute or forward link with this name.
async fn attr(store: &Embedded, etype: &str, label: &str) -> Option<AppAttr> {
    store.attrs().await.unwrap().into_iter().find(|attr| (attr.namespace(), attr.label()) == (etype, label))
}

/// Transacts the steps of the admin API.
async fn transact(store: &Embedded, steps: Value) -> Result<TxId, InstantError> {
    store.transact(Transaction::from_json(&steps)?).await
}

/// Answers a query of the admin API, without inference.
async fn query(store: &Embedded, query: Value) -> Result<Value, InstantError> {
    store.query(&Query::from_json(&query, false)?).await.map(Value::Object)
}

/// The labels of the entities of `etype` that a `where` lets through, in order.
async fn labels(store: &Embedded, etype: &str, options: Value) -> Vec<String> {
    let tree = query(store, json!({ etype: { "$": options } })).await.unwrap();
    tree[etype].as_array().unwrap().iter().map(|row| row["label"].as_str().unwrap().to_owned()).collect()
}

/// All entities of `etype`.
async fn rows(store: &Embedded, etype: &str) -> Vec<Value> {
    query(store, json!({ etype: {} })).await.unwrap()[etype].as_array().unwrap().clone()
}

/// The first message of a refusal.
fn message(error: &InstantError) -> String {
    match error {
        InstantError::Validation { message, .. } => message.clone(),
        other => other.to_string(),
    }
}

const T: &[EntityDef] = &[EntityDef {
    namespace: "etype",
    attrs: &[
        AttrDef::new("label", ValueType::String).unique().indexed(),
        AttrDef::new("string", ValueType::String).indexed(),
        AttrDef::new("number", ValueType::Number).indexed(),
        AttrDef::new("date", ValueType::Date).indexed(),
        AttrDef::new("boolean", ValueType::Boolean).indexed(),
    ],
    links: &[],
}];

const BOOKS: &[EntityDef] = &[
    EntityDef {
        namespace: "users",
        attrs: &[
            AttrDef::new("handle", ValueType::String).unique().indexed(),
            AttrDef::new("email", ValueType::String).indexed(),
            AttrDef::new("nick", ValueType::String),
        ],
        links: &[],
    },
    EntityDef {
        namespace: "books",
        attrs: &[AttrDef::new("title", ValueType::String).required(), AttrDef::new("isbn", ValueType::String).unique()],
        links: &[LinkDef::new("books", "author", crate::Cardinality::One, "users", "books").cascade()],
    },
];

async fn fixture_t() -> Embedded {
    let store = store(T).await;
    for (index, label) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let values = json!({ "label": label, "string": index.to_string(), "number": index, "date": index, "boolean": index % 2 == 0 });
        transact(&store, json!([["create", "etype", id(index as u128), values]])).await.unwrap();
    }
    store
}

async fn fixture_n() -> Embedded {
    let store = store(T).await;
    for (index, label) in ["a", "b", "c"].into_iter().enumerate() {
        let values = json!({ "label": label, "string": index.to_string(), "number": index, "date": index, "boolean": index % 2 == 0 });
        transact(&store, json!([["create", "etype", id(index as u128), values]])).await.unwrap();
    }
    let nulls = json!({ "label": "null", "string": null, "number": null, "date": null, "boolean": null });
    transact(&store, json!([["create", "etype", id(3), nulls]])).await.unwrap();
    transact(&store, json!([["create", "etype", id(4), { "label": "undefined" }]])).await.unwrap();
    store
}

/// Fixture L: untyped attributes, `fwd.rev` ↔ `rev.fwd` of any cardinality, one link a → a.
async fn fixture_l() -> Embedded {
    let store = store(&[]).await;
    transact(&store, json!([["update", "fwd", id(99), { "label": "x", "prop": 1 }], ["link", "fwd", id(99), { "rev": id(98) }], ["update", "rev", id(98), { "label": "x", "prop": 1 }]])).await.unwrap();
    transact(&store, json!([["delete", "fwd", id(99)], ["delete", "rev", id(98)]])).await.unwrap();
    for (offset, etype) in [(0, "fwd"), (10, "rev")] {
        for (index, label) in ["a", "b", "c", "d"].into_iter().enumerate() {
            transact(&store, json!([["create", etype, id(offset + index as u128), { "label": label, "prop": label }]]))
                .await
                .unwrap();
        }
        transact(&store, json!([["create", etype, id(offset + 4), { "label": "null", "prop": null }]])).await.unwrap();
        transact(&store, json!([["create", etype, id(offset + 5), { "label": "undefined" }]])).await.unwrap();
    }
    transact(&store, json!([["link", "fwd", id(0), { "rev": id(10) }]])).await.unwrap();
    store
}
