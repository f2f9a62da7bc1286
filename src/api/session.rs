//! Signing in by link and signing out.

use crate::{
    app_state::AppState,
    auth::{LoginError, sign_in, sign_out},
};
use axum::{
    extract::{Query, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
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
    let target = match state.links.redeem(&token).await {
        Ok(()) => match sign_in(&session).await {
            Ok(()) => "/repositories",
            Err(error) => {
                tracing::error!(%error, "a session could not be made");
                "/login?error=store"
            }
        },
        Err(LoginError::Spent) => "/login?error=used",
        Err(LoginError::TooMany) => "/login?error=limited",
        Err(LoginError::Store(error)) => {
            tracing::error!(%error, "a sign-in could not be checked");
            "/login?error=store"
        }
    };
    without_traces(Redirect::to(target).into_response())
}

/// Ends the session.
pub(super) async fn logout(session: Session) -> Response {
    if let Err(error) = sign_out(&session).await {
        tracing::error!(%error, "a session could not be ended");
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
