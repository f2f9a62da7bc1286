//! The Frontend API of a fake Clerk: handshakes, and what clerk-js asks for.

use super::{
    backend_api::{refusal, troubled},
    fake::{Shared, lock},
    shapes,
    world::{HandshakeForm, World},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{AppendHeaders, IntoResponse, Response},
    routing::{any, get},
};
use serde_json::{Value, json};
use std::{collections::HashMap, fmt::Write as _, sync::Arc, time::Duration};
use url::{Url, form_urlencoded};

type Parameters = Query<HashMap<String, String>>;

pub(super) fn routes(world: &Shared) -> Router<Shared> {
    Router::new()
        .route("/v1/client/handshake", get(handshake))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/v1/environment", any(environment))
        .route("/v1/client", any(client))
        .route("/v1/dev_browser", any(dev_browser))
        .route("/v1/client/sessions", any(sessions))
        .route("/v1/client/sessions/{id}/{verb}", any(session))
        .route("/v1/me/{list}", get(my))
        .route("/v1/organizations/{id}", get(organization))
        .route("/npm/@clerk/{package}/dist/{*file}", get(script))
        .layer(from_fn_with_state(Arc::clone(world), across_origins))
}

/// Pages of other origins may ask, with cookies, as at Clerk.
async fn across_origins(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let path = format!("/__clerk{}", request.uri().path());
    let origin = request.headers().get(header::ORIGIN).cloned();
    lock(&world).calls.push(format!("{} {path}", request.method()));
    let preflight = request.method() == Method::OPTIONS;
    let mut response = match troubled(&world, &path).await {
        Some(trouble) => trouble,
        None if preflight => StatusCode::NO_CONTENT.into_response(),
        None => next.run(request).await,
    };
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PATCH, DELETE"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// What the browser is known by: its cookie, or its token in the address.
fn browser(headers: &HeaderMap, query: &HashMap<String, String>) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let cookie = pairs.find(|(name, _)| *name == "__client").map(|(_, value)| value.to_owned());
    cookie.or_else(|| query.get("__clerk_db_jwt").cloned())
}

/// The origin of the page that asks.
fn origin(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
    let referrer = || Some(Url::parse(&text(header::REFERER)?).ok()?.origin().ascii_serialization());
    text(header::ORIGIN).or_else(referrer)
}

/// Cookies of a session, or their deletion, as `Set-Cookie` lines.
fn directives(world: &mut World, browser: &str, secure: bool) -> Vec<String> {
    let lax = if secure { "SameSite=Lax; Secure" } else { "SameSite=Lax" };
    let signed_in = world.session_in(browser);
    let azp = world.handshake_azp.clone();
    let token = signed_in.as_ref().and_then(|(id, _)| world.token(id, azp.as_deref(), Duration::ZERO));
    let mut lines: Vec<String> = match &token {
        Some(token) => {
            world.names("__session").map(|name| format!("{name}={token}; Path=/; Max-Age=31536000; {lax}")).to_vec()
        }
        None => world.names("__session").map(|name| format!("{name}=; Path=/; Max-Age=0")).to_vec(),
    };
    lines.extend(world.hints(signed_in.as_ref().map_or(0, |(_, since)| *since)));
    let refresh = signed_in.and_then(|(id, _)| Some(world.sessions.get(&id)?.refresh.clone()));
    if let Some(refresh) = refresh.filter(|_| world.is_production() && world.gives_refresh) {
        let [_, name] = world.names("__refresh");
        lines.push(format!("{name}={refresh}; Path=/; Max-Age=31536000; HttpOnly; {lax}"));
    }
    if world.is_production() {
        let domain = world.domain();
        for name in ["__clerk_handshake", "__clerk_handshake_nonce"] {
            lines.push(format!("{name}=; Path=/{domain}; Max-Age=0"));
        }
    } else {
        // Suffixed cookies are trusted as a group, so both names have to be there.
        lines.extend(world.names("__clerk_db_jwt").map(|name| format!("{name}={browser}; Path=/; SameSite=Lax")));
    }
    lines
}

