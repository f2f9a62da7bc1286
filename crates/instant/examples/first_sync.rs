//! How long the rows of a first sync of 2,500 components take to write and read:
//! `cargo run --release -p ekairos-instant --example first_sync`.

use bytes::Bytes;
use instant::rows::{Component, File, Package, Repository, Version};
use instant::{Db, Embedded, InstantError, Timestamp, Transaction, Upload};
use model::{ComponentId, Digest, EntityId, FileId, RepositoryId, VersionId};
use std::sync::Arc;
use std::time::Instant;

const COMPONENTS: usize = 2_500;
const FILES: usize = 2_700;
const PACKAGES: usize = 50;

#[tokio::main]
async fn main() -> Result<(), InstantError> {
    let db: Db = Arc::new(Embedded::temporary().await?);
    let repository = RepositoryId::of_key("bench#");

    let uploads: Vec<Upload> = (0..FILES)
        .map(|index| {
            let bytes = Bytes::from(format!("export const n = {index};\n").repeat(60));
            Upload {
                path: format!("registry/blobs/{}", Digest::of(&bytes)),
                content_type: "text/plain".to_owned(),
                bytes,
            }
        })
        .collect();
    let paths: Vec<String> = uploads.iter().map(|upload| upload.path.clone()).collect();
    let started = Instant::now();
    let stored = db.upload_all(uploads).await?;
    println!("upload {FILES} files           {:>8.1?}", started.elapsed());

    let started = Instant::now();
    let transaction = rows(repository, &stored, &paths);
    println!("build {} steps            {:>8.1?}", transaction.len(), started.elapsed());
    let started = Instant::now();
    db.transact_in_chunks(transaction).await?;
    println!("write in chunks              {:>8.1?}", started.elapsed());

    let started = Instant::now();
    let all =
        db.select::<Component>().filter(Component::REPOSITORY.is(repository)).order(Component::KEY.asc()).all().await?;
    println!("read {} components         {:>8.1?}", all.len(), started.elapsed());
    let started = Instant::now();
    let one = db.select::<Component>().filter(Component::NAME.eq("item-1234")).all_with(Component::FILES).await?;
    println!("one component with {} file    {:>8.1?}", one[0].1.len(), started.elapsed());
    let started = Instant::now();
    let page = db.select::<Component>().order(Component::KEY.asc()).limit(50).offset(1_000).all().await?;
    println!("a page of {}                 {:>8.1?}", page.len(), started.elapsed());
    let started = Instant::now();
    let bytes = db.download_all(&paths).await?;
    println!("download {} files          {:>8.1?}", bytes.len(), started.elapsed());
    Ok(())
}

fn rows(repository: RepositoryId, stored: &[EntityId], paths: &[String]) -> Transaction {
    let mut tx = Transaction::new();
    tx.update::<Repository>(repository).set(Repository::KEY, "bench#").set(Repository::NAME, "bench");
    for index in 0..PACKAGES {
        let key = format!("package-{index}@*");
        tx.update::<Package>(EntityId::of_key("registry_packages", &key))
            .set(Package::KEY, key)
            .set(Package::VERSION, "*");
    }
    for index in 0..COMPONENTS {
        let key = format!("{repository}/item-{index}");
        let component = ComponentId::of_key(&key);
        let version_key = format!("{component}@{}", Digest::of(key.as_bytes()));
        let version = VersionId::of_key(&version_key);
        let packages =
            (0..4).map(|n| EntityId::of_key("registry_packages", &format!("package-{}@*", (index + n) % PACKAGES)));
        tx.update::<Component>(component)
            .set(Component::NAME, format!("item-{index}"))
            .set(Component::KEY, key)
            .set(Component::TYPE, "registry:ui")
            .set(Component::TITLE, format!("Item {index}"))
            .link(Component::REPOSITORY, repository)
            .link_all(Component::DEPENDENCIES, packages);
        tx.update::<Version>(version)
            .set(Version::KEY, version_key)
            .set(Version::CREATED_AT, Timestamp::now())
            .set(Version::MANIFEST, "{\"name\":\"item\",\"type\":\"registry:ui\"}".repeat(20))
            .link(Version::COMPONENT, component);
    }
    for (index, storage) in stored.iter().enumerate() {
        let component = ComponentId::of_key(&format!("{repository}/item-{}", index % COMPONENTS));
        let key = format!("{component}#{index}");
        tx.update::<File>(FileId::of_key(&key))
            .set(File::KEY, key)
            .set(File::PATH, paths[index].clone())
            .set(File::SIZE, 1_000_u64)
            .link(File::COMPONENT, component)
            .link(File::STORAGE, *storage);
    }
    tx
}
