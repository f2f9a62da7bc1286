//! What proves to GitHub who is asking.

use net::{Secret, http::HeaderValue};
use std::fmt;

/// Longest token, in bytes.
const LONGEST: usize = 4096;

/// An access token. Neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Secret);

/// A text that is no token. It is not repeated: it may hold part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a token: visible ASCII characters without spaces")]
pub struct InvalidToken;

impl Token {
    /// Takes a text, less white space around it.
    pub fn new(text: &str) -> Result<Self, InvalidToken> {
        let text = text.trim();
        let well_formed = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if well_formed { Ok(Self(Secret::new(text))) } else { Err(InvalidToken) }
    }

    /// The token itself, for the one place that sends it.
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    /// The value of the `Authorization` header, marked sensitive.
    pub(crate) fn bearer(&self) -> HeaderValue {
        let value = HeaderValue::try_from(format!("Bearer {}", self.0.expose()));
        let mut value = value.expect("a token is visible ASCII");
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_shown_by_nothing() {
        let token = Token::new(" gho_canary\n").unwrap();
        assert!(!format!("{token:?} {:?}", token.bearer()).contains("canary"));
        assert_eq!(token.secret().expose(), "gho_canary");
        for odd in ["", " ", "a b", "a\nb", "é", &"x".repeat(LONGEST + 1)] {
            assert!(!format!("{:?}", Token::new(odd).unwrap_err()).contains('x'), "{odd:?}");
        }
    }
}
