//! JSON routes for programs and for the dashboard's islands.

use super::ApiError;
use crate::{
    app_state::AppState,
    auth::{Access, Actor, Admin, Read, Sync},
    service::{ComponentsQuery, Discover, Discovery, IfMatch, NewComponent, NewRepository, RepositoryChange},
};
use axum::{
    Json,
    extract::{
        FromRequest, Path, Query, Request, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt, stream};
use model::{
    RepositoryId, Trigger,
    view::{ComponentView, FoundComponents, PublicationView, RepositoryView, RollbackView},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::convert::Infallible;
use tokio_stream::wrappers::WatchStream;

pub(super) type Answer<T> = Result<Json<T>, ApiError>;

/// A JSON body whose problems are told in our own words.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + std::marker::Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let refused = |rejection: JsonRejection| {
            let message =
                format!("The body is not what this route takes: {}. See /openapi.json.", rejection.body_text());
            ApiError::new(rejection.status(), "invalid_body", message)
        };
        Json::from_request(request, state).await.map(|Json(body)| Self(body)).map_err(refused)
    }
}

pub(super) fn repository_id(text: &str) -> Result<RepositoryId, ApiError> {
    text.parse().map_err(|error| ApiError::new(StatusCode::NOT_FOUND, "not_found", format!("{error}.")))
}

/// List repositories.
#[utoipa::path(get, path = "/api/internal/registry", tag = "repositories", responses((status = 200, description = "All repositories, by name")))]
pub(super) async fn repositories(State(state): State<AppState>, access: Access<Read>) -> Answer<Vec<RepositoryView>> {
    Ok(Json(state.service.repositories(&access).await?))
}

/// Register a repository. It is fetched when a sync is asked for.
#[utoipa::path(post, path = "/api/internal/registry", tag = "repositories", request_body = NewRepository,
    responses((status = 201, description = "The repository"), (status = 409, description = "Registered already"), (status = 422, description = "Not an address that can be fetched")))]
pub(super) async fn register(
    State(state): State<AppState>,
    access: Access<Admin>,
    Body(new): Body<NewRepository>,
) -> Result<(StatusCode, Json<RepositoryView>), ApiError> {
    Ok((StatusCode::CREATED, Json(state.service.register_repository(&access, new).await?)))
}

/// Get a repository.
#[utoipa::path(get, path = "/api/internal/registry/{id}", tag = "repositories", params(("id" = String, Path)),
    responses((status = 200, description = "The repository"), (status = 404, description = "No such repository")))]
pub(super) async fn repository(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(id): Path<String>,
) -> Answer<RepositoryView> {
    Ok(Json(state.service.repository(&access, repository_id(&id)?).await?))
}

/// Change a repository.
#[utoipa::path(patch, path = "/api/internal/registry/{id}", tag = "repositories", params(("id" = String, Path)), request_body = RepositoryChange,
    responses((status = 200, description = "The repository")))]
pub(super) async fn change(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
    Body(change): Body<RepositoryChange>,
) -> Answer<RepositoryView> {
    Ok(Json(state.service.change_repository(&access, repository_id(&id)?, change).await?))
}

/// Remove a repository: its components are no longer served.
#[utoipa::path(delete, path = "/api/internal/registry/{id}", tag = "repositories", params(("id" = String, Path)), responses((status = 204, description = "Removed")))]
pub(super) async fn remove(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    state.service.remove_repository(&access, repository_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which repository to sync.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SyncRequest {
    /// The repository's id.
    repo_id: String,
}

/// A sync that was accepted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SyncAccepted {
    /// The sync that takes care of the request.
    #[schema(value_type = String)]
    sync_id: model::SyncId,
    /// Where to follow it.
    events: String,
}

/// Ask for a sync.
#[utoipa::path(post, path = "/api/internal/registry/sync", tag = "repositories", request_body = SyncRequest,
    responses((status = 202, body = SyncAccepted), (status = 404, description = "No such repository")))]
pub(super) async fn sync(
    State(state): State<AppState>,
    access: Access<Sync>,
    Body(request): Body<SyncRequest>,
) -> Result<(StatusCode, Json<SyncAccepted>), ApiError> {
    let id = repository_id(&request.repo_id)?;
    let trigger = if matches!(access.actor(), Actor::Token(_)) { Trigger::Token } else { Trigger::Person };
    let view = state.service.sync_from_git(&access, id, trigger).await?;
    let events = format!("/api/internal/registry/{id}/events");
    Ok((StatusCode::ACCEPTED, Json(SyncAccepted { sync_id: view.id, events })))
}

/// Follow a repository's newest sync as server-sent events: `progress` while it
/// runs, then one `result`.
#[utoipa::path(get, path = "/api/internal/registry/{id}/events", tag = "repositories", params(("id" = String, Path)),
    responses((status = 200, description = "Events whose data is a sync", content_type = "text/event-stream"), (status = 404, description = "No sync since the server started")))]
pub(super) async fn events(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let id = repository_id(&id)?;
    state.service.repository(&access, id).await?;
    let receiver = state.service.follow_sync(&access, id).await?.ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, "no_sync", "This repository was never synced. Ask for a sync first.")
    })?;
    // Ends right behind the result: nothing would wake it after that.
    let views = stream::unfold(Some(WatchStream::new(receiver)), async |views| {
        let mut views = views?;
        let view = views.next().await?;
        let rest = (!view.state.is_final()).then_some(views);
        Some((view, rest))
    });
    let events = views.map(|view| {
        let name = if view.state.is_final() { "result" } else { "progress" };
        let event = Event::default().event(name);
        Ok(event.json_data(&view).unwrap_or_else(|_| Event::default().event("error")))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Look into a repository: which registries it has. Nothing is registered.
#[utoipa::path(post, path = "/api/internal/registry/discover", tag = "repositories", request_body = Discover,
    responses((status = 200, description = "Its registries, the one that is read unless another is named first"), (status = 422, description = "Not an address that can be fetched")))]
