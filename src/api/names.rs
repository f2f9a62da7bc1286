//! JSON routes about names: aliases, removed components, replacements, releases.

use super::{
    ApiError,
    internal::{Answer, Body},
};
use crate::{
    app_state::AppState,
    auth::{Access, Admin, Read},
    service::{NewAlias, RemovedQuery, Replacement},
};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use model::{
    ItemName,
    view::{AliasView, NameView, Page, ReleasedView, RemovedView},
};
use serde::Deserialize;

/// A name in a path; one that cannot be a name has nothing behind it.
fn item_name(text: &str) -> Result<ItemName, ApiError> {
    text.parse().map_err(|error| ApiError::new(StatusCode::NOT_FOUND, "not_found", format!("{error}.")))
}

/// Which aliases to list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub(super) struct AliasesQuery {
    /// How many to leave out.
    offset: usize,
    /// How many at most; 50 if not given, 200 at most.
    limit: Option<usize>,
}

/// List aliases: names that lead to components of other names.
#[utoipa::path(get, path = "/api/internal/aliases", tag = "names", params(AliasesQuery), responses((status = 200, description = "A page of aliases, newest first")))]
pub(super) async fn aliases(
    State(state): State<AppState>,
    access: Access<Read>,
    Query(query): Query<AliasesQuery>,
) -> Answer<Page<AliasView>> {
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    Ok(Json(state.service.aliases(&access, query.offset, limit).await?))
}

/// Make a name lead to a component that is served. Who asks for it is redirected.
#[utoipa::path(post, path = "/api/internal/aliases", tag = "names", request_body = NewAlias,
    responses((status = 201, description = "The alias"), (status = 404, description = "No such component"), (status = 409, description = "The name is served, an alias already, or would lead in a circle")))]
pub(super) async fn add_alias(
    State(state): State<AppState>,
    access: Access<Admin>,
    Body(new): Body<NewAlias>,
) -> Result<(StatusCode, Json<AliasView>), ApiError> {
    Ok((StatusCode::CREATED, Json(state.service.add_alias(&access, new).await?)))
}

/// Remove an alias.
#[utoipa::path(delete, path = "/api/internal/aliases/{name}", tag = "names", params(("name" = String, Path)),
    responses((status = 204, description = "Removed"), (status = 404, description = "No such alias")))]
pub(super) async fn remove_alias(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    state.service.remove_alias(&access, &item_name(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List removed components whose names are held.
#[utoipa::path(get, path = "/api/internal/names", tag = "names", params(RemovedQuery), responses((status = 200, description = "A page of removed components, newest first")))]
pub(super) async fn removed(
    State(state): State<AppState>,
    access: Access<Read>,
    Query(query): Query<RemovedQuery>,
) -> Answer<Page<RemovedView>> {
    Ok(Json(state.service.removed_components(&access, &query).await?))
}

/// See what a name is: served, an alias, removed or free.
#[utoipa::path(get, path = "/api/internal/names/{name}", tag = "names", params(("name" = String, Path)),
    responses((status = 200, description = "What is known of the name")))]
pub(super) async fn name(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(name): Path<String>,
) -> Answer<NameView> {
    Ok(Json(state.service.name(&access, &item_name(&name)?).await?))
}

/// Say what to use instead of a removed component.
#[utoipa::path(patch, path = "/api/internal/names/{name}", tag = "names", params(("name" = String, Path)), request_body = Replacement,
    responses((status = 200, description = "The removed component"), (status = 404, description = "Nothing was removed under this name, or no such replacement"), (status = 409, description = "The name is served")))]
pub(super) async fn replace(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(name): Path<String>,
    Body(replacement): Body<Replacement>,
) -> Answer<RemovedView> {
    let name = item_name(&name)?;
    Ok(Json(state.service.replace_component(&access, &name, replacement.replaced_by.as_ref()).await?))
}

/// Release the name of a removed component: it answers 404, its pinned states
/// too, until someone publishes it.
#[utoipa::path(delete, path = "/api/internal/names/{name}", tag = "names", params(("name" = String, Path)),
    responses((status = 200, description = "Released; names the repositories that waited for it and are synced"), (status = 404, description = "Nobody holds the name"), (status = 409, description = "The name is served, or only an alias")))]
pub(super) async fn release(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(name): Path<String>,
) -> Answer<ReleasedView> {
    Ok(Json(state.service.release_name(&access, &item_name(&name)?).await?.view))
}
