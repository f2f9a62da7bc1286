//! What the tests are written in.

mod hooks;
mod http;
mod program;
mod sources;

pub(crate) use hooks::{Hook, push_of};
pub(crate) use http::{Answer, Asking, Browser};
pub(crate) use program::{Offline, Ran, Registry};
pub(crate) use sources::{Host, is_fetch, item, item_of, needing, registry_of, sources_on_disk, write_registry};

use std::time::Duration;

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
