//! Clerk's Backend API: the few calls that are needed (section 3).

mod call;
mod error;
mod shapes;

pub use error::BackendError;
pub use shapes::{ApiKeyRecord, Member, Membership, OrganizationRecord, UserRecord};

use crate::{ClerkSettings, KeySet, KeySource, OrganizationId, RefreshRequest, SecretKey, SessionId, UserId};
use async_trait::async_trait;
use call::Call;
use net::{OperatorClient, Secret};
use serde_json::json;
use std::time::Duration;
use url::Url;

/// The version of both APIs that is spoken.
pub const API_VERSION: &str = "2026-05-12";

/// How long an answer may take. A request of a visitor waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the keys may take.
const KEYS: Duration = Duration::from_secs(2);

/// Memberships on one page, and pages that are read.
const PAGE: usize = 100;
const PAGES: usize = 5;

/// Clerk's Backend API of one instance. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Backend {
    client: OperatorClient,
    api_url: Url,
    secret: SecretKey,
    patience: Duration,
}

impl Backend {
    /// The API that the settings name.
    pub fn new(client: OperatorClient, settings: &ClerkSettings) -> Self {
        let (api_url, secret) = (settings.api_url.clone(), settings.secret_key.clone());
        Self { client, api_url, secret, patience: PATIENCE }
    }

    /// Waits this long at most for an answer.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The `Set-Cookie` lines that a handshake's nonce stands for. A nonce may
    /// be good for one answer, so it is asked for once.
    pub async fn handshake_payload(&self, nonce: &Secret) -> Result<Vec<String>, BackendError> {
        let call = Call::get("/v1/clients/handshake_payload").with("nonce", nonce.expose()).once();
        let payload: shapes::Payload = self.call(call).await?;
        Ok(payload.directives)
    }

    /// A new session token for an expired one, as `Set-Cookie` lines.
    pub async fn refresh(&self, request: &RefreshRequest) -> Result<Vec<String>, BackendError> {
        let headers: serde_json::Map<_, _> =
            request.headers.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
        let body = json!({
            "format": "cookie",
            "expired_token": request.expired.expose(),
            "refresh_token": request.refresh.expose(),
            "request_origin": request.origin,
            "request_headers": headers,
        });
        let call = Call::post(format!("/v1/sessions/{}/refresh", request.session), &body)
            .with("suffixed_cookies", if request.suffixed { "true" } else { "false" })
            .once();
        let refreshed: shapes::Refreshed = self.call(call).await?;
        Ok(refreshed.cookies)
    }

    /// An organisation, with its private metadata's InstantDB credentials.
    pub async fn organization(&self, id: &OrganizationId) -> Result<OrganizationRecord, BackendError> {
        self.call(Call::get(format!("/v1/organizations/{id}"))).await
    }

    /// The organisations of a user; the first 500.
    pub async fn memberships(&self, user: &UserId) -> Result<Vec<Membership>, BackendError> {
        let mut memberships = Vec::new();
        for page in 0..PAGES {
            let call = Call::get(format!("/v1/users/{user}/organization_memberships"))
                .with("limit", &PAGE.to_string())
                .with("offset", &(page * PAGE).to_string());
            let found: shapes::Page = self.call(call).await?;
            let last = found.data.len() < PAGE;
            memberships.extend(found.data);
            if last {
                break;
            }
        }
        Ok(memberships)
    }

    /// The members of an organisation, those who joined first at first; the first
    /// 500, and how many there are.
    pub async fn members(&self, organization: &OrganizationId) -> Result<(Vec<Member>, usize), BackendError> {
        let mut members = Vec::new();
        let mut total = 0;
        for page in 0..PAGES {
            let call = Call::get(format!("/v1/organizations/{organization}/memberships"))
                .with("limit", &PAGE.to_string())
                .with("offset", &(page * PAGE).to_string())
                .with("order_by", "+created_at");
            let found: shapes::Members = self.call(call).await?;
            let last = found.data.len() < PAGE;
            total = found.total_count;
            members.extend(found.data);
            if last {
                break;
            }
        }
        Ok((members, total))
    }

    /// A user: what a page calls them.
    pub async fn user(&self, id: &UserId) -> Result<UserRecord, BackendError> {
        self.call(Call::get(format!("/v1/users/{id}"))).await
    }

    /// What Clerk says of an API key. This path has no version.
    pub async fn verify_api_key(&self, key: &Secret) -> Result<ApiKeyRecord, BackendError> {
        self.call(Call::post("/api_keys/verify", &json!({ "secret": key.expose() }))).await
    }

    /// Ends a session: signing out without JavaScript. Ending it twice ends it once.
    pub async fn revoke_session(&self, id: &SessionId) -> Result<(), BackendError> {
        let _: serde::de::IgnoredAny = self.call(Call::post(format!("/v1/sessions/{id}/revoke"), &json!({}))).await?;
        Ok(())
    }
}

#[async_trait]
impl KeySource for Backend {
    async fn keys(&self) -> Result<KeySet, BackendError> {
        let body = self.send(&Call::get("/v1/jwks").within(KEYS)).await?;
        KeySet::read(&body).map_err(|error| BackendError::unreadable("/v1/jwks", error))
    }
}

#[cfg(test)]
mod tests;
