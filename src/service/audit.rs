//! The audit trail: who did what, when, and from where.
//!
//! An event is written in the transaction of what it tells of: neither is there
//! without the other. What happens beside the database, such as a sign-in, is
//! noted on disk first and goes to the database as soon as that answers.

mod export;
mod unsent;

pub use export::ExportFormat;
pub(crate) use unsent::Unsent;

use super::{RegistryService, ServiceError};
use crate::{
    auth::{Access, Admin, Role},
    tenants::Tenant,
};
use instant::{Filter, Timestamp, Transaction, rows};
use model::{EntityId, view::EventView};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

macro_rules! actions {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal,)*) => {
        /// What can be done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[doc = $doc])* $name,)*
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As it is written down.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

actions! {
    /// A repository was registered.
    RepositoryRegister = "repository.register",
    /// Its settings were changed.
    RepositoryChange = "repository.change",
    /// It was given another namespace.
    RepositoryNamespace = "repository.namespace",
    /// It was removed.
    RepositoryRemove = "repository.remove",
    /// A sync of it was asked for.
    RepositorySync = "repository.sync",
    /// A sync published what it read.
    RepositoryPublish = "repository.publish",
    /// An earlier state of it was made current.
    RepositoryRollback = "repository.rollback",
    /// Its webhook was made.
    HookMake = "repository.hook.make",
    /// Its webhook got another secret.
    HookRotate = "repository.hook.rotate",
    /// Its webhook was removed.
    HookRemove = "repository.hook.remove",
    /// It was given a deploy token.
    CredentialSet = "repository.credential.set",
    /// Its deploy token was taken away.
    CredentialRemove = "repository.credential.remove",
    /// A component was made by hand.
    ComponentCreate = "component.create",
    /// A component made by hand was changed.
    ComponentPublish = "component.publish",
    /// A component made by hand was removed.
    ComponentRemove = "component.remove",
    /// An alias was made.
    AliasAdd = "alias.add",
    /// An alias was removed.
    AliasRemove = "alias.remove",
    /// A removed component was given a replacement.
    NameReplace = "name.replace",
    /// A name was released.
    NameRelease = "name.release",
    /// A token was made.
    TokenCreate = "token.create",
    /// A token was made to take another's place.
    TokenRotate = "token.rotate",
    /// A token was revoked.
    TokenRevoke = "token.revoke",
    /// The organisation's own settings were changed.
    SettingsChange = "settings.change",
    /// A sign-in link was made.
    LinkMake = "session.link",
    /// Someone signed in.
    SignIn = "session.open",
    /// Someone signed out.
    SignOut = "session.close",
    /// A backup took the place of all data.
    StoreRestore = "store.restore",
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Most events on one page.
const MAX_PAGE: usize = 200;

/// Something that happens now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Event {
    id: EntityId,
    at: i64,
    actor: String,
    address: Option<String>,
    action: String,
    subject: String,
    detail: Option<Value>,
}

impl Event {
    /// What someone does.
    pub(super) fn of<R: Role>(access: &Access<R>, action: Action, subject: impl fmt::Display) -> Self {
        let address = access.address().map(|address| address.to_string());
        Self { address, ..Self::by(access.actor().to_string(), action, subject) }
    }

    /// What the service does by itself.
    pub(super) fn of_job(job: &str, action: Action, subject: impl fmt::Display) -> Self {
        Self::by(format!("job:{job}"), action, subject)
    }

    fn by(actor: String, action: Action, subject: impl fmt::Display) -> Self {
        Self {
            id: EntityId::random(),
            at: Timestamp::now().as_millis(),
            actor,
            address: None,
            action: action.to_string(),
            subject: subject.to_string(),
            detail: None,
        }
    }

    /// Says more about it.
    #[must_use]
    pub(super) fn with(self, detail: Value) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// Writes it with what it tells of. Twice does no harm.
    pub(super) fn note(&self, transaction: &mut Transaction) {
        transaction
            .update::<rows::Event>(self.id)
            .set(rows::Event::AT, Timestamp::from_millis(self.at))
            .set(rows::Event::ACTOR, self.actor.clone())
            .set_opt(rows::Event::ADDRESS, self.address.clone())
            .set(rows::Event::ACTION, self.action.clone())
            .set(rows::Event::SUBJECT, self.subject.clone())
            .set_opt(rows::Event::DETAIL, self.detail.clone());
    }
}

/// Which events to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct EventsQuery {
    /// Only what this actor did: `operator`, `person:user_local`, `token:<id>`, …
    pub actor: Option<String>,
    /// Only this: `token.create`, `repository.remove`, …
    pub action: Option<String>,
    /// How many to leave out.
    pub offset: usize,
    /// How many at most; 50 if not given, 200 at most.
    pub limit: Option<usize>,
}

impl EventsQuery {
    /// What it asks of a row. An empty text asks nothing.
    fn filter(&self) -> Filter<rows::Event> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let actor = given(&self.actor).map(|actor| rows::Event::ACTOR.eq(actor));
        let action = given(&self.action).map(|action| rows::Event::ACTION.eq(action));
        Filter::all(actor.into_iter().chain(action))
    }
}

/// Events, newest first. How many there are in all is not counted: it would cost
/// more than it tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventsPage {
    /// The events.
    pub rows: Vec<EventView>,
    /// How many newer ones were left out.
    pub offset: usize,
    /// How many were asked for at most.
    pub limit: usize,
    /// Whether there are older ones.
    pub more: bool,
}

impl RegistryService {
    /// What happened, newest first.
    pub async fn events(&self, access: &Access<Admin>, query: &EventsQuery) -> Result<EventsPage, ServiceError> {
        let tenant = &self.tenant(access)?;
        if let Err(error) = self.send_events(tenant).await {
            tracing::warn!(%error, "what happened beside the database is not in the audit trail yet");
        }
        let limit = query.limit.unwrap_or(50).clamp(1, MAX_PAGE);
        let rows = tenant
            .db
            .select::<rows::Event>()
            .filter(query.filter())
            .order(rows::Event::AT.desc())
            .offset(query.offset as u64)
            .limit(limit as u64 + 1)
            .all()
            .await?;
        let more = rows.len() > limit;
        let rows = rows.into_iter().take(limit).map(event_view).collect();
        Ok(EventsPage { rows, offset: query.offset, limit, more })
    }

    /// Notes something that happened beside the database. It is on disk when this
    /// returns, and in the database soon after.
    pub async fn record<R: Role>(&self, access: &Access<R>, action: Action, subject: impl fmt::Display) {
        let Ok(tenant) = self.tenant(access) else { return };
        let event = Event::of(access, action, subject);
        if let Err(error) = tenant.unsent.keep(&tenant, event.clone()).await {
            tracing::error!(%error, ?event, "an event could not be kept for the audit trail");
            return;
        }
        let service = self.clone();
        tokio::spawn(async move {
            if let Err(error) = service.send_events(&tenant).await {
                tracing::debug!(%error, "events wait for the database");
            }
        });
    }

    /// Writes what happened beside the database to it, while it answers.
    pub(super) async fn send_events(&self, tenant: &Tenant) -> Result<(), ServiceError> {
        if tenant.contact.away().is_some() {
            return Ok(());
        }
        tenant.unsent.send(tenant).await
    }
}

fn event_view(row: rows::Event) -> EventView {
    EventView {
        id: row.id,
        at: row.at.as_millis(),
        actor: row.actor,
        address: row.address,
        action: row.action,
        subject: row.subject,
        detail: row.detail,
    }
}
