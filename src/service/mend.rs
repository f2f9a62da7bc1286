//! Mending what a server left unfinished that stopped, or that nobody hears of
//! any more. Any server does it, and doing it twice does no harm.
//!
//! No clocks are compared: something is left behind when nothing about it has
//! changed for so long by our own clock, the lease on it included.

use super::{
    RegistryService, ServiceError,
    catalogue::Fresh,
    heads::Heads,
    lease::{self, Lease, Watched, is_left_behind, sync_key},
    projection::{self, is_settled},
};
use crate::tenants::Tenant;
use instant::{InstantError, Timestamp, Transaction, rows};
use model::{RepositoryId, SyncId, SyncReport, SyncState, Trigger, view::SyncView};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long nothing may change before something counts as left behind.
const SILENCE: Duration = lease::TTL.saturating_add(lease::RENEWAL);

/// What has been seen of what may be left behind.
#[derive(Debug, Default)]
pub(super) struct Mending {
    open: HashMap<Work, (String, Instant)>,
    /// Whether what an earlier process of this server left was looked at.
    begun: bool,
}

/// Something that someone should be working on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Work {
    /// A sync that says that it runs.
    Sync(SyncId),
    /// Rows that are not those of what is current.
    Rows(RepositoryId),
    /// A request for a sync.
    Request(RepositoryId),
}

impl Mending {
    /// Takes note of how the open work stands; answers what is left behind.
    fn left_behind(&mut self, open: HashMap<Work, String>, now: Instant) -> Vec<Work> {
        self.open.retain(|work, _| open.contains_key(work));
        let mut left = Vec::new();
        for (work, state) in open {
            match self.open.get(&work) {
                Some((before, since)) if *before == state => {
                    if now - *since >= SILENCE {
                        left.push(work);
                    }
                }
                _ => drop(self.open.insert(work, (state, now))),
            }
        }
        left
    }
}

impl RegistryService {
    /// Ends, restarts and writes what was left behind. Answers when to look
    /// again, if something may be.
    pub(super) async fn mend(
        &self,
        tenant: &Arc<Tenant>,
        mending: &mut Mending,
    ) -> Result<Option<Duration>, ServiceError> {
        let repositories = tenant.db.select::<rows::Repository>().pages().await?;
        let heads = tenant.sequence.catch_up(tenant).await?;
        let leases: HashMap<String, rows::Lease> =
            tenant.db.select::<rows::Lease>().pages().await?.into_iter().map(|row| (row.key.clone(), row)).collect();
        let first = !std::mem::replace(&mut mending.begun, true);
        let mut open = HashMap::new();
        let mut ours = Vec::new();
        // Whatever runs here mends itself.
        let busy = |id: RepositoryId| tenant.jobs.current(id).is_some_and(|view| !view.state.is_final());
        let beat = |id: RepositoryId| leases.get(&sync_key(id)).map(|lease| (lease.id, lease.beat));
        for row in running(tenant).await? {
            let Some(repository) = row.repository else { continue };
            if row.server.as_deref().is_some_and(|server| tenant.is_own(server)) {
                if !tenant.jobs.current(repository).is_some_and(|view| view.id == row.id && !view.state.is_final()) {
                    ours.push(row.id);
                }
            } else {
                open.insert(Work::Sync(row.id), format!("{:?}", beat(repository)));
            }
        }
        for row in repositories.iter().filter(|row| !busy(row.id)) {
            let lease = leases.get(&sync_key(row.id));
            if !is_settled(row, &heads) {
                if first && lease.is_none_or(|lease| is_left_behind(tenant, lease)) {
                    self.mend_rows(tenant, row, &heads).await?;
                } else {
                    let head = heads.of(row.id).map(|head| head.seq);
                    open.insert(Work::Rows(row.id), format!("{:?} {head:?} {:?}", row.projected, beat(row.id)));
                }
            }
            if row.wanted.is_some() && row.wanted != row.answered {
                open.insert(Work::Request(row.id), format!("{:?} {:?}", row.wanted, beat(row.id)));
            }
        }
        for id in ours {
            end(tenant, id).await?;
        }
        for work in mending.left_behind(open, Instant::now()) {
            match &work {
                Work::Sync(id) => end(tenant, *id).await?,
                Work::Rows(id) => {
                    if let Some(row) = repositories.iter().find(|row| row.id == *id) {
                        self.mend_rows(tenant, row, &heads).await?;
                    }
                }
                Work::Request(id) => {
                    tracing::info!(repository = %id, "nobody took up a request for a sync");
                    self.begin_sync(tenant, *id, Trigger::Poll);
                }
            }
            mending.open.remove(&work);
        }
        Ok((!mending.open.is_empty()).then_some(SILENCE / 2))
    }

