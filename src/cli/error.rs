//! Why a verb was not carried out.

use crate::{data::DataError, service, tenants::store::OpenError};

/// What a verb can fail with: a sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] ::instant::InstantError),
    /// A verb was refused.
    #[error(transparent)]
    Service(#[from] service::ServiceError),
    /// The network side cannot be set up.
    #[error(transparent)]
    Net(#[from] net::NetError),
    /// An organisation cannot be entered.
    #[error(transparent)]
    Organisation(#[from] service::EnterError),
    /// A backup cannot be written or used.
    #[error(transparent)]
    Backup(#[from] ::instant::BackupError),
    /// Data, schema or rules could not be moved.
    #[error(transparent)]
    Moving(#[from] ::moving::MovingError),
    /// The running server refused.
    #[error("{0}")]
    Refused(String),
    /// Something of the machine does not work.
    #[error("{what}: {source}")]
    Machine {
        /// What was tried.
        what: String,
        /// Why it did not work.
        source: std::io::Error,
    },
}

impl From<OpenError> for CliError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Net(error) => error.into(),
            OpenError::App(error) => error.into(),
        }
    }
}
