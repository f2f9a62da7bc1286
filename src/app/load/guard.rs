//! Loaders of the settings: how to use the registry, tokens, the audit trail.

use super::server::{open, service_error};
use crate::{
    api::{TOKEN_VARIABLE, registry_of},
    app::{
        data::{AuditData, TokenData, TokenForm, TokenProblem, TokensData, UseData},
        error::PageError,
        words::t,
    },
    auth::{Admin, Read},
    catalog::Identity,
    service::{Action, EventsQuery},
};
use leptos::prelude::use_context;
use model::{TokenId, view::MadeToken};
use serde_json::json;

/// Events on one page.
const PAGE: usize = 50;

/// How a project uses this registry.
pub async fn how_to_use() -> Result<UseData, PageError> {
    let (state, access) = open::<Read>().await?;
    let tenant = state.service.tenant(&access).map_err(service_error)?;
    let catalog = tenant.catalog.load();
    let Identity { alias, public, .. } = catalog.identity().clone();
    let is_one_of_many = state.authenticator.clerk.is_some();
    // Only the address says whose it is, where nobody proves that.
    let named = (public && is_one_of_many).then(|| access.organisation());
    let registry = registry_of(&state, named, public);
    let variable = registry.is_object().then(|| TOKEN_VARIABLE.to_owned());
    let snippet = json!({ "registries": { alias.as_str(): registry } });
    let origin = state.service.origin();
    let init = match named {
        Some(organisation) => format!("{origin}/o/{organisation}/r/init.json"),
        // To whoever proves nothing a private registry does not tell what it is called.
        None if variable.is_some() && alias != state.service.config().alias.value.as_str() => {
            format!("\"{origin}/r/init.json?ns={alias}\"")
        }
        None => format!("{origin}/r/init.json"),
    };
    Ok(UseData {
        init,
        snippet: serde_json::to_string_pretty(&snippet).expect("texts serialise"),
        variable,
        example: catalog.entries().first().map(|entry| entry.name.as_str().to_owned()),
        is_public: public,
        alias,
    })
}

/// The tokens, and the one that was just made.
pub async fn tokens() -> Result<TokensData, PageError> {
    let (state, access) = open::<Admin>().await?;
    let tokens = state.service.tokens(&access).await.map_err(service_error)?;
    let makers = tokens.iter().filter_map(|token| token.created_by.as_deref());
    let people = super::repositories::people(&state, &access, makers).await;
    let form = use_context::<TokenForm>().unwrap_or_default();
    Ok(TokensData { tokens, form, people, made: use_context::<MadeToken>() })
}

/// One token, to be asked about.
pub async fn token(id: String) -> Result<TokenData, PageError> {
    let (state, access) = open::<Admin>().await?;
    let none = || {
        PageError::new(404, t!("Token not found"), t!("It may have been removed with the data it belonged to."))
            .action(t!("See all tokens"), "/settings/tokens")
    };
    let id: TokenId = id.parse().map_err(|_| none())?;
    let token = state.service.token(&access, id).await.map_err(|error| {
        let error = service_error(error);
        if error.status == 404 { none() } else { error }
    })?;
    Ok(TokenData { token, made: use_context::<MadeToken>(), problem: use_context::<TokenProblem>() })
}

/// A page of the audit trail.
pub async fn audit(actor: String, action: String, offset: usize) -> Result<AuditData, PageError> {
    let (state, access) = open::<Admin>().await?;
    let query = EventsQuery { actor: Some(actor.clone()), action: Some(action.clone()), offset, limit: Some(PAGE) };
    let page = state.service.events(&access, &query).await.map_err(service_error)?;
    let people = super::repositories::people(&state, &access, page.rows.iter().map(|event| event.actor.as_str())).await;
    let actions = Action::ALL.iter().map(|action| action.as_str()).collect();
    Ok(AuditData { page, actor, action, actions, people })
}
