//! JSON routes that set up a repository's webhook and show what arrived.

use super::{
    ApiError,
    internal::{Answer, repository_id},
};
use crate::{
    app_state::AppState,
    auth::{Access, Admin, Read},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use model::view::{DeliveryView, HookView};

/// Get a repository's webhook: address, secret, and what to do at the host.
#[utoipa::path(get, path = "/api/internal/registry/{id}/hook", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, description = "The webhook"), (status = 404, description = "No such repository, or it has none")))]
pub(super) async fn hook(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
) -> Answer<HookView> {
    let hook = state.service.hook(&access, repository_id(&id)?).await?;
    hook.map(Json).ok_or_else(|| {
        let message = "This repository has no webhook. POST to this address to make one.";
        ApiError::new(StatusCode::NOT_FOUND, "no_hook", message)
    })
}

/// Make a repository's webhook; one that is there keeps its address and gets a new secret.
#[utoipa::path(post, path = "/api/internal/registry/{id}/hook", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, description = "The webhook; its former secret is good for nothing now"), (status = 404, description = "No such repository"), (status = 422, description = "Its components are made by hand")))]
pub(super) async fn make(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
) -> Answer<HookView> {
    Ok(Json(state.service.make_hook(&access, repository_id(&id)?).await?))
}

/// Remove a repository's webhook.
#[utoipa::path(delete, path = "/api/internal/registry/{id}/hook", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 204, description = "It has none now"), (status = 404, description = "No such repository")))]
pub(super) async fn remove(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    state.service.remove_hook(&access, repository_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the last deliveries of a repository's webhook, newest first, with what came of them.
#[utoipa::path(get, path = "/api/internal/registry/{id}/hook/deliveries", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, description = "At most 50"), (status = 404, description = "No such repository")))]
pub(super) async fn deliveries(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(id): Path<String>,
) -> Answer<Vec<DeliveryView>> {
    Ok(Json(state.service.deliveries(&access, repository_id(&id)?).await?))
}
