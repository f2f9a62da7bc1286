//! What queries and transactions of the embedded store cost at growing sizes,
//! as JSON: `cargo run --release -p ekairos-instant --example cost [components …]`.
//!
//! Each size is a store of its own: that many components, each with a version, a
//! file and links, and twice as many rows that no query here is about.

use instant::rows::{Commit, Component, Event, File, Package, Repository, Version};
use instant::{Db, Embedded, InstantError, Timestamp, Transaction};
use model::{CommitId, ComponentId, Digest, EntityId, FileId, RepositoryId, VersionId};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// How often each query is asked, and each transaction carried out.
const QUERIES: u32 = 2_000;
const TRANSACTIONS: u32 = 300;
const PACKAGES: usize = 100;
/// So many components share their content.
const SAME_CONTENT: usize = 20;

#[tokio::main]
async fn main() -> Result<(), InstantError> {
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked };
    let mut results = Vec::new();
    for size in sizes {
        results.push(measure(size).await?);
    }
    println!("{:#}", Value::from(results));
    Ok(())
}

/// A store of so many components.
struct Filled {
    db: Db,
    size: usize,
    /// Of the next row to pick.
    state: u64,
    /// Rows made while measuring.
    made: usize,
}

async fn measure(size: usize) -> Result<Value, InstantError> {
    let started = Instant::now();
    let db: Db = Arc::new(Embedded::temporary().await?);
    for first in (0..size).step_by(1_000) {
        db.transact_in_chunks(rows(first, size.min(first + 1_000))).await?;
    }
    let seconds_to_fill = started.elapsed().as_secs_f64();
    let mut store = Filled { db, size, state: 1, made: 0 };
    let mut costs = Vec::new();
    for kind in [Kind::Name, Kind::Key, Kind::Files, Kind::Page, Kind::Equal, Kind::Path, Kind::Update, Kind::Create] {
        costs.push(store.cost(kind).await?);
    }
    Ok(json!({ "components": size, "unrelatedRows": 2 * size, "secondsToFill": seconds_to_fill, "costs": costs }))
}

/// What is measured.
#[derive(Clone, Copy)]
enum Kind {
    Name,
    Key,
    Files,
    Page,
    Equal,
    Path,
    Update,
    Create,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "component by unique name",
            Self::Key => "component by unique key",
            Self::Files => "component with its files",
            Self::Page => "page of 50 ordered by name",
            Self::Equal => "indexed attribute with 20 hits",
            Self::Path => "component by the digest of a file",
            Self::Update => "transaction: update a component",
            Self::Create => "transaction: create a version and its file, with links",
        }
    }

    fn runs(self) -> u32 {
        if matches!(self, Self::Update | Self::Create) { TRANSACTIONS } else { QUERIES }
    }
}

impl Filled {
    async fn cost(&mut self, kind: Kind) -> Result<Value, InstantError> {
        // The first runs prepare statements and fill caches.
        for _ in 0..20 {
            self.run(kind).await?;
        }
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..kind.runs() {
            let started = Instant::now();
            self.run(kind).await?;
            times.push(started.elapsed());
        }
        let total: Duration = times.iter().sum();
        times.sort_unstable();
        let micros = |share: usize| times[(times.len() - 1) * share / 100].as_micros();
        Ok(json!({
            "what": kind.name(), "runs": times.len(), "perSecond": f64::from(kind.runs()) / total.as_secs_f64(),
            "p50Micros": micros(50), "p99Micros": micros(99),
        }))
    }

    async fn run(&mut self, kind: Kind) -> Result<(), InstantError> {
        let index = self.pick();
        let select = self.db.select::<Component>();
        let found = match kind {
            Kind::Name => select.filter(Component::NAME.eq(name(index))).all().await?.len(),
            Kind::Key => select.filter(Component::KEY.eq(key(index))).all().await?.len(),
            Kind::Files => {
                let found = select.filter(Component::NAME.eq(name(index))).all_with(Component::FILES).await?;
                found.iter().map(|(_, files)| files.len().min(1)).sum()
            }
            Kind::Page => {
                let from = name(index.min(self.size - 60));
                select.filter(Component::NAME.gt(from)).order(Component::NAME.asc()).limit(50).all().await?.len() / 50
            }
            Kind::Equal => {
                select.filter(Component::CONTENT.eq(content(index))).all().await?.len().div_ceil(SAME_CONTENT)
            }
            Kind::Path => select.filter(Component::FILES.attr(File::DIGEST).eq(digest(index))).all().await?.len(),
            Kind::Update => {
                self.made += 1;
                let mut tx = Transaction::new();
                tx.update::<Component>(component(index)).set(Component::TITLE, format!("Title {}", self.made));
                self.db.transact(tx).await?;
                1
            }
            Kind::Create => {
                self.made += 1;
                let mut tx = Transaction::new();
                version(&mut tx, index, self.size + self.made);
                self.db.transact(tx).await?;
                1
            }
        };
        assert_eq!(found, 1, "{} of {index}", kind.name());
        Ok(())
    }

