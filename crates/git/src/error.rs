//! Why git did not give what was asked for.

use model::ObjectId;
use net::NetError;
use std::{fmt, io, path::PathBuf, time::Duration};

/// Something that is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Bytes of a pack as it is sent.
    PackBytes,
    /// Objects in a pack.
    Objects,
    /// Bytes of one object once inflated, or of a delta's result.
    ObjectBytes,
    /// Bytes of all objects of a pack, deltas counted by their results.
    InflatedBytes,
    /// Bytes of the list of refs.
    RefsBytes,
    /// Bytes of a file that was to be read.
    FileBytes,
    /// Entries met while walking a tree.
    TreeEntries,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PackBytes => "bytes in its pack",
            Self::Objects => "objects in its pack",
            Self::ObjectBytes => "bytes in one object",
            Self::InflatedBytes => "bytes in all objects of its pack",
            Self::RefsBytes => "bytes in its list of branches and tags",
            Self::FileBytes => "bytes in one file",
            Self::TreeEntries => "entries in its tree",
        })
    }
}

/// Why git did not give what was asked for: what, where (without credentials),
/// and the next step.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The host knows no such repository (404).
    #[error("{place} was not found; check the address, and that the credential may read it if it is private")]
    NotFound {
        /// Where.
        place: String,
    },
    /// It was there before and is gone now.
    #[error(
        "{place} is gone: it could be read before and is not found now; what was published stays served. Change the address if it moved, or remove the repository here"
    )]
    Vanished {
        /// Where.
        place: String,
    },
    /// The host wants a credential and has none (401).
    #[error(
        "{place} asks for a sign-in; if the address is right, the repository is private: add a credential that may read it"
    )]
    AuthenticationNeeded {
        /// Where.
        place: String,
    },
    /// The host refused the credential (401 or 403).
    #[error(
        "{place} refused the credential (status {status}); it may be wrong, expired, or lack read access: replace it"
    )]
    AuthenticationFailed {
        /// Where.
        place: String,
        /// The HTTP status.
        status: u16,
    },
    /// The host forbids it without having seen a credential (403).
    #[error("{place} is forbidden; add a credential that may read it")]
    Forbidden {
        /// Where.
        place: String,
    },
    /// The host answered with another status.
    #[error("{place} answered with status {status}; try again later, or check the host's status page")]
    Unavailable {
        /// Where.
        place: String,
        /// The HTTP status.
        status: u16,
    },
    /// Something else than git lives there.
    #[error("{place} is not a git repository ({found}); give the address that `git clone` takes")]
    NotGit {
        /// Where.
        place: String,
        /// What was found instead.
        found: String,
    },
    /// A repository without branches and tags.
    #[error("{place} is empty; push a first commit")]
    Empty {
        /// Where.
        place: String,
    },
    /// Something is larger than allowed.
    #[error(
        "{place} has more than {allowed} {limit}, the limit here; make it smaller, or ask the operator to raise the limit"
    )]
    LimitExceeded {
        /// Where.
        place: String,
        /// What is bounded.
        limit: Limit,
        /// The bound.
        allowed: u64,
    },
    /// It took too long.
    #[error("{place} took longer than {} s ({what}); try again later, or ask the operator to raise the limit", .after.as_secs_f32())]
    Timeout {
        /// Where.
        place: String,
        /// What was waited for.
        what: &'static str,
        /// The limit that ran out.
        after: Duration,
    },
    /// Someone called it off.
    #[error("reading {place} was cancelled; start it again when wanted")]
    Cancelled {
        /// Where.
        place: String,
    },
    /// The disk is full.
    #[error("no space is left to store {place}; free some on the data folder's disk, then sync again")]
    DiskFull {
        /// Where.
        place: String,
    },
    /// A repository in a format that libgit2 does not read.
    #[error(
        "{place} {what}, which cannot be read here; use a repository with SHA-1 object names and the `files` ref format"
    )]
    Unsupported {
        /// Where.
        place: String,
        /// What is not supported, as the rest of a sentence.
        what: &'static str,
    },
    /// The remote itself is shallow.
    #[error(
        "{place} is a shallow clone on its host; run `git fetch --unshallow` there, or use the repository it was cloned from"
    )]
    Shallow {
        /// Where.
        place: String,
    },
    /// No such commit.
    #[error("{place} has no commit {commit}; it may have been removed by a force-push")]
    CommitNotFound {
        /// Where.
        place: String,
        /// What was asked for.
        commit: String,
    },
    /// A prefix that several objects share.
    #[error("{prefix} names more than one object in {place}; write more digits")]
    AmbiguousPrefix {
        /// Where.
        place: String,
        /// What was asked for.
        prefix: String,
    },
    /// An object that is missing or cannot be read.
    #[error("{place}: object {id} cannot be read ({reason}); run `git fsck` on the repository")]
    Corrupt {
        /// Where.
        place: String,
        /// Which.
        id: ObjectId,
        /// What is wrong with it.
        reason: String,
    },
    /// The host's own words.
    #[error("{place} says: {message}")]
    Remote {
        /// Where.
        place: String,
        /// What the host said, control characters escaped.
        message: String,
    },
    /// A break of the git protocol.
    #[error(
        "{place} does not speak git's protocol as it should: {reason}; check what stands between here and the host"
    )]
    Protocol {
        /// Where.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The network, the address guard or a redirect.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The mirror's folder cannot be used.
    #[error("{}: {source}; check that the data folder is writable", .path.display())]
    Storage {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something else that libgit2 refused.
    #[error("{place}: {message}")]
    Other {
        /// Where.
        place: String,
        /// What libgit2 said.
        message: String,
    },
}

impl GitError {
    /// Whether the same request may succeed later without anyone's doing.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Net(error) => error.is_transient(),
            Self::Unavailable { status, .. } => *status == 429 || *status >= 500,
            Self::Timeout { .. } | Self::Cancelled { .. } | Self::DiskFull { .. } => true,
            _ => false,
        }
    }

    /// From libgit2's words about `place`.
    pub(crate) fn from_git(place: &str, error: &git2::Error) -> Self {
        let place = place.to_owned();
        let message = error.message();
        let has = |part: &str| message.contains(part);
        if has("No space left on device") {
            Self::DiskFull { place }
        } else if has("object format") || has("objectformat") {
            Self::Unsupported { place, what: "has SHA-256 object names" }
        } else if has("reftable") || has("refstorage") {
            Self::Unsupported { place, what: "stores its refs as a reftable" }
        } else {
            Self::Other { place, message: message.escape_debug().to_string() }
        }
    }
}