    /// Writes the rows of what is current, unless another server is at it.
    async fn mend_rows(&self, tenant: &Arc<Tenant>, row: &rows::Repository, heads: &Heads) -> Result<(), ServiceError> {
        let Some(lease) = Lease::attempt(tenant, &sync_key(row.id), &mut Watched::default()).await? else {
            return Ok(());
        };
        let seq = heads.of(row.id).map(|head| head.seq);
        tracing::info!(repository = %row.name, ?seq, "finishing what an earlier run left");
        let mended = projection::repair(tenant, row.id).await;
        lease.release().await?;
        mended?;
        self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await
    }
}

/// The syncs that say that they run.
async fn running(tenant: &Tenant) -> Result<Vec<rows::Sync>, ServiceError> {
    let states = [SyncState::Queued, SyncState::Running].map(|state| state.as_str().to_owned());
    Ok(tenant.db.select::<rows::Sync>().filter(rows::Sync::STATE.is_in(states)).pages().await?)
}

/// Ends the syncs of this server that an earlier process left.
pub(super) async fn end_own(tenant: &Tenant) -> Result<(), ServiceError> {
    for row in running(tenant).await? {
        if row.server.as_deref().is_some_and(|server| tenant.is_own(server)) {
            end(tenant, row.id).await?;
        }
    }
    Ok(())
}

/// Takes note that a sync ended which could not say so itself.
async fn end(tenant: &Tenant, id: SyncId) -> Result<(), ServiceError> {
    let Some(row) = tenant.db.get::<rows::Sync>(id).await? else { return Ok(()) };
    // One that ended here while the database was away did end in some way.
    let known = row.repository.and_then(|repository| tenant.jobs.current(repository)).filter(|view| view.id == id);
    let (state, report) = match known {
        Some(SyncView { state, report, .. }) if state.is_final() => (state, report.unwrap_or_default()),
        _ => {
            let failure = "The server stopped during this sync. What was served before still is. The sync is started again by itself.";
            (SyncState::Failed, SyncReport { failure: Some(failure.to_owned()), ..SyncReport::default() })
        }
    };
    let mut transaction = Transaction::new();
    transaction
        .update_existing::<rows::Sync>(id)
        .set(rows::Sync::STATE, state.as_str().to_owned())
        .set(rows::Sync::FINISHED_AT, Timestamp::now())
        .set(rows::Sync::REPORT, serde_json::to_string(&report).expect("a report serialises"));
    match tenant.db.transact(transaction).await {
        Ok(_) | Err(InstantError::Missing { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_left_behind_when_nothing_about_it_has_changed_for_long_enough() {
        let mut mending = Mending::default();
        let begun = Instant::now();
        let work = || Work::Request(RepositoryId::of_key("x"));
        let mut look = |state: &str, after: Duration| {
            mending.left_behind(HashMap::from([(work(), state.to_owned())]), begun + after)
        };
        assert_eq!(look("1", Duration::ZERO), []);
        assert_eq!(look("1", SILENCE / 2), []);
        assert_eq!(look("2", SILENCE), [], "someone is at it");
        assert_eq!(look("2", SILENCE * 3 / 2), []);
        assert_eq!(look("2", SILENCE * 2), [work()]);
        assert_eq!(mending.left_behind(HashMap::new(), begun + SILENCE * 3), []);
        assert!(mending.open.is_empty());
    }
}
