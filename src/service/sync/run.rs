//! One run of a sync, from its turn to its end.

use super::{prune::prune, trigger_text, turn::Turn};
use crate::{
    service::{RegistryService, ServiceError, lease::Lease},
    tenants::Tenant,
};
use futures::FutureExt as _;
use instant::{Timestamp, Transaction, rows};
use model::{Digest, RepositoryId, SyncId, SyncReport, SyncState, Trigger, view::SyncView};
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::sync::watch;

pub(super) struct SyncRun {
    pub(super) service: RegistryService,
    pub(super) tenant: Arc<Tenant>,
    pub(super) repository: RepositoryId,
    pub(super) sender: watch::Sender<SyncView>,
    pub(super) id: SyncId,
    pub(super) trigger: Trigger,
    started_at: Timestamp,
    look: Mutex<Look>,
}

/// What the look that is under way began with, and saw.
#[derive(Debug, Clone, Default)]
struct Look {
    /// The newest request when it began.
    wanted: Option<String>,
    /// The state of the refs.
    seen: Option<Digest>,
}

impl SyncRun {
    pub(super) fn new(
        service: RegistryService,
        tenant: Arc<Tenant>,
        view: &SyncView,
        sender: watch::Sender<SyncView>,
    ) -> Self {
        Self {
            service,
            tenant,
            repository: view.repository,
            sender,
            id: view.id,
            trigger: view.trigger,
            started_at: Timestamp::from_millis(view.started_at),
            look: Mutex::default(),
        }
    }

    /// Runs to the end and takes note of it, whatever it is.
    pub(super) async fn run(self) {
        while !self.look_and_end().await {}
    }

    /// Syncs, or waits until another server has. Whether that was the end: not
    /// if someone asked again meanwhile.
    async fn look_and_end(&self) -> bool {
        // A sync that broke would otherwise be under way for ever, and keep others from beginning.
        let result = AssertUnwindSafe(self.take_turn()).catch_unwind().await;
        let ended = result.unwrap_or_else(|_| Err(broken())).unwrap_or_else(|error| self.failed(&error));
        if ended.state == SyncState::Succeeded {
            self.tenant.polls.mend(self.repository);
        }
        self.tenant.jobs.end(self.repository, |view| *view = ended)
    }

    async fn take_turn(&self) -> Result<SyncView, ServiceError> {
        let (lease, result) = loop {
            let lease = match self.turn().await? {
                Turn::Ours(lease) => lease,
                Turn::Theirs(view) => return Ok(*view),
            };
            let result = AssertUnwindSafe(self.under(&lease)).catch_unwind().await;
            let result = result.unwrap_or_else(|_| Err(broken()));
            if !matches!(result, Err(ServiceError::TakenOver)) {
                break (lease, result);
            }
        };
        // The next look compares with what this one saw, unless trying again may
        // go better: the same refs lead to the same registry, broken or not.
        let lasting = matches!(result, Ok(_) | Err(ServiceError::Source(_) | ServiceError::Invalid(_)));
        let ended = match result {
            Ok(report) => self.ended(SyncState::Succeeded, report),
            Err(error) => self.failed(&error),
        };
        // Before the lease is given back: whoever takes it next should know.
        if let Err(error) = self.close(&ended, lasting).await {
            tracing::error!(repository = %self.repository, %error, "could not take note of a sync's end");
        }
        if let Err(error) = prune(&self.tenant, self.repository).await {
            tracing::warn!(repository = %self.repository, %error, "old syncs could not be let go");
        }
        if let Err(error) = lease.release().await {
            tracing::warn!(repository = %self.repository, %error, "a lease could not be given back");
        }
        Ok(ended)
    }

    /// This sync at its end.
    pub(super) fn ended(&self, state: SyncState, report: SyncReport) -> SyncView {
        SyncView {
            id: self.id,
            repository: self.repository,
            state,
            trigger: self.trigger,
            started_at: self.started_at.as_millis(),
            finished_at: Some(Timestamp::now().as_millis()),
            progress: None,
            report: Some(report),
        }
    }

