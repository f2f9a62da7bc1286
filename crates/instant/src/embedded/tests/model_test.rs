//! Random transactions against a naive model in memory.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Op {
    Set(u8, Option<u8>, u8),
    Create(u8, Option<u8>),
    Merge(u8, u8, Option<u8>),
    Link(u8, u8),
    LinkOne(u8, u8),
    Unlink(u8, u8),
    Delete(u8),
}

/// An entity with a unique and a plain value, and an object.
#[derive(Debug, Clone, Default, PartialEq)]
struct Thing {
    unique: Option<u8>,
    plain: Option<u8>,
    info: Option<BTreeMap<u8, Option<u8>>>,
}

/// What the store should hold: entities, a has-many and a has-one link from `a` to `a`.
#[derive(Debug, Clone, Default, PartialEq)]
struct Naive {
    entities: BTreeMap<u8, Thing>,
    many: BTreeSet<(u8, u8)>,
    one: BTreeMap<u8, u8>,
}

impl Naive {
    /// The state after a transaction; `None` when it is refused.
    fn after(&self, ops: &[Op]) -> Option<Self> {
        let mut next = self.clone();
        let there = |id: &u8| {
            self.entities.contains_key(id) || self.one.contains_key(id) || self.many.iter().any(|(from, _)| from == id)
        };
        if ops.iter().any(|op| matches!(op, Op::Create(id, _) if there(id))) {
            return None;
        }
        // A merge adds its entity first.
        let groups = |op: &Op| match op {
            Op::Set(..) | Op::Create(..) | Op::Link(..) | Op::LinkOne(..) => vec![0],
            Op::Merge(..) => vec![0, 1],
            Op::Unlink(..) => vec![2],
            Op::Delete(_) => vec![3],
        };
        let mut order = Vec::new();
        for group in ops.iter().flat_map(groups) {
            if !order.contains(&group) {
                order.push(group);
            }
        }
        for current in order {
            let mut changed = Vec::new();
            let written: BTreeMap<u8, Thing> = next.entities.clone();
            for op in ops.iter().filter(|op| groups(op).contains(&current)) {
                match *op {
                    Op::Set(id, unique, plain) => {
                        let thing = next.entities.entry(id).or_default();
                        (thing.unique, thing.plain) = (unique, Some(plain));
                        changed.push(id);
                    }
                    Op::Create(id, unique) => {
                        next.entities.entry(id).or_default().unique = unique;
                        changed.push(id);
                    }
                    Op::Merge(id, ..) if current == 0 => drop(next.entities.entry(id).or_default()),
                    Op::Merge(id, key, value) => {
                        if let Some(thing) = next.entities.get_mut(&id) {
                            match (&mut thing.info, value) {
                                (None, value) => thing.info = Some(BTreeMap::from([(key, value)])),
                                (Some(info), None) => drop(info.remove(&key)),
                                (Some(info), value) => drop(info.insert(key, value)),
                            }
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
            changed.dedup();
            let mut rows = written;
            for id in changed {
                let thing = &next.entities[&id];
                let taken = |(other, theirs): (&u8, &Thing)| *other != id && theirs.unique == thing.unique;
                if thing.unique.is_some() && rows.iter().any(taken) {
                    return None;
                }
                rows.insert(id, thing.clone());
            }
        }
        Some(next)
    }
}

fn op() -> impl Strategy<Value = Op> {
    let id = || 0_u8..6;
    prop_oneof![
        (id(), proptest::option::of(0_u8..4), any::<u8>()).prop_map(|(id, unique, plain)| Op::Set(id, unique, plain)),
        (id(), proptest::option::of(0_u8..4)).prop_map(|(id, unique)| Op::Create(id, unique)),
        (id(), 0_u8..3, proptest::option::of(any::<u8>())).prop_map(|(id, key, value)| Op::Merge(id, key, value)),
        (id(), id()).prop_map(|(from, to)| Op::Link(from, to)),
        (id(), id()).prop_map(|(from, to)| Op::LinkOne(from, to)),
        (id(), id()).prop_map(|(from, to)| Op::Unlink(from, to)),
        id().prop_map(Op::Delete),
    ]
}

const A: &[EntityDef] = &[EntityDef {
    namespace: "a",
    attrs: &[
        AttrDef::new("unique", ValueType::Number).unique().indexed(),
        AttrDef::new("plain", ValueType::Number),
        AttrDef::new("info", ValueType::Json),
    ],
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
        Op::Create(id, unique) => json!(["create", "a", of(id), { "unique": unique }]),
        Op::Merge(id, key, value) => json!(["merge", "a", of(id), { "info": { key.to_string(): value } }]),
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
        .map(|(number, Thing { unique, plain, info })| {
            let many: BTreeSet<String> =
                naive.many.iter().filter(|(from, _)| from == number).map(|(_, to)| of(to).to_string()).collect();
            let one = naive.one.get(number).map(of);
            (of(number).to_string(), json!([unique, plain, info, many, one]))
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
        rows.insert(
            row["id"].as_str().unwrap().to_owned(),
            json!([row["unique"], row["plain"], row.get("info"), many, row.get("one")]),
        );
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
                    let refused = |error: InstantError| error.is_not_unique() || matches!(error, InstantError::Exists { .. });
                    assert!(result.is_err_and(refused), "{ops:?}");
                }
                assert_eq!(seen(&store).await, shown(&naive), "{ops:?}");
            }
        });
    }
}
