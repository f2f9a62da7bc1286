//! Schema steps as `instant-cli push` sends them (`specs/instantdb-admin-api.md` 10).

use super::*;

/// What the command line sends for a new attribute: without flags, which follow one by one.
fn added(number: u128, etype: &str, label: &str, value_type: Option<&str>) -> Value {
    json!(["add-attr", {
        "forward-identity": [id(number), etype, label], "reverse-identity": null, "inferred-types": null,
        "value-type": "blob", "id": id(number), "cardinality": "one", "index?": false, "required?": false,
        "unique?": false, "catalog": "user", "checked-data-type": value_type,
    }])
}

fn job(action: &str, number: u128) -> Value {
    json!([action, { "attr-id": id(number), "forward-identity": [id(number), "posts", "x"] }])
}

#[tokio::test]
async fn attributes_come_without_flags_and_get_them_one_by_one() {
    let store = empty().await;
    let steps = json!([
        added(1, "posts", "id", None),
        job("unique", 1),
        added(2, "posts", "slug", Some("string")),
        job("unique", 2),
        job("required", 2),
        job("index", 2),
        ["add-attr", {
            "forward-identity": [id(3), "posts", "file"], "reverse-identity": [id(4), "$files", "post"], "inferred-types": null,
            "value-type": "ref", "id": id(3), "cardinality": "one", "index?": false, "required?": false, "unique?": false,
            "catalog": "user", "on-delete": null, "on-delete-reverse": null, "checked-data-type": null,
        }],
        job("unique", 3),
    ]);
    let answer = store.apply_schema_steps(&steps).await.unwrap();
    assert_eq!((&answer["steps"], &answer["indexing-jobs"]), (&steps, &Value::Null));
    assert_eq!(answer["transaction"]["app_id"], json!(store.app().id));
    let slug = attr(&store, "posts", "slug").await.unwrap();
    assert_eq!((slug.id, slug.unique, slug.indexed, slug.required), (id(2), true, true, true));
    assert!(attr(&store, "posts", "file").await.unwrap().unique);
    assert!(attr(&store, "posts", "id").await.unwrap().unique);
    assert!(transact(&store, json!([["create", "posts", id(9), {}]])).await.is_err());
    transact(&store, json!([["create", "posts", id(9), { "slug": "a" }]])).await.unwrap();
    store
        .apply_schema_steps(&json!([
            job("remove-unique", 2),
            job("remove-required", 2),
            job("remove-index", 2),
            job("remove-data-type", 2)
        ]))
        .await
        .unwrap();
    transact(&store, json!([["create", "posts", id(8), { "slug": 7 }], ["create", "posts", id(7), {}]])).await.unwrap();
    let error = store
        .apply_schema_steps(&json!([["check-data-type", { "attr-id": id(2), "checked-data-type": "string" }]]))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Invalid value type for posts.slug. Value must be a string but the provided value type is number."
    );
}

#[tokio::test]
async fn a_renamed_attribute_keeps_its_values_keys_and_links() {
    let store = empty().await;
    transact(
        &store,
        json!([["update", "posts", ["slug", "a"], { "n": 1 }], ["link", "posts", ["slug", "a"], { "tags": id(5) }]]),
    )
    .await
    .unwrap();
    let (slug, tags) = (attr(&store, "posts", "slug").await.unwrap(), attr(&store, "posts", "tags").await.unwrap());
    let renames = json!([
        ["update-attr", { "id": slug.id, "forward-identity": [slug.id, "posts", "name"], "cardinality": "one" }],
        ["update-attr", { "id": tags.id, "forward-identity": [tags.id, "posts", "labels"], "reverse-identity": [tags.id, "tags", "labelled"], "cardinality": "many" }],
    ]);
    store.apply_schema_steps(&renames).await.unwrap();
    let after = attr(&store, "posts", "name").await.unwrap();
    assert_eq!((after.id, after.forward_identity.0), (slug.id, slug.forward_identity.0), "its ids stay");
    assert_eq!(attr(&store, "posts", "slug").await, None);
    transact(&store, json!([["update", "posts", ["name", "a"], { "n": 2 }]])).await.unwrap();
    let tree = query(&store, json!({ "posts": { "labels": {} }, "tags": { "labelled": {} } })).await.unwrap();
    assert_eq!(tree["posts"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&tree["posts"][0]["name"], &tree["posts"][0]["n"], tree["posts"][0].get("slug")),
        (&json!("a"), &json!(2), None)
    );
    assert_eq!(tree["posts"][0]["labels"].as_array().unwrap().len(), 1);
    // A name that is taken stays whose it is.
    let error = store
        .apply_schema_steps(&json!([["update-attr", { "id": slug.id, "forward-identity": [slug.id, "posts", "n"] }]]))
        .await
        .unwrap_err();
    assert_eq!(error.wire_message(), "`n` already exists on `posts`");
    assert_eq!(rows(&store, "posts").await[0]["name"], "a");
    let error = store
        .apply_schema_steps(
            &json!([["update-attr", { "id": slug.id, "forward-identity": [slug.id, "$users", "email"] }]]),
        )
        .await
        .unwrap_err();
    assert_eq!(message(&error), "$users.email is a system column and it already exists.");
    let error = store
        .apply_schema_steps(&json!([["update-attr", { "id": slug.id, "forward-identity": [slug.id, "tags", "name"] }]]))
        .await
        .unwrap_err();
    assert!(message(&error).contains("cannot move values to another namespace"), "{error}");
}

