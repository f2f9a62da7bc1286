//! The HTTP server: all routes in one table, and what every answer carries.

mod entry;
pub(crate) mod feed;
mod forms;
mod language;
mod raw;
mod sent;
mod stopped;
pub(crate) mod table;
mod twins;

pub(crate) use forms::take_notice;
pub use table::Door;

use self::table::{Routes, get};
use crate::{
    api,
    app::{App, shell},
    app_state::AppState,
    auth::{Asker, check_host, guard_origin, session_layer},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
};
use instant::Local;
use leptos::{config::LeptosOptions, context::provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use model::RepositoryId;
use std::path::Path;
use tower::ServiceExt;
use tower_http::{compression::CompressionLayer, services::ServeDir};

/// What an answer to a browser depends on beside its address.
const VARY: HeaderValue =
    HeaderValue::from_static("Accept, Accept-Language, Authorization, Cookie, Sec-Fetch-Dest, X-Registry-Org-Id");

/// The whole service.
pub fn router(state: AppState, local: Local, secure: bool) -> Router {
    let site = site(&state.leptos);
    let internal = api::internal_routes().into_router();
    let internal = internal.layer(middleware::from_fn_with_state(state.clone(), api::mark_stale));
    let pages = Router::new()
        .merge(internal)
        .merge(browser_routes().into_router())
        .merge(leptos_pages(&state))
        .layer(middleware::from_fn_with_state(state.clone(), sent::look_at_forms))
        .layer(middleware::from_fn_with_state(state.clone(), entry::lead_in))
        .layer(session_layer(local.clone(), secure))
        .layer(middleware::from_fn(page_headers))
        .layer(middleware::from_fn(language::speak))
        // Prepared answers and the site's files bring their own; event streams stay as they are.
        .layer(CompressionLayer::new().br(true).gzip(true))
        .merge(api::open_routes().into_router())
        .merge(language::routes().into_router())
        .layer(middleware::from_fn_with_state(state.clone(), guard_origin))
        .layer(middleware::from_fn_with_state(state.clone(), stopped::show))
        .layer(middleware::from_fn(carry_through));
    // What the CLI asks goes through no layer, what git hosts send through none that
    // asks who sent it: these handlers check the host themselves.
    let nowhere = Router::new()
        .fallback(no_page)
        .layer(session_layer(local, secure))
        .layer(middleware::from_fn(page_headers))
        .layer(middleware::from_fn_with_state(state.clone(), stopped::show))
        .with_state(state.clone());
    let pages = pages
        .fallback(move |state: State<AppState>, request: Request| {
            fallback(state, request, site.clone(), nowhere.clone())
        })
        .with_state(state.clone())
        .layer(middleware::from_fn_with_state(state.clone(), items_among_pages));
    Router::new()
        .merge(api::install_routes().into_router())
        .merge(api::webhook_routes().into_router().layer(middleware::from_fn(carry_through)))
        .with_state(state)
        .fallback_service(pages)
}

/// Below `/registry/` stand the pages of repositories, whose ids no item has,
/// and items, as some registries serve them there (DESIGN section 5). No route of
/// its own: its path would be one more parameter of the pages' routes.
async fn items_among_pages(state: State<AppState>, request: Request, next: Next) -> Response {
    let below = request.uri().path().strip_prefix("/registry/").unwrap_or_default();
    let first = below.split('/').next().unwrap_or_default();
    let names_page = first.is_empty() || first == "new" || first.parse::<RepositoryId>().is_ok();
    // A person who mistyped an id reads that there is no such repository.
    let wants_page =
        request.headers().get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    let is_page = names_page || (wants_page && below.strip_suffix(".json").is_none());
    if is_page || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    api::item(state, request).await
}

/// What has a session beside the JSON routes: signing in and out, the dashboard's forms.
fn browser_routes() -> Routes {
    api::session_routes()
        .merge(Routes::new().route("/activity.atom", get(feed::activity)))
        .merge(Routes::new().route("/repositories", get(moved)).route("/repositories/{*rest}", get(moved)))
        .merge(Routes::new().route("/organisations/{organisation}/enter", get(entry::enter_organisation)))
        .merge(forms::routes())
        .merge(raw::routes())
}

/// Every door there is, but for the files of the site, which are the same for
/// everyone. `tests/it/guard.rs` asks at each as everybody who may come.
pub fn doors() -> Vec<Door> {
    let pages = page_routes().into_iter().flat_map(|page| {
        let methods: Vec<_> = page.methods().map(|method| format!("{method:?}").to_uppercase()).collect();
        methods.into_iter().map(move |method| Door { path: page.path().to_owned(), method })
    });
    let functions = leptos::server_fn::axum::server_fn_paths();
    let functions = functions.map(|(path, method)| Door { path: path.to_owned(), method: method.to_string() });
    // What no route takes.
    let item = |path: &str| Door { path: path.to_owned(), method: Method::GET.to_string() };
    let items = [item("/{name}.json"), item("/registry/{*path}")];
    let routes =
        [api::install_routes(), api::open_routes(), api::webhook_routes(), api::internal_routes(), browser_routes()];
    let listed = routes.into_iter().flat_map(Routes::into_doors);
    let mut doors: Vec<Door> = listed.chain(pages).chain(functions).chain(items).collect();
    doors.sort();
    doors.dedup();
    doors
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

/// Where the pages of repositories were once.
async fn moved(uri: Uri) -> Redirect {
    let asked = uri.path_and_query().map_or("", |asked| asked.as_str());
    Redirect::permanent(&asked.replacen("/repositories", "/registry", 1))
}

/// Leptos' routes, less `/login`, whose handler signs people in first.
fn page_routes() -> Vec<leptos_axum::AxumRouteListing> {
    generate_route_list(App).into_iter().filter(|route| route.path() != "/login").collect()
}

/// The built site: scripts, style, fonts.
fn site(options: &LeptosOptions) -> ServeDir {
    ServeDir::new(Path::new(&*options.site_root)).precompressed_br().precompressed_gzip()
}

/// The pages that Leptos routes.
fn leptos_pages(state: &AppState) -> Router<AppState> {
    let context = state.clone();
    let options = state.leptos.clone();
    Router::new()
        .leptos_routes_with_context(
            state,
            page_routes(),
            move || provide_context(context.clone()),
            move || shell(options.clone()),
        )
        .layer(middleware::from_fn(twins::negotiate))
}

/// Renders the page that a request asks for.
pub(crate) async fn render_page(state: AppState, request: Request) -> Response {
    twins::negotiated(request, |request| render_with(state, request, || {})).await
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
async fn fallback(State(state): State<AppState>, request: Request, site: ServeDir, nowhere: Router) -> Response {
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
    // An item counted itself; a page is made anew for each request.
    if let Err(error) = state.limits.count(Asker::of(&state, request.headers(), request.extensions())) {
        return stopped::Asked::of(&request).told(state, error).await;
    }
    nowhere.oneshot(request).await.into_response()
}

/// The page that says there is no such page, in the frame of whoever is signed in.
async fn no_page(State(state): State<AppState>, mut request: Request) -> Response {
    // Whatever was sent, nobody takes it.
    *request.method_mut() = Method::GET;
    let mut response = render_page(state, request).await;
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
    // A cache between that keeps what it must not tells at least whose it is.
    headers.append(header::VARY, VARY);
    // A handler that wants it stricter has said so already.
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}
