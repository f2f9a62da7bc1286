//! The vectors over InstantDB's own test data (fixture Z of
//! `specs/instantdb-admin-api.md` 9.1). The backup is not part of a clone: where
//! it does not lie beside the project and `INSTANT_BACKUP` does not name it,
//! these tests say so and pass; `queries`, `pages` and `paths` keep the same
//! promises on data of our own.

use super::*;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use zip::ZipArchive;

const Z: &[EntityDef] = &[
    EntityDef {
        namespace: "users",
        attrs: &[
            AttrDef::new("handle", ValueType::String).unique().indexed(),
            AttrDef::new("email", ValueType::String).unique().indexed(),
            AttrDef::new("createdAt", ValueType::Date),
            AttrDef::new("fullName", ValueType::String),
        ],
        links: &[LinkDef::new("users", "bookshelves", crate::Cardinality::Many, "bookshelves", "users")],
    },
    EntityDef {
        namespace: "bookshelves",
        attrs: &[
            AttrDef::new("order", ValueType::Number).indexed(),
            AttrDef::new("name", ValueType::Json),
            AttrDef::new("desc", ValueType::Json),
        ],
        links: &[LinkDef::new("bookshelves", "books", crate::Cardinality::Many, "books", "bookshelves")],
    },
    EntityDef {
        namespace: "books",
        attrs: &[
            AttrDef::new("title", ValueType::String).indexed(),
            AttrDef::new("pageCount", ValueType::Number).indexed(),
            AttrDef::new("isbn13", ValueType::String).unique(),
            AttrDef::new("description", ValueType::String),
            AttrDef::new("thumbnail", ValueType::Json),
        ],
        links: &[],
    },
];

type Backup = ZipArchive<std::fs::File>;

fn backup() -> Option<Backup> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/instant-zeneca-backup.zip");
    let path = std::env::var_os("INSTANT_BACKUP").map_or(beside, PathBuf::from);
    if !path.is_file() {
        eprintln!("skipped: InstantDB's backup is not there; INSTANT_BACKUP says where it is");
        return None;
    }
    Some(ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap())
}

/// The rows of one namespace of the backup.
fn entities(backup: &mut Backup, namespace: &str) -> Vec<Value> {
    let mut text = String::new();
    backup.by_name(&format!("entities/{namespace}.jsonl")).unwrap().read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["entity"].clone()).collect()
}

/// The backup in a store: users in the order in which they signed up, as InstantDB's tests have them.
async fn zeneca() -> Option<Embedded> {
    let mut backup = backup()?;
    let store = store(Z).await;
    for (namespace, link) in [("books", ""), ("bookshelves", "books"), ("users", "bookshelves")] {
        let mut rows = entities(&mut backup, namespace);
        rows.sort_by_key(|row| row["createdAt"].as_str().map(str::to_owned));
        // Users one by one, so that their order is told; the rest at once.
        let size = if namespace == "users" { 1 } else { rows.len() };
        for rows in rows.chunks(size) {
            let mut steps = Vec::new();
            for row in rows {
                let mut values = row.as_object().unwrap().clone();
                let id = values.shift_remove("id").unwrap();
                let linked = values.shift_remove(link);
                steps.push(json!(["update", namespace, id, values]));
                steps.extend(linked.map(|linked| json!(["link", namespace, id, { link: linked }])));
            }
            transact(&store, steps.into()).await.unwrap();
        }
    }
    Some(store)
}

