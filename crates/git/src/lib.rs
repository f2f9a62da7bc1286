//! A bare mirror per repository: fetch, read trees and blobs, walk history.
//! Never a work tree.
//!
//! libgit2 reads and indexes; every byte from outside comes through
//! [`net::TenantClient`] and passes a gate that bounds a pack before libgit2
//! sees it. Nothing here reads the machine's git configuration, runs a
//! program, or writes a file of the repository's content.
//!
//! Everything blocks. [`Repository::refresh`] also waits for the network: call
//! it from `tokio::task::spawn_blocking` (or any thread that has entered a
//! runtime), never from an async task.

mod address;
mod commit;
mod error;
mod ffi;
mod gate;
mod history;
mod limits;
mod mirror;
mod pkt;
mod protocol;
mod refs;
mod repository;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
mod tree;

pub use address::{Address, AddressError, RemoteUrl};
pub use commit::CommitInfo;
pub use error::{GitError, Limit};
pub use ffi::init;
pub use history::{Commit, History, HistoryOptions, MAX_TOUCHED_FILES, Redefined, Redefinition, TouchedFile};
pub use limits::{Credentials, Fetch, FetchProgress, Limits};
pub use refs::{Refs, SkippedRef};
pub use repository::{Repository, look};
pub use tree::{Lookup, Tree, Visit, WalkLimits, WalkSummary};
