//! What arrived: the last deliveries of each webhook, and which were handled.
//!
//! Both are kept in memory and written to the local table of the store in the
//! background, many at a time, so that a burst costs a few writes. Which were
//! handled is written for other servers, too: a delivery to any of them counts.

use crate::service::error::is_away;
use instant::{Db, InstantError, Local, Timestamp, Transaction, rows};
use model::{DeliveryOutcome, Digest, EntityId, RepositoryId, SyncId, view::DeliveryView};
use moka::sync::Cache;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use webhook::DeliveryId;

/// How many deliveries of a webhook are shown.
pub(super) const SHOWN: usize = 50;
/// How long a delivery is remembered as handled.
const REMEMBERED: Duration = Duration::from_hours(24);
/// How many of them are remembered in memory; the rest are looked up.
const REMEMBERED_IN_MEMORY: u64 = 20_000;
/// How long a list that nobody adds to is kept, in milliseconds: 90 days.
const KEPT: i64 = 90 * 24 * 60 * 60 * 1000;
/// Least time between two writes.
const PAUSE: Duration = Duration::from_millis(250);
/// Least time between two clearings of what has expired.
const PURGE_EVERY: Duration = Duration::from_hours(1);

/// How many of the ids that other servers were not told yet are kept in memory.
const UNTOLD: usize = 10_000;
/// How many ids that have expired are cleared at once.
const CLEARED: u64 = 500;

const LISTS: &str = "hook-deliveries";
const HANDLED: &str = "hook-handled";

/// The journal of one organisation's webhooks. Cheap to clone.
#[derive(Clone)]
pub(super) struct Journal(Arc<Inner>);

struct Inner {
    local: Local,
    /// What all servers share.
    db: Db,
    handled: Cache<Digest, ()>,
    state: Mutex<State>,
    /// Held while writing, so that what is written last is what is newest.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    lists: HashMap<RepositoryId, VecDeque<Entry>>,
    numbers: u64,
    changed: HashSet<RepositoryId>,
    handled: Vec<String>,
    /// Handled, and not told to other servers yet.
    untold: VecDeque<String>,
    writer_runs: bool,
    purged: Option<Instant>,
}

struct Entry {
    number: u64,
    view: DeliveryView,
}

/// A delivery that was seen for the first time.
#[derive(Debug, Clone, Copy)]
pub(super) struct First(Option<Digest>);

