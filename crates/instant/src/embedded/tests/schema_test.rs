//! Pushing definitions (`specs/instantdb-admin-api.md` 4).

use super::*;
use crate::{AppCardinality, AttrCatalog, PushOptions, RefKeys};

const TYPED: PushOptions = PushOptions { check_types: true, background_updates: false };

fn value(value_type: &str) -> Value {
    json!({ "valueType": value_type, "required": false, "config": { "indexed": false, "unique": false } })
}

fn with(mut attr: Value, flag: &str) -> Value {
    match flag {
        "required" => attr["required"] = true.into(),
        flag => attr["config"][flag] = true.into(),
    }
    attr
}

fn posts(attrs: impl Into<Value>) -> Value {
    json!({ "entities": { "posts": { "attrs": attrs.into() } }, "links": {} })
}

fn link(on: &str, label: &str, has: &str, reverse_on: &str, reverse_label: &str, reverse_has: &str) -> Value {
    json!({
        "forward": { "on": on, "label": label, "has": has },
        "reverse": { "on": reverse_on, "label": reverse_label, "has": reverse_has },
    })
}

fn actions(plan: &Value) -> Vec<String> {
    plan["steps"].as_array().unwrap().iter().map(|step| step[0].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_push_adds_everything_at_once_and_the_same_again_is_nothing() {
    let store = empty().await;
    let schema = super::domain::schema();
    let answer = store.apply_schema(&schema, TYPED).await.unwrap();
    // 5 `id` attributes, 22 with values, 7 links.
    assert_eq!(actions(&answer), vec!["add-attr"; 34]);
    assert!(answer["transaction"]["id"].is_u64());
    assert_eq!(answer["indexing-jobs"], Value::Null);
    let storage = attr(&store, "registry_files", "storage").await.unwrap();
    assert_eq!((storage.cardinality, storage.unique, storage.indexed), (AppCardinality::One, true, false));
    let url = attr(&store, "registry_repositories", "url").await.unwrap();
    assert_eq!(
        (url.unique, url.indexed, url.required, url.checked_data_type.as_deref()),
        (true, true, true, Some("string"))
    );
    let meta = attr(&store, "registry_components", "meta").await.unwrap();
    assert_eq!((meta.checked_data_type, meta.catalog), (None, AttrCatalog::User));
    for options in [
        TYPED,
        PushOptions { check_types: true, background_updates: true },
        PushOptions { check_types: false, background_updates: true },
    ] {
        let again = store.apply_schema(&schema, options).await.unwrap();
        if options.check_types {
            assert_eq!((&again["steps"], &again["transaction"]), (&json!([]), &json!({})));
        }
    }
    store.push_schema(&schema).await.unwrap();
    // Ours is as idempotent.
    let own = store_of_ours().await;
    assert_eq!(own.plan_schema(&crate::schema_json(), TYPED).unwrap()["steps"], json!([]));
}

async fn store_of_ours() -> Embedded {
    store(&[]).await
}

#[tokio::test]
async fn a_plan_shows_both_schemas_and_what_is_between() {
    let store = pushed(posts(json!({ "title": value("string") }))).await;
    let new = posts(json!({ "title": with(value("number"), "indexed"), "body": value("json") }));
    let plan = store.plan_schema(&new, TYPED).unwrap();
    assert_eq!(plan["new-schema"]["blobs"]["posts"]["title"]["id"], Value::Null);
    assert_eq!(plan["new-schema"]["blobs"]["posts"]["title"]["forward-identity"], json!([null, "posts", "title"]));
    let title = attr(&store, "posts", "title").await.unwrap();
    assert_eq!(plan["current-schema"]["blobs"]["posts"]["title"]["id"], json!(title.id));
    assert_eq!(plan["current-attrs"].as_array().unwrap().len(), store.attrs().await.unwrap().len());
    assert_eq!(actions(&plan), ["update-attr", "check-data-type", "add-attr"]);
    assert_eq!(plan["steps"][0][1]["index?"], true);
    assert_eq!(
        plan["steps"][1][1],
        json!({ "attr-id": title.id, "forward-identity": title.forward_identity, "checked-data-type": "number" })
    );
    let plan = store.plan_schema(&new, PushOptions { check_types: false, background_updates: true }).unwrap();
    assert_eq!(actions(&plan), ["index", "add-attr"]);
    let untyped = posts(json!({ "title": value("json") }));
    assert_eq!(actions(&store.plan_schema(&untyped, TYPED).unwrap()), ["remove-data-type"]);
    // Nothing was done.
    assert_eq!(attr(&store, "posts", "title").await.unwrap(), title);
    assert_eq!(attr(&store, "posts", "body").await, None);
}

#[tokio::test]
async fn system_entities_may_be_in_a_push_and_entities_without_attributes_are_dropped() {
    let store = empty().await;
    let schema = json!({
        "entities": {
            "$files": { "attrs": { "path": with(with(value("string"), "unique"), "indexed"), "url": value("string"), "mine": value("string") } },
            "$users": { "attrs": { "email": with(with(value("string"), "unique"), "indexed") } },
            "nothing": { "attrs": {} },
        },
        "links": { "$usersLinkedPrimaryUser": {
            "forward": { "on": "$users", "label": "linkedPrimaryUser", "has": "one", "onDelete": "cascade" },
            "reverse": { "on": "$users", "label": "linkedGuestUsers", "has": "many" },
        } },
        "rooms": {},
    });
    let answer = store.apply_schema(&schema, TYPED).await.unwrap();
    assert_eq!(actions(&answer), ["add-attr"]);
    assert_eq!(answer["steps"][0][1]["forward-identity"][2], "mine");
}

#[tokio::test]
async fn links_that_contradict_what_is_there_are_refused() {
    let store = pushed(json!({
        "entities": { "posts": { "attrs": { "title": value("string") } }, "tags": { "attrs": { "name": value("string") } } },
        "links": { "a": link("posts", "tags", "many", "tags", "posts", "many") },
    }))
    .await;
    let refusal = async |links: Value| {
        let error = store.apply_schema(&json!({ "entities": {}, "links": links }), TYPED).await.unwrap_err();
        let (status, body) = error.to_wire();
        assert_eq!(
            (status, &body["hint"]["data-type"], &body["hint"]["input"]),
            (400, &json!("schema"), &json!("plan"))
        );
        assert_eq!(body["hint"]["errors"][0]["in"], json!(["schema"]));
        body["message"].as_str().unwrap().to_owned()
    };
    let backwards = refusal(json!({ "a": link("tags", "posts", "many", "posts", "tags", "many") })).await;
    assert!(
        backwards.starts_with("Validation failed for schema: tags->posts: Conflicting link found for attribute. "),
        "{backwards}"
    );
    let twice = refusal(json!({ "a": link("posts", "tags", "many", "tags", "other", "many") })).await;
    assert!(
        twice.starts_with("Validation failed for schema: posts->tags: Duplicate entry found for attribute. "),
        "{twice}"
    );
    let twice = refusal(json!({ "a": link("posts", "labels", "many", "tags", "posts", "many") })).await;
    assert!(twice.starts_with("Validation failed for schema: tags->posts: Duplicate entry"), "{twice}");
    let named = refusal(json!({ "a": link("posts", "title", "many", "tags", "titles", "many") })).await;
    assert!(named.starts_with("Validation failed for schema: posts->title: Duplicate entry"), "{named}");
    let mut many = link("posts", "parts", "many", "tags", "wholes", "many");
    many["forward"]["onDelete"] = "cascade".into();
    let cascade = refusal(json!({ "a": many })).await;
    assert!(
        cascade.starts_with(
            "Validation failed for schema: posts->parts: Cascade delete is only possible on links with `has: 'one'`."
        ),
        "{cascade}"
    );
    let mut many = link("posts", "parts", "one", "tags", "wholes", "many");
    many["reverse"]["onDelete"] = "cascade".into();
    assert!(
        refusal(json!({ "a": many })).await.starts_with("Validation failed for schema: tags->wholes: Cascade delete")
    );
    // Two new ones of the same name meet only when they are made.
    let both = json!({ "entities": {}, "links": {
        "a": link("posts", "x", "many", "tags", "y", "many"), "b": link("posts", "z", "many", "tags", "y", "many"),
    } });
    let error = store.apply_schema(&both, TYPED).await.unwrap_err();
    assert_eq!((error.code(), error.wire_message().as_str()), ("record-not-unique", "`y` already exists on `tags`"));
    assert_eq!(attr(&store, "posts", "x").await, None, "a refused push leaves nothing behind");
}

#[tokio::test]
async fn reserved_names_are_refused() {
    let store = empty().await;
    let schema = json!({ "entities": { "$mine": { "attrs": { "x": value("string") } } } });
    let error = store.push_schema(&schema).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Validation failed for attributes: $ is reserved for system tables. You can't create $mine"
    );
    let users = json!({ "entities": { "$users": { "attrs": { "name": with(value("string"), "required") } } } });
    assert!(
        store
            .push_schema(&users)
            .await
            .unwrap_err()
            .wire_message()
            .starts_with("You can't create a required system attribute.")
    );
    for malformed in [json!({ "entities": [] }), json!({ "links": { "a": { "forward": { "on": "x" } } } }), json!(7)] {
        assert_eq!(store.push_schema(&malformed).await.unwrap_err().code(), "validation-failed", "{malformed}");
    }
}

#[tokio::test]
async fn flags_change_only_where_the_data_fits() {
    let store = pushed(posts(json!({ "a": value("json"), "b": value("json") }))).await;
    transact(&store, json!([["update", "posts", id(1), { "a": "x" }], ["update", "posts", id(2), { "a": "x" }], ["update", "posts", id(3), {}]])).await.unwrap();
    let push = async |attr: Value| store.apply_schema(&posts(json!({ "a": attr, "b": value("json") })), TYPED).await;
    let before = store.attrs().await.unwrap();
    for (attr, code, message) in [
        (
            with(value("json"), "unique"),
            "record-not-unique",
            "`a` is a unique attribute on `posts` and an entity already exists with `posts.a` = \"x\"",
        ),
        (
            value("number"),
            "validation-failed",
            "Invalid value type for posts.a. Value must be a number but the provided value type is string.",
        ),
        (
            with(value("json"), "required"),
            "validation-failed",
            "Validation failed for attributes: Can't update attribute `a` to required because `posts` already have entities without it",
        ),
    ] {
        let error = push(attr).await.unwrap_err();
        assert_eq!((error.code(), error.wire_message().as_str()), (code, message));
    }
    let new = posts(json!({ "a": value("json"), "b": value("json"), "c": with(value("json"), "required") }));
    assert_eq!(
        store.apply_schema(&new, TYPED).await.unwrap_err().to_string(),
        "Validation failed for attributes: Can't create attribute `c` as required because `posts` already have entities"
    );
    assert_eq!(store.attrs().await.unwrap(), before);
    transact(&store, json!([["update", "posts", id(1), { "a": "y".repeat(1_013) }]])).await.unwrap();
    let error = push(with(value("string"), "indexed")).await.unwrap_err();
    assert_eq!(error.to_string(), "Value is too large for an indexed attribute.");
    transact(&store, json!([["update", "posts", id(1), { "a": "y" }], ["update", "posts", id(3), { "a": "z" }]]))
        .await
        .unwrap();
    let all = with(with(with(value("string"), "indexed"), "unique"), "required");
    push(all).await.unwrap();
    // From now on it holds, and can be looked up and compared.
    assert!(transact(&store, json!([["update", "posts", id(4), { "a": "z" }]])).await.unwrap_err().is_not_unique());
    assert!(transact(&store, json!([["update", "posts", id(4), {}]])).await.is_err());
    let found =
        query(&store, json!({ "posts": { "$": { "where": { "a": { "$gt": "x" } }, "order": { "a": "desc" } } } }))
            .await
            .unwrap();
    assert_eq!(
        found["posts"].as_array().unwrap().iter().map(|row| row["a"].clone()).collect::<Vec<_>>(),
        [json!("z"), json!("y")]
    );
    transact(&store, json!([["update", "posts", ["a", "z"], { "b": 1 }]])).await.unwrap();
    // And back again.
    push(value("json")).await.unwrap();
    transact(&store, json!([["update", "posts", id(4), { "a": 7 }], ["update", "posts", id(5), { "a": 7 }]]))
        .await
        .unwrap();
    assert_eq!(
        query(&store, json!({ "posts": { "$": { "where": { "a": 7 } } } })).await.unwrap()["posts"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn what_becomes_indexed_is_null_where_it_was_not_given_70() {
    let store = pushed(posts(json!({ "a": with(value("string"), "unique") }))).await;
    transact(&store, json!([["update", "posts", id(1), {}]])).await.unwrap();
    assert_eq!(rows(&store, "posts").await, [json!({ "id": id(1) })]);
    store.push_schema(&posts(json!({ "a": with(with(value("string"), "unique"), "indexed") }))).await.unwrap();
    assert_eq!(rows(&store, "posts").await, [json!({ "id": id(1), "a": null })]);
}

#[tokio::test]
async fn the_instants_of_a_new_date_are_compared() {
    let store = pushed(posts(json!({ "at": with(value("json"), "indexed") }))).await;
    transact(&store, json!([["update", "posts", id(1), { "at": "1970-01-01T00:00:00.002Z" }], ["update", "posts", id(2), { "at": 1 }]])).await.unwrap();
    store.push_schema(&posts(json!({ "at": with(value("date"), "indexed") }))).await.unwrap();
    let found = query(&store, json!({ "posts": { "$": { "order": { "at": "asc" } } } })).await.unwrap();
    assert_eq!((&found["posts"][0]["id"], &found["posts"][1]["id"]), (&json!(id(2)), &json!(id(1))));
}

#[tokio::test]
async fn links_change_only_where_the_data_fits() {
    let schema = |link: Value| json!({ "entities": { "posts": { "attrs": { "n": value("number") } }, "tags": { "attrs": { "n": value("number") } } }, "links": { "a": link } });
    let store = pushed(schema(link("posts", "tags", "many", "tags", "posts", "many"))).await;
    transact(&store, json!([["update", "posts", id(1), { "tags": id(5) }], ["link", "posts", id(1), { "tags": id(6) }], ["update", "posts", id(2), { "tags": id(5) }]])).await.unwrap();
    let error = store.push_schema(&schema(link("posts", "tags", "one", "tags", "posts", "many"))).await.unwrap_err();
    assert_eq!((error.code(), error.wire_message().as_str()), ("record-not-unique", "Record not unique: triple"));
    let error = store.push_schema(&schema(link("posts", "tags", "many", "tags", "posts", "one"))).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`tags` is a unique attribute on `posts` and an entity already exists with `posts.tags` = \"{}\"",
            id(5)
        )
    );
    transact(&store, json!([["unlink", "posts", id(1), { "tags": id(5) }], ["update", "posts", id(3), {}]]))
        .await
        .unwrap();
    let mut one = link("posts", "tags", "one", "tags", "posts", "one");
    one["forward"]["required"] = true.into();
    let error = store.push_schema(&schema(one.clone())).await.unwrap_err();
    assert_eq!(
        message(&error),
        "Can't update attribute `tags` to required because `posts` already have entities without it"
    );
    transact(&store, json!([["delete", "posts", id(3)]])).await.unwrap();
    one["forward"]["onDelete"] = "cascade".into();
    store.push_schema(&schema(one)).await.unwrap();
    transact(&store, json!([["update", "tags", id(5), {}], ["delete", "tags", id(5)]])).await.unwrap();
    assert_eq!(rows(&store, "posts").await.len(), 1);
    store.push_schema(&schema(link("posts", "tags", "many", "tags", "posts", "many"))).await.unwrap();
    transact(&store, json!([["update", "posts", id(9), {}]])).await.unwrap();
}

#[tokio::test]
async fn the_schema_is_shown_in_both_shapes_without_what_is_hidden() {
    let store = pushed(json!({
        "entities": { "posts": { "attrs": { "title": value("string") } } },
        "links": { "a": link("posts", "file", "one", "$files", "posts", "many") },
    }))
    .await;
    let joined = store.schema(RefKeys::Joined);
    assert_eq!(joined["refs"]["posts-file-$files-posts"]["cardinality"], "one");
    let vector = store.schema(RefKeys::Vector);
    let link = &vector["refs"]["[\"posts\" \"file\" \"$files\" \"posts\"]"];
    assert_eq!(link["forward-identity"][1], "posts");
    let posts = &joined["blobs"]["posts"];
    assert_eq!(
        (&posts["title"]["checked-data-type"], &posts["title"]["inferred-types"], &posts["id"]["unique?"]),
        (&json!("string"), &Value::Null, &json!(true))
    );
    let mut files: Vec<&String> = joined["blobs"]["$files"].as_object().unwrap().keys().collect();
    files.sort();
    assert_eq!(files, ["id", "path", "url"]);
    assert_eq!(joined["blobs"]["$files"]["url"]["required?"], true);
    assert_eq!(joined["blobs"]["$files"]["path"]["catalog"], "system");
    assert!(joined["blobs"]["$users"]["email"].is_object());
}
