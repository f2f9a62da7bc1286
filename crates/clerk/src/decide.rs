//! The decision: what a request shows, what is known, and what time it is go
//! in; who is asking comes out. Pure. Where something must be asked of Clerk
//! first, it says what; asked again with the answer, it goes on.

mod cookie;
mod handshake;
mod header;
mod payload;
mod query;
mod request;

pub(crate) use query::address;
pub use request::{Accepts, Handshakes, RequestView, UrlOrganization};

use crate::{
    ApiKeyOutcome, ClerkSettings, Principal, Reason, SessionPrincipal, TokenRefusal, UnixMillis, VerifyingKey,
    cookies::SessionCookies,
    token::Token,
    verify::{self, Checks, Source},
};
use http::HeaderValue;
use net::Secret;
use request::Facts;
use std::time::Duration;
use url::Url;

/// What a request turns out to be, and what its answer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who is asking.
    pub verdict: Verdict,
    /// `Set-Cookie` headers, whatever is answered.
    pub cookies: Vec<HeaderValue>,
    /// The address without Clerk's parameters. Whatever the verdict, the answer
    /// is a 307 to it: only development instances have this.
    pub cleaned: Option<Url>,
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This one.
    SignedIn(Box<Principal>),
    /// Nobody.
    SignedOut(Reason),
    /// Clerk knows: the answer is a 307 there.
    Handshake {
        /// Where to.
        location: Url,
        /// Why.
        reason: Reason,
    },
    /// Clerk cannot be reached, and nothing that is known tells: a 503 (deviation D5).
    Unavailable,
    /// Deciding would take a call that the caller does not allow now: a 429.
    Limited,
    /// The operator has to set something right: a 500.
    Misconfigured(Misconfigured),
}

/// What the operator has to set right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misconfigured {
    /// Clerk does not know the secret key.
    #[error("Clerk refuses CLERK_SECRET_KEY; copy it anew from Clerk's dashboard, API keys")]
    SecretKey,
    /// The development instance that answered is not that of the keys.
    #[error(
        "the answer of Clerk's development instance is not signed by the instance of CLERK_SECRET_KEY; if the keys were changed, clear the browser's cookies for this address"
    )]
    HandshakeSignature,
}

impl Decision {
    /// Where the answer leads, if it is a 307 (with `Cache-Control: no-store`).
    pub fn location(&self) -> Option<&Url> {
        match &self.verdict {
            Verdict::Handshake { location, .. } => Some(location),
            _ => self.cleaned.as_ref(),
        }
    }

    /// What the headers `x-clerk-auth-status` and `x-clerk-auth-reason` say on
    /// a refusal or redirect.
    pub fn status(&self) -> (&'static str, Option<String>) {
        match &self.verdict {
            Verdict::SignedIn(_) => ("signed-in", None),
            Verdict::SignedOut(reason) => ("signed-out", Some(reason.to_string())),
            Verdict::Handshake { reason, .. } => ("handshake", Some(reason.to_string())),
            Verdict::Unavailable => ("signed-out", Some("jwk-remote-failed-to-load".to_owned())),
            Verdict::Limited => ("signed-out", Some("rate-limited".to_owned())),
            Verdict::Misconfigured(Misconfigured::SecretKey) => ("signed-out", Some("secret-key-invalid".to_owned())),
            Verdict::Misconfigured(Misconfigured::HandshakeSignature) => {
                ("signed-out", Some("token-invalid-signature".to_owned()))
            }
        }
    }

    fn of(verdict: Verdict) -> Self {
        Self { verdict, cookies: Vec::new(), cleaned: None }
    }

    fn signed_in(principal: SessionPrincipal) -> Self {
        Self::of(Verdict::SignedIn(Box::new(Principal::Session(principal))))
    }

    fn signed_out(reason: Reason) -> Self {
        Self::of(Verdict::SignedOut(reason))
    }
}

/// What must be asked of Clerk before a decision can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// The key with this id.
    Key(String),
    /// What a handshake's nonce stands for.
    Payload(Secret),
    /// A new session token for an expired one.
    Refresh(Box<RefreshRequest>),
    /// Whose API key this is.
    ApiKey(Secret),
}

/// `POST /v1/sessions/{id}/refresh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshRequest {
    /// The session of the expired token, which is not verified.
    pub session: crate::SessionId,
    /// The expired token.
    pub expired: Secret,
    /// The refresh token.
    pub refresh: Secret,
    /// Whether the suffixed cookies count.
    pub suffixed: bool,
    /// Our own origin.
    pub origin: String,
    /// Headers of the request that tell about the browser.
    pub headers: Vec<(String, String)>,
}

