//! Webhooks: making them, showing them, and taking their deliveries.

mod coalescer;
mod journal;
mod limiter;
mod pending;
mod receive;
mod steps;

pub use receive::{HookRefusal, KnownHook, Received};

use super::{RegistryService, ServiceError, sync::kind_text};
use crate::service::audit::{Action, Event};
use crate::{
    auth::{Access, Admin, Read},
    seal::{Place, SealError, SealingKey, random_bytes},
    tenants::Tenant,
};
use instant::{Db, Local, Transaction, rows};
use model::{
    HookId, RepositoryId,
    view::{DeliveryView, HookView, RepositoryKind},
};
use serde_json::json;
use std::sync::Arc;
use url::Url;
use webhook::HookSecret;

/// What one organisation's webhooks keep in memory. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Hooks {
    journal: journal::Journal,
    coalescer: Arc<coalescer::Coalescer>,
    limiter: Arc<limiter::Limiter>,
    pending: Arc<pending::Pending>,
}

impl Hooks {
    /// With the journal in this table, and what all servers should know in this store.
    pub(crate) fn new(local: Local, db: Db) -> Self {
        let pending = Arc::new(pending::Pending::new(local.clone()));
        Self { journal: journal::Journal::new(local, db), coalescer: Arc::default(), limiter: Arc::default(), pending }
    }

    /// Writes what the journal has not written yet.
    pub(crate) async fn write_journal(&self) {
        self.journal.write().await;
    }
}

/// Where a repository's sealed secret belongs.
fn place(row: &str) -> Place<'_> {
    Place { purpose: "hookSecret", row }
}

