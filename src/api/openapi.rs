//! The OpenAPI document, generated from the handlers.

use super::{
    audit, clerk, credential, github, health, history, hook, internal, items, names, packages, palette, settings,
    tokens, webhook,
};
use crate::server::feed;
use axum::Json;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Ekairos Registry", description = "Git repositories in, `shadcn add` out.", license(name = "MIT")),
    paths(
        items::item,
        internal::repositories,
        internal::register,
        internal::repository,
        internal::change,
        internal::remove,
        internal::sync,
        internal::discover,
        internal::events,
        internal::preview_rollback,
        internal::rollback,
        credential::state,
        credential::set,
        credential::remove,
        github::status,
        github::repositories,
        hook::hook,
        hook::make,
        hook::remove,
        hook::deliveries,
        clerk::receive,
        webhook::receive,
        internal::components,
        internal::component,
        internal::create_component,
        internal::update_component,
        internal::remove_component,
        packages::packages,
        palette::palette,
        names::aliases,
        names::add_alias,
        names::remove_alias,
        names::removed,
        names::name,
        names::replace,
        names::release,
        history::activity,
        feed::activity,
        history::commits,
        history::commit,
        history::refs,
        history::compare,
        history::component_commits,
        history::versions,
        history::diff,
        tokens::tokens,
        tokens::create,
        tokens::rotate,
        tokens::revoke,
        settings::settings,
        settings::change,
        audit::events,
        audit::export,
        health::live,
        health::ready,
    ),
    components(schemas(super::error::Action))
)]
struct Document;

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Serves the document.
pub(super) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
