//! A GitHub on loopback: git's side and the API, as far as the registry asks.

use super::{Database, Host};
use git::testing::{Reply, Request, TestRepository};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

/// Where the API is, below the site.
const API: &str = "/api/v3";

/// A GitHub with nobody and nothing on it.
#[derive(Debug)]
pub(crate) struct Github {
    pub(crate) host: Host,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Repositories that are private: `acme/ui`.
    private: BTreeSet<String>,
    /// Tokens, and which private repositories each sees.
    tokens: BTreeMap<String, BTreeSet<String>>,
    /// What `GET /user/repos` lists.
    listed: Vec<Value>,
    /// What the API answers instead.
    trouble: Option<Reply>,
    /// What owners of repositories want before their own are shown: `x-github-sso`.
    sign_on: BTreeMap<String, String>,
}

impl Github {
    /// A GitHub with nobody and nothing on it.
    pub(crate) fn start() -> Self {
        let github = Self { host: Host::start(), state: Arc::default() };
        let state = github.state.clone();
        github.host.server.answer_with(move |request| state.lock().expect("not poisoned").answer(request));
        github
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("not poisoned")
    }

    /// Settings under which a server takes it for GitHub.
    pub(crate) fn settings(&self) -> [(&'static str, String); 2] {
        [("EKAIROS_GITHUB_URL", self.host.url("")), ("EKAIROS_GITHUB_API_URL", self.host.url(&API[1..]))]
    }

    /// The address of a repository.
    pub(crate) fn url(&self, name: &str) -> String {
        self.host.url(name)
    }

    /// A public repository with these items.
    pub(crate) fn public(&self, name: &str, items: &[Value]) -> TestRepository {
        self.host.repository(name, items)
    }

    /// A private one.
    pub(crate) fn private(&self, name: &str, items: &[Value]) -> TestRepository {
        self.state().private.insert(name.to_owned());
        self.host.repository(name, items)
    }

    /// From now on, this token is good, and sees these private repositories.
    pub(crate) fn token(&self, token: &str, sees: &[&str]) -> &Self {
        self.state().tokens.insert(token.to_owned(), sees.iter().map(|&name| name.to_owned()).collect());
        self
    }

    /// From now on, this token is good for nothing.
    pub(crate) fn revoke(&self, token: &str) -> &Self {
        self.state().tokens.remove(token);
        self
    }

    /// From now on, every account sees these repositories, in this order.
    pub(crate) fn lists(&self, names: &[String]) -> &Self {
        let row = |name: &String| {
            json!({
                "full_name": name, "private": self.state().private.contains(name), "default_branch": "main",
                "pushed_at": "2026-01-02T03:04:05Z", "description": format!("What {name} is for"),
                "clone_url": format!("https://elsewhere.example/{name}.git"),
            })
        };
        let rows = names.iter().map(row).collect();
        self.state().listed = rows;
        self
    }

    /// From now on, the API answers so, whatever it is asked.
    pub(crate) fn troubled(&self, reply: Reply) -> &Self {
        self.state().trouble = Some(reply);
        self
    }

    /// From now on, the API answers again.
    pub(crate) fn honest(&self) -> &Self {
        self.state().trouble = None;
        self
    }

    /// From now on, this owner wants a single sign-on, told by this header.
    pub(crate) fn wants_sign_on(&self, owner: &str, header: &str) -> &Self {
        self.state().sign_on.insert(owner.to_owned(), header.to_owned());
        self
    }

    /// How many requests there were for the API since the last call.
    pub(crate) fn asked(&self) -> usize {
        self.host.server.take_requests().iter().filter(|request| request.path.starts_with(API)).count()
    }
}

fn answer(status: u16, headers: Vec<(&'static str, String)>, body: &Value) -> Reply {
    Reply::Answer(status, headers, body.to_string())
}

fn refuse(status: u16, message: &str) -> Reply {
    answer(status, Vec::new(), &json!({ "message": message }))
}

impl State {
    /// What git is not asked, or not yet.
    fn answer(&self, request: &Request) -> Option<Reply> {
        match request.path.strip_prefix(API) {
            Some(path) => Some(self.trouble.clone().unwrap_or_else(|| self.api(path, request))),
            None => self.git(request),
        }
    }

    /// What a token may see of a repository: `None` for all of it.
    fn refusal(&self, token: &str, name: &str) -> Option<Reply> {
        let owner = name.split('/').next().expect("a part");
        let Some(sees) = self.tokens.get(token) else { return Some(refuse(401, "Bad credentials")) };
        if let Some(header) = self.sign_on.get(owner) {
            let headers = vec![("x-github-sso", header.clone())];
            return Some(answer(
                403,
                headers,
                &json!({ "message": "Resource protected by organization SAML enforcement." }),
            ));
        }
        let hidden = self.private.contains(name) && !sees.contains(name);
        hidden.then(|| refuse(404, "Not Found"))
    }

    fn api(&self, path: &str, request: &Request) -> Reply {
        let header = |name: &str| request.headers.get(name).map(String::as_str).unwrap_or_default();
        assert_eq!(header("accept"), "application/vnd.github+json");
        assert_eq!(header("x-github-api-version"), "2022-11-28");
        let token = header("authorization").strip_prefix("Bearer ").unwrap_or_default();
        if !self.tokens.contains_key(token) {
            return refuse(401, "Bad credentials");
        }
        if let Some(name) = path.strip_prefix("/repos/") {
            return self.refusal(token, name).unwrap_or_else(|| answer(200, Vec::new(), &json!({ "full_name": name })));
        }
        match path {
            "/user" => answer(200, Vec::new(), &json!({ "login": "octo-of-acme" })),
            "/user/repos" => {
                let number = |name: &str| {
                    let mut pairs = url::form_urlencoded::parse(request.query.as_bytes());
                    pairs.find_map(|(key, value)| (key == name).then(|| value.parse::<usize>().expect("a number")))
                };
                let (page, size) = (number("page").expect("a page"), number("per_page").expect("a size"));
                assert_eq!(size, 100);
                let rows: Vec<&Value> = self.listed.iter().skip((page - 1) * size).take(size).collect();
                let more = self.listed.len() > page * size;
                let link = ("link", format!("<https://elsewhere.example/user/repos?page={}>; rel=\"next\"", page + 1));
                answer(200, more.then_some(link).into_iter().collect(), &json!(rows))
            }
            _ => refuse(404, "Not Found"),
        }
    }

    fn git(&self, request: &Request) -> Option<Reply> {
        let name = request.path.trim_start_matches('/').split('/').take(2).collect::<Vec<_>>().join("/");
        match request.headers.get("authorization") {
            None if self.private.contains(&name) => Some(refuse(401, "")),
            None => None,
            Some(value) => self.refusal(&token_in(value), &name),
        }
    }
}

/// The token in `Basic …`; GitHub wants one user name with it.
fn token_in(value: &str) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let pair = value.strip_prefix("Basic ").and_then(|pair| BASE64_STANDARD.decode(pair).ok()).unwrap_or_default();
    let pair = String::from_utf8(pair).expect("a text");
    pair.strip_prefix("x-access-token:").expect("GitHub's user name for tokens").to_owned()
}

/// A connection to GitHub, as the platform writes it down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connection<'a> {
    /// Tells it from others.
    pub(crate) nth: u32,
    /// Its token.
    pub(crate) token: &'a str,
    /// `github`.
    pub(crate) provider: &'a str,
    /// `active`.
    pub(crate) status: &'a str,
    /// When it was changed, if that is written down.
    pub(crate) updated_at: Option<&'a str>,
}

impl<'a> Connection<'a> {
    /// An active one with this token.
    pub(crate) fn with(token: &'a str) -> Self {
        Self { nth: 1, token, provider: "github", status: "active", updated_at: None }
    }
}

/// Writes a connection into an organisation's database, past the registry.
pub(crate) fn connect(database: &Database, connection: Connection<'_>) {
    let Connection { nth, token, provider, status, updated_at } = connection;
    let (secret, external) =
        (format!("00000000-0000-4000-8000-{nth:012}"), format!("00000000-0000-4000-9000-{nth:012}"));
    let mut row = json!({ "kind": "github.access_token", "data": token });
    if let Some(at) = updated_at {
        row["updatedAt"] = at.into();
    }
    // Without a schema a link's name is the namespace that it leads to.
    database.transact(&json!([
        ["update", "externalConnection", external, { "provider": provider, "status": status }],
        ["update", "integration_secrets", secret, row],
        ["link", "integration_secrets", secret, { "externalConnection": external }],
    ]));
}
