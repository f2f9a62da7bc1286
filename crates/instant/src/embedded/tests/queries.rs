//! Queries.

use super::*;

async fn wheres(store: &Embedded, etype: &str, cases: &[(Value, &[&str])]) {
    for (filter, expected) in cases {
        let mut found = labels(store, etype, json!({ "where": filter })).await;
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{etype} where {filter}");
    }
}

#[tokio::test]
async fn comparisons_on_strings_numbers_and_dates_31_32_33() {
    let store = fixture_t().await;
    for (attr, two, one) in
        [("string", json!("2"), json!("1")), ("number", json!(2), json!(1)), ("date", json!(2), json!(1))]
    {
        let cases: &[(Value, &[&str])] = &[
            (json!({ attr: { "$gt": two } }), &["d", "e"]),
            (json!({ attr: { "$gte": two } }), &["c", "d", "e"]),
            (json!({ attr: { "$lt": two } }), &["a", "b"]),
            (json!({ attr: { "$lte": two } }), &["a", "b", "c"]),
            (json!({ attr: one }), &["b"]),
            (json!({ attr: { "$not": one } }), &["a", "c", "d", "e"]),
        ];
        wheres(&store, "etype", cases).await;
    }
    wheres(&store, "etype", &[(json!({ "date": "1970-01-01T00:00:00.001Z" }), &["b"])]).await;
}

#[tokio::test]
async fn comparisons_on_booleans_34() {
    let store = fixture_t().await;
    let cases: &[(Value, &[&str])] = &[
        (json!({ "boolean": { "$gt": true } }), &[]),
        (json!({ "boolean": { "$gt": false } }), &["a", "c", "e"]),
        (json!({ "boolean": { "$gte": true } }), &["a", "c", "e"]),
        (json!({ "boolean": { "$lt": false } }), &[]),
        (json!({ "boolean": { "$lt": true } }), &["b", "d"]),
        (json!({ "boolean": { "$lte": true } }), &["a", "b", "c", "d", "e"]),
        (json!({ "boolean": { "$not": true } }), &["b", "d"]),
    ];
    wheres(&store, "etype", cases).await;
}

#[tokio::test]
async fn in_takes_each_type_35() {
    let store = fixture_t().await;
    let cases: &[(Value, &[&str])] = &[
        (json!({ "string": { "$in": ["3", "4"] } }), &["d", "e"]),
        (json!({ "number": { "in": [3, 4] } }), &["d", "e"]),
        (json!({ "date": { "$in": [3, 4] } }), &["d", "e"]),
        (json!({ "boolean": { "$in": [true, false] } }), &["a", "b", "c", "d", "e"]),
        (json!({ "number": { "$in": [] } }), &[]),
    ];
    wheres(&store, "etype", cases).await;
}

