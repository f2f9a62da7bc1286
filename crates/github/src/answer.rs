//! What GitHub's statuses and headers mean.

use crate::Site;
use net::{NetError, http::HeaderMap};
use std::time::Duration;
use url::Url;

/// How long to wait where GitHub does not say.
const DEFAULT_WAIT: u64 = 60;
/// The longest wait that is passed on, in seconds.
const LONGEST_WAIT: u64 = 3600;

/// Why GitHub did not answer what was asked.
#[derive(Debug, thiserror::Error)]
pub enum GithubError {
    /// The token was revoked, has expired, or never was one (401).
    #[error("GitHub refuses the token")]
    Unauthorized,
    /// The organisation wants its single sign-on first (403, `x-github-sso`).
    #[error("GitHub wants a single sign-on for this organisation")]
    SignOn {
        /// Where to sign on, if that is a page of GitHub's own.
        at: Option<Url>,
    },
    /// The token may not do this (403).
    #[error("GitHub does not let the token do this")]
    Forbidden,
    /// There is none, or the token does not see it (404).
    #[error("GitHub knows no such thing, or does not show it to this token")]
    NotFound,
    /// Too much was asked (403 or 429).
    #[error("GitHub answers no more for {} s", .retry_after.as_secs())]
    RateLimited {
        /// When to ask again.
        retry_after: Duration,
    },
    /// Another status.
    #[error("GitHub answered with status {status}")]
    Unavailable {
        /// Which.
        status: u16,
    },
    /// The answer is not what is documented.
    #[error("GitHub's answer cannot be read")]
    Unreadable,
    /// The network, the address guard or a redirect.
    #[error(transparent)]
    Net(#[from] NetError),
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// What an answer refuses, if it does. `now` is in seconds since 1970.
pub(crate) fn refusal(status: u16, headers: &HeaderMap, site: &Site, now: i64) -> Option<GithubError> {
    let sign_on = text(headers, "x-github-sso").filter(|value| value.trim_start().starts_with("required"));
    Some(match status {
        200..=299 => return None,
        401 => GithubError::Unauthorized,
        429 => GithubError::RateLimited { retry_after: wait(headers, now) },
        403 if is_limited(headers) => GithubError::RateLimited { retry_after: wait(headers, now) },
        403 => match sign_on {
            // `required; url=https://github.com/orgs/acme/sso?authorization_request=…`
            Some(value) => {
                let url = value.split(';').find_map(|part| part.trim().strip_prefix("url="));
                GithubError::SignOn { at: url.and_then(|url| site.own_page(url)) }
            }
            None => GithubError::Forbidden,
        },
        404 => GithubError::NotFound,
        _ => GithubError::Unavailable { status },
    })
}

fn is_limited(headers: &HeaderMap) -> bool {
    headers.contains_key("retry-after") || text(headers, "x-ratelimit-remaining") == Some("0")
}

/// `retry-after` in seconds, else until `x-ratelimit-reset`.
fn wait(headers: &HeaderMap, now: i64) -> Duration {
    let number = |name: &str| text(headers, name)?.trim().parse::<i64>().ok();
    let until = number("x-ratelimit-reset").map(|at| at.saturating_sub(now));
    let seconds = number("retry-after").or(until).and_then(|seconds| u64::try_from(seconds).ok());
    Duration::from_secs(seconds.unwrap_or(DEFAULT_WAIT).clamp(1, LONGEST_WAIT))
}

/// Whether there is a page after this one (`link: <…>; rel="next"`).
pub(crate) fn has_next(headers: &HeaderMap) -> bool {
    let links = text(headers, "link").unwrap_or_default();
    links.split(',').any(|link| link.split(';').skip(1).any(|part| part.trim() == "rel=\"next\""))
}

/// Whether some organisations are left out for want of a single sign-on.
pub(crate) fn is_partial(headers: &HeaderMap) -> bool {
    text(headers, "x-github-sso").is_some_and(|value| value.trim_start().starts_with("partial-results"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn refused(status: u16, pairs: &[(&str, &str)]) -> String {
        format!("{:?}", refusal(status, &headers(pairs), &Site::default(), 1000))
    }

    #[test]
    fn every_status_means_what_github_says_it_means() {
        for (status, pairs, meant) in [
            (200, &[][..], "None"),
            (401, &[], "Some(Unauthorized)"),
            (403, &[], "Some(Forbidden)"),
            (404, &[], "Some(NotFound)"),
            (500, &[], "Some(Unavailable { status: 500 })"),
            (304, &[], "Some(Unavailable { status: 304 })"),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1090")], "RateLimited { retry_after: 90s }"),
            (403, &[("x-ratelimit-remaining", "7")], "Some(Forbidden)"),
            (429, &[("retry-after", "7")], "RateLimited { retry_after: 7s }"),
            (403, &[("retry-after", "0")], "RateLimited { retry_after: 1s }"),
            (429, &[], "RateLimited { retry_after: 60s }"),
            (429, &[("x-ratelimit-reset", "5")], "RateLimited { retry_after: 60s }"),
            (429, &[("retry-after", "999999999")], "RateLimited { retry_after: 3600s }"),
            (
                403,
                &[("x-github-sso", "required; url=https://github.com/orgs/acme/sso?a=b")],
                "path: \"/orgs/acme/sso\"",
            ),
            (403, &[("x-github-sso", "required; url=https://evil.example/sso")], "Some(SignOn { at: None })"),
            (403, &[("x-github-sso", "required; url=http://github.com/sso")], "Some(SignOn { at: None })"),
            (403, &[("x-github-sso", "required")], "Some(SignOn { at: None })"),
        ] {
            let found = refused(status, pairs);
            assert!(found.contains(meant), "{status} {pairs:?}: {found}");
        }
    }

    #[test]
    fn the_next_page_is_told_by_the_link_header() {
        let link = |value: &str| has_next(&headers(&[("link", value)]));
        assert!(link("<https://api.github.com/user/repos?page=2>; rel=\"next\", <https://x>; rel=\"last\""));
        assert!(!link("<https://api.github.com/user/repos?page=1>; rel=\"prev\""));
        assert!(!has_next(&HeaderMap::new()));
        assert!(is_partial(&headers(&[("x-github-sso", "partial-results; organizations=1,2")])));
    }

    proptest! {
        #[test]
        fn a_wait_is_bounded_whatever_the_headers_say(status in 100u16..600, after in "[ -~]{0,12}", reset in "[ -~]{0,12}") {
            let found = headers(&[("retry-after", &after), ("x-ratelimit-reset", &reset), ("x-ratelimit-remaining", "0")]);
            if let Some(GithubError::RateLimited { retry_after }) = refusal(status, &found, &Site::default(), i64::MIN) {
                prop_assert!((1..=LONGEST_WAIT).contains(&retry_after.as_secs()));
            }
        }
    }
}
