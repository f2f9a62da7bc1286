//! What a fetch may take, and who asks for it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use net::{Secret, TenantClient, http::HeaderValue};
use std::{fmt, time::Duration};
use tokio_util::sync::CancellationToken;

/// What a fetch may take. Beyond any of these it fails and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a pack as it is sent.
    pub max_pack_bytes: u64,
    /// Objects in a pack.
    pub max_objects: u64,
    /// Bytes of one object once inflated, and of one delta's result.
    pub max_object_bytes: u64,
    /// Bytes of all objects of a pack, deltas counted by their results.
    pub max_inflated_bytes: u64,
    /// Bytes of the list of refs.
    pub max_refs_bytes: u64,
    /// Time for everything together.
    pub deadline: Duration,
    /// Time for which the host may stay silent.
    pub idle: Duration,
}

impl Default for Limits {
    /// What an ordinary repository of components stays well below: 2 GiB of
    /// pack, 5 million objects, 128 MiB an object (GitHub takes 100), 64 GiB of
    /// all objects, 16 MiB of refs, ten minutes, one minute of silence.
    fn default() -> Self {
        Self {
            max_pack_bytes: 2 << 30,
            max_objects: 5_000_000,
            max_object_bytes: 128 << 20,
            max_inflated_bytes: 64 << 30,
            max_refs_bytes: 16 << 20,
            deadline: Duration::from_mins(10),
            idle: Duration::from_mins(1),
        }
    }
}

/// A user name and a password or token, sent as HTTP Basic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name; many hosts take any with a token.
    pub username: String,
    /// The password or token.
    pub password: Secret,
}

impl Credentials {
    /// The value of the `Authorization` header (RFC 7617), marked sensitive.
    pub(crate) fn authorization(&self) -> HeaderValue {
        let pair = BASE64_STANDARD.encode(format!("{}:{}", self.username, self.password.expose()));
        let mut value = HeaderValue::try_from(format!("Basic {pair}")).expect("base64 is visible ASCII");
        value.set_sensitive(true);
        value
    }
}

/// How far a fetch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FetchProgress {
    /// Objects received.
    pub received_objects: usize,
    /// Objects in the pack.
    pub total_objects: usize,
    /// Bytes received.
    pub received_bytes: usize,
    /// Deltas resolved.
    pub indexed_deltas: usize,
    /// Deltas in the pack.
    pub total_deltas: usize,
}

/// How to fetch.
pub struct Fetch<'a> {
    /// The way out.
    pub client: &'a TenantClient,
    /// What to sign in with, if anything.
    pub credentials: Option<&'a Credentials>,
    /// What it may take.
    pub limits: Limits,
    /// Told as it goes; called often, so it should be quick.
    pub progress: &'a dyn Fn(FetchProgress),
    /// Calls it off, within milliseconds.
    pub cancel: CancellationToken,
}

impl<'a> Fetch<'a> {
    /// An anonymous fetch with the default limits that tells nobody.
    pub fn new(client: &'a TenantClient) -> Self {
        Self {
            client,
            credentials: None,
            limits: Limits::default(),
            progress: &|_| {},
            cancel: CancellationToken::new(),
        }
    }
}

impl fmt::Debug for Fetch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch").field("limits", &self.limits).finish_non_exhaustive()
    }
}
