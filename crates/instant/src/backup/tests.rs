mod restore;

use super::*;
use crate::rows::{Component, File, Publication, Repository, Snapshot};
use crate::{Db, Embedded, Store, Timestamp, Transaction};
use bytes::Bytes;
use model::{ComponentId, Digest, EntityId, FileId, PublicationId, RepositoryId, SnapshotId};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A store with two components, two files and a publication.
async fn store() -> Embedded {
    let store = Embedded::temporary().await.unwrap();
    let db: Db = Arc::new(store.clone());
    let mut files = Vec::new();
    let settings = Digest::of(b"settings");
    for text in ["export const a = 1\n", "[{\"item\":\"button\"}]"] {
        let path = if text.starts_with('[') {
            let digest = Digest::of_parts([settings.as_bytes().as_slice(), text.as_bytes()]);
            format!("registry/snapshots/{digest}")
        } else {
            format!("registry/blobs/{}", Digest::of(text.as_bytes()))
        };
        files.push(db.upload(&path, "text/plain", Bytes::from_static(text.as_bytes())).await.unwrap());
    }
    let (repository, snapshot) = (RepositoryId::random(), SnapshotId::random());
    let mut transaction = Transaction::new();
    transaction
        .create::<Repository>(repository)
        .set(Repository::KEY, "https://host/ui#".to_owned())
        .set(Repository::LAST_SYNCED_AT, Timestamp::from_millis(1_700_000_000_000));
    let ids = [ComponentId::random(), ComponentId::random()];
    for (nth, id) in ids.into_iter().enumerate() {
        transaction
            .create::<Component>(id)
            .set(Component::KEY, format!("{repository}/item-{nth}"))
            .set(Component::META, json!({ "b": [1, 2.5, null], "a": "é\u{1f600}" }))
            .link(Component::REPOSITORY, repository)
            .link_all(Component::REGISTRY_DEPENDENCIES, ids);
    }
    transaction
        .create::<File>(FileId::random())
        .set(File::KEY, "x#0".to_owned())
        .set(File::SIZE, 19_u64)
        .link(File::COMPONENT, ids[0])
        .link(File::STORAGE, files[0]);
    transaction
        .create::<Snapshot>(snapshot)
        .set(Snapshot::KEY, format!("{repository}@x"))
        .set(Snapshot::SETTINGS_DIGEST, settings.to_string())
        .link(Snapshot::REPOSITORY, repository)
        .link(Snapshot::LIST, files[1]);
    transaction
        .create::<Publication>(PublicationId::random())
        .set(Publication::SEQ, 1_u64)
        .link(Publication::REPOSITORY, repository)
        .link(Publication::SNAPSHOT, snapshot);
    db.transact(transaction).await.unwrap();
    store.replace_rules(&json!({ "todos": { "allow": { "view": "true" } } })).await.unwrap();
    store
}

async fn backed_up(store: &Embedded) -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.zip");
    store.backup(&path, false, |_, _| {}).await.unwrap();
    (folder, path)
}

/// The entries of a zip, in its order.
fn entries(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut entries = Vec::new();
    for place in 0..zip.len() {
        let mut entry = zip.by_index(place).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        entries.push((entry.name().unwrap().into_owned(), bytes));
    }
    entries
}

fn zip_of(entries: &[(String, Vec<u8>)], path: &Path) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in entries {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[tokio::test]
async fn a_backup_is_what_instantdb_writes() {
    let (_folder, path) = backed_up(&store().await).await;
    let entries = entries(&path);
    let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[0], "config.json");
    let entities: Vec<&str> =
        names[1..].iter().filter_map(|name| name.strip_prefix("entities/")?.strip_suffix(".jsonl")).collect();
    assert_eq!(
        entities,
        [
            "$files",
            "registry_components",
            "registry_files",
            "registry_publications",
            "registry_repositories",
            "registry_snapshots"
        ]
    );
    assert!(names[1 + entities.len()..].iter().all(|name| name.starts_with("files/")), "{names:?}");

    let config: Value = serde_json::from_slice(&entries[0].1).unwrap();
    assert_eq!(config["counts"]["registry_components"], 2);
    assert_eq!(config["rules"], json!({ "todos": { "allow": { "view": "true" } } }));
    assert_eq!(
        config["schema"]["entities"]["registry_components"]["attrs"]["meta"],
        json!({ "valueType": "any", "config": { "unique": false, "indexed": false } })
    );
    assert_eq!(
        config["schema"]["entities"]["registry_publications"]["attrs"]["seq"],
        json!({ "valueType": "number", "config": { "unique": true, "indexed": true }, "required": true })
    );
    assert_eq!(config["schema"]["entities"]["$files"]["attrs"].as_object().unwrap().len(), 2);
    assert_eq!(
        config["schema"]["links"]["registry_components_repository"],
        json!({
            "forward": { "on": "registry_components", "label": "repository", "has": "one", "onDelete": "cascade" },
            "reverse": { "on": "registry_repositories", "label": "components", "has": "many" },
        })
    );
    let row: Value = entries
        .iter()
        .find(|(name, _)| name == "entities/registry_components.jsonl")
        .and_then(|(_, lines)| serde_json::from_slice(lines.split(|byte| *byte == b'\n').next().unwrap()).ok())
        .unwrap();
    assert!(row["createdAt"].as_i64().unwrap() > 0);
    assert!(row["entity"]["repository"].is_string());
    assert_eq!(row["entity"]["registryDependencies"].as_array().unwrap().len(), 2);
    assert_eq!(row["entity"]["meta"], json!({ "b": [1, 2.5, null], "a": "é\u{1f600}" }));
    assert_eq!(row["entity"]["name"], Value::Null, "an indexed attribute without a value is null");
}

