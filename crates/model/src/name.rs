//! Names that people choose and that end up in URLs, indexes and file paths.

use crate::limits::{MAX_INDEXED_BYTES, MAX_NAME_BYTES, RESERVED_SEGMENTS};
use serde::{Deserialize, Serialize, de};
use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

/// Why a text is not a name of its kind. The message says what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {text:?} {problem}")]
pub struct InvalidName {
    /// What it should have been: `item name`, `namespace`, …
    pub kind: &'static str,
    /// What was given, shortened.
    pub text: String,
    /// What is wrong with it, as the rest of a sentence.
    pub problem: String,
}

fn invalid(kind: &'static str, text: &str, problem: impl Into<String>) -> InvalidName {
    InvalidName { kind, text: text.chars().take(80).collect(), problem: problem.into() }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

name_type! {
    /// The name of a registry item: one or more segments joined by `/`, as it
    /// stands in a URL below `/r/`.
    ///
    /// The schema sets no pattern (`specs/shadcn-protocol.md` 1.2), so this
    /// refuses only what could not be asked for or stored: empty segments,
    /// dot segments, control characters, and what a URL would cut off or
    /// re-encode (`?`, `#`, `\`, `%`). An item's name within its repository may
    /// be anything else; one that is served must also pass [`ItemName::served`].
    ItemName
}

impl ItemName {
    /// Reads a name under which an item can be served: its first segment is
    /// none that the registry's own routes use. Below a namespace the first
    /// segment is the namespace, so `team/index` passes and `index` does not.
    pub fn served(text: &str) -> Result<Self, InvalidName> {
        let name: Self = text.parse()?;
        if name.is_reserved() {
            return Err(invalid("item name", text, "begins with a segment that the registry's own routes use"));
        }
        Ok(name)
    }

    /// Whether its first segment belongs to the registry's own routes.
    pub fn is_reserved(&self) -> bool {
        RESERVED_SEGMENTS.contains(&self.first_segment())
    }

    /// What stands before the first `/`; the whole name if there is none.
    pub fn first_segment(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl FromStr for ItemName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let fail = |problem: &str| Err(invalid("item name", text, problem));
        if text.is_empty() {
            return fail("is empty");
        }
        if text.len() > MAX_NAME_BYTES {
            return fail("is longer than 255 bytes");
        }
        if text.chars().any(char::is_control) {
            return fail("contains a control character");
        }
        if text.contains(['?', '#', '\\', '%']) {
            return fail("contains one of ? # \\ %, which a URL cannot carry as part of a name");
        }
        if text.trim() != text {
            return fail("begins or ends with white space");
        }
        if text.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return fail("has an empty, `.` or `..` segment");
        }
        Ok(Self(text.into()))
    }
}

name_type! {
    /// The prefix of a repository's items: `team` in `team/button`. One
    /// segment of letters, digits, `-` and `_`.
    Namespace
}

impl FromStr for Namespace {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if text.is_empty() || text.len() > 64 || !plain || !text.as_bytes()[0].is_ascii_alphanumeric() {
            return Err(invalid(
                "namespace",
                text,
                "must be 1 to 64 letters, digits, `-` or `_`, beginning with a letter or digit",
            ));
        }
        if RESERVED_SEGMENTS.contains(&text) {
            return Err(invalid("namespace", text, "is a segment that the registry's own routes use"));
        }
        Ok(Self(text.into()))
    }
}

name_type! {
    /// The `@name` under which a project's `components.json` knows a registry,
    /// with its `@`. The CLI's own pattern (`specs/shadcn-protocol.md` 2.1).
    Alias
}

impl FromStr for Alias {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let problem = "must be `@` and then letters, digits, `-` or `_`, beginning and ending with a letter or digit";
        let Some(name) = text.strip_prefix('@') else {
            return Err(invalid("registry alias", text, problem));
        };
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = name.as_bytes();
        if !plain || bytes.len() > 64 || !ends(bytes.first()) || !ends(bytes.last()) {
            return Err(invalid("registry alias", text, problem));
        }
        Ok(Self(text.into()))
    }
}

name_type! {
    /// A commit's full SHA-1, 40 lower-case hexadecimal digits.
    CommitSha
}

impl CommitSha {
    /// The first seven digits, as people write it.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl FromStr for CommitSha {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 40 || !hexadecimal {
            return Err(invalid("commit", text, "must be 40 lower-case hexadecimal digits"));
        }
        Ok(Self(text.into()))
    }
}

name_type! {
    /// The short name of a branch or tag: `main`, `v1.2.0`, `feature/x`. The
    /// rules of `git check-ref-format`, and never beginning with `-`.
    RefName
}

impl FromStr for RefName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let fail = |problem: &str| Err(invalid("ref", text, problem));
        if text.is_empty() || text == "@" {
            return fail("is empty");
        }
        if text.len() > MAX_INDEXED_BYTES - 64 {
            return fail("is too long");
        }
        if text.starts_with('-') {
            return fail("begins with `-`");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c)) {
            return fail("contains a character that git refuses in refs");
        }
        if text.contains("..") || text.contains("@{") || text.ends_with('.') {
            return fail("contains `..` or `@{`, or ends with `.`");
        }
        let bad_segment =
            |segment: &str| segment.is_empty() || segment.starts_with('.') || segment.strip_suffix(".lock").is_some();
        if text.split('/').any(bad_segment) {
            return fail("has an empty segment, or one that begins with `.` or ends with `.lock`");
        }
        Ok(Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_item_names_are_accepted() {
        for text in ["button", "lib/nested", "Button", "8bit-card", "a@b", "日本", "data table", "x.json"] {
            assert!(text.parse::<ItemName>().is_ok(), "{text:?}");
        }
    }

    #[test]
    fn names_that_no_request_could_reach_are_refused() {
        let long = "x".repeat(256);
        for text in
            ["", "/a", "a/", "a//b", "../a", "a/./b", "a\0b", "a\nb", "a?b", "a#b", "a%2fb", " a", long.as_str()]
        {
            assert!(text.parse::<ItemName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_the_first_segment_of_a_served_name_is_reserved() {
        for text in ["registry", "r/x", "styles/button", "index"] {
            assert!(text.parse::<ItemName>().is_ok_and(|name| name.is_reserved()), "{text:?}");
            assert!(ItemName::served(text).is_err(), "{text:?}");
        }
        for text in ["team/index", "team/registry", "registry-table"] {
            assert!(ItemName::served(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_ref_never_looks_like_an_option() {
        for text in ["-x", "--upload-pack=x", "a..b", "a b", "a.lock", "refs//x", "@{u}", ""] {
            assert!(text.parse::<RefName>().is_err(), "{text:?}");
        }
        assert!("release/1.2".parse::<RefName>().is_ok());
    }

    #[test]
    fn an_alias_is_what_the_cli_takes() {
        assert!("@acme".parse::<Alias>().is_ok());
        for text in ["acme", "@", "@-a", "@a-", "@a/b", "@a b"] {
            assert!(text.parse::<Alias>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_item_name_survives_a_round_trip(text in "\\PC{0,40}") {
            if let Ok(name) = text.parse::<ItemName>() {
                let json = serde_json::to_string(&name).unwrap();
                prop_assert_eq!(serde_json::from_str::<ItemName>(&json).unwrap(), name);
            }
        }
    }
}
