//! An organisation's own settings.

use crate::{Accent, Alias, DependencyPolicy};
use serde::{Deserialize, Serialize};

/// What an organisation has set of its registry. What is not set is as
/// `defaults` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// The name under which projects know it.
    pub alias: Option<Alias>,
    /// Its name for people.
    pub name: Option<String>,
    /// Its home page.
    pub homepage: Option<String>,
    /// Whether anyone may read it, without a proof.
    pub public: bool,
    /// How own dependencies by bare name are served in repositories that are
    /// added without saying so.
    pub default_policy: Option<DependencyPolicy>,
    /// The dashboard's accent; its own blue if none is chosen.
    pub accent: Option<Accent>,
    /// What counts where nothing is set.
    pub defaults: SettingsDefaults,
}

/// What the operator set for every organisation that says nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsDefaults {
    /// The alias.
    pub alias: Alias,
    /// The name.
    pub name: String,
    /// The home page.
    pub homepage: String,
}

impl SettingsView {
    /// The alias that counts.
    pub fn alias(&self) -> &Alias {
        self.alias.as_ref().unwrap_or(&self.defaults.alias)
    }

    /// The name that counts.
    pub fn name(&self) -> &str {
        self.name.as_ref().unwrap_or(&self.defaults.name)
    }

    /// The home page that counts.
    pub fn homepage(&self) -> &str {
        self.homepage.as_ref().unwrap_or(&self.defaults.homepage)
    }
}
