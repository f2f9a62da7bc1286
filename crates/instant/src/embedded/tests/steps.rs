//! Steps in all of their forms (`specs/instantdb-admin-api.md` 6.1, 6.2).

use super::*;
use crate::AppCardinality::{Many, One};

const NOTES: &[EntityDef] = &[EntityDef {
    namespace: "notes",
    attrs: &[
        AttrDef::new("slug", ValueType::String).unique().indexed(),
        AttrDef::new("text", ValueType::String),
        AttrDef::new("info", ValueType::Json),
    ],
    links: &[
        LinkDef::new("notes", "topic", crate::Cardinality::One, "topics", "notes"),
        LinkDef::new("notes", "tags", crate::Cardinality::Many, "tags", "notes"),
    ],
}];

#[tokio::test]
async fn every_shape_error_says_what_was_expected_where_24() {
    let store = store(NOTES).await;
    for (steps, expected, at) in [
        (json!(1), json!("coll?"), json!([])),
        (json!([1]), json!("sequential?"), json!([0])),
        (json!([["updatez", "notes", id(1), {}]]), json!(["delete-attr"]), json!([0, 0])),
        (json!([["update", 1, id(1), {}]]), json!("string?"), json!([0, 1])),
        (json!([["update", "notes", id(1), 2]]), json!("map?"), json!([0, 3])),
        (json!([["update", "notes", id(1)]]), json!("map?"), json!([0])),
        (json!([["update", "notes", [1, 2], {}]]), json!("instant.admin.model/lookup?"), json!([0, 2])),
        (
            json!([["link", "notes", id(1), { "tags": null }]]),
            json!("instant.admin.model/lookup?"),
            json!([0, 3, "tags", 1]),
        ),
        (
            json!([["link", "notes", id(1), { "tags": [id(2), id(3), 7] }]]),
            json!("instant.admin.model/lookup?"),
            json!([0, 3, "tags", 1, 2]),
        ),
        (json!([["add-attr", 1]]), json!("map?"), json!([0, 1])),
        (json!([["delete-attr", "x"]]), json!("instant.admin.model/coercible-uuid?"), json!([0, 1])),
    ] {
        let error = transact(&store, steps.clone()).await.unwrap_err();
        let (status, body) = error.to_wire();
        assert_eq!((status, &body["message"]), (400, &json!("Validation failed for steps")), "{steps}");
        let hint = json!({ "data-type": "steps", "input": steps, "errors": [{ "expected": expected, "in": at }] });
        assert_eq!(body["hint"], hint, "{steps}");
    }
}

#[tokio::test]
async fn a_malformed_id_is_told_before_any_other_shape_error_25_26() {
    let store = store(NOTES).await;
    let steps = json!([["update", "notes", id(1), 2], ["update", "notes", "bad-id", {}]]);
    let (_, body) = transact(&store, steps).await.unwrap_err().to_wire();
    let text = "Invalid entity ID 'bad-id'. Entity IDs must be UUIDs or lookup references.";
    assert_eq!(body["message"], json!(format!("Validation failed for steps: {text}")));
    assert_eq!(body["hint"]["errors"], json!([{ "message": text, "in": [1, 2] }]));
}

#[tokio::test]
async fn an_update_of_attributes_is_an_action_that_is_not_supported() {
    let store = store(NOTES).await;
    let (_, body) = transact(&store, json!([["update-attr", {}]])).await.unwrap_err().to_wire();
    assert_eq!(body["message"], "Validation failed for action: Unsupported action update-attr");
    assert_eq!(body["hint"]["errors"][0]["hint"], json!({ "value": "update-attr" }));
}

