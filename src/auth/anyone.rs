//! Who needs no proof: whoever reads a public organisation's registry.

use super::{Access, Actor, Asker, NamedOrganisation, Role};
use crate::{
    api::{ApiError, ORGANIZATION_REQUIRED, SIGN_IN_UNAVAILABLE},
    app_state::AppState,
    service::EnterError,
};
use axum::http::{StatusCode, request::Parts};
use model::OrganisationId;

/// Whether someone who was refused for this is nobody in particular, rather
/// than someone else.
pub(super) fn is_unknown(refusal: &ApiError) -> bool {
    refusal.status() == StatusCode::UNAUTHORIZED
        || [ORGANIZATION_REQUIRED, SIGN_IN_UNAVAILABLE].contains(&refusal.code())
}

/// The access of someone unknown to the public organisation that the path
/// names; in local mode to the one that there is, unless another is named.
///
/// `None` where nothing public is named: what is private is answered like what is
/// not there, and neither is looked up.
///
/// # Errors
/// Why a public organisation cannot be served now.
pub(super) async fn access<R: Role>(
    state: &AppState,
    parts: &Parts,
    asker: Asker,
) -> Result<Option<Access<R>>, ApiError> {
    let named = parts.extensions.get::<NamedOrganisation>().map(|named| named.0.clone());
    let meant = match &state.authenticator.clerk {
        Some(_) => named,
        None => Some(OrganisationId::local()).filter(|local| named.is_none_or(|named| named == *local)),
    };
    let Some(organisation) = meant.filter(|meant| R::ANONYMOUS && state.service.is_public(meant)) else {
        return Ok(None);
    };
    let is_open = state.service.tenants().get(&organisation).is_some();
    if !is_open {
        // It is known, so it may be opened; not again and again for the same address where that fails.
        state.limits.may_guess(asker)?;
    }
    match state.service.enter(&organisation).await {
        // It may have turned out private as it was opened.
        Ok(_) if state.service.is_public(&organisation) => Ok(Some(Access::granted(organisation, Actor::Anonymous))),
        Ok(_) | Err(EnterError::NoOrganisation | EnterError::NoCredentials { .. }) => Ok(None),
        Err(error) => {
            let told = ApiError::from(error);
            Err(if is_open { told } else { state.limits.guessed(asker).err().unwrap_or(told) })
        }
    }
}
