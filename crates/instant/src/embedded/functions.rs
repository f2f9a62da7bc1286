//! SQL functions of our own.

use crate::date;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error};

/// Adds them to a connection.
pub(super) fn register(connection: &Connection) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("instant_like", 3, flags, |context: &Context<'_>| {
        let text = match context.get_raw(0) {
            ValueRef::Text(text) => Some(text),
            // A key: the text after its kind.
            ValueRef::Blob(key) => key.get(1..),
            _ => None,
        };
        let Some(text) = text.and_then(|text| std::str::from_utf8(text).ok()) else {
            return Ok(false);
        };
        let pattern = context.get_raw(1).as_str().unwrap_or_default();
        let case_sensitive: bool = context.get(2)?;
        if case_sensitive { Ok(like(text, pattern)) } else { Ok(like(&text.to_lowercase(), &pattern.to_lowercase())) }
    })?;
    connection.create_scalar_function("instant_date", 1, flags, |context: &Context<'_>| {
        Ok(match context.get_raw(0) {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds are far below 2^53")]
            ValueRef::Integer(millis) => Some(millis as f64),
            ValueRef::Real(millis) => Some(millis),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(|text| date::millis(&text.into())),
            ValueRef::Null | ValueRef::Blob(_) => None,
        })
    })
}

/// SQL's LIKE: `%` any characters, `_` one, `\` takes the next one literally.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    // Where to go on after a mismatch: past the last `%`, one character further.
    let mut retry: Option<(usize, usize)> = None;
    let (mut at, mut in_pattern) = (0, 0);
    loop {
        let step = match pattern.get(in_pattern) {
            None if at == text.len() => return true,
            Some('%') => {
                retry = Some((at, in_pattern + 1));
                in_pattern += 1;
                continue;
            }
            Some('_') => (at < text.len()).then_some(1),
            Some('\\') if in_pattern + 1 < pattern.len() => (text.get(at) == pattern.get(in_pattern + 1)).then_some(2),
            Some(literal) => (text.get(at) == Some(literal)).then_some(1),
            None => None,
        };
        match (step, &mut retry) {
            (Some(consumed), _) => {
                at += 1;
                in_pattern += consumed;
            }
            (None, Some((from, resume))) if *from < text.len() => {
                *from += 1;
                (at, in_pattern) = (*from, *resume);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn like_knows_both_wildcards_and_the_escape() {
        for (text, pattern) in [
            ("alex", "al%"),
            ("alex", "%x"),
            ("alex", "a_e_"),
            ("a%b", r"a\%b"),
            ("", "%"),
            ("aXbXc", "%X%c"),
            ("日本", "_本"),
        ] {
            assert!(like(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [("alex", "AL%"), ("alex", "al"), ("axb", r"a\%b"), ("", "_"), ("abc", "%d%")] {
            assert!(!like(text, pattern), "{text} {pattern}");
        }
    }
}
