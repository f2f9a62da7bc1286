//! Leases save work: one sync of a repository at a time, across servers. They
//! are never needed for correctness; publishing takes care of that.

use super::ServiceError;
use crate::tenants::Tenant;
use instant::{InstantError, Transaction, rows};
use model::EntityId;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long a lease that nobody renews is respected.
pub(super) const TTL: Duration = Duration::from_secs(30);

/// A lease that this process holds until dropped. Renewed by itself.
pub(super) struct Lease {
    tenant: Arc<Tenant>,
    id: EntityId,
    renewal: tokio::task::JoinHandle<()>,
}

impl Lease {
    /// Waits for the lease with this key. Another holder that shows no sign of
    /// life for [`TTL`], by our own clock, is taken over.
    pub(super) async fn acquire(tenant: &Arc<Tenant>, key: &str, holder: &str) -> Result<Self, ServiceError> {
        let mut seen: Option<(EntityId, u64, Instant)> = None;
        loop {
            let id = EntityId::random();
            let mut transaction = Transaction::new();
            if let Some((old, _, since)) = seen
                && since.elapsed() >= TTL
            {
                transaction.delete::<rows::Lease>(old);
            }
            transaction
                .create::<rows::Lease>(id)
                .set(rows::Lease::KEY, key.to_owned())
                .set(rows::Lease::HOLDER, holder.to_owned())
                .set(rows::Lease::BEAT, 0_u64);
            match tenant.db.transact(transaction).await {
                Ok(_) => return Ok(Self::held(tenant.clone(), id)),
                Err(InstantError::NotUnique { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let other = tenant.db.select::<rows::Lease>().filter(rows::Lease::KEY.eq(key.to_owned())).one().await?;
            seen = match (other, seen) {
                (Some(row), Some((id, beat, since))) if row.id == id && row.beat == beat => Some((id, beat, since)),
                (Some(row), _) => Some((row.id, row.beat, Instant::now())),
                (None, _) => continue,
            };
            tokio::time::sleep(TTL / 30).await;
        }
    }

    fn held(tenant: Arc<Tenant>, id: EntityId) -> Self {
        let db = tenant.db.clone();
        let renewal = tokio::spawn(async move {
            for beat in 1_u64.. {
                tokio::time::sleep(TTL / 3).await;
                let mut transaction = Transaction::new();
                transaction.update_existing::<rows::Lease>(id).set(rows::Lease::BEAT, beat);
                if let Err(error) = db.transact(transaction).await {
                    tracing::warn!(%error, "lost a lease; another server may do the same work");
                    return;
                }
            }
        });
        Self { tenant, id, renewal }
    }

    /// Whether it was lost while we held it.
    pub(super) fn is_lost(&self) -> bool {
        self.renewal.is_finished()
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
    }
}
