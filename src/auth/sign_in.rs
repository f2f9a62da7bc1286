//! Signing in through Clerk: who a session or an API key is, and what they may do.

use super::{Access, Actor, Asker, Role, Scope};
use crate::{
    api::{ApiError, ORGANIZATION_REQUIRED},
    app_state::AppState,
    config::{ClerkConfig, Platform},
    service::EnterError,
};
use axum::http::{HeaderValue, StatusCode, Uri, request::Parts};
use clerk::{Clerk, Decision, Principal, RequestView, SessionPrincipal, Verdict};
use model::OrganisationId;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::OnceCell;
use url::Url;

/// The role that may change everything in its organisation.
const ADMIN_ROLE: &str = "org:admin";
/// The permission that lets any other role do so too.
const MANAGE: &str = "org:registry:manage";
/// When to try again while Clerk does not answer.
const RETRY: Duration = Duration::from_secs(5);

/// Signing in through Clerk. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SignIn {
    clerk: Clerk,
    platform: Arc<Platform>,
}

/// What a request turned out to be, for all who want to know: finding out may cost
/// a call, and use up what the browser sent.
#[derive(Debug, Clone, Default)]
pub struct Settled(Arc<OnceCell<Decision>>);

impl Settled {
    /// What the answer has to tell the browser: `Set-Cookie` headers.
    pub fn cookies(&self) -> Vec<HeaderValue> {
        self.0.get().map(|decision| decision.cookies.clone()).unwrap_or_default()
    }
}

impl SignIn {
    /// Through this instance of Clerk.
    pub fn new(config: ClerkConfig, client: net::OperatorClient) -> Self {
        Self { clerk: Clerk::new(config.settings, client), platform: Arc::new(config.platform) }
    }

    /// The instance of Clerk.
    pub fn clerk(&self) -> &Clerk {
        &self.clerk
    }

    /// The platform that people come from.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Our own address of a path and query, to come back to.
    pub fn own(&self, path_and_query: &str) -> Url {
        let origin = self.clerk.settings().public_origin.as_str();
        // Not joined: a path that begins with two slashes would be another host's.
        let url = Url::parse(&format!("{origin}{path_and_query}"));
        url.unwrap_or_else(|_| Url::parse(origin).expect("an origin is an address"))
    }

    /// The address of a request, to come back to from the platform: marked, and
    /// without what may be a credential.
    pub fn back_to(&self, uri: &Uri) -> Url {
        clerk::returning::address(&self.clerk.settings().public_origin, uri)
    }

    /// Decides on a request. A call that anyone can cause counts for their address,
    /// unless it turns out who they are: many people may share one.
    pub async fn decide(&self, state: &AppState, request: &RequestView<'_>, asker: Asker) -> Decision {
        let counted = AtomicU32::new(0);
        let may_call = || {
            let may = state.limits.guessed(asker).is_ok();
            counted.fetch_add(u32::from(may), Ordering::Relaxed);
            may
        };
        // Large, and rarely waited for.
        let decision = Box::pin(self.clerk.authenticate_within(request, may_call)).await;
        if matches!(decision.verdict, Verdict::SignedIn(_)) {
            (0..counted.into_inner()).for_each(|_| state.limits.was_no_guess(asker));
        }
        decision
    }

    /// What a request turned out to be, found out once.
    pub async fn verdict(&self, state: &AppState, parts: &Parts) -> Verdict {
        if let Some(verdict) = parts.extensions.get::<Verdict>() {
            return verdict.clone();
        }
        let settled = parts.extensions.get::<Settled>().cloned().unwrap_or_default();
        let deciding = async || {
            let request = RequestView::api(&parts.method, &parts.uri, &parts.headers);
            self.decide(state, &request, Asker::of(state, &parts.headers, &parts.extensions)).await
        };
        settled.0.get_or_init(deciding).await.verdict.clone()
    }

