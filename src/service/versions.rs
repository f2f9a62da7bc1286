//! Versions: immutable rows for manifests and files, and the texts behind them.

use super::ServiceError;
use crate::{catalog::Content, tenants::Tenant};
use bytes::Bytes;
use instant::{Timestamp, Transaction, Upload, rows};
use model::{CommitId, ComponentId, Digest, FileId, ItemName, Manifest, RepositoryId, VersionId};
use source::Item;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The component that this item of this repository is.
pub(super) fn component_id(repository: RepositoryId, item: &ItemName) -> ComponentId {
    ComponentId::of_key(&component_key(repository, item))
}

/// The unique key of that component.
pub(super) fn component_key(repository: RepositoryId, item: &ItemName) -> String {
    format!("{repository}/{item}")
}

fn version_key(component: ComponentId, digest: &Digest) -> String {
    format!("{component}@{digest}")
}

/// The version with this digest of this item.
pub(super) fn version_id(repository: RepositoryId, item: &ItemName, digest: &Digest) -> VersionId {
    VersionId::of_key(&version_key(component_id(repository, item), digest))
}

/// The id of a version's file at this position.
pub(super) fn file_id(component: ComponentId, digest: &Digest, position: usize) -> FileId {
    FileId::of_key(&format!("{}#{position}", version_key(component, digest)))
}

/// Where the text with this digest lies.
pub(super) fn blob_path(digest: &Digest) -> String {
    format!("registry/blobs/{digest}")
}

/// How many uploads are handed to the store at once.
const UPLOADS: usize = 256;
/// How many ids one query names.
const IDS: usize = 500;

/// Which of these versions the store has, and when they were first seen.
pub(super) async fn existing(
    tenant: &Tenant,
    ids: &[VersionId],
) -> Result<HashMap<VersionId, Timestamp>, ServiceError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IDS) {
        for row in tenant.db.select::<rows::Version>().ids(chunk.iter().copied()).all().await? {
            found.insert(row.id, row.created_at);
        }
    }
    Ok(found)
}

/// The `$files` rows of the texts that the store has.
pub(super) async fn stored_texts(
    tenant: &Tenant,
    wanted: &[Digest],
) -> Result<HashMap<Digest, model::EntityId>, ServiceError> {
    let mut stored = HashMap::with_capacity(wanted.len());
    for chunk in wanted.chunks(IDS) {
        let paths = chunk.iter().map(blob_path);
        for row in tenant.db.select::<rows::StoredFile>().filter(rows::StoredFile::PATH.is_in(paths)).all().await? {
            if let Some(digest) = row.path.rsplit('/').next().and_then(|digest| digest.parse().ok()) {
                stored.insert(digest, row.id);
            }
        }
    }
    Ok(stored)
}

/// The digests of all files of these items, each once.
pub(super) fn digests_of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Vec<Digest> {
    let mut seen = HashSet::new();
    items
        .into_iter()
        .flat_map(|item| &item.files)
        .map(|file| file.digest)
        .filter(|digest| seen.insert(*digest))
        .collect()
}

/// Writes versions that the store does not have: texts first, then rows.
/// `texts` holds every text that the store lacks.
pub(super) async fn write(
    tenant: &Tenant,
    repository: RepositoryId,
    commit: Option<CommitId>,
    items: &[(&Item, Digest)],
    texts: &HashMap<Digest, Bytes>,
    mut progress: impl FnMut(u64),
) -> Result<Timestamp, ServiceError> {
    let wanted = digests_of(items.iter().map(|(item, _)| *item));
    let mut stored = stored_texts(tenant, &wanted).await?;
    let missing: Vec<Digest> = wanted.into_iter().filter(|digest| !stored.contains_key(digest)).collect();
    let mut done = 0;
    for chunk in missing.chunks(UPLOADS) {
        let uploads = chunk
            .iter()
            .map(|digest| {
                let bytes = texts.get(digest).cloned();
                let bytes = bytes.ok_or_else(|| ServiceError::Internal(format!("the text {digest} was not read")))?;
                Ok(Upload { path: blob_path(digest), content_type: "text/plain; charset=utf-8".to_owned(), bytes })
            })
            .collect::<Result<Vec<_>, ServiceError>>()?;
        let ids = tenant.db.upload_all(uploads).await?;
        stored.extend(chunk.iter().copied().zip(ids));
        done += chunk.len() as u64;
        progress(done);
    }

    let now = Timestamp::now();
    // A version that is there is taken to be whole, so its files are written first.
    let (mut transaction, mut versions) = (Transaction::new(), Transaction::new());
    for (item, digest) in items {
        let component = component_id(repository, &item.name);
        let id = version_id(repository, &item.name, digest);
        let step = versions
            .update::<rows::Version>(id)
            .set(rows::Version::KEY, version_key(component, digest))
            .set(rows::Version::DIGEST, digest.to_string())
            .set(rows::Version::CREATED_AT, now)
            .set(rows::Version::MANIFEST, item.manifest.as_str().to_owned())
            .link(rows::Version::COMPONENT, component);
        if let Some(commit) = commit {
            step.link(rows::Version::COMMIT, commit);
        }
        for (position, file) in item.files.iter().enumerate() {
            let storage = stored.get(&file.digest).copied();
            let storage =
                storage.ok_or_else(|| ServiceError::Internal(format!("the text {} was not stored", file.digest)))?;
            transaction
                .update::<rows::File>(file_id(component, digest, position))
                .set(rows::File::KEY, format!("{}#{position}", version_key(component, digest)))
                .set(rows::File::PATH, file.path.clone())
                .set(rows::File::TYPE, file.kind.clone())
                .set_opt(rows::File::TARGET, file.target.clone())
                .set(rows::File::DIGEST, file.digest.to_string())
                .set(rows::File::SIZE, file.size)
                .link(rows::File::VERSION, id)
                .link(rows::File::STORAGE, storage);
        }
    }
    tenant.db.transact_in_chunks(transaction).await?;
    tenant.db.transact_in_chunks(versions).await?;
    Ok(now)
}

