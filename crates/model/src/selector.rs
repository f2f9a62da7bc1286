//! What a request names: an item, and perhaps a version of it.

use crate::{InvalidName, ItemName};

/// `1`, `1.4` or `1.4.2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Semver {
    /// The first number.
    pub major: u64,
    /// The second, if given.
    pub minor: Option<u64>,
    /// The third, if given.
    pub patch: Option<u64>,
}

/// The text after the `@` of a request, by its shape. Which of a tag, a
/// channel and a branch a name means is for the store to say, in that order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// `sha-1a2b3c4`: at least seven digits of a commit.
    Commit(String),
    /// `v1.2.0`, `next`, `main`: a tag, a channel or a branch.
    Name(String),
}

impl Selector {
    /// Reads the text after the `@`.
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix("sha-") {
            Some(digits)
                if (7..=40).contains(&digits.len())
                    && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) =>
            {
                Self::Commit(digits.to_owned())
            }
            _ => Self::Name(text.to_owned()),
        }
    }

    /// The version numbers in it, if it is nothing but those.
    pub fn semver(&self) -> Option<Semver> {
        let Self::Name(text) = self else { return None };
        let mut numbers = text.split('.').map(|part| {
            let canonical = part == "0" || !part.starts_with('0');
            (canonical && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u64>().ok()).flatten()
        });
        let major = numbers.next()??;
        let minor = match numbers.next() {
            None => None,
            Some(number) => Some(number?),
        };
        let patch = match numbers.next() {
            None => None,
            Some(number) => Some(number?),
        };
        numbers.next().is_none().then_some(Semver { major, minor, patch })
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Commit(digits) => write!(f, "sha-{digits}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// The readings of a requested name in the order in which they are tried: the
/// whole text as a name first, then split at the first `@` after position 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemAddress {
    /// The text itself, if it is a possible name.
    pub exact: Result<ItemName, InvalidName>,
    /// The name and selector, if there is an `@` to split at.
    pub selected: Option<(ItemName, Selector)>,
}

impl ItemAddress {
    /// Reads a requested name; a trailing `.json` must be gone already.
    pub fn parse(text: &str) -> Self {
        let split = text.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at);
        let selected = split.and_then(|at| {
            let selector = &text[at + 1..];
            (!selector.is_empty()).then_some(())?;
            Some((text[..at].parse().ok()?, Selector::parse(selector)))
        });
        Self { exact: text.parse(), selected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_splits_at_the_first_at_sign_after_its_start() {
        let address = ItemAddress::parse("team/button@v1@x");
        assert_eq!(address.exact.unwrap().as_str(), "team/button@v1@x");
        let (name, selector) = address.selected.unwrap();
        assert_eq!((name.as_str(), selector), ("team/button", Selector::Name("v1@x".into())));
        assert_eq!(ItemAddress::parse("@button").selected, None);
        assert_eq!(ItemAddress::parse("button@").selected, None);
    }

    #[test]
    fn selectors_are_told_apart_by_shape() {
        assert_eq!(Selector::parse("sha-1a2b3c4"), Selector::Commit("1a2b3c4".into()));
        assert_eq!(Selector::parse("sha-XYZ"), Selector::Name("sha-XYZ".into()));
        assert_eq!(Selector::parse("1.4").semver(), Some(Semver { major: 1, minor: Some(4), patch: None }));
        assert_eq!(Selector::parse("1.4.2").semver(), Some(Semver { major: 1, minor: Some(4), patch: Some(2) }));
        for text in ["v1", "1.x", "01", "1.2.3.4", ""] {
            assert_eq!(Selector::parse(text).semver(), None, "{text}");
        }
    }
}
