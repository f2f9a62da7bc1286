//! Loaders of a repository's settings and of the page that removes it.

use super::server::{open, service_error};
use crate::{
    app::{
        data::{RemoveRepositoryData, RemoveRepositoryForm, RepositoryContent, SettingsForm},
        error::PageError,
        words::t,
    },
    auth::Admin,
    config::Interval,
};
use leptos::prelude::use_context;
use model::{
    RepositoryId,
    view::{RepositoryKind, RepositoryView},
};

/// The tab of a repository's settings: as they are, or as they were last sent.
pub async fn settings(repository: &RepositoryView) -> Result<RepositoryContent, PageError> {
    let (state, access) = open::<Admin>().await?;
    let form = use_context::<SettingsForm>().unwrap_or_else(|| of(repository));
    let webhook = repository.webhook;
    let credential = state.service.has_credential(&access, repository.id).await.map_err(service_error)?;
    let configured = state.service.config().poll_every.value.to_string();
    Ok(RepositoryContent::Settings { form, webhook, credential, configured })
}

/// The form that changes nothing.
pub fn of(repository: &RepositoryView) -> SettingsForm {
    let own = repository.poll.as_ref().filter(|poll| poll.own);
    let every = own.and_then(|poll| Interval::from_seconds(poll.every).ok());
    SettingsForm {
        name: repository.name.clone(),
        url: repository.url.clone(),
        branch: repository.branch.as_ref().map(ToString::to_string).unwrap_or_default(),
        poll_every: every.map(|every| every.to_string()).unwrap_or_default(),
        dependencies: Some(repository.dependencies),
        error: None,
    }
}

/// A repository, to be asked about before it is removed.
pub async fn to_remove(id: String) -> Result<RemoveRepositoryData, PageError> {
    let (state, access) = open::<Admin>().await?;
    let repository_id: RepositoryId = id.parse().map_err(|_| PageError::no_repository(&id))?;
    let repository = state.service.repository(&access.clone().into(), repository_id).await.map_err(service_error)?;
    if repository.kind == RepositoryKind::Manual {
        return Err(PageError::new(
            409,
            t!("Not a git repository"),
            t!("Components made by hand are removed one by one."),
        )
        .action(t!("See them"), format!("/registry/{repository_id}")));
    }
    let removal = state.service.preview_removal(&access, repository_id).await.map_err(service_error)?;
    let form = use_context::<RemoveRepositoryForm>().unwrap_or_default();
    Ok(RemoveRepositoryData { repository, removal, form })
}
