//! A repository, mirrored or in place: its refs, commits, trees and history.

use crate::{
    Address, CommitInfo, Fetch, GitError, History, HistoryOptions, Refs, RemoteUrl, Tree, commit, history,
    mirror::{self, Mirror},
    refs,
};
use model::{CommitSha, Digest};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};

/// How long opening a local repository may take. Its configuration may include
/// a file that never ends, such as a pipe.
const OPEN_DEADLINE: Duration = Duration::from_secs(10);

/// A repository to read from. Use it from one thread at a time.
pub struct Repository {
    git: git2::Repository,
    place: String,
    home: Home,
}

/// Where its objects are.
enum Home {
    /// In a mirror of ours.
    Mirror(Mirror),
    /// In a folder that belongs to someone else.
    InPlace(PathBuf),
}

impl Repository {
    /// Opens, or makes, the mirror of `url` in the folder `dir`, which belongs
    /// to this crate alone. Clears away what a killed process left behind.
    ///
    /// # Errors
    /// [`GitError::Storage`] if the folder cannot be used.
    pub fn open_mirror(dir: &Path, url: &RemoteUrl) -> Result<Self, GitError> {
        crate::init();
        let (mirror, git) = Mirror::open(dir, url)?;
        Ok(Self { git, place: url.to_string(), home: Home::Mirror(mirror) })
    }

    /// Opens a local repository where it is: bare, with a work tree, linked,
    /// shallow or with alternates. Only commits are read, never the work tree.
    /// Nothing is written to it.
    ///
    /// # Errors
    /// [`GitError::NotFound`], [`GitError::NotGit`], [`GitError::Unsupported`],
    /// or [`GitError::Timeout`] after ten seconds.
    pub fn open_in_place(path: &Path) -> Result<Self, GitError> {
        crate::init();
        let place = path.display().to_string();
        if !path.exists() {
            return Err(GitError::NotFound { place });
        }
        let git = open_within(path, &place, OPEN_DEADLINE)?;
        Ok(Self { git, place, home: Home::InPlace(path.to_owned()) })
    }

    /// Where this repository is, as messages name it: a URL without
    /// credentials, or a path.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Brings the repository up to date and returns its branches and tags. A
    /// mirror asks the host for its refs, and fetches only if they changed; a
    /// local repository is read as it is.
    ///
    /// Blocks: call it from `spawn_blocking` or another thread that has entered
    /// a tokio runtime. A second refresh of one mirror waits for the first.
    ///
    /// # Errors
    /// Any [`GitError`]; the mirror keeps what it had.
    ///
    /// # Panics
    /// On a thread that has not entered a tokio runtime, and in an async task.
    pub fn refresh(&mut self, fetch: &Fetch<'_>) -> Result<Refs, GitError> {
        match &self.home {
            Home::Mirror(mirror) => mirror.refresh(&mut self.git, fetch),
            Home::InPlace(path) if !path.exists() => Err(GitError::Vanished { place: self.place.clone() }),
            Home::InPlace(_) => {
                let refs = self.refs()?;
                if refs.branches.is_empty() && refs.tags.is_empty() && refs.skipped.is_empty() {
                    return Err(GitError::Empty { place: self.place.clone() });
                }
                Ok(refs)
            }
        }
    }

    /// Branches and tags as they are on this disk, without asking anyone.
    ///
    /// # Errors
    /// [`GitError::Other`] if refs cannot be read at all.
    pub fn refs(&self) -> Result<Refs, GitError> {
        let listing = refs::listing_of(&self.git).map_err(|error| self.error(&error))?;
        refs::resolve(&self.git, &listing).map_err(|error| self.error(&error))
    }

    /// A commit.
    ///
    /// # Errors
    /// [`GitError::CommitNotFound`] if there is none of this name.
    pub fn commit(&self, sha: &CommitSha) -> Result<CommitInfo, GitError> {
        let id = oid(sha);
        let odb = self.git.odb().map_err(|error| self.error(&error))?;
        let object = odb.read(id).ok().filter(|object| object.kind() == git2::ObjectType::Commit);
        let commit = object.and_then(|object| commit::parse(id, object.data()));
        commit.ok_or_else(|| GitError::CommitNotFound { place: self.place.clone(), commit: sha.to_string() })
    }

