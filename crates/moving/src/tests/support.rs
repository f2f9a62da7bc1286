//! Stores with something in them, and stores that fail.

use async_trait::async_trait;
use bytes::Bytes;
use instant::rows::{
    Alias, Commit, Component, ENTITIES, Event, File, Lease, Package, Publication, Repository, Settings, Snapshot,
    Token, Version,
};
use instant::{
    AppAttr, Db, Embedded, Form, InstantError, Query, Reach, Store, Timestamp, Transaction, Tree, TxId, Upload, Where,
};
use model::{
    CommitId, ComponentId, Digest, EntityId, FileId, PublicationId, RepositoryId, SnapshotId, TokenId, VersionId,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// An empty store.
pub(crate) async fn empty() -> Embedded {
    Embedded::temporary().await.unwrap()
}

pub(crate) async fn put_file(db: &dyn Store, folder: &str, text: &str) -> EntityId {
    let path = format!("registry/{folder}/{}", Digest::of(text.as_bytes()));
    db.upload(&path, "text/plain; charset=utf-8", Bytes::from(text.to_owned())).await.unwrap()
}

/// A store with two repositories, some of everything in each, and this many
/// components.
pub(crate) async fn filled(components: usize) -> Embedded {
    let store = empty().await;
    fill(&store, components).await;
    store
}

pub(crate) async fn fill(store: &Embedded, components: usize) {
    let db: Db = Arc::new(store.clone());
    for (nth, url) in ["https://host.example/ui", "https://host.example/more"].iter().enumerate() {
        repository(&*db, url, nth, components).await;
    }
    let mut transaction = Transaction::new();
    transaction
        .create::<Token>(TokenId::random())
        .set(Token::HASH, "f00".to_owned())
        .set(Token::SCOPES, vec!["read".to_owned(), "sync".to_owned()]);
    transaction.create::<Settings>(EntityId::random()).set(Settings::PUBLIC, true);
    transaction.create::<Event>(EntityId::random()).set(Event::ACTION, "made".to_owned()).set(
        Event::DETAIL,
        json!({ "z": 1, "a": [1.5, null, { "é": "\u{1f600}" }], "big": 9_007_199_254_740_991_u64 }),
    );
    transaction
        .create::<Lease>(EntityId::random())
        .set(Lease::KEY, "sync:x".to_owned())
        .set(Lease::HOLDER, "me".to_owned())
        .set(Lease::BEAT, 1_u64);
    db.transact(transaction).await.unwrap();
}

async fn repository(db: &dyn Store, url: &str, nth: usize, components: usize) {
    let repository = RepositoryId::of_key(url);
    let commit = CommitId::of_key(&format!("{repository}@c0ffee"));
    let list = put_file(db, "snapshots", &format!("[\"{url}\"]")).await;
    let snapshot = SnapshotId::of_key(url);
    let packages = [EntityId::random(), EntityId::random()];
    let mut transaction = Transaction::new();
    transaction
        .create::<Repository>(repository)
        .set(Repository::KEY, format!("{url}#"))
        .set(Repository::URL, url.to_owned())
        .set(Repository::NAME, url.rsplit('/').next().unwrap().to_owned())
        .set(Repository::LAST_SYNCED_AT, Timestamp::from_millis(1_700_000_000_123));
    for (position, id) in packages.into_iter().enumerate() {
        transaction.create::<Package>(id).set(Package::KEY, format!("zod{nth}@{position}"));
    }
    let ids: Vec<ComponentId> = (0..components).map(|n| ComponentId::of_key(&format!("{repository}/{n}"))).collect();
    transaction
        .create::<Commit>(commit)
        .set(Commit::KEY, format!("{repository}@c0ffee"))
        .set(Commit::HASH, "c0ffee".to_owned())
        .link(Commit::REPOSITORY, repository)
        .link_all(Commit::COMPONENTS, ids.clone());
    for (n, id) in ids.iter().enumerate() {
        let text = format!("export const n = {n} // {url}\n");
        let file = put_file(db, "blobs", &text).await;
        let version = VersionId::of_key(&format!("{id}@1"));
        transaction
            .create::<Component>(*id)
            .set(Component::NAME, format!("item-{nth}-{n}"))
            .set(Component::KEY, format!("{repository}/item-{n}"))
            .set(Component::META, json!({ "n": n }))
            .link(Component::REPOSITORY, repository)
            .link_all(Component::DEPENDENCIES, packages)
            .link(Component::REGISTRY_DEPENDENCIES, ids[(n + 1) % ids.len()]);
        transaction
            .create::<Version>(version)
            .set(Version::KEY, format!("{id}@1"))
            .set(Version::MANIFEST, format!("{{\"name\":\"item-{n}\",\"b\":1,\"a\":2}}"))
            .link(Version::COMPONENT, *id)
            .link(Version::COMMIT, commit);
        transaction
            .create::<File>(FileId::of_key(&format!("{id}@1#0")))
            .set(File::KEY, format!("{id}@1#0"))
            .set(File::DIGEST, Digest::of(text.as_bytes()).to_string())
            .set(File::SIZE, text.len() as u64)
            .link(File::VERSION, version)
            .link(File::COMPONENT, *id)
            .link(File::STORAGE, file);
    }
    transaction
        .create::<Alias>(EntityId::random())
        .set(Alias::NAME, format!("old-{nth}"))
        .link(Alias::COMPONENT, ids[0]);
    transaction
        .create::<Snapshot>(snapshot)
        .set(Snapshot::KEY, format!("{repository}@1"))
        .set(Snapshot::COUNT, components as u64)
        .link(Snapshot::REPOSITORY, repository)
        .link(Snapshot::COMMIT, commit)
        .link(Snapshot::LIST, list);
    db.transact_in_chunks(transaction).await.unwrap();
    publish(db, nth as u64 + 1, repository, snapshot).await;
}

pub(crate) async fn publish(db: &dyn Store, seq: u64, repository: RepositoryId, snapshot: SnapshotId) {
    let mut transaction = Transaction::new();
    transaction
        .create::<Publication>(PublicationId::random())
        .set(Publication::SEQ, seq)
        .link(Publication::REPOSITORY, repository)
        .link(Publication::SNAPSHOT, snapshot);
    db.transact(transaction).await.unwrap();
}

/// Everything of ours in a store but leases, with files by path and content, and
/// without what a store adds.
pub(crate) async fn everything(db: &dyn Store) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let files = rows(db, "$files", &[]).await;
    let mut paths = BTreeMap::new();
    for file in files {
        let path = file["path"].as_str().unwrap().to_owned();
        let bytes = db.download(&path).await.unwrap().expect("it has bytes");
        paths.insert(file["id"].clone().to_string(), path.clone());
        all.insert(path, json!([Digest::of(&bytes).to_string(), file["content-type"], file["size"]]));
    }
    for entity in ENTITIES.iter().filter(|entity| !["$files", "registry_leases"].contains(&entity.namespace)) {
        let links: Vec<&str> = entity.links.iter().map(|link| link.forward.label).collect();
        for mut row in rows(db, entity.namespace, &links).await {
            let key = format!("{} {}", entity.namespace, row["id"]);
            let row = row.as_object_mut().unwrap();
            row.retain(|_, value| !value.is_null() && *value != json!([]));
            for link in entity.links {
                if let Some(Value::Array(targets)) = row.get_mut(link.forward.label) {
                    let mut names: Vec<String> = targets
                        .iter()
                        .map(|target| target["id"].to_string())
                        .map(|id| paths.get(&id).cloned().unwrap_or(id))
                        .collect();
                    names.sort();
                    row.insert(link.forward.label.to_owned(), names.into());
                }
            }
            row.sort_keys();
            all.insert(key, Value::Object(row.clone()));
        }
    }
    all
}

