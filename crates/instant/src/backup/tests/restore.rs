use super::{backed_up, entries, replace, store, text_of, zip_of};
use crate::rows::Component;
use crate::{BackupError, Db, Embedded, Query, Store, Transaction};
use model::{ComponentId, EntityId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

type Break = fn(&mut super::Entries);

/// Everything in a backup that is not of its making, in an order of its own.
fn content(path: &Path) -> BTreeSet<(String, String)> {
    let mut content = BTreeSet::new();
    for (name, bytes) in entries(path) {
        let text = String::from_utf8(bytes).unwrap();
        if name == "config.json" {
            let config: Value = serde_json::from_str(&text).unwrap();
            for part in ["counts", "tripleCount", "schema", "rules", "title"] {
                content.insert((part.to_owned(), sorted(&config[part])));
            }
        } else if name.starts_with("files/") {
            content.insert((name, text));
        } else {
            content.extend(text.lines().map(|line| (name.clone(), sorted(&serde_json::from_str(line).unwrap()))));
        }
    }
    content
}

fn sorted(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}

async fn restored(path: &Path) -> Embedded {
    let store = Embedded::temporary().await.unwrap();
    store.restore(path, false, |_, _| {}).await.unwrap();
    store
}

#[tokio::test]
async fn what_was_restored_is_what_was_backed_up_ids_times_and_bytes_included() {
    let before = store().await;
    before.set_title("Acme").await.unwrap();
    let (_folder, path) = backed_up(&before).await;
    let after = restored(&path).await;
    let (_other, again) = backed_up(&after).await;
    assert_eq!(content(&again), content(&path));
    assert!(content(&path).len() > 10);
    assert_ne!(after.app().id, before.app().id, "an installation keeps its own app id");
    let file = before.query(&Query::from_json(&json!({ "$files": {} }), false).unwrap()).await.unwrap();
    let file = file["$files"][0]["path"].as_str().unwrap();
    assert_eq!(after.download(file).await.unwrap(), before.download(file).await.unwrap());
    // It goes on as any store does.
    let db: Db = Arc::new(after.clone());
    let mut transaction = Transaction::new();
    transaction.create::<Component>(ComponentId::random()).set(Component::KEY, "new".to_owned());
    db.transact(transaction).await.unwrap();
    let newest = db.select::<Component>().newest_first().one().await.unwrap().unwrap();
    assert_eq!(newest.key, "new", "what is made later is later");
    let mut taken = Transaction::new();
    let there = db.select::<Component>().one().await.unwrap().unwrap();
    taken.create::<Component>(ComponentId::random()).set(Component::KEY, there.key);
    assert!(db.transact(taken).await.unwrap_err().is_not_unique());
}

#[tokio::test]
async fn a_large_file_goes_into_a_backup_and_out_of_it_piece_by_piece() {
    let before = Embedded::temporary().await.unwrap();
    let large: Vec<u8> = (0..6_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    before.upload("pictures/large.bin", "image/png", large.clone().into()).await.unwrap();
    let (_folder, path) = backed_up(&before).await;
    let after = restored(&path).await;
    assert_eq!(after.download("pictures/large.bin").await.unwrap().unwrap(), large);
    // Nothing is left aside.
    let blobs = std::fs::read_dir(after.dir().join("blobs")).unwrap();
    assert!(blobs.map(|entry| entry.unwrap().path()).all(|entry| entry.is_dir()));
}

#[tokio::test]
async fn a_store_with_data_is_given_up_only_when_that_is_said() {
    let (_folder, path) = backed_up(&store().await).await;
    let other = store().await;
    let (_other, before) = backed_up(&other).await;
    let refused = other.restore(&path, false, |_, _| {}).await.unwrap_err();
    assert!(refused.to_string().contains("it has 8 entities; restore with --replace"), "{refused}");
    let (_again, after) = backed_up(&other).await;
    assert_eq!(content(&after), content(&before));

    let (id, token) = (other.app().id, other.app().admin_token.clone());
    let mut live = Store::live(&other, Query::of("registry_repositories", crate::Form::default()));
    live.wait_for(Option::is_some).await.unwrap();
    let old = live.borrow().clone();
    let mut told = Vec::new();
    let (sender, receiver) = std::sync::mpsc::channel();
    other
        .restore(&path, true, move |done, total| {
            let _ = sender.send((done, total));
        })
        .await
        .unwrap();
    told.extend(receiver.try_iter());
    assert_eq!(told.last(), Some(&(10, 10)));
    live.wait_for(|now| *now != old).await.unwrap();
    let (_again, after) = backed_up(&other).await;
    assert_eq!(content(&after), content(&path));
    assert_eq!((other.app().id, other.app().admin_token.expose()), (id, token.expose()));
}

#[tokio::test]
async fn a_backup_that_does_not_fit_changes_nothing() {
    let (folder, path) = backed_up(&store().await).await;
    let good = entries(&path);
    let bad = folder.path().join("bad.zip");
    let cases: &[(Break, &str)] = &[
        (
            |zip| replace(text_of(zip, "entities/registry_publications"), "\"seq\":1", "\"seq\":\"1\""),
            "Value must be a number",
        ),
        (
            |zip| replace(text_of(zip, "entities/registry_components"), "/item-1\"", "/item-0\""),
            "`key` is a unique attribute on `registry_components`",
        ),
        (
            |zip| replace(text_of(zip, "entities/registry_publications"), "\"seq\":1", "\"seq\":null"),
            "lacks the required seq",
        ),
        (
            |zip| {
                replace(
                    text_of(zip, "config.json"),
                    "\"hash\":{\"valueType\":\"string\",\"config\":{\"unique\":false",
                    "\"hash\":{\"valueType\":\"string\",\"config\":{\"unique\":true",
                );
            },
            "registry_commits.hash: unique: yes, needed: no",
        ),
        (
            |zip| {
                replace(
                    text_of(zip, "config.json"),
                    "\"registry_components\":{\"attrs\"",
                    "\"registry.components\":{\"attrs\"",
                );
            },
            "is not in the schema",
        ),
        (|zip| drop(zip.pop()), "is missing"),
    ];
    let target = store().await;
    let (_before, before) = backed_up(&target).await;
    for (damage, told) in cases {
        let mut zip = good.clone();
        damage(&mut zip);
        zip_of(&zip, &bad);
        let refused = target.restore(&bad, true, |_, _| {}).await.unwrap_err();
        assert!(matches!(refused, BackupError::Invalid { .. }), "{refused}");
        assert!(refused.to_string().contains(told), "{told}: {refused}");
        let (_after, after) = backed_up(&target).await;
        assert_eq!(content(&after), content(&before), "{told}");
    }
}

/// As InstantDB's own server writes one (`server/dev-resources/zeneca-backup.zip`).
#[tokio::test]
async fn a_backup_of_instantdb_itself_is_restored_with_its_own_namespaces_left_out() {
    let (user, book, shelf) = (EntityId::random(), EntityId::random(), EntityId::random());
    let attr = |value_type: &str, unique: bool| json!({ "valueType": value_type, "config": { "unique": unique, "indexed": unique } });
    let link = |on: &str, label: &str, has: &str, to: &str, back: &str, back_has: &str| json!({ "forward": { "on": on, "label": label, "has": has }, "reverse": { "on": to, "label": back, "has": back_has } });
    let config = json!({
        "counts": { "$users": 1, "books": 1, "bookshelves": 1, "$streams": 1 },
        "tripleCount": 10,
        "schema": {
            "entities": {
                "books": { "attrs": { "title": attr("string", false), "thumbnail": attr("any", false) } },
                "bookshelves": { "attrs": { "name": attr("any", false) } },
                "$streams": { "attrs": { "clientId": attr("string", true) } },
                "$users": { "attrs": { "email": attr("string", true), "nick": attr("string", false) } },
                "$files": { "attrs": { "path": attr("string", true), "url": attr("string", false) } },
            },
            "links": {
                "shelfBooks": link("bookshelves", "books", "many", "books", "bookshelves", "many"),
                "$streams$files": link("$streams", "$files", "many", "$files", "$stream", "one"),
                "$usersLinkedPrimaryUser": { "forward": { "on": "$users", "label": "linkedPrimaryUser", "has": "one", "onDelete": "cascade" }, "reverse": { "on": "$users", "label": "linkedGuestUsers", "has": "many" } },
            },
        },
        "rules": null, "webhooks": [], "emailTemplates": [], "title": "zeneca", "isn": "0/1", "description": "Automated Daily Snapshot",
    });
    let row = |entity: Value| format!("{}\n", json!({ "entity": entity, "createdAt": 1_734_530_360_391_u64 }));
    let zip: super::Entries = [
        ("config.json", config.to_string()),
        ("entities/$users.jsonl", row(json!({ "id": user, "email": "a@b.co", "nick": "ada" }))),
        ("entities/books.jsonl", row(json!({ "id": book, "title": "One", "thumbnail": { "x": [1] } }))),
        ("entities/bookshelves.jsonl", row(json!({ "id": shelf, "books": [book] }))),
        ("entities/$streams.jsonl", row(json!({ "id": EntityId::random(), "clientId": "x" }))),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .to_vec();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeneca.zip");
    zip_of(&zip, &path);
    let store = restored(&path).await;
    let query = json!({ "bookshelves": { "books": {} }, "$users": {} });
    let tree = store.query(&Query::from_json(&query, false).unwrap()).await.unwrap();
    assert_eq!(
        Value::Object(tree),
        json!({
            "bookshelves": [{ "id": shelf, "books": [{ "id": book, "title": "One", "thumbnail": { "x": [1] } }] }],
            "$users": [{ "id": user, "email": "a@b.co", "nick": "ada" }],
        })
    );
    assert_eq!(store.app().title, "zeneca");
    assert!(store.attrs().await.unwrap().iter().any(|attr| attr.namespace() == "registry_components"));
}

#[tokio::test]
async fn a_read_only_store_is_not_restored_into() {
    let (_folder, path) = backed_up(&store().await).await;
    let target = Embedded::temporary().await.unwrap();
    target.set_status(crate::AppStatus::ReadOnly).await.unwrap();
    assert!(target.restore(&path, true, |_, _| {}).await.unwrap_err().to_string().contains("read-only"));
}