    /// The folders and files of a commit.
    ///
    /// # Errors
    /// [`GitError::CommitNotFound`] if there is none of this name.
    pub fn tree(&self, sha: &CommitSha) -> Result<Tree<'_>, GitError> {
        let root = self.commit(sha)?.tree;
        let odb = self.git.odb().map_err(|error| self.error(&error))?;
        Ok(Tree::new(odb, &self.place, root))
    }

    /// The commits from `head` along first parents that touch a component,
    /// newest first. `progress` hears how many commits were looked at.
    ///
    /// # Errors
    /// [`GitError::CommitNotFound`] for `head`, [`GitError::Corrupt`] for a
    /// folder on the way, [`GitError::Cancelled`].
    pub fn history(
        &self,
        head: &CommitSha,
        options: &HistoryOptions<'_>,
        progress: &mut dyn FnMut(usize),
    ) -> Result<History, GitError> {
        history::walk(&self.git, &self.place, oid(head), options, progress)
    }

    /// The one commit whose name begins with these digits, 4 to 40 of them.
    ///
    /// # Errors
    /// [`GitError::AmbiguousPrefix`] if several objects' names do.
    pub fn resolve_prefix(&self, prefix: &str) -> Result<Option<CommitSha>, GitError> {
        let hex =
            (4..=40).contains(&prefix.len()) && prefix.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let Some(short) = hex.then(|| format!("{prefix:0<40}")).and_then(|digits| git2::Oid::from_str(&digits).ok())
        else {
            return Ok(None);
        };
        let odb = self.git.odb().map_err(|error| self.error(&error))?;
        match odb.exists_prefix(short, prefix.len()) {
            Ok(id) => Ok(matches!(odb.read_header(id), Ok((_, git2::ObjectType::Commit))).then(|| commit::sha(id))),
            Err(error) if error.code() == git2::ErrorCode::Ambiguous => {
                Err(GitError::AmbiguousPrefix { place: self.place.clone(), prefix: prefix.to_owned() })
            }
            Err(_) => Ok(None),
        }
    }

    fn error(&self, error: &git2::Error) -> GitError {
        GitError::from_git(&self.place, error)
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository").field("place", &self.place).finish_non_exhaustive()
    }
}

/// The state of a repository's refs, as [`Refs::state`] of the next refresh will
/// have it, for the price of one look: nothing is fetched, and no mirror is
/// needed.
///
/// Blocks, as [`Repository::refresh`] does.
///
/// # Errors
/// Any [`GitError`] that asking for refs can have.
pub fn look(address: &Address, fetch: &Fetch<'_>) -> Result<Digest, GitError> {
    match address {
        Address::Remote(url) => Ok(mirror::list_refs(url, fetch)?.state()),
        Address::Local(path) => Ok(Repository::open_in_place(path)?.refs()?.state),
    }
}

fn oid(sha: &CommitSha) -> git2::Oid {
    git2::Oid::from_str(sha.as_str()).expect("a CommitSha is forty hexadecimal digits")
}

/// Opens a repository on a thread of its own, which is left behind if it hangs.
fn open_within(path: &Path, place: &str, deadline: Duration) -> Result<git2::Repository, GitError> {
    let (sender, receiver) = mpsc::channel();
    let folder = path.to_owned();
    let open = move || {
        // The receiver may be gone by then, and with it the wish to know.
        let _ = sender.send(git2::Repository::open(&folder));
    };
    let storage = |source| GitError::Storage { path: path.to_owned(), source };
    std::thread::Builder::new().name("git-open".to_owned()).spawn(open).map_err(storage)?;
    match receiver.recv_timeout(deadline) {
        Ok(Ok(git)) => Ok(git),
        Ok(Err(error)) if error.code() == git2::ErrorCode::NotFound => {
            let found = match git2::Repository::discover_path(path, [] as [&Path; 0]) {
                Ok(above) => format!("it lies in the one at {}", above.parent().unwrap_or(&above).display()),
                Err(_) => "the folder has no .git".to_owned(),
            };
            Err(GitError::NotGit { place: place.to_owned(), found })
        }
        Ok(Err(error)) => Err(GitError::from_git(place, &error)),
        Err(_) => Err(GitError::Timeout {
            place: place.to_owned(),
            what: "opening it; look for an include in its configuration",
            after: deadline,
        }),
    }
}
