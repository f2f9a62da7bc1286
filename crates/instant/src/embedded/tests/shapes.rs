//! What answers look like (`specs/instantdb-admin-api.md` 5.3, 5.4; vectors 7, 60, 62, R2, R11).

use super::*;
use crate::Upload;
use bytes::Bytes;
use futures::TryStreamExt as _;

async fn with_inference(store: &Embedded, asked: Value) -> Value {
    store.query(&Query::from_json(&asked, true).unwrap()).await.map(Value::Object).unwrap()
}

#[tokio::test]
async fn a_has_one_link_is_an_array_an_object_or_an_id_r2() {
    let store = Embedded::temporary().await.unwrap();
    let commit = json!({ "key": "k", "hash": "h", "message": "m", "author": "a", "date": 1 });
    let steps = json!([
        ["create", "registry_repositories", id(1), { "key": "r", "url": "u", "name": "n" }],
        ["create", "registry_commits", id(2), commit],
        ["link", "registry_commits", id(2), { "repository": id(1) }],
        ["create", "registry_commits", id(3), { "key": "l" }],
    ]);
    transact(&store, steps).await.unwrap();
    let asked = json!({ "registry_commits": { "repository": {} } });
    let tree = query(&store, asked.clone()).await.unwrap();
    assert_eq!(tree["registry_commits"][0]["repository"][0]["key"], "r");
    assert_eq!(tree["registry_commits"][1]["repository"], json!([]));
    let tree = with_inference(&store, asked).await;
    assert_eq!(tree["registry_commits"][0]["repository"]["key"], "r");
    assert_eq!(tree["registry_commits"][1]["repository"], Value::Null);
    let tree = query(&store, json!({ "registry_commits": {} })).await.unwrap();
    assert_eq!(tree["registry_commits"][0]["repository"], json!(id(1)));
    assert_eq!(tree["registry_commits"][1].get("repository"), None);
    // What is indexed and unset is null, what is not indexed is absent.
    assert_eq!(
        (&tree["registry_commits"][1]["hash"], tree["registry_commits"][1].get("message")),
        (&Value::Null, None)
    );
}

#[tokio::test]
async fn fields_are_the_id_and_what_is_listed_7() {
    let store = store(BOOKS).await;
    let steps = json!([
        ["create", "users", id(1), { "handle": "stopa", "nick": "s" }],
        ["create", "books", id(2), { "title": "x", "isbn": "i" }],
        ["link", "books", id(2), { "author": id(1) }],
    ]);
    transact(&store, steps).await.unwrap();
    let book = async |fields: Value, child: Value| {
        let mut form = json!({ "$": { "fields": fields } });
        form.as_object_mut().unwrap().extend(child.as_object().unwrap().clone());
        query(&store, json!({ "books": form })).await.unwrap()["books"][0].clone()
    };
    assert_eq!(book(json!(["title", "wat"]), json!({})).await, json!({ "id": id(2), "title": "x" }));
    assert_eq!(book(json!([]), json!({})).await, json!({ "id": id(2) }));
    assert_eq!(book(json!(["author"]), json!({})).await, json!({ "id": id(2), "author": id(1) }));
    let nested = book(json!([]), json!({ "author": { "$": { "fields": ["nick"] } } })).await;
    assert_eq!(nested, json!({ "id": id(2), "author": [{ "id": id(1), "nick": "s" }] }));
    let reverse = query(&store, json!({ "users": { "$": { "fields": ["books"] } } })).await.unwrap();
    assert_eq!(reverse["users"], json!([{ "id": id(1) }]));
}

#[tokio::test]
async fn one_id_in_two_namespaces_is_two_entities_62() {
    let store = store(&[]).await;
    let steps = json!([["create", "novels", id(1), { "title": "t" }], ["create", "authors", id(1), { "name": "n" }]]);
    transact(&store, steps).await.unwrap();
    let tree = query(&store, json!({ "novels": {}, "authors": {} })).await.unwrap();
    assert_eq!(tree, json!({ "novels": [{ "title": "t", "id": id(1) }], "authors": [{ "name": "n", "id": id(1) }] }));
}