impl RegistryService {
    /// A repository's webhook, if it has one.
    pub async fn hook(&self, access: &Access<Admin>, id: RepositoryId) -> Result<Option<HookView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        let Some(hook) = &row.hook else { return Ok(None) };
        let secret = self.open_secret(tenant, row.id, row.hook_secret.clone()).await?;
        if secret.is_none() {
            tracing::warn!(repository = %row.name, "a webhook's secret cannot be opened under the sealing key");
        }
        Ok(Some(self.hook_view(&row, hook, secret)))
    }

    /// Makes a repository's webhook; if it has one, gives it a new secret and
    /// keeps its address. The old secret is good for nothing from then on.
    pub async fn make_hook(&self, access: &Access<Admin>, id: RepositoryId) -> Result<HookView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        if row.kind == kind_text(RepositoryKind::Manual) {
            return Err(ServiceError::Invalid(
                "This repository holds components made by hand, so no git host can tell of changes to it.".to_owned(),
            ));
        }
        let made = HookId::from_random(access.organisation(), random_bytes());
        let hook = row.hook.clone().unwrap_or_else(|| made.to_string());
        let secret = HookSecret::from_bytes(random_bytes());
        let text = secret.expose().to_owned();
        let sealed = self.with_sealing_key(tenant, id, move |key, row| Ok(key.seal(place(row), &text))).await??;
        let mut transaction = Transaction::new();
        transaction
            .update_existing::<rows::Repository>(id)
            .set(rows::Repository::HOOK, hook.clone())
            .set(rows::Repository::HOOK_SECRET, sealed);
        let action = if row.hook.is_some() { Action::HookRotate } else { Action::HookMake };
        Event::of(access, action, id).with(json!({ "name": row.name })).note(&mut transaction);
        tenant.db.transact(transaction).await?;
        self.keep_hooks(tenant).await?;
        Ok(self.hook_view(&row, &hook, Some(secret)))
    }

    /// Removes a repository's webhook: its address is known to nobody any more.
    pub async fn remove_hook(&self, access: &Access<Admin>, id: RepositoryId) -> Result<(), ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        if row.hook.is_none() {
            return Ok(());
        }
        let mut transaction = Transaction::new();
        transaction
            .update_existing::<rows::Repository>(id)
            .clear(rows::Repository::HOOK)
            .clear(rows::Repository::HOOK_SECRET);
        Event::of(access, Action::HookRemove, id).with(json!({ "name": row.name })).note(&mut transaction);
        tenant.db.transact(transaction).await?;
        self.keep_hooks(tenant).await?;
        self.forget_hook(tenant, id).await
    }

    /// Keeps the webhooks as they are now, for deliveries that come while the database is away.
    async fn keep_hooks(&self, tenant: &Tenant) -> Result<(), ServiceError> {
        let _one_at_a_time = tenant.rebuilding.lock().await;
        tenant.kept.remember(&tenant.db.select::<rows::Repository>().pages().await?);
        Ok(())
    }

    /// Forgets what is kept of a webhook beside its row.
    pub(super) async fn forget_hook(&self, tenant: &Tenant, id: RepositoryId) -> Result<(), ServiceError> {
        Ok(tenant.hooks.journal.forget(id).await?)
    }

    /// The last deliveries of a repository's webhook, newest first.
    pub async fn deliveries(&self, access: &Access<Read>, id: RepositoryId) -> Result<Vec<DeliveryView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        self.repository_row(tenant, id).await?;
        Ok(tenant.hooks.journal.list(id).await?)
    }

    /// A webhook's secret; `None` if it was sealed under another key.
    async fn open_secret(
        &self,
        tenant: &Tenant,
        id: RepositoryId,
        sealed: Option<String>,
    ) -> Result<Option<HookSecret>, ServiceError> {
        let Some(sealed) = sealed else { return Ok(None) };
        match self.with_sealing_key(tenant, id, move |key, row| key.open(place(row), &sealed)).await? {
            Ok(secret) => Ok(secret.expose().parse().ok()),
            Err(SealError::Unopenable) => Ok(None),
            Err(error @ SealError::KeyFile { .. }) => Err(error.into()),
        }
    }

    /// Seals or opens something of a repository. Off the async threads: the
    /// first look for the key reads a file.
    pub(super) async fn with_sealing_key<T: Send + 'static>(
        &self,
        tenant: &Tenant,
        id: RepositoryId,
        work: impl FnOnce(&SealingKey, &str) -> Result<T, SealError> + Send + 'static,
    ) -> Result<Result<T, SealError>, ServiceError> {
        let (keys, data) = (self.sealer.clone(), tenant.data.clone());
        Ok(tokio::task::spawn_blocking(move || work(keys.key(&data)?, &id.to_string())).await?)
    }

    fn hook_view(&self, row: &rows::Repository, hook: &str, secret: Option<HookSecret>) -> HookView {
        let origin = self.origin();
        let local = Url::parse(origin).ok().and_then(|url| match url.host()? {
            url::Host::Domain(name) => Some(name == "localhost"),
            url::Host::Ipv4(address) => Some(address.is_loopback()),
            url::Host::Ipv6(address) => Some(address.is_loopback()),
        });
        let problem = if secret.is_none() {
            Some(format!(
                "The secret cannot be opened: the registry's sealing key is another than when it was made. Put the key back, or make a new secret with `ekairos-registry repo hook {:?} --rotate` and enter it at the host.",
                row.name
            ))
        } else if local == Some(true) {
            Some(format!(
                "{origin} is an address of this machine, so no other host can reach it. Until `public-url` is set to one that it can, the repository is looked at in regular intervals, which needs no webhook."
            ))
        } else if origin.starts_with("http://") {
            Some(
                "The registry is reached over http, so anyone on the way can read deliveries, and GitLab's secret token with them. Put it behind https.".to_owned(),
            )
        } else {
            None
        };
        HookView {
            repository: row.id,
            address: format!("{origin}/api/internal/registry/webhook/{hook}"),
            secret: secret.map(|secret| secret.expose().to_owned()),
            problem,
            steps: steps::steps_for(&row.url),
        }
    }
}