pub(super) async fn discover(
    State(state): State<AppState>,
    access: Access<Admin>,
    Body(wanted): Body<Discover>,
) -> Answer<Discovery> {
    Ok(Json(state.service.discover(&access, wanted).await?))
}

/// What to roll back to.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RollbackRequest {
    /// A snapshot's id, or at least seven digits of its commit.
    snapshot: String,
}

/// Make an earlier snapshot current again.
#[utoipa::path(post, path = "/api/internal/registry/{id}/rollback", tag = "repositories", params(("id" = String, Path)), request_body = RollbackRequest,
    responses((status = 200, description = "The publication"), (status = 404, description = "No such snapshot"), (status = 409, description = "It is current")))]
pub(super) async fn rollback(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(id): Path<String>,
    Body(request): Body<RollbackRequest>,
) -> Answer<PublicationView> {
    let id = repository_id(&id)?;
    let snapshot = state.service.find_snapshot_by_text(&access.clone().into(), id, &request.snapshot).await?;
    Ok(Json(state.service.rollback(&access, id, snapshot).await?))
}

/// See what a rollback would do.
#[utoipa::path(get, path = "/api/internal/registry/{id}/rollback", tag = "repositories",
    params(("id" = String, Path), ("snapshot" = String, Query, description = "A snapshot's id, or at least seven digits of its commit")),
    responses((status = 200, description = "What would be added, changed, removed and left out"), (status = 404, description = "No such snapshot")))]
pub(super) async fn preview_rollback(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(id): Path<String>,
    Query(request): Query<RollbackRequest>,
) -> Answer<RollbackView> {
    let id = repository_id(&id)?;
    let snapshot = state.service.find_snapshot_by_text(&access, id, &request.snapshot).await?;
    Ok(Json(state.service.preview_rollback(&access, id, snapshot).await?))
}

/// List or search components.
#[utoipa::path(get, path = "/api/internal/components", tag = "components", params(ComponentsQuery), responses((status = 200, description = "A page of components; with `facets` the values that it can be narrowed by; where there are none, `nearest` is the name that was probably meant")))]
pub(super) async fn components(
    State(state): State<AppState>,
    access: Access<Read>,
    query: Result<Query<ComponentsQuery>, QueryRejection>,
) -> Answer<FoundComponents> {
    let Query(query) = query.map_err(|rejection| super::audit::invalid(&rejection))?;
    Ok(Json(state.service.find_components(&access, &query)?))
}

/// Get a component. Its ETag is that of its version.
#[utoipa::path(get, path = "/api/internal/components/{name}", tag = "components", params(("name" = String, Path)),
    responses((status = 200, description = "The component"), (status = 404, description = "No such component"), (status = 410, description = "Removed")))]
pub(super) async fn component(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    Ok(with_etag(state.service.component(&access, &name).await?))
}

/// A component, and the tag by which a change says which version it began from.
fn with_etag(component: ComponentView) -> Response {
    let tag = format!("\"{}\"", component.row.version);
    let tag = HeaderValue::try_from(tag).expect("hexadecimal digits and quotes");
    ([(header::ETAG, tag)], Json(component)).into_response()
}

/// The versions that a change may replace.
fn if_match(headers: &HeaderMap) -> IfMatch {
    let Some(value) = headers.get(header::IF_MATCH) else { return IfMatch::default() };
    IfMatch::parse(value.to_str().unwrap_or_default())
}

/// Publish a component made by hand: a registry item with its files' contents.
#[utoipa::path(post, path = "/api/internal/components", tag = "components", request_body = NewComponent,
    responses((status = 201, description = "The component"), (status = 409, description = "The name is taken"), (status = 422, description = "It cannot be served; `findings` says why")))]
pub(super) async fn create_component(
    State(state): State<AppState>,
    access: Access<Admin>,
    Body(data): Body<NewComponent>,
) -> Result<Response, ApiError> {
    let component = state.service.create_component(&access, data).await?;
    Ok((StatusCode::CREATED, with_etag(component)).into_response())
}

/// Publish a new version of a component made by hand.
///
/// With `If-Match` only if the component is still the version of that ETag.
#[utoipa::path(put, path = "/api/internal/components/{name}", tag = "components", request_body = NewComponent,
    params(("name" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag of the version that the change began from")),
    responses((status = 200, description = "The component"), (status = 409, description = "It comes from a git repository"), (status = 412, description = "Someone changed it meanwhile"), (status = 422, description = "It cannot be served; `findings` says why")))]
pub(super) async fn update_component(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(data): Body<NewComponent>,
) -> Result<Response, ApiError> {
    Ok(with_etag(state.service.update_component(&access, &name, data, if_match(&headers)).await?))
}

/// Remove a component made by hand. Its name is held until it is released, and
/// its repository can be rolled back.
#[utoipa::path(delete, path = "/api/internal/components/{name}", tag = "components",
    params(("name" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag of the version that should be removed")),
    responses((status = 204, description = "Removed"), (status = 404, description = "No such component"), (status = 409, description = "It comes from a git repository"), (status = 410, description = "Removed already"), (status = 412, description = "Someone changed it meanwhile")))]
pub(super) async fn remove_component(
    State(state): State<AppState>,
    access: Access<Admin>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    state.service.remove_component(&access, &name, if_match(&headers)).await?;
    Ok(StatusCode::NO_CONTENT)
}
