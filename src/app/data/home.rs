//! What the first page needs.

use model::{
    RepositoryId,
    view::{ActivityRow, ComponentRow, Millis, RepositoryView},
};
use serde::Serialize;

/// The first page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum HomeData {
    /// For whoever has not signed in.
    Stranger(StrangerData),
    /// For a member of the organisation.
    Member(MemberData),
    /// For a member, while the database does not answer.
    Away(AwayData),
}

/// What everyone may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StrangerData {
    /// Where to sign in.
    pub sign_in: String,
    /// The registries that anyone may install from.
    pub public: Vec<PublicRegistry>,
}

/// A registry that anyone may install from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicRegistry {
    /// What it is called.
    pub name: String,
    /// The command that adds it to a project.
    pub init: String,
    /// The command that installs a component then.
    pub add: String,
}

/// An organisation at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberData {
    /// What the registry is called.
    pub name: String,
    /// How many components are served.
    pub components: usize,
    /// All repositories, by name.
    pub repositories: Vec<RepositoryView>,
    /// What changed lately, newest first.
    pub changes: Vec<ActivityRow>,
    /// The Mondays of this week and of the one before.
    pub weeks: [Millis; 2],
}

/// What is known of an organisation without its database.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AwayData {
    /// What the registry is called.
    pub name: String,
    /// How many components are served.
    pub components: usize,
    /// The repositories by name, each with how many components are served from it.
    pub repositories: Vec<(RepositoryId, String, usize)>,
    /// The components that were published last.
    pub newest: Vec<ComponentRow>,
}
