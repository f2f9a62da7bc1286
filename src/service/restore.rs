//! A backup put in the place of everything, while it is served or while not.

use super::{RegistryService, ServiceError};
use crate::auth::{Access, Admin};
use crate::service::audit::Action;
use instant::{BackupError, BackupSummary, Db, Embedded, Transaction, rows};
use std::{path::Path, sync::Arc};

/// Told how many entities and files are taken, and of how many.
pub type Steps = Box<dyn FnMut(u64, u64) + Send>;

/// Puts a backup in the place of what the store holds, less the claims of
/// processes that ran when it was made. For whoever has the store to itself.
pub async fn restore(store: &Embedded, path: &Path, replace: bool, steps: Steps) -> Result<BackupSummary, BackupError> {
    let summary = store.restore(path, replace, steps).await?;
    let db: Db = Arc::new(store.clone());
    let mut claims = Transaction::new();
    for lease in db.select::<rows::Lease>().pages().await? {
        claims.delete::<rows::Lease>(lease.id);
    }
    db.transact_in_chunks(claims).await?;
    Ok(summary)
}

impl RegistryService {
    /// The same beneath a server, which serves the restored state when this
    /// returns. Refused while a sync is under way: it would go on with what is
    /// no longer there. Until it is done no sync begins, and publishing waits.
    pub async fn restore(
        &self,
        access: &Access<Admin>,
        store: &Embedded,
        path: &Path,
        replace: bool,
        steps: Steps,
    ) -> Result<BackupSummary, ServiceError> {
        let tenant = &self.tenant(access)?.clone();
        let held = tenant.jobs.hold().ok_or_else(|| {
            ServiceError::Conflict("A sync is under way. Wait for it to end, and restore again.".to_owned())
        })?;
        let _order = tenant.publishing.lock().await;
        let restored = restore(store, path, replace, steps).await;
        let summary = restored.map_err(|error| ServiceError::Invalid(error.to_string()))?;
        tenant.pinned.invalidate_all();
        self.refresh(tenant).await?;
        drop(held);
        tenant.polls.wake();
        self.record(access, Action::StoreRestore, path.display()).await;
        Ok(summary)
    }
}