impl Journal {
    pub(super) fn new(local: Local, db: Db) -> Self {
        let handled = Cache::builder().max_capacity(REMEMBERED_IN_MEMORY).time_to_live(REMEMBERED).build();
        Self(Arc::new(Inner { local, db, handled, state: Mutex::default(), writing: tokio::sync::Mutex::default() }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().expect("nothing panics while it holds this lock")
    }

    /// Whether this delivery with this very body was not handled before. Of two
    /// that come at once to one server, one is the first. `elsewhere` says that
    /// other servers' deliveries are looked at, too.
    pub(super) async fn is_first(
        &self,
        repository: RepositoryId,
        id: Option<&DeliveryId>,
        body: &[u8],
        elsewhere: bool,
    ) -> Result<Option<First>, InstantError> {
        let Some(id) = id else { return Ok(Some(First(None))) };
        let body = Digest::of(body);
        let key = Digest::of(format!("{repository}\n{id}\n{body}").as_bytes());
        if !self.0.handled.entry(key).or_insert(()).is_fresh() {
            return Ok(None);
        }
        match self.is_noted(&key.to_string(), elsewhere).await {
            Ok(false) => Ok(Some(First(Some(key)))),
            Ok(true) => Ok(None),
            Err(error) => {
                self.0.handled.invalidate(&key);
                Err(error)
            }
        }
    }

    async fn is_noted(&self, key: &str, elsewhere: bool) -> Result<bool, InstantError> {
        if self.0.local.get(HANDLED, key).await?.is_some() {
            return Ok(true);
        }
        if !elsewhere {
            return Ok(false);
        }
        match self.0.db.select::<rows::Delivery>().filter(rows::Delivery::KEY.eq(key.to_owned())).one().await {
            Ok(row) => Ok(row.is_some()),
            // At worst one more look.
            Err(error) if is_away(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Remembers that it was handled.
    pub(super) fn handled(&self, first: First) {
        if let First(Some(key)) = first {
            {
                let mut state = self.lock();
                state.handled.push(key.to_string());
                state.untold.push_back(key.to_string());
                if state.untold.len() > UNTOLD {
                    state.untold.pop_front();
                }
            }
            self.wake();
        }
    }

    /// The last deliveries of a repository's webhook, newest first.
    pub(super) async fn list(&self, repository: RepositoryId) -> Result<Vec<DeliveryView>, InstantError> {
        self.load(repository).await?;
        let state = self.lock();
        Ok(state.lists.get(&repository).into_iter().flatten().map(|entry| entry.view.clone()).collect())
    }

    /// Reads a list that an earlier process wrote, once.
    async fn load(&self, repository: RepositoryId) -> Result<(), InstantError> {
        if self.lock().lists.contains_key(&repository) {
            return Ok(());
        }
        let stored = self.0.local.get(LISTS, &repository.to_string()).await?;
        let views: Vec<DeliveryView> = stored.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
        let mut state = self.lock();
        let first = state.numbers;
        state.numbers += views.len() as u64;
        let entries = views.into_iter().zip(first..).map(|(view, number)| Entry { number, view }).collect();
        state.lists.entry(repository).or_insert(entries);
        Ok(())
    }

    /// Takes note of a delivery; answers the note's number. Refusals alike in a
    /// row are one note, so that a stranger cannot push out the others.
    pub(super) async fn note(&self, repository: RepositoryId, view: DeliveryView) -> Result<u64, InstantError> {
        self.load(repository).await?;
        let number = {
            let mut state = self.lock();
            let state = &mut *state;
            let list = state.lists.entry(repository).or_default();
            state.changed.insert(repository);
            let alike = |newest: &&mut Entry| view.outcome.is_refusal() && newest.view.outcome == view.outcome;
            if let Some(newest) = list.front_mut().filter(alike) {
                let times = newest.view.times.saturating_add(1);
                newest.view = DeliveryView { times, ..view };
                newest.number
            } else {
                let number = state.numbers;
                state.numbers += 1;
                list.push_front(Entry { number, view });
                list.truncate(SHOWN);
                number
            }
        };
        self.wake();
        Ok(number)
    }

    /// Corrects what came of a delivery.
    pub(super) fn amend(&self, repository: RepositoryId, number: u64, outcome: DeliveryOutcome) {
        self.change(repository, &[number], |view| view.outcome = outcome);
    }

    /// Says which sync takes care of these deliveries.
    pub(super) fn settle(&self, repository: RepositoryId, numbers: &[u64], sync: SyncId) {
        self.change(repository, numbers, |view| view.sync = Some(sync));
    }

    /// Says which sync takes care of all that no sync took care of yet: what
    /// arrived while the database was away.
    pub(super) async fn settle_all(&self, repository: RepositoryId, sync: SyncId) -> Result<(), InstantError> {
        self.load(repository).await?;
        let open = |entry: &&Entry| entry.view.outcome == DeliveryOutcome::Accepted && entry.view.sync.is_none();
        let numbers: Vec<u64> = {
            let state = self.lock();
            state.lists.get(&repository).into_iter().flatten().filter(open).map(|entry| entry.number).collect()
        };
        self.settle(repository, &numbers, sync);
        Ok(())
    }

    fn change(&self, repository: RepositoryId, numbers: &[u64], change: impl Fn(&mut DeliveryView)) {
        if numbers.is_empty() {
            return;
        }
        {
            let mut state = self.lock();
            for entry in state.lists.get_mut(&repository).into_iter().flatten() {
                if numbers.contains(&entry.number) {
                    change(&mut entry.view);
                }
            }
            state.changed.insert(repository);
        }
        self.wake();
    }

    /// Forgets the deliveries of a webhook that is no more.
    pub(super) async fn forget(&self, repository: RepositoryId) -> Result<(), InstantError> {
        let _no_other = self.0.writing.lock().await;
        {
            let mut state = self.lock();
            state.lists.remove(&repository);
            state.changed.remove(&repository);
        }
        self.0.local.delete(LISTS, &repository.to_string()).await
    }

    /// Sees to it that what changed is written.
    fn wake(&self) {
        if std::mem::replace(&mut self.lock().writer_runs, true) {
            return;
        }
        let journal = self.clone();
        tokio::spawn(async move {
            loop {
                journal.write().await;
                tokio::time::sleep(PAUSE).await;
                let mut state = journal.lock();
                if state.changed.is_empty() && state.handled.is_empty() {
                    state.writer_runs = false;
                    return;
                }
            }
        });
    }

    /// Writes what is not written yet, and tells other servers.
    pub(super) async fn write(&self) {
        let (now, purge) = self.write_here().await;
        if let Err(error) = self.tell_others(now, purge).await {
            tracing::debug!(%error, "other servers could not be told of deliveries");
        }
    }

    /// Writes what is not written yet. A table that refuses loses a line of the
    /// journal, never a delivery. Answers when, and whether what expired was cleared.
    pub(super) async fn write_here(&self) -> (Timestamp, bool) {
        let _one_at_a_time = self.0.writing.lock().await;
        let (lists, handled, purge) = {
            let mut state = self.lock();
            let changed = std::mem::take(&mut state.changed);
            let lists = changed.into_iter().filter_map(|repository| {
                let views: Vec<&DeliveryView> = state.lists.get(&repository)?.iter().map(|entry| &entry.view).collect();
                Some((repository.to_string(), serde_json::to_vec(&views).expect("a view serialises")))
            });
            let lists: Vec<_> = lists.collect();
            let handled = std::mem::take(&mut state.handled);
            let purge = state.purged.is_none_or(|at| at.elapsed() > PURGE_EVERY);
            if purge {
                state.purged = Some(Instant::now());
            }
            (lists, handled, purge)
        };
        let now = Timestamp::now();
        let remembered = i64::try_from(REMEMBERED.as_millis()).expect("hours fit");
        let handled = handled.into_iter().map(|key| (key, Vec::new())).collect();
        let local = &self.0.local;
        let written = async {
            local.put_all(HANDLED, handled, Some(now.plus_millis(remembered))).await?;
            local.put_all(LISTS, lists, Some(now.plus_millis(KEPT))).await?;
            if purge { local.purge_expired(now).await.map(drop) } else { Ok(()) }
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "the journal of webhook deliveries could not be written");
        }
        (now, purge)
    }

    /// Tells other servers which deliveries were handled. What cannot be told
    /// now is told with the next ones.
    async fn tell_others(&self, now: Timestamp, purge: bool) -> Result<(), InstantError> {
        let keys: Vec<String> = self.lock().untold.iter().cloned().collect();
        let mut transaction = Transaction::new();
        for key in &keys {
            transaction
                .update::<rows::Delivery>(EntityId::of_key("registry_deliveries", key))
                .set(rows::Delivery::KEY, key.clone())
                .set(rows::Delivery::AT, now);
        }
        self.0.db.transact_in_chunks(transaction).await?;
        self.lock().untold.retain(|key| !keys.contains(key));
        if !purge {
            return Ok(());
        }
        let remembered = i64::try_from(REMEMBERED.as_millis()).expect("hours fit");
        let old = self.0.db.select::<rows::Delivery>().filter(rows::Delivery::AT.lt(now.plus_millis(-remembered)));
        let mut transaction = Transaction::new();
        for row in old.limit(CLEARED).all().await? {
            transaction.delete::<rows::Delivery>(row.id);
        }
        self.0.db.transact_in_chunks(transaction).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use instant::Embedded;

    async fn db() -> Db {
        Arc::new(Embedded::temporary().await.unwrap())
    }

    fn view(outcome: DeliveryOutcome, at: i64) -> DeliveryView {
        DeliveryView { at, outcome, sync: None, host: None, event: None, delivery: None, problem: None, times: 1 }
    }

    async fn list(journal: &Journal, repository: RepositoryId) -> Vec<(i64, u32)> {
        let views = journal.list(repository).await.unwrap();
        views.into_iter().map(|view| (view.at, view.times)).collect()
    }

    #[tokio::test]
    async fn the_newest_deliveries_are_kept_and_refusals_in_a_row_are_one() {
        let (local, db) = (Local::temporary().await.unwrap(), db().await);
        let journal = Journal::new(local.clone(), db.clone());
        let repository = RepositoryId::of_key("x");
        for at in 0..100 {
            journal.note(repository, view(DeliveryOutcome::UpToDate, at)).await.unwrap();
        }
        for at in 100..1_000 {
            journal.note(repository, view(DeliveryOutcome::WrongSignature, at)).await.unwrap();
        }
        let kept = list(&journal, repository).await;
        assert_eq!(kept.len(), SHOWN);
        assert_eq!(kept[..2], [(999, 900), (99, 1)]);
        journal.write().await;
        let reopened = Journal::new(local.clone(), db.clone());
        assert_eq!(list(&reopened, repository).await, kept);
        reopened.note(repository, view(DeliveryOutcome::Pong, 1_000)).await.unwrap();
        assert_eq!(list(&reopened, repository).await[..2], [(1_000, 1), (999, 900)]);
        reopened.forget(repository).await.unwrap();
        assert_eq!(list(&Journal::new(local.clone(), db.clone()), repository).await, []);
    }

    #[tokio::test]
    async fn a_delivery_is_first_once_also_after_a_restart() {
        let (local, db) = (Local::temporary().await.unwrap(), db().await);
        let journal = Journal::new(local.clone(), db.clone());
        let repository = RepositoryId::of_key("x");
        let id: DeliveryId = "one".parse().unwrap();
        let ask =
            async |journal: &Journal, body: &[u8]| journal.is_first(repository, Some(&id), body, false).await.unwrap();
        let first = ask(&journal, b"a").await.expect("it is the first");
        assert!(ask(&journal, b"a").await.is_none());
        assert!(ask(&journal, b"b").await.is_some(), "another body");
        journal.handled(first);
        journal.write().await;
        let reopened = Journal::new(local.clone(), db.clone());
        assert!(ask(&reopened, b"a").await.is_none());
        assert!(ask(&reopened, b"b").await.is_some(), "it was not handled");
        let other_server = Journal::new(Local::temporary().await.unwrap(), db);
        assert!(other_server.is_first(repository, Some(&id), b"a", true).await.unwrap().is_none());
        assert!(other_server.is_first(repository, Some(&id), b"c", true).await.unwrap().is_some());
        assert!(reopened.is_first(repository, None, b"a", false).await.unwrap().is_some(), "without an id all are new");
    }
}
