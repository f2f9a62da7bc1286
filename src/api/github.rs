//! JSON routes for the organisation's connection to GitHub.

use super::{ApiError, internal::Answer};
use crate::{
    app_state::AppState,
    auth::{Access, Admin},
    service::{GithubQuery, GithubRefusal, GithubRepositories, GithubStatus, RefusalKind},
};
use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use std::time::Duration;

/// Tell how the organisation stands with GitHub, and where that is changed.
#[utoipa::path(get, path = "/api/internal/github", tag = "repositories", responses((status = 200, body = GithubStatus)))]
pub(super) async fn status(State(state): State<AppState>, access: Access<Admin>) -> Answer<GithubStatus> {
    Ok(Json(state.service.github_status(&access).await?))
}

/// List the repositories that the organisation sees on GitHub, pushed to last first.
#[utoipa::path(get, path = "/api/internal/github/repositories", tag = "repositories",
    params(("q" = Option<String>, Query, description = "Words that the name or description holds"), ("page" = Option<usize>, Query, description = "From 1")),
    responses((status = 200, body = GithubRepositories), (status = 409, description = "GitHub is not connected, or has to be connected again; `action` says where"),
        (status = 429, description = "GitHub was asked too often; `Retry-After`"), (status = 502, description = "GitHub does not answer")))]
pub(super) async fn repositories(
    State(state): State<AppState>,
    access: Access<Admin>,
    Query(query): Query<GithubQuery>,
) -> Answer<GithubRepositories> {
    Ok(Json(state.service.github_repositories(&access, &query).await?))
}

impl From<GithubRefusal> for ApiError {
    fn from(refusal: GithubRefusal) -> Self {
        let GithubRefusal { kind, message, next } = refusal;
        let error = match kind {
            RefusalKind::NotConnected => Self::new(StatusCode::CONFLICT, "github_not_connected", message),
            RefusalKind::Reconnect => Self::new(StatusCode::CONFLICT, "github_reconnect", message),
            RefusalKind::SignOn => Self::new(StatusCode::CONFLICT, "github_sign_on", message),
            RefusalKind::NotVisible => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "github_not_visible", message),
            RefusalKind::Forbidden => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "github_forbidden", message),
            RefusalKind::RateLimited { retry_after } => {
                let wait = retry_after.max(Duration::from_secs(1)).as_secs();
                Self::new(StatusCode::TOO_MANY_REQUESTS, "github_rate_limited", message)
                    .with_retry_after(u32::try_from(wait).unwrap_or(u32::MAX))
            }
            RefusalKind::Unavailable => Self::new(StatusCode::BAD_GATEWAY, "github_unavailable", message),
        };
        match next {
            Some(next) => error.with_action(next.label, next.url),
            None => error,
        }
    }
}
