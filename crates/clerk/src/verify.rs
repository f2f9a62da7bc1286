//! Whether a session token holds: section 1.6, in its order.

use crate::{
    AzpPolicy, ClerkSettings, SessionPrincipal, TokenRefusal, UnixMillis, VerifyingKey,
    token::{Category, Token},
};
use serde_json::Value;
use std::time::Duration;

/// How far a clock may be from Clerk's.
pub(crate) const SKEW: Duration = Duration::from_secs(5);

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The `Authorization` header.
    Header,
    /// A cookie, or a handshake that sets one.
    Cookie,
}

/// What a token is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checks<'a> {
    pub(crate) settings: &'a ClerkSettings,
    pub(crate) source: Source,
    pub(crate) now: UnixMillis,
    pub(crate) skew: Duration,
}

/// A token of the right kind, or why it is none. Before any key is looked up.
pub(crate) fn session_token(text: &str) -> Result<Token<'_>, TokenRefusal> {
    let token = Token::decode(text).map_err(|_| TokenRefusal::Invalid)?;
    match token.category() {
        Category::Session => Ok(token),
        Category::Other => Err(TokenRefusal::TypeMismatch),
    }
}

/// Type, algorithm and signature. Only RS256 is taken (deviation D7).
pub(crate) fn signature(token: &Token<'_>, key: &VerifyingKey) -> Result<(), TokenRefusal> {
    match token.header.get("typ").map(|typ| typ.as_str()) {
        None | Some(Some("JWT")) => {}
        Some(_) => return Err(TokenRefusal::Invalid),
    }
    if token.header.text("alg") != Some("RS256") {
        return Err(TokenRefusal::Algorithm);
    }
    if key.signed(token.signed, token.signature) { Ok(()) } else { Err(TokenRefusal::Signature) }
}

/// Everything after the look-up of the key.
pub(crate) fn session(
    token: &Token<'_>,
    key: &VerifyingKey,
    checks: Checks<'_>,
) -> Result<SessionPrincipal, TokenRefusal> {
    signature(token, key)?;
    let claims = &token.claims;
    let principal = SessionPrincipal::of(claims).ok_or(TokenRefusal::VerificationFailed)?;
    check_azp(claims.get("azp"), checks)?;
    // Clerk's SDK takes any issuer unless told otherwise (deviation D8).
    if claims.text("iss") != Some(&checks.settings.publishable_key.issuer()) {
        return Err(TokenRefusal::Issuer);
    }
    check_times(token, checks)?;
    Ok(principal)
}

/// The origin whose page got the token (section 1.7).
fn check_azp(azp: Option<&Value>, checks: Checks<'_>) -> Result<(), TokenRefusal> {
    let AzpPolicy { header_may_lack, cookie_may_lack } = checks.settings.azp;
    let holds = match azp {
        None => match checks.source {
            Source::Header => header_may_lack,
            Source::Cookie => cookie_may_lack,
        },
        Some(azp) => checks.settings.authorized_parties.iter().any(|own| azp.as_str() == Some(own.as_str())),
    };
    if holds { Ok(()) } else { Err(TokenRefusal::AuthorizedParties) }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit 53 bits for long")]
fn check_times(token: &Token<'_>, checks: Checks<'_>) -> Result<(), TokenRefusal> {
    let (now, skew) = (checks.now.0 as f64, checks.skew.as_millis() as f64);
    let time = |name| match token.claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or(TokenRefusal::VerificationFailed),
    };
    let expires = time("exp")?.ok_or(TokenRefusal::VerificationFailed)?;
    if expires * 1000.0 <= now - skew {
        return Err(TokenRefusal::Expired);
    }
    let early = |seconds: Option<f64>| seconds.is_some_and(|seconds| seconds * 1000.0 > now + skew);
    if early(time("nbf")?) {
        return Err(TokenRefusal::NotActiveYet);
    }
    if early(time("iat")?) {
        return Err(TokenRefusal::IssuedInTheFuture);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
