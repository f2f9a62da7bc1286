//! Tags and branches: each names the snapshot of its commit.

use super::{
    RegistryService, ServiceError, history,
    reading::{self, ReadingSettings, Texts},
    snapshots::{Listed, SnapshotList},
    sync::{Materialised, materialise},
};
use crate::tenants::Tenant;
use git::{CommitInfo, Refs};
use instant::{Timestamp, Transaction, rows};
use model::{CommitSha, Diagnostic, DiagnosticCode, EntityId, RefName, RepositoryId, SnapshotId};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::PathBuf,
    sync::Arc,
};

/// How many branches and tags are read, newest commits first.
const MAX_REFS: usize = 64;

/// The key of a ref's row.
pub(super) fn ref_key(repository: RepositoryId, kind: &str, name: &str) -> String {
    format!("{repository}/{kind}/{name}")
}

/// Which commit each ref was read at, and what came of it; a cache beside the
/// mirror, so that refs that did not move are not read again.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Seen {
    settings: String,
    refs: BTreeMap<String, (CommitSha, Option<SnapshotId>)>,
}

fn seen_path(tenant: &Tenant, repository: RepositoryId) -> PathBuf {
    tenant.data.git().join(format!("{repository}.refs"))
}

/// Brings the rows of a repository's refs in line. `read` is a commit whose
/// snapshot is known, so that it need not be read again. Returns findings about
/// refs that could not be read.
pub(super) async fn record(
    service: &RegistryService,
    tenant: &Arc<Tenant>,
    repository: &rows::Repository,
    settings: &ReadingSettings,
    refs: &Refs,
    read: Option<(&CommitSha, SnapshotId)>,
) -> Result<Vec<Diagnostic>, ServiceError> {
    let path = seen_path(tenant, repository.id);
    let stored = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Seen>(&bytes).ok()).unwrap_or_default();
    let digest = settings.digest().to_string();
    let known = if stored.settings == digest { stored.refs } else { BTreeMap::new() };
    let all = refs
        .tags
        .iter()
        .map(|(name, sha)| ("tag", name, sha))
        .chain(refs.branches.iter().map(|(name, sha)| ("branch", name, sha)));
    let all: Vec<(&'static str, RefName, CommitSha)> =
        all.map(|(kind, name, sha)| (kind, name.clone(), sha.clone())).collect();
    let followed = settings.branch.as_deref().or(refs.default_branch.as_ref().map(RefName::as_str));
    let (newest, left_out) = newest(tenant, repository, all, followed.map(str::to_owned)).await?;

    let mut now = BTreeMap::new();
    let mut findings = Vec::new();
    let mut by_commit: HashMap<CommitSha, Option<SnapshotId>> =
        read.into_iter().map(|(commit, snapshot)| (commit.clone(), Some(snapshot))).collect();
    let rows = tenant.db.select::<rows::Ref>().filter(rows::Ref::REPOSITORY.is(repository.id)).pages().await?;
    let recorded: HashMap<EntityId, Option<SnapshotId>> = rows.iter().map(|row| (row.id, row.snapshot)).collect();
    let mut transaction = Transaction::new();
    for (kind, name, commit) in newest {
        let label = format!("{kind}/{name}");
        let unmoved = known.get(&label).filter(|(sha, _)| *sha == commit.sha).map(|(_, snapshot)| *snapshot);
        let snapshot = match unmoved.or_else(|| by_commit.get(&commit.sha).copied()) {
            Some(snapshot) => snapshot,
            None => match service.snapshot_of(tenant, repository, settings, &commit).await {
                Ok(snapshot) => Some(snapshot),
                Err(error @ (ServiceError::Source(_) | ServiceError::Git(_))) => {
                    tracing::debug!(%error, %label, "a ref has nothing that can be served");
                    None
                }
                Err(error) => return Err(error),
            },
        };
        by_commit.insert(commit.sha.clone(), snapshot);
        now.insert(label, (commit.sha, snapshot));
        let key = ref_key(repository.id, kind, name.as_str());
        let row = EntityId::of_key("registry_refs", &key);
        match snapshot {
            // Whatever this server remembers, others may have moved it.
            Some(snapshot) if recorded.get(&row) == Some(&Some(snapshot)) => {}
            Some(snapshot) => drop(
                transaction
                    .update::<rows::Ref>(row)
                    .set(rows::Ref::KEY, key)
                    .set(rows::Ref::KIND, kind.to_owned())
                    .set(rows::Ref::NAME, name.to_string())
                    .set(rows::Ref::UPDATED_AT, Timestamp::now())
                    .link(rows::Ref::REPOSITORY, repository.id)
                    .link(rows::Ref::SNAPSHOT, snapshot),
            ),
            None if recorded.contains_key(&row) => transaction.delete::<rows::Ref>(row),
            None => {}
        }
    }
    // What was read before is a cache, and forgotten with other settings; the rows tell what there is.
    for row in rows {
        if !now.contains_key(&format!("{}/{}", row.kind, row.name)) {
            transaction.delete::<rows::Ref>(row.id);
        }
    }
    tenant.db.transact_in_chunks(transaction).await?;
    if left_out > 0 {
        findings.push(
            Diagnostic::note(
                DiagnosticCode::UnreadableRef,
                format!("{left_out} older branches and tags are not listed as versions; the newest {MAX_REFS} are"),
            )
            .fix("Ask for them by name all the same: <name>@<tag or branch> is read when someone does"),
        );
    }
    if let Some(place) = &refs.moved_to {
        findings.push(
            Diagnostic::warning(
                DiagnosticCode::RepositoryMoved,
                format!("{} is at {place} now, says its host", repository.url),
            )
            .fix("Change the repository's address to that: a host may give the old one to someone else"),
        );
    }
    for skipped in &refs.skipped {
        findings.push(
            Diagnostic::warning(
                DiagnosticCode::UnreadableRef,
                format!("The ref {:?} is left out: {}", skipped.name, skipped.reason),
            )
            .fix("Rename or repair it in the repository"),
        );
    }
    let seen = Seen { settings: digest, refs: now };
    fs::create_dir_all(tenant.data.git())?;
    fs::write(path, serde_json::to_vec(&seen).expect("names and ids serialise"))?;
    Ok(findings)
}

