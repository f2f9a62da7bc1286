//! Refusals as the wire has them (`specs/instantdb-admin-api.md` 2.4, 6.4).

use super::*;
use crate::AppStatus;

fn schema() -> Value {
    let attr = |value_type: &str, unique: bool, indexed: bool, required: bool| json!({ "valueType": value_type, "required": required, "config": { "unique": unique, "indexed": indexed } });
    json!({
        "entities": {
            "users": { "attrs": {
                "handle": attr("string", true, true, false), "email": attr("string", false, true, false),
                "age": attr("number", false, false, false), "born": attr("date", false, true, false),
                "free": attr("json", false, false, false), "big": attr("json", false, true, false),
            } },
            "books": { "attrs": { "title": attr("string", false, false, true) } },
        },
        "links": {
            "bookAuthor": { "forward": { "on": "books", "label": "author", "has": "one", "required": true }, "reverse": { "on": "users", "label": "books", "has": "many" } },
            "userCard": { "forward": { "on": "users", "label": "card", "has": "one" }, "reverse": { "on": "cards", "label": "user", "has": "one" } },
        },
    })
}

async fn refused(store: &Embedded, steps: Value) -> (u16, Value) {
    transact(store, steps).await.unwrap_err().to_wire()
}

#[tokio::test]
async fn a_value_that_is_taken_is_told_with_its_attribute_65() {
    let store = pushed(schema()).await;
    transact(&store, json!([["update", "users", id(1), { "handle": "daniel" }]])).await.unwrap();
    let expected = json!({
        "type": "record-not-unique",
        "message": "`handle` is a unique attribute on `users` and an entity already exists with `users.handle` = \"daniel\"",
        "hint": {
            "record-type": "triple", "attr-id": attr(&store, "users", "handle").await.unwrap().id, "etype": "users",
            "label": "handle", "value": "\"daniel\"",
        },
    });
    assert_eq!(refused(&store, json!([["update", "users", id(2), { "handle": "daniel" }]])).await, (400, expected));
    transact(&store, json!([["update", "users", id(1), { "handle": "daniel" }]])).await.unwrap();
}

#[tokio::test]
async fn a_value_of_an_attribute_made_in_the_same_transaction_is_told_without_its_name() {
    let store = pushed(schema()).await;
    let steps = json!([["update", "new", ["key", "x"], {}], ["update", "new", id(2), { "key": "x" }]]);
    let (_, body) = refused(&store, steps).await;
    assert_eq!((&body["type"], &body["message"]), (&json!("record-not-unique"), &json!("Record not unique: triple")));
}

#[tokio::test]
async fn a_link_of_one_to_one_is_not_stolen_66() {
    let store = pushed(schema()).await;
    transact(&store, json!([["update", "users", id(1), { "card": id(9) }], ["update", "users", id(2), {}]]))
        .await
        .unwrap();
    let (_, body) = refused(&store, json!([["link", "users", id(2), { "card": id(9) }]])).await;
    assert_eq!(
        body["message"],
        json!(format!(
            "`card` is a unique attribute on `users` and an entity already exists with `users.card` = \"{}\"",
            id(9)
        ))
    );
    // Its own end is replaced; what was let go of in the order of ids is free.
    transact(&store, json!([["link", "users", id(1), { "card": id(8) }], ["link", "users", id(2), { "card": id(9) }]]))
        .await
        .unwrap();
    let (_, body) = refused(
        &store,
        json!([["link", "users", id(2), { "card": id(7) }], ["link", "users", id(1), { "card": id(9) }]]),
    )
    .await;
    assert_eq!(body["type"], "record-not-unique");
}

#[tokio::test]
async fn a_value_of_another_type_is_told_with_all_about_it_71() {
    let store = pushed(schema()).await;
    let number = async |label: &str| attr(&store, "users", label).await.unwrap().id;
    let hint = json!({
        "namespace": "users", "attribute": "email", "value": 10, "checked-data-type": "string",
        "attr-id": number("email").await, "entity-id": id(1),
    });
    let expected = json!({
        "type": "validation-failed", "hint": hint,
        "message": "Invalid value type for users.email. Value must be a string but the provided value type is number.",
    });
    assert_eq!(refused(&store, json!([["update", "users", id(1), { "email": 10 }]])).await, (400, expected));
    for (label, value, what) in [
        ("age", json!("10"), "number but the provided value type is string"),
        ("born", json!(true), "date but the provided value type is boolean"),
        ("born", json!("someday"), "date but the provided value type is string"),
        ("email", json!(["x"]), "string but the provided value type is array"),
        ("email", json!({ "a": "x".repeat(100) }), "string"),
    ] {
        let (_, body) = refused(&store, json!([["update", "users", id(1), { label: value }]])).await;
        assert_eq!(body["message"], json!(format!("Invalid value type for users.{label}. Value must be a {what}.")));
    }
    // Null fits everything.
    let nulls = json!({ "email": null, "age": null, "born": null, "handle": null });
    transact(&store, json!([["update", "users", id(1), nulls], ["update", "users", id(2), nulls]])).await.unwrap();
}

