//! The platform, as far as the registry sends people there: signing in, choosing
//! and setting up an organisation, connecting GitHub. Each page has plain forms.

use super::{
    fake::{Shared, lock},
    frontend_api::{escaped, setting},
    world::World,
};
use axum::{
    Form, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use url::Url;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/sign-in", get(sign_in_page).post(sign_in))
        .route("/platform/grant", get(grant_page).post(grant))
        .route("/platform/integrations/github", get(github))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    redirect: String,
    #[serde(default, rename = "returnUrl")]
    return_url: String,
}

#[derive(Deserialize)]
struct Chosen {
    /// A user, or an organisation.
    id: String,
    redirect: String,
}

/// How its pages look: plain, in light and dark, without a file of their own.
const STYLE: &str = "<meta name=viewport content=\"width=device-width\"><link rel=icon href=\"data:,\"><style>\
    :root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}\
    body{max-width:22rem;margin:18vh auto 0;padding:0 24px}\
    h1{font-size:20px}form{margin:8px 0}\
    button{width:100%;padding:10px 14px;border:1px solid color-mix(in srgb,currentColor 25%,transparent);\
    border-radius:8px;background:none;font:inherit;text-align:left;cursor:pointer}</style>";

/// A page of the platform.
fn page(title: &str, content: &str) -> Html<String> {
    let title = escaped(title);
    let note = "<small>The platform, as tests have it</small>";
    Html(format!("<!doctype html><html lang=en>{STYLE}<title>{title}</title>{note}<h1>{title}</h1>{content}"))
}

/// A page with one button for each choice.
fn choices<'a>(title: &str, action: &str, redirect: &str, all: impl Iterator<Item = (&'a str, &'a str)>) -> Response {
    let button = |(id, name): (&str, &str)| {
        let (action, redirect, id, name) = (escaped(action), escaped(redirect), escaped(id), escaped(name));
        format!(
            "<form method=post action=\"{action}\"><input type=hidden name=redirect value=\"{redirect}\">\
             <button name=id value=\"{id}\">{name}</button></form>"
        )
    };
    let buttons: String = all.map(button).collect();
    page(title, &buttons).into_response()
}

/// Sends somebody back where they came from.
fn back(to: &str, cookies: Vec<String>) -> Response {
    match Url::parse(to).ok().filter(|url| matches!(url.scheme(), "http" | "https")) {
        Some(url) => (StatusCode::SEE_OTHER, [(header::LOCATION, url.to_string())], setting(cookies)).into_response(),
        None => (setting(cookies), page("Signed in", "")).into_response(),
    }
}

/// The session of the browser that asks.
fn session(world: &World, headers: &HeaderMap) -> Option<String> {
    let line = headers.get(header::COOKIE)?.to_str().ok()?;
    let browser = line.split(';').find_map(|pair| pair.trim().strip_prefix("__client="))?;
    world.session_in(browser).map(|(session, _)| session)
}

async fn sign_in_page(State(world): State<Shared>, Query(asked): Query<Asked>) -> Response {
    let world = lock(&world);
    let users = world.users.iter().map(|(id, user)| (id.as_str(), user.first_name.as_str()));
    choices("Sign in", "/sign-in", &asked.redirect, users)
}

async fn sign_in(State(world): State<Shared>, Form(chosen): Form<Chosen>) -> Response {
    let mut world = lock(&world);
    if !world.users.contains_key(&chosen.id) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let browser = world.number("client");
    // Whoever belongs to one organisation is in it.
    let own: Vec<_> =
        world.members.iter().filter(|(user, ..)| *user == chosen.id).map(|(_, id, _)| id.clone()).collect();
    let only = <[String; 1]>::try_from(own).ok().map(|[id]| id);
    world.sign_in(&browser, &chosen.id, only);
    let mut cookies = vec![format!("__client={browser}; Path=/; HttpOnly; SameSite=Lax")];
    let mut to = chosen.redirect;
    if world.is_production() {
        cookies.extend(world.hints(world.now().seconds()));
    } else if let Ok(mut url) = Url::parse(&to) {
        // Where cookies cannot be shared, the address carries who the browser is.
        url.query_pairs_mut().append_pair("__clerk_db_jwt", &browser);
        to = url.into();
    }
    back(&to, cookies)
}

async fn grant_page(State(world): State<Shared>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let world = lock(&world);
    let Some(session) = session(&world, &headers) else {
        return (StatusCode::UNAUTHORIZED, page("Sign in first", "")).into_response();
    };
    let user = &world.sessions[&session].user;
    let own = world.organizations.iter().filter(|(id, _)| world.role(user, id).is_some());
    let own = own.map(|(id, organization)| (id.as_str(), organization.name.as_str()));
    choices("Choose an organisation", "/platform/grant", &asked.redirect, own)
}

/// Chooses an organisation, and sets it up if it is not.
async fn grant(State(world): State<Shared>, headers: HeaderMap, Form(chosen): Form<Chosen>) -> Response {
    let mut world = lock(&world);
    let Some(session) = session(&world, &headers) else { return StatusCode::UNAUTHORIZED.into_response() };
    let user = world.sessions[&session].user.clone();
    let Some(id) = world.organization_of(&user, &chosen.id) else { return StatusCode::NOT_FOUND.into_response() };
    let grants = world.grants.clone();
    if let Some(organization) = world.organizations.get_mut(&id) {
        let is_set_up = organization.private_metadata.get("instant").is_some();
        if let Some(grants) = grants.filter(|_| !is_set_up) {
            organization.private_metadata = grants;
        }
    }
    if let Some(session) = world.sessions.get_mut(&session) {
        session.organization = Some(id);
    }
    back(&chosen.redirect, Vec::new())
}

async fn github(Query(asked): Query<Asked>) -> Response {
    let to = escaped(&asked.return_url);
    page("Connect GitHub", &format!("<a href=\"{to}\">Back</a>")).into_response()
}
