//! The mark in the address of somebody who comes back from the platform. It
//! asks for a handshake, once: the organisation may have been switched there,
//! and a referrer that would tell may be missing.

use crate::decide::without;
use url::Url;

/// The parameter.
const NAME: &str = "ek_return";

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
}
