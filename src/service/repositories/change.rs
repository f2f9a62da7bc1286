//! Changing and removing a repository.

use super::{check_name, checked_interval, repository_key};
use crate::service::audit::{Action, Event};
use crate::{
    auth::{Access, Admin},
    service::{
        RegistryService, ServiceError,
        catalogue::Fresh,
        credentials,
        lease::{Lease, Watched, sync_key},
        publish::{Decision, PublicationKind, in_sequence},
        reading::ReadingSettings,
        snapshots,
        sync::{kind_text, trigger_of},
    },
    tenants::Tenant,
};
use git::Address;
use instant::{InstantError, Transaction, rows};
use model::{
    DependencyPolicy, Namespace, RefName, RepositoryId,
    view::{RepositoryKind, RepositoryView},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What to change of a repository. What is not given stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RepositoryChange {
    /// A name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// Another address of the same repository. Its components and their history stay.
    #[serde(default)]
    pub url: Option<String>,
    /// The branch to follow; null for the default branch.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub branch: Option<Option<RefName>>,
    /// How own dependencies by bare name are served.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub dependencies: Option<DependencyPolicy>,
    /// Seconds between two looks at it for changes; 0 is never, null as configured for all.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub poll_every: Option<Option<u64>>,
    /// Another prefix for its items' names; null for none. The old names lead to the new ones.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub namespace: Option<Option<Namespace>>,
}

/// A field that is there, be it null; one that is not there stays `None`.
pub(in crate::service) fn given<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Whether an earlier state is served because someone wants it: reading the
/// newest one again would undo that.
async fn is_rolled_back(tenant: &Tenant, id: RepositoryId) -> Result<bool, ServiceError> {
    let current = snapshots::current_publication(tenant, id).await?;
    Ok(current.is_some_and(|publication| publication.kind == PublicationKind::Rollback.as_str()))
}

fn registered_twice() -> ServiceError {
    ServiceError::Conflict(
        "Another repository reads the same registry at that address already. Remove one of the two.".to_owned(),
    )
}

impl RepositoryChange {
    /// Components made by hand come from nowhere: only their repository's name can be changed.
    fn check_of_manual(&self) -> Result<(), ServiceError> {
        let problem = if matches!(self.namespace, Some(Some(_))) {
            "Components made by hand carry their whole name, so their repository has no namespace. Create the component under another name."
        } else if self.url.is_some()
            || self.branch.is_some()
            || self.dependencies.is_some()
            || self.poll_every.is_some()
        {
            "Components made by hand are not fetched from anywhere. Of their repository only the name can be changed."
        } else {
            return Ok(());
        };
        Err(ServiceError::Invalid(problem.to_owned()))
    }
}

impl RegistryService {
    /// Changes a repository. What follows from it is read by a sync, which is
    /// asked for unless the repository was only registered so far.
    pub async fn change_repository(
        &self,
        access: &Access<Admin>,
        id: RepositoryId,
        change: RepositoryChange,
    ) -> Result<RepositoryView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        let settings = ReadingSettings::of(&row)?;
        if row.kind == kind_text(RepositoryKind::Manual) {
            change.check_of_manual()?;
        }
        let name = change.name.as_deref().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        if let Some(name) = &name {
            check_name(tenant, name, &row.key).await?;
        }
        let namespace = change.namespace.clone().filter(|namespace| *namespace != settings.namespace);
        let branch_changed = change
            .branch
            .as_ref()
            .is_some_and(|branch| branch.as_ref().map(RefName::as_str) != settings.branch.as_deref());
        let policy_changed = change.dependencies.is_some_and(|policy| policy != settings.policy);
        let moved = match &change.url {
            Some(url) => Some(self.usable_address(url).await?).filter(|address| address.to_string() != row.url),
            None => None,
        };
        let poll_every = change.poll_every.map(|every| every.map(checked_interval).transpose()).transpose()?;
        let key = moved.as_ref().map(|address| repository_key(&address.key(), settings.config_path.as_deref()));
        if let Some(key) = &key
            && let Some(other) =
                tenant.db.select::<rows::Repository>().filter(rows::Repository::KEY.eq(key.clone())).one().await?
            && other.id != id
        {
            return Err(registered_twice());
        }
        let told = serde_json::to_value(&change).expect("texts and numbers serialise");
        // Everything that can be refused was: nothing is changed by half.
        if let Some(namespace) = namespace.clone() {
            self.change_namespace(tenant, access, id, namespace).await?;
        }
        let mut transaction = Transaction::new();
        let mut step = transaction.update_existing::<rows::Repository>(id);
        if let (Some(address), Some(key)) = (&moved, key) {
            if credentials::origin_of(&address.to_string()) != credentials::origin_of(&row.url) {
                // A token is for the host that it was given for.
                step = step.clear(rows::Repository::CREDENTIAL);
            }
            step = step.set(rows::Repository::URL, address.to_string()).set(rows::Repository::KEY, key);
        }
        if let Some(name) = name {
            step = step.set(rows::Repository::NAME, name);
        }
        if let Some(branch) = &change.branch {
            step = step.set_opt(rows::Repository::TRACKED_REF, branch.as_ref().map(ToString::to_string));
        }
        if let Some(seconds) = poll_every {
            step = step.set_opt(rows::Repository::POLL_EVERY, seconds);
        }
        if let Some(policy) = change.dependencies {
            step.set(rows::Repository::DEPENDENCY_POLICY, policy.to_string());
        }
        Event::of(access, Action::RepositoryChange, id).with(json!({ "changes": told })).note(&mut transaction);
        match tenant.db.transact(transaction).await {
            Err(InstantError::NotUnique { label, .. }) if label == rows::Repository::KEY.label() => {
                return Err(registered_twice());
            }
            changed => drop(changed?),
        }
        let other_refs = moved.is_some() || branch_changed;
        let other_settings = policy_changed || namespace.is_some();
        if other_refs || other_settings {
            // The refs may be the same; what is read of them is not.
            let mut transaction = Transaction::new();
            transaction.update_existing::<rows::Repository>(id).clear(rows::Repository::SEEN_REFS);
            tenant.db.transact(transaction).await?;
        }
        tenant.polls.wake();
        if policy_changed {
            self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await?;
        }
        if namespace.is_some() {
            // Names that it or others waited for may be free now.
            self.ask_who_waits(access).await?;
        }
        let is_idle = tenant.jobs.current(id).is_none_or(|view| view.state.is_final());
        if moved.is_some() && is_idle {
            self.remove_unused_mirror(tenant, &row.url).await?;
        }
        if (other_refs || other_settings && !is_rolled_back(tenant, id).await?) && self.was_synced(tenant, id).await? {
            self.sync_from_git(&access.clone().into(), id, trigger_of(access.actor())).await?;
        }
        self.repository(&access.clone().into(), id).await
    }

    /// Whether anyone ever asked for a sync: what was only registered is left alone.
    async fn was_synced(&self, tenant: &Tenant, id: RepositoryId) -> Result<bool, ServiceError> {
        let syncs = tenant.db.select::<rows::Sync>().filter(rows::Sync::REPOSITORY.is(id));
        Ok(tenant.jobs.current(id).is_some() || syncs.one().await?.is_some())
    }

    /// Removes the mirror of an address that no repository has any more.
    async fn remove_unused_mirror(&self, tenant: &Tenant, url: &str) -> Result<(), ServiceError> {
        let Ok(address @ Address::Remote(_)) = Address::parse(url, true) else { return Ok(()) };
        // Spelled with `.git` or without, it is one mirror.
        let key = address.key();
        let rows = tenant.db.select::<rows::Repository>().pages().await?;
        let is_used = |row: &rows::Repository| Address::parse(&row.url, true).is_ok_and(|other| other.key() == key);
        if rows.iter().any(is_used) {
            return Ok(());
        }
        let mirror = tenant.data.mirror(&key);
        tokio::task::spawn_blocking(move || {
            let _ = std::fs::remove_dir_all(mirror);
        })
        .await?;
        Ok(())
    }

    /// Removes a repository: its components are no longer served.
    pub async fn remove_repository(&self, access: &Access<Admin>, id: RepositoryId) -> Result<(), ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        if row.kind == kind_text(RepositoryKind::Manual) {
            return Err(ServiceError::Conflict(
                "Components made by hand have no other source, so their repository stays. Remove the components that are not wanted.".to_owned(),
            ));
        }
        let under_way = || {
            ServiceError::Conflict("A sync of this repository is under way. Remove it when that is done.".to_owned())
        };
        if tenant.jobs.current(id).is_some_and(|view| !view.state.is_final()) {
            return Err(under_way());
        }
        // Not between a publication and what is written of it, by any server.
        let _order = tenant.publishing.lock().await;
        let lease = Lease::attempt(tenant, &sync_key(id), &mut Watched::default()).await?.ok_or_else(under_way)?;
        let event = &Event::of(access, Action::RepositoryRemove, id).with(json!({ "name": row.name, "url": row.url }));
        let remove = |_, _| -> Decision<'_> {
            Box::pin(async move {
                let mut transaction = Transaction::new();
                transaction.delete::<rows::Repository>(id);
                event.note(&mut transaction);
                Ok(Some(transaction))
            })
        };
        let removed = in_sequence(tenant, PublicationKind::Removal, Some(access.actor()), remove).await;
        if let Err(error) = lease.release().await {
            tracing::warn!(%error, "a lease could not be given back");
        }
        removed?;
        self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await?;
        tenant.pinned.invalidate_all();
        tenant.jobs.forget(id);
        self.forget_hook(tenant, id).await?;
        self.remove_unused_mirror(tenant, &row.url).await?;
        // Its names went with it.
        self.ask_who_waits(access).await?;
        let (git, id) = (tenant.data.git(), id.to_string());
        tokio::task::spawn_blocking(move || {
            for cache in ["texts", "modules", "refs"] {
                let _ = std::fs::remove_file(git.join(format!("{id}.{cache}")));
            }
        })
        .await?;
        Ok(())
    }
}
