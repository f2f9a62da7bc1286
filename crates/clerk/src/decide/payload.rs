//! What a handshake brings back (section 2.6): `Set-Cookie` lines, among them
//! the new session.
//!
//! Any site below the same domain can plant the cookies of a handshake. The
//! signature, or Clerk's knowledge of the nonce, is all that speaks for them.

use super::{Decision, DirectivesAnswer, Judge, Misconfigured, Question, Stop};
use crate::{
    InstanceKind, Reason, TokenRefusal,
    verify::{self, SKEW},
};
use http::HeaderValue;
use net::Secret;
use serde_json::Value;
use std::time::Duration;

/// Most cookies that one answer sets. Clerk sets about seven.
const MOST: usize = 32;

/// Most characters of a nonce.
const LONGEST_NONCE: usize = 512;

/// The skew with which a development instance's new token is looked at again: a
/// laptop's clock may be far off.
const DAY: Duration = Duration::from_hours(24);

impl Judge<'_> {
    /// C1: the decision that the payload makes, if it makes one; and the cookies
    /// that must go because they lead nowhere.
    pub(super) fn by_payload(&self) -> Result<(Option<Decision>, Vec<HeaderValue>), Stop> {
        let in_address = |name| self.facts.address.parameter(name).map(std::borrow::Cow::into_owned);
        let nonce = in_address("__clerk_handshake_nonce").or_else(|| self.cookies.nonce.clone());
        if let Some(nonce) = nonce {
            return match self.directives_of_nonce(nonce)? {
                Some(directives) => Ok((self.resolve(directives)?, Vec::new())),
                // Clerk's SDK says "signed out" here, though nobody signed out (deviation D2).
                None if self.cookies.nonce.is_some() => Ok((None, self.forget_nonce())),
                None => Ok((None, Vec::new())),
            };
        }
        let token = in_address("__clerk_handshake").or_else(|| self.cookies.handshake.clone());
        let Some(token) = token else { return Ok((None, Vec::new())) };
        match self.directives_of_token(&token)? {
            Ok(directives) => Ok((self.resolve(&directives)?, Vec::new())),
            Err(refusal) => {
                tracing::warn!(reason = refusal.as_str(), "the answer of a handshake is not Clerk's and is left alone");
                match self.settings.kind() {
                    InstanceKind::Production => Ok((None, Vec::new())),
                    InstanceKind::Development => Err(Stop::Misconfigured(Misconfigured::HandshakeSignature)),
                }
            }
        }
    }

    fn directives_of_nonce(&self, nonce: String) -> Result<Option<&[String]>, Stop> {
        if nonce.len() > LONGEST_NONCE || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(None);
        }
        match &self.known.payload {
            None => Err(Stop::Ask(Question::Payload(Secret::new(nonce)))),
            Some(DirectivesAnswer::Directives(directives)) => Ok(Some(directives)),
            Some(DirectivesAnswer::None(code)) => {
                tracing::warn!(code, "Clerk does not know the nonce of a handshake; it is forgotten");
                Ok(None)
            }
            Some(DirectivesAnswer::Unavailable) => Err(Stop::Unavailable),
            Some(DirectivesAnswer::Refused) => Err(Stop::Misconfigured(Misconfigured::SecretKey)),
        }
    }

    /// Type, category, algorithm and signature. A handshake's token has no times.
    fn directives_of_token(&self, text: &str) -> Result<Result<Vec<String>, TokenRefusal>, Stop> {
        let token = match verify::session_token(text) {
            Ok(token) => token,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = self.key(&token)?.and_then(|key| verify::signature(&token, key)) {
            return Ok(Err(refusal));
        }
        let Some(lines) = token.claims.get("handshake").and_then(Value::as_array) else {
            return Ok(Err(TokenRefusal::VerificationFailed));
        };
        Ok(Ok(lines.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect()))
    }

    /// The decision that directives make; none if the session they bring is refused.
    pub(super) fn resolve(&self, directives: &[String]) -> Result<Option<Decision>, Stop> {
        let mut decision = match new_session(directives) {
            None => Decision::signed_out(Reason::SessionMissing),
            Some(session) => match self.verify_set(session)? {
                Ok(principal) => Decision::signed_in(principal),
                Err(refusal) => {
                    tracing::warn!(reason = refusal.as_str(), "Clerk set a session that is refused here");
                    return Ok(None);
                }
            },
        };
        // Header values hold no line ends, so no directive can bring another header.
        decision.cookies = directives.iter().filter_map(|line| HeaderValue::from_str(line).ok()).take(MOST).collect();
        // They hold the session: `Debug` does not show them.
        decision.cookies.iter_mut().for_each(|cookie| cookie.set_sensitive(true));
        if self.settings.kind() == InstanceKind::Development {
            decision.cleaned = Some(self.facts.address.cleaned());
        }
        Ok(Some(decision))
    }

    /// Verifies a session that Clerk just set.
    fn verify_set(&self, session: &str) -> Result<Result<crate::SessionPrincipal, TokenRefusal>, Stop> {
        use TokenRefusal::{Expired, IssuedInTheFuture, NotActiveYet};
        let verdict = self.verify_new(session, SKEW)?;
        match verdict {
            Err(refusal @ (Expired | NotActiveYet | IssuedInTheFuture))
                if self.settings.kind() == InstanceKind::Development =>
            {
                tracing::warn!(
                    reason = refusal.as_str(),
                    "this machine's clock differs from Clerk's; the session is taken all the same, as the instance is a development one"
                );
                self.verify_new(session, DAY)
            }
            verdict => Ok(verdict),
        }
    }

    /// Deletes the nonce where it may have been set: for this host, and for the
    /// instance's domain.
    fn forget_nonce(&self) -> Vec<HeaderValue> {
        let root = self.settings.publishable_key.frontend_api().split_once('.').map(|(_, root)| root.to_owned());
        let host = self.settings.public_origin.host();
        let root = root.filter(|root| host == *root || host.ends_with(&format!(".{root}")));
        let lines = [
            Some("__clerk_handshake_nonce=; Path=/; Max-Age=0".to_owned()),
            root.map(|root| format!("__clerk_handshake_nonce=; Path=/; Domain={root}; Max-Age=0")),
        ];
        lines.into_iter().flatten().filter_map(|line| HeaderValue::from_str(&line).ok()).collect()
    }
}

/// The value of the last directive for a session; none if it is empty.
fn new_session(directives: &[String]) -> Option<&str> {
    let last = directives.iter().rev().find(|line| line.trim_start().starts_with("__session"))?;
    let (_, value) = last.split_once('=')?;
    Some(value.split(';').next().unwrap_or_default().trim()).filter(|value| !value.is_empty())
}
