//! Several servers over one database, each with a proxy of its own before it.

use super::{Fault, Offline, Proxy, Registry, until};
use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
};

/// The sealing key that all servers share.
const SEAL_KEY: &str = "c2VhbGluZy1rZXktb2YtMzItYnl0ZXMtaW4tYmFzZTY=";

/// The database: an embedded store that is served to others. It is nobody's
/// registry itself.
#[derive(Debug)]
pub(crate) struct Database {
    running: Option<Registry>,
    address: SocketAddr,
    app: String,
    token: String,
}

/// A server over a database, and what stands between.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) registry: Registry,
    pub(crate) proxy: Proxy,
    settings: Vec<(String, String)>,
}

impl Database {
    /// A new, empty one.
    pub(crate) fn start() -> Self {
        // Free when it was asked for; a restart needs the same one.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let running = serve(Offline::new(), address);
        let credentials = running.cli(["instant", "credentials", "--json"]).ok().json();
        let text = |field: &str| credentials[field].as_str().expect("a text").to_owned();
        Self { app: text("appId"), token: text("adminToken"), running: Some(running), address }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) -> Offline {
        self.running.take().expect("it runs").kill()
    }

    /// Starts it again.
    pub(crate) fn restart(&mut self, offline: Offline) {
        self.running = Some(serve(offline, self.address));
    }

    /// A server over this database.
    pub(crate) fn replica(&self) -> Replica {
        self.replica_in(Offline::new(), Proxy::before(self.address), &[])
    }

    /// A server over this database whose clock is that far off: `+5m`.
    pub(crate) fn replica_with_clock(&self, offset: &str) -> Option<Replica> {
        let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
        if !Path::new(library).exists() {
            println!("skipped: there is no libfaketime here (Debian: faketime)");
            return None;
        }
        // Intervals are not what is off.
        let clock = [("LD_PRELOAD", library), ("FAKETIME", offset), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
        Some(self.replica_in(Offline::new(), Proxy::before(self.address), &clock))
    }

    /// A server in this folder, behind this proxy.
    pub(crate) fn replica_in(&self, offline: Offline, proxy: Proxy, more: &[(&str, &str)]) -> Replica {
        let url = proxy.url();
        let settings = [
            ("INSTANT_API_URI", url.as_str()),
            ("INSTANT_APP_ID", &self.app),
            ("INSTANT_ADMIN_TOKEN", &self.token),
            ("EKAIROS_SEAL_KEY", SEAL_KEY),
        ];
        let settings = settings.iter().chain(more).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Replica::start(offline, proxy, settings.collect())
    }

    /// Carries out transaction steps past all servers, as some other program might.
    pub(crate) fn transact(&self, steps: &serde_json::Value) {
        let browser = super::Browser::new(&format!("http://{}", self.address));
        let asked = browser.ask("POST", "/admin/transact").with("app-id", &self.app).token(&self.token);
        asked.json(&serde_json::json!({ "steps": steps })).send().expect(200);
    }

    /// The answer to a query, past all servers.
    pub(crate) fn query(&self, query: &serde_json::Value) -> serde_json::Value {
        let browser = super::Browser::new(&format!("http://{}", self.address));
        let asked = browser.ask("POST", "/admin/query").with("app-id", &self.app).token(&self.token);
        asked.json(&serde_json::json!({ "query": query })).send().expect(200).json()
    }
}

fn serve(offline: Offline, address: SocketAddr) -> Registry {
    offline.serve_with(&[("EKAIROS_INSTANT_LISTEN", &address.to_string())])
}

impl Replica {
    fn start(offline: Offline, proxy: Proxy, settings: Vec<(String, String)>) -> Self {
        let borrowed: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        Self { registry: offline.serve_with(&borrowed), proxy, settings }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(self) -> Stopped {
        Stopped { offline: self.registry.kill(), proxy: self.proxy, settings: self.settings }
    }

    /// Asks it to end, and waits.
    pub(crate) fn stop(self) -> Stopped {
        Stopped { offline: self.registry.stop(), proxy: self.proxy, settings: self.settings }
    }

    /// Cuts it off from the database.
    pub(crate) fn cut_off(&self) {
        self.proxy.set(Fault::Refuse);
        until("the server notices that the database is away", || (self.health() == "stale").then_some(()));
    }

    /// Lets it reach the database again.
    pub(crate) fn reconnect(&self) {
        self.proxy.set(Fault::Pass);
        until("the server notices that the database is back", || (self.health() == "ok").then_some(()));
    }

    /// `ok`, `stale`, or the code of an error.
    pub(crate) fn health(&self) -> String {
        let told = self.registry.get("/health/ready").json();
        told["status"].as_str().or(told["error"].as_str()).expect("a state").to_owned()
    }

    /// Waits until it serves an item with this content.
    pub(crate) fn serves(&self, name: &str, content: &str) {
        until(&format!("{name} is served as {content:?}"), || self.content(name).filter(|found| found == content));
    }

    /// Waits until it serves these names and no others.
    pub(crate) fn lists(&self, names: &[&str]) {
        until(&format!("{names:?} are listed"), || {
            let mut listed = self.registry.names();
            listed.sort();
            (listed == names).then_some(())
        });
    }

    /// What it serves under a name, if it serves it.
    pub(crate) fn content(&self, name: &str) -> Option<String> {
        let answer = self.registry.get(&format!("/r/{name}.json"));
        (answer.status == 200).then(|| answer.content())
    }
}

/// A server that does not run.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) offline: Offline,
    pub(crate) proxy: Proxy,
    settings: Vec<(String, String)>,
}

impl Stopped {
    /// Starts it again in the same folder.
    pub(crate) fn start(self) -> Replica {
        Replica::start(self.offline, self.proxy, self.settings)
    }

    /// Starts it again without anything that it kept.
    pub(crate) fn start_anew(self) -> Replica {
        Replica::start(Offline::new(), self.proxy, self.settings)
    }

    /// A command beside it, with its settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.offline.command(arguments);
        command.envs(self.settings.iter().map(|(key, value)| (key, value)));
        command
    }
}
