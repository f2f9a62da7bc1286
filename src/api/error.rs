//! The one error at the edge: a stable code and a message for people; the
//! cause goes to the log only.

use crate::service::{EnterError, ServiceError};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::{borrow::Cow, time::Duration};

/// An answer that is an error. Its response carries it as an extension, for
/// whoever shows it to a person.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    action: Option<Box<Action>>,
    findings: Vec<model::Diagnostic>,
    /// Seconds until it is worth trying again.
    retry_after: Option<u32>,
}

/// The code of an error that comes from a database which does not answer.
pub const STORE_UNAVAILABLE: &str = "store_unavailable";
/// The code of an error that comes from a sign-in provider that does not answer.
pub const SIGN_IN_UNAVAILABLE: &str = "clerk_unavailable";
/// The code of an error that comes from an organisation without a database.
pub const ONBOARDING_REQUIRED: &str = "onboarding_required";
/// The code of an error that comes from a database that refuses its credentials.
pub const CREDENTIALS_REJECTED: &str = "instant_credentials_rejected";
/// The code of an error that comes from a database with something else in it.
pub const UNFIT_DATABASE: &str = "unfit_database";
/// The code of an error that comes from a session without an organisation.
pub const ORGANIZATION_REQUIRED: &str = "organization_required";
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

    /// The sign-in provider does not answer, so nobody knows who is asking.
    pub fn sign_in_unavailable(retry_after: Duration) -> Self {
        let message = "The sign-in provider does not answer, so this cannot be checked. Try again in a moment.";
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, SIGN_IN_UNAVAILABLE, message);
        Self { retry_after: Some(u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX).max(1)), ..error }
    }

    /// Whoever asks asked too often; after so many seconds it may be tried again.
    pub fn too_many(message: impl Into<Cow<'static, str>>, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", message) }
    }

    /// The same, which may be tried again after so many seconds.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
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

    /// Says where an organisation is set up, if that is what is missing.
    #[must_use]
    pub fn with_onboarding(self, url: &str) -> Self {
        if self.code == ONBOARDING_REQUIRED { self.with_action("Set it up", url.to_owned()) } else { self }
    }

    /// The next step that a person can click: its label and address.
    pub fn action(&self) -> Option<(&str, &str)> {
        self.action.as_ref().map(|action| (&*action.label, &*action.url))
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Seconds until it is worth trying again, where that is known.
    pub fn retry_after(&self) -> Option<u32> {
        self.retry_after
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
        headers.insert(header::VARY, super::serve::VARY);
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"registry\""));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<EnterError> for ApiError {
    fn from(error: EnterError) -> Self {
        let message = error.to_string();
        match error {
            EnterError::NoOrganisation => Self::new(StatusCode::NOT_FOUND, "no_organisation", message),
            EnterError::NoCredentials { .. } => Self::new(StatusCode::FORBIDDEN, ONBOARDING_REQUIRED, message),
            EnterError::Rejected { why } => {
                tracing::warn!(%why, "an organisation's database refuses its credentials");
                Self::new(StatusCode::BAD_GATEWAY, CREDENTIALS_REJECTED, message)
            }
            EnterError::Unfit(source) => {
                tracing::warn!(error = %source, "an organisation's database cannot be used");
                Self::new(StatusCode::BAD_GATEWAY, UNFIT_DATABASE, message)
            }
            EnterError::Unavailable { retry_after } => Self::sign_in_unavailable(retry_after),
            EnterError::Misconfigured { why } => {
                tracing::error!(%why, "the sign-in provider refuses the registry");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "misconfigured", message)
            }
            EnterError::Service(error) => error.into(),
        }
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
            ServiceError::Github(refusal) => (*refusal).into(),
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
            ServiceError::Away | ServiceError::Closed => Self::store_unavailable(message),
            ServiceError::Store(_) | ServiceError::Disk(_) | ServiceError::Seal(_) | ServiceError::Internal(_) => {
                Self::internal(message)
            }
        }
    }
}
