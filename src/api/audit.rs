//! JSON routes of the audit trail.

use super::{ApiError, internal::Answer};
use crate::{
    app_state::AppState,
    auth::{Access, Admin},
    service::{EventsPage, EventsQuery, ExportFormat},
};
use axum::{
    Json,
    body::Body,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

/// Parameters that the route does not take.
pub(super) fn invalid(rejection: &QueryRejection) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "invalid_query", format!("{}. See /openapi.json.", rejection.body_text()))
}

/// List what happened, newest first: who did what to what, when, and from where.
#[utoipa::path(get, path = "/api/internal/audit", tag = "audit", params(EventsQuery), responses((status = 200, description = "A page of events; `more` says whether there are older ones")))]
pub(super) async fn events(
    State(state): State<AppState>,
    access: Access<Admin>,
    query: Result<Query<EventsQuery>, QueryRejection>,
) -> Answer<EventsPage> {
    let Query(query) = query.map_err(|rejection| invalid(&rejection))?;
    Ok(Json(state.service.events(&access, &query).await?))
}

/// What to export.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub(super) struct ExportQuery {
    /// Only what this actor did.
    actor: Option<String>,
    /// Only this action.
    action: Option<String>,
    /// `jsonl`: one JSON object on each line (the default); or `csv`.
    #[param(value_type = Option<String>)]
    format: ExportFormat,
}

/// Export everything that happened as a file. A connection that breaks off means
/// that it is not whole.
#[utoipa::path(get, path = "/api/internal/audit/export", tag = "audit", params(ExportQuery), responses((status = 200, description = "All events that were asked for, newest first; JSON lines, or CSV in which no cell is a formula")))]
pub(super) async fn export(
    State(state): State<AppState>,
    access: Access<Admin>,
    query: Result<Query<ExportQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(ExportQuery { actor, action, format }) = query.map_err(|rejection| invalid(&rejection))?;
    let query = EventsQuery { actor, action, ..EventsQuery::default() };
    let mut response = Response::new(Body::from_stream(state.service.export_events(access, query, format)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    let disposition = format!("attachment; filename=\"{}\"", format.file_name());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("plain letters"));
    Ok(response)
}
