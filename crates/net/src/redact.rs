//! Values that must not be seen, and texts from which they have been removed.

use std::fmt;
use url::Url;
use zeroize::Zeroize as _;

/// A credential. Neither `Debug` nor `Display` shows it; [`Secret::expose`] does.
/// Its memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Hides a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// A URL fit for a log or an error: scheme, host, port and path. User, password,
/// query and fragment are gone, for each of them may carry a credential.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedactedUrl(String);

impl RedactedUrl {
    /// What remains, as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Url> for RedactedUrl {
    fn from(url: &Url) -> Self {
        use fmt::Write as _;
        let mut text = format!("{}://", url.scheme());
        text.push_str(url.host_str().unwrap_or_default());
        if let Some(port) = url.port() {
            // Writing to a String never fails.
            let _ = write!(text, ":{port}");
        }
        text.push_str(url.path());
        if url.query().is_some() {
            text.push_str("?…");
        }
        Self(text)
    }
}

impl fmt::Display for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that may or may not be a URL, fit for a log: what stands before an
/// `@` and after a `?` or `#` is gone, control characters are escaped, and it
/// has at most 200 characters.
pub fn redact(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let (head, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let shown: String = format!("{head}{rest}").chars().take(200).collect();
    shown.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_by_nothing_but_expose() {
        let secret = Secret::new("canary");
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "[hidden] [hidden] Some([hidden])");
        assert_eq!(secret.expose(), "canary");
    }

    #[test]
    fn a_redacted_url_keeps_only_where_it_leads() {
        let url = Url::parse("https://me:canary@git.example:8443/a/b.git?token=canary#canary").unwrap();
        assert_eq!(RedactedUrl::from(&url).to_string(), "https://git.example:8443/a/b.git?…");
        assert!(!format!("{:?}", RedactedUrl::from(&url)).contains("canary"));
    }

    #[test]
    fn a_text_that_is_no_url_loses_what_could_be_a_credential() {
        for text in
            ["https://a:canary@host/x", "ssh://canary@host/x", "canary@host:x", "x?canary", "ext::sh -c x#canary"]
        {
            assert!(!redact(text).contains("canary"), "{text}");
        }
        assert_eq!(redact("a\nb"), "a\\nb");
    }
}
