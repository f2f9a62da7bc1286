//! What Clerk tells: that an organisation or a session is not what it was.

use super::ApiError;
use crate::{app_state::AppState, auth::check_host};
use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
};
use clerk::{Event, webhook::MAX_BODY};

/// Take a delivery of Clerk's webhook. It is authenticated by its signature;
/// what it changed is forgotten, and asked for anew when it is needed.
#[utoipa::path(post, path = "/api/webhooks/clerk", tag = "webhooks",
    request_body(content = String, description = "What Clerk sends"),
    responses(
        (status = 204, description = "Taken, or taken before"),
        (status = 401, description = "Not signed, or with another secret, or too old"),
        (status = 404, description = "This registry runs without Clerk"),
        (status = 413, description = "Larger than 256 KiB")))]
pub(super) async fn receive(State(state): State<AppState>, request: Request) -> Result<StatusCode, ApiError> {
    let (parts, body) = request.into_parts();
    check_host(&state, &parts.headers)?;
    let Some(sign_in) = &state.authenticator.clerk else {
        let message = "This registry runs without Clerk. Remove the endpoint in Clerk's dashboard.";
        return Err(ApiError::new(StatusCode::NOT_FOUND, "no_route", message));
    };
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| {
        let message = "The delivery is larger than 256 KiB, or ended before it was whole.";
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    })?;
    let event = sign_in.clerk().webhook(&parts.headers, &body).map_err(|refused| {
        // Not the body: it may hold an organisation's credentials.
        tracing::warn!(%refused, "a delivery of Clerk was refused");
        ApiError::new(StatusCode::UNAUTHORIZED, "invalid_signature", refused.to_string())
    })?;
    if let Some(Event::OrganizationDeleted(id)) = event
        && let Ok(organisation) = id.as_str().parse()
    {
        state.service.organisation_is_gone(&organisation).await;
    }
    Ok(StatusCode::NO_CONTENT)
}
