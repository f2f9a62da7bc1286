//! Refusals as they come over the wire (`specs/instantdb-admin-api.md` 2.4, 6.4),
//! brought back to their types: the service must not see on which store it is.

use super::InstantError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::time::Duration;

/// What to do with an app that takes no writes, or nothing at all.
const MOVE_AWAY: &str = "Ask whoever runs that InstantDB. Instant Cloud closes all apps on 2027-08-31: move the data to another InstantDB or to the embedded store with `ekairos-registry import`, see docs/instantdb.md";

/// What InstantDB's validations speak of.
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

/// The types that values have.
const VALUE_TYPES: [&str; 8] = ["string", "number", "boolean", "date", "object", "array", "null", "json"];

/// The longest wait that is understood; longer ones are as good as never.
const LONGEST_WAIT: f64 = 86_400.0;

/// The same text, if it is one of these.
fn known(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().find(|word| **word == text).copied()
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

impl InstantError {
    /// The refusal that the body of an answer tells. What it does not know stays
    /// readable as [`InstantError::Refused`].
    pub(crate) fn from_wire(body: &Value) -> Self {
        let (code, message) = (text(body, "type"), text(body, "message"));
        let hint = body.get("hint").unwrap_or(&Value::Null);
        let typed = match code {
            _ if is_about_credentials(hint) => Some(Self::Credentials { what: message.to_owned() }),
            "record-not-unique" => not_unique(hint),
            "validation-failed" => validation(message, hint),
            "app-read-only" => Some(Self::ReadOnly { reason: format!("{message} {MOVE_AWAY}") }),
            "app-disabled" => Some(Self::Disabled { reason: format!("{message} {MOVE_AWAY}") }),
            "rate-limited" => Some(Self::RateLimited {
                message: message.to_owned(),
                retry_after: hint
                    .get("retry-after")
                    .and_then(Value::as_f64)
                    .filter(|seconds| *seconds >= 0.0)
                    .map(|seconds| Duration::from_secs_f64(seconds.min(LONGEST_WAIT))),
            }),
            "timeout" => Some(Self::Timeout { message: message.to_owned() }),
            // Routes for dashboards take an unknown token for that of a person.
            "record-not-found" if ["app-admin-token", "instant-user", "app"].contains(&text(hint, "record-type")) => {
                Some(Self::Credentials { what: "InstantDB does not know this admin token for this app".to_owned() })
            }
            "unknown" if message == Self::DiskFull.to_string() => Some(Self::DiskFull),
            _ => None,
        };
        typed.unwrap_or_else(|| {
            let or = |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
            Self::Refused {
                code: or(code, "unknown"),
                message: or(message, "InstantDB gave no reason"),
                hint: Box::new(hint.clone()),
            }
        })
    }
}

/// Whether a refusal is about the headers that every request carries, or says
/// that the token belongs to another app (`specs/instantdb-admin-api.md` 2.4, 3.2).
fn is_about_credentials(hint: &Value) -> bool {
    hint.pointer("/in/0").is_some_and(|place| *place == "headers") || text(hint, "reason") == "admin-token-mismatch"
}

fn not_unique(hint: &Value) -> Option<InstantError> {
    let (etype, label) = (hint.get("etype")?.as_str()?, hint.get("label")?.as_str()?);
    // The value is JSON in a text; what does not read is shown as it came.
    let value = text(hint, "value");
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Some(InstantError::NotUnique {
        etype: etype.to_owned(),
        label: label.to_owned(),
        value: Box::new(value),
        attr_id: hint.get("attr-id").and_then(read),
    })
}

fn validation(message: &str, hint: &Value) -> Option<InstantError> {
    if *message == InstantError::NullByte.to_string() {
        return Some(InstantError::NullByte);
    }
    if message.starts_with("Missing required attribute") {
        return Some(InstantError::MissingRequired { missing: read(hint.get("records")?)? });
    }
    let value = || read(hint).map(Box::new);
    if hint.get("value-too-large?") == Some(&Value::Bool(true)) {
        return Some(InstantError::TooLarge { value: value()?, unique: message.contains("a unique attribute") });
    }
    if message.starts_with("Linked value must be") {
        return Some(InstantError::NotUuid { value: value()? });
    }
    if message.starts_with("Invalid value type for ") {
        let actual = message.trim_end_matches('.').rsplit_once("provided value type is ");
        let actual = actual.and_then(|(_, actual)| known(actual, &VALUE_TYPES));
        return Some(InstantError::WrongType { value: value()?, actual });
    }
    let rest = message.strip_prefix("Validation failed for ")?;
    let (data_type, message) = rest.split_once(": ").unwrap_or((rest, ""));
    let data_type = known(data_type, &DATA_TYPES)?;
    let input = hint.get("input").cloned().unwrap_or_default();
    let entities = |list: &str| list.split(", ").map(str::to_owned).collect();
    if data_type == "tx-step" {
        if let Some(list) = message.strip_prefix("Updating entities that don't exist: ") {
            return Some(InstantError::Missing { entities: entities(list), input });
        }
        if let Some(list) = message.strip_prefix("Creating entities that exist: ") {
            return Some(InstantError::Exists { entities: entities(list), input });
        }
    }
    Some(InstantError::Validation {
        data_type,
        message: message.to_owned(),
        hint: Box::new(place(hint)),
        input: Box::new(input),
    })
}

/// Where the refused thing stands: what the one of `errors` tells beside its
/// message, or all of them.
fn place(hint: &Value) -> Value {
    let Some(errors) = hint.get("errors").and_then(Value::as_array) else { return Value::Null };
    match errors.as_slice() {
        [Value::Object(one)] => {
            let more = one.iter().filter(|(key, _)| *key != "message");
            let more: Map<String, Value> = more.map(|(key, value)| (key.clone(), value.clone())).collect();
            if more.is_empty() { Value::Null } else { more.into() }
        }
        [] => Value::Null,
        _ => errors.clone().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{InvalidValue, MissingAttr};
    use super::*;
    use model::EntityId;
    use serde_json::json;

    fn id(number: u8) -> EntityId {
        EntityId::from_bytes([number; 16])
    }

    #[test]
    fn what_one_store_refuses_the_other_refuses_in_the_same_words() {
        let value = || {
            Box::new(InvalidValue {
                namespace: "users".to_owned(),
                attribute: "email".to_owned(),
                value: json!(10),
                checked_data_type: Some("string".to_owned()),
                attr_id: Some(id(8)),
                entity_id: Some(id(9)),
            })
        };
        let missing = |entity: u8, label: &str| MissingAttr {
            entity_id: id(entity),
            attr_id: id(7),
            etype: "a".to_owned(),
            label: label.to_owned(),
            is_required: true,
        };
        let errors = [
            InstantError::NotUnique {
                etype: "registry_leases".to_owned(),
                label: "key".to_owned(),
                value: Box::new(json!("sync:\"x\": 1")),
                attr_id: Some(id(1)),
            },
            InstantError::NotUnique {
                etype: "a".to_owned(),
                label: "n".to_owned(),
                value: Box::new(json!(12)),
                attr_id: None,
            },
            InstantError::Missing {
                entities: vec![id(1).to_string(), id(1).to_string()],
                input: json!([["update", "a"]]),
            },
            InstantError::Exists { entities: vec![id(3).to_string()], input: Value::Null },
            InstantError::invalid("query", "There is no `x` attribute for users."),
            InstantError::invalid("steps", "").with_hint(json!({ "expected": "map?", "in": [0, 3] })),
            InstantError::invalid("query", "One: two, three")
                .with_hint(json!([{ "message": "One: two" }, { "message": "three" }]))
                .with_input(|| json!({ "a": 1 })),
            InstantError::WrongType { value: value(), actual: Some("number") },
            InstantError::WrongType { value: value(), actual: None },
            InstantError::TooLarge { value: value(), unique: true },
            InstantError::TooLarge { value: value(), unique: false },
            InstantError::NotUuid { value: value() },
            InstantError::MissingRequired { missing: vec![missing(1, "b"), missing(2, "b"), missing(1, "c")] },
            InstantError::NullByte,
            InstantError::RateLimited { message: "Slow down.".to_owned(), retry_after: Some(Duration::from_secs(3)) },
            InstantError::RateLimited { message: "Slow down.".to_owned(), retry_after: None },
            InstantError::Timeout { message: "The query took too long to complete.".to_owned() },
            InstantError::permission_denied("perms-pass?", &json!(["a", "view"])),
            InstantError::parameter_limit(),
            InstantError::DiskFull,
        ];
        for error in errors {
            let back = InstantError::from_wire(&error.to_wire().1);
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
        let malformed = json!({
            "type": "param-malformed", "message": "Malformed parameter: [\"headers\" \"authorization\"]",
            "hint": { "in": ["headers", "authorization"], "original-input": "Bearer [hidden]" },
        });
        let mismatch = json!({
            "type": "validation-failed", "message": "This admin token does not belong to app x.",
            "hint": { "reason": "admin-token-mismatch" },
        });
        let nobody = json!({
            "type": "record-not-found", "message": "Record not found: instant-user",
            "hint": { "record-type": "instant-user" },
        });
        for body in [body, malformed, mismatch, nobody] {
            let told = InstantError::from_wire(&body).to_string();
            for setting in ["instant-app-id", "instant-admin-token", "instant-api-uri"] {
                assert!(told.contains(setting), "{told}");
            }
        }
    }

    #[test]
    fn a_refusal_that_is_not_known_stays_readable() {
        let error =
            InstantError::from_wire(&json!({ "type": "horse", "message": "Too tall.", "hint": { "hands": 17 } }));
        assert_eq!((error.code(), error.hint()), ("horse", json!({ "hands": 17 })));
        assert_eq!(error.to_string(), "Too tall. (horse)");
        // Known words in an unknown order are no reason to lose them.
        for body in [
            json!({ "type": "record-not-unique", "message": "Record not unique: triple" }),
            json!({ "type": "validation-failed", "message": "Validation failed for horses: too tall", "hint": null }),
            json!({ "type": "validation-failed", "message": "Invalid value type for a.b.", "hint": 1 }),
            json!({ "type": "validation-failed", "message": "Missing required attribute `a/b`: x", "hint": { "records": [{}] } }),
            json!({ "type": 1, "message": ["x"] }),
            json!([]),
            json!(null),
        ] {
            let error = InstantError::from_wire(&body);
            assert!(matches!(error, InstantError::Refused { .. }), "{error:?}");
        }
    }
}
