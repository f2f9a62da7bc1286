//! What a request shows.

use super::query::Address;
use crate::{
    ClerkSettings, UnixMillis, WebOrigin,
    cookies::{Cookies, SessionCookies},
};
use http::{HeaderMap, Method, Uri, header};
use net::Secret;
use url::Url;

/// A request, and what its route wants of it.
#[derive(Debug, Clone, Copy)]
pub struct RequestView<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its path and query. Scheme and host are not looked at: they are those of
    /// `PUBLIC_URL`, whatever a header says (deviation D9).
    pub uri: &'a Uri,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// The kinds of tokens that the route takes.
    pub accepts: Accepts,
    /// Whether the route may be answered with a redirect to Clerk.
    pub handshakes: Handshakes,
    /// Which organisation its address names.
    pub organization: UrlOrganization<'a>,
}

impl<'a> RequestView<'a> {
    /// A request for a page: sessions, with handshakes.
    pub fn page(method: &'a Method, uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        let accepts = Accepts { session: true, api_key: false };
        let organization = UrlOrganization::Unnamed;
        Self { method, uri, headers, accepts, handshakes: Handshakes::Allowed, organization }
    }

    /// A request of a program: sessions and API keys, never a redirect.
    pub fn api(method: &'a Method, uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        let accepts = Accepts { session: true, api_key: true };
        Self { accepts, handshakes: Handshakes::Never, ..Self::page(method, uri, headers) }
    }
}

/// The kinds of tokens that a route takes. Clerk's machine and OAuth tokens are
/// taken by none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepts {
    /// Session tokens.
    pub session: bool,
    /// API keys, `ak_…`.
    pub api_key: bool,
}

/// Whether a route may be answered with a redirect to Clerk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshakes {
    /// If it is a document that is asked for.
    Allowed,
    /// Never.
    Never,
}

/// Which organisation an address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlOrganization<'a> {
    /// None: the active one is meant.
    Unnamed,
    /// The one with this id or slug.
    Named(&'a str),
    /// None, and none should be active.
    Personal,
}

/// What of a request the tables ask for.
pub(super) struct Facts {
    pub(super) is_get: bool,
    /// Whether a browser asks for a document: only that can follow a handshake.
    pub(super) is_document: bool,
    /// Whether it says so by `Sec-Fetch-Dest: document`.
    pub(super) says_document: bool,
    pub(super) referrer: Option<Url>,
    /// The token of `Authorization: Bearer`.
    pub(super) bearer: Option<Secret>,
    pub(super) address: Address,
    pub(super) cookies: SessionCookies,
    /// Headers that tell about the browser.
    pub(super) browser: Vec<(String, String)>,
}

impl Facts {
    pub(super) fn of(settings: &ClerkSettings, request: &RequestView<'_>, now: UnixMillis) -> Self {
        let headers = request.headers;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_get = request.method == Method::GET;
        // Browsers send `Sec-Fetch-Dest` to https and localhost alone.
        let is_document = match text("sec-fetch-dest") {
            Some(destination) => matches!(destination, "document" | "iframe"),
            None => text("accept").is_some_and(|accept| accept.starts_with("text/html")),
        };
        let browser = [header::USER_AGENT, header::ACCEPT_LANGUAGE].into_iter().filter_map(|name| {
            let value = headers.get(&name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        Self {
            is_get,
            is_document: is_get && is_document,
            says_document: text("sec-fetch-dest") == Some("document"),
            referrer: text("referer").and_then(|referrer| Url::parse(referrer).ok()),
            bearer: text("authorization").and_then(bearer),
            address: Address::new(&settings.public_origin, request.uri),
            cookies: SessionCookies::of(&Cookies::of(headers), &settings.publishable_key, now),
            browser: browser.collect(),
        }
    }

    /// The origin of the page that led here, if it is not ours.
    pub(super) fn foreign_referrer(&self, own: &WebOrigin) -> Option<WebOrigin> {
        self.referrer.as_ref().and_then(WebOrigin::of).filter(|origin| origin != own)
    }
}

/// The token of a `Bearer` header, in any case (RFC 9110, 11.1); other schemes,
/// and a token without one, are nobody's (deviation D10).
fn bearer(header: &str) -> Option<Secret> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| Secret::new(token))
}
