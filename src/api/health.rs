//! Whether the process is there, and whether it serves.

use crate::{api::ApiError, app_state::AppState};
use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

/// A health answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
}

/// The process answers.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = Health)))]
pub(super) async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The store answers and the catalogue is served.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses((status = 200, body = Health), (status = 503, description = "Not ready")))]
pub(super) async fn ready(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    let tenants = state.service.tenants();
    let tenant = tenants.get(tenants.default_organisation());
    let store = match tenant {
        Some(tenant) => tenant.db.select::<instant::rows::Settings>().limit(1).all().await.is_ok(),
        None => false,
    };
    if store {
        Ok(Json(Health { status: "ok" }))
    } else {
        Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "store_unavailable",
            "The store does not answer. Look at the server's log.",
        ))
    }
}
