//! Why a request failed. No message holds a credential.

use crate::{RedactedUrl, resolve::Refusal};
use std::{error::Error as _, net::IpAddr, time::Duration};
use url::Url;

/// Why a request failed: what, where, and the next step.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The URL cannot be asked for at all.
    #[error("{url}: {problem}")]
    InvalidUrl {
        /// Where.
        url: RedactedUrl,
        /// What is wrong, and what to give instead.
        problem: &'static str,
    },
    /// The host leads into a network that is not public.
    #[error(
        "{host} leads to {address}, which is not a public address; an operator can allow it with `{host}={address}`"
    )]
    NotPublic {
        /// The host as it was asked for.
        host: String,
        /// The first address that was refused.
        address: IpAddr,
    },
    /// The host has no address.
    #[error("{host} has no address ({reason}); check the spelling")]
    NotResolved {
        /// The host as it was asked for.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// A redirect that is not followed.
    #[error("{url} redirects to {target}, which is not followed ({problem}); use the final address")]
    Redirect {
        /// Where.
        url: RedactedUrl,
        /// Where it would lead.
        target: String,
        /// Why not.
        problem: &'static str,
    },
    /// Nobody listens, or TLS failed.
    #[error("{url} cannot be reached: {reason}; check the address and that the server is up")]
    Connect {
        /// Where.
        url: RedactedUrl,
        /// What the network said.
        reason: String,
    },
    /// No answer in time.
    #[error("{url} did not answer within {} s; try again later", .limit.as_secs_f32())]
    Timeout {
        /// Where.
        url: RedactedUrl,
        /// The limit that ran out.
        limit: Duration,
    },
    /// A body that is larger than allowed.
    #[error("{url} sent more than {limit} bytes, the limit here")]
    TooLarge {
        /// Where.
        url: RedactedUrl,
        /// The limit in bytes.
        limit: u64,
    },
    /// The exchange broke off.
    #[error("{url}: the connection broke: {reason}; try again")]
    Broken {
        /// Where.
        url: RedactedUrl,
        /// What the network said.
        reason: String,
    },
    /// No client could be made on this machine.
    #[error("the HTTP client cannot start: {0}; check that CA certificates are installed")]
    Client(String),
}

impl NetError {
    /// From what reqwest says about a request to `url`. `limit` is what a
    /// time-out is reported with.
    pub fn from_reqwest(url: &Url, error: &reqwest::Error, limit: Duration) -> Self {
        let mut source = error.source();
        while let Some(cause) = source {
            if let Some(refusal) = cause.downcast_ref::<Refusal>() {
                return refusal.clone().into();
            }
            source = cause.source();
        }
        let url = RedactedUrl::from(url);
        let reason = innermost(error);
        if error.is_timeout() {
            Self::Timeout { url, limit }
        } else if error.is_connect() {
            Self::Connect { url, reason }
        } else {
            Self::Broken { url, reason }
        }
    }

    /// Whether the same request may succeed later without anyone's doing.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Timeout { .. } | Self::Broken { .. } | Self::NotResolved { .. })
    }
}

/// The last cause: the outer ones repeat the URL, credentials and all.
fn innermost(error: &reqwest::Error) -> String {
    let mut text = "no reason given".to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text
}
