//! Forms of people who signed in through Clerk. A session token lives for a
//! minute, a page for as long as someone looks at it: a form whose session cannot
//! be told, or that was made for another organisation than the one that is chosen
//! now, is given back on a page from which it can be sent again.

use super::{
    entry::finish,
    stopped::{is_document, show_stopped},
};
use crate::{
    api::ApiError,
    app::{
        data::{Kept, Step, Stopped},
        error::PageError,
        load::page_error,
        parts::fields::RENDERED_FOR,
        words::t,
    },
    app_state::AppState,
    auth::{Asker, SignIn},
};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use clerk::{Accepts, Handshakes, Principal, RequestView, SessionPrincipal, Verdict};
use url::form_urlencoded;

/// Largest form, in bytes.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Looks at a form before whoever it is for does.
pub(super) async fn look_at_forms(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(sign_in) = state.authenticator.clerk.clone() else { return next.run(request).await };
    let is_form = request.method() == Method::POST
        && request.headers().get(header::AUTHORIZATION).is_none()
        && is_document(request.headers(), request.uri().path())
        // Whoever signs out has nothing to lose.
        && request.uri().path() != "/logout";
    if !is_form {
        return next.run(request).await;
    }
    let (mut asked, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        let message = "This form is too large, or was cut off on its way. Send at most 16 MiB.";
        return ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message).into_response();
    };
    let decision = {
        let accepts = Accepts { session: true, api_key: false };
        let view = RequestView {
            accepts,
            handshakes: Handshakes::Never,
            ..RequestView::page(&asked.method, &asked.uri, &asked.headers)
        };
        let sender = Asker::of(&state, &asked.headers, &asked.extensions);
        let may_call = || state.limits.may_guess(sender).is_ok() && state.limits.guessed(sender).is_ok();
        Box::pin(sign_in.clerk().authenticate_within(&view, may_call)).await
    };
    asked.extensions.insert(decision.verdict.clone());
    let response = match session(&decision.verdict) {
        None => give_back(&state, asked, &body, Step::Renew, renewal()).await,
        Some(person) => match other_organisation(&sign_in, person, &body).await {
            Some(step) => give_back(&state, asked, &body, step, changed()).await,
            None => hand_on(&state, asked, body, next).await,
        },
    };
    finish(response, decision)
}

fn session(verdict: &Verdict) -> Option<&SessionPrincipal> {
    match verdict {
        Verdict::SignedIn(principal) => match &**principal {
            Principal::Session(session) => Some(session),
            Principal::ApiKey(_) => None,
        },
        _ => None,
    }
}

fn renewal() -> PageError {
    let message = t!(
        "Your session ended while this page was open, and nothing was changed. Sign in again, then send the form again: it is kept on this page as you sent it."
    );
    PageError::new(401, t!("Your session has to be renewed"), message)
}

fn changed() -> PageError {
    let message = t!(
        "This form was opened for another organisation than the one you are in now. Nothing was changed. Decide where it belongs: it is kept on this page as you sent it."
    );
    PageError::new(409, t!("The organisation changed"), message)
}

/// Whether a form was made for another organisation than the one that is chosen
/// now, and what they are called. Their names come from the person's own
/// memberships: nobody learns another's.
async fn other_organisation(sign_in: &SignIn, person: &SessionPrincipal, body: &[u8]) -> Option<Step> {
    let (_, before) = form_urlencoded::parse(body).find(|(name, _)| name == RENDERED_FOR)?;
    let now = person.organization.as_ref().map(|active| active.id.as_str().to_owned()).unwrap_or_default();
    if before == now {
        return None;
    }
    let memberships = sign_in.clerk().backend().memberships(&person.user).await.unwrap_or_default();
    let name = |id: &str| {
        let found = memberships.iter().find(|membership| membership.organization.id.as_str() == id);
        found.map(|membership| membership.organization.name.clone())
    };
    let name_now = name(&now).unwrap_or_else(|| "this organisation".to_owned());
    Some(Step::Choose { name: name(&before), before: before.into_owned(), now, name_now })
}

/// Gives a form to whoever it is for, and shows their refusal as a page.
async fn hand_on(state: &AppState, asked: Parts, body: Bytes, next: Next) -> Response {
    let request = Request::from_parts(asked.clone(), Body::from(body.clone()));
    let response = next.run(request).await;
    let Some(error) = response.extensions().get::<ApiError>().cloned() else { return response };
    if matches!(error.status(), StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
        let stopped = Stopped { error: page_error(error), kept: None, bare: false };
        return show_stopped(state.clone(), asked, stopped).await;
    }
    give_back(state, asked, &body, Step::Wait, page_error(error)).await
}

/// The page with the form as it was sent.
async fn give_back(state: &AppState, asked: Parts, body: &[u8], first: Step, mut error: PageError) -> Response {
    let fields = form_urlencoded::parse(body).into_owned().collect();
    let kept = Kept { action: asked.uri.to_string(), fields, first };
    // It must not go by itself.
    error.again = None;
    show_stopped(state.clone(), asked, Stopped { error, kept: Some(kept), bare: false }).await
}
