//! JSON routes about an organisation's own settings.

use super::internal::{Answer, Body};
use crate::{
    app_state::AppState,
    auth::{Access, Admin, Read},
    service::SettingsChange,
};
use axum::{Json, extract::State};
use model::view::SettingsView;

/// Get the registry's settings: what is set, and what counts where nothing is.
#[utoipa::path(get, path = "/api/internal/settings", tag = "settings", responses((status = 200, description = "`alias`, `name`, `homepage`, `public`, `defaultPolicy` and `accent`; null where nothing is set, and `defaults`")))]
pub(super) async fn settings(State(state): State<AppState>, access: Access<Read>) -> Answer<SettingsView> {
    Ok(Json(state.service.settings(&access).await?))
}

/// Change the registry's settings. What is not given stays; null is the default
/// again. With `public`, anyone may read the registry without a token.
#[utoipa::path(patch, path = "/api/internal/settings", tag = "settings", request_body = SettingsChange,
    responses((status = 200, description = "The settings as they are now"), (status = 422, description = "A value that cannot be meant; nothing is changed")))]
pub(super) async fn change(
    State(state): State<AppState>,
    access: Access<Admin>,
    Body(change): Body<SettingsChange>,
) -> Answer<SettingsView> {
    Ok(Json(state.service.change_settings(&access, change).await?))
}
