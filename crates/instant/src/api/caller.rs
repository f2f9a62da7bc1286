//! Who asks (`specs/instantdb-admin-api.md` 2.2).

use super::Shared;
use super::error::ApiError;
use super::{body, users};
use crate::App;
use axum::extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use model::EntityId;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::future::ready;
use subtle::ConstantTimeEq as _;

/// On whose behalf a request is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// The holder of the admin token.
    Admin,
    /// A user of the app: the id of the `$users` entity.
    User(EntityId),
    /// Nobody in particular.
    Guest,
}

/// A request that may be made on someone's behalf, with its JSON body.
pub(super) struct Asked {
    pub(super) caller: Caller,
    pub(super) body: Value,
}

/// A request with the admin token, whoever it says it is on behalf of.
pub(super) struct AdminOnly;

/// The same, with its JSON body.
pub(super) struct AdminAsked(pub(super) Value);

/// A request of the platform API: the app is named in the path, and the token says which one that is.
pub(super) struct OwnerOnly;

/// The same, with its JSON body.
pub(super) struct OwnerAsked(pub(super) Value);

impl FromRequest<Shared> for Asked {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Shared) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, api).await?;
        let body = body::json(&caller, &parts.headers, body).await?;
        Ok(Self { caller, body })
    }
}

impl FromRequest<Shared> for AdminAsked {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Shared) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        AdminOnly::from_request_parts(&mut parts, api).await?;
        Ok(Self(body::json(&Caller::Admin, &parts.headers, body).await?))
    }
}

impl FromRequest<Shared> for OwnerAsked {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Shared) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        OwnerOnly::from_request_parts(&mut parts, api).await?;
        Ok(Self(body::json(&Caller::Admin, &parts.headers, body).await?))
    }
}

impl FromRequestParts<Shared> for AdminOnly {
    type Rejection = ApiError;

    fn from_request_parts(parts: &mut Parts, api: &Shared) -> impl Future<Output = Result<Self, ApiError>> + Send {
        let shown = named_app(parts).and_then(|app_id| check_token(&api.store.app(), app_id, &parts.headers));
        ready(shown.map(|()| Self))
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Result<Self, ApiError> {
        let app_id = named_app(parts)?;
        let app = api.store.app();
        let headers = &parts.headers;
        if let Some(token) = text(headers, "as-token") {
            let uuid = body::uuid(token).ok_or_else(|| ApiError::malformed(&["asUser", "token"], &token.into()))?;
            let user = if app_id == app.id { users::of_token(api, uuid).await? } else { None };
            return user.map(Self::User).ok_or_else(|| unknown_user(app_id, "refresh-token", token));
        }
        if let Some(email) = text(headers, "as-email") {
            check_token(&app, app_id, headers)?;
            let user = users::by_email(api, email).await?;
            return user.map(|user| Self::User(user.id)).ok_or_else(|| unknown_user(app_id, "email", email));
        }
        if text(headers, "as-guest").is_some() {
            if app_id != app.id {
                return Err(ApiError::not_found("app", &json!({ "id": app_id })));
            }
            return Ok(Self::Guest);
        }
        check_token(&app, app_id, headers)?;
        Ok(Self::Admin)
    }
}

impl FromRequestParts<Shared> for OwnerOnly {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers)?;
        let app = api.store.app();
        if !is_admin_token(&app, token) {
            // InstantDB takes what it does not know for a dashboard user's token.
            let args = json!({ "refresh-token": token, "auth?": true });
            return Err(ApiError::not_found("instant-user", &args).with_status(StatusCode::UNAUTHORIZED));
        }
        let params = RawPathParams::from_request_parts(parts, api).await.ok();
        let named = params.iter().flatten().find_map(|(name, value)| (name == "app").then(|| value.to_owned()));
        let named = named.unwrap_or_default();
        match body::uuid(&named) {
            None => Err(ApiError::malformed(&["params", "app_id"], &named.into())),
            Some(id) if id == app.id => Ok(Self),
            Some(id) => {
                let message = format!(
                    "This admin token does not belong to app {id}. Admin tokens are bound to a single app. Use a personal access token to manage other apps."
                );
                Err(ApiError::new("validation-failed", message, &json!({ "reason": "admin-token-mismatch" })))
            }
        }
    }
}

/// The app that a request is about: the header, else the parameter.
fn named_app(parts: &Parts) -> Result<EntityId, ApiError> {
    let (header, parameter) = (["headers", "app-id"], ["query-params", "app_id"]);
    let of_query = || {
        let query = Query::<HashMap<String, String>>::try_from_uri(&parts.uri).ok()?;
        query.0.get("app_id").cloned()
    };
    let (path, text) = match (text(&parts.headers, "app-id"), of_query()) {
        (Some(text), _) => (header, text.to_owned()),
        (None, Some(text)) => (parameter, text),
        (None, None) => {
            let hint = json!({ "in": header, "possible-ins": [parameter] });
            return Err(ApiError::new("param-missing", "Missing parameter: [\"headers\" \"app-id\"]", &hint));
        }
    };
    body::uuid(&text).ok_or_else(|| ApiError::malformed(&path, &text.clone().into()))
}

/// Refuses whoever does not show the app's admin token.
fn check_token(app: &App, app_id: EntityId, headers: &HeaderMap) -> Result<(), ApiError> {
    let token = bearer(headers)?;
    if app_id == app.id && is_admin_token(app, token) {
        return Ok(());
    }
    let hint = json!({
        "args": [{ "app-id": app_id, "token": token }],
        "message": "This admin token may be expired or invalid. Or you may have provided an incorrect app ID.",
        "record-type": "app-admin-token",
    });
    Err(ApiError::new("record-not-found", "Record not found: app-admin-token", &hint))
}

/// The token of a request: a UUID, or one of InstantDB's other kinds, which no app here knows.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let path = ["headers", "authorization"];
    let header = text(headers, "authorization").ok_or_else(|| ApiError::missing(&path))?;
    let token = header.rsplit("Bearer ").next().unwrap_or_default().trim();
    let known = body::uuid(token).is_some() || ["pat_", "per_", "eyJ"].iter().any(|kind| token.starts_with(kind));
    if known { Ok(token) } else { Err(ApiError::malformed(&path, &header.into())) }
}

fn is_admin_token(app: &App, token: &str) -> bool {
    let (Some(given), Some(own)) = (body::uuid(token), body::uuid(app.admin_token.expose())) else {
        return false;
    };
    given.as_bytes().ct_eq(own.as_bytes()).into()
}

/// A header's value; one that is not printable ASCII counts as absent.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn unknown_user(app_id: EntityId, key: &str, value: &str) -> ApiError {
    ApiError::not_found("app-user", &json!({ "app-id": app_id, key: value }))
}
