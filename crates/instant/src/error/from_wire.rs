//! Refusals as they come over the wire (`specs/instantdb-admin-api.md` 2.4, 6.4),
//! brought back to their types: the service must not see on which store it is.

use super::InstantError;
use model::EntityId;
use serde_json::{Map, Value};

/// What to do with an app that takes no writes, or nothing at all.
const MOVE_AWAY: &str = "ask whoever runs that InstantDB. Instant Cloud closes all apps on 2027-08-31: move the data to another InstantDB or to the embedded store with `ekairos-registry import`, see docs/instantdb.md";

/// The data types that InstantDB's validations speak of.
const DATA_TYPES: [&str; 13] = [
    "query",
    "coerced-query",
    "steps",
    "tx-steps",
    "tx-step",
    "lookup",
    "action",
    "attr",
    "attributes",
    "schema",
    "rule",
    "eid",
    "body",
];

/// The types of refusals that have no type of their own here.
const CODES: [&str; 16] = [
    "record-not-found",
    "record-expired",
    "record-not-unique",
    "record-foreign-key-invalid",
    "record-check-violation",
    "sql-raise",
    "permission-denied",
    "permission-evaluation-failed",
    "parameter-limit-exceeded",
    "param-missing",
    "param-malformed",
    "validation-failed",
    "session-missing",
    "member-missing",
    "rate-limited",
    "timeout",
];

/// The code of a refusal, if InstantDB is known to use it.
pub(super) fn known_code(code: &str) -> &'static str {
    known(code, &CODES).unwrap_or("unknown")
}

/// The types that values and attributes have.
const VALUE_TYPES: [&str; 8] = ["string", "number", "boolean", "date", "object", "array", "null", "json"];

/// The same text, if it is one of these.
fn known(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().find(|word| **word == text).copied()
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

impl InstantError {
    /// The refusal that an answer of status 4xx tells. What it does not know
    /// stays readable as [`InstantError::Refused`].
    pub(crate) fn from_wire(body: &Value) -> Self {
        let (code, message) = (text(body, "type"), text(body, "message"));
        let hint = body.get("hint").unwrap_or(&Value::Null);
        let typed = match code {
            "record-not-unique" => not_unique(hint),
            "validation-failed" => validation(message, hint),
            "app-read-only" => Some(Self::ReadOnly { reason: format!("{message} Nothing was written; {MOVE_AWAY}") }),
            "app-disabled" => Some(Self::Disabled { reason: format!("{message} Nothing can be read; {MOVE_AWAY}") }),
            "record-not-found" if text(hint, "record-type") == "app-admin-token" => {
                Some(Self::Credentials { what: "InstantDB does not know this admin token for this app".to_owned() })
            }
            _ => None,
        };
        typed.unwrap_or_else(|| Self::Refused {
            code: if code.is_empty() { "unknown".to_owned() } else { code.to_owned() },
            message: if message.is_empty() { "no reason was given".to_owned() } else { message.to_owned() },
            hint: Box::new(hint.clone()),
        })
    }
}

fn not_unique(hint: &Value) -> Option<InstantError> {
    let (etype, label) = (hint.get("etype")?.as_str()?, hint.get("label")?.as_str()?);
    // The value is JSON in a text; what does not read is shown as it came.
    let value = text(hint, "value");
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Some(InstantError::NotUnique { etype: etype.to_owned(), label: label.to_owned(), value })
}

fn validation(message: &str, hint: &Value) -> Option<InstantError> {
    if message.starts_with("A value in the transaction contains null bytes") {
        return Some(InstantError::NullByte);
    }
    if hint.get("value-too-large?") == Some(&Value::Bool(true)) {
        return Some(InstantError::TooLarge {
            etype: text(hint, "namespace").to_owned(),
            label: text(hint, "attribute").to_owned(),
            unique: message.contains("a unique attribute"),
        });
    }
    if let Some(rest) = message.strip_prefix("Invalid value type for ") {
        return wrong_type(rest, hint);
    }
    if message.starts_with("Missing required attribute") {
        return missing_required(hint);
    }
    let rest = message.strip_prefix("Validation failed for ")?;
    let (data_type, message) = rest.split_once(": ").unwrap_or((rest, ""));
    let data_type = known(data_type, &DATA_TYPES)?;
    if let ("tx-step", Some(ids)) = (data_type, message.strip_prefix("Updating entities that don't exist: "))
        && let Some(ids) = ids_of(ids)
    {
        return Some(InstantError::Missing { ids });
    }
    if let ("tx-step", Some(ids)) = (data_type, message.strip_prefix("Creating entities that exist: "))
        && let Some(ids) = ids_of(ids)
    {
        return Some(InstantError::Exists { ids });
    }
    // Of several the first one: its place is told, the messages all are in `message`.
    let first = hint.get("errors").and_then(|errors| errors.get(0)).and_then(Value::as_object);
    let more: Map<String, Value> = first
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != "message")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let hint = if more.is_empty() { Value::Null } else { more.into() };
    Some(InstantError::Validation { data_type, message: message.to_owned(), hint })
}

/// `users.email. Value must be a string but the provided value type is number.`
fn wrong_type(rest: &str, hint: &Value) -> Option<InstantError> {
    let actual = rest.trim_end_matches('.').rsplit_once("value type is ")?.1;
    Some(InstantError::WrongType {
        etype: hint.get("namespace")?.as_str()?.to_owned(),
        label: hint.get("attribute")?.as_str()?.to_owned(),
        expected: known(text(hint, "checked-data-type"), &VALUE_TYPES)?,
        actual: known(actual, &VALUE_TYPES)?,
        id: text(hint, "entity-id").parse().ok()?,
    })
}

