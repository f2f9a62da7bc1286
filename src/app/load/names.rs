//! Loaders of pages about names and about components made by hand.

use super::{
    component::Asked,
    server::{open, service_error},
};
use crate::{
    app::{
        data::{
            AliasForm, ComponentPlace, HandForm, NamesData, NamesTab, NamespaceData, NamespaceForm, ReplacementForm,
            RollbackData,
        },
        error::PageError,
        words::t,
    },
    auth::{Admin, Read},
    service::{RemovedQuery, ServiceError},
};
use leptos::prelude::use_context;
use model::{
    ItemName, RepositoryId,
    view::{ComponentView, NameState, RemovedView},
};

/// Rows on one page of a list.
const PAGE: usize = 50;

/// What stands behind the address of a component's page.
pub async fn component(name: String, asked: Asked) -> Result<ComponentPlace, PageError> {
    let absent = match super::component::component(name.clone(), asked).await {
        Ok(component) => return Ok(ComponentPlace::Served(Box::new(component))),
        Err(error) if matches!(error.status, 404 | 410) => error,
        Err(error) => return Err(error),
    };
    let (state, access) = open::<Read>().await?;
    let Ok(item) = name.parse::<ItemName>() else { return Err(absent) };
    let known = state.service.name(&access, &item).await.map_err(service_error)?;
    if known.state == NameState::Served {
        // There is no such version of it.
        return Err(absent);
    }
    if let Some(now) = known.alias.filter(|_| known.state == NameState::Alias).and_then(|alias| alias.leads_to) {
        return Ok(ComponentPlace::Renamed(now.to_string()));
    }
    match known.removed {
        Some(removed) => Ok(ComponentPlace::Removed(Box::new(removed))),
        // An alias of a component that is gone has no page of its own.
        None => Err(PageError { status: 404, title: PageError::no_component(&name).title, ..absent }),
    }
}

/// The form that chooses a replacement, as it was last sent.
pub fn replacement_form() -> ReplacementForm {
    use_context::<ReplacementForm>().unwrap_or_default()
}

/// Removed components and aliases.
pub async fn names(tab: NamesTab, offset: usize) -> Result<NamesData, PageError> {
    let (state, access) = open::<Read>().await?;
    let form = use_context::<AliasForm>();
    let tab = if form.is_some() { NamesTab::Aliases } else { tab };
    let at = |this: NamesTab| if this == tab { offset } else { 0 };
    let query = RemovedQuery { offset: at(NamesTab::Removed), limit: Some(PAGE), repository: None };
    let removed = state.service.removed_components(&access, &query).await.map_err(service_error)?;
    let aliases = state.service.aliases(&access, at(NamesTab::Aliases), PAGE).await.map_err(service_error)?;
    Ok(NamesData { tab, removed, aliases, form: form.unwrap_or_default() })
}

/// A removed component, to be asked about before its name is released.
pub async fn removed(name: String) -> Result<RemovedView, PageError> {
    let (state, access) = open::<Admin>().await?;
    let item: ItemName = name.parse().map_err(|_| PageError::no_component(&name))?;
    let known = state.service.name(&access.into(), &item).await.map_err(service_error)?;
    known.removed.filter(|_| known.state != NameState::Served).ok_or_else(|| {
        PageError::new(404, t!("Nothing to release"), t!("No removed component holds the name %{name}.", name = name))
            .action(t!("See which names are held"), "/names")
    })
}

/// The form for a new component made by hand.
pub async fn new_hand_form() -> Result<HandForm, PageError> {
    open::<Admin>().await?;
    Ok(use_context::<HandForm>().unwrap_or_else(HandForm::empty))
}

/// The form for a component made by hand: as it is, or as it was last sent.
pub async fn hand_form(name: String) -> Result<HandForm, PageError> {
    let (state, access) = open::<Admin>().await?;
    if let Some(form) = use_context::<HandForm>() {
        return Ok(form);
    }
    let made = state.service.hand_made(&access, &name).await.map_err(|error| not_by_hand(&name, error))?;
    Ok(HandForm { editing: Some(name), version: made.version.to_string(), ..HandForm::of_item(&made.item) })
}

/// A component made by hand, to be asked about before it is removed.
pub async fn to_remove(name: String) -> Result<ComponentView, PageError> {
    let (state, access) = open::<Admin>().await?;
    state.service.hand_made(&access, &name).await.map_err(|error| not_by_hand(&name, error))?;
    state.service.component(&access.into(), &name).await.map_err(service_error)
}

fn not_by_hand(name: &str, error: ServiceError) -> PageError {
    match error {
        ServiceError::NotFound { hint, .. } => {
            let mut page = PageError::no_component(name);
            page.message = format!("{} {hint}", page.message);
            page
        }
        ServiceError::Removed(message) => PageError::new(404, t!("Component not found"), message)
            .action(t!("See what became of it"), crate::app::format::component_href(name)),
        ServiceError::Conflict(message) => PageError::new(409, t!("Not made by hand"), message)
            .action(t!("See the component"), crate::app::format::component_href(name)),
        error => service_error(error),
    }
}

/// The form that gives a repository another namespace.
pub async fn namespace(id: String) -> Result<NamespaceData, PageError> {
    let (state, access) = open::<Admin>().await?;
    let repository_id: RepositoryId = id.parse().map_err(|_| PageError::no_repository(&id))?;
    let repository = state.service.repository(&access.into(), repository_id).await.map_err(service_error)?;
    let form = use_context::<NamespaceForm>().unwrap_or_else(|| NamespaceForm {
        namespace: repository.namespace.as_ref().map(ToString::to_string).unwrap_or_default(),
        error: None,
    });
    Ok(NamespaceData { repository, form })
}

/// What a rollback would do.
pub async fn rollback(id: String, to: String) -> Result<RollbackData, PageError> {
    let (state, access) = open::<Admin>().await?;
    let access = access.into();
    let repository_id: RepositoryId = id.parse().map_err(|_| PageError::no_repository(&id))?;
    let repository = state.service.repository(&access, repository_id).await.map_err(service_error)?;
    let no_snapshot = || {
        PageError::new(404, t!("Snapshot not found"), t!("This repository has no such snapshot."))
            .action(t!("See its history"), format!("/registry/{repository_id}?tab=history"))
    };
    let to = to.parse().map_err(|_| no_snapshot())?;
    match state.service.preview_rollback(&access, repository_id, to).await {
        Ok(preview) => Ok(RollbackData { repository, preview }),
        Err(ServiceError::NotFound { .. }) => Err(no_snapshot()),
        Err(error) => Err(service_error(error)),
    }
}
