//! The HTTP server: all routes in one table, and what every answer carries.

mod forms;

pub(crate) use forms::take_notice;

use crate::{
    api,
    app::{App, shell},
    app_state::AppState,
    auth::{check_host, guard_origin, session_layer},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use instant::Local;
use leptos::{config::LeptosOptions, context::provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use std::path::Path;
use tower::ServiceExt;
use tower_http::{compression::CompressionLayer, services::ServeDir};

/// The whole service.
pub fn router(state: AppState, local: Local, secure: bool) -> Router {
    let site = site(&state.leptos);
    let pages = Router::new()
        .merge(api::internal_routes().layer(middleware::from_fn_with_state(state.clone(), api::mark_stale)))
        .merge(api::session_routes())
        .route("/", get(|| async { Redirect::to("/repositories") }))
        .merge(forms::routes())
        .leptos_routes_with_context(
            &state,
            page_routes(),
            {
                let state = state.clone();
                move || provide_context(state.clone())
            },
            {
                let options = state.leptos.clone();
                move || shell(options.clone())
            },
        )
        .layer(session_layer(local, secure))
        .layer(middleware::from_fn(page_headers))
        // Prepared answers and the site's files bring their own; event streams stay as they are.
        .layer(CompressionLayer::new().br(true).gzip(true))
        .merge(api::open_routes())
        .layer(middleware::from_fn_with_state(state.clone(), guard_origin))
        .layer(middleware::from_fn(carry_through));
    // What the CLI asks goes through no layer, what git hosts send through none that
    // asks who sent it: these handlers check the host themselves.
    Router::new()
        .merge(api::install_routes())
        .merge(api::webhook_routes().layer(middleware::from_fn(carry_through)))
        .merge(pages)
        .fallback(move |state: State<AppState>, request: Request| fallback(state, request, site.clone()))
        .with_state(state)
}

/// A change that was begun is carried through, also if whoever asked for it
/// hangs up: their connection's end would end the handler between two steps.
async fn carry_through(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => api::ApiError::from(crate::service::ServiceError::from(error)).into_response(),
    }
}

/// Leptos' routes, less `/login`, whose handler signs people in first.
fn page_routes() -> Vec<leptos_axum::AxumRouteListing> {
    generate_route_list(App).into_iter().filter(|route| route.path() != "/login").collect()
}

/// The built site: scripts, style, fonts.
fn site(options: &LeptosOptions) -> ServeDir {
    ServeDir::new(Path::new(&*options.site_root)).precompressed_br().precompressed_gzip()
}

/// Renders the page that a request asks for.
pub(crate) async fn render_page(state: AppState, request: Request) -> Response {
    render_with(state, request, || {}).await
}

/// Renders the page that a request asks for, with more context than others have.
async fn render_with(
    state: AppState,
    request: Request,
    context: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(
        move || {
            provide_context(state.clone());
            context();
        },
        move || shell(options.clone()),
    );
    render(request).await.into_response()
}

/// What no route takes: a file of the site, an item at the root, or the page
/// that says there is no such page.
async fn fallback(State(state): State<AppState>, request: Request, site: ServeDir) -> Response {
    if let Err(error) = check_host(&state, request.headers()) {
        return error.into_response();
    }
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path().to_owned();
    if reading {
        let mut file = Request::builder().method(request.method().clone()).uri(request.uri().clone());
        for name in [header::ACCEPT_ENCODING, header::IF_MODIFIED_SINCE, header::RANGE] {
            if let (Some(headers), Some(value)) = (file.headers_mut(), request.headers().get(&name)) {
                headers.insert(name, value.clone());
            }
        }
        if let Ok(file) = file.body(Body::empty())
            && let Ok(response) = site.oneshot(file).await
            && !response.status().is_client_error()
            && path != "/"
        {
            return with_site_headers(&path, response.map(Body::new));
        }
        let one_segment =
            path.strip_prefix('/').is_some_and(|rest| !rest.contains('/') && rest.strip_suffix(".json").is_some());
        if one_segment {
            return api::item_at_root(State(state), request).await;
        }
    }
    let mut response = render_page(state, request).await;
    set_page_headers(response.headers_mut());
    *response.status_mut() = axum::http::StatusCode::NOT_FOUND;
    response
}

fn with_site_headers(path: &str, mut response: Response) -> Response {
    let headers = response.headers_mut();
    // Names below /pkg/ carry a hash of the content.
    let policy = if path.starts_with("/pkg/") { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// What every page and JSON answer of the dashboard carries.
async fn page_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    set_page_headers(response.headers_mut());
    response
}

fn set_page_headers(headers: &mut axum::http::HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: under it browsers send our own forms with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    // A handler that wants it stricter has said so already.
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}