async fn rows(db: &dyn Store, namespace: &str, links: &[&str]) -> Vec<Value> {
    let children = links.iter().map(|link| ((*link).to_owned(), Form::default())).collect();
    let mut query = Query::of(namespace, Form { children, ..Form::default() });
    query.inference = false;
    match db.query(&query).await.unwrap().remove(namespace) {
        Some(Value::Array(rows)) => rows,
        other => panic!("{other:?}"),
    }
}

/// Something that happens before each call of a store.
pub(crate) type Before = dyn Fn(Call) -> Result<(), InstantError> + Send + Sync;

/// A call of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Query,
    Transact,
    Upload,
    Download,
    Schema,
}

/// A store in whose way something comes.
pub(crate) struct Troubled {
    pub(crate) store: Embedded,
    pub(crate) before: Box<Before>,
}

/// A store that takes this many writes and then none.
pub(crate) fn failing_after(store: &Embedded, writes: usize) -> Troubled {
    let left = AtomicUsize::new(writes);
    let before = move |call| {
        if !matches!(call, Call::Transact | Call::Upload) {
            return Ok(());
        }
        let taken = left.try_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        taken.map(drop).map_err(|_| InstantError::Unavailable { what: "the cable was cut".to_owned(), source: None })
    };
    Troubled { store: store.clone(), before: Box::new(before) }
}

#[async_trait]
impl Store for Troubled {
    async fn query(&self, query: &Query) -> Result<Tree, InstantError> {
        (self.before)(Call::Query)?;
        self.store.query(query).await
    }

    async fn count(&self, etype: &str, filter: &Where) -> Result<u64, InstantError> {
        self.store.count(etype, filter).await
    }

    async fn transact(&self, transaction: Transaction) -> Result<TxId, InstantError> {
        (self.before)(Call::Transact)?;
        self.store.transact(transaction).await
    }

    async fn upload_all(&self, uploads: Vec<Upload>) -> Result<Vec<EntityId>, InstantError> {
        (self.before)(Call::Upload)?;
        self.store.upload_all(uploads).await
    }

    async fn download_all(&self, paths: &[String]) -> Result<Vec<Option<Bytes>>, InstantError> {
        (self.before)(Call::Download)?;
        self.store.download_all(paths).await
    }

    fn live(&self, query: Query) -> watch::Receiver<Option<Arc<Tree>>> {
        self.store.live(query)
    }

    fn reach(&self) -> watch::Receiver<Reach> {
        self.store.reach()
    }

    async fn attrs(&self) -> Result<Vec<AppAttr>, InstantError> {
        self.store.attrs().await
    }

    async fn push_schema(&self, schema: &Value) -> Result<(), InstantError> {
        (self.before)(Call::Schema)?;
        self.store.push_schema(schema).await
    }

    async fn delete_attrs(&self, ids: &[EntityId]) -> Result<(), InstantError> {
        (self.before)(Call::Schema)?;
        self.store.delete_attrs(ids).await
    }

    async fn rules(&self) -> Result<Option<Value>, InstantError> {
        self.store.rules().await
    }

    async fn replace_rules(&self, code: &Value) -> Result<(), InstantError> {
        (self.before)(Call::Schema)?;
        self.store.replace_rules(code).await
    }
}
