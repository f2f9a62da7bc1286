//! `GET /_files/<app>/<location>`: bytes of files, for whoever has their signed address.

use super::Shared;
use super::error::ApiError;
use crate::Timestamp;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::collections::HashMap;

/// What stands after the `?` of an address. What is none of ours is as good as not signed.
fn signed(query: Option<&str>) -> (i64, String) {
    let named: HashMap<String, String> =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let of = |name: &str| named.get(name).map_or("", String::as_str);
    (of("exp").parse().unwrap_or_default(), of("sig").to_owned())
}

/// The bytes. What is at a location never changes, so that it may be kept.
pub(super) async fn bytes(
    State(api): State<Shared>,
    Path((app, location)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (exp, sig) = signed(query.as_deref());
    let urls = api.store.file_urls().ok_or_else(gone)?;
    urls.verify(&app, &location, exp, &sig, Timestamp::now()).map_err(|refused| {
        ApiError::new("permission-denied", refused.to_string(), &json!({})).with_status(StatusCode::FORBIDDEN)
    })?;
    let file = api.store.open_file(&location).await?.ok_or_else(gone)?;
    let mut headers = HeaderMap::new();
    let mut set = |name, value: &str| {
        // What an uploader said may not do for a header.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, &file.head.content_type);
    set(header::CONTENT_DISPOSITION, &file.head.content_disposition);
    set(header::CONTENT_LENGTH, &file.size.to_string());
    set(header::CACHE_CONTROL, "public, max-age=86400, immutable");
    // Whatever it is, it is no page of this origin.
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    Ok((headers, Body::from_stream(file.into_stream())).into_response())
}

fn gone() -> ApiError {
    let message = "There is no file at this address: it was replaced or removed. Query the file's `url` again.";
    ApiError::new("record-not-found", message, &json!({ "record-type": "app-file" })).with_status(StatusCode::NOT_FOUND)
}
