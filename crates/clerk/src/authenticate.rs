//! One Clerk instance in use: decides, asks Clerk what must be asked, and decides.

use crate::{
    ApiKeys, Backend, ClerkSettings, Clock, Credentials, Decision, DirectivesAnswer, Event, InstantCredentials,
    KeyAnswer, KeyStore, Known, OrganizationId, OrganizationRecord, Organizations, Question, RequestView, SessionId,
    SystemClock, UserId, UserRecord, Verdict,
    cookies::{Cookies, SessionCookies},
    decide,
    members::{Members, Rosters},
    people::People,
    verify,
    webhook::{self, Handled, RefusedDelivery},
};
use http::HeaderMap;
use net::OperatorClient;
use std::sync::Arc;

/// Most questions that one request leads to: two keys, a payload, a refreshed
/// session; an API key is one of its own.
const MOST_QUESTIONS: usize = 6;

/// One Clerk instance. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clerk {
    settings: Arc<ClerkSettings>,
    clock: Arc<dyn Clock>,
    backend: Backend,
    keys: KeyStore,
    api_keys: ApiKeys,
    organizations: Organizations,
    people: People,
    rosters: Rosters,
    handled: Arc<Handled>,
}

impl Clerk {
    /// The instance of the settings, by the machine's clock. Nothing is asked yet.
    pub fn new(settings: ClerkSettings, client: OperatorClient) -> Self {
        let backend = Backend::new(client, &settings);
        Self::with(settings, backend, Arc::new(SystemClock))
    }

    /// The instance of the settings, by another clock or with another patience.
    pub fn with(settings: ClerkSettings, backend: Backend, clock: Arc<dyn Clock>) -> Self {
        let source = Arc::new(backend.clone());
        Self {
            settings: Arc::new(settings),
            keys: KeyStore::new(source.clone(), Arc::clone(&clock)),
            api_keys: ApiKeys::new(source.clone(), Arc::clone(&clock)),
            organizations: Organizations::new(source, Arc::clone(&clock)),
            people: People::new(backend.clone()),
            rosters: Rosters::new(backend.clone()),
            handled: Arc::default(),
            backend,
            clock,
        }
    }

    /// The settings.
    pub fn settings(&self) -> &ClerkSettings {
        &self.settings
    }

    /// The Backend API, for what is not remembered: memberships, users, signing out.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// Who is asking. Without a network call, unless a key is new, a handshake
    /// comes back, a session is renewed, or an API key is checked.
    ///
    /// Anyone can ask for two of these calls as often as they like, by inventing
    /// a nonce or an API key, and whoever has an old session token for a third, by
    /// inventing a refresh token: see [`Clerk::authenticate_within`].
    pub async fn authenticate(&self, request: &RequestView<'_>) -> Decision {
        self.authenticate_within(request, || true).await
    }

    /// The same; `may_call` is asked before each call that a stranger can cause,
    /// and takes from the bucket of whoever is asking. If it refuses, the verdict
    /// is [`Verdict::Limited`].
    pub async fn authenticate_within(&self, request: &RequestView<'_>, may_call: impl Fn() -> bool) -> Decision {
        let mut known = Known::default();
        for _ in 0..MOST_QUESTIONS {
            match decide(&self.settings, request, &known, self.clock.now()) {
                Ok(decision) => return decision,
                Err(Question::Payload(_) | Question::Refresh(_)) if !may_call() => return verdict(Verdict::Limited),
                Err(Question::ApiKey(key)) if !self.api_keys.remembers(&key) && !may_call() => {
                    return verdict(Verdict::Limited);
                }
                Err(question) => self.answer(question, &mut known).await,
            }
        }
        tracing::error!("a request leads to more questions than there are; it is refused");
        verdict(Verdict::Unavailable)
    }