/// What is known of versions without their texts: manifest, and the digest of
/// each file. Versions that the store does not have are left out.
pub(super) async fn outlines(
    tenant: &Tenant,
    ids: &[VersionId],
) -> Result<HashMap<VersionId, (Manifest, Vec<Digest>)>, ServiceError> {
    let mut outlines = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IDS) {
        let found = tenant.db.select::<rows::Version>().ids(chunk.iter().copied()).all_with(rows::Version::FILES);
        for (version, files) in found.await? {
            let manifest =
                Manifest::parse(&version.manifest).map_err(|error| ServiceError::Internal(error.to_string()))?;
            let mut files: Vec<(usize, Digest)> = files
                .iter()
                .filter_map(|file| Some((file.key.rsplit_once('#')?.1.parse().ok()?, file.digest.parse().ok()?)))
                .collect();
            files.sort_by_key(|(position, _)| *position);
            outlines.insert(version.id, (manifest, files.into_iter().map(|(_, digest)| digest).collect()));
        }
    }
    Ok(outlines)
}

/// The contents of these versions, from the store. Versions that the store does
/// not have are left out.
pub(super) async fn contents(tenant: &Tenant, ids: &[VersionId]) -> Result<HashMap<VersionId, Content>, ServiceError> {
    let mut contents = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IDS) {
        let versions =
            tenant.db.select::<rows::Version>().ids(chunk.iter().copied()).all_with(rows::Version::FILES).await?;
        let digests: Vec<Digest> = {
            let mut seen = HashSet::new();
            let files = versions.iter().flat_map(|(_, files)| files);
            files.filter_map(|file| file.digest.parse().ok()).filter(|digest| seen.insert(*digest)).collect()
        };
        let paths: Vec<String> = digests.iter().map(blob_path).collect();
        let mut texts: HashMap<Digest, Arc<str>> = HashMap::with_capacity(paths.len());
        for (digest, bytes) in digests.iter().zip(tenant.db.download_all(&paths).await?) {
            let bytes =
                bytes.ok_or_else(|| ServiceError::Internal(format!("the text {digest} is not in the store")))?;
            if Digest::of(&bytes) != *digest {
                return Err(ServiceError::Internal(format!("the text {digest} is damaged in the store")));
            }
            let text = std::str::from_utf8(&bytes)
                .map_err(|_| ServiceError::Internal(format!("the text {digest} is not UTF-8")))?;
            texts.insert(*digest, text.into());
        }
        for (version, files) in versions {
            let manifest =
                Manifest::parse(&version.manifest).map_err(|error| ServiceError::Internal(error.to_string()))?;
            let mut files: Vec<(usize, Arc<str>)> = files
                .iter()
                .filter_map(|file| {
                    let position = file.key.rsplit_once('#')?.1.parse().ok()?;
                    Some((position, texts.get(&file.digest.parse().ok()?)?.clone()))
                })
                .collect();
            files.sort_by_key(|(position, _)| *position);
            contents.insert(version.id, Content { manifest, files: files.into_iter().map(|(_, text)| text).collect() });
        }
    }
    Ok(contents)
}