/// What came of asking for a key.
#[derive(Debug, Clone)]
pub enum KeyAnswer {
    /// Here it is.
    Key(VerifyingKey),
    /// The instance has no such key.
    Mismatch,
    /// Clerk cannot be reached.
    Unavailable,
    /// Clerk refuses the secret key.
    Refused,
}

/// What came of asking for `Set-Cookie` directives.
#[derive(Debug, Clone)]
pub enum DirectivesAnswer {
    /// Here they are.
    Directives(Vec<String>),
    /// There are none; Clerk's word for why.
    None(String),
    /// Clerk cannot be reached.
    Unavailable,
    /// Clerk refuses the secret key.
    Refused,
}

/// What is known when a decision is made.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Keys that were asked for, by their ids.
    pub keys: Vec<(String, KeyAnswer)>,
    /// What the nonce stands for.
    pub payload: Option<DirectivesAnswer>,
    /// What refreshing brought.
    pub refreshed: Option<DirectivesAnswer>,
    /// Whose API key it is.
    pub api_key: Option<ApiKeyOutcome>,
}

/// Decides who is asking.
///
/// # Errors
/// A [`Question`] whose answer belongs into `known`. Each is asked once, so
/// whoever answers them all gets a decision.
pub fn decide(
    settings: &ClerkSettings,
    request: &RequestView<'_>,
    known: &Known,
    now: UnixMillis,
) -> Result<Decision, Question> {
    let facts = Facts::of(settings, request, now);
    let judge = Judge { settings, request, facts: &facts, cookies: &facts.cookies, known, now };
    match judge.judge() {
        Ok(decision) => Ok(decision),
        Err(Stop::Ask(question)) => Err(question),
        Err(Stop::Unavailable) => Ok(Decision::of(Verdict::Unavailable)),
        Err(Stop::Misconfigured(why)) => Ok(Decision::of(Verdict::Misconfigured(why))),
    }
}

/// What ends the way through the tables early.
enum Stop {
    Ask(Question),
    Unavailable,
    Misconfigured(Misconfigured),
}

/// One way through the tables.
struct Judge<'a> {
    settings: &'a ClerkSettings,
    request: &'a RequestView<'a>,
    facts: &'a Facts,
    cookies: &'a SessionCookies,
    known: &'a Known,
    now: UnixMillis,
}

impl Judge<'_> {
    fn judge(&self) -> Result<Decision, Stop> {
        let accepts = self.request.accepts;
        match &self.facts.bearer {
            Some(token) => self.by_header(token),
            None if !accepts.session => Ok(Decision::signed_out(Reason::NoTokenInHeader)),
            None => self.by_cookie(),
        }
    }

    /// The key that a token names. A key in the configuration is that of every
    /// token, whatever it names.
    fn key(&self, token: &Token<'_>) -> Result<Result<&VerifyingKey, TokenRefusal>, Stop> {
        if let Some(key) = &self.settings.jwt_key {
            return Ok(Ok(key));
        }
        let Some(kid) = token.header.text("kid") else { return Ok(Err(TokenRefusal::KeyMismatch)) };
        match self.known.keys.iter().find(|(id, _)| id == kid) {
            None => Err(Stop::Ask(Question::Key(kid.to_owned()))),
            Some((_, KeyAnswer::Key(key))) => Ok(Ok(key)),
            Some((_, KeyAnswer::Mismatch)) => Ok(Err(TokenRefusal::KeyMismatch)),
            Some((_, KeyAnswer::Unavailable)) => Err(Stop::Unavailable),
            Some((_, KeyAnswer::Refused)) => Err(Stop::Misconfigured(Misconfigured::SecretKey)),
        }
    }

    /// Verifies a session token of the right kind.
    fn verify(
        &self,
        token: &Token<'_>,
        source: Source,
        skew: Duration,
    ) -> Result<Result<SessionPrincipal, TokenRefusal>, Stop> {
        let checks = Checks { settings: self.settings, source, now: self.now, skew };
        Ok(self.key(token)?.and_then(|key| verify::session(token, key, checks)))
    }

    /// Verifies a session token that Clerk just set as a cookie.
    fn verify_new(&self, text: &str, skew: Duration) -> Result<Result<SessionPrincipal, TokenRefusal>, Stop> {
        match verify::session_token(text) {
            Ok(token) => self.verify(&token, Source::Cookie, skew),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Why an expired token is not renewed without asking Clerk.
    fn expired_reason(&self) -> Reason {
        let why = if self.facts.is_get { "non-eligible-no-refresh-cookie" } else { "non-eligible-non-get" };
        Reason::Expired(why.into())
    }
}

#[cfg(test)]
mod tests;
