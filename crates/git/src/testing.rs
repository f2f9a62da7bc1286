//! For tests: repositories made with the `git` command, and a git host on
//! loopback that runs `git http-backend`. Reads no configuration of the
//! machine, waits for nothing but sockets, and needs no runtime.
//!
//! ```no_run
//! # use git::testing::{GitServer, TestRepository};
//! let folder = tempfile::tempdir().unwrap();
//! let repository = TestRepository::new(&folder.path().join("ui"));
//! repository.write("registry.json", "{}");
//! let first = repository.commit("Begin");
//! let server = GitServer::start(folder.path());
//! let url = server.url("ui"); // http://127.0.0.1:…/ui
//! # let _ = (first, url);
//! ```
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test helper that cannot go on fails the test")]

mod repository;
mod server;

pub use repository::TestRepository;
pub use server::{GitServer, Reply, Request};