async fn handshake(State(world): State<Shared>, headers: HeaderMap, Query(query): Parameters) -> Response {
    let mut world = lock(&world);
    let target = query.get("redirect_url").and_then(|url| Url::parse(url).ok());
    let Some(mut target) = target.filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return refusal(400, "redirect_url_invalid");
    };
    if query.get("__clerk_api_version").map(String::as_str) != Some(crate::API_VERSION) {
        return refusal(400, "api_version_invalid");
    }
    let browser = browser(&headers, &query).unwrap_or_else(|| world.number("dvb"));
    if let (Some(wanted), Some((id, _))) = (query.get("organization_id"), world.session_in(&browser)) {
        let user = world.sessions[&id].user.clone();
        let chosen = world.organization_of(&user, wanted);
        if let Some(session) = world.sessions.get_mut(&id).filter(|_| chosen.is_some() || wanted.is_empty()) {
            session.organization = chosen;
        }
    }
    let lines = directives(&mut world, &browser, target.scheme() == "https");
    let (name, value) = match world.form {
        HandshakeForm::Nonce => {
            let nonce = world.number("nonce");
            world.nonces.insert(nonce.clone(), lines);
            ("__clerk_handshake_nonce", nonce)
        }
        HandshakeForm::Token => ("__clerk_handshake", world.key().sign(&json!({ "handshake": lines }))),
    };
    let mut cookies = Vec::new();
    if world.is_production() {
        let domain = world.domain();
        cookies.push(format!("{name}={value}; Path=/{domain}; Max-Age=60; HttpOnly; SameSite=Lax"));
    } else {
        target.query_pairs_mut().append_pair(name, &value);
        cookies.push(format!("__client={browser}; Path=/; HttpOnly; SameSite=Lax"));
    }
    let headers = [(header::LOCATION, target.to_string()), (header::CACHE_CONTROL, "no-store".to_owned())];
    (StatusCode::TEMPORARY_REDIRECT, headers, setting(cookies)).into_response()
}

/// `Set-Cookie` headers.
pub(super) fn setting(lines: Vec<String>) -> AppendHeaders<Vec<(header::HeaderName, String)>> {
    AppendHeaders(lines.into_iter().map(|line| (header::SET_COOKIE, line)).collect())
}

async fn jwks(State(world): State<Shared>) -> Json<Value> {
    let keys: Vec<Value> = lock(&world).keys.iter().map(|key| key.jwk()).collect();
    Json(json!({ "keys": keys }))
}

async fn environment(State(world): State<Shared>, headers: HeaderMap) -> Json<Value> {
    Json(shapes::environment(&lock(&world), &origin(&headers).unwrap_or_default()))
}

async fn client(State(world): State<Shared>, headers: HeaderMap, Query(query): Parameters) -> Json<Value> {
    let (browser, origin) = (browser(&headers, &query).unwrap_or_default(), origin(&headers));
    Json(json!({ "response": shapes::client(&lock(&world), &browser, origin.as_deref()) }))
}

async fn dev_browser(State(world): State<Shared>, headers: HeaderMap, Query(query): Parameters) -> Response {
    let mut world = lock(&world);
    let browser = browser(&headers, &query).unwrap_or_else(|| world.number("dvb"));
    let cookie = format!("__client={browser}; Path=/; HttpOnly; SameSite=Lax");
    (setting(vec![cookie]), Json(json!({ "id": browser }))).into_response()
}

/// Signing out. clerk-js sends every method but GET as POST.
async fn sessions(
    State(world): State<Shared>,
    method: Method,
    headers: HeaderMap,
    Query(query): Parameters,
) -> Response {
    let mut world = lock(&world);
    let method = query.get("_method").cloned().unwrap_or_else(|| method.to_string());
    if method != "DELETE" {
        return refusal(405, "method_not_allowed");
    }
    let browser = browser(&headers, &query).unwrap_or_default();
    sign_out(&mut world, &browser);
    let answer = json!({ "response": shapes::client(&world, &browser, None), "client": null });
    (setting(signed_out(&world)), Json(answer)).into_response()
}

