//! A deployment that signs people in through Clerk: the program, a Clerk, and a
//! database for each organisation.

use super::{Answer, Asking, Browser, Database, Offline, Ran, ports::free_address, program::Process};
use clerk::{InstanceKind, testing::FakeClerk};
use serde_json::{Value, json};
use std::{cell::RefCell, collections::BTreeMap, net::SocketAddr, path::PathBuf, process::Command};

/// More redirects than any way through the sign-in takes.
const MOST_REDIRECTS: usize = 12;

/// A server in Clerk mode, and the Clerk that it asks.
#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) clerk: FakeClerk,
    /// Where it is, as people and Clerk know it.
    pub(crate) url: String,
    address: SocketAddr,
    offline: Offline,
    process: Option<Process>,
}

/// What opens a database, as an organisation's private metadata says it.
pub(crate) fn metadata_of(database: &Database) -> Value {
    json!({ "instant": { "appId": database.app(), "adminToken": database.token(), "apiUri": database.uri() } })
}

impl Deployment {
    /// A server with nobody in it.
    pub(crate) fn start(kind: InstanceKind) -> Self {
        Self::start_with(kind, &[])
    }

    /// The same with more settings.
    pub(crate) fn start_with(kind: InstanceKind, settings: &[(&str, &str)]) -> Self {
        let mut stopped = Self::stopped(FakeClerk::start(kind), settings);
        stopped.begin();
        stopped
    }

    /// One that does not run yet.
    pub(crate) fn stopped(clerk: FakeClerk, settings: &[(&str, &str)]) -> Self {
        // Free when it was asked for: the address has to be known before it starts.
        let address = free_address();
        let url = format!("http://localhost:{}", address.port());
        let own = clerk.environment(&url).into_iter().map(|(name, value)| (name.to_owned(), value));
        let more = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let offline = Offline::with(own.chain(more).collect());
        Self { clerk, url, address, offline, process: None }
    }

    /// Starts it.
    pub(crate) fn begin(&mut self) {
        let listen = self.address.to_string();
        let command = self.offline.command(["serve", "--json", "--listen", &listen]);
        self.process = Some(Process::start(command, "the server"));
    }

    /// Asks it to end, and waits.
    pub(crate) fn end(&mut self) {
        self.process.take().expect("it runs").stop();
    }

    /// What it logged since it was started.
    pub(crate) fn log(&self) -> String {
        self.process.as_ref().expect("it runs").log()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.offline.data()
    }

    /// An organisation with a database of its own.
    pub(crate) fn organisation(&self, id: &str, name: &str) -> Database {
        let database = Database::start();
        self.clerk.organization(id, name, metadata_of(&database));
        database
    }

    /// A command in an organisation, beside the server if one runs.
    pub(crate) fn command_in<const N: usize>(&self, organisation: &str, arguments: [&str; N]) -> Command {
        let mut command = self.offline.command(arguments);
        command.env("EKAIROS_ORG", organisation);
        command
    }

    /// Runs a command in an organisation.
    pub(crate) fn cli_in<const N: usize>(&self, organisation: &str, arguments: [&str; N]) -> Ran {
        Ran::of(self.command_in(organisation, arguments))
    }

    /// Runs a command without an organisation.
    pub(crate) fn cli<const N: usize>(&self, arguments: [&str; N]) -> Ran {
        self.offline.cli(arguments)
    }

    /// Registers a repository in an organisation, syncs it, and returns its id.
    pub(crate) fn add_and_sync(&self, organisation: &str, url: &str) -> String {
        let added = self.cli_in(organisation, ["repo", "add", url, "--json"]).ok().json();
        let id = added["id"].as_str().expect("an id").to_owned();
        let view = self.cli_in(organisation, ["sync", &id, "--wait", "--json"]).ok().json();
        assert_eq!(view["state"], "succeeded", "{view:#}");
        id
    }

    /// A new token of an organisation.
    pub(crate) fn token(&self, organisation: &str, scope: &str) -> String {
        let made = self.cli_in(organisation, ["token", "create", "--scope", scope, "--json"]).ok().json();
        made["token"].as_str().expect("a token").to_owned()
    }

    /// Begins a request of nobody in particular.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Asking {
        Browser::new(&self.url).ask(method, path)
    }

    /// A browser in which nobody is signed in.
    pub(crate) fn stranger(&self) -> Visitor {
        Visitor { origin: self.url.clone(), browser: Browser::new(""), cookies: RefCell::default() }
    }

    /// A browser in which somebody has signed in, with an organisation chosen.
    pub(crate) fn visitor(&self, user: &str, organisation: Option<&str>) -> Visitor {
        let (visitor, signed_in) = (self.stranger(), self.clerk.sign_in(user, organisation, &self.url));
        for pair in signed_in.cookies.split("; ") {
            visitor.keep(pair);
        }
        visitor.keep(&format!("__client={}", signed_in.browser));
        visitor
    }

    /// A browser in which somebody has signed in on the platform, and nowhere else yet.
    pub(crate) fn visitor_of_platform(&self, user: &str, organisation: Option<&str>) -> Visitor {
        let visitor = self.visitor(user, organisation);
        // All that the registry itself has given it is gone.
        let mut cookies = visitor.cookies.borrow_mut();
        cookies.retain(|name, _| !name.starts_with("__session") && !name.starts_with("__clerk_db_jwt"));
        drop(cookies);
        visitor
    }

    /// Delivers an event of Clerk's webhook, signed.
    pub(crate) fn tell(&self, id: &str, kind: &str, organisation: &str) -> Answer {
        let (headers, body) = self.clerk.delivery(id, kind, &json!({ "id": organisation }));
        let asking = self.ask("POST", "/api/webhooks/clerk");
        let asking = headers.iter().fold(asking, |asking, (name, value)| asking.with(name, value));
        asking.text("application/json", std::str::from_utf8(&body).expect("JSON is text")).send()
    }
}

