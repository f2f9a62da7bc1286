//! Refusals as people see them: a page where a browser asked for a document,
//! JSON for everybody else.

use super::render_with;
use crate::{
    api::ApiError,
    app::{data::Stopped, load::page_error},
    app_state::AppState,
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Whether a browser asks for a document, by a link or by a form, rather than a
/// script or a program for data.
pub(super) fn is_document(headers: &HeaderMap, path: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let wants = match text(HeaderName::from_static("sec-fetch-dest")) {
        Some(destination) => destination == "document",
        None => text(header::ACCEPT).is_some_and(|accept| accept.starts_with("text/html")),
    };
    wants && !["/api/", "/health/"].iter().any(|prefix| path.starts_with(prefix))
}

/// The page that stands in the place of one that was asked for.
pub(super) async fn show_stopped(state: AppState, mut asked: Parts, stopped: Stopped) -> Response {
    asked.method = Method::GET;
    let request = Request::from_parts(asked, Body::empty());
    let status = StatusCode::from_u16(stopped.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let show = move || leptos::context::provide_context(stopped.clone());
    let mut response = render_with(state, request, show).await;
    *response.status_mut() = status;
    response
}

/// Shows whoever asks too often a page, where they asked for one.
pub(super) async fn show_limits(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !is_document(request.headers(), request.uri().path()) {
        return next.run(request).await;
    }
    let mut asked = Request::new(());
    *asked.method_mut() = request.method().clone();
    *asked.uri_mut() = request.uri().clone();
    let shown = [header::ACCEPT, HeaderName::from_static("sec-fetch-dest")];
    for name in shown {
        if let Some(value) = request.headers().get(&name) {
            asked.headers_mut().insert(name, value.clone());
        }
    }
    let response = next.run(request).await;
    let error = response.extensions().get::<ApiError>();
    match error.filter(|error| error.status() == StatusCode::TOO_MANY_REQUESTS).cloned() {
        Some(error) => limited(state, asked.into_parts().0, error).await,
        None => response,
    }
}

/// What whoever asks too often gets. Nobody looks who it is: that would cost
/// what the limit saves.
pub(super) async fn limited(state: AppState, asked: Parts, error: ApiError) -> Response {
    if !is_document(&asked.headers, asked.uri.path()) {
        return error.into_response();
    }
    let retry_after = error.retry_after();
    let mut error = page_error(error);
    if !matches!(asked.method, Method::GET | Method::HEAD) {
        // The browser still has what was typed.
        error.again = None;
        error.message.push_str(" Then reload this page: your browser sends the form again, as you typed it.");
    }
    let mut response = show_stopped(state, asked, Stopped { error, kept: None, bare: true }).await;
    super::set_page_headers(response.headers_mut());
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
