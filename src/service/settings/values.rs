//! What people write as a registry's name and home page.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use url::Url;

/// Longest name, in characters.
const LONGEST_NAME: usize = 100;
/// Longest address, in bytes.
const LONGEST_ADDRESS: usize = 1_000;

/// A text that cannot be such a setting. The message says what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// Not a name.
    #[error(
        "a registry's name must not be empty, have more than {LONGEST_NAME} characters, or hold control characters"
    )]
    Name,
    /// Not an address.
    #[error(
        "a home page must be an http or https address such as https://ui.acme.example, of at most {LONGEST_ADDRESS} bytes, without a user name or password"
    )]
    Homepage,
}

/// A registry's name for people: one line, without white space around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegistryName(String);

/// A registry's home page: an http or https address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Homepage(String);

impl FromStr for RegistryName {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let text = text.trim();
        let fits = (1..=LONGEST_NAME).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) { Ok(Self(text.to_owned())) } else { Err(InvalidSetting::Name) }
    }
}

impl FromStr for Homepage {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let text = text.trim();
        // The parser takes line breaks out; what is written down must be what was looked at.
        let plain = text.len() <= LONGEST_ADDRESS && !text.chars().any(|c| c.is_control() || c.is_whitespace());
        let url = Url::parse(text).ok().filter(|_| plain).ok_or(InvalidSetting::Homepage)?;
        let open = url.username().is_empty() && url.password().is_none();
        if open && matches!(url.scheme(), "http" | "https") {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSetting::Homepage)
        }
    }
}

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidSetting;

            fn try_from(text: String) -> Result<Self, InvalidSetting> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    )*};
}

as_text!(RegistryName, Homepage);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_page_is_an_address_that_a_browser_may_be_sent_to() {
        for text in ["https://ui.acme.example", "http://localhost:3000/x?y#z", " https://acme.example/ "] {
            assert_eq!(text.parse::<Homepage>().unwrap().to_string(), text.trim());
        }
        let long = format!("https://acme.example/{}", "x".repeat(LONGEST_ADDRESS));
        for text in
            ["", "acme.example", "javascript:alert(1)", "https://me:secret@acme.example", "https://a\nb.example", &long]
        {
            assert_eq!(text.parse::<Homepage>(), Err(InvalidSetting::Homepage), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(" Acme Design ".parse::<RegistryName>().unwrap().to_string(), "Acme Design");
        for text in ["", "   ", "two\nlines", &"x".repeat(LONGEST_NAME + 1)] {
            assert_eq!(text.parse::<RegistryName>(), Err(InvalidSetting::Name), "{text:?}");
        }
    }
}
