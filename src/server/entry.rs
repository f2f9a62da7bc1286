//! The way in: whoever opens a page of the dashboard is led to where they sign
//! in or set their organisation up, and comes back to that page.
//!
//! Nothing is guarded here: pages take their access from `auth` like any other
//! route. This only saves people a dead end. It leads nobody to the same place
//! twice: who comes back without what was missing sees a page that says so.

use crate::{
    app_state::AppState,
    auth::{Asker, Settled, SignIn},
    service::EnterError,
};
use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use clerk::{Decision, Principal, RequestView, UrlOrganization, Verdict, returning};
use model::OrganisationId;
use url::Url;

/// The cookie that says where someone was led: it holds no secret and proves nothing.
/// Over https it has the prefix by which no sister site can set it.
const LED: &str = "ekr_led";
const LED_OVER_HTTPS: &str = "__Host-ekr_led";
/// Seconds after which someone is led again.
const AGAIN: u32 = 600;
/// Where someone was led to sign in.
const TO_SIGN_IN: &str = "sign-in";

/// Whether a document for a person is asked for, rather than what a script or a
/// program asks for.
fn is_document(request: &Request) -> bool {
    // Whoever shows a token is a program: it can go nowhere to sign in.
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.headers().contains_key(header::AUTHORIZATION)
        && super::stopped::is_document(request.headers(), request.uri().path())
}

/// Pages that are for people without an organisation, or without a session.
fn is_open(path: &str) -> bool {
    path == "/signed-out" || path == "/organisations" || path.starts_with("/organisations/")
}

/// Pages that say something to whoever has no session.
fn is_for_strangers(path: &str) -> bool {
    path == "/" || is_open(path)
}

