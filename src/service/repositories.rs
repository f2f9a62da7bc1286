//! Repositories: what there is of them, and how each is found.

mod change;
mod register;
mod removal;

pub use change::RepositoryChange;
pub(super) use change::given;
pub use register::NewRepository;
pub use removal::Removal;

use super::{RegistryService, ServiceError, history, reading::ReadingSettings, snapshots, sync::kind_text};
use crate::{
    auth::{Access, Read},
    config::Interval,
    tenants::Tenant,
};
use futures::{StreamExt as _, TryFutureExt as _, TryStreamExt as _, stream, try_join};
use git::Address;
use instant::{Timestamp, rows};
use model::{
    Progress, RepositoryId, SyncReport, SyncState, Trigger,
    view::{PollView, PublicationView, RepositoryKind, RepositoryView, SyncView},
};

/// The key of a repository's row.
pub(super) fn repository_key(address: &str, config_path: Option<&str>) -> String {
    format!("{address}#{}", config_path.unwrap_or_default())
}

/// Seconds between two looks, if someone may set that.
fn checked_interval(seconds: u64) -> Result<u64, ServiceError> {
    let interval = Interval::from_seconds(seconds).map_err(|error| ServiceError::Invalid(format!("{error}.")))?;
    Ok(interval.as_seconds())
}

/// Longest name of a repository, in characters.
const MAX_NAME: usize = 100;

/// Whether the repository with this key can have this name.
async fn check_name(tenant: &Tenant, name: &str, key: &str) -> Result<(), ServiceError> {
    if name.chars().any(char::is_control) || name.chars().count() > MAX_NAME {
        return Err(ServiceError::Invalid(
            "A repository's name has at most 100 characters, none of them a control character.".to_owned(),
        ));
    }
    let rows = tenant.db.select::<rows::Repository>().pages().await?;
    match rows.into_iter().find(|row| row.name == name && row.key != key) {
        Some(other) => Err(ServiceError::Conflict(format!(
            "The name {name:?} belongs to {} already. Choose another name.",
            other.url
        ))),
        None => Ok(()),
    }
}

/// How many repositories are looked at at a time.
const AT_ONCE: usize = 16;

impl RegistryService {
    /// All repositories, by name.
    pub async fn repositories(&self, access: &Access<Read>) -> Result<Vec<RepositoryView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let rows = tenant.db.select::<rows::Repository>().pages().await?;
        let views = rows.into_iter().map(|row| self.view(tenant, row));
        let mut views: Vec<RepositoryView> = stream::iter(views).buffered(AT_ONCE).try_collect().await?;
        views.sort_by_key(|view| view.name.to_lowercase());
        Ok(views)
    }

    /// One repository.
    pub async fn repository(&self, access: &Access<Read>, id: RepositoryId) -> Result<RepositoryView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        self.view(tenant, row).await
    }

    /// The repository that a person means: by id, name or address.
    pub async fn find_repository(&self, access: &Access<Read>, text: &str) -> Result<RepositoryId, ServiceError> {
        let tenant = &self.tenant(access)?;
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

    /// Whether a repository can have this name.
    pub async fn check_repository_name(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        name: &str,
    ) -> Result<(), ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        check_name(tenant, name, &row.key).await
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
        let last = tenant
            .db
            .select::<rows::Sync>()
            .filter(rows::Sync::REPOSITORY.is(row.id))
            .order(rows::Sync::STARTED_AT.desc())
            .one();
        let (publication, last) =
            try_join!(snapshots::current_publication(tenant, row.id), last.map_err(ServiceError::from))?;
        let running = tenant.jobs.current(row.id).filter(|view| !view.state.is_final());
        let kind =
            if row.kind == kind_text(RepositoryKind::Manual) { RepositoryKind::Manual } else { RepositoryKind::Git };
        let poll = (kind == RepositoryKind::Git)
            .then(|| PollView { own: row.poll_every.is_some(), ..tenant.polls.view(row.id, self.poll_seconds(&row)) });
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
            webhook: row.hook.is_some(),
        })
    }

    /// The newest syncs of a repository.
    pub async fn syncs(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        limit: usize,
    ) -> Result<Vec<SyncView>, ServiceError> {
        let tenant = &self.tenant(access)?;
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
        let tenant = &self.tenant(access)?;
        let rows = tenant
            .db
            .select::<rows::Publication>()
            .filter(rows::Publication::REPOSITORY.is(id))
            .order(rows::Publication::SEQ.desc())
            .limit(limit as u64)
            .all_with(rows::Publication::SNAPSHOT)
            .await?;
        Ok(published(tenant, rows).await?.into_iter().map(|(_, view)| view).collect())
    }
}

/// Publications and their snapshots as people see them, each with its repository.
pub(super) async fn published(
    tenant: &Tenant,
    rows: Vec<(rows::Publication, Vec<rows::Snapshot>)>,
) -> Result<Vec<(Option<RepositoryId>, PublicationView)>, ServiceError> {
    let commits = rows.iter().flat_map(|(_, snapshots)| snapshots).filter_map(|snapshot| snapshot.commit);
    let hashes = history::hashes(tenant, commits).await?;
    let view = |(row, mut snapshots): (rows::Publication, Vec<rows::Snapshot>)| {
        let snapshot = snapshots.pop()?;
        let view = PublicationView {
            seq: row.seq,
            at: row.at.as_millis(),
            kind: row.kind,
            snapshot: snapshot.id,
            commit: snapshot.commit.and_then(|commit| hashes.get(&commit).cloned()),
            count: snapshot.count,
            actor: row.actor,
        };
        Some((row.repository, view))
    };
    Ok(rows.into_iter().filter_map(view).collect())
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
