//! What the tests are written in.

mod auth;
mod clerk;
mod counted;
mod github;
mod hooks;
mod http;
mod ports;
mod program;
mod proxy;
mod replicas;
mod sources;
mod store;
mod stored;

pub(crate) use self::clerk::{Deployment, Seen, Visitor, metadata_of};
pub(crate) use auth::{is_about_local_mode, is_with_clerk, no_hosts};
pub(crate) use counted::Counted;
pub(crate) use github::{Connection, Github, connect};
pub(crate) use hooks::{Hook, push_of};
pub(crate) use http::{Answer, Asking, Browser};
pub(crate) use program::{Offline, Ran, Registry};
pub(crate) use proxy::{Fault, Proxy};
pub(crate) use replicas::{Database, Replica, clock_off_by};
pub(crate) use sources::{Host, is_fetch, item, item_of, needing, registry_of, sources_on_disk, write_registry};
pub(crate) use store::{StandIn, is_left_out};
pub(crate) use stored::{set_status, stored};

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Asks again and again until there is an answer.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::yield_now();
    }
}
