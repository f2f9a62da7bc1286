//! What made an organisation's database unusable a moment ago: it is not asked again at
//! once for everyone who comes.

use super::EnterError;
use crate::tenants::store::OpenError;
use instant::RemoteSettings;
use model::OrganisationId;
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};

/// How long a refusal counts.
const COUNTS: Duration = Duration::from_secs(5);
/// Most organisations whose refusals are remembered.
const MOST: u64 = 10_000;

/// Why a database was not opened.
#[derive(Debug, Clone)]
enum Refusal {
    Rejected(String),
    Unfit(Arc<OpenError>),
}

/// Databases that were not opened, and with what.
#[derive(Debug, Clone)]
pub(in crate::service) struct Rejections(Cache<OrganisationId, (RemoteSettings, Refusal)>);

impl Default for Rejections {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(COUNTS).build())
    }
}

impl Rejections {
    /// Takes note of what would be the same for the next one.
    pub(super) fn note(&self, organisation: &OrganisationId, settings: RemoteSettings, error: &EnterError) {
        let refusal = match error {
            EnterError::Rejected { why } => Refusal::Rejected(why.clone()),
            EnterError::Unfit(why) => Refusal::Unfit(Arc::clone(why)),
            _ => return,
        };
        self.0.insert(organisation.clone(), (settings, refusal));
    }

    /// Why just these credentials open nothing, if they did not a moment ago.
    pub(super) fn of(&self, organisation: &OrganisationId, settings: &RemoteSettings) -> Option<EnterError> {
        let (tried, refusal) = self.0.get(organisation)?;
        tried.is_same(settings).then(|| match refusal {
            Refusal::Rejected(why) => EnterError::Rejected { why },
            Refusal::Unfit(why) => EnterError::Unfit(why),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::Secret;

    #[test]
    fn what_was_refused_is_not_tried_again_at_once_and_new_credentials_are() {
        let settings = |token: &str| RemoteSettings {
            app_id: "8a1f2c9e-0000-4000-8000-000000000001".parse().unwrap(),
            admin_token: Secret::new(token),
            api_uri: "https://instant.example".parse().unwrap(),
        };
        let (acme, beta) = ("org_acme".parse().unwrap(), "org_beta".parse().unwrap());
        let rejections = Rejections::default();
        assert!(rejections.of(&acme, &settings("canary")).is_none());
        rejections.note(&acme, settings("canary"), &EnterError::Rejected { why: "unknown token".to_owned() });
        let told = rejections.of(&acme, &settings("canary"));
        assert!(matches!(told, Some(EnterError::Rejected { why }) if why == "unknown token"));
        assert!(rejections.of(&acme, &settings("another")).is_none());
        assert!(rejections.of(&beta, &settings("canary")).is_none());
        assert!(!format!("{rejections:?}").contains("canary"));
        // What may go better at once is tried at once.
        rejections.note(&beta, settings("canary"), &EnterError::NoOrganisation);
        assert!(rejections.of(&beta, &settings("canary")).is_none());
    }
}
