//! The Backend API of a fake Clerk. It takes nothing that Clerk would not: the
//! secret key and the version must be there.

use super::{
    Trouble,
    fake::{Shared, lock},
    shapes,
};
use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc, time::Duration};

pub(super) fn routes(world: &Shared) -> Router<Shared> {
    Router::new()
        .route("/v1/jwks", get(jwks))
        .route("/v1/clients/handshake_payload", get(handshake_payload))
        .route("/v1/sessions/{id}/refresh", post(refresh))
        .route("/v1/sessions/{id}/revoke", post(revoke))
        .route("/v1/organizations/{id}", get(organization))
        .route("/v1/organizations/{id}/memberships", get(members))
        .route("/v1/users/{id}", get(user))
        .route("/v1/users/{id}/organization_memberships", get(memberships))
        .route("/api_keys/verify", post(verify_api_key))
        .layer(from_fn_with_state(Arc::clone(world), check))
}

/// An error as Clerk words it.
pub(super) fn refusal(status: u16, code: &str) -> Response {
    let error = json!({ "code": code, "message": code, "long_message": code, "meta": {} });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({ "errors": [error], "clerk_trace_id": "trace_1" }))).into_response()
}

/// What goes wrong at a path, if something does.
pub(super) async fn troubled(world: &Shared, path: &str) -> Option<Response> {
    let trouble =
        lock(world).broken.iter().find(|broken| path.starts_with(&broken.prefix)).map(|broken| broken.trouble);
    match trouble? {
        Trouble::Status(status) => Some(refusal(status, "scripted_trouble")),
        Trouble::TooMany(seconds) => {
            let mut response = refusal(429, "too_many_requests");
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            Some(response)
        }
        Trouble::Late(by) => {
            tokio::time::sleep(by).await;
            None
        }
        Trouble::Garbage => Some("<!doctype html><title>not Clerk</title>".into_response()),
    }
}

async fn check(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let secret = {
        let mut world = lock(&world);
        world.calls.push(format!("{} {path}", request.method()));
        format!("Bearer {}", world.secret_key)
    };
    if let Some(trouble) = troubled(&world, &path).await {
        return trouble;
    }
    if let Some(refusal) = refused(request.headers(), &secret) {
        return refusal;
    }
    next.run(request).await
}

fn refused(headers: &HeaderMap, secret: &str) -> Option<Response> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("authorization") != Some(secret) {
        return Some(refusal(401, "clerk_key_invalid"));
    }
    let spoken = header("clerk-api-version") == Some(crate::API_VERSION);
    (!spoken || header("content-type") != Some("application/json")).then(|| refusal(400, "header_missing"))
}

async fn jwks(State(world): State<Shared>) -> Json<Value> {
    let keys: Vec<Value> = lock(&world).keys.iter().map(|key| key.jwk()).collect();
    Json(json!({ "keys": keys }))
}

/// A nonce is good for one answer.
async fn handshake_payload(State(world): State<Shared>, Query(query): Query<HashMap<String, String>>) -> Response {
    match query.get("nonce").and_then(|nonce| lock(&world).nonces.remove(nonce)) {
        Some(directives) => Json(json!({ "directives": directives })).into_response(),
        None => refusal(404, "resource_not_found"),
    }
}

/// What a refresh asks for.
#[derive(Deserialize)]
struct Renewal {
    format: String,
    expired_token: String,
    refresh_token: String,
    request_origin: String,
    request_headers: HashMap<String, Vec<String>>,
}

async fn refresh(State(world): State<Shared>, Path(id): Path<String>, Json(body): Json<Renewal>) -> Response {
    let world = lock(&world);
    let good = world.sessions.get(&id).is_some_and(|session| !session.ended && session.refresh == body.refresh_token);
    let documented = body.format == "cookie" && !body.expired_token.is_empty() && !body.request_headers.is_empty();
    if !good || !documented || !world.refreshes {
        return refusal(422, "session_refresh_denied");
    }
    let token = world.token(&id, Some(&body.request_origin), Duration::ZERO);
    let lines = world
        .names("__session")
        .map(|name| format!("{name}={}; Path=/; Max-Age=31536000; SameSite=Lax", token.as_deref().unwrap_or_default()));
    Json(json!({ "object": "cookies", "cookies": lines })).into_response()
}

async fn revoke(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    match lock(&world).sessions.get_mut(&id) {
        Some(session) => {
            session.ended = true;
            Json(json!({ "object": "session", "id": id, "status": "revoked" })).into_response()
        }
        None => refusal(404, "resource_not_found"),
    }
}

async fn organization(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let world = lock(&world);
    let found = world.organizations.iter().find(|(key, organization)| **key == id || organization.slug == id);
    match found {
        Some((id, organization)) => {
            let mut answer = shapes::organization(id, organization);
            answer["private_metadata"] = organization.private_metadata.clone();
            Json(answer).into_response()
        }
        None => refusal(404, "resource_not_found"),
    }
}

/// Members of an organisation: <https://clerk.com/docs/reference/backend-api>, List all members of an organization.
async fn members(
    State(world): State<Shared>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let world = lock(&world);
    if !world.organizations.contains_key(&id) {
        return refusal(404, "resource_not_found");
    }
    page_of(&shapes::members(&world, &id), &query)
}

/// The part of a list that `limit` and `offset` ask for.
fn page_of(all: &[Value], query: &HashMap<String, String>) -> Response {
    let number = |name: &str, otherwise: usize| query.get(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let page: Vec<&Value> = all.iter().skip(number("offset", 0)).take(number("limit", 10)).collect();
    Json(json!({ "data": page, "total_count": all.len() })).into_response()
}

async fn user(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let world = lock(&world);
    match world.users.get(&id) {
        Some(_) => Json(shapes::user(&world, &id)).into_response(),
        None => refusal(404, "resource_not_found"),
    }
}

async fn memberships(
    State(world): State<Shared>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let world = lock(&world);
    page_of(&shapes::memberships(&world, &id), &query)
}

async fn verify_api_key(State(world): State<Shared>, Json(body): Json<Value>) -> Response {
    let secret = body["secret"].as_str().unwrap_or_default();
    match lock(&world).api_keys.get(secret) {
        Some(record) => Json(record.clone()).into_response(),
        None => refusal(404, "api_key_not_found"),
    }
}
