//! What can go wrong, in InstantDB's words.

use crate::query::Refusal;
use model::EntityId;
use serde_json::{Value, json};

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
        value: Value,
    },
    /// A step with `upsert: false` names entities that do not exist.
    #[error("Validation failed for tx-step: Updating entities that don't exist: {}", list(ids))]
    Missing {
        /// The entities.
        ids: Vec<EntityId>,
    },
    /// A `create` names entities that exist.
    #[error("Validation failed for tx-step: Creating entities that exist: {}", list(ids))]
    Exists {
        /// The entities.
        ids: Vec<EntityId>,
    },
    /// The query, step or value is malformed or does not fit the schema.
    #[error("Validation failed for {data_type}{}{message}", if message.is_empty() { "" } else { ": " })]
    Validation {
        /// What was checked: `query`, `coerced-query`, `steps`, `tx-step`, `lookup`, `attr`, `attributes`.
        data_type: &'static str,
        /// What is wrong with it.
        message: String,
        /// Where it stands or what it concerns, as InstantDB's `hint` tells it; `Null` when there is nothing to tell.
        hint: Value,
    },
    /// The query is malformed or does not fit the schema.
    #[error("{0}")]
    Query(Box<Refusal>),
    /// A value is not of the attribute's type.
    #[error(
        "Invalid value type for {etype}.{label}. Value must be a {expected} but the provided value type is {actual}."
    )]
    WrongType {
        /// The namespace.
        etype: String,
        /// The attribute.
        label: String,
        /// The attribute's type.
        expected: &'static str,
        /// The value's type.
        actual: &'static str,
        /// The entity that was written.
        id: EntityId,
    },
    /// Entities would be left without required attributes.
    #[error("{}", missing_required(missing))]
    MissingRequired {
        /// Namespace, attribute and the entities without it.
        missing: Vec<(String, String, Vec<EntityId>)>,
    },
    /// A value of an indexed or unique attribute is over 1,024 bytes as jsonb (a string: 1,012 bytes).
    #[error("Value is too large for {} attribute.", if *unique { "a unique" } else { "an indexed" })]
    TooLarge {
        /// The namespace.
        etype: String,
        /// The attribute.
        label: String,
        /// Whether the attribute is unique, rather than only indexed.
        unique: bool,
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
    #[error("a row of `{etype}` does not read as its type: {source}; `doctor` lists such rows")]
    Row {
        /// The namespace.
        etype: &'static str,
        /// What serde says.
        source: serde_json::Error,
    },
}

fn list(ids: &[EntityId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn missing_required(missing: &[(String, String, Vec<EntityId>)]) -> String {
    let sentences = missing.iter().map(|(etype, label, ids)| {
        let plural = if ids.len() == 1 { "" } else { "s" };
        format!("Missing required attribute{plural} `{etype}/{label}`: {}", list(ids))
    });
    sentences.collect::<Vec<_>>().join(". ")
}

impl InstantError {
    /// A refusal without a hint.
    pub(crate) fn invalid(data_type: &'static str, message: impl Into<String>) -> Self {
        Self::Validation { data_type, message: message.into(), hint: Value::Null }
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

    /// The `type` of InstantDB's error JSON (`specs/instantdb-admin-api.md` 2.4).
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotUnique { .. } => "record-not-unique",
            Self::ReadOnly { .. } => "app-read-only",
            Self::Missing { .. }
            | Self::Exists { .. }
            | Self::Validation { .. }
            | Self::Query(_)
            | Self::WrongType { .. }
            | Self::MissingRequired { .. }
            | Self::TooLarge { .. }
            | Self::NullByte => "validation-failed",
            Self::DiskFull
            | Self::Locked { .. }
            | Self::Newer { .. }
            | Self::Unavailable { .. }
            | Self::Corrupt { .. }
            | Self::Row { .. } => "unknown",
        }
    }

    /// The `hint` of InstantDB's error JSON.
    pub fn hint(&self) -> Value {
        match self {
            Self::Query(refusal) => refusal.hint(),
            Self::NotUnique { etype, label, value } => {
                json!({ "record-type": "triple", "etype": etype, "label": label, "value": value.to_string() })
            }
            Self::Validation { data_type, message, hint } => {
                let mut error = serde_json::Map::new();
                if !message.is_empty() {
                    error.insert("message".to_owned(), message.clone().into());
                }
                match hint {
                    Value::Object(more) => error.extend(more.clone()),
                    Value::Null => {}
                    other => drop(error.insert("hint".to_owned(), other.clone())),
                }
                json!({ "data-type": data_type, "errors": [error] })
            }
            Self::WrongType { etype, label, expected, id, .. } => {
                json!({ "namespace": etype, "attribute": label, "checked-data-type": expected, "entity-id": id })
            }
            Self::MissingRequired { missing } => {
                let records = missing.iter().flat_map(|(etype, label, ids)| {
                    ids.iter()
                        .map(move |id| json!({ "entity_id": id, "etype": etype, "label": label, "is_required": true }))
                });
                json!({ "records": records.collect::<Vec<_>>() })
            }
            Self::TooLarge { etype, label, .. } => {
                json!({ "namespace": etype, "attribute": label, "value-too-large?": true })
            }
            _ => json!({}),
        }
    }

    /// Whether this is a refusal for a value or one-to-one link that is taken.
    pub fn is_not_unique(&self) -> bool {
        matches!(self, Self::NotUnique { .. })
    }

    /// Whether the same call may succeed later with nothing changed by the caller.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::DiskFull)
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
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { what: error.to_string() },
            _ => Self::Unavailable { what: "SQLite failed".to_owned(), source: Some(Box::new(error)) },
        }
    }
}
