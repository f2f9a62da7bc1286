//! Loader of the page that adds a repository.

use super::server::open;
use crate::{
    app::{
        data::{AddRepositoryData, AddRepositoryForm, GithubPicker, GithubProblem},
        error::PageError,
        words::t,
    },
    auth::Admin,
    service::{GithubQuery, GithubRefusal, RefusalKind, ServiceError},
};
use leptos::prelude::use_context;

/// The form that adds a repository: empty, or as it was last sent, with its
/// error; and what GitHub offers.
pub async fn add_repository(query: GithubQuery) -> Result<AddRepositoryData, PageError> {
    let (state, access) = open::<Admin>().await?;
    let form = use_context::<AddRepositoryForm>().unwrap_or_default();
    let found = match state.service.github_repositories(&access, &query).await {
        Ok(found) => Some(Ok(found)),
        Err(ServiceError::Github(refusal)) => problem(*refusal).map(Err),
        // Of a database that does not answer the page says so on top.
        Err(error) => {
            tracing::debug!(%error, "GitHub is not offered");
            None
        }
    };
    let github = found.map(|found| GithubPicker { q: query.q, found });
    Ok(AddRepositoryData { form, github, takes_paths: state.service.config().local_paths.value })
}

/// What is said instead of a list; nothing where GitHub was never meant to be connected.
fn problem(refusal: GithubRefusal) -> Option<GithubProblem> {
    let GithubRefusal { kind, message, next } = refusal;
    let title = match kind {
        RefusalKind::NotConnected => {
            next.as_ref()?;
            t!("Choose from GitHub")
        }
        RefusalKind::Reconnect => t!("GitHub has to be connected again."),
        RefusalKind::SignOn => t!("GitHub wants a single sign-on."),
        RefusalKind::NotVisible | RefusalKind::Forbidden => t!("GitHub shows nothing to the connected account."),
        RefusalKind::RateLimited { .. } | RefusalKind::Unavailable => {
            t!("Your repositories on GitHub cannot be listed now.")
        }
    };
    Some(GithubProblem { is_new: kind == RefusalKind::NotConnected, title, message, next })
}
