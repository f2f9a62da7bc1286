//! Organisations as Clerk knows them: what opens their databases lies in their
//! private metadata.

use super::{Credentials, Directory};
use async_trait::async_trait;
use clerk::{Clerk, InstantCredentials};
use instant::{ApiUri, RemoteSettings, Timestamp};
use model::OrganisationId;

#[async_trait]
impl Directory for Clerk {
    async fn credentials(&self, organisation: &OrganisationId) -> Credentials {
        // Clerk's ids have the same form; one that has not is nobody's.
        let Ok(id) = organisation.as_str().parse() else { return Credentials::Gone };
        match Self::credentials(self, &id).await {
            clerk::Credentials::Found { credentials, at, .. } => match settings(&credentials) {
                Some(settings) => Credentials::Found { settings, at: Timestamp::from_millis(at.0) },
                None => Credentials::Missing,
            },
            clerk::Credentials::Missing { .. } => Credentials::Missing,
            clerk::Credentials::Gone => Credentials::Gone,
            clerk::Credentials::Unavailable { retry_after } => Credentials::Unavailable { retry_after },
            clerk::Credentials::Misconfigured => {
                Credentials::Misconfigured { why: clerk::Misconfigured::SecretKey.to_string() }
            }
        }
    }

    async fn after_rejection(&self, organisation: &OrganisationId, rejected: &RemoteSettings) -> Credentials {
        let Ok(id) = organisation.as_str().parse() else { return Credentials::Gone };
        let known = Self::credentials(self, &id).await;
        if let clerk::Credentials::Found { credentials, .. } = &known
            && settings(credentials).is_some_and(|settings| settings.is_same(rejected))
        {
            // Asked for anew, unless that was done just now.
            let _ = self.credentials_after_rejection(&id, credentials).await;
        }
        Directory::credentials(self, organisation).await
    }

    fn forget_missing(&self, organisation: &OrganisationId) {
        if let Ok(id) = organisation.as_str().parse() {
            Self::forget_missing(self, &id);
        }
    }

    async fn gone(&self, _: &OrganisationId) {
        // Told by its webhook, which has it forgotten.
    }
}

/// Credentials as a store takes them; `None` if they are none.
fn settings(credentials: &InstantCredentials) -> Option<RemoteSettings> {
    let api_uri = match &credentials.api_uri {
        Some(text) => text.parse().ok()?,
        None => ApiUri::default(),
    };
    Some(RemoteSettings {
        app_id: credentials.app_id.parse().ok()?,
        admin_token: credentials.admin_token.clone(),
        api_uri,
    })
}
