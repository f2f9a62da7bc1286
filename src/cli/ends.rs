//! The two stores of an import, as the command line names them.

use super::{CliError, own::Own, own::Place};
use crate::config::{AdminToken, Config};
use ::instant::{ApiUri, AppId, Db, Embedded, Remote, RemoteSettings};
use std::{
    fmt, fs,
    io::Read,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

/// Which store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EndName {
    /// The embedded store in this folder.
    Embedded(PathBuf),
    /// An app in an InstantDB; its id may be given elsewhere.
    Instant(Option<AppId>),
    /// A backup.
    Zip(PathBuf),
}

impl FromStr for EndName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(folder) = text.strip_prefix("embedded:") {
            return Ok(Self::Embedded(folder.into()));
        }
        if let Some(app) = text.strip_prefix("instant:").or_else(|| (text == "instant").then_some("")) {
            return match app {
                "" => Ok(Self::Instant(None)),
                app => app.parse().map(|app| Self::Instant(Some(app))).map_err(|error| format!("{app:?} {error}")),
            };
        }
        match text.strip_prefix("zip:") {
            Some(file) => Ok(Self::Zip(file.into())),
            None if Path::new(text).extension().is_some_and(|end| end.eq_ignore_ascii_case("zip")) => {
                Ok(Self::Zip(text.into()))
            }
            None => Err("expected embedded:<folder>, instant:<app-id> or a backup.zip".to_owned()),
        }
    }
}

/// Settings of an app that are not this installation's own.
#[derive(Debug, Clone)]
pub(super) struct AppFlags {
    /// `FROM` or `TO`, as in the names of environment variables.
    pub(super) side: &'static str,
    pub(super) app_id: Option<AppId>,
    pub(super) api_uri: Option<ApiUri>,
    pub(super) token_file: Option<PathBuf>,
}

impl AppFlags {
    fn variable(&self, name: &str) -> String {
        format!("INSTANT_{}_{name}", self.side)
    }

    fn setting<T: FromStr<Err: fmt::Display>>(&self, flag: Option<T>, name: &str) -> Result<Option<T>, CliError> {
        let variable = self.variable(name);
        match std::env::var(&variable).ok().filter(|text| !text.is_empty()) {
            _ if flag.is_some() => Ok(flag),
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|error| CliError::Refused(format!("{variable} {error}"))),
        }
    }

    /// From a file, from standard input (`-`), or from the environment: never
    /// from an argument, which others on this machine can read.
    fn token(&self) -> Result<AdminToken, CliError> {
        let text = match &self.token_file {
            Some(path) if path == Path::new("-") => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).map(|_| text)
            }
            Some(path) => fs::read_to_string(path),
            None => {
                let variable = self.variable("ADMIN_TOKEN");
                std::env::var(&variable).ok().filter(|text| !text.is_empty()).ok_or_else(|| {
                    std::io::Error::other(format!(
                        "set {variable}, or give a file with --{}-token-file (- for standard input)",
                        self.side.to_lowercase()
                    ))
                })
            }
        };
        let text = text.map_err(|source| CliError::Machine {
            what: format!("the admin token of the app to import {} is missing", self.side.to_lowercase()),
            source,
        })?;
        text.parse().map_err(|error| CliError::Refused(format!("the admin token {error}")))
    }

    fn settings(&self, named: Option<AppId>) -> Result<RemoteSettings, CliError> {
        let app_id = match named {
            Some(app) => Some(app),
            None => self.setting(self.app_id, "APP_ID")?,
        };
        let side = self.side.to_lowercase();
        let app_id = app_id.ok_or_else(|| {
            CliError::Refused(format!("which app? Write --{side} instant:<app-id>, or set {}", self.variable("APP_ID")))
        })?;
        let api_uri = self.setting(self.api_uri.clone(), "API_URI")?.unwrap_or_default();
        Ok(RemoteSettings { app_id, admin_token: self.token()?.into(), api_uri })
    }
}

/// An opened store and its name.
pub(super) struct OpenEnd {
    pub(super) db: Db,
    pub(super) name: String,
    /// Held as long as the store is used.
    _own: Option<Own>,
}

