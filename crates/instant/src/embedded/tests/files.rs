//! Files, the local table, and the folder itself.

use super::*;
use crate::Db;
use crate::rows::StoredFile;
use bytes::Bytes;
use model::Digest;
use std::time::Duration;

#[tokio::test]
async fn uploading_a_path_again_keeps_the_id_and_changes_the_location_78() {
    let store = store(&[]).await;
    let db: Db = Arc::new(store.clone());
    let first = db.upload("registry/blobs/x", "text/plain", Bytes::from_static(b"one")).await.unwrap();
    let before = db.get::<StoredFile>(first).await.unwrap().unwrap();
    let second = db.upload("registry/blobs/x", "", Bytes::from_static(b"three")).await.unwrap();
    let after = db.get::<StoredFile>(second).await.unwrap().unwrap();
    assert_eq!(first, second);
    assert_ne!(before.location_id, after.location_id);
    assert_eq!((after.size, after.content_type.as_deref()), (5, Some("application/octet-stream")));
    assert_eq!(db.download("registry/blobs/x").await.unwrap().unwrap(), "three");
    assert_eq!(db.download("elsewhere").await.unwrap(), None);
}

#[tokio::test]
async fn only_the_path_of_a_file_can_be_changed_76() {
    let store = store(&[]).await;
    let a = store.upload("a", "text/plain", Bytes::from_static(b"a")).await.unwrap();
    store.upload("b", "text/plain", Bytes::from_static(b"b")).await.unwrap();
    transact(&store, json!([["update", "$files", a, { "path": "c" }]])).await.unwrap();
    assert_eq!(store.download("c").await.unwrap().unwrap(), "a");
    assert!(transact(&store, json!([["update", "$files", a, { "path": "b" }]])).await.unwrap_err().is_not_unique());
    let error = transact(&store, json!([["update", "$files", a, { "location-id": "x" }]])).await.unwrap_err();
    assert_eq!(message(&error), "$files.location-id is a system column. You aren't allowed to change this directly.");
    let error = transact(&store, json!([["update", "$files", id(9), { "path": "z" }]])).await.unwrap_err();
    assert!(matches!(error, InstantError::MissingRequired { .. }), "{error}");
    assert_eq!(error.code(), "validation-failed");
}

#[tokio::test]
async fn equal_bytes_are_kept_once_and_collected_when_nothing_names_them() {
    let store = store(&[]).await;
    let digest = Digest::of(b"same");
    let a = store.upload("a", "text/plain", Bytes::from_static(b"same")).await.unwrap();
    let b = store.upload("b", "text/plain", Bytes::from_static(b"same")).await.unwrap();
    transact(&store, json!([["delete", "$files", a]])).await.unwrap();
    assert_eq!(store.collect_blobs(Duration::ZERO).await.unwrap(), 0);
    assert!(store.verify_blob(digest).await.unwrap());
    transact(&store, json!([["delete", "$files", b]])).await.unwrap();
    assert_eq!(store.collect_blobs(Duration::from_hours(1)).await.unwrap(), 0);
    assert_eq!(store.collect_blobs(Duration::ZERO).await.unwrap(), 1);
    assert!(!store.verify_blob(digest).await.unwrap());
}

#[tokio::test]
async fn damaged_bytes_are_never_handed_out() {
    let store = store(&[]).await;
    store.upload("a", "text/plain", Bytes::from_static(b"good")).await.unwrap();
    let digest = Digest::of(b"good");
    let name = digest.to_string();
    std::fs::write(store.dir().join("blobs").join(&name[..2]).join(&name), b"evil").unwrap();
    assert!(!store.verify_blob(digest).await.unwrap());
    assert!(matches!(store.download("a").await.unwrap_err(), InstantError::Corrupt { .. }));
}

#[tokio::test]
async fn what_was_answered_is_there_after_reopening_and_numbers_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path()).await.unwrap();
    let first = transact(&store, json!([["update", "goals", id(1), { "title": "x" }]])).await.unwrap();
    // What a killed process leaves: database, WAL and blobs as they are now.
    let copy = tempfile::tempdir().unwrap();
    for file in ["registry.sqlite", "registry.sqlite-wal"] {
        std::fs::copy(dir.path().join(file), copy.path().join(file)).unwrap();
    }
    let reopened = Embedded::open(copy.path()).await.unwrap();
    assert_eq!(query(&reopened, json!({ "goals": {} })).await.unwrap()["goals"][0]["title"], "x");
    assert_eq!(*reopened.latest().borrow(), first);
    assert!(transact(&reopened, json!([])).await.unwrap() > first);
}

#[tokio::test]
async fn a_folder_has_one_owner() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path()).await.unwrap();
    assert!(matches!(Embedded::open(dir.path()).await.err(), Some(InstantError::Locked { .. })));
    drop(store);
    Embedded::open(dir.path()).await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_later_version_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(Embedded::open(dir.path()).await.unwrap());
    let connection = rusqlite::Connection::open(dir.path().join("registry.sqlite")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    assert!(matches!(Embedded::open(dir.path()).await.err(), Some(InstantError::Newer { found: 99, known: 2, .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let store = store(&[]).await;
    let mode = std::fs::metadata(store.dir().join("registry.sqlite")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn subscribers_hear_of_commits() {
    let store = store(&[]).await;
    let mut latest = store.latest();
    let tx = transact(&store, json!([["update", "goals", id(1), {}]])).await.unwrap();
    latest.changed().await.unwrap();
    assert_eq!(*latest.borrow(), tx);
}

#[tokio::test]
async fn a_full_disk_is_told_apart_and_leaves_nothing_behind() {
    let store = store(&[]).await;
    let shared = Arc::clone(&store.shared);
    let limit = |pages: i64| {
        let shared = Arc::clone(&shared);
        move || {
            super::super::locked(&shared.writer)
                .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
                .unwrap();
        }
    };
    limit(1)();
    let steps = json!([["update", "goals", id(1), { "text": "x".repeat(1_000_000) }]]);
    let error = transact(&store, steps.clone()).await.unwrap_err();
    assert!(matches!(error, InstantError::DiskFull), "{error}");
    assert_eq!(rows(&store, "goals").await, Vec::<Value>::new());
    limit(1_000_000)();
    transact(&store, steps).await.unwrap();
}

#[tokio::test]
async fn what_an_upload_left_that_was_killed_is_gone_with_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = dir.path().join("blobs");
    std::fs::create_dir(&blobs).unwrap();
    std::fs::write(blobs.join("0.part"), "half of a fi").unwrap();
    let parts = || {
        let files = std::fs::read_dir(&blobs).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "part")).count()
    };
    let store = Embedded::open(dir.path()).await.unwrap();
    assert_eq!(parts(), 0);
    let intake = store.intake().await.unwrap().push("kept".into()).await.unwrap();
    assert!(Embedded::open(dir.path()).await.is_err(), "it is in use");
    assert_eq!(parts(), 1, "and keeps what is on its way");
    intake.finish(crate::FileMeta { path: "a".to_owned(), ..Default::default() }).await.unwrap();
    assert_eq!(store.download("a").await.unwrap().unwrap(), "kept");
}
