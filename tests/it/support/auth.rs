//! Who signs people in: `EKAIROS_TEST_AUTH` is `local`, as if not set, or `clerk`.
//! With Clerk every test runs against a deployment with Clerk's keys, of one
//! organisation that has the name of local mode's. Its database is a stand-in for
//! an InstantDB, for with Clerk no data is in the program's own store.

use super::{Registry, ports::free_address, store::StandIn};
use clerk::{InstanceKind, testing::FakeClerk};
use git::testing::GitServer;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
    time::Duration,
};

/// The organisation: its id is local mode's, so that addresses and ids agree.
pub(crate) const ORGANISATION: &str = "org_local";
/// Its administrator.
const ADMINISTRATOR: &str = "user_ada";
/// An API key of it that may read. Nothing is written by its use, and it is good
/// whatever a server's clock says.
const READER: &str = "ak_reader";
/// Longer than any test, so that none depends on the speed of the machine.
const SESSION: Duration = Duration::from_hours(1);

/// The host of every organisation's database: an address of its own, so that a
/// test can forbid all others on this machine.
pub(super) const STORE_HOST: &str = "127.0.0.3";

/// What says where the data is.
const STORE: [&str; 3] = ["INSTANT_API_URI", "INSTANT_APP_ID", "INSTANT_ADMIN_TOKEN"];

/// Headers that only a proxy adds, and those that prove who is asking.
const OF_SOMEONE: [&str; 8] = [
    "authorization",
    "cookie",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
    "via",
    "cf-connecting-ip",
];

/// Whether the tests run with Clerk's keys.
pub(crate) fn is_with_clerk() -> bool {
    match std::env::var("EKAIROS_TEST_AUTH").as_deref() {
        Ok("clerk") => true,
        Ok("local" | "") | Err(_) => false,
        Ok(other) => panic!("EKAIROS_TEST_AUTH is {other}: must be local or clerk"),
    }
}

/// Says why a test is only about local mode; whether it has to be left out.
pub(crate) fn is_about_local_mode(why: &str) -> bool {
    if is_with_clerk() {
        println!("left out with Clerk's keys: {why}");
    }
    is_with_clerk()
}

/// The value of `allow-hosts` that allows nothing on this machine; with Clerk,
/// nothing but the organisation's database.
pub(crate) fn no_hosts() -> String {
    if is_with_clerk() { format!("{STORE_HOST}=127.0.0.0/8") } else { String::new() }
}

/// What someone on this machine who has no proof has to show in its place: with
/// Clerk nobody installs without one, in local mode everybody here does.
pub(super) fn proof_of_machine(method: &str, path: &str) -> Option<&'static str> {
    let path = path.split('?').next().expect("a text has a beginning");
    let below = ["/r/", "/registry/", "/api/registry/", "/o/"].iter().any(|prefix| path.starts_with(prefix));
    let alone = path.strip_suffix(".json").is_some_and(|name| !name[1..].contains('/'));
    // Below `/registry/` stand pages, too, which nobody sees without a session.
    let first = path.strip_prefix("/registry/").and_then(|rest| rest.split('/').next());
    let is_page = first.is_some_and(|first| first == "new" || first.parse::<model::RepositoryId>().is_ok());
    (is_with_clerk() && matches!(method, "GET" | "HEAD") && (below || alone) && !is_page).then_some(READER)
}

/// Whether a header makes a request someone's in particular.
pub(super) fn is_of_someone(header: &str) -> bool {
    OF_SOMEONE.iter().any(|name| name.eq_ignore_ascii_case(header))
}

/// A Clerk with one organisation, for the program in one folder.
#[derive(Debug)]
pub(super) struct Organisation {
    clerk: FakeClerk,
    /// Where the server is, each time it is started.
    address: SocketAddr,
    /// The organisation's database, unless the folder's settings name one.
    store: OnceLock<StandIn>,
    /// Git hosts for repositories on disk, which are not read by path here.
    hosts: Mutex<BTreeMap<PathBuf, GitServer>>,
}

