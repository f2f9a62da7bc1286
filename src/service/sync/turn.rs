//! Whose turn it is: of all servers one syncs a repository at a time, and what
//! it was asked for by others is answered by that.

use super::run::SyncRun;
use crate::service::{
    ServiceError,
    lease::{Lease, Watched, sync_key},
    repositories::sync_view,
};
use instant::rows;
use model::{Progress, Stage, SyncState, view::SyncView};
use std::time::Duration;
use tokio::time::Instant;

/// How long another server is waited for: its sync may take long, but whoever
/// asked should be told something.
const PATIENCE: Duration = Duration::from_mins(15);
/// Time between two looks at how the other one is doing.
const PAUSE: Duration = Duration::from_millis(500);

/// Whose turn it is.
pub(super) enum Turn {
    /// Ours, while we hold this.
    Ours(Lease),
    /// It was another server's, and this is what came of it.
    Theirs(Box<SyncView>),
}

impl SyncRun {
    /// Waits until this server may sync the repository, or another one has.
    pub(super) async fn turn(&self) -> Result<Turn, ServiceError> {
        let key = sync_key(self.repository);
        let stopped = self.tenant.jobs.cancellation();
        let mut watched = Watched::default();
        let since = Instant::now();
        loop {
            // Whatever is asked for from here on is not answered by what is found.
            self.tenant.jobs.look(self.repository);
            if let Some(view) = self.answered().await? {
                return Ok(Turn::Theirs(Box::new(view)));
            }
            if let Some(lease) = Lease::attempt(&self.tenant, &key, &mut watched).await? {
                return Ok(Turn::Ours(lease));
            }
            if since.elapsed() > PATIENCE {
                return Err(ServiceError::Conflict(
                    "Another server has been syncing this repository for a quarter of an hour. What it finds is served when it is done. Look at its sync, or ask again later.".to_owned(),
                ));
            }
            self.sender.send_if_modified(|view| {
                let waits = Some(Progress { stage: Stage::Waiting, done: 0, total: None });
                let changed = view.progress != waits;
                (view.state, view.progress) = (SyncState::Queued, waits);
                changed
            });
            tokio::select! {
                () = stopped.cancelled() => return Err(ServiceError::Stopped),
                () = tokio::time::sleep(PAUSE.mul_f64(0.5 + rand::random::<f64>())) => {}
            }
        }
    }

    /// What came of the newest look, if nothing was asked for since it began.
    async fn answered(&self) -> Result<Option<SyncView>, ServiceError> {
        let row = self.service.repository_row(&self.tenant, self.repository).await?;
        if row.wanted.is_none() || row.wanted != row.answered {
            return Ok(None);
        }
        let Some(Ok(sync)) = row.answered_by.as_deref().map(str::parse::<model::SyncId>) else { return Ok(None) };
        let sync = self.tenant.db.get::<rows::Sync>(sync).await?;
        Ok(sync.map(|row| sync_view(row, None)).filter(|view| view.state.is_final()))
    }
}
