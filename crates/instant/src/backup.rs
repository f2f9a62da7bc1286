//! InstantDB's backup zip: an app as one file (`specs/instantdb-admin-api.md` 1.3).
//!
//! `config.json` first, then `entities/<namespace>.jsonl`, then
//! `files/<location-id>` with raw bytes. Links are written on the side that
//! holds them. A zip is checked as a whole ([`check()`]) before anything is
//! taken from it.

mod archive;
mod check;
mod config;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use archive::Archive;
pub(crate) use check::{Kinds, file};
pub use check::{check, digest_in};
pub(crate) use config::Config;
pub(crate) use write::{Row, Source, write};

use crate::InstantError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// What is in a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupSummary {
    /// How many entities each namespace has.
    pub entities: BTreeMap<String, u64>,
    /// How many values and links they have together, ids included.
    pub triples: u64,
    /// How many files there are.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// Why a backup could not be written or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file is there already.
    #[error("{} is there already; choose another name, or replace it with --force", .0.display())]
    Exists(PathBuf),
    /// Someone else writes this file.
    #[error("another backup is being written to {}", .0.display())]
    Busy(PathBuf),
    /// The store has data.
    #[error("the store is not empty: {0}; restore with --replace to give it up for the backup")]
    NotEmpty(String),
    /// A file could not be read or written.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it did not work.
        source: io::Error,
    },
    /// It is no backup, or a damaged one.
    #[error("{} cannot be used: {problem}. Nothing was changed", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        problem: String,
    },
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] InstantError),
}

impl BackupError {
    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }
}
