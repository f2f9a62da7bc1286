//! Which InstantDB holds the data; none means the embedded store.

use super::{ConfigError, Setting, parse_optional, pick};
use instant::{ApiUri, AppId, RemoteSettings};
use net::Secret;
use std::{fmt, path::Path, str::FromStr};

/// The environment variables of the token, as InstantDB's own tools name it; the first one counts.
const TOKEN_VARIABLES: [&str; 2] = ["INSTANT_ADMIN_TOKEN", "INSTANT_APP_ADMIN_TOKEN"];

/// An admin token. InstantDB's are UUIDs; what it accepts is its own to say.
#[derive(Debug, Clone)]
pub struct AdminToken(Secret);

impl From<AdminToken> for Secret {
    fn from(AdminToken(token): AdminToken) -> Self {
        token
    }
}

/// A text that is no token. It is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("holds white space or other characters that no admin token has; copy it from the app's dashboard")]
pub struct InvalidAdminToken;

impl FromStr for AdminToken {
    type Err = InvalidAdminToken;

    fn from_str(text: &str) -> Result<Self, InvalidAdminToken> {
        let text = text.trim();
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        plain.then(|| Self(Secret::new(text))).ok_or(InvalidAdminToken)
    }
}

/// Which InstantDB holds the data.
#[derive(Debug, Clone)]
pub struct InstantSettings {
    /// Where its API is; InstantDB's cloud if not set.
    pub api_uri: Setting<Option<ApiUri>>,
    /// The app.
    pub app_id: Setting<Option<AppId>>,
    /// What opens it.
    pub admin_token: Setting<Option<AdminToken>>,
}

/// What the configuration file says of it.
pub(super) struct InFile<'a> {
    pub(super) api_uri: Option<(String, &'a Path)>,
    pub(super) app_id: Option<(String, &'a Path)>,
    pub(super) admin_token: Option<(String, &'a Path)>,
}

impl InstantSettings {
    pub(super) fn load(file: InFile<'_>) -> Result<Self, ConfigError> {
        let variable =
            TOKEN_VARIABLES.into_iter().find(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()));
        let settings = Self {
            api_uri: parse_optional("instant-api-uri", pick(None, "INSTANT_API_URI", file.api_uri, ""))?,
            app_id: parse_optional("instant-app-id", pick(None, "INSTANT_APP_ID", file.app_id, ""))?,
            admin_token: parse_optional(
                "instant-admin-token",
                pick(None, variable.unwrap_or(TOKEN_VARIABLES[0]), file.admin_token, ""),
            )?,
        };
        settings.check()?;
        Ok(settings)
    }

    /// All that is needed, or nothing at all.
    fn check(&self) -> Result<(), ConfigError> {
        let parts = [
            ("instant-app-id", self.app_id.value.is_some(), &self.app_id.origin),
            ("instant-admin-token", self.admin_token.value.is_some(), &self.admin_token.origin),
        ];
        let set = match (&self.api_uri.value, parts.iter().find(|(_, set, _)| *set)) {
            (_, Some((name, _, origin))) => (*name, *origin),
            (Some(_), None) => ("instant-api-uri", &self.api_uri.origin),
            (None, None) => return Ok(()),
        };
        let missing: Vec<&str> = parts.iter().filter(|(_, set, _)| !set).map(|(name, ..)| *name).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let ((name, origin), missing) = (set, missing.join(" and "));
        Err(ConfigError::Refused(format!(
            "`{name}` is set (from {origin}), but {missing} {} not. Set instant-app-id and instant-admin-token to keep the data in an InstantDB app, or none of the three for the embedded store",
            if missing.contains(' ') { "are" } else { "is" }
        )))
    }

    /// The app that holds the data; `None` is the embedded store.
    pub fn remote(&self) -> Option<RemoteSettings> {
        let (app_id, AdminToken(admin_token)) = self.app_id.value.zip(self.admin_token.value.clone())?;
        Some(RemoteSettings { app_id, admin_token, api_uri: self.api_uri.value.clone().unwrap_or_default() })
    }

    /// Name, value and origin of each, for `config`.
    pub(super) fn rows(&self) -> [(&'static str, String, String); 3] {
        fn shown(value: Option<impl fmt::Display>) -> String {
            value.map_or_else(|| "(not set)".to_owned(), |value| value.to_string())
        }
        let api_uri = match (&self.api_uri.value, &self.app_id.value) {
            (Some(uri), _) => uri.to_string(),
            (None, Some(_)) => ApiUri::default().to_string(),
            (None, None) => shown(None::<&str>),
        };
        [
            ("instant-api-uri", api_uri, self.api_uri.origin.to_string()),
            ("instant-app-id", shown(self.app_id.value), self.app_id.origin.to_string()),
            (
                "instant-admin-token",
                shown(self.admin_token.value.as_ref().map(|_| "(hidden)")),
                self.admin_token.origin.to_string(),
            ),
        ]
    }
}
