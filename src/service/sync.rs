//! Syncing: from a request to what is served, step by step.
//!
//! fetch → read → write versions → publish → project → catalogue → refs and
//! history. Nothing is served before it is published, and a sync that stops
//! anywhere leaves what was served before.

mod claims;
mod fetch;
mod follow;
mod lists;
mod look;
mod materialise;
mod prune;
mod run;
mod turn;

pub(super) use claims::{Waiting, waiting};
pub(super) use fetch::{found_registries, shape_of, tracked};
pub(super) use materialise::{Materialised, materialise};

use super::{RegistryService, ServiceError};
use crate::service::audit::{Action, Event};
use crate::{
    auth::{Access, Actor, Admin, Sync},
    tenants::Tenant,
};
use instant::{Timestamp, Transaction, rows};
use model::{
    RepositoryId, SyncId, SyncState, Trigger,
    view::{RepositoryKind, SyncView},
};
use serde_json::json;
use std::sync::Arc;

impl RegistryService {
    /// Asks for a sync of a repository, and returns the one that will take care
    /// of it: a new one, or the one under way, which then looks once more.
    pub async fn sync_from_git(
        &self,
        access: &Access<Sync>,
        id: RepositoryId,
        trigger: Trigger,
    ) -> Result<SyncView, ServiceError> {
        let tenant = &self.tenant(access)?.clone();
        let repository = self.repository_row(tenant, id).await?;
        if repository.kind == kind_text(RepositoryKind::Manual) {
            return Err(ServiceError::Invalid(
                "This repository holds components made by hand, so there is nothing to sync. Edit its components instead.".to_owned(),
            ));
        }
        let mut transaction = Transaction::new();
        transaction
            .update_existing::<rows::Repository>(id)
            .set(rows::Repository::WANTED, uuid::Uuid::new_v4().to_string());
        // A look that found something new is nobody's doing; what comes of it is told.
        if trigger != Trigger::Poll {
            Event::of(access, Action::RepositorySync, id)
                .with(json!({ "name": repository.name, "trigger": trigger_text(trigger) }))
                .note(&mut transaction);
        }
        tenant.db.transact(transaction).await?;
        Ok(self.begin_sync(tenant, id, trigger))
    }

    /// Sees to what was asked for, unless that is under way here.
    pub(super) fn begin_sync(&self, tenant: &Arc<Tenant>, id: RepositoryId, trigger: Trigger) -> SyncView {
        let view = SyncView {
            id: SyncId::random(),
            repository: id,
            state: SyncState::Queued,
            trigger,
            started_at: Timestamp::now().as_millis(),
            finished_at: None,
            progress: None,
            report: None,
        };
        match tenant.jobs.begin(view.clone()) {
            Ok(sender) => {
                tokio::spawn(run::SyncRun::new(self.clone(), tenant.clone(), &view, sender).run());
                view
            }
            Err(under_way) => *under_way,
        }
    }

    /// Waits until no sync is under way.
    pub async fn finish_syncs(&self, access: &Access<Admin>) -> Result<(), ServiceError> {
        let tenant = &self.tenant(access)?;
        for row in tenant.db.select::<rows::Repository>().pages().await? {
            if tenant.jobs.current(row.id).is_some_and(|view| !view.state.is_final()) {
                self.wait_for_sync(&access.clone().into(), row.id, |_| {}).await?;
            }
        }
        Ok(())
    }

    /// Waits until a repository's newest sync has ended, telling `watch` of each step.
    pub async fn wait_for_sync(
        &self,
        access: &Access<Sync>,
        id: RepositoryId,
        mut watch: impl FnMut(&SyncView),
    ) -> Result<SyncView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let mut receiver = tenant
            .jobs
            .watch(id)
            .ok_or_else(|| ServiceError::not_found("sync of repository", id, "Ask for one first."))?;
        loop {
            let view = receiver.borrow_and_update().clone();
            watch(&view);
            if view.state.is_final() {
                return Ok(view);
            }
            receiver.changed().await.map_err(|_| ServiceError::Stopped)?;
        }
    }
}

/// Who asks, when an actor does.
pub(super) fn trigger_of(actor: &Actor) -> Trigger {
    if matches!(actor, Actor::Token(_) | Actor::ApiKey(_)) { Trigger::Token } else { Trigger::Person }
}

/// A trigger as the store has it.
pub(super) fn trigger_text(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Person => "person",
        Trigger::Token => "token",
        Trigger::Webhook => "webhook",
        Trigger::Poll => "poll",
    }
}

/// A repository's kind as the store has it.
pub(super) fn kind_text(kind: RepositoryKind) -> &'static str {
    match kind {
        RepositoryKind::Git => "git",
        RepositoryKind::Manual => "manual",
    }
}
