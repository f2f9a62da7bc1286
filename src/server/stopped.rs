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
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;

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

/// What of a request is needed to answer it with a page that says what is the matter.
pub(super) struct Asked(Parts);

impl Asked {
    /// Who sent it is left out: nobody looks.
    pub(super) fn of(request: &Request) -> Self {
        let mut asked = Request::new(());
        *asked.method_mut() = request.method().clone();
        *asked.uri_mut() = request.uri().clone();
        for name in [header::ACCEPT, HeaderName::from_static("sec-fetch-dest")] {
            if let Some(value) = request.headers().get(&name) {
                asked.headers_mut().insert(name, value.clone());
            }
        }
        Self(asked.into_parts().0)
    }

    /// Says what is the matter: on a page where a browser asked for one, as JSON
    /// to everybody else. Nobody looks who it is: that would cost what a limit
    /// saves, and may be what went wrong.
    pub(super) async fn told(self, state: AppState, error: ApiError) -> Response {
        let Self(asked) = self;
        if !is_document(&asked.headers, asked.uri.path()) {
            return error.into_response();
        }
        let retry_after = error.retry_after();
        let is_limit = error.status() == StatusCode::TOO_MANY_REQUESTS;
        let mut page = page_error(error.clone());
        if !matches!(asked.method, Method::GET | Method::HEAD) && is_limit {
            // The browser still has what was typed.
            page.again = None;
            page.message.push_str(" Then reload this page: your browser sends the form again, as you typed it.");
        }
        let shown = show_stopped(state, asked, Stopped { error: page, kept: None, bare: true });
        // Where not even that can be rendered, it is said plainly.
        let Ok(mut response) = unless_it_panics(shown).await else { return error.into_response() };
        super::set_page_headers(response.headers_mut());
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An answer, unless making it panics: that is our fault, and the connection stays.
pub(super) async fn unless_it_panics<T>(answering: impl Future<Output = T>) -> Result<T, ApiError> {
    AssertUnwindSafe(answering).catch_unwind().await.map_err(|panic| {
        let told = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let told = told.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        ApiError::internal(format!("a handler panicked: {told}"))
    })
}

/// Shows people a page where what they asked for was refused before any page was
/// asked, or where making it failed.
pub(super) async fn show(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let response = match unless_it_panics(next.run(request)).await {
        Ok(response) => response,
        Err(error) => return asked.told(state, error).await,
    };
    let is_for_people = |error: &&ApiError| {
        let status = error.status();
        status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::INTERNAL_SERVER_ERROR
    };
    match response.extensions().get::<ApiError>().filter(is_for_people).cloned() {
        Some(error) => asked.told(state, error).await,
        None => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app_state::Reach,
        auth::{Authenticator, Limits, LoginLinks},
        config::{Config, Flags},
        data::DataFolder,
        server::table::{Routes, get},
        service::RegistryService,
        tenants::Tenants,
    };
    use axum::{Router, middleware};
    use instant::Local;
    use leptos::config::LeptosOptions;
    use std::sync::Arc;
    use tower::ServiceExt as _;

    async fn panics() -> Response {
        panic!("a secret that only the log may hold")
    }

    /// A server whose one page panics, and where nothing else is open.
    async fn broken() -> (Router, tempfile::TempDir) {
        // Pages render once their routes are known.
        drop(crate::server::page_routes());
        let folder = tempfile::tempdir().unwrap();
        let config =
            Arc::new(Config::load(&Flags { data: Some(folder.path().to_owned()), ..Flags::default() }).unwrap());
        let http = net::TenantClient::new("127.0.0.1=127.0.0.0/8".parse().unwrap()).unwrap();
        let data = DataFolder::at(folder.path()).unwrap();
        let local = Local::temporary().await.unwrap();
        let state = AppState::new(Reach {
            service: RegistryService::new(Tenants::default(), config.clone(), data, http, "http://localhost"),
            authenticator: Authenticator { anonymous_installs: false, clerk: None },
            limits: Limits::new(&config),
            links: LoginLinks::new(local),
            leptos: LeptosOptions::builder().output_name("ekairos-registry").build(),
        });
        let routes = Routes::new().route("/panics", get(panics)).into_router();
        (routes.layer(middleware::from_fn_with_state(state.clone(), show)).with_state(state), folder)
    }

    async fn asked(accept: &'static str) -> (StatusCode, String) {
        let (router, _folder) = broken().await;
        let request = Request::builder().uri("/panics").header(header::ACCEPT, accept).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_page_for_people_and_json_for_programs_and_tells_neither_why() {
        let (status, page) = asked("text/html").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(page.contains("Something went wrong") && page.contains("href=\"/\""), "{page}");
        let (status, json) = asked("application/json").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(json.starts_with("{\"error\":\"internal\""), "{json}");
        assert!(!page.contains("secret") && !json.contains("secret"));
    }
}
