//! Old syncs are let go: with every push and every failed look there is
//! another, for years.

use crate::{
    service::{ServiceError, reports::last_success},
    tenants::Tenant,
};
use instant::{Transaction, rows};
use model::RepositoryId;

/// How many syncs of a repository are kept.
const KEPT: u64 = 200;

/// Deletes all but the newest syncs of a repository, and never the newest that
/// succeeded: its report says what is served.
pub(super) async fn prune(tenant: &Tenant, repository: RepositoryId) -> Result<(), ServiceError> {
    let old = tenant
        .db
        .select::<rows::Sync>()
        .filter(rows::Sync::REPOSITORY.is(repository))
        .order(rows::Sync::STARTED_AT.desc())
        .offset(KEPT)
        .limit(KEPT)
        .all()
        .await?;
    if old.is_empty() {
        return Ok(());
    }
    let Some(row) = tenant.db.get::<rows::Repository>(repository).await? else { return Ok(()) };
    let success = last_success(tenant, &row).await?.map(|row| row.id);
    let mut transaction = Transaction::new();
    for row in old.into_iter().filter(|row| Some(row.id) != success) {
        transaction.delete::<rows::Sync>(row.id);
    }
    tenant.db.transact(transaction).await?;
    Ok(())
}
