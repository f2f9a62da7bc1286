//! Attributes added and removed by steps of a transaction (`specs/instantdb-admin-api.md` 6.1).

use super::*;

fn blob(number: u128, etype: &str, label: &str) -> Value {
    json!({
        "id": id(number), "forward-identity": [id(number + 500), etype, label], "value-type": "blob",
        "cardinality": "one", "unique?": false, "index?": false,
    })
}

#[tokio::test]
async fn an_attribute_is_added_and_removed_again_10() {
    let store = empty().await;
    transact(&store, json!([["add-attr", blob(1, "floopy", "flip")]])).await.unwrap();
    assert_eq!(attr(&store, "floopy", "flip").await.unwrap().id, id(1));
    transact(&store, json!([["add-attr", blob(2, "floopy", "flop")], ["delete-attr", id(2)]])).await.unwrap();
    assert_eq!(attr(&store, "floopy", "flop").await, None);
    // Just so again is no error, one that is not there is none either.
    transact(&store, json!([["add-attr", blob(1, "floopy", "flip")], ["delete-attr", id(77)]])).await.unwrap();
}

#[tokio::test]
async fn a_link_is_added_with_its_cardinality_11() {
    let store = empty().await;
    let owner = json!({
        "id": id(1), "forward-identity": [id(2), "goals", "owner"], "reverse-identity": [id(3), "users", "ownedGoals"],
        "value-type": "ref", "cardinality": "one", "unique?": false, "index?": false, "on-delete": "cascade",
    });
    transact(&store, json!([["add-attr", owner]])).await.unwrap();
    transact(&store, json!([["update", "goals", id(5), { "title": "x" }], ["update", "users", id(6), { "name": "stopa" }], ["link", "goals", id(5), { "owner": id(6) }]])).await.unwrap();
    let tree = query(&store, json!({ "goals": { "owner": {} } })).await.unwrap();
    assert_eq!(tree["goals"][0]["owner"], json!([{ "id": id(6), "name": "stopa" }]));
    transact(&store, json!([["delete", "users", id(6)]])).await.unwrap();
    assert_eq!(rows(&store, "goals").await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_cannot_be_added_is_refused() {
    let store = empty().await;
    transact(&store, json!([["add-attr", blob(1, "goals", "title")], ["update", "goals", id(9), {}]])).await.unwrap();
    let refusal = async |attr: Value| {
        let error = transact(&store, json!([["add-attr", attr]])).await.unwrap_err();
        (error.code().to_owned(), error.wire_message())
    };
    let required = |mut attr: Value| {
        attr["required?"] = true.into();
        attr
    };
    for (attr, code, message) in [
        (blob(2, "goals", "title"), "record-not-unique", "`title` already exists on `goals`"),
        (
            blob(1, "goals", "other"),
            "sql-raise",
            &*format!(
                "Raised Exception: The attribute with id {0} conflicts with an existing attribute with id {0}.",
                id(1)
            ),
        ),
        (
            blob(2, "$users", "email"),
            "validation-failed",
            "Validation failed for attributes: $users.email is a system column and it already exists.",
        ),
        (
            blob(2, "$moop", "id"),
            "validation-failed",
            "Validation failed for attributes: $ is reserved for system tables. You can't create $moop",
        ),
        (
            required(blob(2, "goals", "must")),
            "validation-failed",
            "Validation failed for attributes: Can't create attribute `must` as required because `goals` already have entities",
        ),
        (
            required(blob(2, "$users", "fullName")),
            "validation-failed",
            "You can't create a required system attribute. Make sure it's optional. Check out the docs to learn more: https://www.instantdb.com/docs/modeling-data#required-constraints",
        ),
    ] {
        assert_eq!(refusal(attr).await, (code.to_owned(), message.to_owned()));
    }
    let mut nameless = blob(2, "a", "b");
    nameless["id"] = Value::Null;
    assert_eq!(refusal(nameless).await.1, "Validation failed for tx-steps");
    transact(
        &store,
        json!([["add-attr", blob(2, "$users", "nick")], ["add-attr", required(blob(3, "fresh", "must"))]]),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_new_indexed_attribute_is_null_where_it_was_not_given_70() {
    let store = empty().await;
    transact(&store, json!([["update", "goals", id(1), {}]])).await.unwrap();
    let mut indexed = blob(5, "goals", "rank");
    indexed["index?"] = true.into();
    transact(&store, json!([["add-attr", indexed], ["update", "goals", id(2), {}]])).await.unwrap();
    assert_eq!(
        rows(&store, "goals").await,
        [json!({ "id": id(1), "rank": null }), json!({ "id": id(2), "rank": null })]
    );
}

#[tokio::test]
async fn a_removed_attribute_takes_its_values_keys_and_links_along() {
    let store = empty().await;
    transact(&store, json!([["update", "goals", ["slug", "x"], { "n": 1 }], ["link", "goals", ["slug", "x"], { "todos": id(2) }], ["update", "todos", id(2), { "t": 1 }]])).await.unwrap();
    let number = async |etype: &str, label: &str| attr(&store, etype, label).await.unwrap().id;
    // Written and removed in one transaction, and the other way round.
    let slug = number("goals", "slug").await;
    let error = transact(&store, json!([["delete-attr", slug], ["update", "goals", ["slug", "x"], { "n": 2 }]]))
        .await
        .unwrap_err();
    assert_eq!(error.wire_message(), format!("Raised Exception: We could not find an attribute with id = '{slug}'"));
    transact(&store, json!([["update", "goals", ["slug", "x"], { "n": 3 }], ["delete-attr", slug]])).await.unwrap();
    let goal = rows(&store, "goals").await[0].clone();
    assert_eq!((goal.get("slug"), &goal["n"]), (None, &json!(3)));
    store.delete_attrs(&[number("goals", "todos").await, id(99)]).await.unwrap();
    let tree = query(&store, json!({ "goals": { "todos": {} } })).await.unwrap();
    assert_eq!(tree["goals"][0]["todos"], json!([]));
    // The name is free again, and nothing of the old one comes back.
    transact(&store, json!([["update", "goals", ["slug", "x"], {}]])).await.unwrap();
    assert_eq!(rows(&store, "goals").await.len(), 2);
    store.delete_attrs(&[number("todos", "id").await, number("todos", "t").await]).await.unwrap();
    assert_eq!(query(&store, json!({ "todos": {} })).await.unwrap(), json!({ "todos": [] }));
    transact(&store, json!([["update", "todos", id(7), {}]])).await.unwrap();
    assert_eq!(rows(&store, "todos").await, [json!({ "id": id(7) })]);
    // The store's own stay.
    store.delete_attrs(&[number("$files", "path").await]).await.unwrap();
    assert!(attr(&store, "$files", "path").await.is_some());
}
