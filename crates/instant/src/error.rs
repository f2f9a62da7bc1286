//! What can go wrong, in InstantDB's words.

mod from_wire;
mod wire;

pub use wire::{InvalidValue, MissingAttr};

use serde_json::Value;
use std::time::Duration;

/// Why a query or transaction was refused or could not be carried out.
///
/// Messages of refusals are InstantDB's own (`specs/instantdb-admin-api.md` 2.4, 6.4).
#[derive(Debug, thiserror::Error)]
pub enum InstantError {
    /// Another entity has this value of a unique attribute, or this one-to-one link.
    #[error(
        "`{label}` is a unique attribute on `{etype}` and an entity already exists with `{etype}.{label}` = {value}"
    )]
    NotUnique {
        /// The namespace.
        etype: String,
        /// The attribute.
        label: String,
        /// The value, as JSON.
        value: Box<Value>,
        /// The attribute's id.
        attr_id: Option<model::EntityId>,
    },
    /// A step with `upsert: false` names entities that do not exist.
    #[error("Validation failed for tx-step: Updating entities that don't exist: {}", entities.join(", "))]
    Missing {
        /// The entities, by id or lookup; each once for every attribute that was to be written.
        entities: Vec<String>,
        /// The steps, as InstantDB has them inside.
        input: Value,
    },
    /// A `create` names entities that exist.
    #[error("Validation failed for tx-step: Creating entities that exist: {}", entities.join(", "))]
    Exists {
        /// The entities, by id or lookup; each once for every attribute that was to be written.
        entities: Vec<String>,
        /// The steps, as InstantDB has them inside.
        input: Value,
    },
    /// The query, step or value is malformed or does not fit the schema.
    #[error("Validation failed for {data_type}{}{message}", if message.is_empty() { "" } else { ": " })]
    Validation {
        /// What was checked: `query`, `coerced-query`, `steps`, `tx-step`, `lookup`, `attr`, `attributes`, `schema`.
        data_type: &'static str,
        /// What is wrong with it; several messages are joined by `, `.
        message: String,
        /// Where it stands or what it concerns, as the one of InstantDB's `errors` tells it; an array
        /// when there are several of them, `Null` when there is nothing to tell.
        hint: Box<Value>,
        /// What was checked, as it came; `Null` when unknown.
        input: Box<Value>,
    },
    /// A value is not of the attribute's type.
    #[error("{}", value.wrong_type(*actual))]
    WrongType {
        /// The value, and where it was to be written.
        value: Box<InvalidValue>,
        /// The value's type; `None` when the value is too long to be told.
        actual: Option<&'static str>,
    },
    /// A value of an indexed or unique attribute is over 1,024 bytes as jsonb (a string: 1,012 bytes).
    #[error("Value is too large for {} attribute.", if *unique { "a unique" } else { "an indexed" })]
    TooLarge {
        /// The value's beginning, and where it was to be written.
        value: Box<InvalidValue>,
        /// Whether the attribute is unique, rather than only indexed.
        unique: bool,
    },
    /// What was to be linked to is no UUID.
    #[error("Linked value must be a valid uuid.")]
    NotUuid {
        /// The value, and where it was to be written.
        value: Box<InvalidValue>,
    },
    /// Entities would be left without required attributes.
    #[error("{}", wire::missing_required(missing))]
    MissingRequired {
        /// Each entity and attribute.
        missing: Vec<MissingAttr>,
    },
    /// A string contains U+0000.
    #[error("A value in the transaction contains null bytes, which cannot be stored.")]
    NullByte,
    /// The store takes no writes: the app's status, or the file's permissions.
    #[error("the store is read-only: {reason}")]
    ReadOnly {
        /// Why, and what to do.
        reason: String,
    },
    /// The app is switched off.
    #[error("the app is disabled: {reason}")]
    Disabled {
        /// Why, and what to do.
        reason: String,
    },
    /// The same call was made too often.
    #[error("{message}")]
    RateLimited {
        /// What the store says.
        message: String,
        /// After what time to try again, if the store says so.
        retry_after: Option<Duration>,
    },
    /// The store gave up before it was done; nothing was written.
    #[error("{message}")]
    Timeout {
        /// What the store says.
        message: String,
    },
    /// App id, token and address do not belong together.
    #[error("{what}; check the settings instant-app-id, instant-admin-token and instant-api-uri")]
    Credentials {
        /// What InstantDB said.
        what: String,
    },
    /// What answered is not an InstantDB.
    #[error("{what}; check the setting instant-api-uri, and what stands between here and there")]
    NotInstant {
        /// Who answered what.
        what: String,
    },
    /// Refused in words that have no type of their own here: those of InstantDB
    /// that nothing but a person reads.
    #[error("{message} ({code})")]
    Refused {
        /// The `type` of the error.
        code: String,
        /// Its message.
        message: String,
        /// Its hint.
        hint: Box<Value>,
    },
    /// The disk is full.
    #[error("no space left for the store; nothing of the transaction was written. Free some space and try again")]
    DiskFull,
    /// Another process has the store open.
    #[error("the store in {dir} is in use by another process; stop it, or go through its control socket")]
    Locked {
        /// The store's folder.
        dir: String,
    },
    /// The file was written by a later version of this program.
    #[error(
        "{file} has format {found}, this program knows formats up to {known}; use the newer program, or another data folder"
    )]
    Newer {
        /// The file.
        file: String,
        /// Its format.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// The store could not be reached or an I/O operation failed; trying again may help.
    #[error("the store is unavailable: {what}")]
    Unavailable {
        /// What was attempted.
        what: String,
        /// Why it failed.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Stored data is damaged.
    #[error("stored data is damaged: {what}; restore a backup, or sync again into an empty data folder")]
    Corrupt {
        /// What, and where.
        what: String,
    },
    /// A row does not fit its type.
    #[error(
        "a row of `{etype}` does not read as its type: {source}; correct it where it was changed, or restore a backup"
    )]
    Row {
        /// The namespace.
        etype: &'static str,
        /// What serde says.
        source: serde_json::Error,
    },
}

