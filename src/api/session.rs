//! Signing in by link and signing out.

use super::ApiError;
use crate::{
    app_state::AppState,
    auth::{Access, Asker, LoginError, Read, SignIn, sign_in, sign_out},
    service::Action,
};
use axum::{
    extract::{Query, Request, State},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use clerk::{Principal, Verdict};
use model::OrganisationId;
use serde::Deserialize;
use tower_sessions::Session;

/// What a sign-in link carries.
#[derive(Debug, Deserialize)]
pub(super) struct LoginQuery {
    /// The one-time token.
    t: Option<String>,
}

/// Signs in by a one-time link; without one, shows the sign-in page.
pub(super) async fn login(
    State(state): State<AppState>,
    Query(query): Query<LoginQuery>,
    session: Session,
    request: Request,
) -> Response {
    // Links are for the one user of local mode.
    let Some(token) = query.t.filter(|_| state.authenticator.clerk.is_none()) else {
        return crate::server::render_page(state, request).await;
    };
    let asker = Asker::of(&state, request.headers(), request.extensions());
    if !state.limits.may_sign_in(asker) {
        return without_traces(Redirect::to("/login?error=limited").into_response());
    }
    let organisation = &OrganisationId::local();
    let target = match state.links.redeem(&token).await {
        Ok(()) => match sign_in(&session, organisation, asker).await {
            Ok(access) => {
                state.service.record(&access, Action::SignIn, access.actor()).await;
                "/"
            }
            Err(error) => {
                tracing::error!(%error, "a session could not be made");
                "/login?error=store"
            }
        },
        Err(LoginError::Spent) => {
            state.limits.sign_in_failed(asker);
            "/login?error=used"
        }
        Err(LoginError::Store(error)) => {
            tracing::error!(%error, "a sign-in could not be checked");
            "/login?error=store"
        }
    };
    without_traces(Redirect::to(target).into_response())
}

/// Ends the session.
pub(super) async fn logout(
    State(state): State<AppState>,
    access: Result<Access<Read>, ApiError>,
    session: Session,
    parts: Parts,
) -> Response {
    if let Some(sign_in) = &state.authenticator.clerk {
        // What it holds is for whoever leaves: what their last form did.
        if let Err(error) = sign_out(&session).await {
            tracing::error!(%error, "a session could not be ended");
        }
        return without_traces(end_session(&state, sign_in, access, &parts).await);
    }
    if let Err(error) = sign_out(&session).await {
        tracing::error!(%error, "a session could not be ended");
    } else if let Ok(access) = access {
        state.service.record(&access, Action::SignOut, access.actor()).await;
    }
    without_traces(Redirect::to("/signed-out").into_response())
}

/// Ends a session of Clerk, for every sub-domain, without a script.
async fn end_session(
    state: &AppState,
    sign_in: &SignIn,
    access: Result<Access<Read>, ApiError>,
    parts: &Parts,
) -> Response {
    let session = match sign_in.verdict(state, parts).await {
        Verdict::SignedIn(principal) => match *principal {
            Principal::Session(session) => session.session,
            Principal::ApiKey(_) => None,
        },
        // Its token may have expired while the page was open.
        _ => sign_in.clerk().session_to_end(&parts.headers).await,
    };
    if let Some(id) = session
        && let Err(error) = sign_in.clerk().backend().revoke_session(&id).await
    {
        // The cookies go all the same; the token in them lives for a minute at most.
        tracing::warn!(%error, "a session could not be revoked");
    }
    if let Ok(access) = access {
        state.service.record(&access, Action::SignOut, access.actor()).await;
    }
    let mut response = Redirect::to("/signed-out").into_response();
    let suffix = sign_in.clerk().settings().publishable_key.cookie_suffix();
    for name in ["__session".to_owned(), format!("__session_{suffix}")] {
        let cookie = format!("{name}=; Path=/; Max-Age=0; SameSite=Lax");
        let cookie = HeaderValue::try_from(cookie).expect("a suffix is ASCII");
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The token must not stay behind in a cache or a `Referer`.
fn without_traces(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
