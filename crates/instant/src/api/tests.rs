//! The admin API through a listener on loopback.

mod access;
mod storage;
mod subscribe;

use super::{ApiOptions, admin_api};
use crate::{Embedded, Store as _};
use net::OperatorClient;
use net::http::{Method, Response, Url};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A store behind its API.
struct Served {
    store: Embedded,
    url: String,
    client: OperatorClient,
    options: ApiOptions,
}

impl Served {
    async fn start() -> Self {
        Self::start_with(|options| options).await
    }

    /// With other limits than the usual ones.
    async fn start_with(change: impl FnOnce(ApiOptions) -> ApiOptions) -> Self {
        let store = Embedded::temporary().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let options = change(ApiOptions::new(url.as_str()));
        let router = admin_api(store.clone(), options.clone());
        let stop = options.stop.clone();
        tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await });
        Self { store, url, client: OperatorClient::new().unwrap(), options }
    }

    fn app_id(&self) -> String {
        self.store.app().id.to_string()
    }

    fn token(&self) -> String {
        self.store.app().admin_token.expose().to_owned()
    }

    /// A request with nothing but what is given.
    fn bare(&self, method: Method, path: &str) -> Asking {
        Asking(self.client.request(method, Url::parse(&format!("{}{path}", self.url)).unwrap()))
    }

    /// A request of the app's admin.
    fn admin(&self, method: Method, path: &str) -> Asking {
        self.bare(method, path)
            .header("app-id", &self.app_id())
            .header("authorization", &format!("Bearer {}", self.token()))
    }

    async fn post(&self, path: &str, body: &Value) -> Told {
        self.admin(Method::POST, path).json(body).send().await
    }

    async fn query(&self, query: Value) -> Value {
        self.post("/admin/query", &json!({ "query": query })).await.ok()
    }

    async fn rules(&self, code: Value) {
        self.store.replace_rules(&code).await.unwrap();
    }
}

/// A request being made.
struct Asking(net::http::RequestBuilder);

impl Asking {
    fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    fn json(self, body: &Value) -> Self {
        Self(self.0.header("content-type", "application/json").body(body.to_string()))
    }

    fn body(self, body: impl Into<net::http::Body>) -> Self {
        Self(self.0.body(body))
    }

    async fn open(self) -> Response {
        self.0.send().await.unwrap()
    }

    async fn send(self) -> Told {
        let response = self.open().await;
        let status = response.status().as_u16();
        Told { status, text: response.text().await.unwrap() }
    }
}

/// An answer.
#[derive(Debug)]
struct Told {
    status: u16,
    text: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// The `type` of an error of this status.
    #[track_caller]
    fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()["type"].as_str().unwrap().to_owned()
    }
}
