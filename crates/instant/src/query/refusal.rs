//! Why a query is refused, in InstantDB's words and with the place in the query
//! (`specs/instantdb-admin-api.md` 2.4, 5.1).

use crate::InstantError;
use serde_json::{Map, Value};

/// One thing that is wrong with it.
#[derive(Debug, PartialEq)]
pub(crate) struct Problem {
    /// What was expected. InstantDB calls it `expected` or, of values, `expected?`.
    expected: Option<(&'static str, String)>,
    at: Vec<Value>,
    message: Option<String>,
}

impl Problem {
    /// Something else than `expected` stands at `at`.
    pub(crate) fn new(expected: impl Into<String>, at: Vec<Value>) -> Self {
        Self { expected: Some(("expected", expected.into())), at, message: None }
    }

    /// A value does not suit the attribute.
    pub(crate) fn of_value(expected: impl Into<String>, at: Vec<Value>) -> Self {
        Self { expected: Some(("expected?", expected.into())), at, message: None }
    }

    /// Nothing but a sentence.
    pub(crate) fn only(message: impl Into<String>) -> Self {
        Self { expected: None, at: Vec::new(), message: Some(message.into()) }
    }

    /// With a sentence.
    pub(crate) fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    fn to_json(&self) -> Value {
        let mut json = Map::new();
        if let Some((name, expected)) = &self.expected {
            json.insert((*name).to_owned(), expected.clone().into());
            json.insert("in".to_owned(), self.at.clone().into());
        }
        if let Some(message) = &self.message {
            json.insert("message".to_owned(), message.clone().into());
        }
        json.into()
    }
}

/// The refusal of a query: `data_type` names what was checked (`query`,
/// `coerced-query` or `attr`), `input` is it.
pub(crate) fn refusal(data_type: &'static str, input: Value, problems: &[Problem]) -> InstantError {
    let messages: Vec<&str> = problems.iter().filter_map(|problem| problem.message.as_deref()).collect();
    let errors: Value = problems.iter().map(Problem::to_json).collect();
    InstantError::invalid(data_type, messages.join(", ")).with_hint(errors).with_input(|| input)
}

/// A value as messages quote it: JSON, with large and small numbers as the server writes them (`1.0E22`).
pub(crate) fn text(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if !value.is_i64() && !value.is_u64() && !(1e-3..1e7).contains(&number.abs()) && number != 0.0 => {
            let (digits, exponent) = match format!("{number:E}").split_once('E') {
                Some((digits, exponent)) => (digits.to_owned(), exponent.to_owned()),
                None => return value.to_string(),
            };
            let point = if digits.contains('.') { "" } else { ".0" };
            format!("{digits}{point}E{exponent}")
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_quoted_as_the_server_writes_them() {
        for (value, expected) in [
            (json!(1), "1"),
            (json!(1.5), "1.5"),
            (json!(1e22), "1.0E22"),
            (json!(-1.25e-9), "-1.25E-9"),
            (json!(u64::MAX), "18446744073709551615"),
            (json!("a"), "\"a\""),
            (json!(["a", 1]), "[\"a\",1]"),
        ] {
            assert_eq!(text(&value), expected);
        }
    }
}