fn sign_out(world: &mut World, browser: &str) {
    let session = world.browsers.get_mut(browser).and_then(|browser| browser.session.take());
    if let Some(session) = session.and_then(|id| world.sessions.get_mut(&id)) {
        session.ended = true;
    }
}

/// In production the hint is Clerk's to delete.
fn signed_out(world: &World) -> Vec<String> {
    if world.is_production() { world.hints(0) } else { Vec::new() }
}

async fn session(
    State(world): State<Shared>,
    Path((id, verb)): Path<(String, String)>,
    headers: HeaderMap,
    Query(query): Parameters,
    body: Bytes,
) -> Response {
    let mut world = lock(&world);
    let browser = browser(&headers, &query).unwrap_or_default();
    let own = world.session_in(&browser).is_some_and(|(session, _)| session == id);
    if !own {
        return refusal(404, "resource_not_found");
    }
    let origin = origin(&headers);
    let answer = |world: &World| {
        let session = shapes::session(world, &id, origin.as_deref());
        json!({ "response": session, "client": shapes::client(world, &browser, origin.as_deref()) })
    };
    match verb.as_str() {
        "touch" => {
            let mut fields = form_urlencoded::parse(&body);
            let chosen = fields.find(|(name, _)| name == "active_organization_id").map(|(_, value)| value.into_owned());
            let user = world.sessions[&id].user.clone();
            if let Some(wanted) = chosen {
                let organization = world.organization_of(&user, &wanted);
                if organization.is_none() && !wanted.is_empty() {
                    return refusal(404, "resource_not_found");
                }
                if let Some(session) = world.sessions.get_mut(&id) {
                    session.organization = organization;
                }
            }
            Json(answer(&world)).into_response()
        }
        "tokens" => {
            let token = world.token(&id, origin.as_deref(), Duration::ZERO);
            Json(json!({ "object": "token", "jwt": token })).into_response()
        }
        "remove" | "end" => {
            let last = answer(&world);
            sign_out(&mut world, &browser);
            (setting(signed_out(&world)), Json(last)).into_response()
        }
        _ => refusal(404, "resource_not_found"),
    }
}

async fn my(
    State(world): State<Shared>,
    Path(list): Path<String>,
    headers: HeaderMap,
    Query(query): Parameters,
) -> Response {
    let world = lock(&world);
    let Some((session, _)) = browser(&headers, &query).and_then(|browser| world.session_in(&browser)) else {
        return refusal(401, "authentication_invalid");
    };
    let data = match list.as_str() {
        "organization_memberships" => shapes::memberships(&world, &world.sessions[&session].user),
        _ => Vec::new(),
    };
    Json(json!({ "response": { "data": data, "total_count": data.len() } })).into_response()
}

async fn organization(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let world = lock(&world);
    match world.organizations.get(&id) {
        Some(row) => Json(json!({ "response": shapes::organization(&id, row) })).into_response(),
        None => refusal(404, "resource_not_found"),
    }
}

/// clerk-js and its widgets, where a test has them.
async fn script(State(world): State<Shared>, Path((package, file)): Path<(String, String)>) -> Response {
    let Some(folder) = lock(&world).scripts.clone() else { return refusal(404, "resource_not_found") };
    let package = package.split('@').next().unwrap_or_default();
    let plain = |part: &str| !part.is_empty() && part != ".." && !part.contains(['/', '\\']);
    if !plain(package) || !file.split('/').all(plain) {
        return refusal(404, "resource_not_found");
    }
    match tokio::fs::read(folder.join("@clerk").join(package).join("dist").join(file)).await {
        Ok(text) => ([(header::CONTENT_TYPE, "text/javascript")], text).into_response(),
        Err(_) => refusal(404, "resource_not_found"),
    }
}

/// A text as HTML shows it.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::new();
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a String never fails.
                let _ = write!(html, "&#{};", u32::from(character));
            }
            other => html.push(other),
        }
    }
    html
}
