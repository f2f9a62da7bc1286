//! An organisation's InstantDB credentials, from its private metadata in Clerk
//! (section 3.2). Kept in memory alone.

use crate::{
    Backend, BackendError, Clock, OrganizationId, OrganizationRecord, UnixMillis,
    slot::{Answered, Slot, pause},
};
use async_trait::async_trait;
use net::Secret;
use std::{fmt, sync::Arc, time::Duration};

/// For this long credentials are used without asking again.
const FRESH: Duration = Duration::from_mins(5);

/// For this long they are used while they are asked for in the background.
const STALE: Duration = Duration::from_hours(1);

/// For this long they are used while Clerk cannot be reached.
const BUDGET: Duration = Duration::from_hours(24);

/// For this long missing ones stay missing: whoever comes back from setting them
/// up should not wait.
const MISSING: Duration = Duration::from_secs(5);

/// Credentials that InstantDB rejects are not asked for again within this time.
const REJECTED: Duration = Duration::from_secs(30);

/// Most organisations that are remembered.
const MOST: u64 = 10_000;

/// What opens an organisation's InstantDB app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstantCredentials {
    /// The app's id.
    pub app_id: String,
    /// The token that may do anything in it.
    pub admin_token: Secret,
    /// The server, if it is not InstantDB's own cloud. A tenant chose it.
    pub api_uri: Option<String>,
}

/// What is known about an organisation's credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Here they are.
    Found {
        /// The organisation.
        organization: Arc<OrganizationRecord>,
        /// Its credentials.
        credentials: InstantCredentials,
        /// When Clerk told them.
        at: UnixMillis,
    },
    /// The organisation has none: it has to be set up on the platform.
    Missing {
        /// The organisation.
        organization: Arc<OrganizationRecord>,
    },
    /// There is no such organisation.
    Gone,
    /// Clerk cannot be reached, and nothing that is known may be used.
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
    /// Clerk refuses the secret key: the operator's to mend.
    Misconfigured,
}

/// Where organisations come from.
#[async_trait]
pub trait OrganizationSource: fmt::Debug + Send + Sync {
    /// An organisation now.
    async fn organization(&self, id: &OrganizationId) -> Result<OrganizationRecord, BackendError>;
}

#[async_trait]
impl OrganizationSource for Backend {
    async fn organization(&self, id: &OrganizationId) -> Result<OrganizationRecord, BackendError> {
        Self::organization(self, id).await
    }
}

/// What Clerk told: an organisation, or that there is none.
type OrganizationSlot = Slot<Option<Arc<OrganizationRecord>>, Credentials>;

/// Remembers organisations. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Organizations {
    source: Arc<dyn OrganizationSource>,
    clock: Arc<dyn Clock>,
    slots: moka::sync::Cache<OrganizationId, Arc<OrganizationSlot>>,
}

