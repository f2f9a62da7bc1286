//! This installation's store, without anything of the service: nothing is
//! pushed, mended or served by opening it.

use super::{CliError, Command, Reply, control};
use crate::{
    config::Config,
    data::{DataError, DataFolder, DataLock},
};
use ::instant::{Db, Embedded, Remote};
use std::sync::Arc;

/// The store of this installation.
pub(super) struct Own {
    pub(super) db: Db,
    /// What a person types to agree to something that cannot be undone.
    pub(super) name: String,
    pub(super) embedded: Option<Embedded>,
    /// Held where nobody else may use the data folder meanwhile.
    _lock: Option<DataLock>,
}

/// Where a command finds the store.
pub(super) enum Place {
    /// Here, for this process.
    Here(Own),
    /// In the server that uses this data folder.
    Server(DataFolder),
}

/// With a sign-in provider no store is the installation's own.
fn refuse_many(config: &Config) -> Result<(), CliError> {
    if config.clerk.is_none() {
        return Ok(());
    }
    Err(CliError::Refused(
        "with CLERK_SECRET_KEY each organisation has an InstantDB app of its own, so this has to be told which one: run it without the CLERK variables, with INSTANT_APP_ID and INSTANT_ADMIN_TOKEN of that app"
            .to_owned(),
    ))
}

impl Place {
    /// Looks. An app in InstantDB can be reached from anywhere; the embedded
    /// store is one process's at a time.
    pub(super) async fn of(config: &Config) -> Result<Self, CliError> {
        refuse_many(config)?;
        if config.instant.remote().is_some() {
            return Ok(Self::Here(Own::remote(config)?));
        }
        let data = DataFolder::at(&config.data)?;
        match data.lock() {
            Ok(lock) => Ok(Self::Here(Own::embedded(&data, lock).await?)),
            Err(DataError::InUse(_)) => Ok(Self::Server(data)),
            Err(error) => Err(error.into()),
        }
    }

    /// The store for this process alone.
    ///
    /// Refused while a server of this data folder runs, also over an app:
    /// `doing` would take the ground from under it.
    pub(super) async fn alone(config: &Config, doing: &str) -> Result<Own, CliError> {
        refuse_many(config)?;
        let data = DataFolder::at(&config.data)?;
        let lock = match data.lock() {
            Ok(lock) => lock,
            Err(DataError::InUse(folder)) => {
                let elsewhere = match config.instant.remote() {
                    Some(_) => ". If its data is elsewhere by now, name an empty folder with --data",
                    None => "",
                };
                return Err(CliError::Refused(format!(
                    "a server uses the data folder {}; stop it before {doing}{elsewhere}",
                    folder.display()
                )));
            }
            Err(error) => return Err(error.into()),
        };
        match config.instant.remote() {
            Some(_) => Ok(Own { _lock: Some(lock), ..Own::remote(config)? }),
            None => Own::embedded(&data, lock).await,
        }
    }
}

impl Own {
    fn remote(config: &Config) -> Result<Self, CliError> {
        let settings = config.instant.remote().expect("asked for before");
        let name = settings.app_id.to_string();
        let strangers = net::TenantClient::new(config.allow_hosts.value.clone())?;
        Ok(Self { db: Arc::new(Remote::new(settings, strangers)?), name, embedded: None, _lock: None })
    }

    async fn embedded(data: &DataFolder, lock: DataLock) -> Result<Self, CliError> {
        let embedded = Embedded::open(data.root()).await?;
        let name =
            data.root().file_name().map_or_else(|| "data".to_owned(), |name| name.to_string_lossy().into_owned());
        Ok(Self { db: Arc::new(embedded.clone()), name, embedded: Some(embedded), _lock: Some(lock) })
    }
}

/// Sends a command to the server of a data folder, silently.
pub(super) async fn ask(data: &DataFolder, command: &Command) -> Result<Reply, CliError> {
    control::send(data, None, command, &mut |_| {}).await
}
