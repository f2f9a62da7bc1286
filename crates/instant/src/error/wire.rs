//! Errors as InstantDB's JSON has them (`specs/instantdb-admin-api.md` 2.4, 6.4).

use super::InstantError;
use model::EntityId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A value that was refused, and where it was to be written: the `hint` of such errors.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct InvalidValue {
    /// The namespace.
    pub namespace: String,
    /// The attribute.
    pub attribute: String,
    /// The value, or the beginning of its JSON when that is long.
    pub value: Value,
    /// The attribute's type; the text `null` when it has none, as Postgres puts it.
    pub checked_data_type: Option<String>,
    /// The attribute's id.
    pub attr_id: Option<EntityId>,
    /// The entity that was written.
    pub entity_id: Option<EntityId>,
}

/// How much of a refused value InstantDB tells, in bytes of its JSON: what
/// Postgres shows of a column.
const SHOWN_BYTES: usize = 64;

impl InvalidValue {
    /// The value as InstantDB tells it, and whether that is all of it.
    pub(crate) fn shown(value: &Value) -> (Value, bool) {
        let text = value.to_string();
        if text.len() <= SHOWN_BYTES {
            return (value.clone(), true);
        }
        let end = (0..=SHOWN_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        (format!("{}...", &text[..end]).into(), false)
    }

    fn hint(&self) -> Value {
        serde_json::to_value(self).expect("texts, ids and JSON serialise")
    }

    pub(super) fn wrong_type(&self, actual: Option<&str>) -> String {
        let Self { namespace, attribute, checked_data_type, .. } = self;
        let expected = checked_data_type.as_deref().unwrap_or_default();
        let but = actual.map(|actual| format!(" but the provided value type is {actual}")).unwrap_or_default();
        format!("Invalid value type for {namespace}.{attribute}. Value must be a {expected}{but}.")
    }
}

/// A required attribute that an entity would be without: one of the `records`
/// in the `hint` of such errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingAttr {
    /// The entity.
    pub entity_id: EntityId,
    /// The attribute's id.
    pub attr_id: EntityId,
    /// The namespace.
    pub etype: String,
    /// The attribute.
    pub label: String,
    /// Whether the attribute itself is required; `id` goes without saying.
    pub is_required: bool,
}

/// The sentences of all: one for each attribute, in the order in which they first come.
pub(super) fn missing_required(missing: &[MissingAttr]) -> String {
    let mut sentences: Vec<((&str, &str), Vec<String>)> = Vec::new();
    for attr in missing {
        let name = (attr.etype.as_str(), attr.label.as_str());
        match sentences.iter_mut().find(|(other, _)| *other == name) {
            Some((_, ids)) => ids.push(attr.entity_id.to_string()),
            None => sentences.push((name, vec![attr.entity_id.to_string()])),
        }
    }
    let sentences = sentences.into_iter().map(|((etype, label), ids)| {
        let plural = if ids.len() == 1 { "" } else { "s" };
        format!("Missing required attribute{plural} `{etype}/{label}`: {}", ids.join(", "))
    });
    sentences.collect::<Vec<_>>().join(". ")
}

impl InstantError {
    /// The `type` of InstantDB's error JSON.
    pub fn code(&self) -> &str {
        match self {
            Self::NotUnique { .. } => "record-not-unique",
            Self::ReadOnly { .. } => "app-read-only",
            Self::Disabled { .. } => "app-disabled",
            Self::Missing { .. }
            | Self::Exists { .. }
            | Self::Validation { .. }
            | Self::WrongType { .. }
            | Self::MissingRequired { .. }
            | Self::TooLarge { .. }
            | Self::NotUuid { .. }
            | Self::NullByte => "validation-failed",
            Self::RateLimited { .. } => "rate-limited",
            Self::Timeout { .. } => "timeout",
            Self::Refused { code, .. } => code,
            Self::Credentials { .. } => "record-not-found",
            Self::NotInstant { .. }
            | Self::DiskFull
            | Self::Locked { .. }
            | Self::Newer { .. }
            | Self::Unavailable { .. }
            | Self::Corrupt { .. }
            | Self::Row { .. } => "unknown",
        }
    }

    /// The `message` of InstantDB's error JSON. What is wrong with this store is
    /// told to its operator, not to its callers.
    pub fn wire_message(&self) -> String {
        match self {
            Self::ReadOnly { .. } => "This app is in read-only mode.".to_owned(),
            Self::Disabled { .. } => "This app is currently disabled.".to_owned(),
            Self::Refused { message, .. } => message.clone(),
            Self::DiskFull => self.to_string(),
            _ if self.code() == "unknown" => "Something went wrong. Sorry about this!".to_owned(),
            _ => self.to_string(),
        }
    }

