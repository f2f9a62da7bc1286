//! What the newest syncs of a repository reported.

use super::ServiceError;
use crate::tenants::Tenant;
use instant::rows;
use model::{SyncReport, SyncState};

/// The report of the newest sync of a repository that succeeded.
pub(super) async fn last_report(
    tenant: &Tenant,
    repository: &rows::Repository,
) -> Result<Option<SyncReport>, ServiceError> {
    Ok(last_success(tenant, repository).await?.and_then(|row| serde_json::from_str(&row.report?).ok()))
}

/// The newest sync of a repository that succeeded.
pub(super) async fn last_success(
    tenant: &Tenant,
    repository: &rows::Repository,
) -> Result<Option<rows::Sync>, ServiceError> {
    // Servers' clocks differ, so the times of syncs tell nothing about their order.
    if let Some(Ok(id)) = repository.last_success.as_deref().map(str::parse::<model::SyncId>)
        && let Some(row) = tenant.db.get::<rows::Sync>(id).await?
    {
        return Ok(Some(row));
    }
    // Written before that was noted in the repository.
    let succeeded = rows::Sync::STATE.eq(SyncState::Succeeded.as_str().to_owned());
    let rows = tenant.db.select::<rows::Sync>().filter(rows::Sync::REPOSITORY.is(repository.id)).filter(succeeded);
    Ok(rows.order(rows::Sync::STARTED_AT.desc()).one().await?)
}
