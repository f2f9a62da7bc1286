//! What pages about names show.

use super::FormError;
use model::view::{AliasView, Page, RemovedView, RepositoryView, RollbackView};
use serde::Serialize;

/// What stands behind the address of a component's page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ComponentPlace {
    /// It is served.
    Served(Box<super::ComponentData>),
    /// It was removed.
    Removed(Box<RemovedView>),
    /// It has this name now.
    Renamed(String),
}

/// The tabs of the page of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum NamesTab {
    /// Components that are gone.
    #[default]
    Removed,
    /// Names that lead to components of other names.
    Aliases,
}

impl NamesTab {
    /// Reads `?tab=`; anything unknown is the first tab.
    pub fn parse(text: &str) -> Self {
        if text == "aliases" { Self::Aliases } else { Self::Removed }
    }
}

/// The page of names.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamesData {
    /// The open tab.
    pub tab: NamesTab,
    /// Components that are gone.
    pub removed: Page<RemovedView>,
    /// Names that lead elsewhere.
    pub aliases: Page<AliasView>,
    /// The form that makes an alias, as it was last sent.
    pub form: AliasForm,
}

/// The form that makes an alias.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AliasForm {
    /// The name that should lead elsewhere.
    pub name: String,
    /// Where to.
    pub to: String,
    /// What was wrong with it.
    pub error: Option<FormError>,
}

/// The form that chooses a replacement, as it was last sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplacementForm {
    /// The name of the replacement.
    pub by: String,
    /// What was wrong with it.
    pub error: Option<String>,
}

/// The form that gives a repository another namespace.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceData {
    /// The repository.
    pub repository: RepositoryView,
    /// The form, as it was last sent.
    pub form: NamespaceForm,
}

/// The namespace that was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceForm {
    /// The prefix; empty for none.
    pub namespace: String,
    /// What was wrong with it.
    pub error: Option<String>,
}

/// The page that asks before a rollback.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackData {
    /// The repository.
    pub repository: RepositoryView,
    /// What the rollback would do.
    pub preview: RollbackView,
}