impl OpenEnd {
    /// Opens what is read. Nothing is made where there is nothing.
    pub(super) async fn source(name: Option<&EndName>, flags: &AppFlags, config: &Config) -> Result<Self, CliError> {
        match (name, without_store(name, config)) {
            (Some(EndName::Zip(file)), _) => Self::zip(file).await,
            (_, Some(folder)) => Err(CliError::Refused(format!("there is no embedded store in {}", folder.display()))),
            (other, None) => Self::open(other, flags, config).await,
        }
    }

    /// Opens what is written. To count only, nothing is made.
    pub(super) async fn target(
        name: Option<&EndName>,
        flags: &AppFlags,
        config: &Config,
        dry_run: bool,
    ) -> Result<Self, CliError> {
        match without_store(name, config).filter(|_| dry_run) {
            Some(folder) => {
                let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
                let name = format!("embedded:{}", folder.display());
                Ok(Self { db: Arc::new(Embedded::temporary().await?), name, _own: None })
            }
            None => Self::open(name, flags, config).await,
        }
    }

    async fn open(name: Option<&EndName>, flags: &AppFlags, config: &Config) -> Result<Self, CliError> {
        match name {
            Some(EndName::Instant(app)) => {
                let settings = flags.settings(*app)?;
                let name = format!("instant:{} at {}", settings.app_id, settings.api_uri);
                let strangers = net::TenantClient::new(config.allow_hosts.value.clone())?;
                Ok(Self { db: Arc::new(Remote::new(settings, strangers)?), name, _own: None })
            }
            Some(EndName::Embedded(folder)) => {
                let store = Embedded::open(folder).await.map_err(in_use(folder))?;
                let name =
                    format!("embedded:{}", store.dir().canonicalize().unwrap_or_else(|_| folder.clone()).display());
                Ok(Self { db: Arc::new(store), name, _own: None })
            }
            Some(EndName::Zip(_)) => unreachable!("both ends look at this before"),
            None => {
                let own = Place::alone(config, "importing; or import from a backup that it makes").await?;
                let name = match config.instant.remote() {
                    Some(app) => format!("instant:{} at {}", app.app_id, app.api_uri),
                    None => format!("embedded:{}", config.data.canonicalize().unwrap_or_default().display()),
                };
                Ok(Self { db: own.db.clone(), name, _own: Some(own) })
            }
        }
    }

    /// A backup is read into a store of its own first, whole and checked.
    async fn zip(file: &Path) -> Result<Self, CliError> {
        let size = fs::metadata(file)
            .map_err(|source| CliError::Machine { what: format!("cannot read {}", file.display()), source })?
            .len();
        let store = Embedded::temporary().await?;
        store.restore(file, false, |_, _| {}).await?;
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        Ok(Self { db: Arc::new(store), name: format!("zip:{} of {size} bytes", file.display()), _own: None })
    }
}

/// The folder of an embedded store that does not exist yet, where this names one.
fn without_store<'a>(name: Option<&'a EndName>, config: &'a Config) -> Option<&'a Path> {
    let folder = match name {
        Some(EndName::Embedded(folder)) => folder,
        None if config.instant.remote().is_none() => &config.data.value,
        _ => return None,
    };
    (!folder.join("registry.sqlite").is_file()).then_some(folder)
}

fn in_use(folder: &Path) -> impl FnOnce(::instant::InstantError) -> CliError {
    let folder = folder.display().to_string();
    move |error| match error {
        ::instant::InstantError::Locked { .. } => CliError::Refused(format!(
            "the embedded store in {folder} is in use; stop its server, or import from a backup that it makes (`ekairos-registry backup now.zip`, then --from now.zip)"
        )),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_named_by_its_kind_and_place() {
        let app = "8a1f2c9e-0000-4000-8000-000000000001";
        for (text, name) in [
            ("embedded:./data", EndName::Embedded("./data".into())),
            ("instant:", EndName::Instant(None)),
            ("instant", EndName::Instant(None)),
            ("backup.zip", EndName::Zip("backup.zip".into())),
            ("a/B.ZIP", EndName::Zip("a/B.ZIP".into())),
            ("zip:backup", EndName::Zip("backup".into())),
        ] {
            assert_eq!(text.parse(), Ok(name), "{text}");
        }
        assert_eq!(format!("instant:{app}").parse(), Ok(EndName::Instant(app.parse().ok())));
        for text in ["data", "instant:acme", "https://api.instantdb.com", ""] {
            assert!(text.parse::<EndName>().is_err(), "{text}");
        }
    }
}