#[tokio::test]
async fn what_is_too_large_is_told_by_its_beginning_72() {
    let store = pushed(schema()).await;
    let long = "a".repeat(1_000_000);
    for (label, article, checked) in
        [("email", "an indexed", "string"), ("handle", "a unique", "string"), ("big", "an indexed", "null")]
    {
        let (_, body) = refused(&store, json!([["update", "users", id(1), { label: long }]])).await;
        assert_eq!(body["message"], json!(format!("Value is too large for {article} attribute.")));
        let number = attr(&store, "users", label).await.unwrap().id;
        let hint = json!({
            "namespace": "users", "attribute": label, "value": format!("\"{}...", "a".repeat(63)), "checked-data-type": checked,
            "attr-id": number, "entity-id": id(1), "value-too-large?": true,
        });
        assert_eq!(body["hint"], hint);
    }
    transact(&store, json!([["update", "users", id(1), { "free": long, "email": "é".repeat(506) }]])).await.unwrap();
    let (_, body) = refused(&store, json!([["update", "users", id(1), { "email": "é".repeat(507) }]])).await;
    assert_eq!(body["hint"]["value-too-large?"], true);
}

#[tokio::test]
async fn what_is_missing_is_told_by_record_63() {
    let store = pushed(schema()).await;
    let number = async |label: &str| attr(&store, "books", label).await.unwrap().id;
    let (title, author, book) = (number("title").await, number("author").await, number("id").await);
    let record = |entity: u128, attr: EntityId, label: &str| json!({ "entity_id": id(entity), "attr_id": attr, "etype": "books", "label": label, "is_required": label != "id" });
    let (_, body) = refused(
        &store,
        json!([["create", "books", id(1), {}], ["create", "books", id(2), { "title": null, "author": id(9) }]]),
    )
    .await;
    assert_eq!(
        body["message"],
        json!(format!(
            "Missing required attribute `books/author`: {0}. Missing required attributes `books/title`: {0}, {1}",
            id(1),
            id(2)
        ))
    );
    assert_eq!(
        body["hint"],
        json!({ "records": [record(1, author, "author"), record(1, title, "title"), record(2, title, "title")] })
    );
    // A forward link makes an entity that has nothing, not even an id.
    let (_, body) = refused(&store, json!([["link", "books", id(3), { "author": id(9) }]])).await;
    assert_eq!(body["hint"], json!({ "records": [record(3, book, "id"), record(3, title, "title")] }));
    // At the end of the transaction all is there.
    transact(&store, json!([["create", "books", id(1), { "title": "x" }], ["update", "users", id(9), {}], ["link", "users", id(9), { "books": id(1) }]])).await.unwrap();
    transact(&store, json!([["update", "books", id(1), { "pages": 7 }]])).await.unwrap();
    for steps in [
        json!([["unlink", "books", id(1), { "author": id(9) }]]),
        json!([["unlink", "users", id(9), { "books": id(1) }]]),
        json!([["delete", "users", id(9)]]),
        json!([["update", "books", id(1), { "title": null }]]),
    ] {
        let (_, body) = refused(&store, steps.clone()).await;
        assert_eq!(body["hint"]["records"].as_array().unwrap().len(), 1, "{steps}: {body}");
    }
    transact(&store, json!([["delete", "users", id(9)], ["link", "books", id(1), { "author": id(8) }]])).await.unwrap();
    transact(&store, json!([["delete", "books", id(1)]])).await.unwrap();
}

