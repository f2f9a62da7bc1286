//! What `config` shows: every value, and where it came from.

use super::{ClerkConfig, Config, Origin};
use std::fmt;

impl Config {
    /// Every value with its origin, for `config`.
    pub fn rows(&self) -> Vec<ConfigRow> {
        fn row(name: &'static str, value: impl fmt::Display, origin: &Origin) -> ConfigRow {
            ConfigRow { name, value: value.to_string(), origin: origin.to_string() }
        }
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(not set)".to_owned());
        let mut rows = vec![
            row("mode", if self.clerk.is_some() { "clerk" } else { "local" }, &Origin::Default),
            row("data", self.data.display(), &self.data.origin),
            row("listen", self.listen.value, &self.listen.origin),
            row("public-url", shown(&self.public_url), &self.public_url.origin),
            row("alias", &self.alias.value, &self.alias.origin),
            row("name", &self.name.value, &self.name.origin),
            row("homepage", shown(&self.homepage), &self.homepage.origin),
            row("local-paths", self.local_paths.value, &self.local_paths.origin),
            row("allow-hosts", &self.allow_hosts.value, &self.allow_hosts.origin),
            row("git-credentials", &self.git_credentials.value, &self.git_credentials.origin),
            row("poll-every", self.poll_every.value, &self.poll_every.origin),
            row(
                "seal-key",
                if self.seal_key.value.is_some() { "(hidden)" } else { "(the data folder's seal.key)" },
                &self.seal_key.origin,
            ),
            row(
                "memory",
                self.memory.value.map_or_else(|| "(not set)".to_owned(), |memory| memory.to_string()),
                &self.memory.origin,
            ),
            row("idle-after", self.idle_after.value, &self.idle_after.origin),
            row("history-commits", self.history_commits.value, &self.history_commits.origin),
            row("limit-per-address", self.limit_per_address.value, &self.limit_per_address.origin),
            row("limit-per-token", self.limit_per_token.value, &self.limit_per_token.origin),
            row("trusted-proxies", &self.trusted_proxies.value, &self.trusted_proxies.origin),
            row(
                "instant-listen",
                self.instant_listen.value.map_or_else(|| "(not set)".to_owned(), |address| address.to_string()),
                &self.instant_listen.origin,
            ),
            row("instant-public-url", shown(&self.instant_public_url), &self.instant_public_url.origin),
        ];
        let instant = self.instant.rows().into_iter();
        rows.extend(instant.map(|(name, value, origin)| ConfigRow { name, value, origin }));
        rows.extend(self.github.rows());
        rows.extend(self.clerk.iter().flat_map(ClerkConfig::rows));
        rows
    }
}

/// One line of `config`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ConfigRow {
    /// The value's name, as in the file.
    pub name: &'static str,
    /// The value; secrets hidden.
    pub value: String,
    /// Where it came from.
    pub origin: String,
}