#[tokio::test]
async fn null_and_missing_are_null_to_not_and_is_null_36_37() {
    let store = fixture_n().await;
    for (attr, one) in [("string", json!("1")), ("number", json!(1)), ("date", json!(1)), ("boolean", json!(false))] {
        let cases: &[(Value, &[&str])] = &[
            (json!({ attr: { "$isNull": true } }), &["null", "undefined"]),
            (json!({ attr: { "$isNull": false } }), &["a", "b", "c"]),
            (json!({ attr: { "$not": one } }), &["a", "c", "null", "undefined"]),
            (json!({ attr: { "$in": [null] } }), &["null", "undefined"]),
        ];
        wheres(&store, "etype", cases).await;
    }
    // On strings null is less than everything.
    wheres(
        &store,
        "etype",
        &[
            (json!({ "string": { "$lt": "1" } }), &["a", "null", "undefined"]),
            (json!({ "number": { "$lt": 1 } }), &["a"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn untyped_attributes_keep_null_apart_from_absent_38() {
    let store = store(&[]).await;
    for (index, values) in [
        json!({ "title": "a", "val": "a" }),
        json!({ "title": "b", "val": "b" }),
        json!({ "title": "null", "val": null }),
        json!({ "title": "undefined" }),
    ]
    .into_iter()
    .enumerate()
    {
        transact(&store, json!([["create", "bks", id(index as u128), values]])).await.unwrap();
    }
    for (condition, expected) in [
        (json!({ "$not": "a" }), vec!["b", "null", "undefined"]),
        (json!({ "$ne": "a" }), vec!["b", "null", "undefined"]),
        (json!({ "$isNull": true }), vec!["null", "undefined"]),
        (json!({ "$isNull": false }), vec!["a", "b"]),
    ] {
        let tree = query(&store, json!({ "bks": { "$": { "where": { "val": condition } } } })).await.unwrap();
        let titles: Vec<_> = tree["bks"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect();
        assert_eq!(titles, expected, "{condition}");
    }
    let tree = query(&store, json!({ "bks": {} })).await.unwrap();
    assert_eq!(tree["bks"][2]["val"], Value::Null);
    assert!(tree["bks"][3].get("val").is_none());
}

#[tokio::test]
async fn null_over_links_holds_where_a_link_is_missing_39_40() {
    let store = fixture_l().await;
    let others: &[&str] = &["b", "c", "d", "null", "undefined"];
    for (etype, path) in [("fwd", "rev.prop"), ("rev", "fwd.prop")] {
        wheres(
            &store,
            etype,
            &[
                (json!({ path: { "$isNull": true } }), others),
                (json!({ path: { "$isNull": false } }), &["a"]),
                (json!({ path: { "$not": "a" } }), others),
            ],
        )
        .await;
    }
    wheres(
        &store,
        "fwd",
        &[
            (json!({ "rev": { "$isNull": true } }), others),
            (json!({ "rev": id(10) }), &["a"]),
            (json!({ "rev": { "$isNull": false } }), &["a"]),
        ],
    )
    .await;
    transact(&store, json!([["link", "fwd", id(4), { "rev": id(11) }], ["link", "fwd", id(5), { "rev": id(12) }]]))
        .await
        .unwrap();
    wheres(&store, "rev", &[(json!({ "fwd.prop": { "$isNull": true } }), others)]).await;
}

#[tokio::test]
async fn patterns_and_boolean_operators_41_to_46() {
    let store = store(BOOKS).await;
    for (index, handle) in ["stopa", "joe", "alex", "nicolegf"].into_iter().enumerate() {
        transact(&store, json!([["create", "users", id(index as u128), { "handle": handle }]])).await.unwrap();
    }
    transact(&store, json!([["create", "books", id(10), { "title": "Musashi" }], ["create", "books", id(11), { "title": "The Count" }], ["link", "users", id(0), { "books": [id(10), id(11)] }]])).await.unwrap();
    for (filter, expected) in [
        (json!({ "handle": { "$like": "%moop%" } }), vec![]),
        (json!({ "handle": { "$like": "al%" } }), vec!["alex"]),
        (json!({ "handle": { "$like": "AL%" } }), vec![]),
        (json!({ "handle": { "$ilike": "AL%" } }), vec!["alex"]),
        (
            json!({ "and": [{ "handle": { "$not": "alex" } }, { "handle": { "$not": "nicolegf" } }] }),
            vec!["stopa", "joe"],
        ),
        (json!({ "or": [{ "handle": "somebody" }, { "handle": "joe" }, { "handle": "nobody" }] }), vec!["joe"]),
        (json!({ "and": [{ "books.title": "Musashi" }, { "books.title": "The Count" }] }), vec!["stopa"]),
        (json!({ "books.title": "Musashi", "and": [{ "books.title": "The Count" }] }), vec!["stopa"]),
        (json!({ "books.title": "Musashi", "books.id": id(11) }), vec![]),
        (json!({ "books.title": "Musashi", "books.id": id(10) }), vec!["stopa"]),
        (
            json!({ "and": [{ "or": [{ "handle": "somebody" }, { "handle": "joe" }, { "and": [{ "or": [{ "handle": "stopa" }] }] }] }] }),
            vec!["stopa", "joe"],
        ),
    ] {
        let tree = query(&store, json!({ "users": { "$": { "where": filter } } })).await.unwrap();
        let handles: Vec<_> =
            tree["users"].as_array().unwrap().iter().map(|row| row["handle"].as_str().unwrap()).collect();
        assert_eq!(handles, expected, "{filter}");
    }
    // 48: a filter on children; 58: their own order.
    let tree = query(&store, json!({ "users": { "$": { "where": { "handle": "stopa" } }, "books": { "$": { "where": { "title": "Musashi" } } } } })).await.unwrap();
    assert_eq!(tree["users"][0]["books"].as_array().unwrap().len(), 1);
    let tree =
        query(&store, json!({ "users": { "$": { "limit": 1 }, "books": { "$": { "order": { "title": "desc" } } } } }))
            .await
            .unwrap();
    assert_eq!(tree["users"][0]["books"][0]["title"], "The Count");
}

#[tokio::test]
async fn unknown_names_answer_empty_lists_50() {
    let store = fixture_t().await;
    assert_eq!(query(&store, json!({ "zippy": {} })).await.unwrap(), json!({ "zippy": [] }));
    for filter in
        [json!({ "zippy": "x" }), json!({ "zippy.x": "x" }), json!({ "or": [{ "label": "a" }, { "zippy": 1 }] })]
    {
        assert_eq!(
            query(&store, json!({ "etype": { "$": { "where": filter } } })).await.unwrap(),
            json!({ "etype": [] })
        );
    }
    let tree = query(&store, json!({ "etype": { "zippy": {} } })).await.unwrap();
    assert!(tree["etype"].as_array().unwrap().iter().all(|row| row["zippy"] == json!([])));
}

#[tokio::test]
async fn pages_follow_the_order_of_creation_51_57() {
    let store = fixture_t().await;
    assert_eq!(
        labels(&store, "etype", json!({ "order": { "serverCreatedAt": "desc" }, "limit": 2 })).await,
        ["e", "d"]
    );
    assert_eq!(
        labels(&store, "etype", json!({ "order": { "serverCreatedAt": "desc" }, "limit": 2, "offset": 2 })).await,
        ["c", "b"]
    );
    assert_eq!(labels(&store, "etype", json!({})).await, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn entities_of_one_transaction_are_ordered_by_id() {
    let store = store(T).await;
    let create = |number: u128, label: &str| json!(["create", "etype", id(number), { "label": label }]);
    transact(&store, json!([create(3, "c"), create(1, "a"), create(2, "b")])).await.unwrap();
    assert_eq!(labels(&store, "etype", json!({})).await, ["a", "b", "c"]);
    assert_eq!(labels(&store, "etype", json!({ "order": { "string": "desc" } })).await, ["c", "b", "a"]);
}

#[tokio::test]
async fn every_type_can_be_ordered_by_with_null_first_55_56() {
    let store = fixture_n().await;
    for attr in ["string", "number", "date"] {
        assert_eq!(
            labels(&store, "etype", json!({ "order": { attr: "asc" } })).await,
            ["null", "undefined", "a", "b", "c"]
        );
        assert_eq!(
            labels(&store, "etype", json!({ "order": { attr: "desc" } })).await,
            ["c", "b", "a", "undefined", "null"]
        );
        let chosen = json!({ "where": { "label": { "$in": ["b", "null", "a"] } }, "order": { attr: "desc" } });
        assert_eq!(labels(&store, "etype", chosen).await, ["b", "a", "null"]);
    }
    assert_eq!(
        labels(&store, "etype", json!({ "order": { "boolean": "asc" } })).await,
        ["null", "undefined", "b", "a", "c"]
    );
    let store = fixture_t().await;
    assert_eq!(
        labels(&store, "etype", json!({ "where": { "number": { "$gte": 2 } }, "order": { "number": "desc" } })).await,
        ["e", "d", "c"]
    );
}

#[tokio::test]
async fn links_answer_arrays_or_objects_as_inference_says_11_12() {
    let store = store(BOOKS).await;
    transact(&store, json!([["create", "users", id(1), { "handle": "stopa" }], ["create", "books", id(2), { "title": "x" }], ["link", "books", id(2), { "author": id(1) }]])).await.unwrap();
    let asked = json!({ "books": { "author": {} } });
    let tree = query(&store, asked.clone()).await.unwrap();
    assert_eq!(tree["books"][0]["author"][0]["handle"], "stopa");
    let tree = Value::Object(store.query(&Query::from_json(&asked, true).unwrap()).await.unwrap());
    assert_eq!(tree["books"][0]["author"]["handle"], "stopa");
    // Not asked for: the id shows all the same.
    let tree = query(&store, json!({ "books": {} })).await.unwrap();
    assert_eq!(tree["books"][0]["author"], json!(id(1)));
    // 7: only what was asked for.
    let tree = query(&store, json!({ "books": { "$": { "fields": ["title"] } } })).await.unwrap();
    assert_eq!(tree["books"][0], json!({ "id": id(2), "title": "x" }));
    let tree = query(&store, json!({ "users": { "books": { "author": {} } } })).await.unwrap();
    assert_eq!(tree["users"][0]["books"][0]["author"][0]["handle"], "stopa");
}

#[tokio::test]
async fn a_link_to_what_was_never_created_reads_as_an_empty_object() {
    let store = store(&[]).await;
    transact(&store, json!([["update", "fwd", id(1), { "label": "a" }], ["link", "fwd", id(1), { "rev": id(2) }]]))
        .await
        .unwrap();
    let tree = query(&store, json!({ "fwd": { "rev": {} }, "rev": {} })).await.unwrap();
    assert_eq!(tree, json!({ "fwd": [{ "label": "a", "id": id(1), "rev": [{}] }], "rev": [] }));
}
