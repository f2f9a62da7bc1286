//! Seeing to it that the rows are those of what is current, whoever published
//! it and whatever became of that server.

use super::project_all;
use crate::{
    service::{ServiceError, heads::Heads, reading::ReadingSettings},
    tenants::Tenant,
};
use instant::{InstantError, Transaction, rows};
use model::{Digest, RepositoryId};

/// How often others may publish while rows are written.
const ATTEMPTS: usize = 8;

/// Whether a repository's rows are those of what is current.
pub(in crate::service) fn is_settled(row: &rows::Repository, heads: &Heads) -> bool {
    // What cannot be read cannot be written either.
    heads.is_unreadable(row.id) || row.projected == heads.of(row.id).map(|head| head.seq)
}

/// What rows are written from.
type Basis = (Option<u64>, Digest);

/// Takes note that the rows of a repository were written from the publication
/// of this number with these settings. Where that is not current any more, or
/// never was all of it, they are written again.
pub(in crate::service) async fn settle(
    tenant: &Tenant,
    repository: RepositoryId,
    seq: Option<u64>,
    settings: Digest,
) -> Result<(), ServiceError> {
    let mut written: Basis = (seq, settings);
    for _ in 0..ATTEMPTS {
        let mut transaction = Transaction::new();
        transaction.update_existing::<rows::Repository>(repository).set_opt(rows::Repository::PROJECTED, written.0);
        match tenant.db.transact(transaction).await {
            Ok(_) | Err(InstantError::Missing { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        // Looked at after it was noted: of two that write at once, the later sees the other.
        match write(tenant, repository, Some(written)).await? {
            Some(now) if now != written => written = now,
            _ => return Ok(()),
        }
    }
    Err(ServiceError::Contention)
}

/// Writes all rows of a repository as they follow from what is current.
pub(in crate::service) async fn repair(tenant: &Tenant, repository: RepositoryId) -> Result<(), ServiceError> {
    match write(tenant, repository, None).await? {
        Some((seq, settings)) => settle(tenant, repository, seq, settings).await,
        None => Ok(()),
    }
}

/// Writes all rows of a repository, unless they were written from just that;
/// answers what they are written from now. `None` where there is no such repository.
async fn write(
    tenant: &Tenant,
    repository: RepositoryId,
    written: Option<Basis>,
) -> Result<Option<Basis>, ServiceError> {
    let heads = tenant.sequence.catch_up(tenant).await?;
    let Some(row) = tenant.db.get::<rows::Repository>(repository).await? else {
        // It was removed while its rows were written.
        return clear(tenant, repository).await.map(|()| None);
    };
    let settings = ReadingSettings::of(&row)?;
    let head = heads.of(repository);
    if heads.is_unreadable(repository) {
        return Ok(None);
    }
    let now = (head.map(|head| head.seq), settings.digest());
    if written != Some(now)
        && let Some(head) = head
    {
        project_all(tenant, repository, settings.namespace.as_ref(), &head.snapshot.list).await?;
    }
    Ok(Some(now))
}

/// Deletes rows that were written of a repository which is gone.
async fn clear(tenant: &Tenant, repository: RepositoryId) -> Result<(), ServiceError> {
    let prefix = format!("{repository}/%");
    let rows = tenant.db.select::<rows::Component>().filter(rows::Component::KEY.like(&prefix)).pages().await?;
    let mut transaction = Transaction::new();
    for row in rows {
        transaction.delete::<rows::Component>(row.id);
    }
    tenant.db.transact_in_chunks(transaction).await?;
    Ok(())
}
