//! One fetch: the objects by libgit2, the refs by ourselves.

use super::usable;
use crate::{
    Fetch, FetchProgress, GitError,
    protocol::Listing,
    refs,
    transport::{Context, with_context},
};
use git2::{AutotagOption, FetchOptions, RemoteCallbacks, RemoteRedirect};
use net::http::Url;
use std::sync::Arc;

const REFSPECS: [&str; 2] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

/// Fetches what the host has and the repository has not, and makes the
/// repository's refs those of the host. Returns the refs as the host told them.
pub(super) fn fetch(
    git: &git2::Repository,
    url: &Url,
    context: &Arc<Context>,
    fetch: &Fetch<'_>,
) -> Result<Listing, GitError> {
    let mut callbacks = RemoteCallbacks::new();
    callbacks.transfer_progress(|progress| {
        (fetch.progress)(FetchProgress {
            received_objects: progress.received_objects(),
            total_objects: progress.total_objects(),
            received_bytes: progress.received_bytes(),
            indexed_deltas: progress.indexed_deltas(),
            total_deltas: progress.total_deltas(),
        });
        // Deltas are resolved after the last read, where no limit of time
        // would be noticed.
        match context.is_over() {
            Some(error) => {
                context.fail(error);
                false
            }
            None => true,
        }
    });
    let mut options = FetchOptions::new();
    options
        .remote_callbacks(callbacks)
        .download_tags(AutotagOption::None)
        .follow_redirects(RemoteRedirect::None)
        .update_fetchhead(false);
    with_context(context, || {
        let mut remote = git.remote_anonymous(url.as_str())?;
        remote.download(&REFSPECS, Some(&mut options))?;
        remote.disconnect()
    })
    .map_err(|error| context.failure(&error))?;
    let listing = context.fetched_listing().unwrap_or_default();
    set_refs(git, &usable(&listing)).map_err(|error| context.failure(&error))?;
    Ok(listing)
}

/// Makes branches and tags those of the listing. What is gone goes first: a
/// branch `a` may have made room for `a/b`.
fn set_refs(git: &git2::Repository, listing: &Listing) -> Result<(), git2::Error> {
    let mine = refs::listing_of(git)?;
    for name in mine.refs.keys().filter(|name| !listing.refs.contains_key(*name)) {
        git.find_reference(name)?.delete()?;
    }
    for (name, listed) in &listing.refs {
        if mine.refs.get(name) != Some(listed) {
            git.reference(name, listed.id, true, "fetch")?;
        }
    }
    Ok(())
}

/// Lets HEAD stand for the host's default branch. For people who look into the
/// mirror; nothing here reads it.
pub(super) fn set_head(git: &git2::Repository, listing: &Listing) {
    let branch = listing.head.as_deref().filter(|head| head.starts_with("refs/heads/") && refs::is_usable(head));
    if let Some(Err(error)) = branch.map(|head| git.set_head(head)) {
        tracing::debug!(%error, "HEAD of a mirror cannot be set");
    }
}
