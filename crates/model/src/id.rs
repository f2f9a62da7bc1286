//! Entity identifiers. All of them are UUIDs on the wire; the types keep a
//! repository's from being taken for a snapshot's.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};
use uuid::Uuid;

/// A text that should have been an identifier and is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an identifier; expected a UUID such as 0b8f3c6e-2f4d-4c58-9d55-0f2f6c1f7a10")]
pub struct InvalidId {
    /// What was given.
    pub text: String,
}

/// The id of any entity in the store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntityId(Uuid);

/// The name space of every id derived from a key: one fixed random UUID.
const KEY_NAMESPACE: Uuid = Uuid::from_u128(0x6f1b_7a54_90c2_4f0e_8d37_52e5_9b1c_a3d8);

impl EntityId {
    /// A fresh random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The id of the entity of `namespace` whose unique key is `key` (UUIDv5):
    /// writing the same immutable row twice hits the same id.
    pub fn of_key(namespace: &str, key: &str) -> Self {
        Self(Uuid::new_v5(&KEY_NAMESPACE, format!("{namespace}\n{key}").as_bytes()))
    }

    /// From the sixteen bytes of the UUID.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The sixteen bytes of the UUID.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for EntityId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        // Uuid also reads braces, URNs and bare hex; a route wants one spelling.
        if text.len() != 36 {
            return Err(InvalidId { text: text.to_owned() });
        }
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId { text: text.to_owned() })
    }
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $namespace:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(EntityId);

        impl $name {
            /// A fresh random id.
            pub fn random() -> Self {
                Self(EntityId::random())
            }

            /// The id that belongs to the row with this unique key.
            pub fn of_key(key: &str) -> Self {
                Self(EntityId::of_key($namespace, key))
            }

            /// The untyped id, as the store knows it.
            pub fn entity(self) -> EntityId {
                self.0
            }
        }

        impl From<EntityId> for $name {
            fn from(id: EntityId) -> Self {
                Self(id)
            }
        }

        impl From<$name> for EntityId {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.parse().map(Self)
            }
        }
    )*};
}

typed_ids! {
    /// A row of `registry_repositories`.
    RepositoryId = "registry_repositories";
    /// A row of `registry_commits`.
    CommitId = "registry_commits";
    /// A row of `registry_components`.
    ComponentId = "registry_components";
    /// A row of `registry_versions`.
    VersionId = "registry_versions";
    /// A row of `registry_files`.
    FileId = "registry_files";
    /// A row of `registry_snapshots`.
    SnapshotId = "registry_snapshots";
    /// A row of `registry_publications`.
    PublicationId = "registry_publications";
    /// A row of `registry_syncs`.
    SyncId = "registry_syncs";
    /// A row of `registry_tokens`.
    TokenId = "registry_tokens";
}

/// An organisation, as the identity provider names it: `org_local`, `org_2x…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrganisationId(Arc<str>);

impl OrganisationId {
    /// The one organisation of local mode.
    pub fn local() -> Self {
        Self("org_local".into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrganisationId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let well_formed = (5..=64).contains(&text.len())
            && text.starts_with("org_")
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if well_formed { Ok(Self(text.into())) } else { Err(InvalidId { text: text.to_owned() }) }
    }
}

impl fmt::Display for OrganisationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_always_yields_the_same_id() {
        let id = RepositoryId::of_key("https://example.com/a#");
        assert_eq!(id, RepositoryId::of_key("https://example.com/a#"));
        assert_ne!(id, RepositoryId::of_key("https://example.com/b#"));
        assert_ne!(id.entity(), VersionId::of_key("https://example.com/a#").entity());
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        assert!("{0b8f3c6e-2f4d-4c58-9d55-0f2f6c1f7a10}".parse::<EntityId>().is_err());
        assert!("0b8f3c6e2f4d4c589d550f2f6c1f7a10".parse::<EntityId>().is_err());
        assert!("0b8f3c6e-2f4d-4c58-9d55-0f2f6c1f7a10".parse::<EntityId>().is_ok());
    }

    #[test]
    fn an_organisation_id_has_its_prefix_and_nothing_odd() {
        assert!("org_local".parse::<OrganisationId>().is_ok());
        for text in ["", "org_", "local", "org_../x", "org_a b"] {
            assert!(text.parse::<OrganisationId>().is_err(), "{text:?}");
        }
    }
}
