//! Why a call failed. No message holds a key, a token or a nonce.

use crate::DirectivesAnswer;
use std::{fmt, time::Duration};

/// Why a call of the Backend API failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// Nobody answered, or not now.
    #[error("Clerk is not available: {what}; it is asked again by itself")]
    Unavailable {
        /// What happened.
        what: String,
        /// How long Clerk asks to wait.
        retry_after: Option<Duration>,
    },
    /// The secret key is not good for this.
    #[error("Clerk refuses CLERK_SECRET_KEY: {what}; copy it anew from Clerk's dashboard, API keys")]
    Refused {
        /// What Clerk said.
        what: String,
    },
    /// There is no such thing.
    #[error("Clerk does not have it: {what}")]
    NotFound {
        /// What Clerk said.
        what: String,
        /// Clerk's word for it.
        code: String,
    },
    /// The call makes no sense to Clerk.
    #[error("Clerk rejects the call: {what}")]
    Rejected {
        /// What Clerk said.
        what: String,
        /// Clerk's word for it.
        code: String,
    },
    /// Something else than Clerk answered.
    #[error("{what}; check CLERK_API_URL")]
    Unreadable {
        /// What is wrong with the answer.
        what: String,
    },
}

impl BackendError {
    pub(crate) fn unreadable(path: &str, problem: impl fmt::Display) -> Self {
        Self::Unreadable { what: format!("Clerk's answer to {path} cannot be read: {problem}") }
    }

    /// How long Clerk asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl From<Result<Vec<String>, BackendError>> for DirectivesAnswer {
    fn from(outcome: Result<Vec<String>, BackendError>) -> Self {
        match outcome {
            Ok(directives) => Self::Directives(directives),
            Err(BackendError::NotFound { code, .. } | BackendError::Rejected { code, .. }) => Self::None(code),
            Err(BackendError::Refused { .. }) => Self::Refused,
            Err(BackendError::Unavailable { .. } | BackendError::Unreadable { .. }) => Self::Unavailable,
        }
    }
}
