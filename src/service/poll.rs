//! Polling: what converges when a webhook was missed, the server was down, or
//! a branch was moved back. A look asks for refs only; a sync follows when they
//! are not what the last sync saw.

mod turn;

use super::{RegistryService, ServiceError, fetching::Wanted, sync::kind_text};
use crate::{
    auth::{Access, Sync},
    tenants::Tenant,
};
use git::{Address, Fetch};
use instant::{Timestamp, rows};
use model::{
    Digest, RepositoryId, SyncState, Trigger,
    view::{PollView, RepositoryKind},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use tokio::sync::{Notify, Semaphore};
use turn::Turn;

/// Looks at the same time.
const LOOKS: usize = 8;
/// How long one look may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// How often the list of repositories is read again, at least.
const REREAD: Duration = Duration::from_secs(30);

/// The looks at one organisation's repositories.
#[derive(Debug, Default)]
pub struct Polls {
    turns: Mutex<HashMap<RepositoryId, Turn>>,
    outcomes: Mutex<HashMap<RepositoryId, Outcome>>,
    changed: Notify,
}

/// How the newest looks at a repository went.
#[derive(Debug, Clone, Default)]
struct Outcome {
    looked_at: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    failure: Option<String>,
}

impl Polls {
    fn turns(&self) -> MutexGuard<'_, HashMap<RepositoryId, Turn>> {
        self.turns.lock().expect("nothing panics while it holds this lock")
    }

    fn outcomes(&self) -> MutexGuard<'_, HashMap<RepositoryId, Outcome>> {
        self.outcomes.lock().expect("nothing panics while it holds this lock")
    }

    /// The store is back.
    fn resume(&self, now: Instant) {
        for turn in self.turns().values_mut() {
            turn.resume(now, rand::random());
        }
    }

    /// Told when repositories or their intervals change.
    pub(super) fn wake(&self) {
        self.changed.notify_one();
    }

    /// A sync of a repository went well, so its host is back.
    pub(super) fn mend(&self, repository: RepositoryId) {
        if let Some(turn) = self.turns().get_mut(&repository) {
            turn.mend(Instant::now());
        }
        if let Some(outcome) = self.outcomes().get_mut(&repository) {
            outcome.failing_since = None;
            outcome.failure = None;
        }
        self.wake();
    }

    /// How the looks at a repository go, for showing. `every` in seconds; 0 is never.
    pub(super) fn view(&self, repository: RepositoryId, every: u64) -> PollView {
        let outcome = self.outcomes().get(&repository).cloned().unwrap_or_default();
        PollView {
            own: false,
            every,
            looked_at: outcome.looked_at.map(Timestamp::as_millis),
            failing_since: outcome.failing_since.map(Timestamp::as_millis),
            failure: outcome.failure,
        }
    }

    /// The repositories whose turn it is, marked as being looked at, and how
    /// long until the next one's.
    fn take_due(&self, all: &[(RepositoryId, Duration)], now: Instant) -> (Vec<RepositoryId>, Duration) {
        let mut turns = self.turns();
        turns.retain(|id, _| all.iter().any(|(there, _)| there == id));
        self.outcomes().retain(|id, _| turns.contains_key(id));
        let mut due = Vec::new();
        let mut wait = REREAD;
        for (id, every) in all {
            let turn = turns.entry(*id).or_insert_with(|| Turn::first(now, *every, rand::random()));
            turn.change_interval(now, *every);
            if turn.is_due(now) {
                turn.looking = true;
                due.push(*id);
            } else if !turn.looking {
                wait = wait.min(turn.next - now);
            }
        }
        (due, wait)
    }

    fn end(&self, repository: RepositoryId, failure: Option<String>) {
        let now = Timestamp::now();
        if let Some(turn) = self.turns().get_mut(&repository) {
            turn.end(Instant::now(), failure.is_none(), rand::random());
        }
        let mut outcomes = self.outcomes();
        let outcome = outcomes.entry(repository).or_default();
        match failure {
            None => *outcome = Outcome { looked_at: Some(now), ..Outcome::default() },
            Some(failure) => {
                outcome.failing_since.get_or_insert(now);
                outcome.failure = Some(failure);
            }
        }
        drop(outcomes);
        self.wake();
    }
}

