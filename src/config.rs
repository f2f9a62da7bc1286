//! Configuration: command line over environment over `registry.toml`.
//!
//! Every value remembers where it came from, so that `config` can tell.

mod clerk;
mod git_credentials;
mod github;
mod history_commits;
mod instant;
mod interval;
mod memory;
mod rows;

pub use self::clerk::{ClerkConfig, Platform};
pub use self::instant::{AdminToken, InstantSettings, InvalidAdminToken};
pub use git_credentials::{GitCredentials, InvalidGitCredentials};
pub use github::GithubConfig;
pub use history_commits::{HistoryCommits, InvalidHistoryCommits};
pub use interval::{Interval, InvalidInterval};
pub use memory::{InvalidMemory, Memory};
pub use rows::ConfigRow;

use crate::{
    auth::{Limit, TrustedProxies},
    seal::SealingKey,
};
use model::{Alias, OrganisationId};
use net::AllowList;
use serde::Deserialize;
use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

/// The file that is read when it lies in the working folder.
pub const FILE_NAME: &str = "registry.toml";

/// What one address may ask for: the CLI asks for hundreds of items in a few seconds,
/// and many people may share an address.
const PER_ADDRESS: &str = "6000/m";
/// What one token may be used for: a company's builds share one.
const PER_TOKEN: &str = "12000/m";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of the configuration file.
    File(PathBuf),
    /// This environment variable.
    Environment(&'static str),
    /// This flag.
    CommandLine(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) | Self::CommandLine(name) => f.write_str(name),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> std::ops::Deref for Setting<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// What the command line may set.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Flags {
    /// Folder for the store, the git mirrors and the catalogue.
    #[arg(long, global = true, value_name = "DIR", help_heading = "Configuration")]
    pub data: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:3030].
    #[arg(long, global = true, value_name = "ADDR", help_heading = "Configuration", hide = true)]
    pub listen: Option<String>,
    /// Configuration file [default: registry.toml, if there is one].
    #[arg(long, global = true, value_name = "FILE", help_heading = "Configuration")]
    pub config: Option<PathBuf>,
    /// Address of the embedded store's admin API [default: none].
    #[arg(long, global = true, value_name = "ADDR", help_heading = "Configuration", hide = true)]
    pub instant_listen: Option<String>,
    /// Most commits of a repository's history that are recorded [default: 2000].
    #[arg(long, global = true, value_name = "N", help_heading = "Configuration")]
    pub history_commits: Option<String>,
    /// The organisation that a command is for, where a registry serves several.
    #[arg(long, global = true, value_name = "ID", help_heading = "Configuration")]
    pub org: Option<String>,
}

/// What the file may set. Unknown keys are refused, so that a typo is noticed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    data: Option<PathBuf>,
    listen: Option<String>,
    public_url: Option<String>,
    alias: Option<String>,
    name: Option<String>,
    homepage: Option<String>,
    local_paths: Option<bool>,
    allow_hosts: Option<Vec<String>>,
    git_credentials: Option<Vec<String>>,
    poll_every: Option<String>,
    seal_key: Option<String>,
    history_commits: Option<u64>,
    limit_per_address: Option<String>,
    limit_per_token: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    instant_api_uri: Option<String>,
    instant_app_id: Option<String>,
    instant_admin_token: Option<String>,
    instant_listen: Option<String>,
    instant_public_url: Option<String>,
    memory: Option<String>,
    idle_after: Option<String>,
    #[serde(default)]
    clerk: clerk::InFile,
    #[serde(default)]
    platform: clerk::PlatformInFile,
    #[serde(default)]
    github: github::InFile,
}

