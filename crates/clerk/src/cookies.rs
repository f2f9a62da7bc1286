//! Cookies as Clerk's SDK reads them: of two with one name the first counts,
//! values are percent-decoded.

use crate::{InstanceKind, PublishableKey, UnixMillis, token::Token};
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use std::collections::HashMap;

/// The cookies of a request.
#[derive(Clone, Default)]
pub(crate) struct Cookies(HashMap<String, String>);

impl Cookies {
    /// Reads every `Cookie` header. HTTP/2 may split them (RFC 9113, 8.2.3).
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut cookies = HashMap::new();
        for line in headers.get_all(header::COOKIE) {
            let line = String::from_utf8_lossy(line.as_bytes());
            for pair in line.split(';') {
                let Some((name, value)) = pair.split_once('=') else { continue };
                let blank = [' ', '\t'];
                cookies
                    .entry(name.trim_matches(blank).to_owned())
                    .or_insert_with(|| decoded(value.trim_matches(blank)));
            }
        }
        Self(cookies)
    }

    /// A cookie that has a value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// A value that decodes to no text stays as it is.
fn decoded(value: &str) -> String {
    percent_decode_str(value).decode_utf8().map_or_else(|_| value.to_owned(), std::borrow::Cow::into_owned)
}

/// What Clerk's cookies say. Each of them has two names, of which one counts.
#[derive(Clone)]
pub(crate) struct SessionCookies {
    /// Whether the names with the instance's suffix count.
    pub(crate) suffixed: bool,
    /// `__session`.
    pub(crate) session: Option<String>,
    /// `__client_uat`: since when someone is signed in, in seconds; 0 for nobody.
    pub(crate) client_uat: i64,
    /// `__clerk_db_jwt`: the dev browser.
    pub(crate) dev_browser: Option<String>,
    /// `__refresh`.
    pub(crate) refresh: Option<String>,
    /// `__clerk_handshake`.
    pub(crate) handshake: Option<String>,
    /// `__clerk_handshake_nonce`.
    pub(crate) nonce: Option<String>,
    /// `__clerk_redirect_count`.
    pub(crate) redirects: u32,
}

impl SessionCookies {
    /// Reads Clerk's cookies among those of a request.
    pub(crate) fn of(cookies: &Cookies, key: &PublishableKey, now: UnixMillis) -> Self {
        let suffix = key.cookie_suffix();
        let with_suffix = |name: &str| cookies.get(&format!("{name}_{suffix}"));
        let suffixed = uses_suffixed(cookies, key, &suffix, now);
        let either = |name: &str| if suffixed { with_suffix(name) } else { cookies.get(name) };
        Self {
            suffixed,
            session: either("__session").map(str::to_owned),
            client_uat: either("__client_uat").and_then(|text| text.parse().ok()).map_or(0, |since: i64| since.max(0)),
            dev_browser: either("__clerk_db_jwt").map(str::to_owned),
            refresh: with_suffix("__refresh").map(str::to_owned),
            handshake: cookies.get("__clerk_handshake").map(str::to_owned),
            nonce: cookies.get("__clerk_handshake_nonce").map(str::to_owned),
            redirects: cookies.get("__clerk_redirect_count").and_then(|text| text.parse().ok()).unwrap_or(0),
        }
    }
}

/// Whether the suffixed names count: the table of section 1.3, in its order.
fn uses_suffixed(cookies: &Cookies, key: &PublishableKey, suffix: &str, now: UnixMillis) -> bool {
    let session = cookies.get("__session");
    let session_suffixed = cookies.get(&format!("__session_{suffix}"));
    let uat = cookies.get("__client_uat");
    let uat_suffixed = cookies.get(&format!("__client_uat_{suffix}"));
    let token = session.and_then(|text| Token::decode(text).ok());
    let token_suffixed = session_suffixed.and_then(|text| Token::decode(text).ok());
    // 1, 2: a session of another instance lies under the common name.
    if session.is_some() {
        match token.as_ref().and_then(|token| token.claims.text("iss")) {
            None => return false,
            Some(issuer) if without_scheme(issuer) != key.frontend_api() => return true,
            Some(_) => {}
        }
    }
    // 3
    if session_suffixed.is_none() && uat_suffixed.is_none() {
        return false;
    }
    let signed_in = uat != Some("0");
    let signed_in_suffixed = uat_suffixed != Some("0");
    let issued = |token: &Option<Token<'_>>| token.as_ref().and_then(|token| token.claims.number("iat")).unwrap_or(0.0);
    // 4, 5
    if signed_in_suffixed && signed_in && issued(&token) > issued(&token_suffixed) {
        return false;
    }
    if !signed_in_suffixed && signed_in {
        return false;
    }
    // 6
    if key.kind() == InstanceKind::Development && signed_in_suffixed && !signed_in {
        let expires = token_suffixed.as_ref().and_then(|token| token.claims.number("exp"));
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit 53 bits for long")]
        if expires.is_some_and(|expires| expires * 1000.0 <= now.0 as f64) {
            return false;
        }
    }
    // 7, 8
    session_suffixed.is_none() || uat_suffixed.is_some()
}

fn without_scheme(issuer: &str) -> &str {
    issuer.strip_prefix("https://").or_else(|| issuer.strip_prefix("http://")).unwrap_or(issuer)
}

#[cfg(test)]
mod tests;
