//! Signing in by link and signing out.

use super::ApiError;
use crate::{
    app_state::AppState,
    auth::{Access, Asker, LoginError, Read, sign_in, sign_out},
    service::Action,
};
use axum::{
    extract::{Query, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
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
    let Some(token) = query.t else {
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
                "/repositories"
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
) -> Response {
    if let Err(error) = sign_out(&session).await {
        tracing::error!(%error, "a session could not be ended");
    } else if let Ok(access) = access {
        state.service.record(&access, Action::SignOut, access.actor()).await;
    }
    without_traces(Redirect::to("/signed-out").into_response())
}

/// The token must not stay behind in a cache or a `Referer`.
fn without_traces(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
