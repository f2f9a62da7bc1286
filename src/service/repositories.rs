//! Repositories: registering, changing, listing.

use super::{
    RegistryService, ServiceError,
    catalogue::Fresh,
    history, names,
    reading::ReadingSettings,
    seen, snapshots,
    sync::{SETTLED_MARK, kind_text},
};
use crate::{
    auth::{Access, Admin, Read},
    config::Interval,
    tenants::Tenant,
};
use git::Address;
use instant::{InstantError, Timestamp, Transaction, rows};
use model::{
    DependencyPolicy, Namespace, Progress, RefName, RepositoryId, SyncReport, SyncState, Trigger,
    view::{PublicationView, RepositoryKind, RepositoryView, SyncView},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A repository to register.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRepository {
    /// An `https` or `http` address, or the path of a local repository.
    pub url: String,
    /// A name for people; taken from the address if not given.
    #[serde(default)]
    pub name: Option<String>,
    /// A prefix for its items' names.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub namespace: Option<Namespace>,
    /// Where its `registry.json` lies; looked for if not given.
    #[serde(default)]
    pub config_path: Option<String>,
    /// The branch to follow; the default branch if not given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub branch: Option<RefName>,
    /// How own dependencies by bare name are served: `own-first`, `shadcn-first` or `as-written`. If not given,
    /// `own-first` for a components folder and `shadcn-first` for any other registry.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub dependencies: Option<DependencyPolicy>,
    /// Seconds between two looks at it for changes; 0 is never. The configured time if not given.
    #[serde(default)]
    pub poll_every: Option<u64>,
}

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
    /// The branch to follow.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub branch: Option<RefName>,
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

/// The key of a repository's row.
pub(super) fn repository_key(address: &str, config_path: Option<&str>) -> String {
    format!("{address}#{}", config_path.unwrap_or_default())
}

/// Seconds between two looks, if someone may set that.
fn checked_interval(seconds: u64) -> Result<u64, ServiceError> {
    let interval = Interval::from_seconds(seconds).map_err(|error| ServiceError::Invalid(format!("{error}.")))?;
    Ok(interval.as_seconds())
}

/// Whether the repository with this key can have this name.
async fn check_name(tenant: &Tenant, name: &str, key: &str) -> Result<(), ServiceError> {
    if name.chars().any(char::is_control) || name.chars().count() > 100 {
        return Err(ServiceError::Invalid(
            "A repository's name has at most 100 characters, none of them a control character.".to_owned(),
        ));
    }
    let rows = tenant.db.select::<rows::Repository>().pages().await?;
    match rows.into_iter().find(|row| row.name == name && row.key != key) {
        Some(other) => Err(ServiceError::Conflict(format!(
            "The name {name:?} belongs to {} already. Choose another with --name.",
            other.url
        ))),
        None => Ok(()),
    }
}

/// `https://example.com/acme/ui.git` → `ui`.
fn name_from(address: &str) -> String {
    let last = address.trim_end_matches('/').rsplit(['/', '\\']).find(|part| !part.is_empty() && *part != ".git");
    let last = last.unwrap_or(address);
    last.strip_suffix(".git").unwrap_or(last).to_owned()
}

impl RegistryService {
    /// Registers a repository. It is not fetched by this: ask for a sync.
    pub async fn register_repository(
        &self,
        access: &Access<Admin>,
        new: NewRepository,
    ) -> Result<RepositoryView, ServiceError> {
        let tenant = self.tenant(access)?;
        let address = self.checked_address(&new.url)?;
        let url = address.to_string();
        if let Address::Local(path) = &address {
            if !path.exists() {
                return Err(ServiceError::Invalid(format!(
                    "There is no folder {}. Give the path of a git repository, or an address that begins with https://.",
                    path.display()
                )));
            }
            let path = path.clone();
            // Only to say at once what is wrong with it.
            tokio::task::spawn_blocking(move || git::Repository::open_in_place(&path).map(drop)).await??;
        }
        let config_path = new
            .config_path
            .as_deref()
            .map(|path| path.trim().trim_matches('/').to_owned())
            .filter(|path| !path.is_empty());
        if let Some(path) = &config_path
            && (path.contains('\0')
                || path.len() > 1_000
                || path.split('/').any(|segment| matches!(segment, "" | "." | "..")))
        {
            return Err(ServiceError::Invalid(format!(
                "The config path {path:?} is not a path inside the repository. Write it from the repository's root, such as apps/www/registry.json."
            )));
        }
        if let Some(path) = &config_path
            && let Some(other) = self.reader_of(access, &address, path).await?
        {
            return Err(ServiceError::Conflict(format!(
                "{path} of {url} is read already, by the repository with the id {other}. Change that one, or name another path."
            )));
        }
        let chosen = new.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let all = tenant.db.select::<rows::Repository>().pages().await?;
        let name = match (chosen, &config_path) {
            (Some(name), _) => name.to_owned(),
            // One of several registries of a repository is named after both.
            (None, Some(path)) if all.iter().any(|row| row.name == name_from(&url)) => {
                format!("{} {}", name_from(&url), path.strip_suffix("/registry.json").unwrap_or(path))
            }
            (None, _) => name_from(&url),
        };
        let key = repository_key(&address.key(), config_path.as_deref());
        check_name(tenant, &name, &key).await?;
        let poll_every = new.poll_every.map(checked_interval).transpose()?;
        let id = RepositoryId::of_key(&key);
        if let Some(namespace) = &new.namespace {
            names::check_free_below(tenant, id, namespace).await?;
        }
        let mut transaction = Transaction::new();
        transaction
            .create::<rows::Repository>(id)
            .set(rows::Repository::KEY, key)
            .set(rows::Repository::URL, url.clone())
            .set(rows::Repository::NAME, name)
            .set(rows::Repository::KIND, kind_text(RepositoryKind::Git).to_owned())
            .set_opt(rows::Repository::NAMESPACE, new.namespace.as_ref().map(ToString::to_string))
            .set_opt(rows::Repository::CONFIG_PATH, config_path)
            .set_opt(rows::Repository::TRACKED_REF, new.branch.as_ref().map(ToString::to_string))
            .set_opt(rows::Repository::POLL_EVERY, poll_every)
            .set_opt(rows::Repository::DEPENDENCY_POLICY, new.dependencies.map(|policy| policy.to_string()));
        match tenant.db.transact(transaction).await {
            Ok(_) => {}
            Err(InstantError::NotUnique { label, .. }) if label == rows::Repository::NAMESPACE.label() => {
                return Err(names::namespace_taken(new.namespace.as_ref()));
            }
            Err(InstantError::NotUnique { .. } | InstantError::Exists { .. }) => {
                return Err(ServiceError::Conflict(format!(
                    "{url} is registered already. Ask for a sync of it, or register another config path."
                )));
            }
            Err(error) => return Err(error.into()),
        }
        self.audit(tenant, access, "repository.register", &id.to_string()).await?;
        tenant.polls.wake();
        self.repository(&access.clone().into(), id).await
    }

    /// An address that may be fetched from here.
    pub(super) fn checked_address(&self, text: &str) -> Result<Address, ServiceError> {
        let address = Address::parse(text.trim(), self.config.local_paths.value)
            .map_err(|error| ServiceError::Invalid(error.to_string()))?;
        if let Address::Remote(remote) = &address {
            self.http.check(remote.url()).map_err(|error| ServiceError::Invalid(error.to_string()))?;
        }
        Ok(address)
    }

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
        let name = change.name.as_deref().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        if let Some(name) = &name {
            check_name(tenant, name, &row.key).await?;
        }
        let namespace = change.namespace.clone().filter(|namespace| *namespace != settings.namespace);
        if let Some(namespace) = namespace.clone() {
            if row.kind == kind_text(RepositoryKind::Manual) {
                return Err(ServiceError::Invalid(
                    "Components made by hand carry their whole name, so their repository has no namespace. Create the component under another name.".to_owned(),
                ));
            }
            self.change_namespace(tenant, access, id, namespace).await?;
        }
        let moved = match &change.url {
            Some(url) => Some(self.checked_address(url)?).filter(|address| address.to_string() != row.url),
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
            step = step.set(rows::Repository::TRACKED_REF, branch.to_string());
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

    /// All repositories, by name.
    pub async fn repositories(&self, access: &Access<Read>) -> Result<Vec<RepositoryView>, ServiceError> {
        let tenant = self.tenant(access)?;
        let mut views = Vec::new();
        for row in tenant.db.select::<rows::Repository>().pages().await? {
            views.push(self.view(tenant, row).await?);
        }
        views.sort_by_key(|view| view.name.to_lowercase());
        Ok(views)
    }

    /// One repository.
    pub async fn repository(&self, access: &Access<Read>, id: RepositoryId) -> Result<RepositoryView, ServiceError> {
        let tenant = self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        self.view(tenant, row).await
    }

    /// The repository that a person means: by id, name or address.
    pub async fn find_repository(&self, access: &Access<Read>, text: &str) -> Result<RepositoryId, ServiceError> {
        let tenant = self.tenant(access)?;
        let address = Address::parse(text, true).ok().map(|address| format!("{}#", address.key()));
        let rows = tenant.db.select::<rows::Repository>().pages().await?;
        let found: Vec<&rows::Repository> = rows
            .iter()
            .filter(|row| {
                row.id.to_string() == text
                    || row.name == text
                    || row.url == text
                    || address.as_ref().is_some_and(|address| row.key.starts_with(address.as_str()))
            })
            .collect();
        match found.as_slice() {
            [row] => Ok(row.id),
            [] => Err(ServiceError::not_found("repository", text, "`ekairos-registry repo list` shows all of them.")),
            _ => {
                Err(ServiceError::Conflict(format!("{text:?} means several repositories. Use the name or id of one.")))
            }
        }
    }

    /// The row of a repository.
    pub(super) async fn repository_row(
        &self,
        tenant: &Tenant,
        id: RepositoryId,
    ) -> Result<rows::Repository, ServiceError> {
        let row = tenant.db.get::<rows::Repository>(id).await?;
        row.ok_or_else(|| {
            ServiceError::not_found(
                "repository",
                id,
                "It may have been removed; the list of repositories shows what there is.",
            )
        })
    }

    async fn view(&self, tenant: &Tenant, row: rows::Repository) -> Result<RepositoryView, ServiceError> {
        let settings = ReadingSettings::of(&row)?;
        let publication = snapshots::current_publication(tenant, row.id).await?;
        let last = tenant
            .db
            .select::<rows::Sync>()
            .filter(rows::Sync::REPOSITORY.is(row.id))
            .order(rows::Sync::STARTED_AT.desc())
            .one()
            .await?;
        let running = tenant.jobs.current(row.id).filter(|view| !view.state.is_final());
        let kind =
            if row.kind == kind_text(RepositoryKind::Manual) { RepositoryKind::Manual } else { RepositoryKind::Git };
        let poll = (kind == RepositoryKind::Git).then(|| tenant.polls.view(row.id, self.poll_seconds(&row)));
        Ok(RepositoryView {
            id: row.id,
            kind,
            components: tenant.catalog.load().of_repository(row.id).count(),
            name: row.name,
            url: row.url,
            namespace: settings.namespace,
            config_path: settings.config_path,
            branch: settings.branch.and_then(|branch| branch.parse().ok()),
            default_branch: row.default_branch.and_then(|branch| branch.parse().ok()),
            dependencies: settings.policy,
            last_synced_at: row.last_synced_at.map(Timestamp::as_millis),
            head: row.head_commit.and_then(|commit| commit.parse().ok()),
            snapshot: publication.and_then(|publication| publication.snapshot),
            last_sync: running.or_else(|| last.map(|row| sync_view(row, None))),
            poll,
        })
    }

    /// The newest syncs of a repository.
    pub async fn syncs(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        limit: usize,
    ) -> Result<Vec<SyncView>, ServiceError> {
        let tenant = self.tenant(access)?;
        let rows = tenant
            .db
            .select::<rows::Sync>()
            .filter(rows::Sync::REPOSITORY.is(id))
            .order(rows::Sync::STARTED_AT.desc())
            .limit(limit as u64)
            .all()
            .await?;
        let running = tenant.jobs.current(id).filter(|view| !view.state.is_final());
        Ok(rows
            .into_iter()
            .map(|row| match &running {
                Some(view) if view.id == row.id => view.clone(),
                _ => sync_view(row, None),
            })
            .collect())
    }

    /// The publications of a repository, newest first.
    pub async fn publications(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        limit: usize,
    ) -> Result<Vec<PublicationView>, ServiceError> {
        let tenant = self.tenant(access)?;
        let rows = tenant
            .db
            .select::<rows::Publication>()
            .filter(rows::Publication::REPOSITORY.is(id))
            .order(rows::Publication::SEQ.desc())
            .limit(limit as u64)
            .all_with(rows::Publication::SNAPSHOT)
            .await?;
        let commits = rows.iter().flat_map(|(_, snapshots)| snapshots).filter_map(|snapshot| snapshot.commit);
        let hashes = history::hashes(tenant, commits).await?;
        Ok(rows
            .into_iter()
            .filter_map(|(row, mut snapshots)| {
                let snapshot = snapshots.pop()?;
                Some(PublicationView {
                    seq: row.seq,
                    at: row.at.as_millis(),
                    kind: row.kind,
                    snapshot: snapshot.id,
                    commit: snapshot.commit.and_then(|commit| hashes.get(&commit).cloned()),
                    count: snapshot.count,
                    actor: row.actor,
                })
            })
            .collect())
    }

    /// Takes note that everything that follows from the current publication is written.
    pub(super) async fn mark_settled(&self, tenant: &Arc<Tenant>, id: RepositoryId) -> Result<(), ServiceError> {
        tenant.pinned.invalidate_all();
        let seq = snapshots::current_publication(tenant, id).await?.map_or(0, |publication| publication.seq);
        tenant.local.put(SETTLED_MARK, &id.to_string(), &seq.to_be_bytes(), None).await?;
        Ok(())
    }

    /// Adds a line to the audit log.
    pub(super) async fn audit<R: crate::auth::Role>(
        &self,
        tenant: &Tenant,
        access: &Access<R>,
        action: &str,
        subject: &str,
    ) -> Result<(), ServiceError> {
        let mut transaction = Transaction::new();
        transaction
            .create::<rows::Event>(model::EntityId::random())
            .set(rows::Event::AT, Timestamp::now())
            .set(rows::Event::ACTOR, access.actor().to_string())
            .set(rows::Event::ACTION, action.to_owned())
            .set(rows::Event::SUBJECT, subject.to_owned());
        tenant.db.transact(transaction).await?;
        Ok(())
    }
}

/// A sync as pages show it.
pub(super) fn sync_view(row: rows::Sync, progress: Option<Progress>) -> SyncView {
    let state = match row.state.as_str() {
        "queued" => SyncState::Queued,
        "running" => SyncState::Running,
        "succeeded" => SyncState::Succeeded,
        _ => SyncState::Failed,
    };
    let trigger = match row.trigger.as_str() {
        "token" => Trigger::Token,
        "webhook" => Trigger::Webhook,
        "poll" => Trigger::Poll,
        _ => Trigger::Person,
    };
    SyncView {
        id: row.id,
        repository: row.repository.unwrap_or_else(|| model::EntityId::from_bytes([0; 16]).into()),
        state,
        trigger,
        started_at: row.started_at.as_millis(),
        finished_at: row.finished_at.map(Timestamp::as_millis),
        progress,
        report: row.report.and_then(|report| serde_json::from_str::<SyncReport>(&report).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::name_from;

    #[test]
    fn a_repository_is_named_after_its_address() {
        assert_eq!(name_from("https://example.com/acme/ui.git"), "ui");
        assert_eq!(name_from("/srv/git/ui/.git"), "ui");
        assert_eq!(name_from("https://example.com/"), "example.com");
    }
}