#[tokio::test]
async fn an_update_that_does_not_say_so_ends_a_cascade() {
    let store = empty().await;
    let owner = json!(["add-attr", {
        "id": id(1), "forward-identity": [id(2), "posts", "owner"], "reverse-identity": [id(3), "people", "posts"],
        "value-type": "ref", "cardinality": "one", "unique?": false, "index?": false, "on-delete": "cascade",
    }]);
    store.apply_schema_steps(&json!([owner])).await.unwrap();
    store.apply_schema_steps(&json!([["update-attr", { "id": id(1), "cardinality": "many" }]])).await.unwrap();
    let owner = attr(&store, "posts", "owner").await.unwrap();
    assert_eq!((owner.on_delete, owner.cardinality), (None, crate::AppCardinality::Many));
}

#[tokio::test]
async fn a_deleted_namespace_takes_its_entities_along_in_one_step() {
    let store = empty().await;
    transact(&store, json!([["update", "posts", ["slug", "a"], { "n": 1 }]])).await.unwrap();
    let ids: Vec<Value> = store
        .attrs()
        .await
        .unwrap()
        .iter()
        .filter(|attr| attr.namespace() == "posts")
        .map(|attr| json!(["delete-attr", attr.id]))
        .collect();
    assert_eq!(ids.len(), 3);
    store.apply_schema_steps(&ids.into()).await.unwrap();
    assert!(store.attrs().await.unwrap().iter().all(|attr| attr.namespace() != "posts"));
    transact(&store, json!([["create", "posts", ["slug", "a"], {}]])).await.unwrap();
    assert_eq!(rows(&store, "posts").await.len(), 1);
}

#[tokio::test]
async fn steps_that_do_not_read_change_nothing() {
    let store = empty().await;
    let refusal = async |steps: Value| store.apply_schema_steps(&steps).await.unwrap_err().to_wire();
    assert_eq!(refusal(json!({})).await.1["type"], "param-malformed");
    let (status, body) = refusal(json!([added(1, "posts", "x", None), ["explode", {}]])).await;
    assert_eq!(
        (status, &body["message"], &body["hint"]["errors"][0]["in"]),
        (400, &json!("Validation failed for steps: Unsupported action explode"), &json!([1, 0]))
    );
    assert_eq!(refusal(json!([["add-attr", { "id": 1 }]])).await.1["type"], "validation-failed");
    assert_eq!(refusal(json!([job("unique", 77)])).await.1["type"], "record-not-found");
    assert_eq!(refusal(json!([added(1, "posts", "x", None), job("index", 77)])).await.1["type"], "record-not-found");
    assert_eq!(attr(&store, "posts", "x").await, None);
    let email = attr(&store, "$users", "email").await.unwrap();
    let (_, body) = refusal(json!([["remove-unique", { "attr-id": email.id }]])).await;
    assert_eq!(
        body["message"],
        "Validation failed for attributes: $users.email is a system column and it already exists."
    );
    assert_eq!(store.apply_schema_steps(&json!([])).await.unwrap()["transaction"], json!({}));
}
