//! What a delivery says.

use crate::Host;
use model::{CommitSha, RefName};
use std::{fmt, str::FromStr};

/// The id that a host gave a delivery: 1 to 128 visible characters of ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeliveryId(String);

/// A text that is no delivery's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a delivery id; expected 1 to 128 visible characters")]
pub struct InvalidDeliveryId;

impl DeliveryId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeliveryId {
    type Err = InvalidDeliveryId;

    fn from_str(text: &str) -> Result<Self, InvalidDeliveryId> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if plain && (1..=128).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(InvalidDeliveryId) }
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A delivery that is genuine, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The kind of host that sent it.
    pub host: Host,
    /// The host's id for it, if it sent one.
    pub id: Option<DeliveryId>,
    /// What happened.
    pub event: Event,
}

/// What happened at the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Branches or tags were made, moved or deleted. Never empty.
    Push {
        /// Each of them.
        changes: Vec<RefChange>,
    },
    /// Someone tries whether deliveries arrive.
    Ping,
    /// Something that moves no branch and no tag; the event's name.
    Ignored(String),
}

/// A branch or tag that moved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RefChange {
    /// Which.
    pub name: GitRef,
    /// Where it was.
    pub before: Tip,
    /// Where it is now.
    pub after: Tip,
}

/// A branch or a tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GitRef {
    /// Which of the two.
    pub kind: RefKind,
    /// Its short name.
    pub name: RefName,
}

/// Branch or tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefKind {
    /// A branch.
    Branch,
    /// A tag.
    Tag,
}

impl GitRef {
    /// `refs/heads/main`. `None` for other refs, such as those of pull
    /// requests, and for names that a mirror cannot keep.
    pub fn from_full_name(text: &str) -> Option<Self> {
        let (kind, name) = match text.strip_prefix("refs/heads/") {
            Some(name) => (RefKind::Branch, name),
            None => (RefKind::Tag, text.strip_prefix("refs/tags/")?),
        };
        Some(Self { kind, name: name.parse().ok()? })
    }

    /// `main`, where the kind is told beside it. A full name is taken too.
    pub(crate) fn from_short_name(kind: &str, name: &str) -> Option<Self> {
        let (kind, prefix) = match kind {
            "branch" => (RefKind::Branch, "refs/heads/"),
            "tag" => (RefKind::Tag, "refs/tags/"),
            _ => return None,
        };
        Some(Self { kind, name: name.strip_prefix(prefix).unwrap_or(name).parse().ok()? })
    }
}

impl fmt::Display for GitRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            RefKind::Branch => "heads",
            RefKind::Tag => "tags",
        };
        write!(f, "refs/{kind}/{}", self.name)
    }
}

/// Where a ref is, as far as the host tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Tip {
    /// Nowhere: there is no such ref.
    None,
    /// At this object: a commit, or an annotated tag where the host does not
    /// tell the commit.
    At(CommitSha),
    /// There is such a ref; the host does not say where it is.
    Somewhere,
}

impl FromStr for Tip {
    type Err = String;

    /// An object's name in hexadecimal; nothing but zeros means that there is none.
    fn from_str(text: &str) -> Result<Self, String> {
        let hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match text.len() {
            40 | 64 if text.bytes().all(|byte| byte == b'0') => Ok(Self::None),
            40 => text.parse().map(Self::At).map_err(|error| error.to_string()),
            // A repository of SHA-256 objects.
            64 if hexadecimal => Ok(Self::Somewhere),
            _ => Err(format!("{:?} is not the name of a git object", text.chars().take(64).collect::<String>())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_mean_that_there_is_no_such_ref() {
        assert_eq!("0".repeat(40).parse(), Ok(Tip::None));
        assert_eq!("0".repeat(64).parse(), Ok(Tip::None));
        assert_eq!("a".repeat(40).parse(), Ok(Tip::At("a".repeat(40).parse().unwrap())));
        assert_eq!("a".repeat(64).parse(), Ok(Tip::Somewhere));
        for text in ["", "0", "main", &"A".repeat(40), &"g".repeat(64)] {
            assert!(text.parse::<Tip>().is_err(), "{text}");
        }
    }

    #[test]
    fn refs_other_than_branches_and_tags_are_not_ours() {
        let name = |text: &str| GitRef::from_full_name(text).map(|name| name.to_string());
        assert_eq!(name("refs/heads/feature/x").as_deref(), Some("refs/heads/feature/x"));
        assert_eq!(name("refs/tags/v1").as_deref(), Some("refs/tags/v1"));
        for text in ["refs/pull/1/head", "refs/heads/", "refs/heads/-x", "main", "", "refs/tags/a..b"] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
