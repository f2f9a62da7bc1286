//! What an organisation sets of its own registry: under which alias and name it
//! is served, who may read it, and how dependencies are meant by default.
//!
//! All of it is one row. What is not set is as the operator's configuration says.
//! The row is read whenever the catalogue is remade, on every server, so the
//! catalogue's identity carries it, on disk too.

mod values;

pub use values::{Homepage, InvalidSetting, RegistryName};

use super::{
    RegistryService, ServiceError,
    audit::{Action, Event},
    catalogue::Fresh,
    repositories::given,
};
use crate::{
    auth::{Access, Admin, Read},
    catalog::Identity,
    tenants::Tenant,
};
use instant::{Entity, Transaction, rows};
use model::{
    Accent, Alias, DependencyPolicy, EntityId,
    view::{SettingsDefaults, SettingsView},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt::Display;

/// The CLI knows this one by itself and lets no project say otherwise
/// (`specs/shadcn-protocol.md` 2.2).
const SHADCN: &str = "@shadcn";

/// What of an organisation's settings to change. A field that is not given stays;
/// null makes it as the configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SettingsChange {
    /// The name under which projects know the registry: `@acme`.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub alias: Option<Option<Alias>>,
    /// The registry's name for people.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<RegistryName>>,
    /// Its home page: an http or https address.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub homepage: Option<Option<Homepage>>,
    /// Whether anyone may read the registry, without a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// How own dependencies by bare name are served in repositories that are
    /// added without saying so: `own-first`, `shadcn-first` or `as-written`.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub default_policy: Option<Option<DependencyPolicy>>,
    /// The dashboard's accent: `violet`, `pink`, `teal` or `graphite`; blue by
    /// default.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub accent: Option<Option<Accent>>,
}

/// What an organisation has set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    alias: Option<Alias>,
    name: Option<RegistryName>,
    homepage: Option<Homepage>,
    public: bool,
    pub(super) default_policy: Option<DependencyPolicy>,
    accent: Option<Accent>,
}

/// The id of the one row.
fn row_id() -> EntityId {
    EntityId::of_key(rows::Settings::NAMESPACE, "settings")
}

/// A value as the store has it; what another program wrote there and cannot be
/// used counts as not set.
fn usable<T: std::str::FromStr<Err: Display>>(what: &str, text: Option<String>) -> Option<T> {
    let text = text.filter(|text| !text.is_empty())?;
    text.parse()
        .inspect_err(
            |error| tracing::warn!(what, %error, "a setting in the database cannot be used; the default counts"),
        )
        .ok()
}

impl Settings {
    /// As the store has them now.
    pub(super) async fn of(tenant: &Tenant) -> Result<Self, ServiceError> {
        let row = tenant.db.get::<rows::Settings>(row_id()).await?;
        Ok(row.map_or_else(Self::default, |row| Self {
            alias: usable("alias", row.alias),
            name: usable("name", row.name),
            homepage: usable("homepage", row.homepage),
            public: row.public,
            default_policy: usable("defaultPolicy", row.default_policy),
            accent: usable("accent", row.accent),
        }))
    }

    fn with(&self, change: SettingsChange) -> Self {
        Self {
            alias: change.alias.unwrap_or_else(|| self.alias.clone()),
            name: change.name.unwrap_or_else(|| self.name.clone()),
            homepage: change.homepage.unwrap_or_else(|| self.homepage.clone()),
            public: change.public.unwrap_or(self.public),
            default_policy: change.default_policy.unwrap_or(self.default_policy),
            accent: change.accent.unwrap_or(self.accent),
        }
    }

    /// As the audit trail has them.
    fn told(&self) -> Map<String, Value> {
        let text = |value: Option<&dyn Display>| value.map_or(Value::Null, |value| value.to_string().into());
        Map::from_iter([
            ("alias".to_owned(), text(self.alias.as_ref().map(|value| value as &dyn Display))),
            ("name".to_owned(), text(self.name.as_ref().map(|value| value as &dyn Display))),
            ("homepage".to_owned(), text(self.homepage.as_ref().map(|value| value as &dyn Display))),
            ("public".to_owned(), self.public.into()),
            ("defaultPolicy".to_owned(), text(self.default_policy.as_ref().map(|value| value as &dyn Display))),
            ("accent".to_owned(), text(self.accent.as_ref().map(|value| value as &dyn Display))),
        ])
    }

    /// What differs, before and after.
    fn difference(&self, after: &Self) -> Value {
        let (mut before, mut after) = (self.told(), after.told());
        before.retain(|name, value| after.get(name) != Some(value));
        after.retain(|name, _| before.contains_key(name));
        json!({ "before": before, "after": after })
    }
}

