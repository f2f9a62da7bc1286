//! What the choice of an organisation shows.

use super::page_error;
use crate::{
    api::ApiError,
    app::{
        data::{Organisation, OrganisationsData},
        error::PageError,
        words::t,
    },
    app_state::AppState,
    auth::{Read, access, signed_in as signed_in_person},
};
use leptos::prelude::use_context;

/// Whether people sign in by a link of this registry; otherwise, where they do.
pub fn sign_in_by_link() -> Result<(), PageError> {
    let provider = use_context::<AppState>().and_then(|state| state.authenticator.clerk.clone());
    let Some(sign_in) = provider else { return Ok(()) };
    let back = clerk::returning::marked(&sign_in.own("/"));
    Err(PageError::signed_out().action(t!("Sign in"), sign_in.platform().sign_in(&back).to_string()))
}

/// Whether someone is signed in: for whoever renewed their session in another tab.
pub async fn signed_in() -> Result<(), PageError> {
    let provider = use_context::<AppState>().and_then(|state| state.authenticator.clerk.clone());
    let Some(sign_in) = provider else {
        return access::<Read>().await.map(drop).map_err(page_error);
    };
    let back = clerk::returning::marked(&sign_in.own("/signed-in"));
    let step = |error: ApiError| match error.status().as_u16() {
        401 => PageError::signed_out().action(t!("Sign in"), sign_in.platform().sign_in(&back).to_string()),
        _ => page_error(error),
    };
    signed_in_person().await.map(drop).map_err(step)
}

/// The organisations of whoever is signed in.
pub async fn organisations() -> Result<OrganisationsData, PageError> {
    let none =
        || PageError::new(404, t!("One organisation"), t!("This registry serves one organisation, and you are in it."));
    let state = use_context::<AppState>().ok_or_else(none)?;
    let Some(sign_in) = &state.authenticator.clerk else {
        return Err(none().action(t!("Go to the overview"), "/"));
    };
    let principal = signed_in_person().await.map_err(page_error)?;
    let active = principal.organization();
    let user = principal.user().ok_or_else(PageError::signed_out)?;
    let memberships = sign_in.clerk().backend().memberships(user).await.map_err(|error| {
        tracing::warn!(%error, "the organisations of a person could not be read");
        PageError::new(503, t!("The sign-in provider does not answer"), t!("Your organisations cannot be listed."))
            .again_in(5)
    })?;
    let organisations = memberships.into_iter().map(|membership| Organisation {
        is_active: active == Some(&membership.organization.id),
        id: membership.organization.id.as_str().to_owned(),
        name: membership.organization.name,
        role: membership.role.trim_start_matches("org:").to_owned(),
    });
    let mut organisations: Vec<_> = organisations.collect();
    organisations.sort_by(|one, other| one.name.cmp(&other.name));
    let back = clerk::returning::marked(&sign_in.own("/"));
    Ok(OrganisationsData { organisations, platform: sign_in.platform().grant(&back).to_string() })
}
