//! Files of earlier formats.

use super::*;
use crate::app_attr::AppCardinality;
use rusqlite::{Connection, params};

/// The tables of format 1, as its program made them.
const FORMAT_1: &str = "
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), tx INTEGER NOT NULL, clock INTEGER NOT NULL);
INSERT INTO meta VALUES (1, 7, 1700000000000);
CREATE TABLE attrs (id INTEGER PRIMARY KEY, definition TEXT NOT NULL);
CREATE TABLE entities (n INTEGER PRIMARY KEY, etype INTEGER NOT NULL, id BLOB NOT NULL, created_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE UNIQUE INDEX entities_id ON entities (etype, id);
CREATE INDEX entities_created ON entities (etype, created_at, id);
CREATE TABLE keys (attr INTEGER NOT NULL, key BLOB NOT NULL, entity BLOB NOT NULL, PRIMARY KEY (attr, key, entity)) WITHOUT ROWID;
CREATE TABLE links (attr INTEGER NOT NULL, source BLOB NOT NULL, target BLOB NOT NULL, PRIMARY KEY (attr, source, target)) WITHOUT ROWID;
CREATE INDEX links_reverse ON links (attr, target, source);
CREATE TABLE blobs (file BLOB PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX blobs_digest ON blobs (digest);
CREATE TABLE local (scope TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, expires_at INTEGER, PRIMARY KEY (scope, key)) WITHOUT ROWID;
CREATE INDEX local_expires ON local (expires_at) WHERE expires_at IS NOT NULL;
PRAGMA user_version = 1;
";

#[tokio::test]
async fn a_file_of_format_1_keeps_its_data_and_its_attributes_get_ids() {
    let dir = tempfile::tempdir().unwrap();
    let connection = Connection::open(dir.path().join("registry.sqlite")).unwrap();
    connection.execute_batch(FORMAT_1).unwrap();
    for (number, definition) in [
        json!({ "etype": "goals", "label": "id" }),
        json!({ "etype": "goals", "label": "title", "type": "string", "unique": true, "indexed": true, "required": true, "system": false }),
        json!({ "etype": "people", "label": "id" }),
        json!({ "etype": "goals", "label": "owner", "reverseEtype": "people", "reverseLabel": "goals", "many": false, "unique": false, "cascade": true, "cascadeReverse": false }),
        json!({ "etype": "goals", "label": "extra", "unique": false, "indexed": false }),
        json!({ "etype": "$users", "label": "id" }),
        json!({ "etype": "$users", "label": "email", "unique": false, "indexed": false }),
        json!({ "etype": "$files", "label": "id" }),
        json!({ "etype": "$files", "label": "path", "type": "string", "unique": true, "indexed": true, "required": true, "system": true }),
    ]
    .into_iter()
    .enumerate()
    {
        let number = i64::try_from(number).unwrap() + 1;
        connection.execute("INSERT INTO attrs VALUES (?1, ?2)", params![number, definition.to_string()]).unwrap();
    }
    for (etype, entity, doc) in [
        (1, id(1), json!({ "title": "moop", "extra": [1] })),
        (3, id(2), json!({})),
        (6, id(4), json!({ "email": "a@b.co" })),
        (8, id(3), json!({ "path": "a/b" })),
    ] {
        connection
            .execute(
                "INSERT INTO entities (etype, id, created_at, doc) VALUES (?1, ?2, 5, ?3)",
                params![etype, entity.as_bytes(), doc.to_string()],
            )
            .unwrap();
    }
    for (attr, entity, text) in [(2, id(1), "moop"), (9, id(3), "a/b")] {
        let key = [b" ", text.as_bytes()].concat();
        connection.execute("INSERT INTO keys VALUES (?1, ?2, ?3)", params![attr, key, entity.as_bytes()]).unwrap();
    }
    connection.execute("INSERT INTO links VALUES (4, ?1, ?2)", params![id(1).as_bytes(), id(2).as_bytes()]).unwrap();
    drop(connection);

    let store = Embedded::open(dir.path()).await.unwrap();
    let tree = query(&store, json!({ "goals": { "$": { "where": { "title": "moop" } }, "owner": {} }, "$files": { "$": { "where": { "path": "a/b" }, "fields": ["path"] } } }))
        .await
        .unwrap();
    assert_eq!(tree["goals"], json!([{ "id": id(1), "title": "moop", "extra": [1], "owner": [{ "id": id(2) }] }]));
    assert_eq!(tree["$files"], json!([{ "id": id(3), "path": "a/b" }]));
    // What a schemaless app made of `$users` is the system's from now on.
    let tree = query(&store, json!({ "$users": { "$": { "where": { "email": { "$like": "a@%" } } } } })).await.unwrap();
    assert_eq!(tree["$users"][0]["id"], json!(id(4)));
    let attrs = store.attrs().await.unwrap();
    let find = |etype: &str, label: &str| {
        attrs.iter().find(|attr| (attr.namespace(), attr.label()) == (etype, label)).cloned().unwrap()
    };
    let title = find("goals", "title");
    assert_eq!(
        (title.checked_data_type.as_deref(), title.unique, title.indexed, title.required),
        (Some("string"), true, true, true)
    );
    let owner = find("goals", "owner");
    assert_eq!(
        (owner.cardinality, owner.unique, owner.on_delete.as_deref()),
        (AppCardinality::One, false, Some("cascade"))
    );
    assert_eq!(find("$files", "path").id.to_string(), "96653230-13ff-ffff-2a34-f04cffffffff");
    assert!(transact(&store, json!([])).await.unwrap() > TxId(7));
    drop(store);
    let store = Embedded::open(dir.path()).await.unwrap();
    assert_eq!(store.attrs().await.unwrap(), attrs);
}
