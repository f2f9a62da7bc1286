//! Where a repository is: the texts that are accepted, and their one spelling.

use net::{RedactedUrl, http::Url, redact};
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Why a text is not the address of a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address that can be read here: {problem}")]
pub struct AddressError {
    /// What was given, without credentials.
    text: String,
    /// What is wrong, and what to give instead.
    problem: String,
}

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// On a host, over http or https.
    Remote(RemoteUrl),
    /// In a folder of this machine, as an absolute path.
    Local(PathBuf),
}

/// The checked http or https URL of a repository: no user, password, query or
/// fragment, lower-case host, no default port, no trailing slash.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RemoteUrl(Url);

impl RemoteUrl {
    /// The URL to fetch from.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RedactedUrl::from(&self.0).fmt(f)
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Address {
    /// Reads what a person or a configuration gives: `https://host/path`, or,
    /// with `allow_local`, a path. A relative path is taken from the current
    /// folder; one that exists loses its symbolic links.
    pub fn parse(text: &str, allow_local: bool) -> Result<Self, AddressError> {
        let fail = |problem: &str| Err(AddressError { text: redact(text), problem: problem.to_owned() });
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return fail("it is empty; give the address that `git clone` takes, such as https://github.com/acme/ui");
        }
        if text.len() > 1_000 {
            return fail("it is longer than 1,000 bytes");
        }
        if text.chars().any(char::is_control) {
            return fail("it contains a control character; remove it");
        }
        if text.starts_with('-') {
            return fail("it begins with `-`, as an option does; give the address itself");
        }
        if names_a_helper(text) {
            return fail("`name::address` runs a program; give an https address");
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" => remote(text).map(Self::Remote),
                "ssh" | "git+ssh" | "ssh+git" => {
                    fail("ssh is not used here; give the https address, and a token as the credential")
                }
                "git" => fail("git:// is neither encrypted nor signed; give the https address"),
                "file" => fail("a file URL is not used here; give the path itself"),
                _ => fail("only http and https addresses are read; give the https address"),
            };
        }
        if is_scp_like(text, allow_local) {
            return fail("ssh is not used here; write it as https://host/path, and store a token as the credential");
        }
        if !allow_local && lacks_a_scheme(text) {
            return fail(&format!("it does not begin with https://; did you mean https://{text}?"));
        }
        if !allow_local {
            return fail(
                "it is no https address, and local paths are not allowed here; give one such as https://github.com/acme/ui",
            );
        }
        local(text).map(Self::Local)
    }

    /// The unique key of a repository: its address without the `.git` that
    /// hosts take as optional.
    pub fn key(&self) -> String {
        match self {
            Self::Remote(url) => {
                let text = url.to_string();
                text.strip_suffix(".git").unwrap_or(&text).to_owned()
            }
            Self::Local(path) => path.display().to_string(),
        }
    }
}

impl fmt::Display for Address {
    /// The one spelling, which [`Address::parse`] takes back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(url) => url.fmt(f),
            Self::Local(path) => path.display().fmt(f),
        }
    }
}

fn remote(text: &str) -> Result<RemoteUrl, AddressError> {
    let fail = |problem: &str| Err(AddressError { text: redact(text), problem: problem.to_owned() });
    // `Url::parse` would turn it into `/`, or a space into `%20`, unasked.
    if text.contains('\\') || text.contains(char::is_whitespace) {
        return fail("it contains a backslash or white space; remove it");
    }
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(error) => {
            return fail(&format!("{error}; give one such as https://github.com/acme/ui"));
        }
    };
    if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
        return fail(
            "it contains a user or password, which would end up in logs; remove them and store a credential instead",
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return fail("it contains `?` or `#`; give the address that `git clone` takes");
    }
    let lower = url.path().to_ascii_lowercase();
    let encoded =
        |hex: &str| u8::from_str_radix(hex, 16).is_ok_and(|byte| byte < 0x20 || matches!(byte, 0x7f | b'/' | b'\\'));
    if lower.match_indices('%').any(|(at, _)| lower.get(at + 1..at + 3).is_some_and(encoded)) {
        return fail("it contains an encoded slash, backslash or control character; remove it");
    }
    if url.host_str().unwrap_or_default().starts_with('-')
        || url.path().split('/').any(|segment| segment.starts_with('-'))
    {
        return fail("a part of it begins with `-`, as an option does; give the address that `git clone` takes");
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if path.is_empty() {
        return fail("it names a host and no repository; add its path, as in https://github.com/acme/ui");
    }
    if path.split('/').skip(1).any(str::is_empty) {
        return fail("it contains `//`; remove one slash");
    }
    url.set_path(&path);
    Ok(RemoteUrl(url))
}

