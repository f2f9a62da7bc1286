//! Handing out access: as an axum extractor, and for server functions.

use super::{Access, Actor, ApiToken, Asker, Role, SignIn, Verdict, anyone, asker::is_forwarded, sessions};
use crate::{api::ApiError, app_state::AppState, service::EnterError};
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{StatusCode, header, request::Parts},
};
use instant::Timestamp;
use model::OrganisationId;
use std::sync::{Arc, OnceLock};
use tower_sessions::Session;

/// Decides who is asking.
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// Whether anyone on this machine may install without signing in.
    pub anonymous_installs: bool,
    /// Who signs people in; without it they sign in here, as the one local user.
    pub clerk: Option<SignIn>,
}

impl Authenticator {
    /// Decides on one request. What it names as its organisation and what it
    /// proves must agree.
    pub async fn admit<R: Role>(&self, state: &AppState, parts: &Parts) -> Result<Access<R>, ApiError> {
        let asker = Asker::of(state, &parts.headers, &parts.extensions);
        let access = self.prove::<R>(state, parts, asker).await?.asked_from(asker.address);
        let in_headers = parts.headers.get_all("x-registry-org-id").iter();
        let in_headers = in_headers.map(|value| value.to_str().unwrap_or_default());
        let in_path = parts.extensions.get::<NamedOrganisation>().map(|named| named.0.as_str());
        for named in in_headers.chain(in_path) {
            if named != access.organisation().as_str() {
                // Whether another organisation exists is not told.
                return Err(ApiError::new(
                    StatusCode::NOT_FOUND,
                    "no_organisation",
                    "There is no such organisation here, or it is not yours.",
                ));
            }
        }
        if let Some(Admitted(organisation)) = parts.extensions.get() {
            let _ = organisation.set(access.organisation().clone());
        }
        Ok(access)
    }

    async fn prove<R: Role>(&self, state: &AppState, parts: &Parts, asker: Asker) -> Result<Access<R>, ApiError> {
        if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
            let value = value.to_str().unwrap_or_default();
            return match &self.clerk {
                Some(sign_in) if !token_in(value).starts_with(ApiToken::PREFIX) => sign_in.access(state, parts).await,
                _ => by_token(state, value, asker).await,
            };
        }
        if let Some(sign_in) = &self.clerk {
            return match sign_in.access(state, parts).await {
                Err(refusal) if anyone::is_unknown(&refusal) => {
                    anyone::access(state, parts, asker).await?.ok_or(refusal)
                }
                proved => proved,
            };
        }
        let organisation = &OrganisationId::local();
        if parts.headers.contains_key(header::COOKIE)
            && let Some(session) = parts.extensions.get::<Session>()
            && let Some(access) = sessions::access_of(session, organisation).await
        {
            return Ok(access);
        }
        if R::ANONYMOUS && self.anonymous_installs && !is_forwarded(&parts.headers) {
            return Ok(Access::granted(organisation.clone(), Actor::Anonymous));
        }
        if let Some(access) = anyone::access(state, parts, asker).await? {
            return Ok(access);
        }
        let message = format!(
            "This needs a token or a sign-in. Make a token with `ekairos-registry token create --scope {}` and send it as `Authorization: Bearer <token>`.",
            R::SCOPE
        );
        Err(ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", message).with_action("Sign in", "/login"))
    }
}

/// The token in an `Authorization` header: the scheme is `Bearer`, in any case.
fn token_in(header: &str) -> &str {
    let (scheme, token) = header.split_once(' ').unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" }
}

async fn by_token<R: Role>(state: &AppState, header: &str, asker: Asker) -> Result<Access<R>, ApiError> {
    let invalid = |message: String| {
        let tokens = format!("{}/settings/tokens", state.service.origin());
        ApiError::new(StatusCode::UNAUTHORIZED, "invalid_token", message).with_action("Tokens", tokens)
    };
    let refused = || {
        invalid("This token is not valid: it is mistyped, revoked, expired or of another registry. Make one with `ekairos-registry token create`, or in the dashboard's settings.".to_owned())
    };
    // What cannot be a token costs no look-up, and counts for nothing.
    let token = ApiToken::parse(token_in(header)).map_err(|_| refused())?;
    let guessed = |told: ApiError| state.limits.guessed(asker).err().unwrap_or(told);
    if state.service.tenants().get(token.organisation()).is_none() {
        // An organisation that is not in memory would have to be looked up: not for whoever guesses.
        state.limits.may_guess(asker)?;
    }
    let tenant = state.service.enter(token.organisation()).await.map_err(|error| match error {
        // Whether there is such an organisation is not told.
        EnterError::NoOrganisation | EnterError::NoCredentials { .. } => guessed(refused()),
        error => error.into(),
    })?;
    if !tenant.contact.is_trusted() {
        let message = "The registry's database has not answered for a day, so tokens cannot be checked any more. Try again once it does; its operator finds the reason in the server's log.";
        return Err(ApiError::store_unavailable(message));
    }
    let tokens = tenant.tokens.load();
    let record = match tokens.verify(&token, Timestamp::now().as_millis()) {
        Verdict::Good(record) => record,
        Verdict::Expired(record) => {
            return Err(guessed(invalid(format!(
                "The token {:?} has expired. Make another with `ekairos-registry token create --scope {}`, or in the dashboard's settings.",
                record.name, record.scope
            ))));
        }
        Verdict::Unknown => return Err(guessed(refused())),
    };
    state.limits.count_token(asker, record.id)?;
    if record.scope < R::SCOPE {
        let message = format!(
            "The token {:?} has the scope `{}`; this needs `{}`. Make another with `ekairos-registry token create --scope {}`.",
            record.name,
            record.scope,
            R::SCOPE,
            R::SCOPE
        );
        return Err(ApiError::new(StatusCode::FORBIDDEN, "missing_scope", message));
    }
    state.service.note_use(&tenant, record.id);
    Ok(Access::granted(token.organisation().clone(), Actor::Token(record.id)))
}

/// Tells whoever put it into a request which organisation the request was let into.
#[derive(Debug, Clone, Default)]
pub struct Admitted(pub Arc<OnceLock<OrganisationId>>);

/// The organisation that a path names: `/o/{org}/…`.
#[derive(Debug, Clone)]
pub struct NamedOrganisation(pub OrganisationId);

impl<S, R: Role> FromRequestParts<S> for Access<R>
where
    AppState: FromRef<S>,
    S: Send + std::marker::Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let state = AppState::from_ref(state);
        state.authenticator.admit(&state, parts).await
    }
}

/// Who is signed in through Clerk, whatever their organisation, for a page.
pub async fn signed_in() -> Result<clerk::Principal, ApiError> {
    let state = leptos::prelude::use_context::<AppState>();
    let parts = leptos::prelude::use_context::<Parts>();
    let sign_in = state.as_ref().and_then(|state| Some((state, state.authenticator.clerk.as_ref()?)));
    match (sign_in, parts) {
        (Some((state, sign_in)), Some(parts)) => sign_in.principal(state, &parts).await,
        _ => Err(ApiError::internal("a page for people of Clerk was rendered without it")),
    }
}

/// Access for a server function or a page: `access::<Admin>().await?`.
pub async fn access<R: Role>() -> Result<Access<R>, ApiError> {
    let state = leptos::prelude::use_context::<AppState>();
    let parts = leptos::prelude::use_context::<Parts>();
    match (state, parts) {
        (Some(state), Some(parts)) => state.authenticator.admit(&state, &parts).await,
        _ => Err(ApiError::internal("a page was rendered outside a request")),
    }
}
