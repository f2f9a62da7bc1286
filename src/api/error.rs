//! The one error at the edge: a stable code and a message for people; the
//! cause goes to the log only.

use crate::service::ServiceError;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::borrow::Cow;

/// An answer that is an error.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    action: Option<Box<Action>>,
    findings: Vec<model::Diagnostic>,
    retry_after: Option<u32>,
}

/// The code of an error that comes from a database which does not answer.
pub const STORE_UNAVAILABLE: &str = "store_unavailable";
/// When to try again then, in seconds.
const RETRY_AFTER: u32 = 5;

/// A next step that a person can click.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(super) struct Action {
    /// What the link says.
    pub label: Cow<'static, str>,
    /// Where it leads.
    pub url: Cow<'static, str>,
}

/// The body of an error, as the CLI reads it (`specs/shadcn-protocol.md` 2.4).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ErrorBody<'a> {
    /// A stable code.
    error: &'a str,
    /// A sentence with the next step.
    message: &'a str,
    /// A next step that a person can click. Never below `/r/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'a Action>,
    /// What is wrong with what was sent, in detail.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<Object>)]
    findings: &'a [model::Diagnostic],
}

impl ApiError {
    /// An error with this status, code and message.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), action: None, findings: Vec::new(), retry_after: None }
    }

    /// The database does not answer, and this cannot be done without it.
    pub fn store_unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, STORE_UNAVAILABLE, message);
        Self { retry_after: Some(RETRY_AFTER), ..error }
    }

    /// Whoever asks asked too often; after so many seconds it may be tried again.
    pub fn too_many(message: impl Into<Cow<'static, str>>, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", message) }
    }

    /// An error that is our fault: the cause is logged, not shown.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        let message = "Something went wrong inside the registry. Try again; if it stays, look at the server's log.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// Adds a next step to click.
    #[must_use]
    pub fn with_action(mut self, label: impl Into<Cow<'static, str>>, url: impl Into<Cow<'static, str>>) -> Self {
        self.action = Some(Box::new(Action { label: label.into(), url: url.into() }));
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The message for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Leaves exactly `error` and `message`, as below `/r/`.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.action = None;
        self.findings.clear();
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            error: self.code,
            message: &self.message,
            action: self.action.as_deref(),
            findings: &self.findings,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"registry\""));
        }
        response
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        let message = error.to_string();
        if error.is_store_away() {
            tracing::warn!(cause = error.cause(), "a request could not be answered without the database");
            return Self::store_unavailable(message);
        }
        match error {
            ServiceError::NoOrganisation => Self::new(StatusCode::NOT_FOUND, "no_organisation", message),
            ServiceError::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, "not_found", message),
            ServiceError::Removed(_) => Self::new(StatusCode::GONE, "removed", message),
            ServiceError::Stale(_) => Self::new(StatusCode::PRECONDITION_FAILED, "changed_meanwhile", message),
            ServiceError::Conflict(_) => Self::new(StatusCode::CONFLICT, "conflict", message),
            ServiceError::Invalid(_) | ServiceError::InvalidName(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
            }
            ServiceError::Rejected(findings) => {
                Self { findings, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "rejected", message) }
            }
            ServiceError::Git(_) | ServiceError::Source(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable_repository", message)
            }
            ServiceError::Store(instant::InstantError::DiskFull) => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "disk_full",
                "The registry's disk is full. Free some space, then try again.",
            ),
            ServiceError::Store(instant::InstantError::ReadOnly { reason }) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "read_only",
                format!("The registry's database takes no changes: {reason}. What was published is still served."),
            ),
            ServiceError::Contention | ServiceError::TakenOver => {
                Self::new(StatusCode::CONFLICT, "contention", message)
            }
            ServiceError::Stopped => Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", message),
            ServiceError::Away => Self::store_unavailable(message),
            ServiceError::Store(_) | ServiceError::Disk(_) | ServiceError::Seal(_) | ServiceError::Internal(_) => {
                Self::internal(message)
            }
        }
    }
}