/// The handles of the users that the options let through, in order.
async fn handles(store: &Embedded, options: Value) -> Vec<String> {
    let tree = query(store, json!({ "users": { "$": options } })).await.unwrap();
    tree["users"].as_array().unwrap().iter().map(|row| row["handle"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn z_trees_and_fields_4_5_6_7() {
    let Some(store) = zeneca().await else { return };
    assert_eq!(handles(&store, json!({})).await, ["stopa", "joe", "alex", "nicolegf"]);
    let tree = query(&store, json!({ "users": { "bookshelves": {} } })).await.unwrap();
    assert!(tree["users"].as_array().unwrap().iter().all(|user| !user["bookshelves"].as_array().unwrap().is_empty()));
    assert_eq!(query(&store, json!({ "users": { "bookshelves": [] } })).await.unwrap_err().code(), "validation-failed");
    let tree = query(&store, json!({ "users": { "$": { "fields": ["handle"] } } })).await.unwrap();
    for user in tree["users"].as_array().unwrap() {
        assert_eq!(
            user.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>(),
            ["handle", "id"].map(str::to_owned).into()
        );
    }
}

#[tokio::test]
async fn z_wheres_41_to_50() {
    let Some(store) = zeneca().await else { return };
    let musashi = json!({ "bookshelves.books.title": "Musashi" });
    let count = json!({ "bookshelves.books.title": "The Count of Monte Cristo" });
    for (filter, expected) in [
        (json!({ "handle": { "$like": "%moop%" } }), vec![]),
        (json!({ "handle": { "$like": "joe" } }), vec!["joe"]),
        (json!({ "handle": { "$like": "al%" } }), vec!["alex"]),
        (json!({ "bookshelves.books.title": { "$like": "%Monte Cristo" } }), vec!["stopa", "nicolegf"]),
        (
            json!({ "and": [{ "handle": { "$not": "alex" } }, { "handle": { "$not": "nicolegf" } }] }),
            vec!["stopa", "joe"],
        ),
        (json!({ "handle": { "in": ["nobody"] } }), vec![]),
        (json!({ "handle": { "$in": ["joe", "stopa"] } }), vec!["stopa", "joe"]),
        (json!({ "or": [{ "handle": "somebody" }, { "handle": "joe" }, { "handle": "nobody" }] }), vec!["joe"]),
        (json!({ "and": [musashi, count] }), vec!["stopa"]),
        (json!({ "bookshelves.books.title": "Musashi", "and": [count] }), vec!["stopa"]),
        (
            json!({ "and": [{ "or": [{ "handle": "somebody" }, { "handle": "joe" }, { "and": [{ "or": [{ "handle": "stopa" }] }] }] }] }),
            vec!["stopa", "joe"],
        ),
        (
            json!({ "bookshelves.books.title": "The Count of Monte Cristo", "or": [{ "bookshelves.books.title": "Musashi", "email": "stopa@instantdb.com" }, { "handle": "stopa" }] }),
            vec!["stopa"],
        ),
        (json!({ "bookshelves.books.title": "Musashi", "email": "random@example.com" }), vec![]),
        (json!({ "bookshelves.books.title": "Musashi", "email": "stopa@instantdb.com" }), vec!["stopa"]),
        (json!({ "bookshelves.zippy": "x" }), vec![]),
        (
            json!({ "bookshelves": { "$not": "1b27ab60-d8b6-4327-93a2-5e9a296e9f02" } }),
            vec!["stopa", "joe", "alex", "nicolegf"],
        ),
    ] {
        assert_eq!(handles(&store, json!({ "where": filter })).await, expected, "{filter}");
    }
    let shelf = json!({ "users": { "$": { "where": { "handle": "alex" } }, "bookshelves": { "$": { "where": { "name": "Nonfiction", "order": 1 } } } } });
    assert_eq!(query(&store, shelf).await.unwrap()["users"][0]["bookshelves"].as_array().unwrap().len(), 1);
    let error = query(&store, json!({ "users": { "$": { "where": { "bookshelves": "hello" } } } })).await.unwrap_err();
    assert_eq!(message(&error), "Expected bookshelves to be a uuid, got \"hello\"");
    assert_eq!(query(&store, json!({ "zippy": {} })).await.unwrap(), json!({ "zippy": [] }));
    let tree = query(&store, json!({ "users": { "zippy": {} } })).await.unwrap();
    assert!(tree["users"].as_array().unwrap().iter().all(|user| user["zippy"] == json!([])));
    assert_eq!(tree["users"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn z_pages_51_52_53_55_58_59() {
    let Some(store) = zeneca().await else { return };
    let created = |options: Value| {
        let mut options = options;
        options["order"] = json!({ "serverCreatedAt": "desc" });
        options
    };
    assert_eq!(handles(&store, created(json!({ "limit": 2 }))).await, ["nicolegf", "alex"]);
    assert_eq!(handles(&store, created(json!({ "offset": 2 }))).await, ["joe", "stopa"]);
    let shelves = async |handle: &str, options: Value| {
        let asked = json!({ "users": { "$": { "where": { "handle": handle } }, "bookshelves": { "$": options } } });
        query(&store, asked).await.unwrap()["users"][0]["bookshelves"].as_array().unwrap().clone()
    };
    let orders = |shelves: Vec<Value>| shelves.iter().map(|shelf| shelf["order"].as_i64().unwrap()).collect::<Vec<_>>();
    let ascending = orders(shelves("stopa", json!({ "order": { "order": "asc" } })).await);
    assert_eq!(ascending, (0..16).collect::<Vec<_>>());
    let descending = orders(shelves("stopa", json!({ "order": { "order": "desc" } })).await);
    assert_eq!(descending, (0..16).rev().collect::<Vec<_>>());
    let mut four: Vec<Value> = shelves("stopa", json!({})).await[..2].iter().map(|shelf| shelf["id"].clone()).collect();
    for handle in ["alex", "joe"] {
        four.push(shelves(handle, json!({})).await[0]["id"].clone());
    }
    let distinct =
        json!({ "limit": 3, "order": { "serverCreatedAt": "asc" }, "where": { "bookshelves": { "in": four } } });
    assert_eq!(handles(&store, distinct).await, ["stopa", "joe", "alex"]);

    let newest = Query::from_json(&json!({ "users": { "$": created(json!({ "limit": 1 })) } }), false).unwrap();
    let cursor = store.answer(&newest).await.unwrap().meta["page-info"]["users"]["end-cursor"].clone();
    assert_eq!(handles(&store, created(json!({ "after": cursor, "limit": 1 }))).await, ["alex"]);
    assert_eq!(
        handles(&store, created(json!({ "after": cursor, "afterInclusive": true, "limit": 1 }))).await,
        ["nicolegf"]
    );
    assert_eq!(handles(&store, created(json!({ "before": cursor, "limit": 1 }))).await, Vec::<String>::new());
    let first = json!({ "before": cursor, "limit": 1, "order": { "serverCreatedAt": "asc" } });
    assert_eq!(handles(&store, first).await, ["stopa"]);

    let counts = json!({ "users": { "$": { "aggregate": "count" } }, "books": { "$": { "aggregate": "count" } } });
    let answer = store.answer(&Query::from_json(&counts, false).unwrap()).await.unwrap();
    assert_eq!(answer.meta["aggregate"], json!({ "users": { "count": 4 }, "books": { "count": 392 } }));

    for (number, handle, values) in [(0, "first", json!({})), (1, "second", json!({ "email": null }))] {
        let mut values = values;
        values["handle"] = json!(handle);
        let id = EntityId::from_bytes(u128::to_be_bytes(number));
        transact(&store, json!([["create", "users", id, values]])).await.unwrap();
    }
    let mut expected = vec!["first", "second", "alex", "joe", "nicolegf", "stopa"];
    assert_eq!(handles(&store, json!({ "order": { "email": "asc" } })).await, expected);
    expected.reverse();
    assert_eq!(handles(&store, json!({ "order": { "email": "desc" } })).await, expected);
}
