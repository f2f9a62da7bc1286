//! Where organisations keep the credentials of their databases.

use async_trait::async_trait;
use instant::{RemoteSettings, Timestamp};
use model::OrganisationId;
use std::time::Duration;

/// What is known of an organisation's database.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// It has one, and this opens it.
    Found {
        /// What opens it.
        settings: RemoteSettings,
        /// When that was told by who knows.
        at: Timestamp,
    },
    /// It has none yet.
    Missing,
    /// There is no such organisation, or not any more.
    Gone,
    /// Nobody who knows could be asked.
    Unavailable {
        /// When to ask again.
        retry_after: Duration,
    },
    /// We may not ask: for whoever runs the registry to mend.
    Misconfigured {
        /// What is wrong. For the log.
        why: String,
    },
}

/// Knows organisations and what opens their databases.
///
/// It is asked at every request, so it keeps what it knows for a while.
#[async_trait]
pub trait Directory: Send + Sync {
    /// What opens this organisation's database.
    async fn credentials(&self, organisation: &OrganisationId) -> Credentials;

    /// The same after a database refused what was found: it may have been
    /// replaced since.
    async fn after_rejection(&self, organisation: &OrganisationId, rejected: &RemoteSettings) -> Credentials;

    /// Forgets that an organisation has no database: someone comes back from
    /// setting one up.
    fn forget_missing(&self, organisation: &OrganisationId);

    /// Forgets an organisation that is no more.
    async fn gone(&self, organisation: &OrganisationId);
}
