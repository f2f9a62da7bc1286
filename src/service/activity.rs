//! What happened lately in all repositories: commits, syncs, and what was
//! published otherwise, as one list, and how much there was in each week.

mod weeks;

pub use weeks::Week;

use super::{
    RegistryService, ServiceError, commits,
    publish::PublicationKind,
    reading::ReadingSettings,
    repositories::{published, sync_view},
};
use crate::{
    auth::{Access, Read},
    tenants::Tenant,
};
use futures::try_join;
use instant::{Attr, Entity, Select, Timestamp, rows};
use model::{
    Namespace, RepositoryId, SyncState,
    view::{ActivityRow, ActivityView, Happening, PublicationView},
};
use serde::Deserialize;
use std::{cmp::Reverse, collections::HashMap};

/// Which part of what happened to show.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct ActivityQuery {
    /// A repository to keep.
    #[param(value_type = Option<String>)]
    pub repository: Option<RepositoryId>,
    /// What to keep; everything if not given.
    #[param(value_type = Option<String>)]
    pub kind: Option<ActivityKind>,
    /// A week to keep, by any day of it: `2026-11-16`.
    #[param(value_type = Option<String>)]
    pub week: Option<Week>,
    /// How many to leave out; 1,000 at most. A repository's own list goes further.
    pub offset: usize,
    /// How many at most; 50 if not given, 200 at most.
    pub limit: Option<usize>,
}

/// A part of what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActivityKind {
    /// What changed: commits, changes by hand, rollbacks.
    Changes,
    /// Syncs.
    Syncs,
    /// Syncs that failed.
    Failures,
}

impl ActivityKind {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::Changes, Self::Syncs, Self::Failures];

    /// As it stands in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Syncs => "syncs",
            Self::Failures => "failures",
        }
    }
}

/// Most rows that are left out: all lists are read up to there.
const FURTHEST: usize = 1_000;

impl RegistryService {
    /// What happened in all repositories, or in one, newest first.
    pub async fn activity(&self, access: &Access<Read>, query: &ActivityQuery) -> Result<ActivityView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let limit = query.limit.unwrap_or(50).clamp(1, 200);
        let offset = query.offset.min(FURTHEST);
        // One more, to know whether there are more.
        let happened = happened(tenant, query, offset + limit + 1);
        let (rows, weeks) = try_join!(happened, weeks::counted(tenant, query.repository, Timestamp::now()))?;
        let more = rows.len() > offset + limit && offset + limit <= FURTHEST;
        let rows = rows.into_iter().skip(offset).take(limit).collect();
        Ok(ActivityView { rows, offset, limit, more, weeks })
    }

    /// The newest of what happened, so many at most.
    pub async fn happened(
        &self,
        access: &Access<Read>,
        query: &ActivityQuery,
        most: usize,
    ) -> Result<Vec<ActivityRow>, ServiceError> {
        let mut rows = happened(&*self.tenant(access)?, query, most).await?;
        rows.truncate(most);
        Ok(rows)
    }
}

/// The repositories' names for people, and their prefixes.
type Names = HashMap<RepositoryId, (String, Option<Namespace>)>;