#[tokio::test]
async fn create_and_upsert_false_tell_each_write_64() {
    let store = pushed(schema()).await;
    transact(&store, json!([["create", "users", id(1), { "handle": "a" }]])).await.unwrap();
    let handle = attr(&store, "users", "handle").await.unwrap().id;
    let (_, body) = refused(
        &store,
        json!([["create", "users", id(1), { "email": "e" }], ["create", "users", ["handle", "a"], {}]]),
    )
    .await;
    let message = format!("Creating entities that exist: {0}, {0}, [#uuid \"{handle}\" \"a\"]", id(1));
    assert_eq!(body["message"], json!(format!("Validation failed for tx-step: {message}")));
    assert_eq!(body["hint"]["errors"], json!([{ "message": message }]));
    let second = &body["hint"]["input"][1];
    let email = attr(&store, "users", "email").await.unwrap().id;
    assert_eq!(
        *second,
        json!({ "op": "add-triple", "eid": id(1), "etype": "users", "aid": email, "value": "e", "rev-etype": null, "opts": { "mode": "create" } })
    );
    let (_, body) =
        refused(&store, json!([["merge", "users", id(2), { "free": { "a": 1 } }, { "upsert": false }]])).await;
    let message = format!("Validation failed for tx-step: Updating entities that don't exist: {0}, {0}", id(2));
    assert_eq!(body["message"], json!(message));
    assert_eq!(body["hint"]["input"][1]["op"], "deep-merge-triple");
    transact(&store, json!([["update", "users", id(2), { "email": "x" }, { "upsert": true }], ["update", "users", ["handle", "a"], {}, { "upsert": false }]])).await.unwrap();
}

#[tokio::test]
async fn the_stores_own_columns_cannot_be_written_76() {
    let store = pushed(schema()).await;
    let file = store.upload("a", "text/plain", bytes::Bytes::from_static(b"a")).await.unwrap();
    let location = attr(&store, "$files", "location-id").await.unwrap().id;
    let (_, body) = refused(&store, json!([["update", "$files", file, { "location-id": "x" }]])).await;
    let message = "$files.location-id is a system column. You aren't allowed to change this directly.";
    assert_eq!(body["message"], json!(format!("Validation failed for tx-step: {message}")));
    assert_eq!(
        body["hint"],
        json!({ "data-type": "tx-step", "input": ["add-triple", file, location, "x", null], "errors": [{ "message": message }] })
    );
    for label in ["size", "url", "content-type", "content-disposition", "key-version"] {
        let (_, body) = refused(&store, json!([["merge", "$files", file, { label: "x" }]])).await;
        assert!(body["message"].as_str().unwrap().contains("is a system column"), "{label}: {body}");
    }
    let (_, body) = refused(&store, json!([["update", "$files", file, { "path": "$stream/x" }]])).await;
    assert_eq!(body["message"], "Validation failed for tx-step: The path for stream files can't be edited.");
    transact(&store, json!([["update", "$files", file, { "path": "b", "isFavorite": true }], ["link", "$files", file, { "owners": id(5) }]])).await.unwrap();
    assert!(refused(&store, json!([["update", "$files", ["path", "nowhere"], { "isFavorite": true }]])).await.1["hint"]["records"].is_array());
    // Admins write users, and make them.
    transact(&store, json!([["update", "$users", id(3), { "email": "a@b.co", "type": "guest" }], ["update", "$users", id(4), {}], ["link", "$users", id(4), { "linkedPrimaryUser": id(3) }]])).await.unwrap();
    transact(&store, json!([["delete", "$users", id(3)]])).await.unwrap();
    assert_eq!(rows(&store, "$users").await, Vec::<Value>::new());
    transact(&store, json!([["delete", "$files", ["path", "b"]]])).await.unwrap();
    assert_eq!(rows(&store, "$files").await, Vec::<Value>::new());
}

#[tokio::test]
async fn too_many_parameters_are_refused_74() {
    let store = pushed(schema()).await;
    let steps =
        |count: u128| -> Value { (0..count).map(|number| json!(["update", "users", id(number), {}])).collect() };
    let (status, body) = refused(&store, steps(100_000)).await;
    assert_eq!((status, &body["type"]), (400, &json!("parameter-limit-exceeded")));
    assert_eq!(body["message"], "There are too many parameters in the transaction or query.");
    assert!(body["hint"]["message"].as_str().unwrap().starts_with("Consider batching"));
    transact(&store, steps(13_000)).await.unwrap();
    assert!(transact(&store, steps(13_108)).await.is_err());
}

