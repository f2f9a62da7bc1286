//! What the page of the registry's own settings shows.

use super::FormError;
use model::{Accent, DependencyPolicy, view::SettingsView};
use serde::Serialize;

/// The settings, and the form that changes them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryData {
    /// As they are.
    pub settings: SettingsView,
    /// The form; none for who may not change them.
    pub form: Option<RegistryForm>,
    /// Where everyone finds an item, if it is public.
    pub address: String,
    /// How many components there are.
    pub components: usize,
}

/// The form that changes them, as they are or as it was last sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryForm {
    /// The alias; empty for the default.
    pub alias: String,
    /// The name; empty for the default.
    pub name: String,
    /// The home page; empty for the default.
    pub homepage: String,
    /// How bare own dependencies are served where nobody says.
    pub dependencies: Option<DependencyPolicy>,
    /// The accent; none for the dashboard's own.
    pub accent: Option<Accent>,
    /// Whether anyone may read it.
    pub public: bool,
    /// Whether it has to be said once more that it becomes public.
    pub asks: bool,
    /// What was wrong with it.
    pub error: Option<FormError>,
}

impl From<&SettingsView> for RegistryForm {
    /// The form that changes nothing.
    fn from(settings: &SettingsView) -> Self {
        Self {
            alias: settings.alias.as_ref().map(ToString::to_string).unwrap_or_default(),
            name: settings.name.clone().unwrap_or_default(),
            homepage: settings.homepage.clone().unwrap_or_default(),
            dependencies: settings.default_policy,
            accent: settings.accent,
            public: settings.public,
            ..Self::default()
        }
    }
}
