//! Commits: which ones touched which component, and in which files.

mod definitions;
mod files;
mod mark;
mod paths;

pub(super) use files::files_of;
pub(super) use mark::{bound, is_due};
pub(super) use paths::ComponentPaths;

use super::{ServiceError, reading, versions::component_id};
use crate::tenants::Tenant;
use definitions::Definitions;
use git::{CommitInfo, HistoryOptions};
use instant::{Timestamp, Transaction, rows};
use mark::Mark;
use model::{CommitId, CommitSha, ComponentId, RepositoryId};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// The row of this commit of this repository.
pub(super) fn commit_id(repository: RepositoryId, sha: &CommitSha) -> CommitId {
    CommitId::of_key(&commit_key(repository, sha))
}

fn commit_key(repository: RepositoryId, sha: &CommitSha) -> String {
    format!("{repository}@{sha}")
}

/// Longest commit message that is kept, in characters.
const MAX_MESSAGE: usize = 10_000;

/// How many commits are written at once: their rows may be large.
const WRITTEN_AT_ONCE: usize = 500;

/// Places for commits that follow one of the same second, or of a later one.
/// Seconds of four-digit years times this are numbers that JSON holds exactly.
const TIES: u64 = 1 << 14;

/// No date outside four-digit years can be stored.
fn seconds(date: i64) -> u64 {
    u64::try_from(date.clamp(0, 253_402_300_799)).expect("clamped to what is positive")
}

struct CommitRow<'a> {
    sha: &'a CommitSha,
    author: &'a str,
    date: i64,
    message: &'a str,
    /// Its place among all commits, older ones first.
    order: u64,
    /// What it touched, once that is known.
    files: Option<String>,
}

fn put_commit(transaction: &mut Transaction, repository: RepositoryId, commit: CommitRow<'_>) {
    // A NUL cannot be stored.
    let clean = |text: &str| text.chars().filter(|c| *c != '\0').take(MAX_MESSAGE).collect::<String>();
    let seconds = seconds(commit.date);
    let step = transaction
        .update::<rows::Commit>(commit_id(repository, commit.sha))
        .set(rows::Commit::KEY, commit_key(repository, commit.sha))
        .set(rows::Commit::HASH, commit.sha.to_string())
        .set(rows::Commit::MESSAGE, clean(commit.message))
        .set(rows::Commit::AUTHOR, clean(commit.author))
        .set(rows::Commit::DATE, Timestamp::from_millis(seconds.cast_signed() * 1000))
        .set(rows::Commit::ORDER, commit.order)
        .link(rows::Commit::REPOSITORY, repository);
    if let Some(files) = commit.files {
        step.set(rows::Commit::FILES, files);
    }
}

/// Writes the row of one commit, for what links to it, unless there is one.
pub(super) async fn write_commit(
    tenant: &Tenant,
    repository: RepositoryId,
    commit: &CommitInfo,
) -> Result<(), ServiceError> {
    if tenant.db.get::<rows::Commit>(commit_id(repository, &commit.sha)).await?.is_some() {
        return Ok(());
    }
    let CommitInfo { sha, author, date, message, .. } = commit;
    let row = CommitRow { sha, author, date: *date, message, order: seconds(*date) * TIES, files: None };
    let mut transaction = Transaction::new();
    put_commit(&mut transaction, repository, row);
    tenant.db.transact(transaction).await?;
    Ok(())
}

