//! JSON routes about API tokens.

use super::{
    ApiError,
    internal::{Answer, Body},
};
use crate::{
    app_state::AppState,
    auth::{Access, Admin},
    service::{NewToken, Rotation},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use model::{
    TokenId,
    view::{MadeToken, TokenView},
};

fn token_id(text: &str) -> Result<TokenId, ApiError> {
    text.parse().map_err(|error| ApiError::new(StatusCode::NOT_FOUND, "not_found", format!("{error}.")))
}

/// List tokens, newest first. Their secrets are told to nobody.
#[utoipa::path(get, path = "/api/internal/tokens", tag = "tokens", responses((status = 200, description = "Tokens that are good and that were")))]
pub(super) async fn tokens(State(state): State<AppState>, access: Access<Admin>) -> Answer<Vec<TokenView>> {
    Ok(Json(state.service.tokens(&access).await?))
}

/// Make a token. Its text is in the answer and nowhere else.
#[utoipa::path(post, path = "/api/internal/tokens", tag = "tokens", request_body = NewToken,
    responses((status = 201, description = "The token, with its text in `token`"), (status = 409, description = "There are too many"), (status = 422, description = "No such scope, or no such life")))]
pub(super) async fn create(
    State(state): State<AppState>,
    access: Access<Admin>,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), ApiError> {
    Ok((StatusCode::CREATED, Json(state.service.create_token(&access, new).await?)))
}

/// Make a token that takes this one's place; this one goes on working for a while.
#[utoipa::path(post, path = "/api/internal/tokens/{id}/rotate", tag = "tokens", params(("id" = String, Path)), request_body = Rotation,
    responses((status = 201, description = "The new token, with its text in `token`"), (status = 404, description = "No such token"), (status = 409, description = "It opens nothing any more, or was replaced already")))]
pub(super) async fn rotate(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
    Body(rotation): Body<Rotation>,
) -> Result<(StatusCode, Json<MadeToken>), ApiError> {
    Ok((StatusCode::CREATED, Json(state.service.rotate_token(&access, token_id(&id)?, rotation).await?)))
}

/// Revoke a token: it opens nothing from now on.
#[utoipa::path(delete, path = "/api/internal/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 200, description = "The token as it is now"), (status = 404, description = "No such token")))]
pub(super) async fn revoke(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
) -> Answer<TokenView> {
    Ok(Json(state.service.revoke_token(&access, token_id(&id)?).await?))
}
