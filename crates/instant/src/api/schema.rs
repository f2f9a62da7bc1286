//! The schema: shown, planned, pushed (`specs/instantdb-admin-api.md` 3.2, 4).

use super::Shared;
use super::body::{flag, required};
use super::caller::{AdminOnly, OwnerAsked, OwnerOnly};
use super::error::ApiError;
use crate::{PushOptions, RefKeys, Store as _};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// `GET /admin/schema`
pub(super) async fn of_admin(State(api): State<Shared>, _admin: AdminOnly) -> Json<Value> {
    Json(json!({ "schema": api.store.schema(RefKeys::Joined) }))
}

/// `GET /superadmin/apps/:id/schema`
pub(super) async fn of_app(State(api): State<Shared>, _owner: OwnerOnly) -> Json<Value> {
    Json(json!({ "schema": api.store.schema(RefKeys::Vector) }))
}

/// `GET /dash/apps/:id/schema/pull`: with every attribute, the store's own included.
pub(super) async fn pull(State(api): State<Shared>, _owner: OwnerOnly) -> Result<Json<Value>, ApiError> {
    let attrs = api.store.attrs().await?;
    let schema = api.store.schema(RefKeys::Vector);
    Ok(Json(json!({ "schema": schema, "attrs": attrs, "app-title": api.store.app().title })))
}

/// `POST …/schema/push/plan`
pub(super) async fn plan(State(api): State<Shared>, OwnerAsked(asked): OwnerAsked) -> Result<Json<Value>, ApiError> {
    Ok(Json(api.store.plan_schema(definitions(&asked), options(&asked))?))
}

/// `POST …/schema/push/apply`
pub(super) async fn apply(State(api): State<Shared>, OwnerAsked(asked): OwnerAsked) -> Result<Json<Value>, ApiError> {
    Ok(Json(api.store.apply_schema(definitions(&asked), options(&asked)).await?))
}

/// `POST /dash/apps/:id/schema/steps/apply`
pub(super) async fn apply_steps(
    State(api): State<Shared>,
    OwnerAsked(asked): OwnerAsked,
) -> Result<Json<Value>, ApiError> {
    let steps = required(&asked, "steps", |steps| steps.is_array().then_some(steps))?;
    Ok(Json(api.store.apply_schema_steps(steps).await?))
}

fn definitions(asked: &Value) -> &Value {
    asked.get("schema").unwrap_or(&Value::Null)
}

fn options(asked: &Value) -> PushOptions {
    PushOptions {
        check_types: flag(asked, "check_types"),
        background_updates: flag(asked, "supports_background_updates"),
    }
}
