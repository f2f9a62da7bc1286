//! Sending prepared answers: representation, ETag, 304, caching.

use crate::{
    auth::{Access, Actor, Install},
    catalog::{Answer, Catalog},
    tenants::Tenant,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CachePolicy {
    /// Names a fixed state: never changes.
    Immutable,
    /// May change at any time: ask again.
    Revalidate,
}

/// Who may have an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Whoever asked, by what they proved.
    Asker,
    /// Everyone: it is of a public registry, and was asked for without a proof.
    Everyone,
}

impl Audience {
    /// Whom an answer from this catalogue is for.
    pub(super) fn of(catalog: &Catalog, access: &Access<Install>) -> Self {
        let is_open = catalog.identity().public && *access.actor() == Actor::Anonymous;
        if is_open { Self::Everyone } else { Self::Asker }
    }

    /// Lets pages of other sites read what everyone may have.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        if self == Self::Everyone {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
    }
}

impl CachePolicy {
    /// The header. Nothing that needs an access may lie in a shared cache.
    pub(super) fn header(self, audience: Audience) -> HeaderValue {
        HeaderValue::from_static(match (audience, self) {
            (Audience::Asker, Self::Immutable) => "private, max-age=31536000, immutable",
            (Audience::Asker, Self::Revalidate) => "private, no-cache",
            (Audience::Everyone, Self::Immutable) => "public, max-age=31536000, immutable",
            (Audience::Everyone, Self::Revalidate) => "public, no-cache",
        })
    }
}

/// What an answer depends on beside its address.
pub(super) const VARY: HeaderValue =
    HeaderValue::from_static("Accept-Encoding, Authorization, Cookie, X-Registry-Org-Id");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// Whether a client takes gzip: named without `q=0`, or `*`.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let Some(accepted) = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused =
            parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.trim_start_matches(['0', '.']).is_empty()));
        (name.eq_ignore_ascii_case("gzip") || name == "*") && !refused
    })
}

/// The response to a request for this answer. hyper leaves the body out for HEAD.
pub(super) fn respond(
    tenant: &Tenant,
    answer: &Answer,
    cached: (CachePolicy, Audience),
    request: &HeaderMap,
) -> Response<Body> {
    let (policy, audience) = cached;
    let gzip = takes_gzip(request);
    let unchanged = request
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|if_none_match| answer.matches(if_none_match));
    let body = match (unchanged, gzip) {
        (true, _) => Body::empty(),
        (false, true) => Body::from(answer.gzip()),
        (false, false) => Body::from(tenant.identities.identity(answer)),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::try_from(answer.etag(gzip)).expect("hexadecimal digits and quotes"));
    headers.insert(header::CACHE_CONTROL, policy.header(audience));
    headers.insert(header::VARY, VARY);
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, JSON);
    if gzip {
        headers.insert(header::CONTENT_ENCODING, GZIP);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_goes_only_to_clients_that_take_it() {
        let takes = |value: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        for value in ["gzip", "gzip, deflate", "br;q=1.0, gzip;q=0.5", "*"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "identity", "gzip;q=0", "gzip; q=0.000", "br"] {
            assert!(!takes(value), "{value}");
        }
    }
}
