//! Organisations as they were last known, for when nobody can be asked: sealed on
//! disk, so that a server that starts anew meanwhile goes on serving them.

use super::{Credentials, Directory};
use crate::{
    data::DataFolder,
    seal::{Place, SealingKey},
};
use async_trait::async_trait;
use instant::{RemoteSettings, Timestamp};
use model::OrganisationId;
use net::Secret;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs, io,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

/// How long credentials are used that nobody could confirm since.
const USED: Duration = Duration::from_hours(24);

/// A directory that remembers what another one told. Cheap to clone.
#[derive(Clone)]
pub struct Remembered(Arc<Inner>);

struct Inner {
    directory: Arc<dyn Directory>,
    key: SealingKey,
    data: DataFolder,
    /// What lies on disk of each, as far as it was looked at.
    last: Mutex<HashMap<OrganisationId, Told>>,
    /// Held while files are written or removed.
    writing: Mutex<()>,
}

/// What was told, and when.
#[derive(Clone)]
struct Told {
    settings: RemoteSettings,
    at: Timestamp,
}

/// The same as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    /// In milliseconds since 1970.
    at: i64,
    app_id: String,
    admin_token: String,
    api_uri: String,
}

impl Told {
    fn is_good(&self) -> bool {
        // Either way: the clock may have been set back since.
        Duration::from_millis(Timestamp::now().as_millis().abs_diff(self.at.as_millis())) < USED
    }

    fn text(&self) -> String {
        let written = Written {
            at: self.at.as_millis(),
            app_id: self.settings.app_id.to_string(),
            admin_token: self.settings.admin_token.expose().to_owned(),
            api_uri: self.settings.api_uri.to_string(),
        };
        serde_json::to_string(&written).expect("texts and numbers serialise")
    }

    fn parse(text: &str) -> Option<Self> {
        let Written { at, app_id, admin_token, api_uri } = serde_json::from_str(text).ok()?;
        let settings = RemoteSettings {
            app_id: app_id.parse().ok()?,
            admin_token: Secret::new(admin_token),
            api_uri: api_uri.parse().ok()?,
        };
        Some(Self { settings, at: Timestamp::from_millis(at) })
    }
}

fn place(organisation: &OrganisationId) -> Place<'_> {
    Place { purpose: "credentials", row: organisation.as_str() }
}

impl Remembered {
    /// Remembers what this directory tells, sealed under this key.
    pub fn new(directory: Arc<dyn Directory>, key: SealingKey, data: DataFolder) -> Self {
        Self(Arc::new(Inner { directory, key, data, last: Mutex::default(), writing: Mutex::default() }))
    }

    fn last(&self) -> MutexGuard<'_, HashMap<OrganisationId, Told>> {
        self.0.last.lock().expect("nothing panics while it holds this lock")
    }

    /// Remembers what was told, unless it is what was told last.
    async fn remember(&self, organisation: &OrganisationId, told: Told) {
        {
            let mut last = self.last();
            let known = last.get(organisation);
            // Not whether it is newer: a clock may have been set back.
            if known.is_some_and(|last| last.at == told.at && last.settings.is_same(&told.settings)) {
                return;
            }
            last.insert(organisation.clone(), told);
        }
        let (remembered, id) = (self.clone(), organisation.clone());
        let writing = tokio::task::spawn_blocking(move || remembered.write(&id)).await;
        if let Err(error) = writing.unwrap_or_else(|error| Err(io::Error::other(error))) {
            tracing::warn!(%organisation, %error, "an organisation's credentials could not be kept for when Clerk is away");
        }
    }

    /// Writes what is known by now, of whatever was told at once.
    fn write(&self, organisation: &OrganisationId) -> io::Result<()> {
        let _one_at_a_time = self.0.writing.lock().expect("nothing panics while it holds this lock");
        let Some(told) = self.last().get(organisation).cloned() else { return Ok(()) };
        let path = self.0.data.of(organisation).map_err(io::Error::other)?.credentials_of(organisation);
        let temporary = path.with_extension("sealed.new");
        fs::write(&temporary, self.0.key.seal(place(organisation), &told.text()))?;
        fs::rename(temporary, path)
    }

    /// What is remembered, if it may still be used.
    async fn recall(&self, organisation: &OrganisationId) -> Option<RemoteSettings> {
        let known = self.last().get(organisation).cloned();
        let told = if let Some(told) = known {
            told
        } else {
            let (remembered, id) = (self.clone(), organisation.clone());
            let told = tokio::task::spawn_blocking(move || remembered.read(&id)).await.ok()??;
            self.last().insert(organisation.clone(), told.clone());
            told
        };
        told.is_good().then_some(told.settings)
    }

    fn read(&self, organisation: &OrganisationId) -> Option<Told> {
        let text = fs::read_to_string(self.0.data.credentials_of(organisation)).ok()?;
        let opened = self.0.key.open(place(organisation), &text);
        let opened = opened.inspect_err(
            |error| tracing::warn!(%organisation, %error, "an organisation's credentials on disk cannot be opened"),
        );
        Told::parse(opened.ok()?.expose())
    }

    async fn forget(&self, organisation: &OrganisationId) {
        self.last().remove(organisation);
        let (remembered, path) = (self.clone(), self.0.data.credentials_of(organisation));
        let removing = move || {
            let _one_at_a_time = remembered.0.writing.lock().expect("nothing panics while it holds this lock");
            fs::remove_file(path)
        };
        let removed = tokio::task::spawn_blocking(removing).await;
        if let Err(error) = removed.unwrap_or_else(|error| Err(io::Error::other(error)))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%organisation, %error, "an organisation's credentials on disk could not be removed");
        }
    }
}