#[tokio::test]
async fn lists_behind_links_have_an_order_of_their_own_and_no_limit() {
    let store = store(BOOKS).await;
    let mut steps = vec![json!(["create", "users", id(1), { "handle": "stopa" }])];
    for (number, title) in [(10_u128, "b"), (11, "c"), (12, "a")] {
        steps.push(json!(["create", "books", id(number), { "title": title }]));
        steps.push(json!(["link", "books", id(number), { "author": id(1) }]));
    }
    transact(&store, steps.into()).await.unwrap();
    let titles = async |options: Value| {
        let tree = query(&store, json!({ "users": { "books": { "$": options } } })).await.unwrap();
        let books = tree["users"][0]["books"].as_array().unwrap().clone();
        books.into_iter().map(|book| book["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(json!({})).await, ["b", "c", "a"]);
    // `title` is not indexed; on links that does not matter. `limit` has no effect there.
    assert_eq!(titles(json!({ "order": { "title": "asc" }, "limit": 1 })).await, ["a", "b", "c"]);
    assert_eq!(titles(json!({ "order": { "serverCreatedAt": "desc" } })).await, ["a", "c", "b"]);
    assert_eq!(titles(json!({ "where": { "title": { "$in": ["a", "c"] } } })).await, ["c", "a"]);
    assert_eq!(titles(json!({ "where": { "zippy": 1 } })).await, Vec::<String>::new());
}

#[tokio::test]
async fn files_have_addresses_where_they_are_served_60_r11() {
    let store = Embedded::temporary().await.unwrap();
    let upload = Upload {
        path: "profile.jpg".to_owned(),
        content_type: "image/jpeg".to_owned(),
        bytes: Bytes::from_static(b"1234"),
    };
    let file = store.upload_all(vec![upload]).await.unwrap()[0];
    let steps = json!([
        ["create", "registry_components", id(1), { "name": "button", "key": "k", "type": "registry:ui" }],
        ["create", "registry_files", id(2), { "key": "f", "path": "p", "type": "registry:ui", "digest": "d", "size": 4 }],
        ["link", "registry_files", id(2), { "storage": file, "component": id(1) }],
    ]);
    transact(&store, steps).await.unwrap();
    let files =
        async |options: Value| query(&store, json!({ "$files": { "$": options } })).await.unwrap()["$files"].clone();
    assert_eq!(files(json!({ "fields": ["url"] })).await, json!([{ "id": file }]));
    assert_eq!(files(json!({})).await[0].get("url"), None);

    store.serve_files_at("http://127.0.0.1:8888/");
    let whole = files(json!({})).await[0].clone();
    let location = whole["location-id"].as_str().unwrap().to_owned();
    let url = whole["url"].as_str().unwrap().to_owned();
    let app = store.app().id;
    assert!(url.starts_with(&format!("http://127.0.0.1:8888/_files/{app}/{location}?exp=")), "{url}");
    let expected = json!({
        "id": file, "path": "profile.jpg", "size": 4, "content-type": "image/jpeg", "content-disposition": "inline",
        "location-id": location, "key-version": 1, "url": url,
    });
    assert_eq!(whole, expected);
    assert_eq!(files(json!({ "fields": ["url"] })).await, json!([{ "id": file, "url": url }]));
    assert_eq!(
        files(json!({ "fields": ["url", "location-id"] })).await,
        json!([{ "id": file, "url": url, "location-id": location }])
    );
    assert_eq!(files(json!({ "fields": ["path"] })).await, json!([{ "id": file, "path": "profile.jpg" }]));
    // It is not stored: nothing can be found by it.
    assert_eq!(files(json!({ "where": { "url": url } })).await, json!([]));
    assert_eq!(
        files(json!({ "where": { "size": { "$gt": 3 } }, "order": { "content-type": "asc" } })).await,
        json!([expected])
    );
    let tree = with_inference(&store, json!({ "registry_files": { "storage": {} } })).await;
    assert_eq!(tree["registry_files"][0]["storage"], expected);
    let tree = with_inference(&store, json!({ "$files": { "registryFiles": { "component": {} } } })).await;
    assert_eq!(tree["$files"][0]["registryFiles"][0]["component"]["name"], "button");

    let (_, asked) = url.split_once("?exp=").unwrap();
    let (exp, sig) = asked.split_once("&sig=").unwrap();
    let urls = store.file_urls().unwrap();
    assert_eq!(urls.verify(&app.to_string(), &location, exp.parse().unwrap(), sig, crate::Timestamp::now()), Ok(()));
    let served = store.open_file(&location).await.unwrap().unwrap();
    assert_eq!(
        (served.head.path.as_str(), served.head.content_type.as_str(), served.head.content_disposition.as_str()),
        ("profile.jpg", "image/jpeg", "inline")
    );
    let bytes: Vec<Bytes> = served.into_stream().try_collect().await.unwrap();
    assert_eq!(bytes.concat(), b"1234");
    // Replaced: the id stays, the location does not.
    store.upload("profile.jpg", "", Bytes::from_static(b"5")).await.unwrap();
    assert!(store.open_file(&location).await.unwrap().is_none());
    assert!(store.open_file("elsewhere").await.unwrap().is_none());
}

#[tokio::test]
async fn links_followed_back_and_forth_do_not_multiply_without_end() {
    let store = store(&[]).await;
    let mut steps = Vec::new();
    for number in 0..20 {
        steps.push(json!(["update", "a", id(number), { "n": number }]));
        let all: Vec<EntityId> = (100..120).map(id).collect();
        steps.push(json!(["link", "a", id(number), { "b": all }]));
    }
    transact(&store, steps.into()).await.unwrap();
    let nested = |depth: usize| {
        (0..depth).fold(json!({}), |form, level| json!({ if level % 2 == 0 { "b" } else { "a" }: form }))
    };
    assert!(query(&store, json!({ "a": nested(2) })).await.is_ok());
    let error = query(&store, json!({ "a": { "b": { "a": { "b": { "a": { "b": {} } } } } } })).await.unwrap_err();
    assert_eq!(error.code(), "timeout");
}