impl Organisation {
    /// One with nothing in it.
    pub(super) fn start() -> Self {
        let clerk = FakeClerk::start(InstanceKind::Production);
        clerk
            .user(ADMINISTRATOR, "Ada", &[(ORGANISATION, "org:admin")])
            .api_key(READER, ORGANISATION, &json!({ "scopes": ["registry:read"] }))
            .sessions_live_for(SESSION);
        Self { clerk, address: free_address(), store: OnceLock::new(), hosts: Mutex::default() }
    }

    /// Where a server has to listen.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its database, where the settings name none.
    pub(super) fn store(&self) -> &StandIn {
        self.store.get_or_init(StandIn::start)
    }

    /// The settings that say where its data is, as the folder's do or as its own database is.
    pub(super) fn app(&self, of_folder: &[(String, String)]) -> [(&'static str, String); 3] {
        let named = |name: &str| of_folder.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        match STORE.map(named) {
            [Some(uri), Some(app), Some(token)] => [(STORE[0], uri), (STORE[1], app), (STORE[2], token)],
            _ => self.store().settings(),
        }
    }

    /// The settings of a command of this organisation: those of the folder, less
    /// where the data is, which goes into the organisation's private metadata.
    pub(super) fn settings(&self, of_folder: &[(String, String)]) -> Vec<(String, String)> {
        let [uri, app, token] = self.app(of_folder).map(|(_, value)| value);
        let metadata: Value = json!({ "instant": { "appId": app, "adminToken": token, "apiUri": uri } });
        self.clerk.organization(ORGANISATION, "Local", metadata);
        let url = format!("http://{}", self.address);
        let own = self.clerk.environment(&url).into_iter().map(|(name, value)| (name.to_owned(), value));
        let rest = of_folder.iter().filter(|(key, _)| !STORE.contains(&key.as_str())).cloned();
        let allowed = format!("127.0.0.1=127.0.0.0/8,{}", no_hosts());
        let more = [("EKAIROS_ORG", ORGANISATION), ("EKAIROS_ALLOW_HOSTS", &allowed)];
        own.chain(more.map(|(name, value)| (name.to_owned(), value.to_owned()))).chain(rest).collect()
    }

    /// The `Cookie` header of its administrator, who signed in just now on a page of this origin.
    pub(super) fn sign_in(&self, origin: &str) -> String {
        self.clerk.sign_in(ADMINISTRATOR, Some(ORGANISATION), origin).cookies
    }

    /// The address on a git host of what is a repository on disk; anything else as it is.
    pub(super) fn served(&self, argument: OsString) -> OsString {
        let path = Path::new(&argument);
        // All that one test has on disk is on one host.
        let is_root = |folder: &&Path| folder.parent() == Some(&std::env::temp_dir());
        let root = path.ancestors().skip(1).find(is_root).or(path.parent());
        let (true, Some(root)) = (path.join(".git").is_dir(), root) else { return argument };
        let name = path.strip_prefix(root).expect("it is below").to_str().expect("UTF-8");
        let mut hosts = self.hosts.lock().expect("not poisoned");
        hosts.entry(root.to_owned()).or_insert_with(|| GitServer::start(root)).url(name).into()
    }
}

impl Registry {
    /// The `Cookie` header of somebody who signed in just now and may do everything.
    pub(crate) fn session(&self) -> String {
        if let Some(organisation) = self.organisation() {
            return organisation.sign_in(&self.url);
        }
        let made = self.cli(["login-link", "--json"]).ok().json();
        let path = made["url"].as_str().and_then(|url| url.strip_prefix(&self.url)).expect("a link of its own");
        let answer = self.get(path).expect(303);
        answer.header("set-cookie").split(';').next().expect("a cookie").to_owned()
    }

    /// What a program sends that may read, where someone on this machine needs to send anything.
    pub(crate) fn reader(&self) -> Option<&'static str> {
        self.organisation().map(|_| READER)
    }
}
