//! The store that is an app of an InstantDB elsewhere.

use ::moving::{MovingError, import, schema};
use instant::{Db, InstantError, Reach, Remote, RemoteSettings, Store};
use net::{NetError, TenantClient};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the first answer may take until the service starts without it.
const FIRST_ANSWER: Duration = Duration::from_secs(3);
/// How long an app that answers may take to be made ready, which is most the first time.
const FIRST_USE: Duration = Duration::from_secs(30);
/// Between two attempts at an app that answers, but not to the end.
const PAUSE: Duration = Duration::from_secs(1);

/// Why an app cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no way out of this machine.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The app is not one of ours and cannot become one.
    #[error(transparent)]
    App(#[from] MovingError),
}

impl OpenError {
    /// What the app said where it refused the credentials.
    pub fn refused_credentials(&self) -> Option<String> {
        match self {
            Self::App(MovingError::Store(source)) if matches!(**source, InstantError::Credentials { .. }) => {
                Some(source.to_string())
            }
            _ => None,
        }
    }
}

/// Opens the app. One that has not our entities yet gets them, also when it
/// can be reached only later.
///
/// # Errors
/// What would be the same another time: wrong credentials, a foreign schema.
/// An app that does not answer is no error.
pub async fn remote(settings: RemoteSettings, strangers: TenantClient) -> Result<Db, OpenError> {
    open(Remote::new(settings, strangers)?).await
}

/// The same for an app whose address a tenant chose.
pub async fn remote_of_tenant(settings: RemoteSettings, strangers: TenantClient) -> Result<Db, OpenError> {
    open(Remote::of_tenant(settings, strangers)?).await
}

async fn open(remote: Remote) -> Result<Db, OpenError> {
    let place = remote.settings().api_uri.to_string();
    let db: Db = Arc::new(remote);
    let answered = timeout(FIRST_ANSWER, db.attrs()).await;
    let ready = match answered {
        Ok(Ok(_)) => timeout(FIRST_USE, make_ready(&*db)).await,
        Ok(Err(error)) => Ok(Err(error.into())),
        Err(late) => Err(late),
    };
    let away = match ready {
        Ok(Ok(())) => return Ok(db),
        Ok(Err(error)) if !is_passing(&error) => return Err(error.into()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it did not answer in time".to_owned(),
    };
    tracing::warn!(%place, why = %away, "InstantDB cannot be reached");
    tokio::spawn(make_ready_when_reached(db.clone()));
    Ok(db)
}

/// Adds what the app lacks of our entities and rules; refused where more than
/// adding would be needed, for the app may be shared.
async fn make_ready(db: &dyn Store) -> Result<(), MovingError> {
    refuse_unfinished(db).await?;
    schema::ensure(db).await
}

/// Refuses a store in which an import was begun and not finished.
pub async fn refuse_unfinished(db: &dyn Store) -> Result<(), MovingError> {
    match import::unfinished(db).await? {
        Some(from) => Err(MovingError::Unfinished { from }),
        None => Ok(()),
    }
}

/// Whether it may be better another time, with nothing changed here. What is set
/// wrong, and a schema that is someone else's, are not.
fn is_passing(error: &MovingError) -> bool {
    match error {
        MovingError::Store(source) | MovingError::At { source, .. } => {
            !matches!(**source, InstantError::Credentials { .. })
        }
        _ => false,
    }
}

async fn make_ready_when_reached(db: Db) {
    let mut reach = db.reach();
    while reach.wait_for(|reach| *reach == Reach::Up).await.is_ok() {
        match make_ready(&*db).await {
            Ok(()) => return,
            Err(error) if is_passing(&error) => {
                tracing::debug!(%error, "the app could not be looked at");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                tracing::error!(%error, "the app cannot be used by this registry");
                return;
            }
        }
    }
}
