//! The one door out: HTTP clients with address guard, limits and redaction.
//!
//! Two clients, by who chose the address:
//!
//! - [`OperatorClient`] talks to addresses from this server's configuration;
//!   they may be private.
//! - [`TenantClient`] talks to addresses that a tenant gave (git URLs, API
//!   addresses, signed file URLs): public addresses only, unless the operator
//!   allow-listed host *and* range.
//!
//! [`unix_client`] is neither: it reaches this machine's own server through
//! its control socket.

mod address;
mod allow;
mod body;
mod error;
mod operator;
mod redact;
mod resolve;
mod tenant;

pub use address::is_public;
pub use allow::{AllowList, InvalidAllowList, IpRange};
pub use body::{BodyLimits, BodyReader, read_body};
pub use error::NetError;
pub use operator::{OperatorClient, unix_client};
pub use redact::{RedactedUrl, Secret, redact};
pub use resolve::{Resolver, SystemResolver};
pub use tenant::{TenantClient, TenantOptions};

/// The HTTP words that callers need, so that only this crate names reqwest.
pub mod http {
    pub use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
    pub use reqwest::{Body, Client, Error, Method, Request, RequestBuilder, Response, StatusCode};
    pub use url::Url;
}

/// What every request names itself.
const USER_AGENT: &str = concat!("ekairos-registry/", env!("CARGO_PKG_VERSION"));