fn missing_required(hint: &Value) -> Option<InstantError> {
    let mut missing: Vec<(String, String, Vec<EntityId>)> = Vec::new();
    for record in hint.get("records")?.as_array()? {
        let (etype, label) = (text(record, "etype"), text(record, "label"));
        let id: EntityId = text(record, "entity_id").parse().ok()?;
        match missing.iter_mut().find(|(one, other, _)| one == etype && other == label) {
            Some((_, _, ids)) => ids.push(id),
            None => missing.push((etype.to_owned(), label.to_owned(), vec![id])),
        }
    }
    Some(InstantError::MissingRequired { missing })
}

/// Each of the ids once: InstantDB repeats one for every attribute that was written.
fn ids_of(list: &str) -> Option<Vec<EntityId>> {
    let mut ids: Vec<EntityId> = Vec::new();
    for id in list.split(", ") {
        let id = id.parse().ok()?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn id(number: u8) -> EntityId {
        EntityId::from_bytes([number; 16])
    }

    /// What the admin API would send for this error.
    fn wire(error: &InstantError) -> Value {
        json!({ "type": error.code(), "message": error.to_string(), "hint": error.hint(), "trace-id": "0".repeat(32) })
    }

    #[test]
    fn what_one_store_refuses_the_other_refuses_in_the_same_words() {
        let errors = [
            InstantError::NotUnique {
                etype: "registry_leases".to_owned(),
                label: "key".to_owned(),
                value: json!("sync:\"x\": 1"),
            },
            InstantError::NotUnique { etype: "a".to_owned(), label: "n".to_owned(), value: json!(12) },
            InstantError::Missing { ids: vec![id(1), id(2)] },
            InstantError::Exists { ids: vec![id(3)] },
            InstantError::invalid("query", "There is no `x` attribute for users."),
            InstantError::Validation {
                data_type: "steps",
                message: String::new(),
                hint: json!({ "expected": "map?", "in": [0, 3] }),
            },
            InstantError::WrongType {
                etype: "users".to_owned(),
                label: "email".to_owned(),
                expected: "string",
                actual: "number",
                id: id(4),
            },
            InstantError::MissingRequired {
                missing: vec![
                    ("a".to_owned(), "b".to_owned(), vec![id(1), id(2)]),
                    ("a".to_owned(), "c".to_owned(), vec![id(1)]),
                ],
            },
            InstantError::TooLarge { etype: "a".to_owned(), label: "b".to_owned(), unique: true },
            InstantError::TooLarge { etype: "a".to_owned(), label: "b".to_owned(), unique: false },
            InstantError::NullByte,
        ];
        for error in errors {
            let back = InstantError::from_wire(&wire(&error));
            assert_eq!(format!("{back:?}"), format!("{error:?}"));
            assert_eq!(back.to_string(), error.to_string());
        }
    }

    #[test]
    fn an_app_that_takes_no_writes_or_nothing_says_what_to_do() {
        for (code, message) in
            [("app-read-only", "This app is in read-only mode."), ("app-disabled", "This app is currently disabled.")]
        {
            let error = InstantError::from_wire(&json!({ "type": code, "message": message, "hint": {} }));
            let told = error.to_string();
            assert!(told.contains(message) && told.contains("import") && told.contains("2027-08-31"), "{told}");
            assert_eq!((error.code(), error.is_transient()), (code, false));
        }
    }

    #[test]
    fn a_wrong_token_names_the_settings_to_look_at() {
        let body = json!({
            "type": "record-not-found", "message": "Record not found: app-admin-token",
            "hint": { "args": [{ "app-id": id(1), "token": "[hidden]" }], "record-type": "app-admin-token" },
        });
        let told = InstantError::from_wire(&body).to_string();
        for setting in ["instant-app-id", "instant-admin-token", "instant-api-uri"] {
            assert!(told.contains(setting), "{told}");
        }
    }

    #[test]
    fn a_refusal_that_is_not_known_stays_readable() {
        let body = json!({ "type": "permission-denied", "message": "Permission denied: not perms-pass?", "hint": { "input": ["a", "view"] } });
        let error = InstantError::from_wire(&body);
        assert_eq!(error.code(), "permission-denied");
        assert!(error.to_string().contains("Permission denied: not perms-pass? (permission-denied)"), "{error}");
        assert_eq!(error.hint(), body["hint"]);
        // Known words in an unknown order are no reason to lose them.
        for body in [
            json!({ "type": "record-not-unique", "message": "Record not unique: triple" }),
            json!({ "type": "validation-failed", "message": "Validation failed for horses: too tall", "hint": null }),
            json!({ "type": "validation-failed", "message": "Invalid value type for a.b. Value must be a colour.", "hint": 1 }),
            json!({ "type": "validation-failed", "message": "Missing required attribute `a/b`: x", "hint": { "records": [{}] } }),
            json!({ "type": 1, "message": ["x"] }),
            json!([]),
            json!(null),
        ] {
            let error = InstantError::from_wire(&body);
            assert!(matches!(error, InstantError::Refused { .. }), "{error:?}");
        }
    }

    #[test]
    fn ids_that_instantdb_repeats_are_told_once() {
        let body = json!({
            "type": "validation-failed",
            "message": format!("Validation failed for tx-step: Updating entities that don't exist: {0}, {0}, {1}", id(1), id(2)),
        });
        assert!(matches!(InstantError::from_wire(&body), InstantError::Missing { ids } if ids == [id(1), id(2)]));
    }
}
