//! Browser sessions: tower-sessions over the local part of the store.

use super::{Access, Actor, Admin, Asker, Role};
use async_trait::async_trait;
use instant::{Local, Timestamp};
use model::OrganisationId;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::{SameSite, time::Duration},
    session::{Id, Record},
    session_store,
};

/// Where sessions lie in the local part of the store.
const SCOPE: &str = "session";
/// The cookie's name. Over https it has the prefix by which browsers take it from
/// this host alone, never from a sister site.
const COOKIE: &str = "ekr_sid";
const COOKIE_OVER_HTTPS: &str = "__Host-ekr_sid";
/// The key of who is signed in.
const PERSON: &str = "person";
/// Whoever signs in locally.
const OWNER: &str = "user_local";
/// How long a session lives without being used.
const IDLE: Duration = Duration::days(7);
/// Between two looks for those that have ended.
const PURGE_EVERY: std::time::Duration = std::time::Duration::from_hours(1);

/// Sessions in the local part of the store, so that a restart signs nobody out.
#[derive(Clone)]
pub struct Sessions(Local);

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    /// Sessions kept in this store.
    pub fn new(local: Local) -> Self {
        Self(local)
    }
}

fn backend(error: impl std::fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

/// The key under which a session lies: a copied store opens no session.
fn key(id: &Id) -> String {
    model::Digest::of(id.to_string().as_bytes()).to_string()
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        while self.0.get(SCOPE, &key(&record.id)).await.map_err(backend)?.is_some() {
            record.id = Id::default();
        }
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let value =
            serde_json::to_vec(&record.data).map_err(|error| session_store::Error::Encode(error.to_string()))?;
        let millis = record.expiry_date.unix_timestamp().saturating_mul(1000);
        self.0.put(SCOPE, &key(&record.id), &value, Some(Timestamp::from_millis(millis))).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(value) = self.0.get(SCOPE, &key(id)).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_slice(&value).map_err(|error| session_store::Error::Decode(error.to_string()))?;
        // The store keeps the true end and hides what is past it.
        Ok(Some(Record { id: *id, data, expiry_date: time::OffsetDateTime::now_utc() + IDLE }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.0.delete(SCOPE, &key(id)).await.map_err(backend)
    }
}

/// The layer that gives requests their session. `secure` when the registry is
/// reached over https.
pub fn session_layer(local: Local, secure: bool) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions::new(local))
        .with_name(if secure { COOKIE_OVER_HTTPS } else { COOKIE })
        .with_path("/")
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(secure)
        .with_expiry(Expiry::OnInactivity(IDLE))
}

/// Lets go of sessions that have ended, every hour until the process does.
pub async fn purge_sessions(local: Local) {
    loop {
        if let Err(error) = local.purge_expired(Timestamp::now()).await {
            tracing::warn!(%error, "sessions that have ended could not be let go");
        }
        tokio::time::sleep(PURGE_EVERY).await;
    }
}

/// Signs someone in: a fresh session, so that no earlier id goes on to mean them.
pub async fn sign_in(
    session: &Session,
    organisation: &OrganisationId,
    asker: Asker,
) -> Result<Access<Admin>, tower_sessions::session::Error> {
    session.cycle_id().await?;
    session.insert(PERSON, OWNER).await?;
    Ok(Access::granted(organisation.clone(), Actor::Person(OWNER.to_owned())).asked_from(asker.address))
}

/// Signs whoever it is out.
pub async fn sign_out(session: &Session) -> Result<(), tower_sessions::session::Error> {
    session.flush().await
}

/// The access that a session proves. Everyone who signs in locally is the owner.
pub(super) async fn access_of<R: Role>(session: &Session, organisation: &OrganisationId) -> Option<Access<R>> {
    let person: Option<String> = session.get(PERSON).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "a session could not be read");
        None
    });
    Some(Access::granted(organisation.clone(), Actor::Person(person?)))
}
