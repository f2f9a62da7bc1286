//! Transactions.

use super::*;

#[tokio::test]
async fn names_come_into_being_unless_told_otherwise_8_13_14() {
    let store = store(&[]).await;
    let first = transact(&store, json!([["update", "goals", id(1), { "title": "moop" }]])).await.unwrap();
    let second = transact(&store, json!([])).await.unwrap();
    assert!(second > first);
    let mut strict =
        Transaction::from_json(&json!([["update", "goals", id(1), { "myFavoriteColor": "red" }]])).unwrap();
    strict.throw_on_missing_attrs = true;
    let error = store.transact(strict).await.unwrap_err();
    assert_eq!(error.hint()["errors"][0]["hint"]["attributes"], json!(["goals.myFavoriteColor"]));
    transact(&store, json!([["create", "a", id(1), {}], ["update", "b", id(2), {}], ["merge", "c", id(3), {}], ["link", "d", id(4), { "e": id(5) }], ["unlink", "f", id(6), { "g": id(7) }], ["update", "d", id(4), {}], ["update", "f", id(6), {}]])).await.unwrap();
    let tree = query(&store, json!({ "d": { "e": {} }, "f": { "g": {} } })).await.unwrap();
    assert_eq!(tree["d"][0]["e"].as_array().unwrap().len(), 1);
    assert_eq!(tree["f"][0]["g"], json!([]));
}

#[tokio::test]
async fn malformed_steps_are_refused_where_they_stand_9_24_to_28() {
    let store = store(BOOKS).await;
    for (steps, at) in [
        (json!([["update", 1, id(1), {}]]), json!([0, 1])),
        (json!([["update", "goals", id(1), 2]]), json!([0, 3])),
        (json!([["delete", "goals", 12345]]), json!([0, 2])),
        (json!([["update", "goals", id(1), {}], ["update", "goals", "bad-id", {}]]), json!([1, 2])),
        (json!([["updatez", "goals", id(1), {}]]), json!([0, 0])),
    ] {
        let error = transact(&store, steps).await.unwrap_err();
        assert_eq!((error.code(), &error.hint()["errors"][0]["in"]), ("validation-failed", &at));
    }
    let error = transact(&store, json!([["delete", "goals", 12345]])).await.unwrap_err();
    assert_eq!(message(&error), "Invalid entity ID '12345'. Entity IDs must be UUIDs or lookup references.");
    let error = transact(&store, json!([["update", "books", ["title", "x"], {}]])).await.unwrap_err();
    assert_eq!(message(&error), "title is not a unique attribute on books");
    let error = transact(&store, json!([["update", "books", "lookup__linkOn__undefined", {}]])).await.unwrap_err();
    assert_eq!(message(&error), "lookup value is invalid");
    assert_eq!(error.hint()["errors"][0]["hint"], json!({ "attribute": "linkOn", "value": "undefined" }));
}

#[tokio::test]
async fn an_id_among_the_values_is_ignored_15() {
    let store = store(&[]).await;
    transact(&store, json!([["update", "items", id(1), { "id": id(2), "name": "book" }]])).await.unwrap();
    assert_eq!(rows(&store, "items").await, [json!({ "name": "book", "id": id(1) })]);
}

#[tokio::test]
async fn lookups_find_and_make_entities_16_to_23() {
    let store = store(BOOKS).await;
    transact(&store, json!([["update", "users", id(1), { "handle": "stopa" }]])).await.unwrap();
    transact(&store, json!([["update", "users", ["handle", "stopa"], { "handle": "stopa2" }]])).await.unwrap();
    assert_eq!(rows(&store, "users").await[0]["handle"], "stopa2");
    transact(&store, json!([["delete", "users", ["handle", "stopa2"]], ["delete", "users", ["handle", "nobody"]]]))
        .await
        .unwrap();
    assert_eq!(rows(&store, "users").await, Vec::<Value>::new());
    let error =
        transact(&store, json!([["update", "users", ["handle", "stopa"], { "handle": "stopa2" }]])).await.unwrap_err();
    assert_eq!(
        message(&error),
        "Updates with lookups can only update the lookup attribute if an entity with the unique attribute value already exists."
    );
    transact(&store, json!([["update", "users", ["handle", "joe"], { "nick": "J" }]])).await.unwrap();
    assert_eq!(
        (rows(&store, "users").await[0]["handle"].clone(), rows(&store, "users").await[0]["nick"].clone()),
        (json!("joe"), json!("J"))
    );
    transact(&store, json!([["unlink", "users", ["handle", "new"], { "books": id(9) }]])).await.unwrap();
    assert_eq!(rows(&store, "users").await.len(), 2);
    // As the target of a link: it must exist, or be the entity of a step here.
    let error = transact(&store, json!([["link", "users", ["handle", "joe"], { "books": { "isbn": "1" } }]]))
        .await
        .unwrap_err();
    assert_eq!(message(&error), "The entity for the lookup does not exist.");
    transact(&store, json!([["update", "books", ["isbn", "1"], { "title": "x" }], ["link", "users", ["handle", "joe"], { "books": "lookup__isbn__\"1\"" }]])).await.unwrap();
    let tree = query(&store, json!({ "books": { "author": {} } })).await.unwrap();
    assert_eq!(tree["books"][0]["author"][0]["handle"], "joe");
    // 22: by a link, which comes into being.
    let user = tree["books"][0]["author"][0]["id"].clone();
    transact(&store, json!([["update", "user_prefs", ["users.id", user], { "pref": 1 }]])).await.unwrap();
    transact(&store, json!([["update", "user_prefs", ["users.id", user], { "pref": 2 }]])).await.unwrap();
    let tree = query(&store, json!({ "user_prefs": {} })).await.unwrap();
    assert_eq!(tree["user_prefs"].as_array().unwrap().len(), 1);
    assert_eq!(tree["user_prefs"][0]["pref"], 2);
}