/// Records the commits since the last ones that are known, newest first along
/// first parents, at most `limit`; all of them anew if a smaller limit cut them
/// off before. Returns how many there were.
pub(super) async fn record(
    tenant: &Arc<Tenant>,
    repository: &rows::Repository,
    head: &CommitSha,
    paths: ComponentPaths,
    limit: usize,
    progress: impl Fn(u64) + Send + 'static,
) -> Result<usize, ServiceError> {
    let id = repository.id;
    let mark = Mark::of(repository);
    let anew = repository.head_commit.is_none() || mark.is_none_or(|mark| mark.is_due(limit));
    let mut known: HashSet<String> = HashSet::new();
    let mut newest = 0;
    if !anew {
        let rows = tenant.db.select::<rows::Commit>().filter(rows::Commit::REPOSITORY.is(id)).pages().await?;
        // Known is what was recorded here before, not a lone row of `write_commit`.
        for row in rows.into_iter().filter(|row| row.files.is_some() && row.hash != head.as_str()) {
            newest = newest.max(row.order.unwrap_or_default());
            known.insert(row.hash);
        }
        known.extend(repository.head_commit.clone());
    }
    let (data, url, owned) = (tenant.data.clone(), repository.url.clone(), head.clone());
    let cancel = tenant.jobs.cancellation();
    let (history, components) =
        tokio::task::spawn_blocking(move || walk(&data, &url, &owned, &paths, limit, &known, cancel, progress))
            .await??;

    let existing = tenant.db.select::<rows::Component>().filter(rows::Component::REPOSITORY.is(id)).pages().await?;
    let existing: HashSet<ComponentId> = existing.into_iter().map(|row| row.id).collect();
    // The oldest first: whatever is cut short, what is known goes without gaps
    // from the oldest to the newest.
    for commits in history.commits.rchunks(WRITTEN_AT_ONCE) {
        let mut transaction = Transaction::new();
        for commit in commits.iter().rev() {
            // A commit is newer than its parent, whenever it was written: a rebase keeps the date.
            newest = (newest + 1).max(seconds(commit.date) * TIES);
            let files = Some(files::stored(commit, &components));
            let git::Commit { sha, author, date, message, .. } = commit;
            let row = CommitRow { sha, author, date: *date, message, order: newest, files };
            put_commit(&mut transaction, id, row);
            let touched = commit.touched.iter().filter_map(|&at| components.get(at));
            let touched = touched.map(|item| component_id(id, item)).filter(|component| existing.contains(component));
            transaction.relink::<rows::Commit>(commit_id(id, &commit.sha)).link_all(rows::Commit::COMPONENTS, touched);
        }
        tenant.db.transact_in_chunks(transaction).await?;
    }
    let cut = history.truncated || (!anew && history.reached_known && mark.is_some_and(|mark| mark.cut));
    let reached = if anew { limit } else { mark.map_or(limit, |mark| mark.limit) };
    Mark { limit: reached, cut }.save(tenant, id).await?;
    Ok(history.commits.len())
}

/// The walk itself, and the names of the components that it speaks of. Blocks.
#[expect(clippy::too_many_arguments, reason = "the parts of a sync, borrowed by the thread that walks")]
fn walk(
    data: &crate::data::DataFolder,
    url: &str,
    head: &CommitSha,
    paths: &ComponentPaths,
    limit: usize,
    known: &HashSet<String>,
    cancel: CancellationToken,
    progress: impl Fn(u64),
) -> Result<(git::History, Vec<model::ItemName>), ServiceError> {
    let opened = reading::open(data, url)?;
    let is_known = |sha: &CommitSha| known.contains(sha.as_str());
    let definitions = Definitions::new(&opened, paths);
    let redefined = |change: &git::Redefinition<'_>| definitions.redefined(change);
    let options = HistoryOptions {
        known: &is_known,
        paths: &paths.paths,
        definitions: &paths.definitions,
        redefined: &redefined,
        limit,
        cancel,
    };
    let history = opened.history(head, &options, &mut |done| {
        if done.is_multiple_of(256) {
            progress(done as u64);
        }
    })?;
    Ok((history, definitions.into_components()))
}

/// Rows of commits by their id.
pub(super) async fn rows(
    tenant: &Tenant,
    ids: impl IntoIterator<Item = CommitId>,
) -> Result<HashMap<CommitId, rows::Commit>, ServiceError> {
    let ids: HashSet<CommitId> = ids.into_iter().collect();
    let ids: Vec<CommitId> = ids.into_iter().collect();
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows = tenant.db.select::<rows::Commit>().ids(chunk.iter().copied()).all().await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// Hashes of commits by their row, for showing.
pub(super) async fn hashes(
    tenant: &Tenant,
    ids: impl IntoIterator<Item = CommitId>,
) -> Result<BTreeMap<CommitId, CommitSha>, ServiceError> {
    let rows = rows(tenant, ids).await?.into_iter();
    Ok(rows.filter_map(|(id, row)| Some((id, row.hash.parse().ok()?))).collect())
}