/// What stands between `://` and the path.
fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Git's remote helpers: `ext::sh -c …`, `transport::address`.
fn names_a_helper(text: &str) -> bool {
    text.split_once("::").is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
    })
}

/// `user@host:path`, or `host:path` where no such path exists. What exists on this
/// machine is looked at, and so told, only where paths are allowed.
fn is_scp_like(text: &str, allow_local: bool) -> bool {
    let Some((host, _)) = text.split_once(':') else { return false };
    let is_path = allow_local && Path::new(text).exists();
    !is_path && !host.is_empty() && !host.contains('/')
}

/// Whether it looks like an address whose `https://` somebody forgot.
fn lacks_a_scheme(text: &str) -> bool {
    let first = text.split('/').next().unwrap_or_default();
    text.contains('/') && first.contains('.') && !first.starts_with('.')
}

fn local(text: &str) -> Result<PathBuf, AddressError> {
    let fail = |problem: String| AddressError { text: redact(text), problem };
    let path = Path::new(text);
    if path.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"-")) {
        return Err(fail("a part of it begins with `-`, as an option does".to_owned()));
    }
    let absolute = std::path::absolute(path).map_err(|error| fail(error.to_string()))?;
    if let Ok(real) = absolute.canonicalize() {
        return if real.to_str().is_some() {
            Ok(real)
        } else {
            Err(fail("it leads to a path that is not UTF-8".to_owned()))
        };
    }
    // Someone who forgets `https://` should not be told of a missing folder.
    if lacks_a_scheme(text) {
        return Err(fail(format!("there is no such folder; did you mean https://{text}?")));
    }
    Ok(absolute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Address, AddressError> {
        Address::parse(text, false)
    }

    #[test]
    fn one_repository_has_one_key() {
        let key = parse("https://github.com/acme/ui").unwrap().key();
        assert_eq!(key, "https://github.com/acme/ui");
        for text in [
            "https://GitHub.com/acme/ui",
            "https://github.com:443/acme/ui/",
            "HTTPS://github.com/acme/ui.git",
            " https://github.com/acme/x/../ui.git/ ",
        ] {
            assert_eq!(parse(text).unwrap().key(), key, "{text}");
        }
        assert_ne!(parse("http://github.com/acme/ui").unwrap().key(), key);
        assert_ne!(parse("https://github.com:8443/acme/ui").unwrap().key(), key);
    }

    #[test]
    fn an_address_is_fetched_as_it_was_given() {
        let address = parse("https://git.example/acme/ui.git/").unwrap();
        assert_eq!(address.to_string(), "https://git.example/acme/ui.git");
        assert_eq!(parse(&address.to_string()), Ok(address));
    }

    #[test]
    fn what_could_run_a_program_or_reach_a_file_is_refused() {
        for text in [
            "",
            "-",
            "--upload-pack=touch /tmp/x",
            "-oProxyCommand=x",
            "ext::sh -c touch% /tmp/x",
            "fd::17",
            "git-remote-x::y",
            "file:///etc/passwd",
            "FILE:///etc",
            "ssh://git@github.com/a/b",
            "git+ssh://github.com/a/b",
            "git://github.com/a/b",
            "git@github.com:acme/ui.git",
            "github.com:acme/ui",
            "ftp://a/b",
            "javascript://a/b",
            "https://-oProxyCommand=x/a",
            "https://host/-x/y",
            "https://host/--upload-pack=x",
            "https://host/a\nb",
            "https://host/a\tb",
            "https://host/a\0b",
            "https://host/a\rb",
            "https://host/a b",
            "https:\\\\host\\a",
            "https://host\\@evil/a",
            "https://host/a%0ab",
            "https://host/a%00",
            "https://host/a%2fb",
            "https://host/a%5Cb",
            "https://me@host/a",
            "https://me:secret@host/a",
            "https://@host/a",
            "https://host",
            "https://host/",
            "https://host/a//b",
            "https://host/a?x=1",
            "https://host/a#x",
            "http://",
            "https:///",
            "/srv/git/a",
            "./a",
            "~/a",
            "a",
            "github.com/acme/ui",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_holds_no_credential_and_names_the_next_step() {
        let error = parse("https://me:canary@host/a").unwrap_err().to_string();
        assert!(!error.contains("canary") && error.contains("store a credential"), "{error}");
        let error = parse("ssh://me:canary@host/a").unwrap_err().to_string();
        assert!(!error.contains("canary") && error.contains("https address"), "{error}");
    }

    #[test]
    fn local_paths_become_absolute() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let text = folder.path().join("x").join("..").display().to_string();
        std::fs::create_dir(folder.path().join("x")).unwrap();
        assert_eq!(Address::parse(&text, true), Ok(Address::Local(real.clone())));
        for allow_local in [true, false] {
            let missing = Address::parse("github.com/acme/ui", allow_local).unwrap_err().to_string();
            assert!(missing.contains("did you mean https://github.com/acme/ui?"), "{missing}");
        }
        let refused = parse(&real.display().to_string()).unwrap_err().to_string();
        assert!(refused.contains("local paths are not allowed here"), "{refused}");
        for text in ["ext::sh", "-x", "a/-x", "file:///etc", "git@host:x"] {
            assert!(Address::parse(text, true).is_err(), "{text}");
        }
    }
    /// Texts made of what addresses, options and remote helpers are made of.
    fn texts() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "https://",
                "http://",
                "ssh://",
                "file://",
                "ext::",
                "git@",
                "host",
                "github.com",
                "127.0.0.1",
                "[::1]",
                "/",
                "//",
                "\\",
                ":",
                "::",
                "@",
                "-",
                "--upload-pack=x",
                "-oProxyCommand=x",
                "%2f",
                "%0a",
                "%00",
                "%5C",
                "%2d",
                "\n",
                "\r",
                "\0",
                "\t",
                " ",
                "?",
                "#",
                "..",
                ".git",
                "acme",
                "ui",
                "\u{202e}",
                "\u{ff0f}",
                "xn--a",
            ])
            .prop_map(str::to_owned),
            "\\PC{0,6}",
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn whatever_is_an_address_runs_nothing_and_leads_where_it_says(text in texts()) {
            let Ok(Address::Remote(remote)) = parse(&text) else { return Ok(()) };
            let (url, shown) = (remote.url(), remote.to_string());
            prop_assert!(matches!(url.scheme(), "http" | "https"));
            prop_assert!(url.username().is_empty() && url.password().is_none() && url.query().is_none());
            prop_assert!(shown.bytes().all(|byte| byte.is_ascii_graphic()), "{}", shown);
            prop_assert!(!shown.contains('\\') && !shown.to_ascii_lowercase().contains("%2f"), "{}", shown);
            prop_assert!(!url.host_str().unwrap_or("-").starts_with('-'), "{}", shown);
            prop_assert!(url.path().split('/').all(|part| !part.starts_with('-')), "{}", shown);
            // What is stored reads back as the same, so nothing checked is ever read as something else.
            prop_assert_eq!(parse(&shown), Ok(Address::Remote(remote.clone())));
        }
    }
}
