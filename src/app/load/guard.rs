//! Loaders of the settings: how to use the registry, tokens, the audit trail.

use super::server::{open, service_error};
use crate::{
    api::{TOKEN_VARIABLE, registry_of},
    app::{
        data::{AuditData, TokenData, TokenForm, TokenProblem, TokensData, UseData},
        error::PageError,
    },
    auth::{Admin, Read},
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
    let alias = catalog.identity().alias.clone();
    let registry = registry_of(&state, None);
    let variable = registry.is_object().then(|| TOKEN_VARIABLE.to_owned());
    let snippet = json!({ "registries": { alias.as_str(): registry } });
    Ok(UseData {
        init: format!("{}/r/init.json", state.service.origin()),
        snippet: serde_json::to_string_pretty(&snippet).expect("texts serialise"),
        variable,
        example: catalog.entries().first().map(|entry| entry.name.as_str().to_owned()),
        alias: alias.as_str().to_owned(),
    })
}

/// The tokens, and the one that was just made.
pub async fn tokens() -> Result<TokensData, PageError> {
    let (state, access) = open::<Admin>().await?;
    let tokens = state.service.tokens(&access).await.map_err(service_error)?;
    Ok(TokensData { tokens, form: use_context::<TokenForm>().unwrap_or_default(), made: use_context::<MadeToken>() })
}

/// One token, to be asked about.
pub async fn token(id: String) -> Result<TokenData, PageError> {
    let (state, access) = open::<Admin>().await?;
    let none = || {
        PageError::new(404, "Token not found", "It may have been removed with the data it belonged to.")
            .action("See all tokens", "/settings/tokens")
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
    Ok(AuditData { page, actor, action, actions: Action::ALL.iter().map(|action| action.as_str()).collect() })
}
