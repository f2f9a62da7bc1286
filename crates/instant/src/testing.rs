//! A host of scratch apps for tests: each an embedded store with nothing in it,
//! behind its admin API on loopback. It is what `end2end/sdk` runs against.

use crate::api::{ApiOptions, admin_api};
use crate::{AppStatus, AttrCatalog, Embedded, Store as _};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use axum::{Json, Router};
use serde_json::json;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

/// What the routes of a host can reach.
struct Host {
    backup: PathBuf,
    apps: Mutex<HashMap<String, Embedded>>,
}

/// Serves a host on a free port for as long as the runtime lives; answers its address:
///
/// - `POST /apps`, or `POST /apps?zip=1` for an app restored from `backup`:
///   `{"apiURI", "appId", "adminToken"}`
/// - `PUT /apps/{appId}/status`, with `active`, `read-only` or `disabled` as the body
pub async fn host_apps(backup: PathBuf) -> io::Result<String> {
    let host = Arc::new(Host { backup, apps: Mutex::default() });
    let router = Router::new().route("/apps", post(make)).route("/apps/{app}/status", put(set_status)).with_state(host);
    let (listener, url) = listener().await?;
    serve(listener, router);
    Ok(url)
}

async fn listener() -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

fn serve(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}

/// Why an app was not made, for whoever reads the test's output.
struct Failed(String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}

async fn make(
    State(host): State<Arc<Host>>,
    Query(wanted): Query<HashMap<String, String>>,
) -> Result<Response, Failed> {
    let store = Embedded::temporary().await?;
    if wanted.contains_key("zip") {
        store.restore(&host.backup, true, |_, _| {}).await?;
    }
    let attrs = store.attrs().await?;
    let own =
        attrs.iter().filter(|attr| attr.catalog == AttrCatalog::User && attr.namespace().starts_with("registry_"));
    let own: Vec<_> = own.map(|attr| attr.id).collect();
    store.delete_attrs(&own).await?;
    let (listener, url) = listener().await?;
    serve(listener, admin_api(store.clone(), ApiOptions::new(url.as_str())));
    let app = store.app();
    host.apps.lock().unwrap_or_else(PoisonError::into_inner).insert(app.id.to_string(), store);
    Ok(Json(json!({ "apiURI": url, "appId": app.id, "adminToken": app.admin_token.expose() })).into_response())
}

async fn set_status(State(host): State<Arc<Host>>, Path(app): Path<String>, status: String) -> Result<(), Failed> {
    let known = [AppStatus::Active, AppStatus::ReadOnly, AppStatus::Disabled];
    let status = known.into_iter().find(|known| known.as_str() == status).ok_or(Failed("no such status".to_owned()))?;
    let store = host.apps.lock().unwrap_or_else(PoisonError::into_inner).get(&app).cloned();
    store.ok_or(Failed("no such app".to_owned()))?.set_status(status).await?;
    Ok(())
}
