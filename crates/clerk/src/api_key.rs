//! Clerk's API keys (`ak_…`), of organisations and of their members (section
//! 3.4). Clerk answers 200 for keys that were revoked; here they are refused.

use crate::{
    ApiKeyRecord, BackendError, Clock, Membership, OrganizationId, UnixMillis, UserId,
    slot::{Slot, pause},
};
use async_trait::async_trait;
use net::Secret;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{fmt, sync::Arc, time::Duration};

/// For this long an answer is used without asking again.
const KEPT: Duration = Duration::from_secs(60);

/// Most keys that are remembered.
const MOST: u64 = 10_000;

/// What begins a scope that is ours.
const SCOPE: &str = "registry:";

/// An API key that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key's id: fit for a log.
    pub id: String,
    /// What its maker called it.
    pub name: String,
    /// The organisation that it acts for.
    pub organization: OrganizationId,
    /// Whose key it is, if it is a member's.
    pub user: Option<UserId>,
    /// What it is for, such as `registry:read`. Empty: for whatever a reader may do.
    pub scopes: Vec<String>,
}

/// What came of checking an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKeyOutcome {
    /// It holds.
    Valid(ApiKey),
    /// It does not, and why.
    Invalid(InvalidApiKey),
    /// Clerk cannot be reached.
    Unavailable,
    /// Clerk refuses the secret key.
    Misconfigured,
}

/// Why an API key does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidApiKey {
    /// Clerk does not know it.
    #[error("Clerk does not know this API key; create one in the organisation's profile")]
    Unknown,
    /// It was revoked.
    #[error("this API key was revoked; create another one in the organisation's profile")]
    Revoked,
    /// Its time is over.
    #[error("this API key has expired; create another one in the organisation's profile")]
    Expired,
    /// It has scopes, and none is ours.
    #[error("this API key is for something else: none of its scopes begins with `registry:`; create another one")]
    Scope,
    /// It is a person's, and names no organisation of theirs.
    #[error("this API key is a person's and names no organisation of theirs; create one in the organisation's profile")]
    NoOrganization,
}

/// Who knows about API keys.
#[async_trait]
pub trait ApiKeySource: fmt::Debug + Send + Sync {
    /// What Clerk says of a key.
    async fn api_key(&self, key: &Secret) -> Result<ApiKeyRecord, BackendError>;
    /// The organisations of a user.
    async fn memberships(&self, user: &UserId) -> Result<Vec<Membership>, BackendError>;
}

#[async_trait]
impl ApiKeySource for crate::Backend {
    async fn api_key(&self, key: &Secret) -> Result<ApiKeyRecord, BackendError> {
        self.verify_api_key(key).await
    }

    async fn memberships(&self, user: &UserId) -> Result<Vec<Membership>, BackendError> {
        Self::memberships(self, user).await
    }
}

type ApiKeySlot = Slot<Result<(ApiKey, Option<UnixMillis>), InvalidApiKey>, ApiKeyOutcome>;

/// Checks API keys, and remembers for a minute what came of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiKeys {
    source: Arc<dyn ApiKeySource>,
    clock: Arc<dyn Clock>,
    /// By the SHA-256 of the key: the keys themselves are not kept.
    slots: moka::sync::Cache<[u8; 32], Arc<ApiKeySlot>>,
}

/// Whether a token says that it is an API key.
pub(crate) fn looks_like_one(token: &str) -> bool {
    token.starts_with("ak_")
}

/// Whether a token may be one: only such are worth a call.
fn may_be_one(token: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    looks_like_one(token) && (4..=256).contains(&token.len()) && token.bytes().all(plain)
}

fn digest(key: &Secret) -> [u8; 32] {
    Sha256::digest(key.expose().as_bytes()).into()
}

