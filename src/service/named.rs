//! What can be named: the versions of a component, the tags and branches of a
//! repository.

use super::{Part, RegistryService, ServiceError, history, known::Known, snapshots};
use crate::{
    auth::{Access, Read},
    tenants::Tenant,
};
use instant::rows;
use model::{
    Digest, RepositoryId, SnapshotId,
    view::{NamedRef, Page, RefKind, RefView, VersionView},
};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

/// Most versions of one component that are listed.
const MAX_VERSIONS: u64 = 2_000;

impl RegistryService {
    /// The versions of a component, the newest commit's first.
    pub async fn versions(
        &self,
        access: &Access<Read>,
        name: &str,
        part: Part,
    ) -> Result<Page<VersionView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let known = self.known_component(tenant, name).await?;
        let rows = tenant
            .db
            .select::<rows::Version>()
            .filter(rows::Version::COMPONENT.is(known.id))
            .order(rows::Version::CREATED_AT.desc())
            .limit(MAX_VERSIONS)
            .all()
            .await?;
        let commits = history::rows(tenant, rows.iter().filter_map(|row| row.commit)).await?;
        let mut rows: Vec<_> =
            rows.into_iter().map(|row| (row.commit.and_then(|commit| commits.get(&commit)), row)).collect();
        // A tag's version may have been read long after that of a newer commit.
        rows.sort_by_key(|(commit, row)| {
            let date = commit.map_or(row.created_at, |commit| commit.date);
            Reverse((date.as_millis(), commit.and_then(|commit| commit.order), row.created_at.as_millis()))
        });
        let total = rows.len();
        let shown: Vec<_> = rows.into_iter().skip(part.offset).take(part.size()).collect();
        let mut refs = self.refs_by_version(tenant, &known).await?;
        let rows = shown.into_iter().filter_map(|(commit, row)| {
            let digest = row.digest.parse().ok()?;
            Some(VersionView {
                digest,
                created_at: row.created_at.as_millis(),
                commit: commit.and_then(|commit| commit.hash.parse().ok()),
                current: known.current == Some(digest),
                refs: refs.remove(&digest).unwrap_or_default(),
            })
        });
        Ok(Page { rows: rows.collect(), total, offset: part.offset, limit: part.size() })
    }

    /// The tags and branches that have each version of a component.
    async fn refs_by_version(
        &self,
        tenant: &Tenant,
        known: &Known,
    ) -> Result<HashMap<Digest, Vec<NamedRef>>, ServiceError> {
        let refs = refs_of(tenant, known.repository.id).await?;
        let snapshots = snapshots_of(tenant, &refs).await?.into_values().collect::<Vec<_>>();
        let versions = snapshots::versions_of(tenant, &known.item, &snapshots).await?;
        let mut by_version: HashMap<Digest, Vec<NamedRef>> = HashMap::new();
        for row in refs {
            if let Some((named, snapshot)) = named(row)
                && let Some(version) = versions.get(&snapshot)
            {
                by_version.entry(*version).or_default().push(named);
            }
        }
        for refs in by_version.values_mut() {
            refs.sort();
        }
        Ok(by_version)
    }

    /// The tags and branches of a repository that are offered as versions: tags
    /// first, by name.
    pub async fn refs(&self, access: &Access<Read>, id: RepositoryId) -> Result<Vec<RefView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        self.repository_row(tenant, id).await?;
        let current = snapshots::current_publication(tenant, id).await?.and_then(|publication| publication.snapshot);
        let refs = refs_of(tenant, id).await?;
        let snapshots = snapshots_of(tenant, &refs).await?;
        let hashes = history::hashes(tenant, snapshots.values().filter_map(|snapshot| snapshot.commit)).await?;
        let mut views: Vec<RefView> = refs
            .into_iter()
            .filter_map(|row| {
                let updated_at = row.updated_at.as_millis();
                let (named, snapshot) = named(row)?;
                let row = snapshots.get(&snapshot)?;
                let commit = row.commit.and_then(|commit| hashes.get(&commit).cloned());
                let current = current == Some(snapshot);
                Some(RefView { named, commit, snapshot, count: row.count, updated_at, current })
            })
            .collect();
        views.sort_by(|one, other| one.named.cmp(&other.named));
        Ok(views)
    }
}

async fn refs_of(tenant: &Tenant, id: RepositoryId) -> Result<Vec<rows::Ref>, ServiceError> {
    Ok(tenant.db.select::<rows::Ref>().filter(rows::Ref::REPOSITORY.is(id)).pages().await?)
}

async fn snapshots_of(
    tenant: &Tenant,
    refs: &[rows::Ref],
) -> Result<HashMap<SnapshotId, rows::Snapshot>, ServiceError> {
    let ids: HashSet<SnapshotId> = refs.iter().filter_map(|row| row.snapshot).collect();
    let rows = tenant.db.select::<rows::Snapshot>().ids(ids).pages().await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A row's name, and the snapshot that it names.
fn named(row: rows::Ref) -> Option<(NamedRef, SnapshotId)> {
    let kind = RefKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind)?;
    Some((NamedRef { kind, name: row.name }, row.snapshot?))
}