/// Where someone was led last, as their browser remembers it. Other cookies may hold
/// any bytes.
fn led(headers: &HeaderMap, is_https: bool) -> Option<String> {
    let name = if is_https { LED_OVER_HTTPS } else { LED };
    let cookies = headers.get_all(header::COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let mut pairs = cookies.flat_map(|value| value.split(';').map(|pair| pair.trim().to_owned()).collect::<Vec<_>>());
    pairs.find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

fn led_by(sign_in: &SignIn, headers: &HeaderMap) -> Option<String> {
    led(headers, sign_in.clerk().settings().public_origin.is_https())
}

fn remember(response: &mut Response, place: &str, seconds: u32, sign_in: &SignIn) {
    let is_https = sign_in.clerk().settings().public_origin.is_https();
    let (name, secure) = if is_https { (LED_OVER_HTTPS, "; Secure") } else { (LED, "") };
    let cookie = format!("{name}={place}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let cookie = HeaderValue::try_from(cookie).expect("names and ids are ASCII");
    response.headers_mut().append(header::SET_COOKIE, cookie);
}

fn to(status: StatusCode, location: &Url) -> Response {
    let location = HeaderValue::try_from(location.as_str()).expect("an address is ASCII");
    (status, [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))])
        .into_response()
}

/// Leads documents through the sign-in provider.
pub(super) async fn lead_in(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(sign_in) = state.authenticator.clerk.clone() else { return next.run(request).await };
    if !is_document(&request) {
        let settled = Settled::default();
        request.extensions_mut().insert(settled.clone());
        let mut response = next.run(request).await;
        tell(&mut response, settled.cookies());
        return response;
    }
    let asker = Asker::of(&state, request.headers(), request.extensions());
    let decision = {
        let view = RequestView::page(request.method(), request.uri(), request.headers());
        sign_in.decide(&state, &view, asker).await
    };
    let response = if let Some(location) = decision.location() {
        to(StatusCode::TEMPORARY_REDIRECT, location)
    } else {
        request.extensions_mut().insert(decision.verdict.clone());
        lead(&state, &sign_in, &decision.verdict, request, next).await
    };
    finish(response, decision)
}

/// Adds cookies that the provider sets. Those of the answer come after them: it may
/// take away what they give.
fn tell(response: &mut Response, cookies: Vec<HeaderValue>) {
    let headers = response.headers_mut();
    let own: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies.into_iter().chain(own) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Adds what the provider wants to tell the browser.
pub(super) fn finish(mut response: Response, decision: Decision) -> Response {
    let (status, reason) = decision.status();
    tell(&mut response, decision.cookies);
    let headers = response.headers_mut();
    // For whoever helps people who cannot sign in.
    headers.insert("x-clerk-auth-status", HeaderValue::from_static(status));
    if let Some(reason) = reason.and_then(|reason| HeaderValue::try_from(reason).ok()) {
        headers.insert("x-clerk-auth-reason", reason);
    }
    response
}

async fn lead(state: &AppState, sign_in: &SignIn, verdict: &Verdict, request: Request, next: Next) -> Response {
    let path_and_query = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let here = sign_in.own(path_and_query);
    let back = returning::of(&here);
    let led = led_by(sign_in, request.headers());
    let principal = match verdict {
        Verdict::SignedIn(principal) => principal,
        Verdict::SignedOut(_)
            if !is_for_strangers(request.uri().path()) && back.is_none() && led.as_deref() != Some(TO_SIGN_IN) =>
        {
            let mut response = to(StatusCode::SEE_OTHER, &sign_in.platform().sign_in(&sign_in.back_to(request.uri())));
            remember(&mut response, TO_SIGN_IN, AGAIN, sign_in);
            return response;
        }
        _ => return next.run(request).await,
    };
    if request.uri().path() == "/login" {
        return Redirect::to("/").into_response();
    }
    let organisation = organisation_of(principal);
    if back.is_some() {
        if let Some(organisation) = &organisation {
            state.service.forget_missing(organisation);
        }
        return to(StatusCode::SEE_OTHER, &returning::unmarked(&here));
    }
    let Some(organisation) = organisation.filter(|_| !is_open(request.uri().path())) else {
        return next.run(request).await;
    };
    let to_grant = format!("grant.{organisation}");
    match state.service.enter(&organisation).await {
        Err(EnterError::NoCredentials { .. }) if led.as_deref() != Some(&to_grant) => {
            let mut response = to(StatusCode::SEE_OTHER, &sign_in.platform().grant(&sign_in.back_to(request.uri())));
            remember(&mut response, &to_grant, AGAIN, sign_in);
            response
        }
        Ok(_) if led.is_some() => {
            let mut response = next.run(request).await;
            remember(&mut response, "", 0, sign_in);
            response
        }
        // A page takes its access itself, and says what is the matter.
        _ => next.run(request).await,
    }
}

fn organisation_of(principal: &Principal) -> Option<OrganisationId> {
    principal.organization()?.as_str().parse().ok()
}

/// Makes another organisation the active one: the provider does, and sends the
/// browser back here.
pub(super) async fn enter_organisation(
    State(state): State<AppState>,
    Path(organisation): Path<String>,
    request: Request,
) -> Response {
    let Some(sign_in) = &state.authenticator.clerk else { return Redirect::to("/").into_response() };
    let refuse = || {
        let mut response = Redirect::to("/organisations?refused=true").into_response();
        remember(&mut response, "", 0, sign_in);
        response
    };
    let Ok(organisation) = organisation.parse::<OrganisationId>() else { return refuse() };
    let organisation = organisation.as_str();
    let is_active = |verdict: &Verdict| match verdict {
        Verdict::SignedIn(principal) => match &**principal {
            Principal::Session(session) => session.organization.as_ref().is_some_and(|one| one.is_named(organisation)),
            Principal::ApiKey(_) => false,
        },
        _ => false,
    };
    if request.extensions().get::<Verdict>().is_some_and(is_active) {
        return Redirect::to("/").into_response();
    }
    // Once: Clerk brings whoever is no member back as they were.
    let to_enter = format!("enter.{organisation}");
    if led_by(sign_in, request.headers()).as_deref() == Some(&to_enter) {
        return refuse();
    }
    let view = RequestView {
        organization: UrlOrganization::Named(organisation),
        ..RequestView::page(request.method(), request.uri(), request.headers())
    };
    let asker = Asker::of(&state, request.headers(), request.extensions());
    let decision = sign_in.decide(&state, &view, asker).await;
    let response = match decision.location() {
        Some(location) => {
            let mut response = to(StatusCode::TEMPORARY_REDIRECT, location);
            remember(&mut response, &to_enter, AGAIN, sign_in);
            response
        }
        None if is_active(&decision.verdict) => Redirect::to("/").into_response(),
        // Not a member, or asked too often.
        None => refuse(),
    };
    finish(response, decision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_someone_was_led_is_known_whatever_other_cookies_hold() {
        let headers = |value: &[u8]| {
            let value = HeaderValue::from_bytes(value).unwrap();
            HeaderMap::from_iter([(header::COOKIE, value)])
        };
        let theirs = headers("name=Zoë; ekr_led=grant.org_1".as_bytes());
        assert_eq!(led(&theirs, false).as_deref(), Some("grant.org_1"));
        assert_eq!(led(&headers(b"x=\xff\xfe;ekr_led=sign-in ;y=1"), false).as_deref(), Some("sign-in"));
        assert_eq!(led(&headers(b"ekr_leder=1; xekr_led=2"), false), None);
        // Over https what a sister site can set says nothing.
        let both = headers(b"ekr_led=sign-in; __Host-ekr_led=grant.org_2");
        assert_eq!(led(&both, true).as_deref(), Some("grant.org_2"));
        assert_eq!(led(&headers(b"ekr_led=sign-in"), true), None);
    }
}
