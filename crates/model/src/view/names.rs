//! Names over time: what a name leads to, and what became of components that
//! are gone.

use super::Millis;
use crate::{ComponentId, Digest, ItemName, RepositoryId};
use serde::{Deserialize, Serialize};

/// What a name is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameState {
    /// A component is served under it.
    Served,
    /// It leads to a component of another name.
    Alias,
    /// Its component was removed; the name is held until it is released.
    Removed,
    /// Nobody holds it: whoever publishes it first has it.
    Free,
}

/// Everything that is known of a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NameView {
    /// The name.
    pub name: ItemName,
    /// What it is now.
    pub state: NameState,
    /// Where it leads, if an alias has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<AliasView>,
    /// The component that had it, if that was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<RemovedView>,
}

/// What made an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AliasOrigin {
    /// A sync found the same content under a new name.
    Rename,
    /// Its repository's namespace changed.
    Namespace,
    /// An admin.
    Admin,
}

impl AliasOrigin {
    /// The origin as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rename => "rename",
            Self::Namespace => "namespace",
            Self::Admin => "admin",
        }
    }

    /// Takes back what [`AliasOrigin::as_str`] gave; anything else was an admin.
    pub fn parse(text: &str) -> Self {
        [Self::Rename, Self::Namespace].into_iter().find(|origin| origin.as_str() == text).unwrap_or(Self::Admin)
    }
}

/// A name that leads to a component of another name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AliasView {
    /// The name.
    pub name: ItemName,
    /// The name that is served in its place; `None` while its component is removed.
    pub leads_to: Option<ItemName>,
    /// What made it.
    pub origin: AliasOrigin,
    /// When it was made.
    pub created_at: Option<Millis>,
}

/// A component that is no longer served. Its name is held until it is released.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovedView {
    /// Its id.
    pub id: ComponentId,
    /// The name it was served under.
    pub name: ItemName,
    /// `registry:ui`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title, if it had one.
    pub title: Option<String>,
    /// Its description, if it had one.
    pub description: Option<String>,
    /// The repository it came from.
    pub repository: RepositoryId,
    /// That repository's name.
    pub repository_name: String,
    /// Whether it was made by hand.
    pub by_hand: bool,
    /// When it went.
    pub removed_at: Millis,
    /// Its last version.
    pub version: Option<Digest>,
    /// The component that an alias of its name leads to: it was renamed.
    pub leads_to: Option<ItemName>,
    /// What those who ask for it are told to use.
    pub replacement: Option<ItemName>,
    /// Whether an admin chose the replacement.
    pub chosen: bool,
}

/// What a release of a name did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleasedView {
    /// The name; nobody holds it now.
    pub name: ItemName,
    /// Names of the repositories that waited for it and are synced now.
    pub syncing: Vec<String>,
}