#[tokio::test]
async fn null_bytes_are_refused_wherever_they_stand_75() {
    let store = pushed(schema()).await;
    for values in [
        json!({ "free": "Hello\u{0}World" }),
        json!({ "free": [{ "a": ["\u{0}"] }] }),
        json!({ "free": { "\u{0}": 1 } }),
    ] {
        for action in ["update", "merge"] {
            let (status, body) = refused(&store, json!([[action, "users", id(1), values]])).await;
            assert_eq!((status, &body["type"]), (400, &json!("validation-failed")));
            assert_eq!(body["message"], "A value in the transaction contains null bytes, which cannot be stored.");
        }
    }
}

#[tokio::test]
async fn arrays_are_values_77_and_uuids_are_spelled_small() {
    let store = pushed(schema()).await;
    let upper = id(0xabc).to_string().to_uppercase();
    transact(&store, json!([["update", "users", id(1), { "free": [upper, id(2)] }]])).await.unwrap();
    assert_eq!(rows(&store, "users").await[0]["free"], json!([id(0xabc), id(2)]));
    // Also as the value of a lookup.
    transact(
        &store,
        json!([["update", "keys", ["key", upper], {}], ["update", "keys", ["key", id(0xabc)], { "n": 1 }]]),
    )
    .await
    .unwrap();
    assert_eq!(rows(&store, "keys").await.len(), 1);
}

#[tokio::test]
async fn an_app_that_is_read_only_takes_no_writes_and_a_disabled_one_nothing_80() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open_app(dir.path()).await.unwrap();
    transact(&store, json!([["update", "users", id(1), {}]])).await.unwrap();
    store.set_status(AppStatus::ReadOnly).await.unwrap();
    let read_only = json!({ "type": "app-read-only", "message": "This app is in read-only mode.", "hint": { "status": "read-only" } });
    assert_eq!(refused(&store, json!([["update", "users", id(2), {}]])).await, (400, read_only.clone()));
    assert_eq!(store.push_schema(&schema()).await.unwrap_err().to_wire().1, read_only);
    assert_eq!(store.upload("a", "", bytes::Bytes::new()).await.unwrap_err().to_wire().1, read_only);
    assert_eq!(rows(&store, "users").await.len(), 1);
    store.set_status(AppStatus::Disabled).await.unwrap();
    drop(store);
    let store = Embedded::open_app(dir.path()).await.unwrap();
    let disabled = json!({ "type": "app-disabled", "message": "This app is currently disabled.", "hint": { "status": "disabled" } });
    assert_eq!(refused(&store, json!([])).await, (400, disabled.clone()));
    assert_eq!(query(&store, json!({ "users": {} })).await.unwrap_err().to_wire(), (400, disabled));
    store.set_status(AppStatus::Active).await.unwrap();
    transact(&store, json!([["update", "users", id(2), {}]])).await.unwrap();
    assert_eq!(rows(&store, "users").await.len(), 2);
}

#[test]
fn errors_without_a_variant_have_instantdbs_json() {
    let missing = InstantError::param_missing(&["body", "query"]).to_wire();
    assert_eq!(
        missing,
        (
            400,
            json!({ "type": "param-missing", "message": "Missing parameter: [\"body\" \"query\"]", "hint": { "in": ["body", "query"] } })
        )
    );
    let (_, malformed) = InstantError::param_malformed(&["headers", "authorization"], &json!("Bearer x")).to_wire();
    assert_eq!(malformed["message"], "Malformed parameter: [\"headers\" \"authorization\"]");
    assert_eq!(malformed["hint"]["original-input"], "Bearer x");
    let (_, denied) = InstantError::permission_denied("perms-pass?", &json!(["users", "view"])).to_wire();
    assert_eq!(denied["message"], "Permission denied: not perms-pass?");
    let limited = InstantError::RateLimited {
        message: "Your request exceeded the rate limit.".to_owned(),
        retry_after: Some(std::time::Duration::from_millis(1_500)),
    };
    let (status, limited) = limited.to_wire();
    assert_eq!((status, &limited["hint"]["retry-after"]), (429, &json!(2)));
    let timeout = InstantError::Timeout { message: "The query took too long to complete.".to_owned() };
    assert_eq!(timeout.to_wire().0, 429);
    let (status, broken) = InstantError::Corrupt { what: "a secret path".to_owned() }.to_wire();
    assert_eq!(
        (status, &broken["type"], &broken["message"]),
        (500, &json!("unknown"), &json!("Something went wrong. Sorry about this!"))
    );
}
