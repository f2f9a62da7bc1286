//! An InstantDB that keeps count of what it is asked.

use super::Offline;
use axum::{extract::Request, middleware};
use instant::{
    Embedded,
    api::{ApiOptions, admin_api},
};
use std::sync::{Arc, Mutex};
use tokio::{net::TcpListener, runtime::Runtime};

/// The database; ends when dropped.
#[derive(Debug)]
pub(crate) struct Counted {
    settings: Vec<(String, String)>,
    asked: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl Counted {
    /// One with an empty app.
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&asked);
        let settings = runtime.block_on(async {
            let store = Embedded::temporary().await.expect("a store");
            let app = store.app();
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let url = format!("http://{}", listener.local_addr().expect("an address"));
            let router = admin_api(store, ApiOptions::new(url.as_str()));
            let router = router.layer(middleware::from_fn(move |request: Request, next: middleware::Next| {
                kept.lock().expect("not poisoned").push(request.uri().path().to_owned());
                next.run(request)
            }));
            tokio::spawn(async move { axum::serve(listener, router).await });
            vec![
                ("INSTANT_API_URI".to_owned(), url),
                ("INSTANT_APP_ID".to_owned(), app.id.to_string()),
                ("INSTANT_ADMIN_TOKEN".to_owned(), app.admin_token.expose().to_owned()),
            ]
        });
        Self { settings, asked, _runtime: runtime }
    }

    /// A working folder whose commands keep their data here.
    pub(crate) fn offline(&self) -> Offline {
        Offline::with(self.settings.clone())
    }

    /// How many files went up or down since the last call, and how often
    /// anything else was asked.
    pub(crate) fn files_and_others(&self) -> (usize, usize) {
        let asked = std::mem::take(&mut *self.asked.lock().expect("not poisoned"));
        let is_file = |path: &&String| path.starts_with("/_files/") || *path == "/admin/storage/upload";
        let files = asked.iter().filter(is_file).count();
        (files, asked.len() - files)
    }
}
