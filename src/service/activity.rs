//! What happened lately in all repositories: commits and syncs as one list, and
//! how much of both there was in each week.

use super::{RegistryService, ServiceError, commits, reading::ReadingSettings, repositories::sync_view};
use crate::{
    auth::{Access, Read},
    tenants::Tenant,
};
use futures::{StreamExt as _, TryStreamExt as _, stream, try_join};
use instant::{Timestamp, rows};
use model::{
    Namespace, RepositoryId,
    view::{ActivityRow, ActivityView, Happening, Millis, WeekCount},
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
    /// How many to leave out; 1,000 at most. A repository's own list goes further.
    pub offset: usize,
    /// How many at most; 50 if not given, 200 at most.
    pub limit: Option<usize>,
}

/// Most rows that are left out: both lists are read up to there.
const FURTHEST: usize = 1_000;
/// Weeks that are counted.
const WEEKS: i64 = 26;
/// Milliseconds of a week.
const WEEK: Millis = 7 * 24 * 60 * 60 * 1_000;
/// The first Monday of 1970, 0:00 UTC.
const FIRST_MONDAY: Millis = 4 * 24 * 60 * 60 * 1_000;
/// Weeks that are counted at a time.
const AT_ONCE: usize = 8;

/// When the week of this moment begins.
fn week_of(at: Millis) -> Millis {
    at - (at - FIRST_MONDAY).rem_euclid(WEEK)
}

impl RegistryService {
    /// What happened in all repositories, or in one, newest first.
    pub async fn activity(&self, access: &Access<Read>, query: &ActivityQuery) -> Result<ActivityView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let limit = query.limit.unwrap_or(50).clamp(1, 200);
        let offset = query.offset.min(FURTHEST);
        // One more, to know whether there are more.
        let upto = offset + limit + 1;
        let (mut rows, weeks) =
            try_join!(happenings(tenant, query.repository, upto), weeks(tenant, query.repository, Timestamp::now()))?;
        rows.sort_by_key(|row| Reverse(row.at));
        let more = rows.len() > offset + limit && offset + limit <= FURTHEST;
        let rows = rows.into_iter().skip(offset).take(limit).collect();
        Ok(ActivityView { rows, offset, limit, more, weeks })
    }
}

/// The newest commits and the newest syncs, so many of each.
async fn happenings(tenant: &Tenant, of: Option<RepositoryId>, upto: usize) -> Result<Vec<ActivityRow>, ServiceError> {
    let mut commits = tenant.db.select::<rows::Commit>();
    let mut syncs = tenant.db.select::<rows::Sync>();
    if let Some(id) = of {
        commits = commits.filter(rows::Commit::REPOSITORY.is(id));
        syncs = syncs.filter(rows::Sync::REPOSITORY.is(id));
    }
    let commits = commits.order(rows::Commit::DATE.desc()).limit(upto as u64).all_with(rows::Commit::COMPONENTS);
    let syncs = syncs.order(rows::Sync::STARTED_AT.desc()).limit(upto as u64).all();
    let repositories = tenant.db.select::<rows::Repository>().pages();
    let (commits, syncs, repositories) = try_join!(commits, syncs, repositories)?;
    let repositories: HashMap<RepositoryId, (String, Option<Namespace>)> = repositories
        .into_iter()
        .map(|row| {
            let namespace = ReadingSettings::of(&row).ok().and_then(|settings| settings.namespace);
            (row.id, (row.name, namespace))
        })
        .collect();
    let commits = commits.into_iter().filter_map(|(row, components)| {
        let repository = row.repository?;
        let (name, namespace) = repositories.get(&repository)?;
        let commit = commits::view(row, &components, namespace.as_ref(), None)?;
        Some(ActivityRow {
            at: commit.date,
            repository,
            repository_name: name.clone(),
            what: Happening::Commit(commit),
        })
    });
    let syncs = syncs.into_iter().filter_map(|row| {
        let repository = row.repository?;
        let (name, _) = repositories.get(&repository)?;
        let running = tenant.jobs.current(repository).filter(|view| view.id == row.id && !view.state.is_final());
        let sync = running.unwrap_or_else(|| sync_view(row, None));
        Some(ActivityRow {
            at: sync.started_at,
            repository,
            repository_name: name.clone(),
            what: Happening::Sync(Box::new(sync)),
        })
    });
    Ok(commits.chain(syncs).collect())
}

/// How much happened in each of the last weeks, the oldest first.
async fn weeks(tenant: &Tenant, of: Option<RepositoryId>, now: Timestamp) -> Result<Vec<WeekCount>, ServiceError> {
    let this = week_of(now.as_millis());
    let count = async |begins: Millis| -> Result<WeekCount, ServiceError> {
        let (from, to) = (Timestamp::from_millis(begins), Timestamp::from_millis(begins + WEEK));
        let mut commits =
            tenant.db.select::<rows::Commit>().filter(rows::Commit::DATE.gte(from)).filter(rows::Commit::DATE.lt(to));
        let mut syncs = tenant
            .db
            .select::<rows::Sync>()
            .filter(rows::Sync::STARTED_AT.gte(from))
            .filter(rows::Sync::STARTED_AT.lt(to));
        if let Some(id) = of {
            commits = commits.filter(rows::Commit::REPOSITORY.is(id));
            syncs = syncs.filter(rows::Sync::REPOSITORY.is(id));
        }
        let (commits, syncs) = try_join!(commits.count(), syncs.count())?;
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Ok(WeekCount { begins, commits: number(commits), syncs: number(syncs) })
    };
    let begins = (0..WEEKS).rev().map(|ago| this - ago * WEEK);
    stream::iter(begins).map(count).buffered(AT_ONCE).try_collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        let day = WEEK / 7;
        // 1 January 1970 was a Thursday.
        assert_eq!(week_of(0), -3 * day);
        assert_eq!(week_of(4 * day), 4 * day);
        assert_eq!(week_of(4 * day - 1), -3 * day);
        assert_eq!(week_of(11 * day - 1), 4 * day);
    }
}
