//! The loader of a component's page.

use super::server::{open, service_error};
use crate::{
    app::{
        data::{Around, ComponentData},
        error::PageError,
        format::{component_href, href},
        install::PackageManager,
        pages::component::ComponentTab,
        parts::{Place, siblings::LISTED},
        words::t,
    },
    auth::Read,
    service::{Part, ServiceError},
};
use axum::http::{header, request::Parts};
use leptos::prelude::use_context;
use model::{
    Selector,
    view::{GraphView, OriginView},
};

/// Rows on one page of a list.
const PAGE: usize = 50;

/// What is asked of a component's page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The open tab.
    pub tab: ComponentTab,
    /// Where the list of the open tab begins.
    pub offset: usize,
    /// The version whose files are shown; empty for what is served.
    pub at: String,
}

/// Everything about one component that the open tab shows.
pub async fn component(name: String, asked: Asked) -> Result<ComponentData, PageError> {
    let (state, access) = open::<Read>().await?;
    let Asked { tab, offset, at } = asked;
    let part = |list: ComponentTab| Part { offset: if tab == list { offset } else { 0 }, limit: Some(PAGE) };
    let (versions, commits) = (part(ComponentTab::Versions), part(ComponentTab::Commits));
    let selector = (!at.is_empty()).then(|| Selector::parse(&at));
    let found = state.service.component_with(&access, &name, selector.as_ref(), versions, commits).await;
    let found = found.map_err(|error| match error {
        ServiceError::NotFound { hint, .. } if selector.is_none() => {
            let mut page = PageError::no_component(&name);
            page.message = format!("{} {hint}", page.message);
            page
        }
        error @ ServiceError::NotFound { .. } => {
            let versions = href(&component_href(&name), &[("tab", "versions")]);
            service_error(error).action(t!("See its versions"), versions)
        }
        error => service_error(error),
    })?;
    let component = found.component;
    let changes = if tab == ComponentTab::Commits && !found.partial {
        state.service.changes(&access, &name, &component.commits).await.map_err(service_error)?
    } else {
        Vec::new()
    };
    let commit = match &selector {
        Some(Selector::Commit(digits)) => digits.parse().ok(),
        _ => None,
    };
    // Where the database is away, or another version is looked at, nothing is known of it.
    let origin = if tab == ComponentTab::Files && !found.partial && (selector.is_none() || commit.is_some()) {
        state.service.in_git(&access, &component, commit).await.map_err(service_error)?
    } else {
        OriginView::default()
    };
    let graph = match tab {
        ComponentTab::Dependencies => state.service.graph(&access, &name).map_err(service_error)?,
        _ => GraphView::default(),
    };
    let (names, total) =
        state.service.names_around(&access, component.row.name.as_str(), LISTED).map_err(service_error)?;
    let is_public = state.service.tenant(&access).map_err(service_error)?.catalog.load().identity().public;
    Ok(ComponentData {
        versions: Place::new(component.versions.len(), found.versions, versions.offset, PAGE),
        commits: Place::new(component.commits.len(), found.commits, commits.offset, PAGE),
        changes,
        origin,
        graph,
        around: Around { names, total },
        at,
        manager: manager(),
        partial: found.partial,
        needs_token: !(state.authenticator.anonymous_installs || is_public),
        component,
    })
}

/// The package manager that the browser keeps.
fn manager() -> PackageManager {
    let parts = use_context::<Parts>();
    let cookies = parts.as_ref().map(|parts| parts.headers.get_all(header::COOKIE));
    let cookies = cookies.into_iter().flatten().filter_map(|value| value.to_str().ok());
    PackageManager::of_cookies(&cookies.collect::<Vec<_>>().join(";"))
}
