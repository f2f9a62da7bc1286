//! What the settings of a repository show, and the page that asks before it is removed.

use super::FormError;
use crate::service::Removal;
use model::{DependencyPolicy, view::RepositoryView};
use serde::Serialize;

/// The form that changes a repository, as it is or as it was last sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsForm {
    /// Its name for people.
    pub name: String,
    /// Its address.
    pub url: String,
    /// The branch; empty for the default one.
    pub branch: String,
    /// The time between two looks: `5m`, `off`.
    pub poll_every: String,
    /// How bare own dependencies are served.
    pub dependencies: Option<DependencyPolicy>,
    /// What was wrong with it.
    pub error: Option<FormError>,
}

/// The page that asks before a repository is removed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveRepositoryData {
    /// The repository.
    pub repository: RepositoryView,
    /// What goes with it.
    pub removal: Removal,
    /// The form, as it was last sent.
    pub form: RemoveRepositoryForm,
}

/// The name that was typed to confirm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveRepositoryForm {
    /// What was typed.
    pub name: String,
    /// What was wrong with it.
    pub error: Option<FormError>,
}
