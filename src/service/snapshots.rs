//! Snapshots: the list of all versions that a repository had at one time.

use super::{ServiceError, versions};
use crate::tenants::Tenant;
use bytes::Bytes;
use instant::{Timestamp, Transaction, rows};
use model::{CommitId, Digest, ItemName, RepositoryId, SnapshotId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One item of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    /// The item's name, without namespace.
    pub(super) item: ItemName,
    /// The digest of its version.
    pub(super) version: Digest,
}

/// The items of a snapshot, in the registry's order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SnapshotList(pub(super) Vec<Listed>);

impl SnapshotList {
    /// One line of JSON an item, so that two lists can be compared by eye.
    fn to_bytes(&self) -> Bytes {
        let lines: Vec<String> =
            self.0.iter().map(|listed| serde_json::to_string(listed).expect("names and digests serialise")).collect();
        format!("[\n{}\n]\n", lines.join(",\n")).into()
    }

    /// Version digests by item name.
    pub(super) fn by_item(&self) -> HashMap<&str, Digest> {
        self.0.iter().map(|listed| (listed.item.as_str(), listed.version)).collect()
    }

    /// The version ids of all items, in order.
    pub(super) fn version_ids(&self, repository: RepositoryId) -> Vec<model::VersionId> {
        self.0.iter().map(|listed| versions::version_id(repository, &listed.item, &listed.version)).collect()
    }
}

/// A snapshot with its list.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) row: rows::Snapshot,
    pub(super) list: SnapshotList,
}

/// Where the list with this digest lies.
fn list_path(digest: &Digest) -> String {
    format!("registry/snapshots/{digest}")
}

/// Writes a snapshot. Immutable and keyed by what it holds: doing it again does
/// no harm, and equal content is one row.
pub(super) async fn write(
    tenant: &Tenant,
    repository: RepositoryId,
    settings: Digest,
    commit: Option<CommitId>,
    list: SnapshotList,
) -> Result<Snapshot, ServiceError> {
    let bytes = list.to_bytes();
    let digest = Digest::of_parts([settings.as_bytes().as_slice(), &bytes]);
    let key = format!("{repository}@{digest}");
    let id = SnapshotId::of_key(&key);
    let there = tenant.db.get::<rows::Snapshot>(id).await?;
    // One that has lost its list gets it again.
    if let Some(row) = there.filter(|row| row.list.is_some()) {
        return Ok(Snapshot { row, list });
    }
    let file = tenant.db.upload(&list_path(&digest), "application/json", bytes).await?;
    let mut transaction = Transaction::new();
    let step = transaction
        .update::<rows::Snapshot>(id)
        .set(rows::Snapshot::KEY, key)
        .set(rows::Snapshot::SETTINGS_DIGEST, settings.to_string())
        .set(rows::Snapshot::COUNT, list.0.len() as u64)
        .set(rows::Snapshot::CREATED_AT, Timestamp::now())
        .link(rows::Snapshot::REPOSITORY, repository)
        .link(rows::Snapshot::LIST, file);
    if let Some(commit) = commit {
        step.link(rows::Snapshot::COMMIT, commit);
    }
    tenant.db.transact(transaction).await?;
    let row = tenant.db.get::<rows::Snapshot>(id).await?;
    let row = row.ok_or_else(|| ServiceError::Internal("a snapshot vanished as it was written".to_owned()))?;
    Ok(Snapshot { row, list })
}

/// Reads the list of a snapshot.
pub(super) async fn list(tenant: &Tenant, row: &rows::Snapshot) -> Result<SnapshotList, ServiceError> {
    let digest = row.key.rsplit_once('@').map_or("", |(_, digest)| digest);
    let path = format!("registry/snapshots/{digest}");
    let bytes = tenant.db.download(&path).await?;
    let bytes = bytes.ok_or_else(|| ServiceError::Internal(format!("the list {path} is not in the store")))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| ServiceError::Internal(format!("the list {path} is damaged: {error}")))
}

/// The version that each of these snapshots has of one item. Snapshots without
/// it are left out.
pub(super) async fn versions_of(
    tenant: &Tenant,
    item: &ItemName,
    snapshots: &[rows::Snapshot],
) -> Result<HashMap<SnapshotId, Digest>, ServiceError> {
    let path = |row: &rows::Snapshot| {
        let digest = row.key.rsplit_once('@').map_or("", |(_, digest)| digest);
        format!("registry/snapshots/{digest}")
    };
    let paths: Vec<String> = snapshots.iter().map(path).collect();
    let lists = tenant.db.download_all(&paths).await?;
    // One line an item: far quicker than reading thousands of others.
    let start = format!("{{\"item\":{},", serde_json::to_string(item).expect("a name serialises"));
    let found = snapshots.iter().zip(&lists).filter_map(|(row, list)| {
        let text = std::str::from_utf8(list.as_ref()?).ok()?;
        let line = text[text.find(&start)?..].lines().next()?;
        let listed: Listed = serde_json::from_str(line.trim_end_matches(',')).ok()?;
        Some((row.id, listed.version))
    });
    Ok(found.collect())
}

/// The snapshot with this id and its list.
pub(super) async fn get(tenant: &Tenant, id: SnapshotId) -> Result<Option<Snapshot>, ServiceError> {
    let Some(row) = tenant.db.get::<rows::Snapshot>(id).await? else {
        return Ok(None);
    };
    let list = list(tenant, &row).await?;
    Ok(Some(Snapshot { row, list }))
}

/// The newest publication of a repository.
pub(super) async fn current_publication(
    tenant: &Tenant,
    repository: RepositoryId,
) -> Result<Option<rows::Publication>, ServiceError> {
    Ok(tenant
        .db
        .select::<rows::Publication>()
        .filter(rows::Publication::REPOSITORY.is(repository))
        .order(rows::Publication::SEQ.desc())
        .one()
        .await?)
}

/// What is current for a repository.
pub(super) async fn current(tenant: &Tenant, repository: RepositoryId) -> Result<Option<Snapshot>, ServiceError> {
    match current_publication(tenant, repository).await?.and_then(|publication| publication.snapshot) {
        Some(snapshot) => get(tenant, snapshot).await,
        None => Ok(None),
    }
}
