//! Leaving for the platform and coming back (sections 7.4 and 7.5).
//!
//! The address to come back to carries a mark. It asks for a handshake, once: the
//! organisation may have been switched there, and a referrer that would tell may
//! be missing.

use crate::WebOrigin;
use http::Uri;
use url::{Url, form_urlencoded};

/// The mark's parameter.
const NAME: &str = "ek_return";

/// Most characters of an address that somebody may want to come back to.
const LONGEST: usize = 2048;

/// The address of a request to come back to, marked, for the `redirect`
/// parameter of the platform's pages. What may be a credential is left out.
pub fn address(origin: &WebOrigin, uri: &Uri) -> Url {
    let used = |name: &str| name.starts_with("__clerk_") || matches!(name, "token" | "code" | "state" | NAME);
    marked(&strip(&crate::decide::address(origin, uri), used))
}

/// An address that a request names to come back to, as a path of ours: a path,
/// or an address whose origin is ours. `None` for anything else: whoever follows
/// it could end up anywhere.
pub fn accepted(text: &str, origin: &WebOrigin) -> Option<String> {
    let strange = |character: char| character.is_control() || character == '\\';
    if text.len() > LONGEST || text.trim() != text || text.contains(strange) {
        return None;
    }
    if text.starts_with('/') {
        return (!text.starts_with("//")).then(|| text.to_owned());
    }
    // Both slashes, so that no browser reads it as a path.
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.filter(|scheme| matches!(scheme.as_str(), "http" | "https"))?;
    let url = Url::parse(text).ok()?;
    let ours = WebOrigin::of(&url).as_ref() == Some(origin) && url.username().is_empty() && url.password().is_none();
    let path = &url[url::Position::BeforePath..];
    (ours && !path.starts_with("//")).then(|| path.to_owned())
}

/// Somebody who comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// `1`: just now.
    Fresh,
    /// `2`: and Clerk was asked since.
    LookedAt,
}

/// Marks an address that the platform is to send somebody back to.
#[must_use]
pub fn marked(url: &Url) -> Url {
    put(url, "1")
}

/// What an address says. Any other value is no mark.
pub fn of(url: &Url) -> Option<Return> {
    let (_, value) = url.query_pairs().find(|(name, _)| name == NAME)?;
    match &*value {
        "1" => Some(Return::Fresh),
        "2" => Some(Return::LookedAt),
        _ => None,
    }
}

/// The address without the mark: where somebody is sent on (303), once what was
/// remembered as missing has been forgotten.
#[must_use]
pub fn unmarked(url: &Url) -> Url {
    without(url, &[NAME])
}

/// An address without some parameters; the others stay as they are written.
pub(crate) fn without(url: &Url, names: &[&str]) -> Url {
    strip(url, |name| names.contains(&name))
}

fn strip(url: &Url, goes: impl Fn(&str) -> bool) -> Url {
    let mut url = url.clone();
    let Some(query) = url.query() else { return url };
    let stays = |pair: &&str| {
        let name = form_urlencoded::parse(pair.as_bytes()).next();
        name.is_none_or(|(name, _)| !goes(&name))
    };
    let kept = query.split('&').filter(stays).collect::<Vec<_>>().join("&");
    url.set_query((!kept.is_empty()).then_some(&kept));
    url
}

/// A fresh mark becomes that of somebody who was looked at.
pub(crate) fn looked_at(url: Url) -> Url {
    if of(&url) == Some(Return::Fresh) { put(&url, "2") } else { url }
}

fn put(url: &Url, value: &str) -> Url {
    let mut url = unmarked(url);
    url.query_pairs_mut().append_pair(NAME, value);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_put_once_and_leaves_the_rest_as_it_is() {
        let url: Url = "https://registry.ekairos.dev/a%20b?x=1%202&ek_return=9&y=a+b".parse().unwrap();
        assert_eq!(of(&url), None);
        let marked = marked(&url);
        assert_eq!(marked.as_str(), "https://registry.ekairos.dev/a%20b?x=1%202&y=a+b&ek_return=1");
        assert_eq!(of(&marked), Some(Return::Fresh));
        let seen = looked_at(marked);
        assert_eq!(of(&seen), Some(Return::LookedAt));
        assert_eq!(looked_at(seen.clone()), seen);
        assert_eq!(unmarked(&seen).as_str(), "https://registry.ekairos.dev/a%20b?x=1%202&y=a+b");
    }
    fn ours() -> WebOrigin {
        "https://registry.ekairos.dev".parse().unwrap()
    }

    #[test]
    fn nobody_is_sent_back_to_another_site() {
        for text in [
            "",
            "//evil.com",
            "/\\evil.com",
            "\t//evil.com",
            " /registry",
            "/regis\ntry",
            "https:evil.com",
            "https:registry.ekairos.dev/x",
            "https:///evil.com",
            "https://registry.ekairos.dev@evil.com",
            "https://me@registry.ekairos.dev/",
            "https://registry.ekairos.dev.evil.com",
            "https://evil.com#https://registry.ekairos.dev",
            "https://registry.ekairos.dev//evil.com",
            "https://registry.ekairos.dev:8443/",
            "javascript:alert(1)",
            "data:text/html,x",
            "http://registry.ekairos.dev/",
            "registry",
            &format!("/{}", "x".repeat(LONGEST)),
        ] {
            assert_eq!(accepted(text, &ours()), None, "{text}");
        }
    }

    #[test]
    fn everybody_is_sent_back_to_a_page_of_ours() {
        for (text, path) in [
            ("/", "/"),
            ("/registry?x=//y#z", "/registry?x=//y#z"),
            ("/%2F%2Fevil.com", "/%2F%2Fevil.com"),
            ("https://registry.ekairos.dev", "/"),
            ("https://registry.ekairos.dev:443/x?y=1", "/x?y=1"),
            ("HTTPS://REGISTRY.ekairos.dev/x", "/x"),
        ] {
            assert_eq!(accepted(text, &ours()).as_deref(), Some(path), "{text}");
        }
    }

    #[test]
    fn the_address_for_the_platform_holds_no_credential_and_is_always_ours() {
        let of = |text: &str| address(&ours(), &text.parse().unwrap()).to_string();
        assert_eq!(
            of("/registry?x=1&__clerk_db_jwt=canary&token=canary&code=canary&state=canary&ek_return=2"),
            "https://registry.ekairos.dev/registry?x=1&ek_return=1"
        );
        assert_eq!(of("//evil.com/x"), "https://registry.ekairos.dev//evil.com/x?ek_return=1");
        assert_eq!(of("https://evil.com/x"), "https://registry.ekairos.dev/x?ek_return=1");
    }

    proptest::proptest! {
        #[test]
        fn what_is_accepted_leads_to_us_by_any_reading(text in "[/\\\\a-z.:@#?%\\t -]{0,24}") {
            if let Some(path) = accepted(&text, &ours()) {
                let base: Url = "https://registry.ekairos.dev/somewhere/else".parse().unwrap();
                let target = base.join(&path).unwrap();
                proptest::prop_assert_eq!(WebOrigin::of(&target), Some(ours()));
            }
        }
    }
}