    /// The `hint` of InstantDB's error JSON.
    pub fn hint(&self) -> Value {
        match self {
            Self::NotUnique { etype, label, value, attr_id } => json!({
                "record-type": "triple", "attr-id": attr_id, "etype": etype, "label": label, "value": value.to_string(),
            }),
            Self::Missing { input, .. } | Self::Exists { input, .. } => {
                let message = self.to_string().replacen("Validation failed for tx-step: ", "", 1);
                json!({ "data-type": "tx-step", "input": input, "errors": [{ "message": message }] })
            }
            Self::Validation { data_type, message, hint, input } => {
                json!({ "data-type": data_type, "input": input, "errors": errors(message, hint) })
            }
            Self::WrongType { value, .. } | Self::NotUuid { value } => value.hint(),
            Self::TooLarge { value, .. } => {
                let mut hint = value.hint();
                hint["value-too-large?"] = true.into();
                hint
            }
            Self::MissingRequired { missing } => json!({ "records": missing }),
            Self::NullByte => json!({ "condition": "untranslatable-character" }),
            Self::ReadOnly { .. } => json!({ "status": "read-only" }),
            Self::Disabled { .. } => json!({ "status": "disabled" }),
            Self::RateLimited { retry_after: Some(after), .. } => json!({ "retry-after": seconds(*after) }),
            Self::Refused { hint, .. } => Value::clone(hint),
            _ => Value::Null,
        }
    }

    /// The status and body of the answer that tells this error, without a `trace-id`.
    pub fn to_wire(&self) -> (u16, Value) {
        let status = match self.code() {
            "unknown" | "sql-exception" | "operation-timed-out" | "email-send-failed" => 500,
            "rate-limited" | "timeout" => 429,
            _ => 400,
        };
        let mut body = json!({ "type": self.code(), "message": self.wire_message() });
        if let (Value::Object(body), hint @ (Value::Object(_) | Value::Array(_))) = (&mut body, self.hint()) {
            body.insert("hint".to_owned(), hint);
        }
        (status, body)
    }
}

/// The `errors` of a validation.
fn errors(message: &str, hint: &Value) -> Value {
    let mut error = Map::new();
    if !message.is_empty() {
        error.insert("message".to_owned(), message.into());
    }
    match hint {
        Value::Array(_) => return hint.clone(),
        Value::Object(more) => error.extend(more.clone()),
        Value::Null => {}
        other => drop(error.insert("hint".to_owned(), other.clone())),
    }
    json!([error])
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Refusals that have no variant of their own.
impl InstantError {
    pub(crate) fn refused(code: &str, message: impl Into<String>, hint: Value) -> Self {
        Self::Refused { code: code.to_owned(), message: message.into(), hint: Box::new(hint) }
    }

    /// `hint` is an object that says what was looked for.
    pub fn record_not_found(record_type: &str, mut hint: Value) -> Self {
        hint["record-type"] = record_type.into();
        Self::refused("record-not-found", format!("Record not found: {record_type}"), hint)
    }

    /// A parameter of a request is missing: `["body", "query"]`.
    pub fn param_missing(place: &[&str]) -> Self {
        Self::refused("param-missing", format!("Missing parameter: {}", path(place)), json!({ "in": place }))
    }

    /// A parameter of a request does not read.
    pub fn param_malformed(place: &[&str], input: &Value) -> Self {
        let hint = json!({ "in": place, "original-input": input });
        Self::refused("param-malformed", format!("Malformed parameter: {}", path(place)), hint)
    }

    /// A rule says no: `permission` is `perms-pass?`, `input` what was asked.
    pub fn permission_denied(permission: &str, input: &Value) -> Self {
        let hint = json!({ "input": input, "expected": permission });
        Self::refused("permission-denied", format!("Permission denied: not {permission}"), hint)
    }

    /// A transaction has more parameters than one of Postgres' statements takes.
    pub(crate) fn parameter_limit() -> Self {
        let hint = json!({
            "message": "Consider batching transactions to reduce the number of writes in a single transaction.",
            "doc-urls": ["https://www.instantdb.com/docs/instaml#batching-transactions"],
        });
        let message = "There are too many parameters in the transaction or query.";
        Self::refused("parameter-limit-exceeded", message, hint)
    }
}

/// `["body" "query"]`, as Clojure prints a vector of strings.
fn path(place: &[&str]) -> String {
    let quoted: Vec<String> = place.iter().map(|part| Value::from(*part).to_string()).collect();
    format!("[{}]", quoted.join(" "))
}
