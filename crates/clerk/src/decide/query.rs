//! The address that was asked for, and Clerk's parameters in it.

use crate::{
    WebOrigin,
    returning::{self, without},
};
use http::Uri;
use std::borrow::Cow;
use url::Url;

/// Parameters that a handshake must not bring back.
const STALE: [&str; 4] = ["__clerk_db_jwt", "__dev_session", "__clerk_handshake", "__clerk_handshake_nonce"];

/// Parameters that nobody should see in an address once they were used.
const USED: [&str; 4] = ["__clerk_handshake", "__clerk_handshake_nonce", "__clerk_db_jwt", "__clerk_help"];

/// Our own origin with the path and query of a request.
pub(crate) fn address(origin: &WebOrigin, uri: &Uri) -> Url {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    let url = Url::parse(&format!("{origin}{path}"));
    url.unwrap_or_else(|_| Url::parse(origin.as_str()).expect("an origin is an address"))
}

/// An address of ours.
pub(super) struct Address(Url);

impl Address {
    /// Our own origin with the path and query of a request.
    pub(super) fn new(origin: &WebOrigin, uri: &Uri) -> Self {
        Self(address(origin, uri))
    }

    /// The value of a parameter, if it has one.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// Where a handshake comes back to. Somebody who returned from the platform
    /// has been looked at then, so that no mark sends them twice.
    pub(super) fn to_return_to(&self) -> Url {
        returning::looked_at(without(&self.0, &STALE))
    }

    /// The address as people should see it.
    pub(super) fn cleaned(&self) -> Url {
        without(&self.0, &USED)
    }

    /// Whether somebody returns from the platform and was not looked at yet.
    pub(super) fn is_fresh_return(&self) -> bool {
        returning::of(&self.0) == Some(returning::Return::Fresh)
    }
}
