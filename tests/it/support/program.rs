//! The program itself: commands, and a server that ends with its test.

use super::{
    Answer, Asking, Browser,
    auth::{ORGANISATION, Organisation, is_with_clerk, proof_of_machine},
    store::{StandIn, is_remote},
};
use serde_json::Value;
use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, OnceLock},
};
use tempfile::TempDir;

/// A working folder with a data folder in it, and no server.
#[derive(Debug)]
pub(crate) struct Offline {
    folder: TempDir,
    /// The InstantDB that holds the data, once it is needed.
    store: OnceLock<StandIn>,
    /// Settings of all commands; with any, they say where the data is.
    settings: Vec<(String, String)>,
    /// Whose it is, once that is needed, where Clerk signs people in.
    organisation: Option<OnceLock<Organisation>>,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Registry {
    home: Offline,
    process: Process,
    pub(crate) url: String,
    /// The link that was printed; empty where Clerk signs people in.
    pub(crate) login: String,
    /// Where the admin API of its store is, if it serves it.
    pub(crate) instant: Option<String>,
    browser: Browser,
    admin: Mutex<Option<String>>,
}

/// A process of the program that serves; ends when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    log: Arc<Mutex<String>>,
    /// The line that it printed when it was ready.
    pub(crate) line: Line,
}

/// A line of JSON with addresses.
#[derive(Debug)]
pub(crate) struct Line(Value);

impl Line {
    /// One of the addresses.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_else(|| panic!("no {field}: {}", self.0))
    }
}

/// The commands that need no store.
const WITHOUT_STORE: [&str; 3] = ["check", "config", "openapi"];
/// The commands that are about one app, and not about organisations.
const OF_ONE_APP: [&str; 5] = ["schema", "import", "backup", "restore", "instant"];

/// The program in this folder, in an environment without surprises.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekairos-registry"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("EKAIROS_DATA", "data")
        .env("EKAIROS_ALLOW_HOSTS", "127.0.0.1=127.0.0.0/8")
        .env("EKAIROS_LOG", "warn")
        // A test says when something is looked at.
        .env("EKAIROS_POLL_EVERY", "off")
        .stdin(Stdio::null());
    command
}

/// A server looks for `Leptos.toml` in its working folder.
pub(crate) fn copy_leptos_options(folder: &Path) {
    let options = Path::new(env!("CARGO_MANIFEST_DIR")).join("Leptos.toml");
    fs::copy(options, folder.join("Leptos.toml")).expect("Leptos.toml lies beside Cargo.toml");
}

impl Process {
    /// Starts a server and waits until it is ready.
    pub(crate) fn start(mut command: Command, name: &'static str) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let mut complaints = BufReader::new(child.stderr.take().expect("piped"));
        let kept = Arc::clone(&log);
        let reading = std::thread::spawn(move || {
            let mut line = String::new();
            while complaints.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
                kept.lock().expect("not poisoned").push_str(&line);
                line.clear();
            }
        });
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        output.read_line(&mut line).expect("it prints a line");
        if line.is_empty() {
            drop(reading.join());
            panic!("{name} did not start: {}", log.lock().expect("not poisoned"));
        }
        // Whatever else it prints must not block it.
        std::thread::spawn(move || drop(output.read_to_string(&mut String::new())));
        let line = Line(serde_json::from_str(&line).expect("a line of JSON"));
        Self { name, child, log, line }
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("not poisoned").clone()
    }

    /// Ends it as a power cut would.
    pub(super) fn kill(&mut self) {
        // By its own process id; gone already is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Sends it a signal.
    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name]).arg(self.child.id().to_string()).status();
        assert!(sent.expect("kill is there").success(), "the server ran until now");
    }

    /// Asks it to end and waits until it has.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            println!("the log of {}:\n{}", self.name, self.log());
        }
    }
}

impl Offline {
    /// A new, empty one.
    pub(crate) fn new() -> Self {
        Self::with(Vec::new())
    }

    /// One whose commands have these settings.
    pub(crate) fn with(settings: Vec<(String, String)>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy_leptos_options(folder.path());
        // Settings that name a Clerk of their own are the test's own business.
        let own_clerk = settings.iter().any(|(name, _)| name == "CLERK_SECRET_KEY");
        let organisation = (is_with_clerk() && !own_clerk).then(OnceLock::new);
        Self { folder, store: OnceLock::new(), settings, organisation }
    }

