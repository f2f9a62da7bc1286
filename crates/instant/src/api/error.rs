//! Refusals as the admin API tells them (`specs/instantdb-admin-api.md` 2.4).

use crate::InstantError;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::EntityId;
use serde_json::{Value, json};

/// Why a request is not answered with 200: a status, and the body without its
/// `trace-id`. A body that is a text is sent as it is.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    body: Value,
}

impl ApiError {
    pub(super) fn new(code: &'static str, message: impl Into<String>, hint: &Value) -> Self {
        let body = json!({ "type": code, "message": message.into(), "hint": hint });
        Self { status: StatusCode::BAD_REQUEST, body }
    }

    /// What InstantDB answers to a body that is not JSON: a text.
    pub(super) fn malformed_json() -> Self {
        Self { status: StatusCode::BAD_REQUEST, body: "Malformed JSON in request body.".into() }
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A parameter that is not there. `place`: where it is looked for, as in `["body","query"]`.
    pub(super) fn missing(place: &[&str]) -> Self {
        InstantError::param_missing(place).into()
    }

    /// A parameter that is not what it should be.
    pub(super) fn malformed(place: &[&str], input: &Value) -> Self {
        InstantError::param_malformed(place, input).into()
    }

    /// A record that is not there; `args` are what it was looked up by.
    pub(super) fn not_found(record: &'static str, args: &Value) -> Self {
        InstantError::record_not_found(record, json!({ "args": [args] })).into()
    }

    /// Something that fails a check; `input` is what was given.
    pub(super) fn invalid(data_type: &'static str, input: &Value, message: &str) -> Self {
        let (message, input) = (message.to_owned(), Box::new(input.clone()));
        InstantError::Validation { data_type, message, hint: Box::default(), input }.into()
    }

    /// The HTTP status, and the body.
    pub(super) fn into_parts(self) -> (StatusCode, Value) {
        let mut body = self.body;
        if let Value::Object(body) = &mut body {
            body.insert("trace-id".to_owned(), trace_id().into());
        }
        (self.status, body)
    }
}

/// 32 hexadecimal digits, for whoever compares an answer with a log.
pub(super) fn trace_id() -> String {
    hex::encode(EntityId::random().as_bytes())
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self.into_parts() {
            (status, Value::String(text)) => (status, text).into_response(),
            (status, body) => (status, Json(body)).into_response(),
        }
    }
}

impl From<InstantError> for ApiError {
    fn from(error: InstantError) -> Self {
        let (status, body) = error.to_wire();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            // Paths and causes are told here only.
            tracing::error!(error = %Causes(&error), "a request of the admin API failed");
        }
        Self { status, body }
    }
}

/// An error with what caused it.
struct Causes<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
