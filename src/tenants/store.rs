//! The store that is an app of an InstantDB elsewhere.

use ::moving::{MovingError, import, schema};
use instant::{Db, InstantError, Reach, Remote, RemoteSettings, Store};
use net::{NetError, TenantClient};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{sync::watch, time::timeout};

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
    tokio::spawn(make_ready_when_reached(Arc::downgrade(&db), db.reach()));
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

/// Ends when nobody else uses the app any more: an organisation that is closed, and
/// one whose credentials were replaced, would be asked for ever.
async fn make_ready_when_reached(db: Weak<dyn Store>, mut reach: watch::Receiver<Reach>) {
    while reach.wait_for(|reach| *reach == Reach::Up).await.is_ok() {
        let Some(db) = db.upgrade() else { return };
        match make_ready(&*db).await {
            Ok(()) => return,
            Err(error) if is_passing(&error) => {
                tracing::debug!(%error, "the app could not be looked at");
                drop(db);
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                tracing::error!(%error, "the app cannot be used by this registry");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::Secret;

    #[tokio::test]
    async fn an_app_that_never_answers_is_let_go_with_its_organisation() {
        // A port that nobody else gets, and nobody answers at.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = RemoteSettings {
            app_id: "8a1f2c9e-0000-4000-8000-000000000001".parse().unwrap(),
            admin_token: Secret::new("canary"),
            api_uri: format!("http://{}", listener.local_addr().unwrap()).parse().unwrap(),
        };
        let strangers = TenantClient::new("".parse().unwrap()).unwrap();
        let db = remote(settings, strangers).await.unwrap();
        let (weak, mut reach) = (Arc::downgrade(&db), db.reach());
        drop(db);
        // What waits for it holds it no longer than it takes to look.
        while weak.upgrade().is_some() {
            timeout(Duration::from_secs(30), reach.changed()).await.expect("it is let go").unwrap_or_default();
        }
    }
}
