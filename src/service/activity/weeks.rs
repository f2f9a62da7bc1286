//! How much happened in each week.
//!
//! The dates of the newest rows are read in one question each, instead of asking
//! for every week how many there are. What these do not reach is counted.

use super::{ServiceError, Tenant};
use futures::{StreamExt as _, TryStreamExt as _, stream, try_join};
use instant::{Filter, Timestamp, rows};
use model::{
    RepositoryId, SyncState,
    view::{Millis, WeekCount},
};
use serde::Deserialize;
use std::str::FromStr;
use time::{Date, macros::format_description};

/// Weeks that are counted.
const WEEKS: usize = 26;
/// Milliseconds of a day.
const DAY: Millis = 24 * 60 * 60 * 1_000;
/// Milliseconds of a week.
const WEEK: Millis = 7 * DAY;
/// The first Monday of 1970, 0:00 UTC.
const FIRST_MONDAY: Millis = 4 * DAY;
/// Rows whose dates are read.
const READ: usize = 5_000;
/// Weeks that are counted at a time.
const AT_ONCE: usize = 8;

/// A week, from Monday, 0:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Week(Millis);

impl Week {
    /// The week of this moment.
    pub fn of(at: Millis) -> Self {
        Self(at - (at - FIRST_MONDAY).rem_euclid(WEEK))
    }

    /// The week before.
    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0 - WEEK)
    }

    /// Its first moment.
    pub fn begins(self) -> Timestamp {
        Timestamp::from_millis(self.0)
    }

    /// The first moment after it.
    pub fn ends(self) -> Timestamp {
        Timestamp::from_millis(self.0 + WEEK)
    }
}

impl FromStr for Week {
    type Err = String;

    /// Reads any day of it: `2026-11-16`.
    fn from_str(text: &str) -> Result<Self, String> {
        let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
        let day = day.ok().filter(|day| (1970..=9999).contains(&day.year()));
        let day = day.ok_or_else(|| format!("{text:?} is not a day of 1970 or later; write it as 2026-11-16"))?;
        Ok(Self::of(day.midnight().assume_utc().unix_timestamp() * 1_000))
    }
}

impl TryFrom<String> for Week {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// How much happened in each of the last weeks, the oldest first.
pub(super) async fn counted(
    tenant: &Tenant,
    of: Option<RepositoryId>,
    now: Timestamp,
) -> Result<Vec<WeekCount>, ServiceError> {
    let this = Week::of(now.as_millis());
    let ago = |weeks: usize| Week(this.0 - Millis::try_from(weeks).unwrap_or(Millis::MAX) * WEEK);
    let from = ago(WEEKS - 1).begins();
    let mut commits = tenant.db.select::<rows::Commit>().filter(rows::Commit::DATE.gte(from));
    let mut syncs = tenant.db.select::<rows::Sync>().filter(rows::Sync::STARTED_AT.gte(from));
    if let Some(id) = of {
        commits = commits.filter(rows::Commit::REPOSITORY.is(id));
        syncs = syncs.filter(rows::Sync::REPOSITORY.is(id));
    }
    let failed = syncs.clone().filter(rows::Sync::STATE.eq(SyncState::Failed.as_str()));
    let (commits, syncs, failed) = try_join!(
        commits.newest(rows::Commit::DATE, READ as u64),
        syncs.newest(rows::Sync::STARTED_AT, READ as u64),
        failed.newest(rows::Sync::STARTED_AT, READ as u64)
    )?;
    let (commits, syncs, failed) = (Dates::new(commits), Dates::new(syncs), Dates::new(failed));
    let count = async |week: Week| -> Result<WeekCount, ServiceError> {
        let (commits, syncs, failed) = try_join!(
            commits.within(week, || count_commits(tenant, of, week)),
            syncs.within(week, || count_syncs(tenant, of, week, None)),
            failed.within(week, || count_syncs(tenant, of, week, Some(SyncState::Failed)))
        )?;
        Ok(WeekCount { begins: week.0, commits, syncs, failed })
    };
    stream::iter((0..WEEKS).rev().map(ago)).map(count).buffered(AT_ONCE).try_collect().await
}

/// The newest dates of something.
struct Dates {
    newest: Vec<Timestamp>,
    /// From when on all are there; `None` if all are.
    whole_from: Option<Timestamp>,
}

impl Dates {
    fn new(newest: Vec<Timestamp>) -> Self {
        let cut = newest.len() >= READ;
        let whole_from = newest.iter().min().copied().filter(|_| cut);
        Self { newest, whole_from }
    }

