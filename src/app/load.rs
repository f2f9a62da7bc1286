//! Where pages get their data: each loader asks for its access, then the service.

use super::{
    data::{CommitData, CompareData, RepositoryData, RepositoryTab, WebhookData},
    error::PageError,
};
use model::view::VersionDiff;

#[cfg(feature = "ssr")]
pub mod activity;
#[cfg(feature = "ssr")]
pub mod component;
#[cfg(feature = "ssr")]
pub mod components;
#[cfg(feature = "ssr")]
mod frame;
#[cfg(feature = "ssr")]
pub mod github;
#[cfg(feature = "ssr")]
pub mod guard;
#[cfg(feature = "ssr")]
pub mod home;
#[cfg(feature = "ssr")]
pub mod names;
#[cfg(feature = "ssr")]
pub mod organisations;
#[cfg(feature = "ssr")]
pub mod packages;
#[cfg(feature = "ssr")]
pub mod registry;
#[cfg(feature = "ssr")]
pub mod repositories;
#[cfg(feature = "ssr")]
pub mod settings;

#[cfg(feature = "ssr")]
pub use frame::*;
#[cfg(feature = "ssr")]
pub use server::*;

#[cfg(feature = "ssr")]
mod server {
    use super::{CommitData, CompareData, PageError, RepositoryData, RepositoryTab, VersionDiff, WebhookData};
    use crate::{
        api::{
            ApiError, CREDENTIALS_REJECTED, ONBOARDING_REQUIRED, ORGANIZATION_REQUIRED, SIGN_IN_UNAVAILABLE,
            STORE_UNAVAILABLE, UNFIT_DATABASE,
        },
        app::{
            data::{Away, RepositoryContent},
            format::{component_href, href},
            words::t,
        },
        app_state::AppState,
        auth::{self, Access, Admin, Read, Role},
        service,
    };
    use instant::Timestamp;
    use leptos::prelude::use_context;
    use model::RepositoryId;

    /// Rows on one page of a list.
    const PAGE: usize = 50;
    /// Publications that a history shows.
    const HISTORY: usize = 100;
    /// Syncs on one page, each with its report.
    const SYNCS: usize = 25;
    /// Until a page looks again whether what was missing is there, in seconds.
    const SOON: u32 = 3;

    pub(in crate::app::load) async fn open<R: Role>() -> Result<(AppState, Access<R>), PageError> {
        let access = auth::access::<R>().await.map_err(page_error)?;
        let state = use_context::<AppState>();
        let state = state.ok_or_else(|| PageError::ours(t!("Look at the server's log.")))?;
        Ok((state, access))
    }

    /// Whether the database does not answer: that of whoever is signed in, or
    /// the one that there is.
    pub(in crate::app::load) fn away(access: Option<&Access<Read>>) -> Option<Away> {
        let state = use_context::<AppState>()?;
        let tenants = state.service.tenants();
        let tenant = access.map_or_else(|| tenants.local_tenant(), |access| tenants.get(access.organisation()))?;
        let away = tenant.contact.away()?;
        Some(Away { since: away.since.map(Timestamp::as_millis) })
    }

    /// Whether people may be in several organisations, with a role in each.
    fn access_is_shared() -> bool {
        use_context::<AppState>().is_some_and(|state| state.authenticator.clerk.is_some())
    }

    pub(crate) fn page_error(error: ApiError) -> PageError {
        let code = error.code();
        told(error).coded(code)
    }

    fn told(error: ApiError) -> PageError {
        if error.code() == STORE_UNAVAILABLE {
            return PageError::away(error.message());
        }
        let step = |page: PageError| match error.action() {
            Some((label, url)) => page.action(label, url),
            None => page,
        };
        match error.code() {
            ORGANIZATION_REQUIRED => {
                return step(PageError::new(403, t!("Choose an organisation"), error.message()));
            }
            ONBOARDING_REQUIRED => {
                let page = PageError::new(403, t!("Finish setting up"), error.message()).again_in(SOON);
                return step(page).or(t!("Use another organisation"), "/organisations");
            }
            SIGN_IN_UNAVAILABLE => {
                return PageError::new(503, t!("The sign-in provider does not answer"), error.message()).again_in(SOON);
            }
            CREDENTIALS_REJECTED | UNFIT_DATABASE => {
                let page = PageError::new(502, t!("The organisation's database cannot be used"), error.message());
                return step(page).or(t!("Use another organisation"), "/organisations");
            }
            _ => {}
        }
        match error.status().as_u16() {
            // In local mode the page says how: a link is printed where the server runs.
            401 if error.action().is_some_and(|(_, url)| url == "/login") => PageError::signed_out(),
            401 => step(PageError::signed_out()),
            403 if access_is_shared() => PageError::denied(error.message()),
            403 => PageError { other: None, ..PageError::denied(error.message()) },
            410 => PageError::new(410, t!("It was removed"), error.message())
                .action(t!("See what was removed"), "/names")
                .or(t!("Search components"), "/components"),
            429 => {
                let page = PageError::new(429, t!("Too many requests"), error.message());
                error.retry_after().map_or(page.clone(), |seconds| page.again_in(seconds))
            }
            404 => PageError::new(404, t!("Not found"), error.message()).action(t!("Go to the overview"), "/"),
            500 => PageError::ours(error.message()),
            status @ 400..=499 => {
                PageError { status, title: t!("That cannot be done").into_owned(), ..PageError::ours(error.message()) }
            }
            status => PageError { status, ..PageError::ours(error.message()) },
        }
    }

