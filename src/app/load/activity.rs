//! Loader of what happened lately.

use super::server::{open, service_error};
use crate::{
    app::{data::ActivityData, error::PageError},
    auth::Read,
    service::{ActivityKind, ActivityQuery, Week},
};

/// Rows on one page.
const PAGE: usize = 50;

/// What happened in all repositories, or in one; of one kind; in one week. What
/// is none of these is not chosen.
pub async fn activity(
    repository: String,
    kind: String,
    week: String,
    offset: usize,
) -> Result<ActivityData, PageError> {
    let (state, access) = open::<Read>().await?;
    let repositories = state.service.repositories(&access).await.map_err(service_error)?;
    let repository = repositories.iter().map(|view| view.id).find(|id| id.to_string() == repository);
    let kind = ActivityKind::ALL.into_iter().find(|one| one.as_str() == kind);
    let week = week.parse::<Week>().ok();
    let query = ActivityQuery { repository, kind, week, offset, limit: Some(PAGE) };
    let activity = state.service.activity(&access, &query).await.map_err(service_error)?;
    Ok(ActivityData {
        activity,
        repositories: repositories.into_iter().map(|view| (view.id.to_string(), view.name)).collect(),
        repository: repository.map(|id| id.to_string()).unwrap_or_default(),
        kind: kind.map_or("", ActivityKind::as_str),
        week: week.map(|week| week.begins().as_millis()),
        feed: format!("{}/activity.atom", state.service.origin()),
    })
}
