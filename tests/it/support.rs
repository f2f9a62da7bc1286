//! What the tests are written in.

mod http;
mod program;
mod sources;

pub(crate) use http::{Answer, Asking, Browser};
pub(crate) use program::{Offline, Ran, Registry};
pub(crate) use sources::{Host, item, item_of, needing, registry_of, sources_on_disk, write_registry};

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Asks again until there is an answer; nothing is assumed about how long it takes.
///
/// # Panics
/// When there is none within [`PATIENCE`].
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "never happened: {what}");
        std::thread::yield_now();
    }
}
