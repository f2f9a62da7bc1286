//! A session in cookies: the table of section 2.5, in its order. Its rows C2 to
//! C5 are about satellite domains, which are not supported.

use super::{
    Decision, DirectivesAnswer, Handshakes, Judge, Misconfigured, Question, RefreshRequest, Stop, UrlOrganization,
};
use crate::{
    InstanceKind, Reason, SessionPrincipal, SyncReferrers, TokenRefusal, WebOrigin,
    token::Token,
    verify::{self, SKEW, Source},
};
use net::Secret;

impl Judge<'_> {
    pub(super) fn by_cookie(&self) -> Result<Decision, Stop> {
        // A nonce is good once: a page's, not that of a script that runs beside it.
        let (resolved, dropped) = match self.request.handshakes {
            Handshakes::Allowed => self.by_payload()?,
            Handshakes::Never => (None, Vec::new()),
        };
        if let Some(decision) = resolved {
            return Ok(decision);
        }
        let mut decision = self.by_session()?;
        decision.cookies.extend(dropped);
        Ok(decision)
    }

    /// C6 to C13, and what follows from whether the token verifies.
    fn by_session(&self) -> Result<Decision, Stop> {
        if self.settings.kind() == InstanceKind::Development {
            if self.facts.address.parameter("__clerk_db_jwt").is_some() {
                return Ok(self.handshake(Reason::DevBrowserSync));
            }
            if self.cookies.dev_browser.is_none() {
                return Ok(self.handshake(Reason::DevBrowserMissing));
            }
        }
        let since = self.cookies.client_uat;
        let text = match (&self.cookies.session, since) {
            (None, 0) => return Ok(Decision::signed_out(Reason::SessionAndUatMissing)),
            (Some(_), 0) => return Ok(self.handshake(Reason::SessionButNoUat)),
            (None, _) => return Ok(self.handshake(Reason::UatButNoSession)),
            (Some(text), _) => text,
        };
        let token = match verify::session_token(text) {
            Ok(token) => token,
            Err(refusal) => return Ok(Decision::signed_out(Reason::Token(refusal))),
        };
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit 53 bits for long")]
        if token.claims.number("iat").is_some_and(|issued| issued < since as f64) {
            return Ok(self.handshake(Reason::SessionBeforeUat));
        }
        match self.verify(&token, Source::Cookie, SKEW)? {
            Ok(principal) => Ok(self.verified(principal)),
            Err(TokenRefusal::Expired) => self.expired(&token, text),
            Err(TokenRefusal::NotActiveYet) => Ok(self.handshake(Reason::NotBefore)),
            Err(TokenRefusal::IssuedInTheFuture) => Ok(self.handshake(Reason::IssuedInTheFuture)),
            Err(refusal) => Ok(Decision::signed_out(Reason::Token(refusal))),
        }
    }

    /// C14 to C16: whether the organisation in the token is still the one that is meant.
    fn verified(&self, principal: SessionPrincipal) -> Decision {
        let organization = principal.organization.as_ref();
        let asked_anew = match self.request.organization {
            _ if !self.may_handshake() => None,
            _ if self.cookies.redirects == 0 && self.facts.address.is_fresh_return() => Some((Reason::Returned, None)),
            _ if self.cookies.redirects == 0 && self.comes_from_sync_referrer() => {
                Some((Reason::CrossOriginSync, None))
            }
            UrlOrganization::Named(name) if !organization.is_some_and(|active| active.is_named(name)) => {
                Some((Reason::OrganizationMismatch, Some(name)))
            }
            UrlOrganization::Personal if organization.is_some() => Some((Reason::OrganizationMismatch, Some(""))),
            _ => None,
        };
        match asked_anew {
            Some((reason, organization)) => self.handshake_for(reason, organization),
            None => Decision::signed_in(principal),
        }
    }

    /// C14: a page of another origin led here, where the organisation may have
    /// been switched.
    fn comes_from_sync_referrer(&self) -> bool {
        let Some(referrer) = self.facts.foreign_referrer(&self.settings.public_origin) else { return false };
        self.facts.says_document
            && match &self.settings.sync_referrers {
                SyncReferrers::Of(origins) => origins.contains(&referrer),
                SyncReferrers::Any => !self.is_clerks_own(&referrer),
            }
    }

    /// Whether a page is Clerk's: coming from there, a session is fresh.
    fn is_clerks_own(&self, origin: &WebOrigin) -> bool {
        let key = &self.settings.publishable_key;
        let host = origin.host();
        host == key.frontend_api()
            || origin.as_str() == key.account_portal()
            || key.kind() == InstanceKind::Development && host.ends_with(".accounts.dev")
    }

    /// C17 and C18: a new token for an expired one, without a redirect if that goes.
    fn expired(&self, token: &Token<'_>, text: &str) -> Result<Decision, Stop> {
        let refresh = self.cookies.refresh.as_ref().filter(|_| self.settings.kind() == InstanceKind::Production);
        // Also where a form is sent, which Clerk's SDK refuses (deviation D11): whoever
        // typed for longer than a minute would lose it.
        let Some(refresh) = refresh else {
            return Ok(self.handshake(self.expired_reason()));
        };
        let why = match &self.known.refreshed {
            None => match token.claims.text("sid").and_then(|id| id.parse().ok()) {
                Some(session) => {
                    return Err(Stop::Ask(Question::Refresh(Box::new(RefreshRequest {
                        session,
                        expired: Secret::new(text),
                        refresh: Secret::new(refresh),
                        suffixed: self.cookies.suffixed,
                        origin: self.settings.public_origin.to_string(),
                        headers: self.facts.browser.clone(),
                    }))));
                }
                None => "missing-session-id".to_owned(),
            },
            Some(DirectivesAnswer::Directives(directives)) => match self.resolve(directives)? {
                Some(decision) if !matches!(decision.verdict, super::Verdict::SignedOut(_)) => return Ok(decision),
                Some(_) => "missing-session-token".to_owned(),
                None => "invalid-session-token".to_owned(),
            },
            Some(DirectivesAnswer::None(code)) => code.clone(),
            Some(DirectivesAnswer::Unavailable) => "fetch-error".to_owned(),
            Some(DirectivesAnswer::Refused) => return Err(Stop::Misconfigured(Misconfigured::SecretKey)),
        };
        Ok(self.handshake(Reason::Expired(why.into())))
    }
}
