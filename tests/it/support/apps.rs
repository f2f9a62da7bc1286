//! A host of scratch apps: each an embedded store with nothing in it, behind
//! its admin API on loopback. What `end2end/sdk/harness.mjs` asks for.

use axum::{
    Json, Router,
    extract::{Path as UrlPath, Query, State},
    http::StatusCode,
    routing::{post, put},
};
use instant::api::{ApiOptions, admin_api};
use instant::{AppStatus, AttrCatalog, Embedded, Store as _};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, runtime::Runtime};

/// The host; its apps end with it.
#[derive(Debug)]
pub(crate) struct Apps {
    pub(crate) url: String,
    _runtime: Runtime,
}

/// What its routes can reach.
struct Host {
    backup: PathBuf,
    apps: Mutex<HashMap<String, Embedded>>,
}

impl Apps {
    /// One whose apps may be restored from this backup.
    pub(crate) fn start(backup: PathBuf) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let host = Arc::new(Host { backup, apps: Mutex::default() });
        let router =
            Router::new().route("/apps", post(make)).route("/apps/{app}/status", put(set_status)).with_state(host);
        let url = runtime.block_on(serve(router));
        Self { url, _runtime: runtime }
    }
}

/// Serves on a free port for as long as the runtime lives; answers the address.
async fn serve(router: Router) -> String {
    let (listener, url) = listener().await;
    serve_on(listener, router);
    url
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

fn serve_on(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn make(State(host): State<Arc<Host>>, Query(wanted): Query<HashMap<String, String>>) -> Json<Value> {
    let store = Embedded::temporary().await.expect("a store");
    if wanted.contains_key("zip") {
        store.restore_zip(&host.backup).await.expect("a backup");
    } else {
        let attrs = store.attrs().await.expect("its attributes");
        let own: Vec<_> = attrs.iter().filter(|attr| attr.catalog == AttrCatalog::User).map(|attr| attr.id).collect();
        store.delete_attrs(&own).await.expect("nothing stands in the way");
    }
    let (listener, url) = listener().await;
    serve_on(listener, admin_api(store.clone(), ApiOptions::new(url.as_str())));
    let app = store.app();
    host.apps.lock().expect("not poisoned").insert(app.id.to_string(), store);
    Json(json!({ "apiURI": url, "appId": app.id, "adminToken": app.admin_token.expose() }))
}

async fn set_status(State(host): State<Arc<Host>>, UrlPath(app): UrlPath<String>, status: String) -> StatusCode {
    let statuses = [AppStatus::Active, AppStatus::ReadOnly, AppStatus::Disabled];
    let status = statuses.into_iter().find(|known| known.as_str() == status).expect("a status");
    let store = host.apps.lock().expect("not poisoned")[&app].clone();
    store.set_status(status).await.expect("it can be set");
    StatusCode::OK
}
