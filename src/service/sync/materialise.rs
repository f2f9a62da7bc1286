//! From items as they were read to a snapshot in the store. Nothing of it is
//! served before a publication names it.

use crate::{
    catalog::Content,
    service::{
        ServiceError, history,
        reading::{self, Texts},
        snapshots::{self, Listed, Snapshot, SnapshotList},
        versions::{self, version_id},
    },
    tenants::Tenant,
};
use bytes::Bytes;
use instant::{Timestamp, rows};
use model::{CommitSha, Digest, VersionId};
use source::Item;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// A snapshot, and what was new in it.
pub(in crate::service) struct Materialised {
    pub(in crate::service) snapshot: Snapshot,
    /// Contents of the versions that were written just now.
    pub(in crate::service) fresh: HashMap<VersionId, (Content, Timestamp)>,
}

/// Writes everything that these items are made of, and their snapshot. Versions
/// of `published` are in the store and need not be looked for.
#[expect(clippy::too_many_arguments, reason = "everything a snapshot is made from, each of a type of its own")]
pub(in crate::service) async fn materialise(
    tenant: &Arc<Tenant>,
    repository: &rows::Repository,
    settings: Digest,
    commit: Option<&CommitSha>,
    items: &[Item],
    list: SnapshotList,
    published: &SnapshotList,
    texts: &mut Texts,
    progress: impl FnMut(u64),
) -> Result<Materialised, ServiceError> {
    let id = repository.id;
    let read: HashMap<&str, (&Item, Digest)> =
        items.iter().map(|item| (item.name.as_str(), (item, item.version_digest()))).collect();
    let ids: Vec<VersionId> = list.version_ids(id);
    let known = published.by_item();
    let unsure = list.0.iter().zip(&ids).filter(|(listed, _)| known.get(listed.item.as_str()) != Some(&listed.version));
    let unsure: Vec<VersionId> = unsure.map(|(_, id)| *id).collect();
    let existing = versions::existing(tenant, &unsure).await?;
    let absent: HashSet<VersionId> = unsure.into_iter().filter(|id| !existing.contains_key(id)).collect();
    let new: Vec<(&Item, Digest)> = list
        .0
        .iter()
        .zip(&ids)
        .filter(|(_, id)| absent.contains(id))
        .filter_map(|(Listed { item, version }, _)| {
            read.get(item.as_str()).filter(|(_, digest)| digest == version).copied()
        })
        .collect();

    if let Some(commit) = commit {
        complete_texts(tenant, repository, commit, &new, texts).await?;
    }
    let commit = commit.map(|commit| history::commit_id(id, commit));
    let at = versions::write(tenant, id, commit, &new, &texts.fresh, progress).await?;
    texts.save()?;

    let mut fresh = HashMap::with_capacity(new.len());
    for (item, digest) in &new {
        let files: Option<Vec<Arc<str>>> = item
            .files
            .iter()
            .map(|file| texts.fresh.get(&file.digest).and_then(|bytes| std::str::from_utf8(bytes).ok()).map(Arc::from))
            .collect();
        // A text that is known but not in memory is read back when it is needed.
        if let Some(files) = files {
            fresh.insert(version_id(id, &item.name, digest), (Content { manifest: item.manifest.clone(), files }, at));
        }
    }
    let snapshot = snapshots::write(tenant, id, settings, commit, list).await?;
    Ok(Materialised { snapshot, fresh })
}

/// Reads texts that are known by object id but that the store lacks: the store
/// was emptied, or an earlier sync stopped before it had written them.
async fn complete_texts(
    tenant: &Arc<Tenant>,
    repository: &rows::Repository,
    commit: &CommitSha,
    new: &[(&Item, Digest)],
    texts: &mut Texts,
) -> Result<(), ServiceError> {
    let mut absent = versions::digests_of(new.iter().map(|(item, _)| *item));
    absent.retain(|digest| !texts.fresh.contains_key(digest));
    if absent.is_empty() {
        return Ok(());
    }
    let stored = versions::stored_texts(tenant, &absent).await?;
    absent.retain(|digest| !stored.contains_key(digest));
    if absent.is_empty() {
        return Ok(());
    }
    let absent: HashSet<Digest> = absent.into_iter().collect();
    let objects = texts.objects_of(&absent);
    let (data, url, commit) = (tenant.data.clone(), repository.url.clone(), commit.clone());
    let read = tokio::task::spawn_blocking(move || {
        let opened = reading::open(&data, &url)?;
        let tree = opened.tree(&commit)?;
        let mut read: Vec<(Digest, Bytes)> = Vec::with_capacity(objects.len());
        for (digest, object) in objects {
            read.push((digest, tree.read(object, model::MAX_FILE_BYTES)?.into()));
        }
        Ok::<_, ServiceError>(read)
    })
    .await??;
    texts.fresh.extend(read);
    Ok(())
}
