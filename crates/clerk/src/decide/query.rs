//! The address that was asked for, and Clerk's parameters in it.

use crate::{WebOrigin, return_marker};
use http::Uri;
use std::borrow::Cow;
use url::{Url, form_urlencoded};

/// Parameters that a handshake must not bring back.
const STALE: [&str; 4] = ["__clerk_db_jwt", "__dev_session", "__clerk_handshake", "__clerk_handshake_nonce"];

/// Parameters that nobody should see in an address once they were used.
const USED: [&str; 4] = ["__clerk_handshake", "__clerk_handshake_nonce", "__clerk_db_jwt", "__clerk_help"];

/// An address of ours.
pub(super) struct Address(Url);

impl Address {
    /// Our own origin with the path and query of a request.
    pub(super) fn new(origin: &WebOrigin, uri: &Uri) -> Self {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let path = if path.starts_with('/') { path } else { "/" };
        let url = Url::parse(&format!("{origin}{path}"));
        Self(url.unwrap_or_else(|_| Url::parse(origin.as_str()).expect("an origin is an address")))
    }

    /// The value of a parameter, if it has one.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// Where a handshake comes back to. Somebody who returned from the platform
    /// has been looked at then, so that no mark sends them twice.
    pub(super) fn to_return_to(&self) -> Url {
        return_marker::looked_at(without(&self.0, &STALE))
    }

    /// The address as people should see it.
    pub(super) fn cleaned(&self) -> Url {
        without(&self.0, &USED)
    }

    /// Whether somebody returns from the platform and was not looked at yet.
    pub(super) fn is_fresh_return(&self) -> bool {
        return_marker::of(&self.0) == Some(return_marker::Return::Fresh)
    }
}

/// An address without some parameters; the others stay as they are written.
pub(crate) fn without(url: &Url, names: &[&str]) -> Url {
    let mut url = url.clone();
    let Some(query) = url.query() else { return url };
    let stays = |pair: &&str| {
        let name = form_urlencoded::parse(pair.as_bytes()).next();
        name.is_none_or(|(name, _)| !names.contains(&&*name))
    };
    let kept = query.split('&').filter(stays).collect::<Vec<_>>().join("&");
    url.set_query((!kept.is_empty()).then_some(&kept));
    url
}