    /// How many are of this week; asked for where that is not known.
    async fn within<F>(&self, week: Week, ask: impl FnOnce() -> F) -> Result<usize, ServiceError>
    where
        F: Future<Output = Result<u64, ServiceError>>,
    {
        if self.whole_from.is_some_and(|from| week.begins() <= from) {
            return Ok(usize::try_from(ask().await?).unwrap_or(usize::MAX));
        }
        let within = |at: &&Timestamp| (week.begins()..week.ends()).contains(*at);
        Ok(self.newest.iter().filter(within).count())
    }
}

async fn count_commits(tenant: &Tenant, of: Option<RepositoryId>, week: Week) -> Result<u64, ServiceError> {
    let date = rows::Commit::DATE;
    let mut commits = tenant.db.select::<rows::Commit>().filter(date.gte(week.begins())).filter(date.lt(week.ends()));
    if let Some(id) = of {
        commits = commits.filter(rows::Commit::REPOSITORY.is(id));
    }
    Ok(commits.count().await?)
}

async fn count_syncs(
    tenant: &Tenant,
    of: Option<RepositoryId>,
    week: Week,
    state: Option<SyncState>,
) -> Result<u64, ServiceError> {
    let date = rows::Sync::STARTED_AT;
    let mut syncs =
        tenant.db.select::<rows::Sync>().filter(Filter::all([date.gte(week.begins()), date.lt(week.ends())]));
    if let Some(id) = of {
        syncs = syncs.filter(rows::Sync::REPOSITORY.is(id));
    }
    if let Some(state) = state {
        syncs = syncs.filter(rows::Sync::STATE.eq(state.as_str()));
    }
    Ok(syncs.count().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        // 1 January 1970 was a Thursday.
        assert_eq!(Week::of(0).0, -3 * DAY);
        assert_eq!(Week::of(4 * DAY).0, 4 * DAY);
        assert_eq!(Week::of(4 * DAY - 1).0, -3 * DAY);
        assert_eq!(Week::of(11 * DAY - 1).0, 4 * DAY);
        assert_eq!(Week::of(11 * DAY).before(), Week(4 * DAY));
    }

    #[test]
    fn any_day_of_a_week_means_it() {
        let monday: Week = "2026-11-16".parse().unwrap();
        assert_eq!(monday.begins().as_millis() % DAY, 0);
        for day in ["2026-11-18", "2026-11-22"] {
            assert_eq!(day.parse(), Ok(monday), "{day}");
        }
        assert_ne!("2026-11-23".parse(), Ok(monday));
        for text in ["", "2026", "16.11.2026", "2026-13-01", "1969-12-31", "2026-11-16T00:00:00Z"] {
            assert!(text.parse::<Week>().unwrap_err().contains("2026-11-16"), "{text}");
        }
    }

    #[tokio::test]
    async fn what_the_dates_do_not_reach_is_counted() {
        let at = |nth: usize| Timestamp::from_millis(FIRST_MONDAY + Millis::try_from(nth).unwrap());
        let week = Week(FIRST_MONDAY);
        let few = Dates::new((0..3).map(at).collect());
        assert_eq!(few.within(week, async || Ok(7)).await.unwrap(), 3);
        let cut = Dates::new((0..READ).map(at).collect());
        assert_eq!(cut.within(week, async || Ok(7)).await.unwrap(), 7);
        assert_eq!(cut.within(Week(FIRST_MONDAY + WEEK), async || Ok(7)).await.unwrap(), 0);
    }
}
