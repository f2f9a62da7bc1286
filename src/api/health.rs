//! Whether the process is there, and whether it serves.

use crate::{
    api::{ApiError, stale},
    app_state::AppState,
    tenants::Away,
};
use axum::{Json, extract::State};
use serde::Serialize;

/// A health answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// `ok`; `stale` while the database does not answer and what was published
    /// before is served.
    status: &'static str,
    /// Since when it has not answered, by RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

/// The process answers.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = Health)))]
pub(super) async fn live() -> Json<Health> {
    Json(Health { status: "ok", since: None })
}

/// Something is served: what the database says, or what it said last.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses((status = 200, body = Health), (status = 503, description = "Nothing is served: the database does not answer, and nothing is kept on disk")))]
pub(super) async fn ready(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    let Some(tenant) = state.service.tenants().local_tenant() else {
        // Each of many organisations has a database of its own; none of them says how the others are.
        return Ok(Json(Health { status: "ok", since: None }));
    };
    match tenant.contact.away() {
        None => Ok(Json(Health { status: "ok", since: None })),
        Some(Away { since, .. }) if tenant.catalog.load().basis().is_some() => {
            Ok(Json(Health { status: "stale", since: since.map(stale::rfc3339) }))
        }
        Some(_) => Err(ApiError::store_unavailable(NOTHING)),
    }
}

/// What is told where there is nothing to serve.
pub(super) const NOTHING: &str = "The registry's database does not answer, and nothing that was published before is kept on this server. It tries again by itself; try again in a moment.";
