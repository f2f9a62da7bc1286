//! All repositories at a glance: what the list shows beside each one's own view.

use super::{RegistryService, ServiceError, commits::Part, history, repositories::sync_view};
use crate::{
    auth::{Access, Read},
    tenants::Tenant,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use instant::rows;
use model::{
    RepositoryId,
    view::{DeliveryView, Page, RepositoryName, RepositoryOverview, SyncMark, SyncView},
};

/// How many repositories are looked at at a time.
const AT_ONCE: usize = 16;
/// Syncs that a repository's line has.
const MARKS: u64 = 12;

impl RegistryService {
    /// All repositories, by name, with the subject of what each serves and its
    /// last syncs.
    pub async fn overview(&self, access: &Access<Read>) -> Result<Vec<RepositoryOverview>, ServiceError> {
        let all = self.repositories(access).await?;
        let tenant = &self.tenant(access)?;
        let served = |view: &model::view::RepositoryView| Some(history::commit_id(view.id, view.head.as_ref()?));
        let heads = history::rows(tenant, all.iter().filter_map(served)).await?;
        let overviews = all.into_iter().map(|repository| {
            let commit = served(&repository).and_then(|id| heads.get(&id));
            let subject = commit.and_then(|row| row.message.lines().next().map(str::to_owned));
            async move {
                let syncs = marks(tenant, repository.id).await?;
                Ok::<_, ServiceError>(RepositoryOverview { repository, subject, syncs })
            }
        });
        stream::iter(overviews).buffered(AT_ONCE).try_collect().await
    }

    /// The names of all repositories, in order.
    pub async fn repository_names(&self, access: &Access<Read>) -> Result<Vec<RepositoryName>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let rows = tenant.db.select::<rows::Repository>().pages().await?;
        let catalog = tenant.catalog.load();
        let found = rows.into_iter().map(|row| {
            let components = catalog.of_repository(row.id).count();
            RepositoryName { id: row.id, name: row.name, components }
        });
        let mut names: Vec<_> = found.collect();
        names.sort_by_key(|name| name.name.to_lowercase());
        Ok(names)
    }

    /// A part of a repository's syncs, newest first.
    pub async fn syncs_page(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        part: Part,
    ) -> Result<Page<SyncView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let select = || tenant.db.select::<rows::Sync>().filter(rows::Sync::REPOSITORY.is(id));
        let newest = select().order(rows::Sync::STARTED_AT.desc());
        let newest = newest.offset(part.offset as u64).limit(part.size() as u64).all();
        let (total, rows) = futures::try_join!(select().count(), newest)?;
        let running = tenant.jobs.current(id).filter(|view| !view.state.is_final());
        let views = rows.into_iter().map(|row| match &running {
            Some(view) if view.id == row.id => view.clone(),
            _ => sync_view(row, None),
        });
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        Ok(Page { rows: views.collect(), total, offset: part.offset, limit: part.size() })
    }

    /// The newest delivery of a repository's webhook.
    pub async fn last_delivery(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
    ) -> Result<Option<DeliveryView>, ServiceError> {
        Ok(self.deliveries(access, id).await?.into_iter().next())
    }
}

/// The last syncs of a repository, the oldest first.
async fn marks(tenant: &Tenant, id: RepositoryId) -> Result<Vec<SyncMark>, ServiceError> {
    let syncs = tenant.db.select::<rows::Sync>().filter(rows::Sync::REPOSITORY.is(id));
    let rows = syncs.order(rows::Sync::STARTED_AT.desc()).limit(MARKS).all().await?;
    let mark = |row: rows::Sync| {
        // What a report says is not read here.
        let view = sync_view(rows::Sync { report: None, ..row }, None);
        let took = view.finished_at.map(|end| (end - view.started_at).max(0));
        SyncMark { state: view.state, at: view.started_at, took }
    };
    Ok(rows.into_iter().rev().map(mark).collect())
}