#[tokio::test]
async fn an_id_may_live_in_two_namespaces_62_64() {
    let store = store(&[]).await;
    transact(&store, json!([["create", "bks", id(1), { "a": 1 }], ["create", "authors", id(1), { "b": 2 }]]))
        .await
        .unwrap();
    assert_eq!(rows(&store, "bks").await, [json!({ "a": 1, "id": id(1) })]);
    assert_eq!(rows(&store, "authors").await, [json!({ "b": 2, "id": id(1) })]);
}

#[tokio::test]
async fn required_attributes_are_checked_at_the_end_63() {
    let store = store(BOOKS).await;
    let error = transact(&store, json!([["create", "books", id(1), {}]])).await.unwrap_err();
    assert_eq!(error.to_string(), format!("Missing required attribute `books/title`: {}", id(1)));
    transact(&store, json!([["create", "books", id(1), {}], ["update", "books", id(1), { "title": "x" }]]))
        .await
        .unwrap();
    transact(&store, json!([["update", "books", id(1), { "isbn": "1" }]])).await.unwrap();
    assert!(transact(&store, json!([["update", "books", id(1), { "title": null }]])).await.is_err());
    // A forward link makes an entity that has nothing.
    let error = transact(&store, json!([["link", "books", id(2), { "author": id(3) }]])).await.unwrap_err();
    assert!(matches!(&error, InstantError::MissingRequired { missing } if missing.len() == 2), "{error}");
    transact(
        &store,
        json!([["link", "books", id(2), { "author": id(3) }], ["update", "books", id(2), { "title": "y" }]]),
    )
    .await
    .unwrap();
    transact(&store, json!([["delete", "books", id(1)]])).await.unwrap();
}

#[tokio::test]
async fn create_and_upsert_false_look_before_they_write_64() {
    let store = store(BOOKS).await;
    transact(&store, json!([["create", "users", id(1), { "handle": "a" }]])).await.unwrap();
    let error = transact(&store, json!([["create", "users", id(1), { "handle": "b" }]])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("Validation failed for tx-step: Creating entities that exist: {0}, {0}", id(1))
    );
    for target in [json!(id(2)), json!(["handle", "nobody"])] {
        let error = transact(&store, json!([["update", "users", target, { "nick": "b" }, { "upsert": false }]]))
            .await
            .unwrap_err();
        assert!(matches!(error, InstantError::Missing { ref entities, .. } if entities.len() == 2), "{error}");
    }
    transact(&store, json!([["update", "users", id(1), { "nick": "b" }, { "upsert": false }]])).await.unwrap();
    assert_eq!(rows(&store, "users").await.len(), 1);
}

#[tokio::test]
async fn a_unique_value_belongs_to_one_entity_65() {
    let store = store(BOOKS).await;
    transact(&store, json!([["create", "users", id(1), { "handle": "daniel" }], ["create", "users", id(2), { "handle": null }], ["create", "users", id(3), {}]])).await.unwrap();
    let error =
        transact(&store, json!([["update", "users", id(2), { "handle": "daniel", "nick": "n" }]])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`handle` is a unique attribute on `users` and an entity already exists with `users.handle` = \"daniel\""
    );
    assert_eq!((error.code(), error.hint()["value"].clone()), ("record-not-unique", json!("\"daniel\"")));
    transact(
        &store,
        json!([["update", "users", id(1), { "handle": "daniel" }], ["update", "users", id(2), { "handle": "joe" }]]),
    )
    .await
    .unwrap();
    // No swap within one transaction.
    assert!(
        transact(
            &store,
            json!([["update", "users", id(1), { "handle": "joe" }], ["update", "users", id(2), { "handle": "daniel" }]])
        )
        .await
        .unwrap_err()
        .is_not_unique()
    );
    // Delete first, then create: a lease changes hands.
    transact(&store, json!([["delete", "users", id(1)], ["create", "users", id(9), { "handle": "daniel" }]]))
        .await
        .unwrap();
    assert!(
        transact(&store, json!([["create", "users", id(8), { "handle": "daniel" }], ["delete", "users", id(9)]]))
            .await
            .unwrap_err()
            .is_not_unique()
    );
}