    /// One in local mode, whatever the others are in.
    pub(crate) fn in_local_mode() -> Self {
        Self { organisation: None, ..Self::new() }
    }

    /// Adds settings; later ones count.
    pub(crate) fn set(&mut self, more: &[(&'static str, String)]) {
        self.settings.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    }

    /// Another one with the same settings, and nothing in it.
    pub(crate) fn anew(&self) -> Self {
        Self::with(self.settings.clone())
    }

    /// The working folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// The store as it lies on disk, here or with the stand-in.
    pub(crate) fn store_bytes(&self) -> Vec<u8> {
        let store = self.organisation().map(Organisation::store).or(self.store.get());
        let folder = store.map_or_else(|| self.data(), StandIn::data);
        let database = fs::read(folder.join("registry.sqlite")).expect("the store");
        // What was written last, while the store is in use.
        let log = fs::read(folder.join("registry.sqlite-wal")).unwrap_or_default();
        [database, log].concat()
    }

    /// Where a command without a server says that the registry is.
    pub(crate) fn origin(&self) -> String {
        self.organisation().map_or("http://127.0.0.1:3030".to_owned(), |one| format!("http://{}", one.address()))
    }

    /// What one organisation's servers keep here: the data folder, or the organisation's part of it.
    pub(crate) fn kept(&self) -> PathBuf {
        match &self.organisation {
            Some(_) => self.data().join("organisations").join(ORGANISATION),
            None => self.data(),
        }
    }

    /// Whose it is, where Clerk signs people in.
    pub(super) fn organisation(&self) -> Option<&Organisation> {
        self.organisation.as_ref().map(|organisation| organisation.get_or_init(Organisation::start))
    }

    /// The program with these arguments, in an environment without surprises.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = program(self.folder());
        let arguments: Vec<OsString> = arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        let is_one_of = |verbs: &[&str]| arguments.first().is_some_and(|verb| verbs.iter().any(|other| verb == other));
        let (needs_none, of_one_app) = (is_one_of(&WITHOUT_STORE), is_one_of(&OF_ONE_APP));
        let settings = || self.settings.iter().map(|(key, value)| (key, value));
        match (!needs_none).then(|| self.organisation()).flatten() {
            Some(organisation) if of_one_app => {
                command.args(arguments).envs(organisation.app(&self.settings)).envs(settings());
            }
            Some(organisation) => {
                command.args(arguments.into_iter().map(|argument| organisation.served(argument)));
                command.envs(organisation.settings(&self.settings));
            }
            None => {
                command.args(arguments).envs(settings());
                if is_remote() && !needs_none && self.settings.is_empty() {
                    self.store.get_or_init(StandIn::start).is_store_of(&mut command);
                }
            }
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn cli<const N: usize>(&self, arguments: [&str; N]) -> Ran {
        Ran::of(self.command(arguments))
    }

    /// Starts a server in this folder.
    pub(crate) fn serve(self) -> Registry {
        self.serve_with(&[])
    }

    /// Starts a server in this folder with these settings in its environment.
    pub(crate) fn serve_with(self, settings: &[(&str, &str)]) -> Registry {
        Registry::start_in(self, settings)
    }
}

impl Ran {
    /// Runs a command to its end.
    pub(crate) fn of(mut command: Command) -> Self {
        let output = command.output().expect("the program starts");
        Self {
            code: output.status.code().expect("it ends by itself"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// This, which must have gone well.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self
    }

    /// The message of this, which must have been refused.
    pub(crate) fn refused(self) -> String {
        assert_eq!(self.code, 1, "{}{}", self.out, self.err);
        self.err
    }

    /// What it printed, as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("not JSON ({error}): {}{}", self.out, self.err))
    }
}

impl Registry {
    /// A server with nothing in it.
    pub(crate) fn start() -> Self {
        Offline::new().serve()
    }

    /// A server with these settings in its environment.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_in(Offline::new(), settings)
    }

    fn start_in(home: Offline, settings: &[(&str, &str)]) -> Self {
        // With Clerk its address has to be known before it starts.
        let listen = home.organisation().map_or("127.0.0.1:0".to_owned(), |one| one.address().to_string());
        let mut command = home.command(["serve", "--json", "--listen", &listen]);
        command.envs(settings.iter().copied());
        let process = Process::start(command, "the server");
        let url = process.line.text("url").to_owned();
        let login = process.line.0["login"].as_str().unwrap_or_default().to_owned();
        let instant = process.line.0["instant"].as_str().map(str::to_owned);
        let bound = format!("http://{}", process.line.text("listen"));
        Self { browser: Browser::new(&bound), home, process, url, login, instant, admin: Mutex::default() }
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.data()
    }

    /// A command beside this server.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        self.home.command(arguments)
    }

    /// Runs a command beside this server.
    pub(crate) fn cli<const N: usize>(&self, arguments: [&str; N]) -> Ran {
        self.home.cli(arguments)
    }

    /// Whose it is, where Clerk signs people in.
    pub(super) fn organisation(&self) -> Option<&Organisation> {
        self.home.organisation()
    }

    /// Begins a request. Where it is for what anyone on this machine may have in
    /// local mode, and shows no proof, it shows a reader's where Clerk's keys are.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Asking {
        let proof = self.organisation().and_then(|_| proof_of_machine(method, path));
        self.browser.ask(method, path).or_with(proof)
    }

    /// Asks as anyone on this machine may.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send()
    }

