//! Which GitHub is meant, and in local mode the token for it.

use super::{Config, ConfigError, ConfigRow, Origin, Setting, optional, pick};
use ::github::{Site, Token};
use serde::Deserialize;
use std::path::Path;
use url::Url;

/// What the configuration file says of it: `[github]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct InFile {
    url: Option<String>,
    api_url: Option<String>,
    token: Option<String>,
}

/// GitHub, as configured.
#[derive(Debug, Clone)]
pub struct GithubConfig {
    /// Which GitHub is meant.
    pub site: Site,
    /// What is shown to it in local mode; with Clerk each organisation has its own.
    pub token: Setting<Option<Token>>,
    rows: Vec<ConfigRow>,
}

impl GithubConfig {
    /// Reads all sources.
    pub(super) fn load(file: InFile, path: &Path, with_clerk: bool) -> Result<Self, ConfigError> {
        let in_file = |value: Option<String>| value.map(|value| (value, path));
        let url = pick(None, "EKAIROS_GITHUB_URL", in_file(file.url), "https://github.com");
        let api_url = optional(pick(None, "EKAIROS_GITHUB_API_URL", in_file(file.api_url), ""));
        let site = Site::parse(&url.value, api_url.value.as_deref()).map_err(|error| {
            let (name, origin) = match error {
                ::github::InvalidSite::Web => ("github.url", url.origin.clone()),
                ::github::InvalidSite::Api => ("github.api-url", api_url.origin.clone()),
            };
            ConfigError::Invalid { name, origin, problem: error.to_string() }
        })?;
        // What a machine has for GitHub's own tools is one person's, not that of many organisations.
        let is_set = |name: &&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let known: &[&'static str] =
            if with_clerk { &["EKAIROS_GITHUB_TOKEN"] } else { &["EKAIROS_GITHUB_TOKEN", "GITHUB_TOKEN"] };
        let variable = known.iter().copied().find(|name| is_set(name)).unwrap_or("EKAIROS_GITHUB_TOKEN");
        let text = optional(pick(None, variable, in_file(file.token), ""));
        let token = text.value.as_deref().map(Token::new).transpose().map_err(|error| ConfigError::Invalid {
            name: "github.token",
            origin: text.origin.clone(),
            problem: error.to_string(),
        })?;
        let row = |name, value: String, origin: &Origin| ConfigRow { name, value, origin: origin.to_string() };
        let shown = if token.is_some() { "(hidden)" } else { "(not set)" };
        let rows = vec![
            row("github.url", site.web().to_string(), &url.origin),
            row("github.api-url", site.api().to_string(), &api_url.origin),
            row("github.token", shown.to_owned(), &text.origin),
        ];
        Ok(Self { site, token: Setting { value: token, origin: text.origin }, rows })
    }

    /// Name, value and origin of each, for `config`.
    pub(super) fn rows(&self) -> impl Iterator<Item = ConfigRow> {
        self.rows.iter().cloned()
    }
}

impl Config {
    /// Tokens go to GitHub: not in the clear, unless the operator allow-listed the host.
    pub(super) fn check_github(&self) -> Result<(), ConfigError> {
        if self.clerk.is_some() && self.github.token.value.is_some() {
            return Err(ConfigError::Refused(
                "github.token is set together with CLERK_SECRET_KEY: every organisation could read with it what only yours may; each connects GitHub on the platform instead".to_owned(),
            ));
        }
        let is_safe =
            |url: &Url| url.scheme() == "https" || url.host_str().is_some_and(|host| self.allow_hosts.names(host));
        let addresses = [("github.url", self.github.site.web()), ("github.api-url", self.github.site.api())];
        match addresses.into_iter().find(|(_, url)| !is_safe(url)) {
            None => Ok(()),
            Some((name, url)) => Err(ConfigError::Refused(format!(
                "{name} is {url}: tokens would go there in the clear; use https, or name the host in allow-hosts"
            ))),
        }
    }
}