impl ApiKeys {
    /// Remembers nothing at first.
    pub fn new(source: Arc<dyn ApiKeySource>, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock, slots: moka::sync::Cache::new(MOST) }
    }

    /// Whose key this is. What is no key by its form is refused without a call.
    pub async fn verify(&self, key: &Secret) -> ApiKeyOutcome {
        if !may_be_one(key.expose()) {
            return ApiKeyOutcome::Invalid(InvalidApiKey::Unknown);
        }
        let slot = self.slots.get_with(digest(key), Arc::default);
        if let Some(outcome) = self.known(&slot) {
            return outcome;
        }
        let _turn = slot.turn().await;
        if let Some(outcome) = self.known(&slot) {
            return outcome;
        }
        match self.ask(key).await {
            Ok(answer) => slot.answered(answer, self.clock.now()),
            Err(error) => {
                tracing::warn!(%error, "an API key cannot be checked");
                let outcome = match error {
                    BackendError::Refused { .. } => ApiKeyOutcome::Misconfigured,
                    _ => ApiKeyOutcome::Unavailable,
                };
                slot.failed_until(outcome.clone(), self.clock.now().plus(pause(error.retry_after())));
                return outcome;
            }
        }
        self.known(&slot).unwrap_or(ApiKeyOutcome::Unavailable)
    }

    /// Whether verifying a key takes no call.
    pub fn remembers(&self, key: &Secret) -> bool {
        !may_be_one(key.expose()) || self.slots.get(&digest(key)).is_some_and(|slot| self.known(&slot).is_some())
    }

    fn known(&self, slot: &ApiKeySlot) -> Option<ApiKeyOutcome> {
        let now = self.clock.now();
        match slot.last().filter(|answered| now.since(answered.at) < KEPT) {
            Some(answered) => Some(match answered.value {
                Ok((_, Some(expires))) if expires <= now => ApiKeyOutcome::Invalid(InvalidApiKey::Expired),
                Ok((key, _)) => ApiKeyOutcome::Valid(key),
                Err(why) => ApiKeyOutcome::Invalid(why),
            }),
            None => slot.failed(now),
        }
    }

    async fn ask(&self, key: &Secret) -> Result<Result<(ApiKey, Option<UnixMillis>), InvalidApiKey>, BackendError> {
        let record = match self.source.api_key(key).await {
            Ok(record) => record,
            Err(BackendError::NotFound { .. } | BackendError::Rejected { .. }) => {
                return Ok(Err(InvalidApiKey::Unknown));
            }
            Err(error) => return Err(error),
        };
        if record.revoked {
            return Ok(Err(InvalidApiKey::Revoked));
        }
        if record.expired {
            return Ok(Err(InvalidApiKey::Expired));
        }
        if !record.scopes.is_empty() && !record.scopes.iter().any(|scope| scope.starts_with(SCOPE)) {
            return Ok(Err(InvalidApiKey::Scope));
        }
        let Some((organization, user)) = self.subject(&record).await? else {
            return Ok(Err(InvalidApiKey::NoOrganization));
        };
        let ApiKeyRecord { id, name, scopes, expiration, .. } = record;
        Ok(Ok((ApiKey { id, name, organization, user, scopes }, expiration.map(UnixMillis))))
    }

    /// Whom a key acts for: the organisation whose it is, or the one that a
    /// member's key names, if they are a member.
    async fn subject(&self, record: &ApiKeyRecord) -> Result<Option<(OrganizationId, Option<UserId>)>, BackendError> {
        if record.subject.starts_with("org_") {
            return Ok(record.subject.parse().ok().map(|organization| (organization, None)));
        }
        let claim = |name: &str| record.claims.as_ref().and_then(|claims| claims.get(name)).and_then(Value::as_str);
        let named = claim("org").or_else(|| claim("org_id")).and_then(|id| id.parse::<OrganizationId>().ok());
        let user = Some(&record.subject).filter(|subject| subject.starts_with("user_"));
        let Some((named, user)) = named.zip(user.and_then(|id| id.parse::<UserId>().ok())) else { return Ok(None) };
        let memberships = self.source.memberships(&user).await?;
        let member = memberships.iter().any(|membership| membership.organization.id == named);
        Ok(member.then_some((named, Some(user))))
    }
}

#[cfg(test)]
mod tests;