    /// A request with the right to everything.
    pub(crate) fn as_admin(&self, method: &str, path: &str) -> Asking {
        self.ask(method, path).token(&self.admin_token())
    }

    /// A token that may do everything.
    pub(crate) fn admin_token(&self) -> String {
        self.admin.lock().expect("not poisoned").get_or_insert_with(|| self.token("admin")).clone()
    }

    /// A new token with this scope.
    pub(crate) fn token(&self, scope: &str) -> String {
        let made = self.cli(["token", "create", "--scope", scope, "--json"]).ok().json();
        made["token"].as_str().expect("a token").to_owned()
    }

    /// Registers a repository and returns its id.
    pub(crate) fn add(&self, url: &str) -> String {
        let added = self.cli(["repo", "add", url, "--json"]).ok().json();
        added["id"].as_str().expect("an id").to_owned()
    }

    /// Registers a repository, syncs it, and returns its id.
    pub(crate) fn add_and_sync(&self, url: &str) -> String {
        let id = self.add(url);
        self.sync(&id);
        id
    }

    /// Registers a repository, syncs it, and returns the report.
    pub(crate) fn add_and_sync_report(&self, url: &str) -> Value {
        let id = self.add(url);
        self.sync(&id)
    }

    /// Syncs a repository, which must go well, and returns the report.
    pub(crate) fn sync(&self, repository: &str) -> Value {
        let view = self.cli(["sync", repository, "--wait", "--json"]).ok().json();
        assert_eq!(view["state"], "succeeded", "{view:#}");
        view["report"].clone()
    }

    /// Syncs a repository, which must fail, and returns why.
    pub(crate) fn failing_sync(&self, repository: &str) -> String {
        let ran = self.cli(["sync", repository, "--wait", "--json"]);
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        let view = ran.json();
        assert_eq!(view["state"], "failed", "{view:#}");
        view["report"]["failure"].as_str().expect("a reason").to_owned()
    }

    /// A component, as programs see it.
    pub(crate) fn component(&self, name: &str) -> Value {
        self.as_admin("GET", &format!("/api/internal/components/{name}")).send().expect(200).json()
    }

    /// The names in the listing.
    pub(crate) fn names(&self) -> Vec<String> {
        let listing = self.get("/r/registry.json").expect(200).json();
        let items = listing["items"].as_array().expect("items").iter();
        items.map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// Holds it up in the middle of whatever it does.
    pub(crate) fn pause(&self) {
        self.process.signal("STOP");
    }

    /// Lets it go on where it was held up.
    pub(crate) fn go_on(&self) {
        self.process.signal("CONT");
    }

    /// Ends it as a power cut would, and keeps the folder.
    pub(crate) fn kill(mut self) -> Offline {
        self.process.kill();
        std::mem::replace(&mut self.home, Offline::new())
    }

    /// Asks it to end and waits until it has, and keeps the folder.
    pub(crate) fn stop(mut self) -> Offline {
        self.process.stop();
        std::mem::replace(&mut self.home, Offline::new())
    }
}