    pub(in crate::app::load) fn service_error(error: service::ServiceError) -> PageError {
        page_error(error.into())
    }

    /// One repository with what the chosen tab shows; `offset` is for its list.
    pub async fn repository(id: String, tab: RepositoryTab, offset: usize) -> Result<RepositoryData, PageError> {
        let (state, access) = open::<Read>().await?;
        let service = &state.service;
        let repository_id: RepositoryId = id.parse().map_err(|_| PageError::no_repository(&id))?;
        let repository = service.repository(&access, repository_id).await.map_err(service_error)?;
        let total = service.commit_count(&access, repository_id).await.map_err(service_error)?;
        let content = match tab {
            RepositoryTab::Components => {
                let query = service::ComponentsQuery {
                    repository: Some(repository_id),
                    offset,
                    limit: Some(PAGE),
                    ..Default::default()
                };
                RepositoryContent::Components(service.components(&access, &query).map_err(service_error)?)
            }
            RepositoryTab::Commits => {
                let part = service::Part { offset, limit: Some(PAGE) };
                let commits = service.commits(&access, repository_id, part).await.map_err(service_error)?;
                RepositoryContent::Commits { page: commits.page, history: commits.history }
            }
            RepositoryTab::Refs => {
                RepositoryContent::Refs(service.refs(&access, repository_id).await.map_err(service_error)?)
            }
            RepositoryTab::Syncs => {
                let part = service::Part { offset, limit: Some(SYNCS) };
                RepositoryContent::Syncs(service.syncs_page(&access, repository_id, part).await.map_err(service_error)?)
            }
            RepositoryTab::History => {
                let publications =
                    service.publications(&access, repository_id, HISTORY).await.map_err(service_error)?;
                let actors = publications.iter().filter_map(|publication| publication.actor.as_deref());
                let people = super::repositories::people(&state, &access, actors).await;
                RepositoryContent::History { publications, people }
            }
            RepositoryTab::Findings => {
                let syncs = service.syncs(&access, repository_id, HISTORY).await.map_err(service_error)?;
                let report = syncs.into_iter().filter(|sync| sync.state.is_final()).find_map(|sync| sync.report);
                RepositoryContent::Findings(report.map(|report| report.diagnostics).unwrap_or_default())
            }
            RepositoryTab::Settings => super::settings::settings(&repository).await?,
        };
        let offers = service.offers(&access, repository_id).await.map_err(service_error)?;
        let others = service.repository_names(&access).await.map_err(service_error)?;
        let delivery = if repository.webhook {
            service.last_delivery(&access, repository_id).await.map_err(service_error)?
        } else {
            None
        };
        Ok(RepositoryData { repository, commits: total, others, delivery, offers, content })
    }

    /// One commit of a repository.
    pub async fn commit(id: String, sha: String) -> Result<CommitData, PageError> {
        let (state, access) = open::<Read>().await?;
        let repository_id: RepositoryId = id.parse().map_err(|_| PageError::no_repository(&id))?;
        let repository = state.service.repository(&access, repository_id).await.map_err(service_error)?;
        let detail = state.service.commit(&access, repository_id, &sha).await.map_err(|error| {
            let commits = format!("/registry/{repository_id}?tab=commits");
            service_error(error).action(t!("See its commits"), commits)
        })?;
        Ok(CommitData { repository, detail })
    }

    /// What differs between two states of a repository.
    pub async fn compare(id: String, sides: service::Sides) -> Result<CompareData, PageError> {
        let (state, access) = open::<Read>().await?;
        let repository_id: RepositoryId = id.parse().map_err(|_| PageError::no_repository(&id))?;
        let repository = state.service.repository(&access, repository_id).await.map_err(service_error)?;
        let refs = state.service.refs(&access, repository_id).await.map_err(service_error)?;
        let diff = state.service.compare(&access, repository_id, &sides).await.map_err(|error| {
            let refs = format!("/registry/{repository_id}?tab=refs");
            service_error(error).action(t!("See its tags and branches"), refs)
        })?;
        Ok(CompareData { repository, refs, diff })
    }

    /// What differs between two versions of a component.
    pub async fn diff(name: String, sides: service::Sides) -> Result<VersionDiff, PageError> {
        let (state, access) = open::<Read>().await?;
        state.service.diff(&access, &name, &sides).await.map_err(|error| {
            let versions = href(&component_href(&name), &[("tab", "versions")]);
            service_error(error).action(t!("See its versions"), versions)
        })
    }

    /// A repository's webhook, and what arrived.
    pub async fn webhook(id: String) -> Result<WebhookData, PageError> {
        let (state, access) = open::<Admin>().await?;
        let service = &state.service;
        let repository: RepositoryId = id.parse().map_err(|_| PageError::no_repository(&id))?;
        let read = access.clone().into();
        let name = service.repository(&read, repository).await.map_err(service_error)?.name;
        let hook = service.hook(&access, repository).await.map_err(service_error)?;
        let deliveries = service.deliveries(&read, repository).await.map_err(service_error)?;
        Ok(WebhookData { repository, name, hook, deliveries })
    }
}
