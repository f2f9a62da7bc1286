//! Several servers over one database, each with a proxy of its own before it.

use super::{
    Browser, Fault, Offline, Proxy, Ran, Registry,
    auth::is_with_clerk,
    ports::free_address,
    program::{Process, copy_leptos_options, program},
    until,
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// What bends the clock of a process.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// The sealing key that all servers share.
const SEAL_KEY: &str = "c2VhbGluZy1rZXktb2YtMzItYnl0ZXMtaW4tYmFzZTY=";

/// The database: an embedded store that is served to others.
#[derive(Debug)]
pub(crate) struct Database {
    folder: TempDir,
    address: SocketAddr,
    process: Option<Process>,
    app: String,
    token: String,
}

/// A server over a database, and what stands between.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) registry: Registry,
    pub(crate) proxy: Proxy,
}

/// A server that does not run.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) offline: Offline,
    pub(crate) proxy: Proxy,
}

impl Database {
    /// A new, empty one.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy_leptos_options(folder.path());
        // Free when it was asked for; whoever starts it again needs the same one.
        let address = free_address();
        let process = Some(serve(folder.path(), address));
        let mut command = program(folder.path());
        command.args(["instant", "credentials", "--json"]);
        let credentials = Ran::of(command).ok().json();
        let text = |field: &str| credentials[field].as_str().expect("a text").to_owned();
        Self { app: text("appId"), token: text("adminToken"), process, folder, address }
    }

    /// The folder of its store.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The id of its app.
    pub(crate) fn app(&self) -> String {
        self.app.clone()
    }

    /// What opens the app.
    pub(crate) fn token(&self) -> String {
        self.token.clone()
    }

    /// Where its API is.
    pub(crate) fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.process.take().expect("it runs").kill();
    }

    /// Starts it again where it was.
    pub(crate) fn restart(&mut self) {
        self.process = Some(serve(self.folder.path(), self.address));
    }

    /// A server over this database.
    pub(crate) fn replica(&self) -> Replica {
        self.offline(&[]).start()
    }

    /// The same with more settings.
    pub(crate) fn replica_with(&self, more: &[(&str, &str)]) -> Replica {
        self.offline(more).start()
    }

    /// One whose clock is that far off, such as `+5m`; `None` where a clock cannot be bent.
    pub(crate) fn replica_with_clock(&self, offset: &str) -> Option<Replica> {
        Some(self.offline(&[]).with(&clock_off_by(offset)?).start())
    }

    /// A server over this database that does not run yet.
    pub(crate) fn offline(&self, more: &[(&str, &str)]) -> Stopped {
        let proxy = Proxy::before(self.address);
        let url = proxy.url();
        let settings = [
            ("INSTANT_API_URI", url.as_str()),
            ("INSTANT_APP_ID", &self.app),
            ("INSTANT_ADMIN_TOKEN", &self.token),
            ("EKAIROS_SEAL_KEY", SEAL_KEY),
        ];
        let settings = settings.iter().chain(more).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Stopped { offline: Offline::with(settings.collect()), proxy }
    }

    /// Carries out steps past all servers, as some other program might.
    pub(crate) fn transact(&self, steps: &Value) {
        self.ask("/admin/transact", &json!({ "steps": steps }));
    }

    /// The rows of a namespace, past all servers.
    pub(crate) fn rows(&self, namespace: &str) -> Vec<Value> {
        let mut answer = self.ask("/admin/query", &json!({ "query": { namespace: {} } }));
        match answer[namespace].take() {
            Value::Array(rows) => rows,
            other => panic!("no rows: {other}"),
        }
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        let browser = Browser::new(&format!("http://{}", self.address));
        browser.ask("POST", path).with("app-id", &self.app).token(&self.token).json(body).send().expect(200).json()
    }
}

fn serve(folder: &Path, address: SocketAddr) -> Process {
    let mut command = program(folder);
    command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--instant-listen", &address.to_string()]);
    Process::start(command, "the database")
}

/// Settings under which a process has a clock that is that far off; `None`
/// where a clock cannot be bent.
pub(crate) fn clock_off_by(offset: &str) -> Option<[(&'static str, String); 3]> {
    if !Path::new(FAKETIME).exists() {
        println!("skipped: there is no libfaketime here (Debian: faketime)");
        return None;
    }
    // Intervals are right, as on any machine whose clock is not.
    let settings = [("LD_PRELOAD", FAKETIME), ("FAKETIME", offset), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
    Some(settings.map(|(key, value)| (key, value.to_owned())))
}

impl Stopped {
    /// With more settings from now on; later ones count.
    pub(crate) fn with(mut self, more: &[(&'static str, String)]) -> Self {
        self.offline.set(more);
        self
    }

    /// Starts it, again in the same folder.
    pub(crate) fn start(self) -> Replica {
        Replica { registry: self.offline.serve(), proxy: self.proxy }
    }

    /// Starts it without anything that it kept.
    pub(crate) fn start_anew(self) -> Replica {
        Replica { registry: self.offline.anew().serve(), proxy: self.proxy }
    }
}

impl Replica {
    /// Ends it as a power cut would.
    pub(crate) fn kill(self) -> Stopped {
        Stopped { offline: self.registry.kill(), proxy: self.proxy }
    }

    /// Asks it to end, and waits.
    pub(crate) fn stop(self) -> Stopped {
        Stopped { offline: self.registry.stop(), proxy: self.proxy }
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
        if is_with_clerk() {
            // Each of many organisations has a database of its own, so its catalogue tells.
            let listed = self.registry.get("/r/registry.json");
            return match (listed.status, listed.header("x-registry-stale")) {
                (200, "") => "ok".to_owned(),
                (200, _) => "stale".to_owned(),
                _ => listed.plain_error().0,
            };
        }
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