/// The step that writes what differs and nothing else: what two servers change
/// at once of different fields, both keep.
fn write(transaction: &mut Transaction, before: &Settings, after: &Settings) {
    let mut step = transaction.update::<rows::Settings>(row_id());
    if after.alias != before.alias {
        step = step.set_opt(rows::Settings::ALIAS, after.alias.as_ref().map(ToString::to_string));
    }
    if after.name != before.name {
        step = step.set_opt(rows::Settings::NAME, after.name.as_ref().map(ToString::to_string));
    }
    if after.homepage != before.homepage {
        step = step.set_opt(rows::Settings::HOMEPAGE, after.homepage.as_ref().map(ToString::to_string));
    }
    if after.public != before.public {
        step = step.set(rows::Settings::PUBLIC, after.public);
    }
    if after.default_policy != before.default_policy {
        step = step.set_opt(rows::Settings::DEFAULT_POLICY, after.default_policy.as_ref().map(ToString::to_string));
    }
    if after.accent != before.accent {
        step.set_opt(rows::Settings::ACCENT, after.accent.as_ref().map(ToString::to_string));
    }
}

impl RegistryService {
    /// What the organisation has set.
    pub async fn settings(&self, access: &Access<Read>) -> Result<SettingsView, ServiceError> {
        let tenant = &self.tenant(access)?;
        Ok(self.settings_view(Settings::of(tenant).await?))
    }

    /// Changes what the organisation has set. It is served so when this returns;
    /// by other servers as soon as the database tells them.
    pub async fn change_settings(
        &self,
        access: &Access<Admin>,
        change: SettingsChange,
    ) -> Result<SettingsView, ServiceError> {
        let tenant = &self.tenant(access)?;
        if let Some(Some(alias)) = &change.alias
            && alias.as_str() == SHADCN
        {
            return Err(ServiceError::Invalid(format!(
                "Projects know ui.shadcn.com as {SHADCN}, and the CLI lets no other registry have that name. Choose another alias."
            )));
        }
        let before = Settings::of(tenant).await?;
        let after = before.with(change);
        if after == before {
            return Ok(self.settings_view(after));
        }
        let mut transaction = Transaction::new();
        write(&mut transaction, &before, &after);
        Event::of(access, Action::SettingsChange, "registry").with(before.difference(&after)).note(&mut transaction);
        tenant.db.transact(transaction).await?;
        if !after.public {
            // At once, whatever becomes of the rest.
            self.public.set(self, &tenant.organisation, None).await;
        }
        self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await?;
        Ok(self.settings_view(after))
    }

    fn defaults(&self) -> SettingsDefaults {
        SettingsDefaults {
            alias: self.config.alias.value.clone(),
            name: self.config.name.value.clone(),
            homepage: self.config.homepage.value.clone().unwrap_or_else(|| self.origin.to_string()),
        }
    }

    fn settings_view(&self, settings: Settings) -> SettingsView {
        SettingsView {
            alias: settings.alias,
            name: settings.name.map(|name| name.to_string()),
            homepage: settings.homepage.map(|homepage| homepage.to_string()),
            public: settings.public,
            default_policy: settings.default_policy,
            accent: settings.accent,
            defaults: self.defaults(),
        }
    }

    /// The registry's own fields, as the organisation has them.
    pub(super) fn identity(&self, settings: Settings) -> Identity {
        let view = self.settings_view(settings);
        Identity {
            alias: view.alias().to_string(),
            name: view.name().to_owned(),
            homepage: view.homepage().to_owned(),
            public: view.public,
            accent: view.accent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: &str) -> Result<SettingsChange, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn what_is_not_given_stays_and_null_is_the_default() {
        let set = Settings::default().with(change(r#"{"alias":"@acme","name":" Acme ","public":true}"#).unwrap());
        assert_eq!(set.alias.as_ref().map(Alias::as_str), Some("@acme"));
        assert_eq!(set.name.as_ref().map(ToString::to_string).as_deref(), Some("Acme"));
        let kept = set.with(change(r#"{"alias":null,"defaultPolicy":"own-first"}"#).unwrap());
        assert_eq!((kept.alias, kept.name, kept.public), (None, set.name, true));
        assert_eq!(kept.default_policy, Some(DependencyPolicy::OwnFirst));
        assert_eq!(change("{}").unwrap(), SettingsChange::default());
    }

    #[test]
    fn a_change_is_the_same_after_it_went_over_the_control_socket() {
        for text in ["{}", r#"{"alias":null}"#, r#"{"alias":"@x","public":false,"homepage":"https://acme.example/"}"#] {
            let there = change(text).unwrap();
            assert_eq!(change(&serde_json::to_string(&there).unwrap()).unwrap(), there, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_what_would_be() {
        for (text, told) in [
            (r#"{"alias":"acme"}"#, "must be `@`"),
            (r#"{"name":"  "}"#, "empty"),
            (r#"{"homepage":"acme.example"}"#, "http"),
            (r#"{"defaultPolicy":"mine"}"#, "own-first"),
            (r#"{"visibility":"public"}"#, "unknown field"),
        ] {
            let error = change(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn the_trail_tells_what_differs_before_and_after() {
        let before = Settings::default();
        let after = before.with(change(r#"{"alias":"@acme","public":true}"#).unwrap());
        let told =
            json!({ "before": { "alias": null, "public": false }, "after": { "alias": "@acme", "public": true } });
        assert_eq!(before.difference(&after), told);
    }
}
