//! Clerk, spoken to directly: who a request comes from, and what opens an
//! organisation's InstantDB app.
//!
//! [`decide()`] is the heart of it, and pure: what a request shows, what is known
//! and what time it is go in, a [`Decision`] or a [`Question`] comes out.
//! [`Clerk`] answers the questions through Clerk's Backend API and remembers
//! keys, API keys and organisations.
//!
//! Session tokens are checked as Clerk's own SDK checks them, in the same order
//! and with the same words for what is wrong, but for the deviations that the
//! tests of [`decide()`] name one by one.

mod api_key;
mod authenticate;
mod backend;
mod clock;
mod cookies;
mod decide;
mod ids;
mod jwks;
mod key_store;
mod keys;
mod members;
mod organization;
mod origin;
mod people;
mod permissions;
mod principal;
mod reason;
pub mod returning;
mod settings;
mod slot;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod token;
mod verify;
pub mod webhook;

pub use api_key::{ApiKey, ApiKeyOutcome, ApiKeySource, ApiKeys, InvalidApiKey};
pub use authenticate::Clerk;
pub use backend::{
    API_VERSION, ApiKeyRecord, Backend, BackendError, Member, Membership, OrganizationRecord, UserRecord,
};
pub use clock::{Clock, SystemClock, UnixMillis};
pub use decide::{
    Accepts, Decision, DirectivesAnswer, Handshakes, KeyAnswer, Known, Misconfigured, Question, RefreshRequest,
    RequestView, UrlOrganization, Verdict, decide,
};
pub use ids::{InvalidId, OrganizationId, SessionId, UserId};
pub use jwks::{InvalidVerifyingKey, KeySet, NoKeys, VerifyingKey};
pub use key_store::{KeySource, KeyStore};
pub use keys::{InstanceKind, InvalidPublishableKey, InvalidSecretKey, PublishableKey, SecretKey};
pub use members::Members;
pub use organization::{Credentials, InstantCredentials, OrganizationSource, Organizations};
pub use origin::{InvalidOrigin, WebOrigin};
pub use principal::{ActiveOrganization, Principal, SessionPrincipal, SessionStatus};
pub use reason::{Reason, TokenRefusal};
pub use settings::{AzpPolicy, ClerkSettings, InvalidSettings, SyncReferrers, Variables};
pub use webhook::{Event, InvalidWebhookSecret, WebhookSecret};