    /// The session of a request's cookie, also where the token in it has expired: that
    /// is mostly so when somebody signs out without a script that renews it. It
    /// proves nothing but which session may be ended.
    pub async fn session_to_end(&self, headers: &HeaderMap) -> Option<SessionId> {
        let cookies = SessionCookies::of(&Cookies::of(headers), &self.settings.publishable_key, self.clock.now());
        let token = verify::session_token(cookies.session.as_deref()?).ok()?;
        let key = match &self.settings.jwt_key {
            Some(key) => key.clone(),
            None => match self.keys.key(token.header.text("kid")?).await {
                KeyAnswer::Key(key) => key,
                KeyAnswer::Mismatch | KeyAnswer::Unavailable | KeyAnswer::Refused => return None,
            },
        };
        verify::signature(&token, &key).ok()?;
        let is_ours = token.claims.text("iss") == Some(&self.settings.publishable_key.issuer());
        token.claims.text("sid").filter(|_| is_ours)?.parse().ok()
    }

    async fn answer(&self, question: Question, known: &mut Known) {
        match question {
            Question::Key(kid) => {
                let answer = self.keys.key(&kid).await;
                known.keys.push((kid, answer));
            }
            Question::Payload(nonce) => {
                let answer = self.backend.handshake_payload(&nonce).await;
                if let Err(error) = &answer {
                    tracing::warn!(%error, "a handshake's payload cannot be read");
                }
                known.payload = Some(DirectivesAnswer::from(answer));
            }
            Question::Refresh(request) => {
                let answer = self.backend.refresh(&request).await;
                if let Err(error) = &answer {
                    tracing::debug!(%error, "a session cannot be renewed without a redirect");
                }
                known.refreshed = Some(DirectivesAnswer::from(answer));
            }
            Question::ApiKey(key) => known.api_key = Some(self.api_keys.verify(&key).await),
        }
    }

    /// The InstantDB credentials of an organisation that a verified request acts for.
    pub async fn credentials(&self, organization: &OrganizationId) -> Credentials {
        self.organizations.credentials(organization).await
    }

    /// An organisation, as far as it is known without asking.
    pub fn known_organization(&self, organization: &OrganizationId) -> Option<Arc<OrganizationRecord>> {
        self.organizations.known_record(organization)
    }

    /// The members of an organisation, if Clerk tells in time; as they were a
    /// minute ago at most.
    pub async fn members(&self, organization: &OrganizationId) -> Option<Arc<Members>> {
        self.rosters.members(organization).await
    }

    /// A person, for pages to call them by name; `None` if Clerk does not tell in time.
    pub async fn person(&self, id: &UserId) -> Option<Arc<UserRecord>> {
        self.people.person(id).await
    }

    /// What to use instead of credentials that InstantDB rejected; see
    /// [`Organizations::after_rejection`].
    pub async fn credentials_after_rejection(
        &self,
        organization: &OrganizationId,
        rejected: &InstantCredentials,
    ) -> Credentials {
        self.organizations.after_rejection(organization, rejected).await
    }

    /// Forgets that an organisation's credentials are missing: somebody comes
    /// back from setting them up.
    pub fn forget_missing(&self, organization: &OrganizationId) {
        self.organizations.forget_missing(organization);
    }

    /// Takes a delivery of Clerk's webhook: checks it, and forgets what it
    /// changed. What it says is the caller's too, who may have caches of their
    /// own. `None` if it was handled before; either way the answer is 204.
    ///
    /// # Errors
    /// Why it is refused; also if no signing secret is set.
    pub fn webhook(&self, headers: &HeaderMap, body: &[u8]) -> Result<Option<Event>, RefusedDelivery> {
        let secret = self.settings.webhook_secret.as_ref().ok_or(RefusedDelivery::NoSecret)?;
        let now = self.clock.now();
        let delivery = webhook::read(headers, body, secret, now)?;
        if !self.handled.is_new(&delivery, now) {
            return Ok(None);
        }
        match &delivery.event {
            Event::OrganizationChanged(id) | Event::OrganizationDeleted(id) => self.organizations.forget(id),
            Event::MembershipChanged { .. } | Event::SessionEnded(_) | Event::Other => {}
        }
        Ok(Some(delivery.event))
    }
}

fn verdict(verdict: Verdict) -> Decision {
    Decision { verdict, cookies: Vec::new(), cleaned: None }
}

#[cfg(test)]
mod tests;