    fn failed(&self, error: &ServiceError) -> SyncView {
        tracing::warn!(repository = %self.repository, %error, cause = ?error, "a sync failed");
        self.tenant.jobs.saw(self.repository, None);
        let mut report = SyncReport { failure: Some(error.to_string()), ..SyncReport::default() };
        if let ServiceError::Github(refusal) = error {
            report = SyncReport { failure: Some(refusal.message.clone()), next: refusal.next.clone(), ..report };
        }
        if let ServiceError::Source(error) = error {
            report.diagnostics.push(error.diagnostic());
        }
        self.ended(SyncState::Failed, report)
    }

    /// Takes note of the state of the refs that this look saw.
    pub(super) fn saw(&self, state: Digest) {
        self.look().seen = Some(state);
    }

    fn look(&self) -> MutexGuard<'_, Look> {
        self.look.lock().expect("nothing panics while it holds this lock")
    }

    /// Takes note of the beginning.
    async fn open(&self) -> Result<(), ServiceError> {
        self.sender.send_modify(|view| {
            view.state = SyncState::Running;
            view.progress = None;
        });
        let mut transaction = Transaction::new();
        transaction
            .update::<rows::Sync>(self.id)
            .set(rows::Sync::STARTED_AT, self.started_at)
            .set(rows::Sync::STATE, SyncState::Running.as_str().to_owned())
            .set(rows::Sync::TRIGGER, trigger_text(self.trigger).to_owned())
            .set(rows::Sync::SERVER, self.tenant.server().to_owned())
            .link(rows::Sync::REPOSITORY, self.repository);
        self.tenant.db.transact(transaction).await?;
        Ok(())
    }

    /// Takes note of the end, and of the requests that are answered by it.
    async fn close(&self, ended: &SyncView, lasting: bool) -> Result<(), ServiceError> {
        let Look { wanted, seen } = self.look().clone();
        let mut transaction = self.closing(ended);
        let step = transaction
            .update_existing::<rows::Repository>(self.repository)
            .set(rows::Repository::ANSWERED_BY, self.id.to_string())
            .set_opt(rows::Repository::SEEN_REFS, seen.filter(|_| lasting).map(|seen| seen.to_string()));
        if let Some(wanted) = wanted {
            step.set(rows::Repository::ANSWERED, wanted);
        }
        self.tenant.db.transact(transaction).await?;
        Ok(())
    }

    /// Writes what came of it.
    pub(super) fn closing(&self, ended: &SyncView) -> Transaction {
        let report = ended.report.clone().unwrap_or_default();
        let mut transaction = Transaction::new();
        transaction
            .update_existing::<rows::Sync>(self.id)
            .set(rows::Sync::STATE, ended.state.as_str().to_owned())
            .set_opt(rows::Sync::FINISHED_AT, ended.finished_at.map(Timestamp::from_millis))
            .set_opt(rows::Sync::TO, report.commit.as_ref().map(ToString::to_string))
            .set(rows::Sync::REPORT, serde_json::to_string(&report).expect("a report serialises"));
        if ended.state == SyncState::Succeeded {
            transaction
                .update_existing::<rows::Repository>(self.repository)
                .set(rows::Repository::LAST_SUCCESS, self.id.to_string());
        }
        transaction
    }

    /// Syncs until no one has asked for more in the meantime.
    async fn under(&self, lease: &Lease) -> Result<SyncReport, ServiceError> {
        self.open().await?;
        loop {
            self.tenant.jobs.look(self.repository);
            let before = self.service.repository_row(&self.tenant, self.repository).await?;
            *self.look() = Look { wanted: before.wanted.clone(), seen: None };
            // Overtaken: by a publication, by someone's claim to a name, or by other settings.
            let Some(report) = self.once(&before, lease).await? else { continue };
            let after = self.service.repository_row(&self.tenant, self.repository).await?;
            if after.wanted == before.wanted {
                return Ok(report);
            }
        }
    }
}

fn broken() -> ServiceError {
    ServiceError::Internal("a sync panicked; the log says where".to_owned())
}
