//! What git signs in with, by host.

use git::Credentials;
use net::{AllowList, Secret};
use std::{fmt, str::FromStr};
use url::Url;

/// User names and passwords or tokens for git hosts, from the configuration:
/// `git.example.com=user:token`, several separated by commas.
#[derive(Debug, Clone, Default)]
pub struct GitCredentials(Vec<(String, Credentials)>);

/// A text that does not hold credentials. It is not repeated: it may hold part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be `host=user:password`, several separated by commas; most hosts take any user name with a token")]
pub struct InvalidGitCredentials;

impl FromStr for GitCredentials {
    type Err = InvalidGitCredentials;

    fn from_str(text: &str) -> Result<Self, InvalidGitCredentials> {
        let read = |entry: &str| {
            let (host, credentials) = entry.split_once('=').ok_or(InvalidGitCredentials)?;
            let (username, password) = credentials.split_once(':').ok_or(InvalidGitCredentials)?;
            let (host, password) = (host.trim().to_ascii_lowercase(), Secret::new(password));
            if host.is_empty() || password.is_empty() {
                return Err(InvalidGitCredentials);
            }
            Ok((host, Credentials { username: username.to_owned(), password }))
        };
        text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// The hosts; never what signs in there.
impl fmt::Display for GitCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(not set)");
        }
        let hosts: Vec<String> = self.0.iter().map(|(host, _)| format!("{host}=(hidden)")).collect();
        f.write_str(&hosts.join(","))
    }
}

impl GitCredentials {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What to sign in with at this address. Over plain http only at hosts that
    /// the operator allow-listed: anyone on the way could read it.
    pub fn at(&self, url: &str, allowed: &AllowList) -> Option<&Credentials> {
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?;
        if url.scheme() != "https" && !allowed.names(host) {
            return None;
        }
        self.0.iter().find(|(named, _)| named == host).map(|(_, credentials)| credentials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_to_their_host_alone_and_not_in_the_clear() {
        let credentials: GitCredentials = "git.example.com=ada:one, 127.0.0.1=x:two:three".parse().unwrap();
        let allowed: AllowList = "127.0.0.1=127.0.0.0/8".parse().unwrap();
        let password = |url: &str| credentials.at(url, &allowed).map(|found| found.password.expose().to_owned());
        assert_eq!(password("https://git.example.com/ui").as_deref(), Some("one"));
        assert_eq!(password("http://127.0.0.1:3000/ui").as_deref(), Some("two:three"));
        assert_eq!(password("http://git.example.com/ui"), None);
        assert_eq!(password("https://example.com/ui"), None);
        assert_eq!(password("/srv/git/ui"), None);
    }

    #[test]
    fn credentials_are_never_shown() {
        let credentials: GitCredentials = "git.example.com=ada:s3cret".parse().unwrap();
        assert_eq!(credentials.to_string(), "git.example.com=(hidden)");
        assert!(!format!("{credentials:?}").contains("s3cret"));
        for text in ["s3cret", "git.example.com=s3cret", "=ada:s3cret", "git.example.com=ada:"] {
            let error = text.parse::<GitCredentials>().unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
