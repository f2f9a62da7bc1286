//! Forms about API tokens.

use super::{Typed, public_message, refused, show_again, tell};
use crate::{
    api::ApiError,
    app::data::{FormError, TokenForm, TokenProblem},
    app_state::AppState,
    auth::{Access, Admin},
    server::table::{Routes, post},
    service::{NewToken, Rotation},
};
use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use model::{TokenId, view::MadeToken};
use serde::Deserialize;
use tower_sessions::Session;

const LIST: &str = "/settings/tokens";

pub(super) fn routes() -> Routes {
    Routes::new()
        .route("/settings/tokens", post(create))
        .route("/settings/tokens/{id}/rotate", post(rotate))
        .route("/settings/tokens/{id}/revoke", post(revoke))
}

/// A time as a form sends it, in seconds.
fn seconds(text: &str) -> Option<u64> {
    humantime::parse_duration(text.trim()).ok().map(|time| time.as_secs())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct New {
    name: String,
    scope: String,
    expires: String,
}

impl New {
    fn read(&self) -> Result<NewToken, FormError> {
        let about = |field: &str, message: String| FormError { field: Some(field.to_owned()), message };
        let name = self.name.trim();
        if name.is_empty() {
            return Err(about("name", "A token needs a name, to be known again by.".to_owned()));
        }
        let scope = self.scope.parse().map_err(|error| about("scope", format!("{error}.")))?;
        let expires_in = match self.expires.as_str() {
            "never" => None,
            text => {
                let time = seconds(text);
                Some(time.ok_or_else(|| about("expires", "Choose how long it lives.".to_owned()))?)
            }
        };
        Ok(NewToken { scope, name: name.to_owned(), expires_in })
    }
}

impl Typed for TokenForm {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        vec![
            ("name", "Name", self.name.clone()),
            ("scope", "Scope", self.scope.clone()),
            ("expires", "Expires", self.expires.clone()),
        ]
    }
}

/// Nothing was typed that would be missed.
impl Typed for MadeToken {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        Vec::new()
    }
}

impl Typed for TokenProblem {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        Vec::new()
    }
}

/// The page that follows shows the token: it is kept nowhere to be shown later.
async fn create(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    asked: Parts,
    Form(form): Form<New>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let made = match form.read() {
        Ok(new) => state
            .service
            .create_token(&access, new)
            .await
            .map_err(|error| FormError { field: None, message: public_message(error) }),
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => show_again(state, asked, StatusCode::CREATED, made).await,
        Err(error) => {
            let shown = TokenForm { name: form.name, scope: form.scope, expires: form.expires, error: Some(error) };
            show_again(state, asked, StatusCode::UNPROCESSABLE_ENTITY, shown).await
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rotate {
    overlap: String,
}

async fn rotate(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(id): Path<String>,
    asked: Parts,
    Form(form): Form<Rotate>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let Ok(id) = id.parse::<TokenId>() else { return Redirect::to(LIST).into_response() };
    let rotation = Rotation { overlap: seconds(&form.overlap), expires_in: None };
    match state.service.rotate_token(&access, id, rotation).await {
        Ok(made) => show_again(state, asked, StatusCode::CREATED, made).await,
        Err(error) => {
            let error = ApiError::from(error);
            let problem = TokenProblem(error.message().to_owned());
            show_again(state, asked, error.status(), problem).await
        }
    }
}

async fn revoke(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(id): Path<String>,
    session: Session,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    if let Ok(id) = id.parse::<TokenId>() {
        match state.service.revoke_token(&access, id).await {
            Ok(token) => {
                tell(&session, false, format!("Revoked. {} opens nothing any more.", token.name)).await;
            }
            Err(error) => tell(&session, true, public_message(error)).await,
        }
    }
    Redirect::to(LIST).into_response()
}
