//! One file of a component as a plain text, for reading and saving. Nothing of
//! it can run: it has a type that no browser interprets, must not be taken for
//! another, and stands in a sandbox without scripts.

use super::table::{Routes, get};
use crate::{
    api::ApiError,
    app_state::AppState,
    auth::{Access, Read},
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use model::Selector;
use serde::Deserialize;

/// Where the texts stand.
pub(super) fn routes() -> Routes {
    Routes::new().route("/raw/{*name}", get(raw))
}

/// Which file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    /// Its path as served; the first file if not given.
    file: String,
    /// The version; what is served if not given.
    at: String,
}

async fn raw(
    State(state): State<AppState>,
    access: Result<Access<Read>, ApiError>,
    Path(name): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) if error.status() == StatusCode::UNAUTHORIZED => return Redirect::to("/login").into_response(),
        Err(error) => return error.into_response(),
    };
    let at = (!wanted.at.is_empty()).then(|| Selector::parse(&wanted.at));
    match state.service.file(&access, &name, at.as_ref(), &wanted.file).await {
        Ok(file) => {
            let headers: [(HeaderName, HeaderValue); 3] = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
                (
                    header::CONTENT_SECURITY_POLICY,
                    HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
                ),
            ];
            (headers, file.content).into_response()
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}