#[async_trait]
impl Directory for Remembered {
    async fn credentials(&self, organisation: &OrganisationId) -> Credentials {
        let answer = self.0.directory.credentials(organisation).await;
        match &answer {
            Credentials::Found { settings, at } => {
                self.remember(organisation, Told { settings: settings.clone(), at: *at }).await;
            }
            Credentials::Missing | Credentials::Gone => self.forget(organisation).await,
            Credentials::Unavailable { .. } => {
                if let Some(settings) = self.recall(organisation).await {
                    let at = Timestamp::now();
                    return Credentials::Found { settings, at };
                }
            }
            Credentials::Misconfigured { .. } => {}
        }
        answer
    }

    async fn after_rejection(&self, organisation: &OrganisationId, rejected: &RemoteSettings) -> Credentials {
        // What is remembered is what was rejected.
        self.0.directory.after_rejection(organisation, rejected).await
    }

    fn forget_missing(&self, organisation: &OrganisationId) {
        self.0.directory.forget_missing(organisation);
    }

    async fn gone(&self, organisation: &OrganisationId) {
        self.forget(organisation).await;
        self.0.directory.gone(organisation).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(hours_ago: i64) -> Told {
        let settings = RemoteSettings {
            app_id: "8a1f2c9e-0000-4000-8000-000000000001".parse().unwrap(),
            admin_token: Secret::new("canary"),
            api_uri: "https://instant.example/prefix".parse().unwrap(),
        };
        Told { settings, at: Timestamp::now().plus_millis(-hours_ago * 60 * 60 * 1000) }
    }

    #[test]
    fn credentials_are_used_for_a_day_after_they_were_told() {
        assert!(told(0).is_good() && told(23).is_good());
        assert!(!told(25).is_good());
    }

    /// Says what it was told to say.
    struct Script(Mutex<Credentials>);

    #[async_trait]
    impl Directory for Script {
        async fn credentials(&self, _: &OrganisationId) -> Credentials {
            self.0.lock().unwrap().clone()
        }

        async fn after_rejection(&self, organisation: &OrganisationId, _: &RemoteSettings) -> Credentials {
            self.credentials(organisation).await
        }

        fn forget_missing(&self, _: &OrganisationId) {}

        async fn gone(&self, _: &OrganisationId) {}
    }

    #[tokio::test]
    async fn what_is_told_by_a_clock_that_was_set_back_replaces_what_was_told_before() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path()).unwrap();
        let key: SealingKey = hex::encode([7; 32]).parse().unwrap();
        let found = |hours_ago: i64, token: &str| {
            let Told { settings, at } = told(hours_ago);
            Credentials::Found { settings: RemoteSettings { admin_token: Secret::new(token), ..settings }, at }
        };
        let script = Arc::new(Script(Mutex::new(found(-1000, "older"))));
        let directory: Arc<dyn Directory> = script.clone();
        let remembered = || Remembered::new(directory.clone(), key.clone(), data.clone());
        let (same, acme) = (remembered(), "org_acme".parse().unwrap());
        same.credentials(&acme).await;
        *script.0.lock().unwrap() = found(0, "newer");
        same.credentials(&acme).await;
        *script.0.lock().unwrap() = Credentials::Unavailable { retry_after: Duration::from_secs(1) };
        // Also after a restart.
        for directory in [same, remembered()] {
            let Credentials::Found { settings, .. } = directory.credentials(&acme).await else { panic!("it is known") };
            assert_eq!(settings.admin_token.expose(), "newer");
        }
    }

    #[test]
    fn what_was_told_is_read_as_it_was_written() {
        let (one, other) = (told(1), Told::parse(&told(1).text()).unwrap());
        assert!(one.settings.is_same(&other.settings));
        assert!((one.at.as_millis() - other.at.as_millis()).abs() < 1000);
        assert!(Told::parse("{}").is_none());
    }
}
