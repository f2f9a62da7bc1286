//! What libgit2 wants said once for the whole process. All unsafe code of this
//! crate is here.
#![expect(unsafe_code, reason = "libgit2's process-wide settings are unsynchronised; `init` guards them with a Once")]

use crate::transport::subtransport;
use git2::{ConfigLevel, transport::Transport};
use std::sync::Once;

static INIT: Once = Once::new();

/// How much libgit2 may cache of objects, in bytes, over all repositories.
const CACHE_BYTES: isize = 32 << 20;

/// Prepares libgit2: no configuration of the machine is read, http and https
/// go through our own client, and every other way out is refused. Idempotent,
/// and called by everything that opens a repository; call it first thing in
/// `main` all the same, before other threads use libgit2.
pub fn init() {
    INIT.call_once(|| {
        settings().expect("libgit2 takes settings of its own list");
        // A failure here means that someone registered before us, which the
        // Once excludes within this crate, the only one that may use git2.
        transports().expect("each transport is registered once");
    });
}

fn settings() -> Result<(), git2::Error> {
    let levels = [ConfigLevel::System, ConfigLevel::Global, ConfigLevel::XDG, ConfigLevel::ProgramData];
    for level in levels {
        // An `url.insteadOf` in a user's configuration turns a checked URL
        // into any other. A path that cannot exist holds no configuration.
        // SAFETY: within the Once, before any repository is opened.
        unsafe { git2::opts::set_search_path(level, "/dev/null/no-configuration")? };
    }
    // SAFETY: as above. Ownership would be enforced with `safe.directory`
    // unread; which local paths may be opened is the operator's setting.
    unsafe {
        git2::opts::set_verify_owner_validation(false)?;
        git2::opts::set_cache_max_size(CACHE_BYTES)?;
    }
    Ok(())
}

fn transports() -> Result<(), git2::Error> {
    for scheme in ["http", "https"] {
        // SAFETY: within the Once, before any remote is made. The same for
        // the refusing ones.
        unsafe {
            git2::transport::register(scheme, |remote| Transport::smart(remote, true, subtransport()))?;
        }
    }
    for scheme in ["git", "ssh", "git+ssh", "ssh+git", "file"] {
        // A subtransport without a fetch behind it refuses every action; an
        // error from the factory would lose its message.
        unsafe {
            git2::transport::register(scheme, |remote| Transport::smart(remote, true, crate::transport::refusing()))?;
        }
    }
    Ok(())
}
