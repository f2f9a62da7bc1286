//! Sending a browser to Clerk and back (sections 2.2 and 2.3).

use super::{Decision, Handshakes, Judge, Verdict};
use crate::{API_VERSION, InstanceKind, Reason};
use http::HeaderValue;
use url::Url;

/// So many redirects in a row are a loop: the keys do not match, or a clock is wrong.
const LOOP: u32 = 3;

impl Judge<'_> {
    /// Whether the answer may be a redirect to Clerk.
    pub(super) fn may_handshake(&self) -> bool {
        self.request.handshakes == Handshakes::Allowed && self.facts.is_document && self.cookies.redirects < LOOP
    }

    /// A handshake, or signed out for the same reason where there can be none.
    pub(super) fn handshake(&self, reason: Reason) -> Decision {
        self.handshake_for(reason, None)
    }

    /// A handshake that also makes an organisation the active one.
    pub(super) fn handshake_for(&self, reason: Reason, organization: Option<&str>) -> Decision {
        if !self.may_handshake() {
            if self.cookies.redirects >= LOOP {
                tracing::warn!(
                    %reason,
                    "Clerk sent a browser back three times without a session; check that both keys are of this instance and that the clock is right"
                );
            }
            return Decision::signed_out(reason);
        }
        let count = self.cookies.redirects + 1;
        let counter = format!("__clerk_redirect_count={count}; SameSite=Lax; HttpOnly; Max-Age=2");
        let counter = HeaderValue::from_str(&counter).expect("a number is plain text");
        let location = self.location(&reason, organization);
        let verdict = Verdict::Handshake { location, reason };
        Decision { verdict, cookies: vec![counter], cleaned: None }
    }

    fn location(&self, reason: &Reason, organization: Option<&str>) -> Url {
        let base = format!("{}/v1/client/handshake", self.settings.frontend_api_url);
        let mut url = Url::parse(&base).expect("the address was checked when the settings were read");
        let mut query = url.query_pairs_mut();
        query
            .append_pair("redirect_url", self.facts.address.to_return_to().as_str())
            .append_pair("__clerk_api_version", API_VERSION)
            .append_pair("suffixed_cookies", if self.cookies.suffixed { "true" } else { "false" })
            .append_pair("__clerk_hs_reason", &reason.as_str())
            .append_pair("format", "nonce");
        if let Some(session) = &self.cookies.session {
            query.append_pair("__session", session);
        }
        if self.settings.kind() == InstanceKind::Development {
            let from_address = self.facts.address.parameter("__clerk_db_jwt");
            if let Some(browser) = from_address.as_deref().or(self.cookies.dev_browser.as_deref()) {
                query.append_pair("__clerk_db_jwt", browser);
            }
        }
        if let Some(organization) = organization {
            query.append_pair("organization_id", organization);
        }
        drop(query);
        url
    }
}
