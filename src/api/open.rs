//! What nobody is refused below `/r/`: the item that sets a project up, and the
//! directory of registries.

use super::{
    init,
    serve::{Audience, CachePolicy, VARY},
};
use crate::{
    app_state::AppState,
    auth::{Access, Install, NamedOrganisation},
    catalog::Identity,
};
use axum::{
    Json,
    body::Body,
    extract::FromRequestParts,
    http::{Response, header, request::Parts},
    response::IntoResponse,
};
use model::{Alias, OrganisationId};
use serde_json::{Value, json};
use std::collections::HashMap;

/// JSON that nobody is refused.
fn send(value: &Value, audience: Audience) -> Response<Body> {
    let mut response = Json(value).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CachePolicy::Revalidate.header(audience));
    headers.insert(header::VARY, VARY);
    audience.tell(headers);
    response
}

/// The item that sets a project up. Of an organisation it tells what it is called
/// if that is public, or if the asker proves to belong to it; to anyone else
/// nothing that the address does not, and nothing is looked up for them.
pub(super) async fn init(state: &AppState, parts: &mut Parts, wanted: Option<Alias>) -> Response<Body> {
    let organisation = parts.extensions.get::<NamedOrganisation>().map(|named| named.0.clone());
    // In local mode there is one, named or not.
    let meant = organisation.clone().or_else(|| state.authenticator.clerk.is_none().then(OrganisationId::local));
    if let Some(identity) = meant.and_then(|meant| state.service.public_identity(&meant)) {
        let alias = wanted.map_or(identity.alias, |alias| alias.to_string());
        return send(&init::item(state, organisation.as_ref(), &alias, true), Audience::Everyone);
    }
    let own = match &wanted {
        Some(_) => None,
        None => Access::<Install>::from_request_parts(parts, state).await.ok(),
    };
    let own = own.and_then(|access| state.service.tenant(&access).ok());
    let own = own.map(|tenant| tenant.catalog.load().identity().alias.clone()).filter(|alias| !alias.is_empty());
    let alias = wanted.map(|alias| alias.to_string()).or(own);
    let alias = alias.unwrap_or_else(|| state.service.config().alias.value.to_string());
    send(&init::item(state, organisation.as_ref(), &alias, false), Audience::Asker)
}

/// The directory of registries (`specs/shadcn-protocol.md` 2.2): the asker's own,
/// and the public ones that this server knows. The CLI fails on anything but a
/// list, so nobody is refused here.
pub(super) fn registries(state: &AppState, access: Option<&Access<Install>>) -> Response<Body> {
    let origin = state.service.origin();
    let entry = |identity: &Identity, address: String| {
        json!({
            "name": identity.alias,
            "homepage": identity.homepage,
            "url": format!("{address}/r/{{name}}.json"),
            "description": identity.name,
        })
    };
    let mut listed = Vec::new();
    let mut audience = Audience::Everyone;
    let mut own = None;
    if let Some(access) = access
        && let Ok(tenant) = state.service.tenant(access)
    {
        let catalog = tenant.catalog.load();
        audience = Audience::of(&catalog, access);
        if audience == Audience::Asker {
            listed.push(entry(catalog.identity(), origin.to_owned()));
            own = Some((access.organisation().clone(), catalog.identity().alias.clone()));
        }
    }
    let public = state.service.public_organisations();
    let others = public.iter().filter(|(id, _)| own.as_ref().is_none_or(|(own, _)| own != *id));
    // A name that several claim would lead to any of them: it is nobody's here but the asker's.
    let mut claims: HashMap<&str, usize> = HashMap::new();
    let own_alias = own.as_ref().map(|(_, alias)| alias.as_str());
    for alias in others.clone().map(|(_, identity)| identity.alias.as_str()).chain(own_alias) {
        *claims.entry(alias).or_default() += 1;
    }
    let others = others.filter(|(_, identity)| claims.get(identity.alias.as_str()) == Some(&1));
    listed.extend(others.map(|(id, identity)| {
        let is_one_of_many = state.authenticator.clerk.is_some();
        entry(identity, if is_one_of_many { format!("{origin}/o/{id}") } else { origin.to_owned() })
    }));
    send(&listed.into(), audience)
}
