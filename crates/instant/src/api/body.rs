//! JSON bodies and parameters.

use super::caller::Caller;
use super::error::ApiError;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use model::EntityId;
use serde_json::{Value, json};

/// The most bytes of a JSON body from an admin. InstantDB has no such limit.
pub(super) const MAX_BODY: usize = 64 << 20;

/// The same from someone who has not shown the admin token.
const MAX_BODY_OF_OTHERS: usize = 1 << 20;

/// Reads a JSON body, nested at most 128 deep (InstantDB: 1,000): `Null` when it is empty or not said to be JSON, as the
/// SDK sends with GET and DELETE.
pub(super) async fn json(caller: &Caller, headers: &HeaderMap, body: Body) -> Result<Value, ApiError> {
    let limit = if *caller == Caller::Admin { MAX_BODY } else { MAX_BODY_OF_OTHERS };
    let Ok(bytes) = to_bytes(body, limit).await else {
        let text = format!("The request body is over {} MiB, or the connection was lost.", limit >> 20);
        let error = ApiError::new("validation-failed", text, &json!({ "max-size": limit }));
        return Err(error.with_status(StatusCode::PAYLOAD_TOO_LARGE));
    };
    if bytes.is_empty() || !is_json(headers) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes).map_err(|_| ApiError::malformed_json())
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A parameter of the body that must be there and be of a kind.
pub(super) fn required<'a, T>(
    body: &'a Value,
    name: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<T, ApiError> {
    match body.get(name) {
        None | Some(Value::Null | Value::Bool(false)) => Err(ApiError::missing(&["body", name])),
        Some(value) => read(value).ok_or_else(|| ApiError::malformed(&["body", name], value)),
    }
}

/// A switch of the body: everything but false and null turns it on.
pub(super) fn flag(body: &Value, name: &str) -> bool {
    !matches!(body.get(name), None | Some(Value::Null | Value::Bool(false)))
}

/// A UUID, in either case.
pub(super) fn uuid(text: &str) -> Option<EntityId> {
    text.trim().to_ascii_lowercase().parse().ok()
}

/// A text that is not blank.
pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
