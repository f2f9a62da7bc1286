//! Changing and removing a repository.

use super::{check_name, checked_interval, repository_key};
use crate::{
    auth::{Access, Admin},
    service::{RegistryService, ServiceError, catalogue::Fresh, reading::ReadingSettings, seen, sync::kind_text},
};
use git::Address;
use instant::{InstantError, Transaction, rows};
use model::{
    DependencyPolicy, Namespace, RefName, RepositoryId,
    view::{RepositoryKind, RepositoryView},
};
use serde::{Deserialize, Serialize};

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
    /// Seconds between two looks at it for changes; 0 is never.
    #[serde(default)]
    pub poll_every: Option<u64>,
    /// Another prefix for its items' names; null for none. The old names lead to the new ones.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub namespace: Option<Option<Namespace>>,
}

/// A field that is there, be it null; one that is not there stays `None`.
fn given<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
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
    /// Changes a repository.
    pub async fn change_repository(
        &self,
        access: &Access<Admin>,
        id: RepositoryId,
        change: RepositoryChange,
    ) -> Result<RepositoryView, ServiceError> {
        let tenant = self.tenant(access)?;
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
        if let Some(namespace) = namespace.clone() {
            self.change_namespace(tenant, access, id, namespace).await?;
        }
        let moved = match &change.url {
            Some(url) => Some(self.usable_address(url).await?).filter(|address| address.to_string() != row.url),
            None => None,
        };
        let mut transaction = Transaction::new();
        let mut step = transaction.update_existing::<rows::Repository>(id);
        if let Some(address) = &moved {
            step = step
                .set(rows::Repository::URL, address.to_string())
                .set(rows::Repository::KEY, repository_key(&address.key(), settings.config_path.as_deref()));
        }
        if let Some(name) = name {
            step = step.set(rows::Repository::NAME, name);
        }
        if let Some(branch) = &change.branch {
            step = step.set_opt(rows::Repository::TRACKED_REF, branch.as_ref().map(ToString::to_string));
        }
        if let Some(seconds) = change.poll_every {
            step = step.set(rows::Repository::POLL_EVERY, checked_interval(seconds)?);
        }
        if let Some(policy) = change.dependencies {
            step.set(rows::Repository::DEPENDENCY_POLICY, policy.to_string());
        }
        match tenant.db.transact(transaction).await {
            Err(InstantError::NotUnique { label, .. }) if label == rows::Repository::KEY.label() => {
                return Err(ServiceError::Conflict(
                    "Another repository reads the same registry at that address already. Remove one of the two."
                        .to_owned(),
                ));
            }
            changed => drop(changed?),
        }
        if change.branch.is_some() || moved.is_some() {
            // The refs may be the same; what is read of them is not.
            seen::forget(tenant, id).await?;
        }
        tenant.polls.wake();
        self.audit(tenant, access, "repository.change", &id.to_string()).await?;
        if change.dependencies.is_some() {
            self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await?;
        }
        if namespace.is_some() {
            // Names that it or others waited for may be free now.
            self.ask_who_waits(access).await?;
        }
        self.repository(&access.clone().into(), id).await
    }

    /// Removes a repository: its components are no longer served.
    pub async fn remove_repository(&self, access: &Access<Admin>, id: RepositoryId) -> Result<(), ServiceError> {
        let tenant = self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        if tenant.jobs.current(id).is_some_and(|view| !view.state.is_final()) {
            return Err(ServiceError::Conflict(
                "A sync of this repository is under way. Remove it when that is done.".to_owned(),
            ));
        }
        let mut transaction = Transaction::new();
        transaction.delete::<rows::Repository>(id);
        tenant.db.transact(transaction).await?;
        self.audit(tenant, access, "repository.remove", &id.to_string()).await?;
        self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await?;
        seen::forget(tenant, id).await?;
        let kept =
            tenant.db.select::<rows::Repository>().filter(rows::Repository::URL.eq(row.url.clone())).one().await?;
        let mirror = match Address::parse(&row.url, true) {
            Ok(address) if kept.is_none() => Some(tenant.data.mirror(&address.key())),
            _ => None,
        };
        // Its names went with it.
        self.ask_who_waits(access).await?;
        self.forget_hook(tenant, id).await?;
        let (git, id) = (tenant.data.git(), id.to_string());
        tokio::task::spawn_blocking(move || {
            if let Some(mirror) = mirror {
                let _ = std::fs::remove_dir_all(mirror);
            }
            for cache in ["texts", "refs"] {
                let _ = std::fs::remove_file(git.join(format!("{id}.{cache}")));
            }
        })
        .await?;
        Ok(())
    }
}