impl Organizations {
    /// Remembers nothing at first.
    pub fn new(source: Arc<dyn OrganizationSource>, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock, slots: moka::sync::Cache::new(MOST) }
    }

    /// An organisation's credentials. Only ids from verified tokens belong here:
    /// each new one is a call.
    pub async fn credentials(&self, id: &OrganizationId) -> Credentials {
        let slot = self.slots.get_with(id.clone(), Arc::default);
        if let Some(known) = self.known(id, &slot) {
            return known;
        }
        let _turn = slot.turn().await;
        // Someone else may have asked while we waited.
        if let Some(known) = self.known(id, &slot) {
            return known;
        }
        self.ask(id, &slot).await
    }

    /// An organisation, as it was told last.
    pub(crate) fn known_record(&self, id: &OrganizationId) -> Option<Arc<OrganizationRecord>> {
        self.slots.get(id)?.last()?.value
    }

    /// Forgets an organisation: it was changed. An answer that is under way
    /// meanwhile is given to whoever waits for it, and not kept.
    pub fn forget(&self, id: &OrganizationId) {
        self.slots.invalidate(id);
    }

    /// Forgets that an organisation has no credentials, or is gone; somebody
    /// comes back from setting it up.
    pub fn forget_missing(&self, id: &OrganizationId) {
        let found = |slot: Arc<OrganizationSlot>| slot.last().is_some_and(|answered| found(&answered).is_some());
        if !self.slots.get(id).is_some_and(found) {
            self.forget(id);
        }
    }

    /// What to use instead of credentials that InstantDB rejected: they may have
    /// been replaced. The same ones come back if they were not.
    pub async fn after_rejection(&self, id: &OrganizationId, rejected: &InstantCredentials) -> Credentials {
        let last = self.slots.get(id).and_then(|slot| slot.last());
        let asked_just_now = last.is_some_and(|answered| {
            let same = found(&answered).is_some_and(|(_, credentials)| credentials == rejected);
            !same || self.clock.now().since(answered.at) < REJECTED
        });
        if !asked_just_now {
            self.forget(id);
        }
        self.credentials(id).await
    }

    /// What is known without asking.
    fn known(&self, id: &OrganizationId, slot: &Arc<OrganizationSlot>) -> Option<Credentials> {
        let now = self.clock.now();
        let last = slot.last();
        if let Some(answered) = &last {
            let age = now.since(answered.at);
            match found(answered) {
                Some(_) if age < FRESH => return Some(told(answered)),
                // While Clerk is away, too: nobody waits for attempts that fail.
                Some(_) if age < STALE || age < BUDGET && is_away(slot, now) => {
                    self.renew(id, slot);
                    return Some(told(answered));
                }
                None if age < MISSING => return Some(told(answered)),
                Some(_) | None => {}
            }
        }
        let failed = slot.failed(now)?;
        Some(self.instead(&failed, last.as_ref()))
    }

    /// What is used while asking fails.
    fn instead(&self, failed: &Credentials, last: Option<&Answered<Option<Arc<OrganizationRecord>>>>) -> Credentials {
        let usable = |answered: &&Answered<_>| {
            matches!(failed, Credentials::Unavailable { .. })
                && found(answered).is_some()
                && self.clock.now().since(answered.at) < BUDGET
        };
        last.filter(usable).map_or_else(|| failed.clone(), told)
    }

    /// Asks in the background, unless someone does or it failed a moment ago.
    fn renew(&self, id: &OrganizationId, slot: &Arc<OrganizationSlot>) {
        if slot.failed(self.clock.now()).is_some() {
            return;
        }
        if let Some(renewal) = slot.begin_renewal() {
            let (organizations, id, slot) = (self.clone(), id.clone(), Arc::clone(slot));
            tokio::spawn(async move {
                let _turn = slot.turn().await;
                organizations.ask(&id, &slot).await;
                drop(renewal);
            });
        }
    }

    /// Asks Clerk. Only in one's turn.
    async fn ask(&self, id: &OrganizationId, slot: &OrganizationSlot) -> Credentials {
        let answer = match self.source.organization(id).await {
            Ok(organization) => Some(Arc::new(organization)),
            Err(BackendError::NotFound { .. }) => None,
            Err(error) => {
                let wait = pause(error.retry_after());
                let failed = if let BackendError::Refused { .. } = error {
                    tracing::error!(organization = %id, %error, "an organisation cannot be read");
                    Credentials::Misconfigured
                } else {
                    tracing::warn!(organization = %id, %error, "an organisation cannot be read");
                    Credentials::Unavailable { retry_after: wait }
                };
                slot.failed_until(failed.clone(), self.clock.now().plus(wait));
                return self.instead(&failed, slot.last().as_ref());
            }
        };
        let now = self.clock.now();
        slot.answered(answer.clone(), now);
        told(&Answered { value: answer, at: now })
    }
}

/// Whether Clerk could not be reached the last time, a moment ago.
fn is_away(slot: &OrganizationSlot, now: UnixMillis) -> bool {
    matches!(slot.failed_lately(now), Some(Credentials::Unavailable { .. }))
}

fn found(
    answered: &Answered<Option<Arc<OrganizationRecord>>>,
) -> Option<(&Arc<OrganizationRecord>, &InstantCredentials)> {
    let organization = answered.value.as_ref()?;
    Some((organization, organization.instant.as_ref()?))
}

fn told(answered: &Answered<Option<Arc<OrganizationRecord>>>) -> Credentials {
    match (&answered.value, found(answered)) {
        (_, Some((organization, credentials))) => {
            let (organization, credentials) = (Arc::clone(organization), credentials.clone());
            Credentials::Found { organization, credentials, at: answered.at }
        }
        (Some(organization), None) => Credentials::Missing { organization: Arc::clone(organization) },
        (None, None) => Credentials::Gone,
    }
}

#[cfg(test)]
mod tests;