impl InstantError {
    /// A refusal without a hint.
    pub(crate) fn invalid(data_type: &'static str, message: impl Into<String>) -> Self {
        Self::Validation { data_type, message: message.into(), hint: Box::default(), input: Box::default() }
    }

    /// The same refusal with a hint, where it is a [`Self::Validation`].
    #[must_use]
    pub(crate) fn with_hint(mut self, more: Value) -> Self {
        if let Self::Validation { hint, .. } = &mut self {
            **hint = more;
        }
        self
    }

    /// The same refusal with what was checked, where it is a [`Self::Validation`] that does not tell it yet.
    #[must_use]
    pub(crate) fn with_input(mut self, checked: impl FnOnce() -> Value) -> Self {
        if let Self::Validation { input, .. } = &mut self
            && input.is_null()
        {
            **input = checked();
        }
        self
    }

    /// An I/O failure.
    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
                Self::ReadOnly { reason: format!("{}: {source}", what.into()) }
            }
            _ => Self::Unavailable { what: what.into(), source: Some(Box::new(source)) },
        }
    }

    /// A query took longer, or would answer more, than one may.
    pub(crate) fn query_timeout() -> Self {
        Self::Timeout { message: "The query took too long to complete.".to_owned() }
    }

    /// Whether this is a refusal for a value or one-to-one link that is taken.
    pub fn is_not_unique(&self) -> bool {
        self.code() == "record-not-unique"
    }

    /// Whether the same call may succeed later with nothing changed by the caller.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::DiskFull | Self::RateLimited { .. } | Self::Timeout { .. })
    }
}

impl From<rusqlite::Error> for InstantError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Self::ReadOnly { reason: format!("{error}; check the permissions of the data folder") }
            }
            Some(ErrorCode::OperationInterrupted) => Self::query_timeout(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { what: error.to_string() },
            _ => Self::Unavailable { what: "SQLite failed".to_owned(), source: Some(Box::new(error)) },
        }
    }
}
