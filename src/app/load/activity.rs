//! Loader of what happened lately.

use super::server::{open, service_error};
use crate::{
    app::{data::ActivityData, error::PageError},
    auth::Read,
    service::ActivityQuery,
};

/// Rows on one page.
const PAGE: usize = 50;

/// What happened in all repositories, or in one; one that is none is not chosen.
pub async fn activity(repository: String, offset: usize) -> Result<ActivityData, PageError> {
    let (state, access) = open::<Read>().await?;
    let repositories = state.service.repositories(&access).await.map_err(service_error)?;
    let chosen = repositories.iter().map(|view| view.id).find(|id| id.to_string() == repository);
    let query = ActivityQuery { repository: chosen, offset, limit: Some(PAGE) };
    let activity = state.service.activity(&access, &query).await.map_err(service_error)?;
    let repositories = repositories.into_iter().map(|view| (view.id.to_string(), view.name)).collect();
    Ok(ActivityData { activity, repositories, repository: chosen.map(|id| id.to_string()).unwrap_or_default() })
}
