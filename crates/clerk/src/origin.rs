//! Origins of the web: scheme, host and port, and nothing else.

use std::{fmt, str::FromStr};
use url::{Origin, Url};

/// An `http` or `https` origin, such as `https://registry.ekairos.dev`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebOrigin(String);

/// A text that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an origin; give scheme and host alone, such as https://registry.example.com")]
pub struct InvalidOrigin(String);

impl FromStr for WebOrigin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let invalid = || InvalidOrigin(net::redact(text));
        let url = Url::parse(text).map_err(|_| invalid())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(invalid());
        }
        Self::of(&url).ok_or_else(invalid)
    }
}

impl WebOrigin {
    /// Where an address belongs; `None` if it is not on the web.
    pub fn of(url: &Url) -> Option<Self> {
        match (url.scheme(), url.origin()) {
            ("http" | "https", origin @ Origin::Tuple(..)) => Some(Self(origin.ascii_serialization())),
            _ => None,
        }
    }

    /// The origin as browsers write it, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether cookies from here may be `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The host, without a port.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.0).expect("an origin is an address");
        url.host_str().expect("an origin has a host").to_owned()
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, origin) in [
            ("https://registry.ekairos.dev", "https://registry.ekairos.dev"),
            ("https://Registry.Ekairos.dev:443/", "https://registry.ekairos.dev"),
            ("http://localhost:3030", "http://localhost:3030"),
        ] {
            assert_eq!(text.parse::<WebOrigin>().unwrap().as_str(), origin);
        }
    }

    #[test]
    fn what_says_more_or_less_than_an_origin_is_refused() {
        for text in [
            "",
            "registry.ekairos.dev",
            "https://",
            "https://a.example/x",
            "https://a.example?x",
            "https://u@a.example",
            "ftp://a.example",
            "data:x",
            "https://a.example#x",
        ] {
            assert!(text.parse::<WebOrigin>().is_err(), "{text}");
        }
    }
}