    /// An index, the same in every run of the program.
    fn pick(&mut self) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap_or_default() % self.size
    }
}

/// A point in time that grows with the index.
fn at(index: usize) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000).plus_millis(i64::try_from(index).unwrap_or_default())
}

fn name(index: usize) -> String {
    format!("item-{index:06}")
}

fn key(index: usize) -> String {
    format!("{}/{}", repository(index), name(index))
}

fn repository(index: usize) -> RepositoryId {
    RepositoryId::of_key(&format!("repository-{}", index / 500))
}

fn component(index: usize) -> ComponentId {
    ComponentId::of_key(&key(index))
}

fn content(index: usize) -> String {
    Digest::of(format!("content {}", index / SAME_CONTENT).as_bytes()).to_string()
}

fn digest(index: usize) -> String {
    Digest::of(format!("file {index}").as_bytes()).to_string()
}

fn package(index: usize) -> EntityId {
    EntityId::of_key("registry_packages", &format!("package-{}@*", index % PACKAGES))
}

/// A version of a component, with one file: told apart by `number`.
fn version(tx: &mut Transaction, index: usize, number: usize) {
    let version_key = format!("{}@{number}", component(index));
    let version = VersionId::of_key(&version_key);
    tx.update::<Version>(version)
        .set(Version::KEY, version_key.clone())
        .set(Version::DIGEST, digest(number))
        .set(Version::CREATED_AT, at(number))
        .set(Version::MANIFEST, "{\"name\":\"item\",\"type\":\"registry:ui\"}".repeat(20))
        .link(Version::COMPONENT, component(index));
    let file_key = format!("{version_key}#0");
    tx.update::<File>(FileId::of_key(&file_key))
        .set(File::KEY, file_key)
        .set(File::PATH, format!("ui/{}.tsx", name(index)))
        .set(File::TYPE, "registry:ui")
        .set(File::DIGEST, digest(number))
        .set(File::SIZE, 1_000_u64)
        .link(File::VERSION, version)
        .link(File::COMPONENT, component(index));
}

/// The rows of the components from `first` to `end`, and twice as many others.
fn rows(first: usize, end: usize) -> Transaction {
    let mut tx = Transaction::new();
    for index in first..end {
        if index % 500 == 0 {
            let of = format!("repository-{}", index / 500);
            tx.update::<Repository>(repository(index)).set(Repository::KEY, of.clone()).set(Repository::NAME, of);
        }
        if index < PACKAGES {
            tx.update::<Package>(package(index))
                .set(Package::KEY, format!("package-{index}@*"))
                .set(Package::NAME, format!("package-{index}"))
                .set(Package::VERSION, "*");
        }
        tx.update::<Component>(component(index))
            .set(Component::NAME, name(index))
            .set(Component::KEY, key(index))
            .set(Component::TYPE, "registry:ui")
            .set(Component::TITLE, format!("Item {index}"))
            .set(Component::CONTENT, content(index))
            .link(Component::REPOSITORY, repository(index))
            .link_all(Component::DEPENDENCIES, (0..3).map(|n| package(index + n)));
        version(&mut tx, index, index);
        let hash = format!("{index:040x}");
        let commit_key = format!("{}@{hash}", repository(index));
        tx.update::<Commit>(CommitId::of_key(&commit_key))
            .set(Commit::KEY, commit_key)
            .set(Commit::HASH, hash)
            .set(Commit::MESSAGE, "a commit that nobody asks for")
            .set(Commit::DATE, at(index));
        tx.update::<Event>(EntityId::of_key("registry_events", &index.to_string()))
            .set(Event::AT, at(index))
            .set(Event::ACTOR, "cost")
            .set(Event::ACTION, "nothing")
            .set(Event::SUBJECT, name(index));
    }
    tx
}