/// The configuration of one process.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder for everything that is kept.
    pub data: Setting<PathBuf>,
    /// The address of the HTTP listener.
    pub listen: Setting<SocketAddr>,
    /// The address under which others reach this registry, without a trailing slash.
    pub public_url: Setting<Option<String>>,
    /// The name under which projects know this registry.
    pub alias: Setting<Alias>,
    /// The name in the served `registry.json`.
    pub name: Setting<String>,
    /// The home page in the served `registry.json`; the registry's own address if not set.
    pub homepage: Setting<Option<String>>,
    /// Whether repositories on this machine's disk may be registered.
    pub local_paths: Setting<bool>,
    /// Hosts that are not public and may be fetched from all the same: `host=range`.
    pub allow_hosts: Setting<AllowList>,
    /// What git signs in with, by host.
    pub git_credentials: Setting<GitCredentials>,
    /// Which GitHub is meant.
    pub github: GithubConfig,
    /// Time between two looks at a repository that says nothing else.
    pub poll_every: Setting<Interval>,
    /// What secrets in the store are sealed under; the data folder's own key if not set.
    pub seal_key: Setting<Option<SealingKey>>,
    /// The most commits of a repository's history that are recorded.
    pub history_commits: Setting<HistoryCommits>,
    /// How often one address may ask for anything.
    pub limit_per_address: Setting<Limit>,
    /// How often one token may be used.
    pub limit_per_token: Setting<Limit>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Setting<TrustedProxies>,
    /// The InstantDB app that holds the data, if it is not the embedded store.
    pub instant: InstantSettings,
    /// The address of the embedded store's admin API, which is off when not set.
    pub instant_listen: Setting<Option<SocketAddr>>,
    /// The address under which others reach the admin API, without a trailing
    /// slash. Setting it lets the API listen beyond this machine.
    pub instant_public_url: Setting<Option<String>>,
    /// Who signs people in; nobody in local mode.
    pub clerk: Option<ClerkConfig>,
    /// How large the process may become until organisations are closed that nobody uses.
    pub memory: Setting<Option<Memory>>,
    /// For how long nobody used an organisation that may be closed then.
    pub idle_after: Setting<Interval>,
    /// The organisation that a command is for.
    pub org: Setting<Option<OrganisationId>>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{} is not a valid configuration: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// One value cannot be used.
    #[error("`{name}` (from {origin}): {problem}")]
    Invalid {
        /// The value's name.
        name: &'static str,
        /// Where it came from.
        origin: Origin,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// Settings that do not go together.
    #[error("{0}")]
    Refused(String),
}

/// Picks the strongest of the sources of one value.
fn pick(
    flag: Option<(String, &'static str)>,
    variable: &'static str,
    file: Option<(String, &Path)>,
    default: &str,
) -> Setting<String> {
    if let Some((value, name)) = flag {
        return Setting { value, origin: Origin::CommandLine(name) };
    }
    if let Some(value) = std::env::var(variable).ok().filter(|value| !value.is_empty()) {
        return Setting { value, origin: Origin::Environment(variable) };
    }
    if let Some((value, path)) = file {
        return Setting { value, origin: Origin::File(path.to_owned()) };
    }
    Setting { value: default.to_owned(), origin: Origin::Default }
}

fn parse<T: FromStr<Err: fmt::Display>>(
    name: &'static str,
    setting: Setting<String>,
) -> Result<Setting<T>, ConfigError> {
    match setting.value.parse() {
        Ok(value) => Ok(Setting { value, origin: setting.origin }),
        Err(error) => Err(ConfigError::Invalid { name, origin: setting.origin, problem: error.to_string() }),
    }
}

/// The same where nothing may be said.
fn parse_optional<T: FromStr<Err: fmt::Display>>(
    name: &'static str,
    setting: Setting<String>,
) -> Result<Setting<Option<T>>, ConfigError> {
    if setting.value.is_empty() {
        return Ok(Setting { value: None, origin: setting.origin });
    }
    let Setting { value, origin } = parse(name, setting)?;
    Ok(Setting { value: Some(value), origin })
}

fn optional(setting: Setting<String>) -> Setting<Option<String>> {
    Setting { value: Some(setting.value).filter(|value| !value.is_empty()), origin: setting.origin }
}

/// The variable of the public address: ours, or the one that an `.env` of the platform has.
fn public_url_variable() -> &'static str {
    let is_set = |name: &&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    ["EKAIROS_PUBLIC_URL", "PUBLIC_URL"].into_iter().find(is_set).unwrap_or("EKAIROS_PUBLIC_URL")
}

