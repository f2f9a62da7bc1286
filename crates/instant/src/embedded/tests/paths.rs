//! Paths over links (`specs/instantdb-admin-api.md` 5.2; R6, R7).

use super::*;

/// The names of the components that a `where` lets through.
async fn components(store: &Embedded, filter: Value) -> Vec<String> {
    let asked = json!({ "registry_components": { "$": { "where": filter, "order": { "name": "asc" } } } });
    let tree = query(store, asked).await.unwrap();
    tree["registry_components"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// `button` needs `x`, `card` needs `button`, `x` needs `card`; `card` needs the packages react and zod.
async fn ring() -> Embedded {
    let store = Embedded::temporary().await.unwrap();
    let mut steps = Vec::new();
    for (number, name) in (1_u128..).zip(["button", "card", "x"]) {
        steps.push(
            json!(["create", "registry_components", id(number), { "name": name, "key": name, "type": "registry:ui" }]),
        );
    }
    for (number, name) in (11_u128..).zip(["react", "zod"]) {
        steps.push(json!(["create", "registry_packages", id(number), { "name": name, "key": format!("{name}@*"), "version": "*" }]));
    }
    steps.push(json!(["link", "registry_components", id(1), { "registryDependencies": id(3) }]));
    steps.push(json!(["link", "registry_components", id(2), { "registryDependencies": id(1), "dependencies": [id(11), id(12)] }]));
    steps.push(json!(["link", "registry_components", id(3), { "registryDependencies": id(2) }]));
    transact(&store, steps.into()).await.unwrap();
    store
}

#[tokio::test]
async fn a_path_is_about_something_at_its_end_r6() {
    let store = ring().await;
    assert_eq!(components(&store, json!({ "dependencies.name": "react" })).await, ["card"]);
    assert_eq!(
        components(&store, json!({ "dependencies.name": "react", "dependencies.version": "*" })).await,
        ["card"]
    );
    assert_eq!(
        components(&store, json!({ "dependencies.name": "react", "dependencies.key": "zod@*" })).await,
        Vec::<String>::new()
    );
    assert_eq!(
        components(&store, json!({ "and": [{ "dependencies.name": "react" }, { "dependencies.key": "zod@*" }] })).await,
        ["card"]
    );
    assert_eq!(components(&store, json!({ "registryDependencies.registryDependencies.name": "x" })).await, ["card"]);
}

#[tokio::test]
async fn two_links_to_one_namespace_in_one_object_mean_the_same_entity_r7() {
    let store = ring().await;
    // `card` needs `button`, and `x` needs `card`; no one component is both.
    let both = json!({ "registryDependencies.name": "button", "usedBy.name": "x" });
    assert_eq!(components(&store, both).await, Vec::<String>::new());
    let each = json!({ "and": [{ "registryDependencies.name": "button" }, { "usedBy.name": "x" }] });
    assert_eq!(components(&store, each).await, ["card"]);
    // Where one component is both, it counts.
    transact(&store, json!([["link", "registry_components", id(1), { "registryDependencies": id(2) }]])).await.unwrap();
    let same = json!({ "registryDependencies.name": "button", "usedBy.key": "button" });
    assert_eq!(components(&store, same).await, ["card"]);
    // Namespaces that differ, or steps that do, mean entities of their own.
    let apart = json!({ "registryDependencies.name": "button", "dependencies.name": "zod", "registryDependencies.registryDependencies.name": "x" });
    assert_eq!(components(&store, apart).await, ["card"]);
}

#[tokio::test]
async fn only_the_first_operator_of_a_condition_counts() {
    let store = fixture_t().await;
    assert_eq!(
        labels(&store, "etype", json!({ "where": { "number": { "$gt": 1, "$lt": 3 } } })).await,
        ["c", "d", "e"]
    );
    assert_eq!(
        labels(&store, "etype", json!({ "where": { "number": { "$lt": 3, "$gt": 1 } } })).await,
        ["a", "b", "c"]
    );
    let range = json!({ "and": [{ "number": { "$gt": 1 } }, { "number": { "$lt": 3 } }] });
    assert_eq!(labels(&store, "etype", json!({ "where": range })).await, ["c"]);
}

#[tokio::test]
async fn links_are_null_in_both_directions() {
    let store = ring().await;
    transact(&store, json!([["create", "registry_components", id(4), { "name": "y", "key": "y", "type": "t" }]]))
        .await
        .unwrap();
    assert_eq!(components(&store, json!({ "registryDependencies": { "$isNull": true } })).await, ["y"]);
    assert_eq!(components(&store, json!({ "usedBy": { "$isNull": true } })).await, ["y"]);
    assert_eq!(components(&store, json!({ "usedBy": { "$isNull": false } })).await, ["button", "card", "x"]);
    assert_eq!(components(&store, json!({ "usedBy": { "$not": id(2) } })).await, ["card", "x", "y"]);
    assert_eq!(components(&store, json!({ "usedBy.usedBy": { "$isNull": true } })).await, ["y"]);
    assert_eq!(components(&store, json!({ "registryDependencies": { "$in": [id(1), id(2)] } })).await, ["card", "x"]);
    // A link's id may be spelled in any way, `id` is compared as text.
    let lettered = EntityId::of_key("registry_components", "z");
    let steps = json!([
        ["create", "registry_components", lettered, { "name": "z", "key": "z", "type": "t" }],
        ["link", "registry_components", id(4), { "registryDependencies": lettered }],
    ]);
    transact(&store, steps).await.unwrap();
    let upper = lettered.to_string().to_uppercase();
    assert_eq!(components(&store, json!({ "registryDependencies": format!(" {upper} ") })).await, ["y"]);
    assert_eq!(components(&store, json!({ "id": lettered })).await, ["z"]);
    assert_eq!(components(&store, json!({ "id": upper })).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_link_to_what_was_never_created_leads_nowhere_but_there() {
    let store = fixture_l().await;
    transact(&store, json!([["link", "fwd", id(1), { "rev": id(77) }]])).await.unwrap();
    assert_eq!(labels(&store, "fwd", json!({ "where": { "rev": id(77) } })).await, ["b"]);
    assert_eq!(labels(&store, "fwd", json!({ "where": { "rev.id": id(77) } })).await, Vec::<String>::new());
    // It is no null and no value.
    assert_eq!(
        labels(&store, "fwd", json!({ "where": { "rev.prop": { "$isNull": true } } })).await,
        ["c", "d", "null", "undefined"]
    );
    assert_eq!(
        labels(&store, "fwd", json!({ "where": { "rev.prop": { "$not": "a" } } })).await,
        ["c", "d", "null", "undefined"]
    );
}

#[tokio::test]
async fn dates_are_instants_where_they_are_indexed_and_text_where_not() {
    const DATES: &[EntityDef] = &[EntityDef {
        namespace: "posts",
        attrs: &[
            AttrDef::new("label", ValueType::String),
            AttrDef::new("at", ValueType::Date).indexed(),
            AttrDef::new("day", ValueType::Date),
            AttrDef::new("key", ValueType::Date).unique(),
        ],
        links: &[],
    }];
    let store = store(DATES).await;
    let iso = "2025-03-04T21:30:00Z";
    let millis = 1_741_123_800_000_i64;
    let number = json!({ "label": "number", "at": millis, "day": millis, "key": millis });
    transact(&store, json!([["create", "posts", id(1), number]])).await.unwrap();
    let text = json!({ "label": "text", "at": iso, "day": iso, "key": "2025-03-04" });
    transact(&store, json!([["create", "posts", id(2), text]])).await.unwrap();
    for (filter, expected) in [
        (json!({ "at": millis }), vec!["number", "text"]),
        (json!({ "at": "Tue Mar 04 2025 22:30:00 GMT+0100 (Central European Standard Time)" }), vec!["number", "text"]),
        (json!({ "at": { "$in": ["2025-03-04 21:30", 5] } }), vec!["number", "text"]),
        (json!({ "at": { "$gt": "2025-03-04T21:29:59.999999Z" } }), vec!["number", "text"]),
        (json!({ "at": { "$lt": "3/4/2025, 9:30:00 PM" } }), vec![]),
        (json!({ "at": { "$lte": "now" } }), vec!["number", "text"]),
        (json!({ "day": millis }), vec!["number"]),
        (json!({ "day": iso }), vec!["text"]),
        (json!({ "day": "2025-03-04 21:30" }), vec![]),
        (json!({ "key": millis }), vec!["number"]),
        (json!({ "key": "2025-03-04T00:00:00Z" }), vec![]),
    ] {
        assert_eq!(labels(&store, "posts", json!({ "where": filter })).await, expected, "{filter}");
    }
    // Dates come back as they were stored.
    let rows = rows(&store, "posts").await;
    assert_eq!((&rows[0]["at"], &rows[1]["at"]), (&json!(millis), &json!(iso)));
}

#[tokio::test]
async fn values_equal_in_type_and_value() {
    let store = store(&[]).await;
    for (number, val) in
        (0_u128..).zip([json!(1), json!("1"), json!(true), json!(1.5), json!({ "a": 1 }), json!("true"), json!(1e300)])
    {
        transact(&store, json!([["create", "bks", id(number), { "label": number.to_string(), "val": val }]]))
            .await
            .unwrap();
    }
    for (condition, expected) in [
        (json!(1), vec!["0"]),
        (json!(1.0), vec!["0"]),
        (json!("1"), vec!["1"]),
        (json!(true), vec!["2"]),
        (json!(false), vec![]),
        (json!(1e300), vec!["6"]),
        (json!({ "$in": [1.5, "true", 7] }), vec!["3", "5"]),
        (json!({ "$in": [1, 1.5, "1", "true", true] }), vec!["0", "1", "2", "3", "5"]),
        (json!({ "$not": 1 }), vec!["1", "2", "3", "4", "5", "6"]),
    ] {
        assert_eq!(labels(&store, "bks", json!({ "where": { "val": condition } })).await, expected, "{condition}");
    }
}

#[tokio::test]
async fn alternatives_may_be_many() {
    let store = fixture_t().await;
    let many: Vec<Value> = (0..2_000).map(|number| json!({ "number": number })).collect();
    assert_eq!(labels(&store, "etype", json!({ "where": { "or": many } })).await, ["a", "b", "c", "d", "e"]);
    let values: Vec<Value> = (0..40_000).map(|number| json!(number.to_string())).collect();
    assert_eq!(
        labels(&store, "etype", json!({ "where": { "string": { "$in": values } } })).await,
        ["a", "b", "c", "d", "e"]
    );
    // Many values are looked for in rows that are walked, too, null among them.
    transact(&store, json!([["create", "etype", id(9), { "label": "f" }]])).await.unwrap();
    let numbers: Vec<Value> = (0..40).map(|number| json!(number)).chain([Value::Null]).collect();
    let few = json!({ "number": { "$in": numbers }, "label": { "$in": ["b", "f"] } });
    assert_eq!(labels(&store, "etype", json!({ "where": few })).await, ["b", "f"]);
    let mixed: Vec<Value> = (0..3_000).map(|number| json!({ "number": number, "string": { "$not": "1" } })).collect();
    assert_eq!(labels(&store, "etype", json!({ "where": { "or": mixed } })).await, ["a", "c", "d", "e"]);
    let booleans =
        json!([true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true]);
    let paths = json!({ "boolean": { "$in": booleans }, "number": { "$gt": 1 } });
    assert_eq!(labels(&store, "etype", json!({ "where": paths })).await, ["c", "e"]);
}

#[tokio::test]
async fn null_is_known_of_what_is_unique_and_not_indexed() {
    let store = store(BOOKS).await;
    let steps = json!([
        ["create", "books", id(1), { "title": "a", "label": "a", "isbn": "1" }],
        ["create", "books", id(2), { "title": "b", "label": "b", "isbn": null }],
        ["create", "books", id(3), { "title": "c", "label": "c" }],
    ]);
    transact(&store, steps).await.unwrap();
    for (condition, expected) in [
        (json!({ "$isNull": true }), vec!["b", "c"]),
        (json!({ "$isNull": false }), vec!["a"]),
        (json!({ "$not": "1" }), vec!["b", "c"]),
        (json!({ "$not": "2" }), vec!["a", "b", "c"]),
        (json!("1"), vec!["a"]),
    ] {
        assert_eq!(labels(&store, "books", json!({ "where": { "isbn": condition } })).await, expected, "{condition}");
    }
}

#[tokio::test]
async fn conditions_of_any_number_are_answered_and_more_links_than_can_be_followed_are_refused() {
    let store = ring().await;
    // Each part has an index to go by, and each needs two queries.
    let pair = |nth: usize| json!({ "or": [{ "name": format!("a{nth}") }, { "key": format!("b{nth}") }] });
    let many: Vec<Value> = (0..300).map(pair).chain([json!({ "or": [{ "name": "card" }, { "key": "x" }] })]).collect();
    assert_eq!(components(&store, json!({ "or": many.clone() })).await, ["card", "x"]);
    let nested = json!({ "or": [{ "or": many.clone() }, { "or": [{ "or": many }, { "name": "button" }] }] });
    assert_eq!(components(&store, nested).await, ["button", "card", "x"]);

    let path = |links: usize| format!("{}name", "registryDependencies.".repeat(links));
    assert_eq!(components(&store, json!({ path(60): "x" })).await, ["x"]);
    assert_eq!(components(&store, json!({ path(60): { "$not": "x" } })).await, ["button", "card"]);
    for filter in [
        json!({ path(61): "x" }),
        json!({ path(61): { "$isNull": true } }),
        json!({ "or": [{ path(200): "x" }, { "name": "x" }] }),
    ] {
        let asked = json!({ "registry_components": { "$": { "where": filter } } });
        let refused = query(&store, asked).await.unwrap_err();
        assert_eq!((refused.code(), refused.to_wire().0), ("validation-failed", 400));
        assert!(refused.to_string().contains("follows 60 at most"), "{refused}");
    }
}
