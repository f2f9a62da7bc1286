//! On which store the program runs: `EKAIROS_TEST_STORE` is `embedded`, as if
//! not set, or `remote`. A remote one is stood in for by a second process of the
//! program, whose embedded store speaks InstantDB's admin API.

use super::{
    Asking, Browser,
    auth::{STORE_HOST, is_with_clerk},
    program::Process,
};
use serde_json::Value;
use std::{path::PathBuf, process::Command};
use tempfile::TempDir;

/// Whether the program keeps its data in an InstantDB elsewhere; with Clerk it always does.
pub(crate) fn is_remote() -> bool {
    if is_with_clerk() {
        return true;
    }
    match std::env::var("EKAIROS_TEST_STORE").as_deref() {
        Ok("remote") => true,
        Ok("embedded" | "") | Err(_) => false,
        Ok(other) => panic!("EKAIROS_TEST_STORE is {other}: must be embedded or remote"),
    }
}

/// Says why a test is only about the embedded store; whether it has to be left out.
pub(crate) fn is_left_out(why: &str) -> bool {
    if is_remote() {
        println!("left out with a remote store: {why}");
    }
    is_remote()
}

/// A stand-in for an InstantDB with one app; ends when dropped.
#[derive(Debug)]
pub(crate) struct StandIn {
    folder: TempDir,
    process: Process,
    credentials: Value,
}

impl StandIn {
    /// One with nothing in it.
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Where its data lies.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder it works in; it goes with this.
    pub(crate) fn stop(mut self) -> TempDir {
        self.process.stop();
        self.folder
    }

    /// Starts one again in its folder.
    pub(crate) fn start_in(folder: TempDir) -> Self {
        super::program::copy_leptos_options(folder.path());
        let mut command = super::program::program(folder.path());
        let host = if is_with_clerk() { STORE_HOST } else { "127.0.0.1" };
        let instant = format!("{host}:0");
        command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--instant-listen", &instant]);
        let process = Process::start(command, "the stand-in for InstantDB");
        let mut command = super::program::program(folder.path());
        let made = command.args(["instant", "credentials", "--json"]).output().expect("the program starts");
        let credentials = serde_json::from_slice(&made.stdout)
            .unwrap_or_else(|error| panic!("no credentials ({error}): {}", String::from_utf8_lossy(&made.stderr)));
        Self { folder, process, credentials }
    }

    /// Its app's id.
    pub(crate) fn app(&self) -> &str {
        self.credentials["appId"].as_str().expect("an app id")
    }

    /// Begins a request to its admin API, with the app's token.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Asking {
        let path = path.replace("{app}", self.app());
        let token = self.credentials["adminToken"].as_str().expect("a token");
        Browser::new(self.process.line.text("instant")).ask(method, &path).with("app-id", self.app()).token(token)
    }

    /// Tells an import that this is its source (`FROM`) or target (`TO`).
    pub(crate) fn is_end_of(&self, side: &str, command: &mut Command) {
        command
            .env(format!("INSTANT_{side}_API_URI"), self.process.line.text("instant"))
            .env(format!("INSTANT_{side}_APP_ID"), self.app())
            .env(format!("INSTANT_{side}_ADMIN_TOKEN"), self.credentials["adminToken"].as_str().expect("a token"));
    }

    /// Tells a command where the data is.
    pub(crate) fn is_store_of(&self, command: &mut Command) {
        command.envs(self.settings());
    }

    /// The settings that tell where the data is.
    pub(crate) fn settings(&self) -> [(&'static str, String); 3] {
        let credential = |name: &str| self.credentials[name].as_str().expect("a credential").to_owned();
        [
            ("INSTANT_API_URI", self.process.line.text("instant").to_owned()),
            ("INSTANT_APP_ID", credential("appId")),
            ("INSTANT_ADMIN_TOKEN", credential("adminToken")),
        ]
    }
}
