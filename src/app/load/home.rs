//! Loader of the first page.

use super::{
    frame::organisation_name,
    server::{away, page_error, service_error},
};
use crate::{
    app::{
        data::{AwayData, HomeData, MemberData, PublicRegistry, StrangerData},
        error::PageError,
        words::t,
    },
    app_state::AppState,
    auth::{self, Access, Read},
    service::{ActivityKind, ActivityQuery, ServiceError, Week},
};
use axum::http::{StatusCode, header, request::Parts};
use futures::try_join;
use instant::Timestamp;
use leptos::prelude::use_context;

/// Changes that are shown.
const CHANGES: usize = 15;
/// Components that are shown while the database is away.
const NEWEST: usize = 20;
/// Public registries that are named.
const PUBLIC: usize = 24;

/// What this is for a stranger, the organisation at a glance for a member.
pub async fn home() -> Result<HomeData, PageError> {
    let state = use_context::<AppState>();
    let state = state.ok_or_else(|| PageError::ours(t!("Look at the server's log.")))?;
    match auth::access::<Read>().await {
        Ok(access) => member(&state, &access).await,
        // Whoever shows something that proves nothing is told so.
        Err(error) if error.status() == StatusCode::UNAUTHORIZED && !shows_something() => {
            Ok(HomeData::Stranger(stranger(&state)))
        }
        Err(error) => Err(page_error(error)),
    }
}

fn shows_something() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.headers.contains_key(header::AUTHORIZATION))
}

/// Nothing here is of any registry but of those that anyone may read.
fn stranger(state: &AppState) -> StrangerData {
    let origin = state.service.origin();
    let sign_in = state.authenticator.clerk.as_ref().map(|sign_in| {
        let back = clerk::returning::marked(&sign_in.own("/"));
        sign_in.platform().sign_in(&back).to_string()
    });
    let is_one_of_many = sign_in.is_some();
    let public = state.service.public_organisations();
    let public = public.iter().take(PUBLIC).map(|(id, identity)| {
        let base = if is_one_of_many { format!("{origin}/o/{id}") } else { origin.to_owned() };
        PublicRegistry {
            name: identity.name.clone(),
            init: format!("npx shadcn@latest init {base}/r/init.json"),
            add: format!("npx shadcn@latest add {}/<name>", identity.alias),
        }
    });
    StrangerData { public: public.collect(), sign_in: sign_in.unwrap_or_else(|| "/login".to_owned()) }
}

async fn member(state: &AppState, access: &Access<Read>) -> Result<HomeData, PageError> {
    let service = &state.service;
    let catalog = service.tenant(access).map_err(service_error)?.catalog.load_full();
    let name = organisation_name().unwrap_or_else(|| catalog.identity().name.clone());
    let components = catalog.entries().len();
    let query = ActivityQuery { kind: Some(ActivityKind::Changes), ..ActivityQuery::default() };
    let asked = async { try_join!(service.repositories(access), service.happened(access, &query, CHANGES)) };
    let asked = if away(Some(access)).is_some() { Err(ServiceError::Away) } else { asked.await };
    match asked {
        Ok((repositories, changes)) => {
            let this = Week::of(Timestamp::now().as_millis());
            let weeks = [this, this.before()].map(|week| week.begins().as_millis());
            Ok(HomeData::Member(MemberData { name, components, repositories, changes, weeks }))
        }
        Err(error) if error.is_store_away() && catalog.basis().is_some() => {
            let mut repositories: Vec<_> = catalog
                .names()
                .repositories
                .iter()
                .map(|(id, name)| (*id, name.clone(), catalog.of_repository(*id).count()))
                .collect();
            repositories.sort_by_key(|(_, name, _)| name.to_lowercase());
            let newest = service.newest_components(access, NEWEST).map_err(service_error)?;
            Ok(HomeData::Away(AwayData { name, components, repositories, newest }))
        }
        Err(error) => Err(service_error(error)),
    }
}
