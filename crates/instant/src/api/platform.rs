//! The app itself: its name, its rules, and what there is to say of rooms,
//! jobs and health.

use super::Shared;
use super::body::{required, text};
use super::caller::{AdminOnly, OwnerAsked, OwnerOnly};
use super::error::ApiError;
use crate::{App, Store as _};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde_json::{Value, json};
use std::collections::HashMap;

/// `GET /health/system`
pub(super) async fn health() -> Json<Value> {
    Json(json!({ "wal": "ok" }))
}

/// `GET /admin/rooms/presence`: rooms need a browser's session, which there is none of.
pub(super) async fn presence(
    _admin: AdminOnly,
    Query(named): Query<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    for name in ["room-type", "room-id"] {
        if named.get(name).is_none_or(|value| value.trim().is_empty()) {
            return Err(ApiError::missing(&["params", name]));
        }
    }
    Ok(Json(json!({ "sessions": {} })))
}

fn app_json(app: &App) -> Value {
    json!({ "id": app.id, "title": app.title, "creator_id": null, "org_id": null, "status": app.status.as_str() })
}

/// `GET /superadmin/apps/:id`
pub(super) async fn app(State(api): State<Shared>, _owner: OwnerOnly) -> Json<Value> {
    Json(json!({ "app": app_json(&api.store.app()) }))
}

/// `POST /superadmin/apps/:id`: another title.
pub(super) async fn rename(State(api): State<Shared>, OwnerAsked(asked): OwnerAsked) -> Result<Json<Value>, ApiError> {
    api.store.set_title(required(&asked, "title", text)?).await?;
    Ok(Json(json!({ "app": app_json(&api.store.app()) })))
}

/// `GET …/perms`, `GET …/perms/pull`
pub(super) async fn rules(State(api): State<Shared>, _owner: OwnerOnly) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "perms": api.store.rules().await? })))
}

/// `POST …/perms`, `POST …/rules`: `rules` is null when they are the same as before.
pub(super) async fn replace_rules(
    State(api): State<Shared>,
    OwnerAsked(asked): OwnerAsked,
) -> Result<Json<Value>, ApiError> {
    let code = required(&asked, "code", |code| code.is_object().then_some(code))?;
    api.store.app().check_writable()?;
    if api.store.rules().await?.as_ref() == Some(code) {
        return Ok(Json(json!({ "rules": null })));
    }
    api.store.replace_rules(code).await?;
    Ok(Json(json!({ "rules": { "app_id": api.store.app().id, "code": code } })))
}

/// `GET …/indexing-jobs/group/:id`: flags change at once here, so that no job is ever under way.
pub(super) async fn jobs(_owner: OwnerOnly) -> Json<Value> {
    Json(json!({ "jobs": [] }))
}

/// `GET …/indexing-jobs/:id`
pub(super) async fn job(
    _owner: OwnerOnly,
    Path(named): Path<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    Err(ApiError::not_found("indexing-job", &json!({ "job-id": named.get("job") })))
}
