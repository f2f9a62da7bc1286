//! Why a verb was not carried out.

use super::GithubRefusal;
use instant::InstantError;
use model::{Diagnostic, InvalidName};

/// Why a verb was not carried out. Messages are for people and name the next
/// step; causes are for the log.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// No such organisation is served here.
    #[error("There is no such organisation here.")]
    NoOrganisation,
    /// It was closed between the check of who asks and this: another request opens it again.
    #[error("The organisation's database is being opened anew, so this could not be done. Try again in a moment.")]
    Closed,
    /// Nothing has this id or name.
    #[error("There is no {what} {name:?}. {hint}")]
    NotFound {
        /// `repository`, `component`, …
        what: &'static str,
        /// What was asked for.
        name: String,
        /// Where to look instead.
        hint: String,
    },
    /// It was there once.
    #[error("{0}")]
    Removed(String),
    /// It is not any more what the request began from.
    #[error("{0}")]
    Stale(String),
    /// It is there already, or someone else has it.
    #[error("{0}")]
    Conflict(String),
    /// The request cannot be carried out as it is.
    #[error("{0}")]
    Invalid(String),
    /// A name cannot be used.
    #[error("{0}.")]
    InvalidName(#[from] InvalidName),
    /// The component that was given cannot be served.
    #[error("The component cannot be served: {}", first(.0))]
    Rejected(Vec<Diagnostic>),
    /// The repository could not be fetched or read.
    #[error("{0}")]
    Git(#[from] git::GitError),
    /// GitHub did not give what was asked.
    #[error("{0}")]
    Github(Box<GithubRefusal>),
    /// The repository's registry could not be read.
    #[error("{0}")]
    Source(#[from] source::SourceError),
    /// The store is known not to answer.
    #[error("{AWAY}")]
    Away,
    /// The store refused or failed.
    #[error("{}", told(.0))]
    Store(#[from] InstantError),
    /// The disk refused or failed.
    #[error("The data folder could not be used: {0}")]
    Disk(#[from] std::io::Error),
    /// A secret could not be sealed or opened.
    #[error("A secret could not be sealed or opened: {0}.")]
    Seal(#[from] crate::seal::SealError),
    /// Others published at the same time, again and again.
    #[error("Others kept publishing at the same time. Start the sync again.")]
    Contention,
    /// Another server does the same work.
    #[error("Another server took over this sync, because this one had not been heard of.")]
    TakenOver,
    /// The work was stopped from outside.
    #[error("The sync was stopped because the server is shutting down. It starts again by itself on the next request.")]
    Stopped,
    /// Something that should not be.
    #[error("Something went wrong inside the registry: {0}. Look at the log, and report it.")]
    Internal(String),
}

/// What everyone is told while the store is away.
const AWAY: &str = "The registry's database does not answer, so this could not be done. What was published before is still served. Try again in a moment.";

/// What everyone is told while the store refuses its credentials.
const REFUSED: &str = "The registry's database refuses the credentials that it was opened with, so this could not be done. What was published before is still served. An administrator has to give it new ones: with Clerk on the platform, otherwise with the settings instant-app-id and instant-admin-token.";

fn told(error: &InstantError) -> String {
    if matches!(error, InstantError::Credentials { .. }) {
        return REFUSED.to_owned();
    }
    if is_away(error) {
        return AWAY.to_owned();
    }
    format!("The store could not carry this out: {error}")
}

fn first(diagnostics: &[Diagnostic]) -> String {
    diagnostics.first().map_or_else(|| "no reason given".to_owned(), |diagnostic| diagnostic.message.clone())
}

impl ServiceError {
    /// Whether the store did not answer: the same may go well later.
    pub(crate) fn is_store_away(&self) -> bool {
        match self {
            Self::Away | Self::Closed => true,
            Self::Store(error) => is_away(error),
            _ => false,
        }
    }

    /// Whether the store refused its credentials, which may have been replaced.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self, Self::Store(InstantError::Credentials { .. }))
    }

    /// What went wrong, in the words of whoever found out: for the log and for
    /// people who run the registry.
    pub(crate) fn cause(&self) -> String {
        let Self::Store(error) = self else { return self.to_string() };
        let mut text = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    }

    /// Nothing of this kind has this name.
    pub(crate) fn not_found(what: &'static str, name: impl std::fmt::Display, hint: impl Into<String>) -> Self {
        Self::NotFound { what, name: name.to_string(), hint: hint.into() }
    }
}

/// Whether the store did not answer, or not in a way that can be understood:
/// what it was asked to do may have been done.
pub(super) fn is_unanswered(error: &InstantError) -> bool {
    matches!(error, InstantError::Unavailable { .. } | InstantError::NotInstant { .. })
}

/// Whether the store answers nothing to anyone at this time.
pub(super) fn is_away(error: &InstantError) -> bool {
    let refuses = matches!(
        error,
        InstantError::RateLimited { .. }
            | InstantError::Timeout { .. }
            | InstantError::Disabled { .. }
            | InstantError::Credentials { .. }
    );
    refuses || is_unanswered(error)
}

/// A task that panicked or was stopped.
impl From<tokio::task::JoinError> for ServiceError {
    fn from(error: tokio::task::JoinError) -> Self {
        if error.is_cancelled() { Self::Stopped } else { Self::Internal(error.to_string()) }
    }
}
