//! JSON routes: what the shadcn CLI asks, and what programs and the dashboard's
//! islands ask.

mod audit;
mod clerk;
mod credential;
mod error;
mod github;
mod health;
mod history;
mod hook;
mod init;
mod internal;
mod items;
mod names;
mod open;
mod openapi;
mod packages;
mod palette;
mod serve;
mod session;
mod settings;
mod stale;
mod tokens;
mod webhook;

pub use error::{
    ApiError, CREDENTIALS_REJECTED, ONBOARDING_REQUIRED, ORGANIZATION_REQUIRED, SIGN_IN_UNAVAILABLE, STORE_UNAVAILABLE,
    UNFIT_DATABASE,
};
pub(crate) use init::{TOKEN_VARIABLE, registry_of};
pub use openapi::document;

use crate::server::table::{Routes, delete, get, post};
use axum::{extract::DefaultBodyLimit, http::StatusCode};

/// Largest body of a JSON request, in bytes.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Routes for the shadcn CLI. No session: a token or this machine. The fastest
/// way through the server, so no layer either.
pub(crate) fn install_routes() -> Routes {
    Routes::new()
        .route("/r/{*path}", get(items::item))
        .route("/api/registry/{*path}", get(items::item))
        .route("/o/{organisation}/r/{*path}", get(items::item_of_organisation))
}

/// Routes that tell nothing about anyone.
pub(crate) fn open_routes() -> Routes {
    Routes::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/openapi.json", get(openapi::openapi))
}

/// Where git hosts send their deliveries. Neither a session nor a token: the
/// signature proves where they come from, and no page of another site has it.
pub(crate) fn webhook_routes() -> Routes {
    Routes::new()
        .route("/api/internal/registry/webhook/{hook}", post(webhook::receive))
        .route("/api/webhooks/clerk", post(clerk::receive))
}

/// Routes for programs and the dashboard.
pub(crate) fn internal_routes() -> Routes {
    Routes::new()
        .route("/api/internal/registry", get(internal::repositories).post(internal::register))
        .route(
            "/api/internal/registry/{id}",
            get(internal::repository).patch(internal::change).delete(internal::remove),
        )
        .route("/api/internal/registry/{id}/events", get(internal::events))
        .route(
            "/api/internal/registry/{id}/credential",
            get(credential::state).put(credential::set).delete(credential::remove),
        )
        .route("/api/internal/github", get(github::status))
        .route("/api/internal/github/repositories", get(github::repositories))
        .route("/api/internal/registry/{id}/hook", get(hook::hook).post(hook::make).delete(hook::remove))
        .route("/api/internal/registry/{id}/hook/deliveries", get(hook::deliveries))
        .route("/api/internal/registry/{id}/rollback", get(internal::preview_rollback).post(internal::rollback))
        .route("/api/internal/registry/{id}/commits", get(history::commits))
        .route("/api/internal/registry/{id}/commits/{sha}", get(history::commit))
        .route("/api/internal/registry/{id}/refs", get(history::refs))
        .route("/api/internal/registry/{id}/compare", get(history::compare))
        .route("/api/internal/registry/sync", post(internal::sync))
        .route("/api/internal/registry/discover", post(internal::discover))
        .route("/api/internal/components", get(internal::components).post(internal::create_component))
        .route(
            "/api/internal/components/{*name}",
            get(internal::component).put(internal::update_component).delete(internal::remove_component),
        )
        .route("/api/internal/activity", get(history::activity))
        .route("/api/internal/packages", get(packages::packages))
        .route("/api/internal/palette", get(palette::palette))
        .route("/api/internal/aliases", get(names::aliases).post(names::add_alias))
        .route("/api/internal/aliases/{*name}", delete(names::remove_alias))
        .route("/api/internal/names", get(names::removed))
        .route("/api/internal/names/{*name}", get(names::name).patch(names::replace).delete(names::release))
        .route("/api/internal/commits/{*name}", get(history::component_commits))
        .route("/api/internal/versions/{*name}", get(history::versions))
        .route("/api/internal/diff/{*name}", get(history::diff))
        .route("/api/internal/tokens", get(tokens::tokens).post(tokens::create))
        .route("/api/internal/tokens/{id}", delete(tokens::revoke))
        .route("/api/internal/tokens/{id}/rotate", post(tokens::rotate))
        .route("/api/internal/settings", get(settings::settings).patch(settings::change))
        .route("/api/internal/audit", get(audit::events))
        .route("/api/internal/audit/export", get(audit::export))
        .route("/api/{*rest}", get(no_route).post(no_route).put(no_route).patch(no_route).delete(no_route))
        .map(|router| router.layer(DefaultBodyLimit::max(MAX_BODY)))
}

/// Routes that set or end a browser's session.
pub(crate) fn session_routes() -> Routes {
    Routes::new().route("/login", get(session::login)).route("/logout", post(session::logout))
}

pub(crate) use items::item;
pub use items::item_at_root;
pub(crate) use stale::mark_all as mark_stale;

async fn no_route() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no_route", "There is no such route. See /openapi.json for what there is.")
}
