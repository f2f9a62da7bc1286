//! Leases save work: one sync of a repository at a time, across servers. They
//! are never needed for correctness; publishing takes care of that.
//!
//! No two clocks are ever compared. A lease shows that its holder lives by a
//! number that changes, and whoever waits counts by its own clock for how long
//! it has not.

use super::{ServiceError, error::is_unanswered};
use crate::tenants::Tenant;
use instant::{InstantError, Transaction, rows};
use model::EntityId;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

/// How long a lease that nobody renews is respected.
pub(super) const TTL: Duration = Duration::from_secs(15);
/// Time between two renewals.
pub(super) const RENEWAL: Duration = TTL.checked_div(3).expect("three is not zero");
/// Until a renewal that was not answered is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A lease that this process holds until dropped. Renewed by itself.
pub(super) struct Lease {
    tenant: Arc<Tenant>,
    id: EntityId,
    /// When it was renewed last.
    renewed: Arc<Mutex<Instant>>,
    renewal: tokio::task::JoinHandle<()>,
}

/// What has been seen of a lease that someone else holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Watched(Option<(EntityId, u64, Instant)>);

impl Watched {
    /// Takes note of how it stands now. Whether that has been the same for so
    /// long that its holder must be gone.
    fn is_dead(&mut self, row: &rows::Lease) -> bool {
        match self.0 {
            Some((id, beat, since)) if (id, beat) == (row.id, row.beat) => since.elapsed() >= TTL,
            _ => {
                self.0 = Some((row.id, row.beat, Instant::now()));
                false
            }
        }
    }
}

/// The key of the lease on syncing a repository.
pub(super) fn sync_key(repository: model::RepositoryId) -> String {
    format!("sync:{repository}")
}

/// The lease with this key, whoever holds it.
pub(super) async fn held(tenant: &Tenant, key: &str) -> Result<Option<rows::Lease>, ServiceError> {
    Ok(tenant.db.select::<rows::Lease>().filter(rows::Lease::KEY.eq(key.to_owned())).one().await?)
}

impl Lease {
    /// Takes the lease with this key, unless another holder shows signs of
    /// life: then `watched` remembers them for the next attempt.
    pub(super) async fn attempt(
        tenant: &Arc<Tenant>,
        key: &str,
        watched: &mut Watched,
    ) -> Result<Option<Self>, ServiceError> {
        // Unique, so that an answer that is lost can be asked for again.
        let holder = format!("{}/{}", tenant.server(), uuid::Uuid::new_v4());
        let mut dead = None;
        loop {
            let id = EntityId::random();
            let mut transaction = Transaction::new();
            if let Some(dead) = dead {
                transaction.delete::<rows::Lease>(dead);
            }
            transaction
                .create::<rows::Lease>(id)
                .set(rows::Lease::KEY, key.to_owned())
                .set(rows::Lease::HOLDER, holder.clone())
                .set(rows::Lease::BEAT, 0_u64);
            let asked = Instant::now();
            match tenant.db.transact(transaction).await {
                Ok(_) => return Ok(Some(Self::held(tenant.clone(), id, asked))),
                Err(InstantError::NotUnique { .. }) => {}
                Err(error) if is_unanswered(&error) => {
                    if held(tenant, key).await?.is_none_or(|row| row.holder != holder) {
                        return Err(error.into());
                    }
                    return Ok(Some(Self::held(tenant.clone(), id, asked)));
                }
                Err(error) => return Err(error.into()),
            }
            let Some(row) = held(tenant, key).await? else { continue };
            if dead == Some(row.id) || !(watched.is_dead(&row) || is_left_behind(tenant, &row)) {
                return Ok(None);
            }
            dead = Some(row.id);
        }
    }

    fn held(tenant: Arc<Tenant>, id: EntityId, since: Instant) -> Self {
        tenant.leases().insert(id);
        let renewed = Arc::new(Mutex::new(since));
        let renewal = tokio::spawn(renew(tenant.clone(), id, renewed.clone()));
        Self { tenant, id, renewed, renewal }
    }

    /// Whether it was lost while we held it.
    pub(super) fn is_lost(&self) -> bool {
        self.renewal.is_finished() || locked(&self.renewed).elapsed() >= TTL
    }

    /// Gives it back.
    pub(super) async fn release(self) -> Result<(), ServiceError> {
        self.renewal.abort();
        let mut transaction = Transaction::new();
        transaction.delete::<rows::Lease>(self.id);
        self.tenant.db.transact(transaction).await?;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewal.abort();
        self.tenant.leases().remove(&self.id);
    }
}

/// Whether this server held it and does no more: an earlier process, or one
/// whose release was not answered.
pub(super) fn is_left_behind(tenant: &Tenant, row: &rows::Lease) -> bool {
    let server = row.holder.split_once('/').map_or("", |(server, _)| server);
    tenant.is_own(server) && !tenant.leases().contains(&row.id)
}

fn locked(renewed: &Mutex<Instant>) -> std::sync::MutexGuard<'_, Instant> {
    renewed.lock().expect("nothing panics while it holds this lock")
}

/// Renews a lease until it is lost.
async fn renew(tenant: Arc<Tenant>, id: EntityId, renewed: Arc<Mutex<Instant>>) {
    let mut pause = RENEWAL;
    for beat in 1_u64.. {
        tokio::time::sleep(pause).await;
        let asked = Instant::now();
        let mut transaction = Transaction::new();
        transaction.update_existing::<rows::Lease>(id).set(rows::Lease::BEAT, beat);
        match tenant.db.transact(transaction).await {
            Ok(_) => {
                *locked(&renewed) = asked;
                pause = RENEWAL;
            }
            Err(error) if is_unanswered(&error) && locked(&renewed).elapsed() < TTL => pause = RETRY,
            Err(error) => {
                tracing::warn!(%error, "lost a lease; another server may do the same work");
                return;
            }
        }
    }
}