#[tokio::test]
async fn a_backup_is_for_its_owner_alone_and_replaces_nothing_by_itself() {
    let store = store().await;
    let (folder, path) = backed_up(&store).await;
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777,
        0o600
    );
    let before = std::fs::read(&path).unwrap();
    let refused = store.backup(&path, false, |_, _| {}).await.unwrap_err();
    assert!(matches!(refused, BackupError::Exists(_)), "{refused}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    // What a killed process left is in nobody's way.
    std::fs::write(folder.path().join("backup.zip.backup-part"), b"half").unwrap();
    // What someone else began is not touched.
    let download = folder.path().join("backup.zip.part");
    std::fs::write(&download, b"half of a download").unwrap();
    let summary = store.backup(&path, true, |_, _| {}).await.unwrap();
    assert_eq!(std::fs::read(&download).unwrap(), b"half of a download");
    std::fs::remove_file(&download).unwrap();
    assert_eq!(check(&path).unwrap(), summary);
    assert_eq!(summary.files, 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_leaves_nothing() {
    let store = store().await;
    let folder = tempfile::tempdir().unwrap();
    let nowhere = store.backup(folder.path().join("no/such/folder/x.zip"), false, |_, _| {}).await.unwrap_err();
    assert!(nowhere.to_string().contains("no/such/folder"), "{nowhere}");
    // A blob that is not what its name says is noticed before it is kept.
    let blob = walk(store.dir().join("blobs").as_path()).remove(0);
    std::fs::write(&blob, b"other").unwrap();
    let damaged = store.backup(folder.path().join("x.zip"), false, |_, _| {}).await.unwrap_err();
    assert!(damaged.to_string().contains("damaged"), "{damaged}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_backup_that_is_cut_off_or_changed_anywhere_is_refused() {
    let (folder, path) = backed_up(&store().await).await;
    let whole = std::fs::read(&path).unwrap();
    let other = folder.path().join("other.zip");
    let step = whole.len() / 97 + 1;
    for cut in (0..whole.len()).step_by(step) {
        std::fs::write(&other, &whole[..cut]).unwrap();
        assert!(matches!(check(&other), Err(BackupError::Invalid { .. })), "cut off at {cut}");
    }
    let mut noticed = 0;
    for place in (0..whole.len()).step_by(step) {
        let mut changed = whole.clone();
        changed[place] ^= 0x55;
        std::fs::write(&other, &changed).unwrap();
        // A few bytes mean nothing: dates, for one.
        noticed += usize::from(check(&other).is_err());
    }
    assert!(noticed > 60, "{noticed}");
}

type Entries = Vec<(String, Vec<u8>)>;
type Break = fn(&mut Entries);

fn text_of<'a>(entries: &'a mut Entries, name: &str) -> &'a mut Vec<u8> {
    &mut entries.iter_mut().find(|(entry, _)| entry.starts_with(name)).expect("it is there").1
}

fn replace(bytes: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(std::mem::take(bytes)).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    *bytes = text.replacen(from, to, 1).into_bytes();
}

#[tokio::test]
async fn what_is_no_backup_is_refused_with_the_place_and_the_reason() {
    let (folder, path) = backed_up(&store().await).await;
    let good = entries(&path);
    let other = folder.path().join("other.zip");
    zip_of(&good, &other);
    check(&other).unwrap();
    let cases: &[(Break, &str)] = &[
        (|zip| drop(zip.remove(0)), "instead of \"config.json\""),
        (|zip| zip.swap(0, 1), "instead of \"config.json\""),
        (|zip| zip.push(("../../etc/passwd".to_owned(), vec![])), "\"../../etc/passwd\" is none of a backup"),
        (|zip| zip.push(("files/not-a-uuid".to_owned(), vec![])), "is none of a backup"),
        (|zip| zip.push(("entities/a/b.jsonl".to_owned(), vec![])), "is none of a backup"),
        (|zip| zip.push((format!("files/{}", EntityId::random()), vec![])), "belongs to no row"),
        (|zip| drop(zip.pop()), "is missing, the file registry/"),
        (|zip| *text_of(zip, "config.json") = b"[]".to_vec(), "config.json is not that of a backup"),
        (|zip| *text_of(zip, "config.json") = b"{\"schema\":".to_vec(), "config.json is not that of a backup"),
        (
            |zip| replace(text_of(zip, "config.json"), "\"registry_components\":2", "\"registry_components\":3"),
            "tells of 3 entities of registry_components, and there are 2",
        ),
        (
            |zip| replace(text_of(zip, "config.json"), "\"seq\":", "\"sequence\":"),
            "registry_publications.seq is not in the schema",
        ),
        (
            |zip| replace(text_of(zip, "entities/registry_components"), "\"createdAt\"", "\"at\""),
            "line 1: it is no entity",
        ),
        (
            |zip| replace(text_of(zip, "entities/registry_components"), "{\"entity\"", "\"entity\""),
            "line 1: it is no entity",
        ),
        (|zip| replace(text_of(zip, "entities/registry_components"), "\"id\":\"", "\"id\":\"x"), "is no id"),
        (
            |zip| replace(text_of(zip, "entities/registry_components"), "\"repository\":\"", "\"repository\":\"x"),
            "is no id to link to",
        ),
        (
            |zip| {
                let lines = text_of(zip, "entities/registry_components");
                let first = lines.split_inclusive(|byte| *byte == b'\n').next().unwrap().to_vec();
                *lines = [first.clone(), first].concat();
            },
            "line 2: the id",
        ),
        (
            |zip| {
                let lines = text_of(zip, "entities/registry_repositories");
                let mut row: Value = serde_json::from_slice(lines).unwrap();
                row["entity"]["id"] = EntityId::random().to_string().into();
                *lines = row.to_string().into_bytes();
            },
            "leads to registry_repositories",
        ),
        (
            |zip| zip.iter_mut().filter(|(_, bytes)| bytes.starts_with(b"export")).for_each(|(_, bytes)| bytes[0] ^= 1),
            "does not have the content that its path registry/blobs/",
        ),
        (
            |zip| zip.iter_mut().filter(|(_, bytes)| bytes.starts_with(b"[{")).for_each(|(_, bytes)| bytes[3] ^= 1),
            "does not have the content that its path registry/snapshots/",
        ),
        (
            |zip| zip.iter_mut().filter(|(name, _)| name.starts_with("files/")).for_each(|(_, bytes)| bytes.push(1)),
            "bytes that its row says",
        ),
        (|zip| replace(text_of(zip, "entities/$files"), "\"path\"", "\"name\""), "lacks its path, size or location-id"),
    ];
    for (damage, told) in cases {
        let mut bad = good.clone();
        damage(&mut bad);
        zip_of(&bad, &other);
        let refused = check(&other).expect_err(told).to_string();
        assert!(refused.contains(told) && refused.contains("Nothing was changed"), "{told}: {refused}");
    }
    std::fs::write(&other, b"hello").unwrap();
    assert!(check(&other).unwrap_err().to_string().contains("not a whole zip file"));
    assert!(check(&folder.path().join("nothing.zip")).unwrap_err().to_string().contains("nothing.zip"));
}

#[tokio::test]
async fn a_file_that_unpacks_to_more_than_its_row_says_is_not_unpacked() {
    let (folder, path) = backed_up(&store().await).await;
    let mut bomb = entries(&path);
    let zeros = vec![0; 32 * 1024 * 1024];
    bomb.iter_mut().filter(|(name, _)| name.starts_with("files/")).for_each(|(_, bytes)| bytes.clone_from(&zeros));
    let other = folder.path().join("bomb.zip");
    zip_of(&bomb, &other);
    assert!(check(&other).unwrap_err().to_string().contains("bytes that its row says"));
}