impl RegistryService {
    /// Looks at all repositories in turn, until the server stops.
    pub(super) async fn poll(self, tenant: Arc<Tenant>) {
        let access: Access<Sync> = Access::operator(tenant.organisation.clone()).into();
        let stopped = tenant.jobs.cancellation();
        let looks = Arc::new(Semaphore::new(LOOKS));
        loop {
            if tenant.contact.away().is_some() {
                tokio::select! {
                    () = stopped.cancelled() => return,
                    () = tenant.contact.regained() => tenant.polls.resume(Instant::now()),
                }
            }
            let wait = match self.polled(&tenant).await {
                Ok(rows) => {
                    let all: Vec<(RepositoryId, Duration)> =
                        rows.iter().map(|row| (row.id, Duration::from_secs(self.poll_seconds(row)))).collect();
                    let (due, wait) = tenant.polls.take_due(&all, Instant::now());
                    // One look serves all registries of one repository.
                    let mut by_address: BTreeMap<String, Vec<RepositoryId>> = BTreeMap::new();
                    for row in rows.into_iter().filter(|row| due.contains(&row.id)) {
                        by_address.entry(row.url).or_default().push(row.id);
                    }
                    for (url, repositories) in by_address {
                        let (service, access, looks) = (self.clone(), access.clone(), looks.clone());
                        tokio::spawn(async move {
                            let _one_of_few = looks.acquire().await;
                            service.take_turn(&access, &url, &repositories).await;
                        });
                    }
                    wait
                }
                Err(error) => {
                    tracing::warn!(%error, "the repositories to look at could not be read");
                    REREAD
                }
            };
            tokio::select! {
                () = stopped.cancelled() => return,
                () = tenant.polls.changed.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// The repositories that are looked at.
    async fn polled(&self, tenant: &Tenant) -> Result<Vec<rows::Repository>, ServiceError> {
        let rows = tenant.db.select::<rows::Repository>().pages().await?;
        let git = kind_text(RepositoryKind::Git);
        Ok(rows.into_iter().filter(|row| row.kind == git && self.poll_seconds(row) > 0).collect())
    }

    /// Seconds between two looks at a repository; 0 is never.
    pub(super) fn poll_seconds(&self, row: &rows::Repository) -> u64 {
        row.poll_every.unwrap_or(self.config.poll_every.value.as_seconds())
    }

    /// Looks at an address, and syncs those of its repositories that have
    /// something new.
    async fn take_turn(&self, access: &Access<Sync>, url: &str, repositories: &[RepositoryId]) {
        let Ok(tenant) = &self.tenant(access) else { return };
        let state = self.look(tenant, url).await;
        for &id in repositories {
            let failure = match &state {
                Ok(state) => self.sync_if_changed(access, tenant, id, state).await.err().map(|error| error.to_string()),
                Err(error) => Some(error.to_string()),
            };
            if let Some(failure) = &failure {
                tracing::debug!(repository = %id, %failure, "a look failed");
            }
            tenant.polls.end(id, failure);
        }
    }

    /// The state of an address's refs now.
    async fn look(&self, tenant: &Arc<Tenant>, url: &str) -> Result<Digest, ServiceError> {
        let wanted = Wanted { url, given: None, back: "/registry" };
        let (http, url) = (self.http.clone(), url.to_owned());
        let cancel = tenant.jobs.cancellation();
        let looked = self.fetch_signed_in(tenant, wanted, move |credentials| {
            let address = Address::parse(&url, true).map_err(|error| ServiceError::Invalid(error.to_string()))?;
            let mut fetch = Fetch::new(&http);
            fetch.credentials = credentials;
            fetch.limits.deadline = DEADLINE;
            fetch.limits.idle = DEADLINE;
            fetch.cancel = cancel.clone();
            Ok(git::look(&address, &fetch)?)
        });
        Ok(looked.await?.value)
    }

    async fn sync_if_changed(
        &self,
        access: &Access<Sync>,
        tenant: &Arc<Tenant>,
        id: RepositoryId,
        state: &Digest,
    ) -> Result<(), ServiceError> {
        // Whatever server saw it: there is nothing new.
        let is_seen =
            async || Ok::<_, ServiceError>(self.repository_row(tenant, id).await?.seen_refs == Some(state.to_string()));
        if is_seen().await? {
            return Ok(());
        }
        self.sync_from_git(access, id, Trigger::Poll).await?;
        let view = self.wait_for_sync(access, id, |_| {}).await?;
        // A registry that cannot be read is the same at the next look; only what
        // may go better by itself is tried again, at longer and longer intervals.
        match (view.state, view.report.and_then(|report| report.failure)) {
            (SyncState::Failed, Some(failure)) if !is_seen().await? => Err(ServiceError::Invalid(failure)),
            _ => Ok(()),
        }
    }
}
