//! Refusals as the admin API tells them (`specs/instantdb-admin-api.md` 2.4).

use crate::InstantError;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::EntityId;
use serde_json::{Value, json};

/// Why a request is not answered with 200.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: Value,
}

impl ApiError {
    pub(super) fn new(code: &'static str, message: impl Into<String>, hint: Value) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into(), hint }
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A parameter that is not there. `path`: where it is looked for, as in `["body","query"]`.
    pub(super) fn missing(path: &[&str]) -> Self {
        Self::new("param-missing", format!("Missing parameter: {}", printed(path)), json!({ "in": path }))
    }

    /// A parameter that is not what it should be.
    pub(super) fn malformed(path: &[&str], input: impl Into<Value>) -> Self {
        let hint = json!({ "in": path, "original-input": input.into() });
        Self::new("param-malformed", format!("Malformed parameter: {}", printed(path)), hint)
    }

    /// A record that is not there; `args` are what it was looked up by.
    pub(super) fn not_found(record: &'static str, args: Value) -> Self {
        let hint = json!({ "args": [args], "record-type": record });
        Self::new("record-not-found", format!("Record not found: {record}"), hint)
    }

    /// What the caller may not do: `input` is the namespace and the action.
    pub(super) fn denied(input: [&str; 2]) -> Self {
        let hint = json!({ "input": input, "expected": "perms-pass?" });
        Self::new("permission-denied", "Permission denied: not perms-pass?", hint)
    }

    /// Something that fails a check; `input` is what was given.
    pub(super) fn invalid(data_type: &str, input: &Value, message: &str) -> Self {
        let hint = json!({ "data-type": data_type, "input": input, "errors": [{ "message": message }] });
        Self::new("validation-failed", format!("Validation failed for {data_type}: {message}"), hint)
    }

    /// The HTTP status, and the body.
    pub(super) fn into_parts(self) -> (StatusCode, Value) {
        let body = json!({ "type": self.code, "message": self.message, "hint": self.hint, "trace-id": trace_id() });
        (self.status, body)
    }
}

/// A vector of names as Clojure prints it: `["headers" "app-id"]`.
fn printed(path: &[&str]) -> String {
    let names: Vec<String> = path.iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", names.join(" "))
}

/// 32 hexadecimal digits, for whoever compares an answer with a log.
pub(super) fn trace_id() -> String {
    hex::encode(EntityId::random().as_bytes())
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, body) = self.into_parts();
        (status, Json(body)).into_response()
    }
}

impl From<InstantError> for ApiError {
    fn from(error: InstantError) -> Self {
        let code = error.code();
        let status = if code == "unknown" { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST };
        if status.is_server_error() {
            // Paths and causes are the operator's business.
            tracing::error!(error = %Causes(&error), "a request of the admin API failed");
            return Self::new(code, "Something went wrong. Sorry about this!", json!({})).with_status(status);
        }
        Self::new(code, error.to_string(), error.hint())
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