#[tokio::test]
async fn an_entity_is_named_by_id_pair_object_or_text() {
    let store = store(NOTES).await;
    transact(&store, json!([["update", "notes", id(1), { "slug": "a b \"q\"__" }]])).await.unwrap();
    for (place, target) in [
        json!(id(1).to_string().to_uppercase()),
        json!(["slug", "a b \"q\"__"]),
        json!({ "slug": "a b \"q\"__" }),
        json!("lookup__slug__\"a b \\\"q\\\"__\""),
        json!(["id", id(1)]),
    ]
    .into_iter()
    .enumerate()
    {
        transact(&store, json!([["update", "notes", target, { "text": place.to_string() }]])).await.unwrap();
        let rows = rows(&store, "notes").await;
        assert_eq!((rows.len(), &rows[0]["text"]), (1, &json!(place.to_string())));
    }
    let error = transact(&store, json!([["update", "notes", { "slug": "a", "text": "b" }, {}]])).await.unwrap_err();
    assert_eq!(message(&error), "lookup must be an object with a single unique attr and value.");
}

#[tokio::test]
async fn links_take_ids_lookups_and_lists_of_both() {
    let store = store(NOTES).await;
    transact(
        &store,
        json!([
            ["update", "tags", ["name", "n1"], {}],
            ["update", "tags", ["name", "n2"], {}],
            ["update", "notes", id(1), {}]
        ]),
    )
    .await
    .unwrap();
    let count = async || {
        let tree = query(&store, json!({ "notes": { "tags": {} } })).await.unwrap();
        tree["notes"][0]["tags"].as_array().unwrap().len()
    };
    for (to, expected) in [
        (json!([]), 0),
        (json!({ "name": "n1" }), 1),
        (json!(["lookup__name__\"n1\"", ["name", "n2"], { "name": "n2" }, id(9)]), 3),
    ] {
        transact(&store, json!([["link", "notes", id(1), { "tags": to, "id": id(3) }]])).await.unwrap();
        assert_eq!(count().await, expected, "{to}");
    }
    // A bare pair is two ids, of which the first is none.
    let error = transact(&store, json!([["link", "notes", id(1), { "tags": ["name", "n1"] }]])).await.unwrap_err();
    assert_eq!(error.to_string(), "Linked value must be a valid uuid.");
    transact(
        &store,
        json!([["unlink", "notes", id(1), { "tags": ["lookup__name__\"n2\"", "lookup__name__\"nobody\"", id(8)] }]]),
    )
    .await
    .unwrap();
    assert_eq!(count().await, 2);
    // From the other end.
    transact(&store, json!([["unlink", "tags", ["name", "n1"], { "notes": id(1) }]])).await.unwrap();
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn the_last_of_several_writes_of_one_group_counts() {
    let store = store(NOTES).await;
    // Also when what came before would have been refused.
    transact(&store, json!([["update", "notes", id(1), { "text": 1 }], ["update", "notes", id(1), { "text": "x" }], ["link", "notes", id(1), { "topic": [id(5), id(6)] }]])).await.unwrap();
    let row = &rows(&store, "notes").await[0];
    assert_eq!((&row["text"], &row["topic"]), (&json!("x"), &json!(id(6))));
    // A value of a forward link is a link.
    transact(&store, json!([["update", "notes", id(1), { "topic": id(7) }]])).await.unwrap();
    assert_eq!(rows(&store, "notes").await[0]["topic"], json!(id(7)));
    let error = transact(&store, json!([["update", "notes", id(1), { "topic": "seven" }]])).await.unwrap_err();
    assert_eq!(error.to_string(), "Linked value must be a valid uuid.");
    assert_eq!(error.hint()["attribute"], "topic");
}

#[tokio::test]
async fn merges_run_as_a_group_after_what_they_add() {
    let store = store(NOTES).await;
    // The update is of the group that the merge's entity opened.
    transact(
        &store,
        json!([["merge", "notes", id(1), { "info": { "x": 1 } }], ["update", "notes", id(1), { "info": { "y": 2 } }]]),
    )
    .await
    .unwrap();
    assert_eq!(rows(&store, "notes").await[0]["info"], json!({ "y": 2, "x": 1 }));
    // Merge, delete, update: add, merge, delete.
    transact(&store, json!([["merge", "notes", id(1), { "info": { "z": 1 } }], ["delete", "notes", id(1)], ["update", "notes", id(1), { "text": "new" }]])).await.unwrap();
    assert_eq!(rows(&store, "notes").await, Vec::<Value>::new());
    transact(&store, json!([["delete", "notes", id(1)], ["merge", "notes", id(1), { "info": { "z": null } }]]))
        .await
        .unwrap();
    assert_eq!(rows(&store, "notes").await[0]["info"], json!({ "z": null }), "nothing is there to take a key from");
    let error = transact(&store, json!([["merge", "notes", id(1), { "topic": { "a": 1 } }]])).await.unwrap_err();
    assert_eq!(
        (error.code(), error.wire_message().as_str()),
        ("sql-raise", "Raised Exception: merge operation is not supported for links")
    );
}

#[tokio::test]
async fn lookups_are_refused_in_instantdbs_words_27_28() {
    let store = store(NOTES).await;
    let slug = attr(&store, "notes", "slug").await.unwrap().id;
    let note_id = attr(&store, "notes", "id").await.unwrap().id;
    for (target, data_type, expected) in [
        (json!(["text", "x"]), "lookup", "text is not a unique attribute on notes".to_owned()),
        (json!(["topic.id", id(1)]), "lookup", "topic.id is not a unique attribute on notes".to_owned()),
        (json!(["topic.name", "x"]), "lookup", "topic.name is not a valid lookup attribute.".to_owned()),
        (json!(["a.b.id", "x"]), "lookup", "a.b.id is not a valid lookup attribute.".to_owned()),
        (json!("lookup__slug__undefined"), "lookup", "lookup value is invalid".to_owned()),
        (
            json!(["id", "hello"]),
            "tx-steps",
            format!(
                "Invalid lookup '[#uuid \"{note_id}\" \"hello\"]'. The lookup attribute is 'notes.id', but the lookup value is not a valid UUID."
            ),
        ),
    ] {
        let error = transact(&store, json!([["update", "notes", target, {}]])).await.unwrap_err();
        assert_eq!(error.to_string(), format!("Validation failed for {data_type}: {expected}"));
    }
    let (_, body) = transact(
        &store,
        json!([["link", "notes", id(1), { "topic": { "slug": "x" } }], ["update", "topics", id(2), { "slug": "x" }]]),
    )
    .await
    .unwrap_err()
    .to_wire();
    let topic_slug = body["hint"]["input"]["attribute-id"].clone();
    assert_ne!(topic_slug, json!(slug), "it was made for the lookup, and goes again");
    assert_eq!(
        body["hint"],
        json!({
            "data-type": "lookup", "errors": [{ "message": "The entity for the lookup does not exist." }],
            "input": { "attribute-id": topic_slug, "namespace": "topics", "label": "slug", "value": "x" },
        })
    );
}

#[tokio::test]
async fn what_a_lookup_makes_takes_its_value_from_the_lookup_alone_20() {
    let store = store(NOTES).await;
    for handle in ["stopa", "stopa2"] {
        let error = transact(&store, json!([["update", "users", ["handle", "stopa"], { "handle": handle }]]))
            .await
            .unwrap_err();
        assert_eq!(
            message(&error),
            "Updates with lookups can only update the lookup attribute if an entity with the unique attribute value already exists."
        );
    }
    // An id that nothing has yet is such a lookup, too.
    assert!(transact(&store, json!([["update", "notes", ["id", id(1)], { "text": "x" }]])).await.is_err());
    assert_eq!(rows(&store, "notes").await, Vec::<Value>::new());
}

#[tokio::test]
async fn lookups_of_one_transaction_meet_23() {
    let store = store(&[]).await;
    transact(&store, json!([["update", "users", ["handle", "stopa"], { "name": "Stepan" }], ["update", "tasks", ["slug", "task-a"], {}], ["link", "users", ["handle", "stopa"], { "tasks": { "slug": "task-a" } }]])).await.unwrap();
    let tree = query(&store, json!({ "users": { "tasks": {} } })).await.unwrap();
    assert_eq!(tree["users"][0]["name"], "Stepan");
    assert_eq!(tree["users"][0]["tasks"][0]["slug"], "task-a");
    // A link that a lookup names for the first time is one to one.
    let link = attr(&store, "users", "tasks").await.unwrap();
    assert_eq!((link.cardinality, link.unique), (crate::AppCardinality::One, true));
}

#[tokio::test]
async fn a_delete_by_link_or_id_finds_nothing() {
    let store = store(&[]).await;
    transact(
        &store,
        json!([["update", "users", id(1), { "n": 1 }], ["update", "prefs", ["users.id", id(1)], { "n": 1 }]]),
    )
    .await
    .unwrap();
    transact(&store, json!([["delete", "prefs", ["users.id", id(1)]], ["delete", "users", ["id", id(1)]]]))
        .await
        .unwrap();
    assert_eq!((rows(&store, "prefs").await.len(), rows(&store, "users").await.len()), (1, 1));
}

#[tokio::test]
async fn rule_params_change_nothing() {
    let store = store(NOTES).await;
    transact(&store, json!([["ruleParams", "notes", id(1), { "p": 1 }], ["update", "notes", id(1), { "text": "q" }]]))
        .await
        .unwrap();
    assert_eq!(rows(&store, "notes").await.len(), 1);
}

#[tokio::test]
async fn names_are_missing_in_the_order_in_which_they_come_13() {
    let store = store(&[]).await;
    let strict = async |steps: Value| {
        let mut transaction = Transaction::from_json(&steps).unwrap();
        transaction.throw_on_missing_attrs = true;
        let error = store.transact(transaction).await.unwrap_err();
        assert_eq!(error.to_string(), "Validation failed for steps: Attributes are missing in your schema");
        error.hint()["errors"][0]["hint"]["attributes"].clone()
    };
    let steps =
        json!([["update", "goals", id(1), { "z": 1, "a": 2 }], ["link", "goals", id(1), { "todos": { "slug": "x" } }]]);
    assert_eq!(strict(steps).await, json!(["goals.todos", "todos.slug", "goals.id", "goals.z", "goals.a"]));
    assert_eq!(strict(json!([["delete", "goals", ["slug", "x"]]])).await, json!(["goals.slug"]));
    // In an update only forward names count.
    transact(&store, json!([["link", "goals", id(1), { "todos": id(2) }]])).await.unwrap();
    assert_eq!(
        strict(json!([["update", "todos", id(2), { "goals": id(1) }]])).await,
        json!(["todos.id", "todos.goals"])
    );
    let error = transact(&store, json!([["update", "todos", id(2), { "goals": id(1) }]])).await.unwrap_err();
    assert_eq!(
        (error.code(), error.wire_message().as_str()),
        ("record-not-unique", "`goals` already exists on `todos`")
    );
}

#[tokio::test]
async fn what_comes_into_being_is_made_as_instantdb_makes_it() {
    let store = empty().await;
    transact(
        &store,
        json!([["update", "goals", ["slug", "x"], { "n": 1 }], ["link", "goals", ["slug", "x"], { "todos": id(2) }]]),
    )
    .await
    .unwrap();
    let flags = async |etype: &str, label: &str| {
        let attr = attr(&store, etype, label).await.unwrap();
        (attr.unique, attr.indexed, attr.required, attr.checked_data_type, attr.cardinality)
    };
    assert_eq!(flags("goals", "id").await, (true, false, false, None, One));
    assert_eq!(flags("goals", "slug").await, (true, true, false, None, One));
    assert_eq!(flags("goals", "n").await, (false, false, false, None, One));
    assert_eq!(flags("goals", "todos").await, (false, false, false, None, Many));
    assert_eq!(attr(&store, "todos", "id").await, None, "nothing was written there");
    assert_eq!(attr(&store, "goals", "todos").await.unwrap().reverse_identity.unwrap().2, "goals");
    let error = transact(&store, json!([["update", "$foo", id(1), {}]])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Validation failed for attributes: $ is reserved for system tables. You can't create $foo"
    );
}
