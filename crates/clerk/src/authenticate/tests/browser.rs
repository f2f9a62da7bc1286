//! A browser, as far as a handshake needs one.

use super::REGISTRY;
use crate::{Clerk, Decision, RequestView, UrlOrganization};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use net::OperatorClient;
use std::collections::BTreeMap;
use url::{Position, Url};

/// Two sites with their cookies.
pub(super) struct Browser {
    client: OperatorClient,
    at_registry: BTreeMap<String, String>,
    at_clerk: BTreeMap<String, String>,
    /// Where the next visit comes from.
    pub(super) referrer: Option<String>,
    /// What the address names.
    pub(super) organization: UrlOrganization<'static>,
}

impl Default for Browser {
    fn default() -> Self {
        let organization = UrlOrganization::Unnamed;
        let client = OperatorClient::new().unwrap();
        Self { client, at_registry: BTreeMap::new(), at_clerk: BTreeMap::new(), referrer: None, organization }
    }
}

/// Where a visit ended.
pub(super) struct Visit {
    pub(super) decision: Decision,
    /// How often Clerk was asked on the way.
    pub(super) handshakes: usize,
    /// Path and query in the end.
    pub(super) path: String,
}

impl Browser {
    pub(super) fn registry(&mut self, name: &str, value: &str) {
        self.at_registry.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn clerk(&mut self, name: &str, value: &str) {
        self.at_clerk.insert(name.to_owned(), value.to_owned());
    }

    /// A request for a document.
    pub(super) fn request(&self, path: &str) -> (Method, Uri, HeaderMap) {
        let mut headers = vec![
            ("cookie", line(&self.at_registry)),
            ("sec-fetch-dest", "document".to_owned()),
            ("accept", "text/html,*/*".to_owned()),
            ("user-agent", "a browser".to_owned()),
        ];
        headers.extend(self.referrer.clone().map(|referrer| ("referer", referrer)));
        let headers = headers
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap()));
        (Method::GET, path.parse().unwrap(), headers.collect())
    }

    /// Opens a page and follows redirects.
    pub(super) async fn visit(&mut self, clerk: &Clerk, path: &str) -> Visit {
        let (mut path, mut handshakes) = (path.to_owned(), 0);
        for _ in 0..10 {
            let (method, uri, headers) = self.request(&path);
            let view = RequestView { organization: self.organization, ..RequestView::page(&method, &uri, &headers) };
            let decision = clerk.authenticate(&view).await;
            for line in &decision.cookies {
                keep(&mut self.at_registry, line.to_str().unwrap());
            }
            let Some(location) = decision.location().cloned() else {
                self.referrer = None;
                // It is there for two seconds only.
                self.at_registry.remove("__clerk_redirect_count");
                return Visit { decision, handshakes, path };
            };
            let back = if location.as_str().starts_with(REGISTRY) {
                location
            } else {
                handshakes += 1;
                self.ask_clerk(location).await
            };
            assert!(back.as_str().starts_with(REGISTRY), "{back}");
            back[Position::BeforePath..].clone_into(&mut path);
        }
        panic!("redirects without end")
    }

    /// Follows a handshake to Clerk; answers where Clerk sends one back.
    async fn ask_clerk(&mut self, location: Url) -> Url {
        let request = self.client.request(net::http::Method::GET, location).header("cookie", line(&self.at_clerk));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 307);
        for value in response.headers().get_all("set-cookie") {
            let value = value.to_str().unwrap();
            // Clerk's own cookie is for its host, all others are for every sub-domain.
            let jar = if value.starts_with("__client=") { &mut self.at_clerk } else { &mut self.at_registry };
            keep(jar, value);
        }
        response.headers()["location"].to_str().unwrap().parse().unwrap()
    }
}

fn line(jar: &BTreeMap<String, String>) -> String {
    jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// Keeps a cookie, or drops it.
fn keep(jar: &mut BTreeMap<String, String>, line: &str) {
    let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
    let (name, value) = pair.split_once('=').unwrap();
    if attributes.contains("Max-Age=0") {
        jar.remove(name);
    } else {
        jar.insert(name.to_owned(), value.to_owned());
    }
}
