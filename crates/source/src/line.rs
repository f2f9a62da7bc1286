//! Where in a JSON text a finding stands, for whoever shows it beside the text.

use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// The line, from 1, of a field of an item in a `registry.json`, or of a field
/// of a built item; of the nearest thing around it that is there. `field` is a
/// path as diagnostics have it: `files.0.target`. `None` for what is not JSON.
pub fn line_of(text: &str, item: Option<usize>, field: Option<&str>) -> Option<usize> {
    let mut at: &RawValue = serde_json::from_str(text).ok()?;
    if let Some(index) = item
        && let Some(found) = child(at, "items").and_then(|items| child(items, &index.to_string()))
    {
        at = found;
    }
    for segment in field.unwrap_or_default().split('.').filter(|segment| !segment.is_empty()) {
        match child(at, segment) {
            Some(found) => at = found,
            None => break,
        }
    }
    let offset = at.get().as_ptr().addr() - text.as_ptr().addr();
    Some(text[..offset].matches('\n').count() + 1)
}

fn child<'t>(value: &'t RawValue, segment: &str) -> Option<&'t RawValue> {
    match value.get().as_bytes().first()? {
        b'{' => {
            let fields: BTreeMap<Cow<'t, str>, &'t RawValue> = serde_json::from_str(value.get()).ok()?;
            fields.get(segment).copied()
        }
        b'[' => {
            let items: Vec<&'t RawValue> = serde_json::from_str(value.get()).ok()?;
            items.get(segment.parse::<usize>().ok()?).copied()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"name\": \"acme\",\n  \"items\": [\n    { \"name\": \"a\" },\n    {\n      \"name\": \"b\",\n      \"files\": [\n        { \"path\": \"x\",\n          \"target\": \"../y\" }\n      ]\n    }\n  ]\n}\n";

    #[test]
    fn a_finding_stands_at_the_line_of_its_field() {
        assert_eq!(line_of(TEXT, Some(0), Some("name")), Some(4));
        assert_eq!(line_of(TEXT, Some(1), None), Some(5));
        assert_eq!(line_of(TEXT, Some(1), Some("files.0.target")), Some(9));
    }

    #[test]
    fn what_is_not_there_is_told_at_what_is_around_it() {
        assert_eq!(line_of(TEXT, Some(1), Some("files.0.nothing")), Some(8));
        assert_eq!(line_of(TEXT, Some(9), None), Some(1));
        assert_eq!(line_of(TEXT, None, Some("name")), Some(2));
        assert_eq!(line_of("{", Some(0), None), None);
    }
}
