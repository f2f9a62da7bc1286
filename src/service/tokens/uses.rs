//! When tokens were last used: noted hourly at most, beside the request.

use crate::{service::RegistryService, tenants::Tenant};
use instant::{InstantError, Timestamp, Transaction, rows};
use model::TokenId;
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};

/// Least time between two notes of one token.
const EVERY: Duration = Duration::from_hours(1);
/// Most tokens that are remembered to have been noted.
const MOST: u64 = 10_000;

/// The tokens whose use was noted within the hour.
#[derive(Debug, Clone)]
pub(in crate::service) struct Uses(Cache<TokenId, ()>);

impl Default for Uses {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(EVERY).build())
    }
}

impl RegistryService {
    /// Notes that a token was used, without keeping the request waiting.
    pub(crate) fn note_use(&self, tenant: &Arc<Tenant>, token: TokenId) {
        if self.uses.0.contains_key(&token) || tenant.contact.away().is_some() {
            return;
        }
        if self.uses.0.entry(token).or_insert(()).is_fresh() {
            let tenant = Arc::clone(tenant);
            tokio::spawn(async move {
                if let Err(error) = write(&tenant, token).await {
                    // It is of no consequence, and tried again in an hour.
                    tracing::debug!(%error, "the use of a token was not noted");
                }
            });
        }
    }
}

/// Writes it down, unless another server did within the hour.
async fn write(tenant: &Tenant, token: TokenId) -> Result<(), InstantError> {
    let Some(row) = tenant.db.get::<rows::Token>(token).await? else { return Ok(()) };
    let now = Timestamp::now();
    let every = i64::try_from(EVERY.as_millis()).expect("an hour fits");
    if row.last_used_at.is_some_and(|last| now.as_millis() - last.as_millis() < every) {
        return Ok(());
    }
    let mut transaction = Transaction::new();
    transaction.update_existing::<rows::Token>(token).set(rows::Token::LAST_USED_AT, now);
    tenant.db.transact(transaction).await.map(drop)
}
