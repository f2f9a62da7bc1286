//! JSON routes for a repository's deploy token.

use super::{
    ApiError,
    internal::{Answer, repository_id},
};
use crate::{
    app_state::AppState,
    auth::{Access, Admin},
    service::DeployToken,
};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use serde::Serialize;

/// Whether a repository has a deploy token of its own. The token itself is
/// never in an answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CredentialState {
    /// Whether it has one.
    set: bool,
}

/// Tell whether a repository has a deploy token of its own.
#[utoipa::path(get, path = "/api/internal/registry/{id}/credential", tag = "repositories", params(("id" = String, Path)),
    responses((status = 200, body = CredentialState), (status = 404, description = "No such repository")))]
pub(super) async fn state(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
) -> Answer<CredentialState> {
    let set = state.service.has_credential(&access, repository_id(&id)?).await?;
    Ok(Json(CredentialState { set }))
}

/// Give a repository a deploy token: `token`, and perhaps `username`. It is sealed,
/// sent to the host of the repository's address alone, and tried with the next sync.
#[utoipa::path(put, path = "/api/internal/registry/{id}/credential", tag = "repositories", params(("id" = String, Path)),
    request_body(content = Object, description = "`token`, and perhaps `username`"),
    responses((status = 204, description = "It has it"), (status = 404, description = "No such repository"),
        (status = 422, description = "It could not be used, or would travel in the clear")))]
pub(super) async fn set(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
    token: Result<Json<DeployToken>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    // Not the rejection's own words: they may repeat a part of the body.
    let Ok(Json(token)) = token else {
        let message = "Send a JSON object with `token`, and perhaps `username`, both texts.";
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message));
    };
    state.service.set_credential(&access, repository_id(&id)?, Some(token)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a repository's deploy token away.
#[utoipa::path(delete, path = "/api/internal/registry/{id}/credential", tag = "repositories", params(("id" = String, Path)),
    responses((status = 204, description = "It has none now"), (status = 404, description = "No such repository")))]
pub(super) async fn remove(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    state.service.set_credential(&access, repository_id(&id)?, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
