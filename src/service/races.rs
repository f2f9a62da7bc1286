//! Several servers over one store, and a store that fails and loses answers:
//! whatever happens, one name is one component's.

use super::{
    NewComponent, RegistryService, ServiceError,
    lease::{Lease, Watched, held},
    projection,
};
use crate::{
    auth::{Access, Admin},
    catalog::Catalog,
    config::{Config, Flags},
    data::DataFolder,
    tenants::{Tenant, Tenants},
};
use async_trait::async_trait;
use bytes::Bytes;
use instant::{
    AppAttr, Db, Embedded, InstantError, Local, Query, Reach, Store, Timestamp, Transaction, Tree, TxId, Upload, Where,
    rows,
};
use model::{EntityId, OrganisationId};
use proptest::test_runner::{RngAlgorithm, TestRng};
use rand::Rng as _;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};
use tempfile::TempDir;
use tokio::sync::watch;

/// A store that fails when it is told to.
struct Faulty {
    store: Embedded,
    chance: Mutex<TestRng>,
    /// How many of a thousand transactions fail before they are carried out, and
    /// how many of whose answers are lost.
    trouble: AtomicU32,
    away: AtomicBool,
    reach: watch::Sender<Reach>,
}

impl Faulty {
    fn over(store: &Embedded, seed: u8) -> Arc<Self> {
        Arc::new(Self {
            store: store.clone(),
            chance: Mutex::new(TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32])),
            trouble: AtomicU32::new(0),
            away: AtomicBool::new(false),
            reach: watch::Sender::new(Reach::Up),
        })
    }

    fn go_away(&self) {
        self.away.store(true, Ordering::SeqCst);
        self.reach.send_replace(Reach::Down { since: Timestamp::now(), why: "it was unplugged".to_owned() });
    }

    fn come_back(&self) {
        self.away.store(false, Ordering::SeqCst);
        self.reach.send_replace(Reach::Up);
    }

    fn unavailable() -> InstantError {
        InstantError::Unavailable { what: "unplugged".to_owned(), source: None }
    }

    fn check(&self) -> Result<(), InstantError> {
        if self.away.load(Ordering::SeqCst) { Err(Self::unavailable()) } else { Ok(()) }
    }

    fn strikes(&self) -> bool {
        let chance = self.chance.lock().unwrap().next_u32() % 1000;
        chance < self.trouble.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Store for Faulty {
    async fn query(&self, query: &Query) -> Result<Tree, InstantError> {
        self.check()?;
        self.store.query(query).await
    }

    async fn count(&self, etype: &str, filter: &Where) -> Result<u64, InstantError> {
        self.check()?;
        self.store.count(etype, filter).await
    }

    async fn transact(&self, transaction: Transaction) -> Result<TxId, InstantError> {
        self.check()?;
        if self.strikes() {
            return Err(Self::unavailable());
        }
        let done = self.store.transact(transaction).await?;
        if self.strikes() { Err(Self::unavailable()) } else { Ok(done) }
    }

    async fn upload_all(&self, uploads: Vec<Upload>) -> Result<Vec<EntityId>, InstantError> {
        self.check()?;
        self.store.upload_all(uploads).await
    }

    async fn download_all(&self, paths: &[String]) -> Result<Vec<Option<Bytes>>, InstantError> {
        self.check()?;
        self.store.download_all(paths).await
    }

    fn live(&self, query: Query) -> watch::Receiver<Option<Arc<Tree>>> {
        self.store.live(query)
    }

    fn reach(&self) -> watch::Receiver<Reach> {
        self.reach.subscribe()
    }

    async fn attrs(&self) -> Result<Vec<AppAttr>, InstantError> {
        self.store.attrs().await
    }

    async fn push_schema(&self, schema: &Value) -> Result<(), InstantError> {
        self.store.push_schema(schema).await
    }

    async fn delete_attrs(&self, ids: &[EntityId]) -> Result<(), InstantError> {
        self.store.delete_attrs(ids).await
    }

    async fn rules(&self) -> Result<Option<Value>, InstantError> {
        self.store.rules().await
    }

    async fn replace_rules(&self, code: &Value) -> Result<(), InstantError> {
        self.store.replace_rules(code).await
    }
}

/// One server of several.
struct Server {
    service: RegistryService,
    access: Access<Admin>,
    store: Arc<Faulty>,
    _folder: TempDir,
}

impl Server {
    async fn over(store: &Embedded, seed: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Faulty::over(store, seed);
        let flags = Flags { data: Some(folder.path().to_owned()), ..Flags::default() };
        let config = Arc::new(Config::load(&flags).unwrap());
        let data = DataFolder::at(folder.path()).unwrap();
        let organisation = OrganisationId::local();
        let db: Db = store.clone();
        let tenant = Tenant::new(organisation.clone(), db, Local::temporary().await.unwrap(), data.clone());
        let http = net::TenantClient::new("".parse().unwrap()).unwrap();
        let service = RegistryService::new(Tenants::local(tenant), config, data, http, "http://localhost");
        let access = Access::operator(organisation);
        service.begin(&service.tenant(&access).unwrap()).await.unwrap();
        Self { service, access, store, _folder: folder }
    }

    fn tenant(&self) -> Arc<Tenant> {
        self.service.tenant(&self.access).unwrap()
    }

    fn catalog(&self) -> Arc<Catalog> {
        self.tenant().catalog.load_full()
    }

    async fn create(&self, name: &str, content: &str) -> Result<(), ServiceError> {
        let file = json!({ "path": format!("ui/{name}.tsx"), "type": "registry:ui", "content": content });
        let item = json!({ "name": name, "type": "registry:ui", "files": [file] });
        self.service.create_component(&self.access, NewComponent(item)).await.map(drop)
    }
}

async fn servers(store: &Embedded, many: u8) -> Vec<Server> {
    let mut servers = Vec::new();
    for nth in 0..many {
        servers.push(Server::over(store, nth).await);
    }
    servers
}

fn names(catalog: &Catalog) -> Vec<String> {
    let mut names: Vec<String> = catalog.entries().iter().map(|entry| entry.name.to_string()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_servers_that_make_one_component_at_once_one_succeeds() {
    let store = Embedded::temporary().await.unwrap();
    let servers = servers(&store, 3).await;
    for round in 0..5 {
        let name = format!("button-{round}");
        let made = futures::future::join_all(servers.iter().map(|server| server.create(&name, "x"))).await;
        let succeeded = made.iter().filter(|made| made.is_ok()).count();
        assert_eq!(succeeded, 1, "{made:?}");
        for refused in made.into_iter().filter_map(Result::err) {
            assert!(matches!(refused, ServiceError::Conflict(_)), "{refused}");
        }
    }
    let expected: Vec<String> = (0..5).map(|round| format!("button-{round}")).collect();
    for server in &servers {
        server.service.refresh(&server.tenant()).await.unwrap();
        assert_eq!(names(&server.catalog()), expected);
    }
}

/// What must hold whatever happened.
async fn check(store: &Embedded, servers: &[Server], told: &BTreeSet<String>) {
    let db: Db = Arc::new(store.clone());
    let rows = db.select::<rows::Publication>().order(rows::Publication::SEQ.asc()).pages().await.unwrap();
    let numbers: Vec<u64> = rows.iter().map(|row| row.seq).collect();
    assert_eq!(numbers, (1..=rows.len() as u64).collect::<Vec<_>>(), "the sequence has no gaps");
    let attempts: BTreeSet<&str> = rows.iter().map(|row| row.attempt.as_str()).collect();
    assert_eq!(attempts.len(), rows.len(), "no attempt was made twice");
    let mut served = Vec::new();
    for server in servers {
        server.service.refresh(&server.tenant()).await.unwrap();
        served.push(names(&server.catalog()));
    }
    for other in &served {
        assert_eq!(*other, served[0], "all servers serve the same");
    }
    for name in told {
        assert!(served[0].contains(name), "{name} was told to be published");
    }
    let repositories = db.select::<rows::Repository>().pages().await.unwrap();
    for repository in repositories {
        projection::repair(&servers[0].tenant(), repository.id).await.unwrap();
    }
    let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in db.select::<rows::Component>().pages().await.unwrap() {
        if let Some(name) = row.name.filter(|_| row.removed_at.is_none()) {
            by_name.entry(name).or_default().push(row.key);
        }
    }
    assert_eq!(by_name.keys().cloned().collect::<Vec<_>>(), served[0], "rows are those of what is current");
    assert!(by_name.values().all(|keys| keys.len() == 1), "{by_name:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_whose_store_fails_and_loses_answers_agree_in_the_end() {
    let store = Embedded::temporary().await.unwrap();
    let servers = servers(&store, 3).await;
    for server in &servers {
        server.store.trouble.store(60, Ordering::SeqCst);
    }
    let told = Mutex::new(BTreeSet::new());
    let work = servers.iter().enumerate().map(async |(nth, server)| {
        for round in 0..8 {
            // Of four names, each server makes three.
            let name = format!("piece-{}", (round + nth) % 4 + 4 * (round / 4));
            if server.create(&name, &format!("{nth} {round}\n")).await.is_ok() {
                told.lock().unwrap().insert(name);
            }
        }
    });
    futures::future::join_all(work).await;
    for server in &servers {
        server.store.trouble.store(0, Ordering::SeqCst);
    }
    check(&store, &servers, &told.into_inner().unwrap()).await;
}

#[tokio::test]
async fn a_lease_is_held_by_one_server_until_it_is_given_back() {
    let store = Embedded::temporary().await.unwrap();
    let servers = servers(&store, 2).await;
    let [one, other] = servers.as_slice() else { unreachable!("two were made") };
    let (mut seen, key) = (Watched::default(), "sync:x");
    let lease = Lease::attempt(&one.tenant(), key, &mut Watched::default()).await.unwrap().unwrap();
    for _ in 0..3 {
        assert!(Lease::attempt(&other.tenant(), key, &mut seen).await.unwrap().is_none());
    }
    assert!(!lease.is_lost());
    lease.release().await.unwrap();
    Lease::attempt(&other.tenant(), key, &mut seen).await.unwrap().unwrap().release().await.unwrap();
    assert!(held(&one.tenant(), key).await.unwrap().is_none());
}

#[tokio::test]
async fn a_lease_that_an_earlier_process_left_is_taken_at_once() {
    let store = Embedded::temporary().await.unwrap();
    let server = Server::over(&store, 0).await;
    let lease = Lease::attempt(&server.tenant(), "sync:x", &mut Watched::default()).await.unwrap().unwrap();
    drop(lease); // It is still in the store.
    let again = Lease::attempt(&server.tenant(), "sync:x", &mut Watched::default()).await.unwrap();
    assert!(again.is_some());
}

#[tokio::test]
async fn a_lease_whose_answer_was_lost_is_known_by_its_holder() {
    let store = Embedded::temporary().await.unwrap();
    for seed in 0..20 {
        let server = Server::over(&store, seed).await;
        server.store.trouble.store(500, Ordering::SeqCst);
        let key = format!("sync:{seed}");
        let attempt = Lease::attempt(&server.tenant(), &key, &mut Watched::default()).await;
        server.store.trouble.store(0, Ordering::SeqCst);
        let row = held(&server.tenant(), &key).await.unwrap();
        assert_eq!(attempt.is_ok(), row.is_some(), "{seed}");
    }
}

#[tokio::test]
async fn what_was_served_is_served_while_the_store_is_away_and_again_by_a_start() {
    let store = Embedded::temporary().await.unwrap();
    let server = Server::over(&store, 0).await;
    server.create("button", "x").await.unwrap();
    let before = server.catalog();
    server.service.keep(&server.tenant()).await.unwrap();
    server.store.go_away();
    let error = server.create("card", "x").await.unwrap_err();
    assert!(error.is_store_away() && error.to_string().contains("does not answer"), "{error}");
    assert!(server.service.refresh(&server.tenant()).await.unwrap_err().is_store_away());
    assert_eq!(server.catalog().basis(), before.basis());
    server.store.come_back();
    server.create("card", "x").await.unwrap();
    assert_eq!(names(&server.catalog()), ["button", "card"]);
}
