//! What GitHub calls a repository.

use std::{fmt, str::FromStr};

/// Longest owner and longest name, in bytes; GitHub allows 39 and 100.
const LONGEST: usize = 100;

/// `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FullName {
    text: String,
    slash: usize,
}

/// A text that names no repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a repository; write it as owner/name")]
pub struct InvalidFullName;

impl FullName {
    /// Whose it is.
    pub fn owner(&self) -> &str {
        &self.text[..self.slash]
    }

    /// What its owner calls it.
    pub fn name(&self) -> &str {
        &self.text[self.slash + 1..]
    }

    /// The whole.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Letters, digits, `-`, `_` and `.`: nothing that a path or a query reads as more.
fn is_part(part: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=LONGEST).contains(&part.len())
        && part.bytes().all(fits)
        && !part.starts_with('-')
        && !part.bytes().all(|byte| byte == b'.')
}

impl FromStr for FullName {
    type Err = InvalidFullName;

    fn from_str(text: &str) -> Result<Self, InvalidFullName> {
        let (owner, name) = text.split_once('/').ok_or(InvalidFullName)?;
        if !is_part(owner) || !is_part(name) {
            return Err(InvalidFullName);
        }
        Ok(Self { slash: owner.len(), text: text.to_owned() })
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_has_an_owner_and_nothing_that_leads_elsewhere() {
        let name: FullName = "acme/ui.kit".parse().unwrap();
        assert_eq!((name.owner(), name.name(), name.to_string().as_str()), ("acme", "ui.kit", "acme/ui.kit"));
        for odd in ["", "acme", "acme/", "/ui", "a/b/c", "../ui", "acme/..", "a b/c", "acme/-x", "acme/u?i", "é/x"] {
            assert_eq!(odd.parse::<FullName>(), Err(InvalidFullName), "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_a_name_is_two_segments_of_a_path(text in "\\PC{0,40}|[a-z./?#%-]{0,12}") {
            if let Ok(name) = text.parse::<FullName>() {
                let url = url::Url::parse("https://github.com/").unwrap().join(&format!("/{name}")).unwrap();
                prop_assert_eq!(url.path(), format!("/{}/{}", name.owner(), name.name()));
                prop_assert!(url.query().is_none() && url.fragment().is_none());
            }
        }
    }
}