impl Config {
    /// Reads all sources.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let path = flags.config.clone().unwrap_or_else(|| FILE_NAME.into());
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && flags.config.is_none() => String::new(),
            Err(source) => return Err(ConfigError::Unreadable { path, source }),
        };
        let file: File = toml::from_str(&text)
            // Not the line itself, which may hold a secret.
            .map_err(|error| {
                let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
                ConfigError::Malformed { path: path.clone(), problem: format!("line {line}: {}", error.message()) }
            })?;
        let in_file = |value: Option<String>| value.map(|value| (value, path.as_path()));

        let data = pick(
            flags.data.as_ref().map(|data| (data.display().to_string(), "--data")),
            "EKAIROS_DATA",
            in_file(file.data.map(|data| data.display().to_string())),
            "data",
        );
        let listen = pick(
            flags.listen.clone().map(|listen| (listen, "--listen")),
            "EKAIROS_LISTEN",
            in_file(file.listen),
            "127.0.0.1:3030",
        );
        let public_url = optional(pick(None, public_url_variable(), in_file(file.public_url), ""));
        let clerk = ClerkConfig::load(file.clerk, file.platform, &path, public_url.value.as_deref())?;
        // Where strangers register repositories, this machine's disk is not theirs to read.
        let paths_by_default = if clerk.is_none() { "true" } else { "false" };
        let local_paths = pick(
            None,
            "EKAIROS_LOCAL_PATHS",
            in_file(file.local_paths.map(|allowed| allowed.to_string())),
            paths_by_default,
        );
        let git_credentials =
            pick(None, "EKAIROS_GIT_CREDENTIALS", in_file(file.git_credentials.map(|hosts| hosts.join(","))), "");
        let seal_key = pick(None, "EKAIROS_SEAL_KEY", in_file(file.seal_key), "");
        let allow_hosts = pick(None, "EKAIROS_ALLOW_HOSTS", in_file(file.allow_hosts.map(|hosts| hosts.join(","))), "");

        let history_commits = pick(
            flags.history_commits.clone().map(|number| (number, "--history-commits")),
            "EKAIROS_HISTORY_COMMITS",
            in_file(file.history_commits.map(|number| number.to_string())),
            &HistoryCommits::default().to_string(),
        );

        let limit_per_address = pick(None, "EKAIROS_LIMIT_PER_ADDRESS", in_file(file.limit_per_address), PER_ADDRESS);
        let limit_per_token = pick(None, "EKAIROS_LIMIT_PER_TOKEN", in_file(file.limit_per_token), PER_TOKEN);
        let trusted_proxies =
            pick(None, "EKAIROS_TRUSTED_PROXIES", in_file(file.trusted_proxies.map(|proxies| proxies.join(","))), "");

        let instant_listen = pick(
            flags.instant_listen.clone().map(|listen| (listen, "--instant-listen")),
            "EKAIROS_INSTANT_LISTEN",
            in_file(file.instant_listen),
            "",
        );
        let instant_public_url =
            optional(pick(None, "EKAIROS_INSTANT_PUBLIC_URL", in_file(file.instant_public_url), ""));

        let org = pick(flags.org.clone().map(|org| (org, "--org")), "EKAIROS_ORG", None, "");

        let config = Self {
            org: parse_optional("org", org)?,
            github: GithubConfig::load(file.github, &path, clerk.is_some())?,
            memory: parse_optional("memory", pick(None, "EKAIROS_MEMORY", in_file(file.memory), ""))?,
            idle_after: parse("idle-after", pick(None, "EKAIROS_IDLE_AFTER", in_file(file.idle_after), "10m"))?,
            clerk,
            data: Setting { value: data.value.into(), origin: data.origin },
            listen: parse("listen", listen)?,
            public_url: Setting {
                value: public_url.value.map(|url| url.trim_end_matches('/').to_owned()),
                origin: public_url.origin,
            },
            alias: parse("alias", pick(None, "EKAIROS_ALIAS", in_file(file.alias), "@registry"))?,
            name: pick(None, "EKAIROS_NAME", in_file(file.name), "registry"),
            homepage: optional(pick(None, "EKAIROS_HOMEPAGE", in_file(file.homepage), "")),
            local_paths: parse("local-paths", local_paths)?,
            allow_hosts: parse("allow-hosts", allow_hosts)?,
            git_credentials: parse("git-credentials", git_credentials)?,
            poll_every: parse("poll-every", pick(None, "EKAIROS_POLL_EVERY", in_file(file.poll_every), "5m"))?,
            seal_key: parse_optional("seal-key", seal_key)?,
            history_commits: parse("history-commits", history_commits)?,
            limit_per_address: parse("limit-per-address", limit_per_address)?,
            limit_per_token: parse("limit-per-token", limit_per_token)?,
            trusted_proxies: parse("trusted-proxies", trusted_proxies)?,
            instant: InstantSettings::load(instant::InFile {
                api_uri: in_file(file.instant_api_uri),
                app_id: in_file(file.instant_app_id),
                admin_token: in_file(file.instant_admin_token),
            })?,
            instant_listen: parse_optional("instant-listen", instant_listen)?,
            instant_public_url: Setting {
                value: instant_public_url.value.map(|url| url.trim_end_matches('/').to_owned()),
                origin: instant_public_url.origin,
            },
        };
        config.check()?;
        Ok(config)
    }

    /// Refuses what would be unsafe or cannot work.
    fn check(&self) -> Result<(), ConfigError> {
        if let Some(url) = &self.public_url.value {
            let well_formed = url::Url::parse(url).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none()
            });
            if !well_formed {
                return Err(ConfigError::Invalid {
                    name: "public-url",
                    origin: self.public_url.origin.clone(),
                    problem: "must be an http or https address without a path, such as https://registry.example.com"
                        .to_owned(),
                });
            }
        }
        if self.idle_after.value.as_seconds() == 0 {
            return Err(ConfigError::Invalid {
                name: "idle-after",
                origin: self.idle_after.origin.clone(),
                problem: "must be a time such as 10m; without `memory` no organisation is closed".to_owned(),
            });
        }
        self.check_instant()?;
        self.check_clerk()?;
        self.check_github()?;
        if self.clerk.is_none() && !self.listen.ip().is_loopback() {
            return Err(ConfigError::Refused(format!(
                "refusing to listen on {}: without a sign-in provider only this machine may connect; listen on 127.0.0.1 or [::1]",
                self.listen.value
            )));
        }
        Ok(())
    }

    /// Where several organisations are served, what one operator set for all of
    /// them must not be what one of them uses against another.
    fn check_clerk(&self) -> Result<(), ConfigError> {
        if self.clerk.is_none() {
            return Ok(());
        }
        let refused = |problem: &str| Err(ConfigError::Refused(problem.to_owned()));
        if self.instant.remote().is_some() {
            return refused(
                "instant-app-id is set together with CLERK_SECRET_KEY: with Clerk each organisation has an app of its own, named in its private metadata; unset one of them",
            );
        }
        if self.instant_listen.value.is_some() {
            return refused(
                "instant-listen serves the embedded store, which is not in use with CLERK_SECRET_KEY; unset one of them",
            );
        }
        if !self.git_credentials.value.is_empty() {
            return refused(
                "git-credentials is set together with CLERK_SECRET_KEY: every organisation could read with them what only yours may; give repositories credentials of their own instead",
            );
        }
        Ok(())
    }

    /// The admin API has no guard but its token: beyond this machine only where the operator says so.
    fn check_instant(&self) -> Result<(), ConfigError> {
        if let Some(url) = &self.instant_public_url.value {
            let well_formed =
                url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none());
            if !well_formed {
                return Err(ConfigError::Invalid {
                    name: "instant-public-url",
                    origin: self.instant_public_url.origin.clone(),
                    problem: "must be an http or https address, such as https://instant.example.com".to_owned(),
                });
            }
        }
        match self.instant_listen.value {
            Some(_) if self.instant.remote().is_some() => Err(ConfigError::Refused(
                "instant-listen serves the embedded store, which is not in use with instant-app-id; set one of them"
                    .to_owned(),
            )),
            Some(address) if !address.ip().is_loopback() && self.instant_public_url.value.is_none() => {
                Err(ConfigError::Refused(format!(
                    "refusing to serve the admin API on {address}: its admin token would be the only guard of everything that the store holds; listen on 127.0.0.1, or set instant-public-url to the https address of the proxy in front of it"
                )))
            }
            _ => Ok(()),
        }
    }

    /// The address that is printed and handed out when the listener is at `bound`.
    pub fn origin(&self, bound: SocketAddr) -> String {
        self.public_url.value.clone().unwrap_or_else(|| format!("http://{bound}"))
    }
}
