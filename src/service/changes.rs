//! What each commit changed of a component: what it is to be compared with, and
//! how many lines came and went.

use super::{RegistryService, ServiceError, reading};
use crate::auth::{Access, Read};
use git::{Repository, Tree};
use model::{
    CommitSha, FileChange,
    view::{CommitChange, CommitFile, CommitView},
};
use std::time::{Duration, Instant};

/// How long counting the lines of all commits of a page may take. What is not
/// counted then is not told.
const PATIENCE: Duration = Duration::from_millis(300);

/// Most files of one commit that are counted.
const MAX_FILES: usize = 50;

/// Longest file that is counted, in bytes.
const MAX_BYTES: u64 = 512 * 1024;

impl RegistryService {
    /// What each of these commits changed of a component, whose files alone they
    /// name. Nothing is known of commits that this server cannot read.
    pub async fn changes(
        &self,
        access: &Access<Read>,
        name: &str,
        commits: &[CommitView],
    ) -> Result<Vec<CommitChange>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let known = self.known_component(tenant, name).await?;
        let (data, url) = (tenant.data.clone(), known.repository.url);
        let commits: Vec<_> =
            commits.iter().map(|commit| (commit.sha.clone(), commit.files.clone(), commit.more_files)).collect();
        let read = move || {
            let deadline = Instant::now() + PATIENCE;
            let Ok(repository) = reading::open(&data, &url) else {
                return vec![CommitChange::default(); commits.len()];
            };
            let change = |(sha, files, more): &(CommitSha, Vec<CommitFile>, usize)| {
                // Behind a shallow clone's boundary there is a name and no commit.
                let parent = repository.commit(sha).ok().and_then(|commit| commit.parents.into_iter().next());
                let parent = parent.filter(|parent| repository.commit(parent).is_ok());
                let counted = *more == 0 && !files.is_empty() && files.len() <= MAX_FILES;
                let lines = if counted { lines(&repository, sha, parent.as_ref(), files, deadline) } else { None };
                CommitChange { parent, lines }
            };
            commits.iter().map(change).collect()
        };
        Ok(tokio::task::spawn_blocking(read).await?)
    }
}

/// How many lines of these files came and went with a commit.
fn lines(
    repository: &Repository,
    sha: &CommitSha,
    parent: Option<&CommitSha>,
    files: &[CommitFile],
    deadline: Instant,
) -> Option<(usize, usize)> {
    let after = repository.tree(sha).ok()?;
    let before = parent.and_then(|parent| repository.tree(parent).ok());
    let mut sum = (0, 0);
    for file in files {
        if Instant::now() > deadline {
            return None;
        }
        let former = file.from.as_ref().unwrap_or(&file.path);
        let old = match (&before, file.change) {
            (None, _) | (_, FileChange::Added) => String::new(),
            (Some(tree), _) => text(tree, former)?,
        };
        let new = if file.change == FileChange::Removed { String::new() } else { text(&after, &file.path)? };
        let (added, removed) = source::changed_lines(&old, &new, Some(deadline));
        sum = (sum.0 + added, sum.1 + removed);
    }
    Some(sum)
}

fn text(tree: &Tree<'_>, path: &str) -> Option<String> {
    let entry = tree.lookup(path).ok()?.found()?;
    String::from_utf8(tree.read(entry.id, MAX_BYTES).ok()?).ok()
}
