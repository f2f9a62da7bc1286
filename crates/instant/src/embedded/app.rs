//! The app that the store is: what InstantDB keeps of one beside its data.

use super::{Embedded, Shared, blocking, locked};
use crate::InstantError;
use model::{Digest, EntityId};
use net::Secret;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, PoisonError};

/// What an app lets its callers do (`specs/instantdb-admin-api.md` 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppStatus {
    /// Everything.
    Active,
    /// Queries only.
    ReadOnly,
    /// Nothing.
    Disabled,
}

impl AppStatus {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReadOnly => "read-only",
            Self::Disabled => "disabled",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::ReadOnly, Self::Disabled].into_iter().find(|status| status.as_str() == name)
    }
}

/// The key that signs the addresses of files. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct FileKey([u8; 32]);

impl FileKey {
    /// The key itself, for the one place that signs.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    #[cfg(test)]
    pub(super) fn for_tests(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// An app: its id, who may come in, and its rules.
#[derive(Debug, Clone)]
pub struct App {
    /// Its id.
    pub id: EntityId,
    /// Its name for people.
    pub title: String,
    /// The token of its admins: a UUID.
    pub admin_token: Secret,
    /// Signs the addresses of its files.
    pub file_key: FileKey,
    /// What it lets its callers do.
    pub status: AppStatus,
    /// The permission rules: the value of `code`, if there are any.
    pub rules: Option<Value>,
}

/// The one row of a new file.
pub(super) fn create(connection: &Connection) -> Result<(), InstantError> {
    let random: Vec<u8> = (0..4).flat_map(|_| *EntityId::random().as_bytes()).collect();
    let key = Digest::of(&random);
    connection.execute(
        "INSERT INTO app (one, id, title, admin_token, file_key, status) VALUES (1, ?1, 'Ekairos Registry', ?2, ?3, 'active')",
        params![EntityId::random().as_bytes(), EntityId::random().as_bytes(), key.as_bytes()],
    )?;
    Ok(())
}

impl App {
    pub(super) fn load(connection: &Connection) -> Result<Self, InstantError> {
        let damaged = || InstantError::Corrupt { what: "the table app".to_owned() };
        let sql = "SELECT id, title, admin_token, file_key, status, rules FROM app";
        let app = connection.query_row(sql, [], |row| {
            let (status, rules): (String, Option<String>) = (row.get(4)?, row.get(5)?);
            Ok(Some(Self {
                id: EntityId::from_bytes(row.get(0)?),
                title: row.get(1)?,
                admin_token: Secret::new(EntityId::from_bytes(row.get(2)?).to_string()),
                file_key: FileKey(row.get(3)?),
                status: match AppStatus::from_name(&status) {
                    Some(status) => status,
                    None => return Ok(None),
                },
                rules: match rules.map(|rules| serde_json::from_str(&rules)).transpose() {
                    Ok(rules) => rules,
                    Err(_) => return Ok(None),
                },
            }))
        })?;
        app.ok_or_else(damaged)
    }

    /// Refuses where nothing may be written.
    pub(crate) fn check_writable(&self) -> Result<(), InstantError> {
        match self.status {
            AppStatus::Active => Ok(()),
            AppStatus::ReadOnly => Err(InstantError::ReadOnly {
                reason: "the app's status is `read-only`; set it to `active` to write".to_owned(),
            }),
            AppStatus::Disabled => self.check_readable(),
        }
    }

    /// Refuses where nothing may be read.
    pub(crate) fn check_readable(&self) -> Result<(), InstantError> {
        if self.status != AppStatus::Disabled {
            return Ok(());
        }
        let reason = "its status is `disabled`; set it to `active`, or to `read-only` for queries";
        Err(InstantError::Disabled { reason: reason.to_owned() })
    }

    pub(super) fn save(&self, connection: &Connection) -> Result<(), InstantError> {
        let token = self.admin_token.expose().parse::<EntityId>();
        let token = token.map_err(|_| InstantError::Corrupt { what: "the admin token is no UUID".to_owned() })?;
        connection.execute(
            "UPDATE app SET title = ?1, admin_token = ?2, status = ?3, rules = ?4",
            params![self.title, token.as_bytes(), self.status.as_str(), self.rules.as_ref().map(Value::to_string)],
        )?;
        Ok(())
    }
}

impl Shared {
    pub(super) fn app(&self) -> Arc<App> {
        Arc::clone(&self.app.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change_app(&self, change: impl FnOnce(&mut App)) -> Result<(), InstantError> {
        // Held to the end, so that what is in memory is what was committed last.
        let mut connection = locked(&self.writer);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut app = App::load(&transaction)?;
        change(&mut app);
        app.save(&transaction)?;
        transaction.commit()?;
        *self.app.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(app);
        Ok(())
    }
}

impl Embedded {
    /// The app that this store is.
    pub fn app(&self) -> Arc<App> {
        self.shared.app()
    }

    /// Lets callers in, to read only, or not at all.
    pub async fn set_status(&self, status: AppStatus) -> Result<(), InstantError> {
        self.change_app(move |app| app.status = status).await
    }

    /// Gives the app another name.
    pub async fn set_title(&self, title: impl Into<String>) -> Result<(), InstantError> {
        let title = title.into();
        self.change_app(move |app| app.title = title).await
    }

    /// Makes a new admin token; the old one is worth nothing from then on.
    pub async fn renew_admin_token(&self) -> Result<Secret, InstantError> {
        let token = Secret::new(EntityId::random().to_string());
        let new = token.clone();
        self.change_app(move |app| app.admin_token = new).await?;
        Ok(token)
    }

    pub(super) async fn change_app(&self, change: impl FnOnce(&mut App) + Send + 'static) -> Result<(), InstantError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.change_app(change)).await
    }
}