type NamedCommit = (&'static str, RefName, CommitInfo);

/// The branch that is followed and the refs with the newest commits, and how
/// many others there are.
async fn newest(
    tenant: &Arc<Tenant>,
    repository: &rows::Repository,
    all: Vec<(&'static str, RefName, CommitSha)>,
    followed: Option<String>,
) -> Result<(Vec<NamedCommit>, usize), ServiceError> {
    let (data, url) = (tenant.data.clone(), repository.url.clone());
    tokio::task::spawn_blocking(move || {
        let opened = reading::open(&data, &url)?;
        let mut commits: Vec<NamedCommit> =
            all.into_iter().filter_map(|(kind, name, sha)| Some((kind, name, opened.commit(&sha).ok()?))).collect();
        let is_followed = |name: &RefName| followed.as_deref() == Some(name.as_str());
        commits.sort_by_key(|(_, name, commit)| (!is_followed(name), std::cmp::Reverse(commit.date)));
        let left_out = commits.len().saturating_sub(MAX_REFS);
        commits.truncate(MAX_REFS);
        Ok((commits, left_out))
    })
    .await?
}

impl RegistryService {
    /// The snapshot of a commit; written if there is none yet. Not published by this.
    pub(super) async fn snapshot_of(
        &self,
        tenant: &Arc<Tenant>,
        repository: &rows::Repository,
        settings: &ReadingSettings,
        commit: &CommitInfo,
    ) -> Result<SnapshotId, ServiceError> {
        let (data, id, url) = (tenant.data.clone(), repository.id, repository.url.clone());
        let (owned, sha) = (settings.clone(), commit.sha.clone());
        let (registry, mut texts) = tokio::task::spawn_blocking(move || {
            let opened = reading::open(&data, &url)?;
            let mut texts = Texts::load(&data, id);
            let registry = reading::read_commit(&opened, &sha, &owned, &mut texts, &mut |_, _| {})?;
            Ok::<_, ServiceError>((registry, texts))
        })
        .await??;
        let list = registry.items.iter().map(|item| Listed { item: item.name.clone(), version: item.version_digest() });
        let list = SnapshotList(list.collect());
        history::write_commit(tenant, id, commit).await?;
        let digest = settings.digest();
        let Materialised { snapshot, .. } = materialise(
            tenant,
            repository,
            digest,
            Some(&commit.sha),
            &registry.items,
            list,
            &SnapshotList::default(),
            &mut texts,
            |_| {},
        )
        .await?;
        Ok(snapshot.row.id)
    }
}
