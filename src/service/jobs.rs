//! Syncs under way in this process, and their progress for whoever watches.

use git::Refs;
use model::{RepositoryId, SyncReport, SyncState, view::SyncView};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The syncs of one organisation that run here, and the last result of each
/// repository.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    by_repository: Arc<Mutex<HashMap<RepositoryId, Job>>>,
    /// Whether no sync may begin.
    held: Arc<AtomicBool>,
    cancel: CancellationToken,
}

/// The newest sync of one repository.
#[derive(Debug)]
struct Job {
    sender: watch::Sender<SyncView>,
    /// Whether it was asked for again since it last began to look.
    again: bool,
    /// The refs of the last look whose sync succeeded.
    seen: Option<Arc<Refs>>,
}

/// Keeps syncs from beginning while it lives.
#[derive(Debug)]
pub(super) struct Held(Arc<AtomicBool>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Jobs {
    fn lock(&self) -> MutexGuard<'_, HashMap<RepositoryId, Job>> {
        self.by_repository.lock().expect("nothing panics while it holds this lock")
    }

    /// Keeps syncs from beginning, and forgets those that have ended: what they
    /// saw may not be what is stored any more. `None` while one is under way, or
    /// someone else holds them.
    pub(super) fn hold(&self) -> Option<Held> {
        let mut jobs = self.lock();
        let busy = jobs.values().any(|job| !job.sender.borrow().state.is_final());
        if busy || self.held.swap(true, Ordering::SeqCst) {
            return None;
        }
        jobs.clear();
        Some(Held(Arc::clone(&self.held)))
    }

    /// Takes note of a sync that begins; `Err` with the one under way if there
    /// is one, which then does not end before it has looked once more, and with
    /// one that failed while they are held.
    pub(super) fn begin(&self, view: SyncView) -> Result<watch::Sender<SyncView>, Box<SyncView>> {
        let mut jobs = self.lock();
        if self.held.load(Ordering::SeqCst) {
            let failure = "A backup is being restored. Start the sync again when that is done.".to_owned();
            let report = SyncReport { failure: Some(failure), ..SyncReport::default() };
            let view = SyncView { state: SyncState::Failed, report: Some(report), ..view };
            jobs.insert(view.repository, Job { sender: watch::Sender::new(view.clone()), again: false, seen: None });
            return Err(Box::new(view));
        }
        if let Some(job) = jobs.get_mut(&view.repository) {
            let current = job.sender.borrow().clone();
            job.again = !current.state.is_final();
            if job.again {
                return Err(Box::new(current));
            }
            job.sender.send_replace(view);
            return Ok(job.sender.clone());
        }
        let sender = watch::Sender::new(view.clone());
        jobs.insert(view.repository, Job { sender: sender.clone(), again: false, seen: None });
        Ok(sender)
    }

    /// A sync looks now: whatever was asked for before is taken care of by this.
    pub(super) fn look(&self, repository: RepositoryId) {
        if let Some(job) = self.lock().get_mut(&repository) {
            job.again = false;
        }
    }

    /// A look came to its end, and these are the refs that it saw; `None` if it failed.
    pub(super) fn saw(&self, repository: RepositoryId, refs: Option<Refs>) {
        if let Some(job) = self.lock().get_mut(&repository) {
            job.seen = refs.map(Arc::new);
        }
    }

    /// The refs of the last look, if it succeeded.
    pub(super) fn last_seen(&self, repository: RepositoryId) -> Option<Arc<Refs>> {
        self.lock().get(&repository)?.seen.clone()
    }

    /// The same while no sync is under way: one that is may serve what is older
    /// than these.
    pub(super) fn seen(&self, repository: RepositoryId) -> Option<Arc<Refs>> {
        let jobs = self.lock();
        let job = jobs.get(&repository)?;
        if job.sender.borrow().state.is_final() { job.seen.clone() } else { None }
    }

    /// Ends a sync, unless it was asked for again: then nothing changes, and it
    /// has to look once more. No request can come between the two.
    pub(super) fn end(&self, repository: RepositoryId, end: impl FnOnce(&mut SyncView)) -> bool {
        let jobs = self.lock();
        let Some(job) = jobs.get(&repository) else { return true };
        if !job.again {
            job.sender.send_modify(end);
        }
        !job.again
    }

    /// Forgets a repository that is gone, unless a sync of it is under way.
    pub(super) fn forget(&self, repository: RepositoryId) {
        let mut jobs = self.lock();
        if jobs.get(&repository).is_some_and(|job| job.sender.borrow().state.is_final()) {
            jobs.remove(&repository);
        }
    }

    /// The newest sync of a repository that this process knows of.
    pub fn current(&self, repository: RepositoryId) -> Option<SyncView> {
        self.lock().get(&repository).map(|job| job.sender.borrow().clone())
    }

    /// Follows a repository's newest sync.
    pub fn watch(&self, repository: RepositoryId) -> Option<watch::Receiver<SyncView>> {
        self.lock().get(&repository).map(|job| job.sender.subscribe())
    }

    /// Told when all syncs should stop.
    pub(super) fn cancellation(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Stops all syncs at their next step; what was served stays served.
    pub fn stop(&self) {
        self.cancel.cancel();
    }

    /// Whether any sync is under way.
    pub fn is_busy(&self) -> bool {
        self.lock().values().any(|job| !job.sender.borrow().state.is_final())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{SyncId, Trigger};

    #[test]
    fn a_sync_that_is_asked_for_again_does_not_end_before_it_has_looked_once_more() {
        let jobs = Jobs::default();
        let repository = RepositoryId::of_key("x");
        let queued = || SyncView {
            id: SyncId::random(),
            repository,
            state: SyncState::Queued,
            trigger: Trigger::Person,
            started_at: 0,
            finished_at: None,
            progress: None,
            report: None,
        };
        let succeed = |view: &mut SyncView| view.state = SyncState::Succeeded;
        let first = queued();
        jobs.begin(first.clone()).unwrap();
        jobs.look(repository);
        assert_eq!(jobs.begin(queued()).unwrap_err().id, first.id);
        assert!(!jobs.end(repository, succeed), "someone asked since it looked");
        jobs.look(repository);
        assert!(jobs.end(repository, succeed));
        jobs.begin(queued()).unwrap();
        assert!(jobs.hold().is_none(), "one is under way");
        jobs.look(repository);
        assert!(jobs.end(repository, succeed));

        let held = jobs.hold().unwrap();
        assert!(jobs.hold().is_none(), "one holds them at a time");
        let refused = jobs.begin(queued()).unwrap_err();
        assert_eq!(refused.state, SyncState::Failed);
        drop(held);
        jobs.begin(queued()).unwrap();
    }
}
