//! JSON routes for history: commits, versions, tags and branches, and what
//! differs between any two of them.

use super::{ApiError, internal::repository_id};
use crate::{
    app_state::AppState,
    auth::{Access, Read},
    service::{ActivityQuery, Part, Sides},
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use model::view::{
    ActivityView, CommitDetail, CommitView, CommitsPage, Page, RefView, StateDiff, VersionDiff, VersionView,
};

type Answer<T> = Result<Json<T>, ApiError>;

/// List what happened lately in all repositories, or in one: commits that touched
/// a component, and syncs; and how much of both there was in each of the last 26 weeks.
#[utoipa::path(get, path = "/api/internal/activity", tag = "history", params(ActivityQuery), responses((status = 200, description = "A part of what happened, newest first")))]
pub(super) async fn activity(
    State(state): State<AppState>,
    access: Access<Read>,
    Query(query): Query<ActivityQuery>,
) -> Answer<ActivityView> {
    Ok(Json(state.service.activity(&access, &query).await?))
}

/// List the recorded commits of a repository, newest first, with the files of
/// components that each touched.
#[utoipa::path(get, path = "/api/internal/registry/{id}/commits", tag = "history", params(("id" = String, Path), Part),
    responses((status = 200, description = "A page of commits; `history` says how far back they go"), (status = 404, description = "No such repository")))]
pub(super) async fn commits(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Answer<CommitsPage> {
    Ok(Json(state.service.commits(&access, repository_id(&id)?, part).await?))
}

/// Get a recorded commit.
#[utoipa::path(get, path = "/api/internal/registry/{id}/commits/{sha}", tag = "history",
    params(("id" = String, Path), ("sha" = String, Path, description = "The commit, or at least seven digits of it")),
    responses((status = 200, description = "The commit, and its first parent"), (status = 404, description = "No such repository or commit"), (status = 409, description = "Several commits begin with these digits")))]
pub(super) async fn commit(
    State(state): State<AppState>,
    access: Access<Read>,
    Path((id, sha)): Path<(String, String)>,
) -> Answer<CommitDetail> {
    Ok(Json(state.service.commit(&access, repository_id(&id)?, &sha).await?))
}

/// List the tags and branches of a repository that are offered as versions.
#[utoipa::path(get, path = "/api/internal/registry/{id}/refs", tag = "history", params(("id" = String, Path)),
    responses((status = 200, description = "Tags, then branches, by name"), (status = 404, description = "No such repository")))]
pub(super) async fn refs(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(id): Path<String>,
) -> Answer<Vec<RefView>> {
    Ok(Json(state.service.refs(&access, repository_id(&id)?).await?))
}

/// Compare two states of a repository: which components differ.
#[utoipa::path(get, path = "/api/internal/registry/{id}/compare", tag = "history", params(("id" = String, Path), Sides),
    responses((status = 200, description = "The components that differ"), (status = 404, description = "No such repository or state")))]
pub(super) async fn compare(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(id): Path<String>,
    Query(sides): Query<Sides>,
) -> Answer<StateDiff> {
    Ok(Json(state.service.compare(&access, repository_id(&id)?, &sides).await?))
}

/// List the recorded commits that touched a component, newest first.
#[utoipa::path(get, path = "/api/internal/commits/{name}", tag = "history", params(("name" = String, Path), Part),
    responses((status = 200, description = "A page of commits"), (status = 404, description = "No such component")))]
pub(super) async fn component_commits(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(name): Path<String>,
    Query(part): Query<Part>,
) -> Answer<Page<CommitView>> {
    Ok(Json(state.service.component_commits(&access, &name, part).await?))
}

/// List the versions of a component, the newest commit's first.
#[utoipa::path(get, path = "/api/internal/versions/{name}", tag = "history", params(("name" = String, Path), Part),
    responses((status = 200, description = "A page of versions, with the tags and branches that have them"), (status = 404, description = "No such component")))]
pub(super) async fn versions(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(name): Path<String>,
    Query(part): Query<Part>,
) -> Answer<Page<VersionView>> {
    Ok(Json(state.service.versions(&access, &name, part).await?))
}

/// Compare two versions of a component: fields, files and lines that differ.
#[utoipa::path(get, path = "/api/internal/diff/{name}", tag = "history", params(("name" = String, Path), Sides),
    responses((status = 200, description = "What differs"), (status = 404, description = "No such component or version"), (status = 422, description = "`from` is missing")))]
pub(super) async fn diff(
    State(state): State<AppState>,
    access: Access<Read>,
    Path(name): Path<String>,
    Query(sides): Query<Sides>,
) -> Answer<VersionDiff> {
    Ok(Json(state.service.diff(&access, &name, &sides).await?))
}
