//! What happens once when a process takes the data folder, before it serves.

use super::{
    RegistryService, ServiceError, projection, reading::ReadingSettings, snapshots, sync::SETTLED_MARK,
    tokens::load_tokens,
};
use crate::{
    auth::{Access, Admin},
    tenants::Tenant,
};
use instant::{Timestamp, Transaction, rows};
use model::{SyncReport, SyncState};

impl RegistryService {
    /// Serves what was served last, and mends what an earlier process left
    /// unfinished. The data folder must be ours alone.
    pub async fn start(&self, access: &Access<Admin>) -> Result<(), ServiceError> {
        let tenant = self.tenant(access)?;
        if let Err(error) = end_what_was_interrupted(tenant).await {
            // A disk that is full or read-only must not end serving.
            tracing::warn!(%error, "could not take note of what an earlier process left");
        }
        load_tokens(tenant).await?;
        self.restore_catalog(tenant).await
    }

    /// Writes what follows from publications whose sync was cut short. Nothing
    /// is served from it, so this may run beside serving.
    pub async fn settle(&self, access: &Access<Admin>) -> Result<(), ServiceError> {
        let tenant = self.tenant(access)?;
        for row in tenant.db.select::<rows::Repository>().pages().await? {
            let Some(publication) = snapshots::current_publication(tenant, row.id).await? else {
                continue;
            };
            let mark = tenant.local.get(SETTLED_MARK, &row.id.to_string()).await?;
            if mark.as_deref() == Some(&publication.seq.to_be_bytes()) {
                continue;
            }
            if tenant.jobs.current(row.id).is_some_and(|view| !view.state.is_final()) {
                continue; // a sync that runs now settles it
            }
            let Some(snapshot) = snapshots::current(tenant, row.id).await? else {
                continue;
            };
            let settings = ReadingSettings::of(&row)?;
            tracing::info!(repository = %row.name, seq = publication.seq, "finishing what an earlier run left");
            projection::repair(tenant, row.id, settings.namespace.as_ref(), &snapshot.list).await?;
            self.rebuild_catalog(tenant, &super::catalogue::Fresh::new(), |_, _| {}).await?;
            self.mark_settled(tenant, row.id).await?;
        }
        Ok(())
    }
}

/// With the data folder ours alone, whatever claims to be running is not.
async fn end_what_was_interrupted(tenant: &Tenant) -> Result<(), ServiceError> {
    let mut transaction = Transaction::new();
    for lease in tenant.db.select::<rows::Lease>().pages().await? {
        transaction.delete::<rows::Lease>(lease.id);
    }
    let states = [SyncState::Queued, SyncState::Running].map(|state| state.as_str().to_owned());
    for row in tenant.db.select::<rows::Sync>().filter(rows::Sync::STATE.is_in(states)).pages().await? {
        let report = SyncReport {
            failure: Some(
                "The server stopped during this sync. What was served before still is. Start the sync again."
                    .to_owned(),
            ),
            ..SyncReport::default()
        };
        transaction
            .update_existing::<rows::Sync>(row.id)
            .set(rows::Sync::STATE, SyncState::Failed.as_str().to_owned())
            .set(rows::Sync::FINISHED_AT, Timestamp::now())
            .set(rows::Sync::REPORT, serde_json::to_string(&report).expect("a report serialises"));
    }
    tenant.db.transact_in_chunks(transaction).await?;
    Ok(())
}
