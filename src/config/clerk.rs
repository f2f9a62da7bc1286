//! Who signs people in: Clerk, and the platform that its users come from. None
//! means local mode.

use super::{ConfigError, ConfigRow, Origin, Setting, pick};
use clerk::{ClerkSettings, Variables};
use serde::Deserialize;
use std::path::Path;
use url::Url;

/// Where the platform is, unless told otherwise.
const PLATFORM: &str = "https://platform.ekairos.dev";

/// What the configuration file says of it: `[clerk]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct InFile {
    publishable_key: Option<String>,
    secret_key: Option<String>,
    jwt_key: Option<String>,
    api_url: Option<String>,
    proxy_url: Option<String>,
    webhook_signing_secret: Option<String>,
    authorized_parties: Option<Vec<String>>,
    require_azp: Option<bool>,
    sync_referrers: Option<Vec<String>>,
}

/// What the configuration file says of the platform: `[platform]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PlatformInFile {
    base_url: Option<String>,
    sign_in_path: Option<String>,
    grant_path: Option<String>,
    github_path: Option<String>,
}

/// The platform on which people sign in and set their organisations up.
#[derive(Debug, Clone)]
pub struct Platform {
    base: Url,
    sign_in: String,
    grant: String,
    github: String,
}

impl Platform {
    fn at(&self, path: &str, parameter: &str, back: &Url) -> Url {
        let mut url = self.base.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url.query_pairs_mut().append_pair(parameter, back.as_str());
        url
    }

    /// Its origin.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Where someone signs in who then comes back.
    pub fn sign_in(&self, back: &Url) -> Url {
        self.at(&self.sign_in, "redirect", back)
    }

    /// Where an organisation is chosen or set up.
    pub fn grant(&self, back: &Url) -> Url {
        self.at(&self.grant, "redirect", back)
    }

    /// Where GitHub is connected.
    pub fn github(&self, back: &Url) -> Url {
        self.at(&self.github, "returnUrl", back)
    }
}

/// Clerk and the platform, as configured.
#[derive(Debug, Clone)]
pub struct ClerkConfig {
    /// The instance of Clerk.
    pub settings: ClerkSettings,
    /// The platform.
    pub platform: Platform,
    rows: Vec<(&'static str, String, String)>,
}

/// A setting under the names that it may have in the environment; the first that is set counts.
struct Sources<'a> {
    path: &'a Path,
    rows: Vec<(&'static str, String, String)>,
}

impl Sources<'_> {
    fn get(
        &mut self,
        name: &'static str,
        variables: &[&'static str],
        file: Option<String>,
        is_secret: bool,
    ) -> Option<String> {
        let is_set = |name: &&&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let variable = variables.iter().find(is_set).unwrap_or(&variables[0]);
        let Setting { value, origin } = pick(None, variable, file.map(|value| (value, self.path)), "");
        let shown = match (value.is_empty(), is_secret) {
            (true, _) => "(not set)".to_owned(),
            (false, true) => "(hidden)".to_owned(),
            (false, false) => value.clone(),
        };
        self.rows.push((name, shown, origin.to_string()));
        Some(value).filter(|value| !value.is_empty())
    }
}

impl ClerkConfig {
    /// Reads all sources. `None` is local mode.
    pub(super) fn load(
        clerk: InFile,
        platform: PlatformInFile,
        path: &Path,
        public_url: Option<&str>,
    ) -> Result<Option<Self>, ConfigError> {
        let mut from = Sources { path, rows: Vec::new() };
        let list = |list: Option<Vec<String>>| list.map(|list| list.join(","));
        let base = from
            .get("platform.base-url", &["PLATFORM_BASE_URL", "NEXT_PUBLIC_PLATFORM_BASE_URL"], platform.base_url, false)
            .unwrap_or_else(|| PLATFORM.to_owned());
        let variables = Variables {
            publishable_key: from.get(
                "clerk.publishable-key",
                &["CLERK_PUBLISHABLE_KEY", "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY"],
                clerk.publishable_key,
                false,
            ),
            secret_key: from.get("clerk.secret-key", &["CLERK_SECRET_KEY"], clerk.secret_key, true),
            jwt_key: from.get("clerk.jwt-key", &["CLERK_JWT_KEY"], clerk.jwt_key, true),
            api_url: from.get("clerk.api-url", &["CLERK_API_URL"], clerk.api_url, false),
            proxy_url: from.get(
                "clerk.proxy-url",
                &["CLERK_PROXY_URL", "NEXT_PUBLIC_CLERK_PROXY_URL"],
                clerk.proxy_url,
                false,
            ),
            webhook_secret: from.get(
                "clerk.webhook-signing-secret",
                &["CLERK_WEBHOOK_SIGNING_SECRET"],
                clerk.webhook_signing_secret,
                true,
            ),
            authorized_parties: from.get(
                "clerk.authorized-parties",
                &["CLERK_AUTHORIZED_PARTIES"],
                list(clerk.authorized_parties),
                false,
            ),
            require_azp: from.get(
                "clerk.require-azp",
                &["CLERK_REQUIRE_AZP"],
                clerk.require_azp.map(|required| required.to_string()),
                false,
            ),
            sync_referrers: from.get(
                "clerk.sync-referrers",
                &["CLERK_SYNC_REFERRERS"],
                list(clerk.sync_referrers),
                false,
            ),
            satellite: from.get("clerk.is-satellite", &["CLERK_IS_SATELLITE"], None, false),
            public_url: public_url.map(str::to_owned),
            platform_url: Some(base.clone()),
        };
        let mut path_of = |name, variable, file: Option<String>, default: &str| {
            let path = from.get(name, &[variable], file, false).unwrap_or_else(|| default.to_owned());
            let well_formed = path.starts_with('/') && !path.starts_with("//") && !path.contains(['?', '#', '\\']);
            if well_formed {
                return Ok(path);
            }
            let problem = "must be a path on the platform, such as /sign-in".to_owned();
            Err(ConfigError::Invalid { name, origin: Origin::Environment(variable), problem })
        };
        let sign_in = path_of("platform.sign-in-path", "PLATFORM_SIGN_IN_PATH", platform.sign_in_path, "/sign-in")?;
        let grant = path_of("platform.grant-path", "PLATFORM_GRANT_PATH", platform.grant_path, "/platform/grant")?;
        let github = path_of(
            "platform.github-path",
            "PLATFORM_GITHUB_PATH",
            platform.github_path,
            "/platform/integrations/github",
        )?;
        let settings = ClerkSettings::read(&variables).map_err(|error| ConfigError::Refused(error.to_string()))?;
        let Some(settings) = settings else { return Ok(None) };
        let base = base.parse().map_err(|_| ConfigError::Refused("PLATFORM_BASE_URL is not an address".to_owned()))?;
        Ok(Some(Self { settings, platform: Platform { base, sign_in, grant, github }, rows: from.rows }))
    }

    /// Name, value and origin of each, for `config`.
    pub(super) fn rows(&self) -> impl Iterator<Item = ConfigRow> {
        self.rows.iter().map(|(name, value, origin)| ConfigRow { name, value: value.clone(), origin: origin.clone() })
    }
}