    /// Who is asking. A page's layer may have found out already, with a
    /// handshake that only it can make.
    pub(super) async fn principal(&self, state: &AppState, parts: &Parts) -> Result<Principal, ApiError> {
        match self.verdict(state, parts).await {
            Verdict::SignedIn(principal) => Ok(*principal),
            Verdict::SignedOut(reason) | Verdict::Handshake { reason, .. } => {
                tracing::debug!(%reason, "a request is not signed in");
                let tokens = self.own("/settings/tokens");
                let message = format!("This needs a sign-in or a valid token. Make a token at {tokens}.");
                let sign_in = self.platform.sign_in(&self.own("/"));
                Err(ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
                    .with_action("Sign in", sign_in.to_string()))
            }
            Verdict::Unavailable => Err(ApiError::sign_in_unavailable(RETRY)),
            Verdict::Limited => {
                Err(ApiError::too_many("Too many checks of tokens from this address. Try again in a moment.", 1))
            }
            Verdict::Misconfigured(why) => {
                tracing::error!(%why, "nobody can be signed in");
                let message =
                    "The registry is not set up correctly. Its operator finds the reason in the server's log.";
                Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "misconfigured", message))
            }
        }
    }

    /// The access that a session or an API key gives.
    pub(super) async fn access<R: Role>(&self, state: &AppState, parts: &Parts) -> Result<Access<R>, ApiError> {
        let principal = self.principal(state, parts).await?;
        let organisation = principal.organization().and_then(|id| id.as_str().parse::<OrganisationId>().ok());
        let choose = |message: &'static str| {
            ApiError::new(StatusCode::FORBIDDEN, ORGANIZATION_REQUIRED, message)
                .with_action("Choose an organisation", "/organisations")
        };
        let Some(organisation) = organisation else {
            return Err(choose("No organisation is chosen. Choose one, then try again."));
        };
        let (actor, scope) = match &principal {
            Principal::Session(session) => (person(session), scope_of_member(session)),
            Principal::ApiKey(key) => (Actor::ApiKey(key.id.clone()), scope_of_key(&key.scopes)),
        };
        if scope < R::SCOPE {
            let message = match &principal {
                Principal::Session(_) => format!(
                    "Your role in this organisation does not let you do this; it needs `{}`. An administrator of your organisation can change your role.",
                    R::SCOPE
                ),
                Principal::ApiKey(_) => format!(
                    "This API key has the scope `{scope}`; this needs `{}`. Make one with the scope `registry:{}`.",
                    R::SCOPE,
                    R::SCOPE
                ),
            };
            return Err(ApiError::new(StatusCode::FORBIDDEN, "missing_scope", message));
        }
        state.service.enter(&organisation).await.map_err(|error| match error {
            EnterError::NoOrganisation => {
                choose("The organisation that was chosen is not there any more. Choose another one, then try again.")
            }
            error => {
                let back = clerk::returning::marked(&self.own("/"));
                ApiError::from(error).with_onboarding(self.platform.grant(&back).as_str())
            }
        })?;
        Ok(Access::granted(organisation, actor))
    }
}

/// A person, and who is there in their name.
fn person(session: &SessionPrincipal) -> Actor {
    Actor::Person(match &session.actor {
        Some(actor) => format!("{} (impersonated by {actor})", session.user.as_str()),
        None => session.user.as_str().to_owned(),
    })
}

/// What a member may do: an administrator everything, everyone else look, install and sync.
fn scope_of_member(session: &SessionPrincipal) -> Scope {
    let manages = session.organization.as_ref().is_some_and(|organization| {
        organization.role.as_deref() == Some(ADMIN_ROLE) || organization.permissions.iter().any(|name| name == MANAGE)
    });
    if manages { Scope::Admin } else { Scope::Sync }
}

/// What an API key may do: the strongest of its scopes; without any, what a reader may.
fn scope_of_key(scopes: &[String]) -> Scope {
    let ours = scopes.iter().filter_map(|scope| scope.strip_prefix("registry:")?.parse().ok());
    ours.max().unwrap_or(Scope::Read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_may_do_what_its_strongest_scope_says_and_else_only_read() {
        let scope = |scopes: &[&str]| scope_of_key(&scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>());
        assert_eq!(scope(&[]), Scope::Read);
        assert_eq!(scope(&["registry:read", "registry:sync"]), Scope::Sync);
        assert_eq!(scope(&["registry:admin"]), Scope::Admin);
        assert_eq!(scope(&["admin", "registry:everything"]), Scope::Read);
    }
}