/// A browser that keeps cookies, and goes where it is sent only when told to.
/// All servers are `localhost` to it, so they share cookies as sub-domains would.
#[derive(Debug)]
pub(crate) struct Visitor {
    origin: String,
    browser: Browser,
    cookies: RefCell<BTreeMap<String, String>>,
}

/// A page, and the redirects that led there.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) answer: Answer,
    /// Every address, the first and the last among them.
    pub(crate) way: Vec<String>,
}

impl Seen {
    /// Where it ended.
    pub(crate) fn url(&self) -> &str {
        self.way.last().expect("it began somewhere")
    }

    /// The page, which must have this status.
    pub(crate) fn page(self, status: u16) -> String {
        assert_eq!(self.answer.status, status, "{:#?} {}", self.way, self.answer.text());
        self.answer.text().to_owned()
    }
}

impl Visitor {
    /// Takes a cookie, `name=value`, whatever attributes follow.
    pub(crate) fn keep(&self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a value");
        let mut cookies = self.cookies.borrow_mut();
        if attributes.to_ascii_lowercase().contains("max-age=0") {
            cookies.remove(name.trim());
        } else {
            cookies.insert(name.trim().to_owned(), value.to_owned());
        }
    }

    /// Time passes, and cookies that live for seconds are gone.
    pub(crate) fn a_moment_later(&self) {
        self.cookies.borrow_mut().remove("__clerk_redirect_count");
    }

    /// Changes all cookies whose name begins so.
    pub(crate) fn change(&self, prefix: &str, change: impl Fn(&str) -> String) {
        for (_, value) in self.cookies.borrow_mut().iter_mut().filter(|(name, _)| name.starts_with(prefix)) {
            *value = change(value);
        }
    }

    /// A cookie that it has.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// The `Cookie` header that it sends.
    pub(crate) fn cookies(&self) -> String {
        let pairs: Vec<_> = self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// An address as a whole; one without a host is the registry's.
    fn whole(&self, address: &str) -> String {
        if address.starts_with('/') { format!("{}{address}", self.origin) } else { address.to_owned() }
    }

    fn send(&self, asking: Asking) -> Answer {
        let cookies = self.cookies();
        let answer = if cookies.is_empty() { asking.send() } else { asking.with("cookie", &cookies).send() };
        for line in answer.headers.get_all("set-cookie") {
            self.keep(line.to_str().expect("ASCII"));
        }
        answer
    }

    /// Asks for a document, and goes nowhere else.
    pub(crate) fn open(&self, address: &str) -> Answer {
        self.open_with(address, &[])
    }

    /// The same with more headers.
    pub(crate) fn open_with(&self, address: &str, headers: &[(&str, &str)]) -> Answer {
        let asking = self.browser.ask("GET", &self.whole(address));
        let asking = asking.with("accept", "text/html").with("sec-fetch-dest", "document");
        self.send(headers.iter().fold(asking, |asking, (name, value)| asking.with(name, value)))
    }

    /// Asks as a script of ours does.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Asking {
        let asking = self.browser.ask(method, &self.whole(path));
        asking.with("sec-fetch-dest", "empty").with("origin", &self.origin).with("cookie", &self.cookies())
    }

    /// Asks for a document, and goes where it is sent until it is sent nowhere.
    pub(crate) fn visit(&self, address: &str) -> Seen {
        self.follow(self.whole(address), self.open(address))
    }

    /// The same where every step takes longer than short-lived cookies live.
    pub(crate) fn visit_slowly(&self, address: &str) -> Seen {
        self.follow_with(self.whole(address), self.open(address), || self.a_moment_later())
    }

    /// Sends a form of a page at this address, and goes where it is sent.
    pub(crate) fn send_form(&self, address: &str, fields: &[(&str, &str)]) -> Seen {
        let address = self.whole(address);
        let origin = url::Url::parse(&address).expect("an address").origin().ascii_serialization();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let asking = self.browser.ask("POST", &address).with("origin", &origin).with("accept", "text/html");
        let asking = asking.with("sec-fetch-dest", "document");
        let answer = self.send(asking.text("application/x-www-form-urlencoded", &form.finish()));
        self.follow(address, answer)
    }

    fn follow(&self, begin: String, answer: Answer) -> Seen {
        self.follow_with(begin, answer, || {})
    }

    fn follow_with(&self, begin: String, mut answer: Answer, between: impl Fn()) -> Seen {
        let mut way = vec![begin];
        while matches!(answer.status, 302 | 303 | 307) {
            let here = url::Url::parse(way.last().expect("it began")).expect("an address");
            let next = here.join(answer.header("location")).expect("an address").to_string();
            between();
            answer = self.open(&next);
            way.push(next);
            assert!(way.len() <= MOST_REDIRECTS, "a loop: {way:#?}");
        }
        Seen { answer, way }
    }
}