#[tokio::test]
async fn indexed_attributes_are_null_and_others_absent_when_not_given_70() {
    let store = store(BOOKS).await;
    transact(&store, json!([["create", "users", id(1), {}]])).await.unwrap();
    assert_eq!(rows(&store, "users").await, [json!({ "handle": null, "email": null, "id": id(1) })]);
}

#[tokio::test]
async fn values_are_checked_71_72_75_77() {
    let store = store(BOOKS).await;
    let error = transact(&store, json!([["update", "users", id(1), { "email": 10 }]])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Invalid value type for users.email. Value must be a string but the provided value type is number."
    );
    let long = "x".repeat(1_013);
    for (label, expected) in [
        ("email", "Value is too large for an indexed attribute."),
        ("handle", "Value is too large for a unique attribute."),
    ] {
        let error = transact(&store, json!([["update", "users", id(1), { label: long }]])).await.unwrap_err();
        assert_eq!((error.to_string().as_str(), &error.hint()["value-too-large?"]), (expected, &json!(true)));
    }
    transact(&store, json!([["update", "users", id(1), { "email": "x".repeat(1_012), "nick": long }]])).await.unwrap();
    let error = transact(&store, json!([["update", "users", id(1), { "free": { "a": ["Hello\u{0}World"] } }]]))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("null bytes"));
    let upper = id(0xabc).to_string().to_uppercase();
    transact(&store, json!([["update", "users", id(1), { "free": [upper, id(2)] }]])).await.unwrap();
    assert_eq!(rows(&store, "users").await[0]["free"], json!([id(0xabc), id(2)]));
}

#[tokio::test]
async fn merges_go_deep_73() {
    let store = store(&[]).await;
    for (before, patch, after) in [
        (
            json!({ "a": { "b1": { "c1": 0 }, "b2": 2 } }),
            json!({ "a": { "b1": { "c2": 1 }, "b3": 3 } }),
            json!({ "a": { "b1": { "c1": 0, "c2": 1 }, "b2": 2, "b3": 3 } }),
        ),
        (json!({ "name": "x", "age": 1 }), json!({ "name": null }), json!({ "age": 1 })),
        (json!(1), json!({ "a": { "b": null, "c": 1 } }), json!({ "a": { "b": null, "c": 1 } })),
        (json!({ "a": 1 }), json!("y"), json!("y")),
        (json!({ "a": 1 }), json!(null), json!(null)),
    ] {
        transact(
            &store,
            json!([["update", "m", id(1), { "details": before }], ["merge", "m", id(1), { "details": patch }]]),
        )
        .await
        .unwrap();
        assert_eq!(rows(&store, "m").await[0]["details"], after);
    }
    transact(&store, json!([["merge", "m", id(1), { "details": "x" }], ["merge", "m", id(1), { "details": null }], ["merge", "m", id(1), { "details": "y" }]])).await.unwrap();
    assert_eq!(rows(&store, "m").await[0]["details"], "y");
}

#[tokio::test]
async fn a_refused_transaction_leaves_nothing_behind() {
    let store = store(BOOKS).await;
    transact(&store, json!([["create", "users", id(1), { "handle": "a" }]])).await.unwrap();
    let steps = json!([["update", "new_namespace", id(5), { "x": 1 }], ["link", "users", id(1), { "books": id(6) }], ["update", "users", id(2), { "handle": "a" }]]);
    assert!(transact(&store, steps).await.is_err());
    assert_eq!(rows(&store, "new_namespace").await, Vec::<Value>::new());
    assert_eq!(rows(&store, "books").await, Vec::<Value>::new());
    assert_eq!(rows(&store, "users").await.len(), 1);
}

#[tokio::test]
async fn of_two_writers_of_one_seq_exactly_one_wins() {
    use crate::rows::Publication;
    let store = store(&[]).await;
    let race = |attempt: &'static str| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = Transaction::new();
            tx.create::<Publication>(model::PublicationId::random())
                .set(Publication::SEQ, 1_u64)
                .set(Publication::ATTEMPT, attempt);
            store.transact(tx).await
        })
    };
    let (one, other) = (race("one"), race("other"));
    let results = [one.await.unwrap(), other.await.unwrap()];
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().any(|result| result.as_ref().is_err_and(InstantError::is_not_unique)));
}
