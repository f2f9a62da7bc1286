//! Random transactions against a naive model in memory.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Op {
    Set(u8, Option<u8>, u8),
    Link(u8, u8),
    LinkOne(u8, u8),
    Unlink(u8, u8),
    Delete(u8),
}

/// What the store should hold: entities with a unique and a plain value, a
/// has-many and a has-one link from `a` to `a`.
#[derive(Debug, Clone, Default, PartialEq)]
struct Naive {
    entities: BTreeMap<u8, (Option<u8>, u8)>,
    many: BTreeSet<(u8, u8)>,
    one: BTreeMap<u8, u8>,
}

impl Naive {
    /// The state after a transaction; `None` when it is refused.
    fn after(&self, ops: &[Op]) -> Option<Self> {
        let mut next = self.clone();
        let group = |op: &Op| match op {
            Op::Set(..) | Op::Link(..) | Op::LinkOne(..) => 0,
            Op::Unlink(..) => 1,
            Op::Delete(_) => 2,
        };
        let mut order = Vec::new();
        for op in ops {
            if !order.contains(&group(op)) {
                order.push(group(op));
            }
        }
        for current in order {
            let mut changed = Vec::new();
            let written: BTreeMap<u8, (Option<u8>, u8)> = next.entities.clone();
            for op in ops.iter().filter(|op| group(op) == current) {
                match *op {
                    Op::Set(id, unique, plain) => {
                        next.entities.insert(id, (unique, plain));
                        if !changed.contains(&id) {
                            changed.push(id);
                        }
                    }
                    Op::Link(from, to) => drop(next.many.insert((from, to))),
                    Op::LinkOne(from, to) => drop(next.one.insert(from, to)),
                    Op::Unlink(from, to) => drop(next.many.remove(&(from, to))),
                    Op::Delete(id) => {
                        next.entities.remove(&id);
                        next.many.retain(|(from, to)| *from != id && *to != id);
                        next.one.retain(|from, to| *from != id && *to != id);
                    }
                }
            }
            // Uniqueness holds row by row, in the order of ids.
            changed.sort_unstable();
            let mut rows = written;
            for id in changed {
                let (unique, plain) = next.entities[&id];
                if unique.is_some() && rows.iter().any(|(other, (theirs, _))| *other != id && *theirs == unique) {
                    return None;
                }
                rows.insert(id, (unique, plain));
            }
        }
        Some(next)
    }
}

fn op() -> impl Strategy<Value = Op> {
    let id = || 0_u8..6;
    prop_oneof![
        (id(), proptest::option::of(0_u8..4), any::<u8>()).prop_map(|(id, unique, plain)| Op::Set(id, unique, plain)),
        (id(), id()).prop_map(|(from, to)| Op::Link(from, to)),
        (id(), id()).prop_map(|(from, to)| Op::LinkOne(from, to)),
        (id(), id()).prop_map(|(from, to)| Op::Unlink(from, to)),
        id().prop_map(Op::Delete),
    ]
}

const A: &[EntityDef] = &[EntityDef {
    namespace: "a",
    attrs: &[AttrDef::new("unique", ValueType::Number).unique().indexed(), AttrDef::new("plain", ValueType::Number)],
    links: &[
        LinkDef::new("a", "many", crate::Cardinality::Many, "a", "manys"),
        LinkDef::new("a", "one", crate::Cardinality::One, "a", "ones"),
    ],
}];

fn step(op: &Op) -> Value {
    let of = |number: u8| id(u128::from(number));
    match *op {
        Op::Set(id, unique, plain) => {
            json!(["update", "a", of(id), { "unique": unique, "plain": plain }])
        }
        Op::Link(from, to) => json!(["link", "a", of(from), { "many": of(to) }]),
        Op::LinkOne(from, to) => json!(["link", "a", of(from), { "one": of(to) }]),
        Op::Unlink(from, to) => json!(["unlink", "a", of(from), { "many": of(to) }]),
        Op::Delete(id) => json!(["delete", "a", of(id)]),
    }
}

/// What the store shows of the model's state: links from entities that exist.
fn shown(naive: &Naive) -> Value {
    let of = |number: &u8| id(u128::from(*number));
    let rows: BTreeMap<String, Value> = naive
        .entities
        .iter()
        .map(|(number, (unique, plain))| {
            let many: BTreeSet<String> =
                naive.many.iter().filter(|(from, _)| from == number).map(|(_, to)| of(to).to_string()).collect();
            let one = naive.one.get(number).map(of);
            (of(number).to_string(), json!([unique, plain, many, one]))
        })
        .collect();
    json!(rows)
}

async fn seen(store: &Embedded) -> Value {
    let reader = store.query(&Query::from_json(&json!({ "a": {} }), false).unwrap()).await.unwrap();
    let mut rows = BTreeMap::new();
    for row in reader["a"].as_array().unwrap() {
        let mut many = BTreeSet::new();
        for number in 0..6 {
            let filter = json!({ "a": { "$": { "where": { "id": row["id"], "many": id(number) } } } });
            if !query(store, filter).await.unwrap()["a"].as_array().unwrap().is_empty() {
                many.insert(id(number).to_string());
            }
        }
        rows.insert(row["id"].as_str().unwrap().to_owned(), json!([row["unique"], row["plain"], many, row.get("one")]));
    }
    json!(rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sequence_of_transactions_equals_the_naive_model(transactions in proptest::collection::vec(proptest::collection::vec(op(), 1..6), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = store(A).await;
            let mut naive = Naive::default();
            for ops in &transactions {
                let result = transact(&store, ops.iter().map(step).collect()).await;
                if let Some(next) = naive.after(ops) {
                    assert!(result.is_ok(), "{ops:?}: {result:?}");
                    naive = next;
                } else {
                    assert!(result.is_err_and(|error| error.is_not_unique()), "{ops:?}");
                }
                assert_eq!(seen(&store).await, shown(&naive), "{ops:?}");
            }
        });
    }
}
