//! The bare mirror of a remote repository: its folder, its lock, its upkeep.
//!
//! ```text
//! <dir>/mirror.git   the mirror
//! <dir>/next.git     a new generation while it is fetched
//! <dir>/old.git      the last generation while the new one takes its place
//! ```

mod fetch;
mod folder;

use crate::{Fetch, GitError, Refs, RemoteUrl, protocol::Listing, refs, transport::Context};
use folder::{Folder, Handles as _, MirrorLock};
use std::{path::Path, sync::Arc};
use tokio::runtime::Handle;

/// How many packs a mirror may have before it is fetched anew: libgit2 never
/// repacks, and 300 packs read 30 % slower.
const MAX_PACKS: usize = 100;

/// The bare mirror of a remote repository.
pub(crate) struct Mirror {
    folder: Folder,
    lock: Arc<MirrorLock>,
    url: RemoteUrl,
}

impl Mirror {
    /// Opens the mirror in `dir`, or makes an empty one.
    pub(crate) fn open(dir: &Path, url: &RemoteUrl) -> Result<(Self, git2::Repository), GitError> {
        let folder = Folder::new(dir)?;
        let lock = MirrorLock::of(folder.dir());
        let git = {
            let _held = lock.hold();
            // Others may be reading: what a dead process left is cleared away
            // once, by the first to open it.
            if lock.is_alone() {
                folder.recover()?;
            }
            folder.open()?
        };
        Ok((Self { folder, lock, url: url.clone() }, git))
    }

    /// Asks for the host's refs, and fetches if they are not the mirror's.
    pub(crate) fn refresh(&self, git: &mut git2::Repository, fetch: &Fetch<'_>) -> Result<Refs, GitError> {
        let place = self.url.to_string();
        let _held = self.lock.hold();
        let context = Arc::new(Context::new(Handle::current(), self.url.url(), fetch));
        let from_git = |error: git2::Error| GitError::from_git(&place, &error);
        let mine = refs::listing_of(git).map_err(from_git)?;
        let theirs = match context.list_refs() {
            Err(GitError::NotFound { place }) if !mine.refs.is_empty() => {
                return Err(GitError::Vanished { place });
            }
            listing => listing?,
        };
        if theirs.refs.is_empty() {
            return Err(GitError::Empty { place });
        }
        if usable(&theirs).refs == mine.refs
            && mine.refs.values().all(|listed| git.odb().is_ok_and(|odb| odb.exists(listed.id)))
        {
            fetch::set_head(git, &theirs);
            let refs = refs::resolve(git, &theirs).map_err(from_git)?;
            return Ok(Refs { moved_to: context.moved_to(), ..refs });
        }
        let fetched = if self.folder.packs() > MAX_PACKS && self.lock.is_alone() {
            let next = self.folder.begin_next()?;
            let fetched = fetch::fetch(&next, self.url.url(), &context, fetch)?;
            drop(next);
            *git = self.folder.install_next()?;
            fetched
        } else {
            fetch::fetch(git, self.url.url(), &context, fetch)?
        };
        // HEAD may be told in one version of the protocol and not in the other.
        let listing = Listing { head: fetched.head.or(theirs.head), refs: fetched.refs };
        fetch::set_head(git, &listing);
        let refs = refs::resolve(git, &listing).map_err(from_git)?;
        Ok(Refs { fetched: true, moved_to: context.moved_to(), ..refs })
    }
}

/// The host's refs, as it tells them now.
pub(crate) fn list_refs(url: &RemoteUrl, fetch: &Fetch<'_>) -> Result<Listing, GitError> {
    crate::init();
    Context::new(Handle::current(), url.url(), fetch).list_refs()
}

/// What of a listing a mirror keeps.
fn usable(listing: &Listing) -> Listing {
    let refs = listing.refs.iter().filter(|(name, _)| refs::is_usable(name));
    Listing { head: listing.head.clone(), refs: refs.map(|(name, listed)| (name.clone(), *listed)).collect() }
}
