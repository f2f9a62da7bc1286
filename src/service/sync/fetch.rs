//! Fetching and reading: the part of a sync that blocks.

use crate::{
    data::DataFolder,
    service::{
        ServiceError,
        reading::{self, ReadingSettings, Texts},
        tree::CommitTree,
    },
};
use git::{CommitInfo, Credentials, Fetch, FetchProgress, Refs, Repository};
use model::{CommitSha, Digest, FoundRegistry, RefName, RegistryShape, RepositoryId};
use source::{Registry, RegistryKind, SourceError};
use tokio_util::sync::CancellationToken;

/// What fetching and reading yield.
pub(super) struct Fetched {
    pub(super) head: CommitInfo,
    pub(super) branch: RefName,
    pub(super) refs: Refs,
    /// `None` when there is nothing new to read.
    pub(super) read: Option<Read>,
}

/// What was read at the head.
pub(super) struct Read {
    pub(super) registry: Registry,
    pub(super) texts: Texts,
    /// Registries of the repository that are not this one.
    pub(super) others: Vec<FoundRegistry>,
}

/// Everything that fetching and reading need.
pub(super) struct FetchJob {
    pub(super) id: RepositoryId,
    pub(super) url: String,
    pub(super) settings: ReadingSettings,
    /// The commit that need not be read again.
    pub(super) seen: Option<CommitSha>,
    pub(super) data: DataFolder,
    pub(super) http: net::TenantClient,
    pub(super) cancel: CancellationToken,
}

impl FetchJob {
    /// Fetches, then reads. The outer error is the fetch's; the state of the
    /// refs is known even if what they lead to cannot be read. Blocks.
    pub(super) fn run(
        &self,
        credentials: Option<&Credentials>,
        fetching: &dyn Fn(u64, Option<u64>),
        reading: &dyn Fn(u64, Option<u64>),
    ) -> Result<(Digest, Result<Fetched, ServiceError>), ServiceError> {
        let mut opened = reading::open(&self.data, &self.url)?;
        let progress = |progress: FetchProgress| {
            let total = (progress.total_objects > 0).then_some(progress.total_objects as u64);
            fetching(progress.received_objects as u64, total);
        };
        let mut fetch = Fetch::new(&self.http);
        fetch.progress = &progress;
        fetch.credentials = credentials;
        fetch.cancel = self.cancel.clone();
        let refs = opened.refresh(&fetch)?;
        Ok((refs.state, self.read(&opened, refs, reading)))
    }

    fn read(
        &self,
        opened: &Repository,
        refs: Refs,
        reading: &dyn Fn(u64, Option<u64>),
    ) -> Result<Fetched, ServiceError> {
        let (branch, head) = tracked(&refs, self.settings.branch.as_deref())?;
        let (branch, head) = (branch.clone(), opened.commit(head)?);
        if self.seen.as_ref() == Some(&head.sha) {
            return Ok(Fetched { head, branch, refs, read: None });
        }
        let mut texts = Texts::load(&self.data, self.id);
        let mut progress = |done: usize, total: usize| {
            if done.is_multiple_of(32) || done == total {
                reading(done as u64, Some(total as u64));
            }
        };
        let mut registry = reading::read_commit(opened, &head.sha, &self.settings, &mut texts, &mut progress)?;
        let tree = CommitTree(opened.tree(&head.sha)?);
        let undeclared = source::undeclared_imports(&tree, &registry, &mut texts).map_err(SourceError::from)?;
        registry.diagnostics.extend(undeclared);
        let mut others = found_registries(&tree)?;
        // Beside a registry.json, a components folder is where its files come from.
        let is_folder = registry.kind == RegistryKind::Folder;
        others.retain(|found| found.path != registry.path && (is_folder || found.shape != RegistryShape::Folder));
        Ok(Fetched { head, branch, refs, read: Some(Read { registry, texts, others }) })
    }
}

/// The branch or tag that is followed, and its commit.
pub(in crate::service) fn tracked<'r>(
    refs: &'r Refs,
    wanted: Option<&str>,
) -> Result<(&'r RefName, &'r CommitSha), ServiceError> {
    let Some(wanted) = wanted else {
        return refs.head().ok_or_else(|| {
            ServiceError::Invalid(format!(
                "The repository has no default branch. {} Choose one with --branch.",
                listed("Its branches are", refs.branches.keys())
            ))
        });
    };
    let found = refs.branches.get_key_value(wanted).or_else(|| refs.tags.get_key_value(wanted));
    found.ok_or_else(|| {
        ServiceError::Invalid(format!(
            "The repository has no branch or tag {wanted:?}. {} Change the branch in the repository's settings.",
            listed("Its branches are", refs.branches.keys())
        ))
    })
}

fn listed<'a>(lead: &str, names: impl Iterator<Item = &'a RefName>) -> String {
    let names: Vec<&str> = names.take(10).map(RefName::as_str).collect();
    if names.is_empty() { String::new() } else { format!("{lead} {}.", names.join(", ")) }
}

/// The registries of a tree that can be offered: whole ones, best first.
pub(in crate::service) fn found_registries(tree: &CommitTree<'_>) -> Result<Vec<FoundRegistry>, ServiceError> {
    let mut candidates = source::discover(tree)?;
    candidates.retain(|candidate| candidate.is_complete);
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let sources: Vec<String> = candidates
        .iter()
        .filter(|candidate| candidate.kind == RegistryKind::Manifest)
        .map(|candidate| candidate.path.clone())
        .collect();
    let source_of = |built: &str| sources.iter().find(|source| built.starts_with(&folder(source))).cloned();
    Ok(candidates
        .into_iter()
        .map(|candidate| FoundRegistry {
            shape: shape_of(candidate.kind),
            items: candidate.items,
            built_from: (candidate.kind == RegistryKind::Built).then(|| source_of(&candidate.path)).flatten(),
            path: candidate.path,
        })
        .collect())
}

/// How a registry is written down, as reports tell it.
pub(in crate::service) fn shape_of(kind: RegistryKind) -> RegistryShape {
    match kind {
        RegistryKind::Manifest => RegistryShape::Manifest,
        RegistryKind::Built => RegistryShape::Built,
        RegistryKind::Folder => RegistryShape::Folder,
    }
}

/// The registry that was read, as reports tell it.
pub(super) fn as_found(registry: &Registry) -> FoundRegistry {
    FoundRegistry {
        path: registry.path.clone(),
        shape: shape_of(registry.kind),
        items: registry.items.len() + registry.quarantined.len(),
        built_from: None,
    }
}