/// What happened, newest first: so many of each kind.
async fn happened(tenant: &Tenant, query: &ActivityQuery, most: usize) -> Result<Vec<ActivityRow>, ServiceError> {
    let wanted = |kinds: &[ActivityKind]| query.kind.is_none_or(|kind| kinds.contains(&kind));
    let of_changes = if wanted(&[ActivityKind::Changes]) { most } else { 0 };
    let of_syncs = if wanted(&[ActivityKind::Syncs, ActivityKind::Failures]) { most } else { 0 };
    let repositories = async { Ok::<_, ServiceError>(tenant.db.select::<rows::Repository>().pages().await?) };
    let (commits, syncs, publications, repositories) = try_join!(
        commits(tenant, query, of_changes),
        syncs(tenant, query, of_syncs),
        publications(tenant, query, of_changes),
        repositories
    )?;
    let names: Names = repositories
        .into_iter()
        .map(|row| {
            let namespace = ReadingSettings::of(&row).ok().and_then(|settings| settings.namespace);
            (row.id, (row.name, namespace))
        })
        .collect();
    let row = |at, repository: RepositoryId, what| {
        let (name, _) = names.get(&repository)?;
        Some(ActivityRow { at, repository, repository_name: name.clone(), what })
    };
    let commits = commits.into_iter().filter_map(|(commit, components)| {
        let repository = commit.repository?;
        let (_, namespace) = names.get(&repository)?;
        let commit = commits::view(commit, &components, namespace.as_ref(), None)?;
        row(commit.date, repository, Happening::Commit(commit))
    });
    let syncs = syncs.into_iter().filter_map(|sync| {
        let repository = sync.repository?;
        let running = tenant.jobs.current(repository).filter(|view| view.id == sync.id && !view.state.is_final());
        let sync = running.unwrap_or_else(|| sync_view(sync, None));
        row(sync.started_at, repository, Happening::Sync(Box::new(sync)))
    });
    let publications = publications.into_iter().filter_map(|(of, view)| row(view.at, of, Happening::Publication(view)));
    let mut rows: Vec<_> = commits.chain(syncs).chain(publications).collect();
    rows.sort_by_key(|row| Reverse(row.at));
    Ok(rows)
}

/// A query's rows by a date of theirs: newest first, of the week that was asked for.
fn by_date<'a, E: Entity>(
    rows: Select<'a, E>,
    date: Attr<E, Timestamp>,
    query: &ActivityQuery,
    most: usize,
) -> Select<'a, E> {
    let rows = match query.week {
        Some(week) => rows.filter(date.gte(week.begins())).filter(date.lt(week.ends())),
        None => rows,
    };
    rows.order(date.desc()).limit(most as u64)
}

/// Commits that touched a component, with those.
async fn commits(
    tenant: &Tenant,
    query: &ActivityQuery,
    most: usize,
) -> Result<Vec<(rows::Commit, Vec<rows::Component>)>, ServiceError> {
    let mut commits = tenant.db.select::<rows::Commit>();
    if let Some(id) = query.repository {
        commits = commits.filter(rows::Commit::REPOSITORY.is(id));
    }
    Ok(by_date(commits, rows::Commit::DATE, query, most).all_with(rows::Commit::COMPONENTS).await?)
}

/// Syncs, or those that failed.
async fn syncs(tenant: &Tenant, query: &ActivityQuery, most: usize) -> Result<Vec<rows::Sync>, ServiceError> {
    let mut syncs = tenant.db.select::<rows::Sync>();
    if let Some(id) = query.repository {
        syncs = syncs.filter(rows::Sync::REPOSITORY.is(id));
    }
    if query.kind == Some(ActivityKind::Failures) {
        syncs = syncs.filter(rows::Sync::STATE.eq(SyncState::Failed.as_str()));
    }
    Ok(by_date(syncs, rows::Sync::STARTED_AT, query, most).all().await?)
}

/// What was published by hand or by rolling back. What syncs published is left
/// out here: each of those has a row of its own, so that many of all are enough.
async fn publications(
    tenant: &Tenant,
    query: &ActivityQuery,
    most: usize,
) -> Result<Vec<(RepositoryId, PublicationView)>, ServiceError> {
    let mut rows = tenant.db.select::<rows::Publication>();
    if let Some(id) = query.repository {
        rows = rows.filter(rows::Publication::REPOSITORY.is(id));
    }
    let rows = by_date(rows, rows::Publication::AT, query, most).all_with(rows::Publication::SNAPSHOT).await?;
    let by_people = [PublicationKind::Manual, PublicationKind::Rollback].map(PublicationKind::as_str);
    let rows: Vec<_> = rows.into_iter().filter(|(row, _)| by_people.contains(&row.kind.as_str())).collect();
    let views = published(tenant, rows).await?;
    Ok(views.into_iter().filter_map(|(repository, view)| Some((repository?, view))).collect())
}
