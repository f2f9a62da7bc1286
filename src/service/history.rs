//! Commits: which ones touched which component.

use super::{ServiceError, reading, versions::component_id};
use crate::tenants::Tenant;
use git::{CommitInfo, HistoryOptions};
use instant::{Timestamp, Transaction, rows};
use model::{CommitId, CommitSha, ItemName, MAX_COMMITS, RepositoryId};
use source::Registry;
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

/// The row of this commit of this repository.
pub(super) fn commit_id(repository: RepositoryId, sha: &CommitSha) -> CommitId {
    CommitId::of_key(&commit_key(repository, sha))
}

fn commit_key(repository: RepositoryId, sha: &CommitSha) -> String {
    format!("{repository}@{sha}")
}

/// Longest commit message that is kept, in characters.
const MAX_MESSAGE: usize = 10_000;

fn put_commit(
    transaction: &mut Transaction,
    repository: RepositoryId,
    sha: &CommitSha,
    author: &str,
    date: i64,
    message: &str,
) {
    // A NUL cannot be stored, and no date outside four-digit years.
    let clean = |text: &str| text.chars().filter(|c| *c != '\0').take(MAX_MESSAGE).collect::<String>();
    let date = date.clamp(0, 253_402_300_799);
    transaction
        .update::<rows::Commit>(commit_id(repository, sha))
        .set(rows::Commit::KEY, commit_key(repository, sha))
        .set(rows::Commit::HASH, sha.to_string())
        .set(rows::Commit::MESSAGE, clean(message))
        .set(rows::Commit::AUTHOR, clean(author))
        .set(rows::Commit::DATE, Timestamp::from_millis(date * 1000))
        .link(rows::Commit::REPOSITORY, repository);
}

/// Writes the row of one commit, for what links to it.
pub(super) async fn write_commit(
    tenant: &Tenant,
    repository: RepositoryId,
    commit: &CommitInfo,
) -> Result<(), ServiceError> {
    let mut transaction = Transaction::new();
    put_commit(&mut transaction, repository, &commit.sha, &commit.author, commit.date, &commit.message);
    tenant.db.transact(transaction).await?;
    Ok(())
}

/// Which files belong to which component.
#[derive(Debug, Clone, Default)]
pub(super) struct ComponentPaths {
    components: Vec<ItemName>,
    paths: Vec<(String, usize)>,
}

impl ComponentPaths {
    /// The files of every item. One without files is touched by the file that
    /// defines it.
    pub(super) fn of(registry: &Registry) -> Self {
        let mut paths = Self::default();
        for item in &registry.items {
            let index = paths.components.len();
            paths.components.push(item.name.clone());
            if item.files.is_empty() {
                paths.paths.push((item.definition.file.clone(), index));
            }
            paths.paths.extend(item.files.iter().map(|file| (file.source_path.clone(), index)));
        }
        paths
    }
}

/// Records the commits since the last ones that are known, newest first along
/// first parents, at most [`MAX_COMMITS`]. Returns how many there were.
pub(super) async fn record(
    tenant: &Arc<Tenant>,
    repository: &rows::Repository,
    head: &CommitSha,
    paths: ComponentPaths,
    progress: impl Fn(u64) + Send + 'static,
) -> Result<usize, ServiceError> {
    let id = repository.id;
    // Known is what was linked to components before, not a lone row of `write_commit`.
    let known: HashSet<String> = match repository.head_commit.as_deref() {
        None => HashSet::new(),
        Some(last) => {
            let rows = tenant.db.select::<rows::Commit>().filter(rows::Commit::REPOSITORY.is(id)).pages().await?;
            let mut known: HashSet<String> =
                rows.into_iter().map(|row| row.hash).filter(|hash| hash != head.as_str()).collect();
            known.insert(last.to_owned());
            known
        }
    };
    let (data, url, head) = (tenant.data.clone(), repository.url.clone(), head.clone());
    let (history, paths) = tokio::task::spawn_blocking(move || {
        let opened = reading::open(&data, &url)?;
        let is_known = |sha: &CommitSha| known.contains(sha.as_str());
        let mut options = HistoryOptions::new(&paths.paths);
        options.known = &is_known;
        options.limit = MAX_COMMITS;
        let history = opened.history(&head, &options, &mut |done| {
            if done.is_multiple_of(256) {
                progress(done as u64);
            }
        })?;
        Ok::<_, ServiceError>((history, paths))
    })
    .await??;

    let mut transaction = Transaction::new();
    for commit in &history.commits {
        put_commit(&mut transaction, id, &commit.sha, &commit.author, commit.date, &commit.message);
        let touched =
            commit.touched.iter().filter_map(|&at| paths.components.get(at)).map(|item| component_id(id, item));
        transaction.relink::<rows::Commit>(commit_id(id, &commit.sha)).link_all(rows::Commit::COMPONENTS, touched);
    }
    tenant.db.transact_in_chunks(transaction).await?;
    Ok(history.commits.len())
}

/// Hashes of commits by their row, for showing.
pub(super) async fn hashes(
    tenant: &Tenant,
    ids: impl IntoIterator<Item = CommitId>,
) -> Result<BTreeMap<CommitId, CommitSha>, ServiceError> {
    let ids: HashSet<CommitId> = ids.into_iter().collect();
    let ids: Vec<CommitId> = ids.into_iter().collect();
    let mut hashes = BTreeMap::new();
    for chunk in ids.chunks(500) {
        for row in tenant.db.select::<rows::Commit>().ids(chunk.iter().copied()).all().await? {
            if let Ok(sha) = row.hash.parse() {
                hashes.insert(row.id, sha);
            }
        }
    }
    Ok(hashes)
}
