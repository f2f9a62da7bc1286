//! Syncs under way in this process, and their progress for whoever watches.

use model::{RepositoryId, view::SyncView};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The syncs of one organisation that run here, and the last result of each
/// repository.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    by_repository: Arc<Mutex<HashMap<RepositoryId, watch::Sender<SyncView>>>>,
    cancel: CancellationToken,
}

impl Jobs {
    fn lock(&self) -> MutexGuard<'_, HashMap<RepositoryId, watch::Sender<SyncView>>> {
        self.by_repository.lock().expect("nothing panics while it holds this lock")
    }

    /// Takes note of a sync that begins; `Err` with the one under way if there is one.
    pub(super) fn begin(&self, view: SyncView) -> Result<watch::Sender<SyncView>, Box<SyncView>> {
        let mut jobs = self.lock();
        if let Some(sender) = jobs.get(&view.repository) {
            let current = sender.borrow().clone();
            if !current.state.is_final() {
                return Err(Box::new(current));
            }
            sender.send_replace(view);
            return Ok(sender.clone());
        }
        let sender = watch::Sender::new(view.clone());
        jobs.insert(view.repository, sender.clone());
        Ok(sender)
    }

    /// The newest sync of a repository that this process knows of.
    pub fn current(&self, repository: RepositoryId) -> Option<SyncView> {
        self.lock().get(&repository).map(|sender| sender.borrow().clone())
    }

    /// Follows a repository's newest sync.
    pub fn watch(&self, repository: RepositoryId) -> Option<watch::Receiver<SyncView>> {
        self.lock().get(&repository).map(watch::Sender::subscribe)
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
        self.lock().values().any(|sender| !sender.borrow().state.is_final())
    }
}
