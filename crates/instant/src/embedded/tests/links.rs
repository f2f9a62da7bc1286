//! Links, deletes and the order of steps.

use super::*;

const A: &[EntityDef] = &[EntityDef {
    namespace: "a",
    attrs: &[AttrDef::new("n", ValueType::Number)],
    links: &[
        LinkDef::new("a", "one", crate::Cardinality::One, "b", "ones"),
        LinkDef::new("a", "many", crate::Cardinality::Many, "b", "manys"),
    ],
}];

const N: &[EntityDef] = &[EntityDef {
    namespace: "n",
    attrs: &[],
    links: &[LinkDef::new("n", "next", crate::Cardinality::One, "n", "before").cascade()],
}];

#[tokio::test]
async fn links_keep_to_their_cardinality_66() {
    let store = store(A).await;
    let steps = json!([["create", "a", id(1), {}], ["update", "b", id(2), {}], ["update", "b", id(3), {}], ["link", "a", id(1), { "one": id(2), "many": [id(2), id(2), id(3)] }]]);
    transact(&store, steps).await.unwrap();
    transact(&store, json!([["link", "a", id(1), { "one": id(3), "many": id(2) }]])).await.unwrap();
    let tree = query(&store, json!({ "a": { "many": {} }, "b": { "ones": {} } })).await.unwrap();
    assert_eq!(tree["a"][0]["one"], json!(id(3)));
    assert_eq!(tree["a"][0]["many"].as_array().unwrap().len(), 2);
    assert_eq!(tree["b"][0]["ones"], json!([]));
    // One-to-one: no stealing.
    transact(&store, json!([["update", "p", ["q.id", id(5)], {}]])).await.unwrap();
    let error =
        transact(&store, json!([["update", "p", id(7), {}], ["link", "p", id(7), { "q": id(5) }]])).await.unwrap_err();
    assert!(error.is_not_unique());
    // 16: link two, then unlink both and link a third, in one transaction.
    transact(
        &store,
        json!([["unlink", "a", id(1), { "many": [id(2), id(3)] }], ["link", "a", id(1), { "many": id(4) }]]),
    )
    .await
    .unwrap();
    let tree = query(&store, json!({ "a": { "$": { "where": { "many": id(4) } } } })).await.unwrap();
    assert_eq!(tree["a"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn groups_of_steps_run_in_the_order_of_their_first_67() {
    let store = store(&[]).await;
    let (update, delete) = (|| json!(["update", "a", id(1), { "n": 1 }]), || json!(["delete", "a", id(1)]));
    for (steps, present) in [
        (json!([update(), update(), delete()]), false),
        (json!([update(), delete(), update()]), false),
        (json!([delete(), update()]), true),
        (json!([delete(), update(), delete()]), true),
    ] {
        transact(&store, steps.clone()).await.unwrap();
        assert_eq!(rows(&store, "a").await.len(), usize::from(present), "{steps}");
    }
}

#[tokio::test]
async fn deleting_takes_links_and_cascades_68_69() {
    let store = store(BOOKS).await;
    transact(&store, json!([["create", "users", id(1), {}], ["create", "books", id(2), { "title": "x" }], ["create", "books", id(3), { "title": "y" }], ["link", "users", id(1), { "books": [id(2), id(3)] }]])).await.unwrap();
    transact(&store, json!([["delete", "books", id(2)]])).await.unwrap();
    let tree = query(&store, json!({ "users": { "books": {} } })).await.unwrap();
    assert_eq!(tree["users"][0]["books"].as_array().unwrap().len(), 1);
    transact(&store, json!([["delete", "users", id(1)]])).await.unwrap();
    assert_eq!(rows(&store, "books").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_cycle_of_cascades_ends_69() {
    let store = store(N).await;
    transact(&store, json!([["update", "n", id(1), {}], ["update", "n", id(2), {}], ["update", "n", id(3), {}], ["link", "n", id(1), { "next": id(2) }], ["link", "n", id(2), { "next": id(3) }], ["link", "n", id(3), { "next": id(1) }]])).await.unwrap();
    transact(&store, json!([["delete", "n", id(2)]])).await.unwrap();
    assert_eq!(rows(&store, "n").await, Vec::<Value>::new());
}

/// A link of one to many (`has` one at the forward side) or the other way round, with its cascades.
fn cascade(forward: [&str; 2], reverse: [&str; 2], at: &str) -> Value {
    let mut link = json!({
        "forward": { "on": forward[0], "label": forward[1], "has": if at == "forward" { "one" } else { "many" } },
        "reverse": { "on": reverse[0], "label": reverse[1], "has": if at == "forward" { "many" } else { "one" } },
    });
    link[at]["onDelete"] = "cascade".into();
    link
}

#[tokio::test]
async fn cascades_go_forward_and_back_along_a_chain_69() {
    // A <- B -> C <- D -> E <- F
    let store = pushed(json!({ "entities": {}, "links": {
        "ba": cascade(["b", "a"], ["a", "bs"], "forward"), "bc": cascade(["b", "c"], ["c", "b"], "reverse"),
        "dc": cascade(["d", "c"], ["c", "ds"], "forward"), "de": cascade(["d", "e"], ["e", "d"], "reverse"),
        "fe": cascade(["f", "e"], ["e", "fs"], "forward"),
    } }))
    .await;
    let make = json!([
        ["update", "a", id(1), {}], ["update", "b", id(2), { "a": id(1) }], ["link", "b", id(2), { "c": id(3) }],
        ["update", "c", id(3), {}], ["update", "d", id(4), { "c": id(3) }], ["link", "d", id(4), { "e": id(5) }],
        ["update", "e", id(5), {}], ["update", "f", id(6), { "e": id(5) }],
    ]);
    let left = async || {
        let mut left = String::new();
        for etype in ["a", "b", "c", "d", "e", "f"] {
            if !rows(&store, etype).await.is_empty() {
                left.push_str(etype);
            }
        }
        left
    };
    for (etype, number, expected) in [("f", 6, "abcde"), ("d", 4, "abc"), ("c", 3, "ab"), ("a", 1, "")] {
        transact(&store, make.clone()).await.unwrap();
        transact(&store, json!([["delete", etype, id(number)]])).await.unwrap();
        assert_eq!(left().await, expected, "{etype}");
    }
    // What cascades is what was linked before the transaction.
    transact(&store, make).await.unwrap();
    transact(&store, json!([["unlink", "b", id(2), { "a": id(1) }], ["delete", "a", id(1)]])).await.unwrap();
    assert_eq!(left().await, "");
}

#[tokio::test]
async fn a_cascade_keeps_to_its_namespaces_where_ids_are_shared_69() {
    let link = cascade(["profiles", "user"], ["users", "profile"], "forward");
    let store = pushed(json!({ "entities": {}, "links": { "a": link } })).await;
    let make = json!([["update", "users", id(1), { "u": 1 }], ["update", "profiles", id(1), { "p": 1, "user": id(1) }], ["update", "others", id(1), { "o": 1 }]]);
    transact(&store, make.clone()).await.unwrap();
    transact(&store, json!([["delete", "profiles", id(1)]])).await.unwrap();
    assert_eq!((rows(&store, "users").await.len(), rows(&store, "profiles").await.len()), (1, 0));
    transact(&store, make).await.unwrap();
    transact(&store, json!([["delete", "users", id(1)]])).await.unwrap();
    assert_eq!((rows(&store, "users").await.len(), rows(&store, "profiles").await.len()), (0, 0));
    assert_eq!(rows(&store, "others").await, [json!({ "id": id(1), "o": 1 })]);
}
