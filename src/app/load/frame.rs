//! What surrounds every page: who is signed in, and what they are told.

use super::server::away;
use crate::{
    app::{
        data::{Frame, Viewer, Way},
        words::t,
    },
    app_state::AppState,
    auth::{self, Access, Actor, Admin, Read, SignIn},
    server::take_notice,
};
use axum::http::request::Parts;
use clerk::{Principal, SessionPrincipal, Verdict};
use leptos::prelude::use_context;
use model::Accent;
use std::borrow::Cow;
use tower_sessions::Session;

/// What surrounds every page.
pub async fn frame() -> Frame {
    let access = auth::access::<Read>().await.ok();
    let viewer = viewer(access.as_ref()).await;
    let session = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Session>().cloned());
    let notice = match (&viewer, session) {
        (Some(_), Some(session)) => take_notice(&session).await,
        _ => None,
    };
    let changes = access.is_some() && auth::access::<Admin>().await.is_ok();
    Frame { viewer, notice, away: away(access.as_ref()), changes, bare: false, accent: accent(access.as_ref()) }
}

/// The accent of the organisation for which a page is rendered.
fn accent(access: Option<&Access<Read>>) -> Option<Accent> {
    let state = use_context::<AppState>()?;
    state.service.tenant(access?).ok()?.catalog.load().identity().accent
}

async fn viewer(access: Option<&Access<Read>>) -> Option<Viewer> {
    let state = use_context::<AppState>()?;
    if let Some(sign_in) = &state.authenticator.clerk
        && let Ok(Principal::Session(session)) = auth::signed_in().await
    {
        return Some(person(sign_in, &session).await);
    }
    let plain = |name: Cow<'static, str>, way| Viewer { name: name.into_owned(), email: None, organisation: None, way };
    Some(match access?.actor() {
        Actor::Token(_) | Actor::ApiKey(_) => plain(t!("A token"), Way::Token),
        _ => Viewer { organisation: Some(t!("Local").into_owned()), ..plain(t!("Local operator"), Way::Link) },
    })
}

/// Someone whom Clerk knows, in an organisation or not.
async fn person(sign_in: &SignIn, session: &SessionPrincipal) -> Viewer {
    let user = sign_in.clerk().person(&session.user).await;
    let name = user.as_ref().and_then(|user| {
        let names = [user.first_name.as_deref(), user.last_name.as_deref()];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Some(name).filter(|name| !name.is_empty()).or_else(|| user.email.clone())
    });
    let organisation = called(sign_in, session);
    Viewer {
        name: name.unwrap_or_else(|| t!("You").into_owned()),
        email: user.and_then(|user| user.email.clone()),
        organisation,
        way: Way::Clerk,
    }
}

/// What someone's organisation is called.
fn called(sign_in: &SignIn, session: &SessionPrincipal) -> Option<String> {
    let active = session.organization.as_ref()?;
    let known = sign_in.clerk().known_organization(&active.id).map(|known| known.name.clone());
    Some(known.or_else(|| active.slug.clone()).unwrap_or_else(|| active.id.as_str().to_owned()))
}

/// What the organisation for which a page is rendered is called, where there are several.
pub fn organisation_name() -> Option<String> {
    called(use_context::<AppState>()?.authenticator.clerk.as_ref()?, &session()?)
}

/// The session with which a page was asked for, if it was one of Clerk's.
fn session() -> Option<SessionPrincipal> {
    let parts = use_context::<Parts>()?;
    match parts.extensions.get::<Verdict>()? {
        Verdict::SignedIn(principal) => match &**principal {
            Principal::Session(session) => Some(session.clone()),
            Principal::ApiKey(_) => None,
        },
        _ => None,
    }
}

/// The organisation for which a page is rendered, where there are several.
pub fn rendered_for() -> Option<String> {
    Some(session()?.organization?.id.as_str().to_owned())
}

/// For whom a page is rendered, as `account.js` compares it between tabs: the
/// user and their organisation, or nobody. `None` where nobody looked.
pub fn rendered_for_whom() -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts.extensions.get::<Verdict>()?;
    let Some(session) = session() else { return Some(String::new()) };
    let organisation = session.organization.as_ref().map_or("", |active| active.id.as_str());
    Some(format!("{}/{organisation}", session.user.as_str()))
}
