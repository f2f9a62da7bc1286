//! A repository as the API lists it.

use crate::FullName;
use serde::Deserialize;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Longest description that is kept, in characters.
const DESCRIPTION: usize = 300;
/// Longest branch name that is kept, in bytes.
const BRANCH: usize = 255;

/// A repository that a token sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// `owner/name`.
    pub name: FullName,
    /// Whether only some may see it.
    pub is_private: bool,
    /// Its default branch; one without commits may have none.
    pub default_branch: Option<String>,
    /// When something was pushed to it last, in milliseconds since 1970.
    pub pushed_at: Option<i64>,
    /// What it is for.
    pub description: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    full_name: String,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    default_branch: Option<String>,
    #[serde(default)]
    pushed_at: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

/// Milliseconds since 1970 of a time as the API writes it: `2026-01-02T03:04:05Z`.
fn millis(text: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

/// The repositories of one page. What cannot be read is left out; `None` if the
/// page is no list.
pub(crate) fn page(body: &[u8]) -> Option<Vec<Repository>> {
    let rows: Vec<Value> = serde_json::from_slice(body).ok()?;
    let read = |row: Value| {
        let row: Row = serde_json::from_value(row).ok()?;
        let described = row.description.map(|text| text.trim().chars().take(DESCRIPTION).collect::<String>());
        Some(Repository {
            name: row.full_name.parse().ok()?,
            is_private: row.private,
            default_branch: row.default_branch.filter(|branch| !branch.is_empty() && branch.len() <= BRANCH),
            pushed_at: row.pushed_at.as_deref().and_then(millis),
            description: described.filter(|text| !text.is_empty()),
        })
    };
    Some(rows.into_iter().filter_map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_page_is_read_and_odd_rows_are_left_out() {
        let body = json!([
            { "full_name": "acme/ui", "private": true, "default_branch": "main", "pushed_at": "1970-01-01T00:00:01Z",
              "description": " Ours. ", "clone_url": "https://evil.example/x" },
            { "full_name": "acme/../x" }, { "name": "x" }, 7,
            { "full_name": "acme/new", "pushed_at": null, "description": null, "default_branch": null },
        ]);
        let found = page(body.to_string().as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].pushed_at, Some(1000));
        assert_eq!(found[0].description.as_deref(), Some("Ours."));
        assert!(found[0].is_private && !found[1].is_private && found[1].default_branch.is_none());
        assert_eq!(page(b"{}"), None);
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_reader(body in proptest::collection::vec(any::<u8>(), 0..200), pushed in "\\PC{0,30}") {
            page(&body);
            let row = json!([{ "full_name": "a/b", "pushed_at": pushed, "description": "x".repeat(1000) }]);
            let found = page(row.to_string().as_bytes()).unwrap();
            prop_assert_eq!(found[0].description.as_ref().unwrap().len(), DESCRIPTION);
        }
    }
}
