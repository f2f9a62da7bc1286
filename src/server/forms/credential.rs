//! The form that gives a repository a deploy token, or takes it away.

use super::{public_message, refused, tell};
use crate::{
    api::ApiError,
    app_state::AppState,
    auth::{Access, Admin},
    server::table::{Routes, post},
    service::DeployToken,
};
use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use model::RepositoryId;
use serde::Deserialize;
use tower_sessions::Session;

pub(super) fn routes() -> Routes {
    Routes::new().route("/registry/{id}/credential", post(change))
}

/// No `Debug`: it holds the token.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    username: String,
    token: String,
    remove: bool,
}

fn optional(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The token that was typed beside other things, if one was.
pub(super) fn of(username: &str, token: &str) -> Option<DeployToken> {
    Some(DeployToken { username: optional(username), token: optional(token)? })
}

/// What was typed is not shown again: it is a secret.
async fn change(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(id): Path<String>,
    session: Session,
    Form(form): Form<Sent>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let Ok(repository) = id.parse::<RepositoryId>() else { return Redirect::to("/registry").into_response() };
    let token = if form.remove {
        None
    } else {
        // An empty one is refused, not taken for a wish to have none.
        let (username, token) = (optional(&form.username), form.token.trim().to_owned());
        Some(DeployToken { username, token })
    };
    let done = if token.is_some() {
        "The deploy token is kept, sealed. It is tried with the next sync."
    } else {
        "The deploy token was removed."
    };
    match state.service.set_credential(&access, repository, token).await {
        Ok(()) => tell(&session, false, done.to_owned()).await,
        Err(error) => tell(&session, true, public_message(error)).await,
    }
    Redirect::to(&format!("/registry/{repository}?tab=settings")).into_response()
}
