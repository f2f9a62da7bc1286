//! Making the catalogue from what is current, and bringing it back at a start.

use super::{
    RegistryService, ServiceError, names,
    projection::served_name,
    reading::ReadingSettings,
    snapshots::{self, SnapshotList},
    versions::{component_id, version_id},
};
use crate::{
    catalog::{self, Catalog, Content, Entry, Identity, Names, Resolution, Subject},
    tenants::Tenant,
};
use instant::{Timestamp, rows};
use model::{Digest, ItemChange, RepositoryId, SyncReport, SyncState, VersionId};
use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    sync::Arc,
};

/// A repository with what is current of it.
struct Current {
    id: RepositoryId,
    settings: ReadingSettings,
    list: SnapshotList,
    seq: u64,
}

/// Everything that a catalogue is made from, as the store has it.
struct Basis {
    identity: Identity,
    repositories: Vec<Current>,
    names: Names,
}

impl Basis {
    /// Tells two bases apart.
    fn digest(&self) -> Digest {
        let mut text = format!("{:?}\n", self.identity);
        for current in &self.repositories {
            let _ = writeln!(text, "{} {} {}", current.id, current.seq, current.settings.digest());
        }
        let Names { removed, aliases, quarantined } = &self.names;
        let mut removed: Vec<_> = removed.iter().map(|(name, gone)| format!("{name} {:?}", gone.replacement)).collect();
        removed.sort();
        let mut aliases: Vec<_> = aliases.iter().map(|(name, to)| format!("{name} {to}")).collect();
        aliases.sort();
        let mut quarantined: Vec<_> = quarantined.iter().map(ToString::to_string).collect();
        quarantined.sort();
        let _ = write!(text, "{removed:?}\n{aliases:?}\n{quarantined:?}");
        Digest::of(text.as_bytes())
    }
}

/// The contents of versions that were just written, so that they need not be
/// read back.
pub(super) type Fresh = HashMap<VersionId, (Content, Timestamp)>;

impl RegistryService {
    /// The registry's own fields.
    pub(super) fn identity(&self) -> Identity {
        Identity {
            name: self.config.name.value.clone(),
            homepage: self.config.homepage.value.clone().unwrap_or_else(|| self.origin.to_string()),
            alias: self.config.alias.value.to_string(),
        }
    }

    async fn basis(&self, tenant: &Tenant) -> Result<Basis, ServiceError> {
        let mut repositories = Vec::new();
        let mut quarantined = HashSet::new();
        for row in tenant.db.select::<rows::Repository>().pages().await? {
            let settings = ReadingSettings::of(&row)?;
            let Some(publication) = snapshots::current_publication(tenant, row.id).await? else {
                continue;
            };
            let Some(snapshot) = publication.snapshot else {
                continue;
            };
            let Some(snapshot) = snapshots::get(tenant, snapshot).await? else {
                continue;
            };
            if let Some(report) = last_report(tenant, row.id).await? {
                let broken = report.changes.iter().filter(|(_, change)| *change == ItemChange::Quarantined);
                let broken: HashSet<&str> = broken.map(|(item, _)| item.as_str()).collect();
                // What is not in the list has no good version here; another may serve its name.
                let kept = snapshot.list.0.iter().filter(|listed| broken.contains(listed.item.as_str()));
                quarantined
                    .extend(kept.filter_map(|listed| served_name(settings.namespace.as_ref(), &listed.item).ok()));
            }
            repositories.push(Current { id: row.id, settings, list: snapshot.list, seq: publication.seq });
        }
        let lists = repositories.iter().map(|current| (current.id, current.settings.namespace.as_ref(), &current.list));
        let (removed, aliases) = names::look_up(tenant, lists).await?;
        Ok(Basis { identity: self.identity(), repositories, names: Names { removed, aliases, quarantined } })
    }

    /// Makes the catalogue anew and serves it. What did not change keeps its
    /// prepared answer. `progress` is told how many items are ready.
    pub(super) async fn rebuild_catalog(
        &self,
        tenant: &Tenant,
        fresh: &Fresh,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(), ServiceError> {
        let _one_at_a_time = tenant.rebuilding.lock().await;
        let basis = self.basis(tenant).await?;
        let digest = basis.digest();
        let before = tenant.catalog.load_full();
        let alias: Arc<str> = basis.identity.alias.as_str().into();
        let total = basis.repositories.iter().map(|current| current.list.0.len() as u64).sum();
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        for current in &basis.repositories {
            self.entries_of(tenant, current, &before, fresh, &alias, &mut entries, &mut |done| progress(done, total))
                .await?;
        }
        let catalog = Arc::new(Catalog::new(basis.identity, entries, basis.names));
        tenant.catalog.store(catalog.clone());
        // A cache for the next start: nobody needs to wait for it, and if the
        // process ends before it is written, the next start makes it anew.
        let (path, saving) = (tenant.data.catalog(&tenant.organisation), tenant.saving.clone());
        let nth = saving.begin();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = saving.if_newest(nth, || catalog::save(&path, digest, &catalog)) {
                tracing::warn!(%error, "could not keep the catalogue on disk");
            }
        });
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `rebuild_catalog`, apart only to be readable")]
    async fn entries_of(
        &self,
        tenant: &Tenant,
        current: &Current,
        before: &Catalog,
        fresh: &Fresh,
        alias: &Arc<str>,
        entries: &mut Vec<Arc<Entry>>,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), ServiceError> {
        let own: HashSet<&str> = current.list.0.iter().map(|listed| listed.item.as_str()).collect();
        let resolution = Resolution {
            policy: current.settings.policy,
            namespace: current.settings.namespace.as_ref(),
            own: &own,
            pin: None,
        };
        // What has to be prepared, with its place in the order.
        let mut pending: Vec<(usize, Subject, VersionId)> = Vec::new();
        let first = entries.len();
        let mut placed: Vec<Option<Arc<Entry>>> = Vec::with_capacity(current.list.0.len());
        for listed in &current.list.0 {
            // Settings may have changed since the list was made.
            let Ok(name) = served_name(current.settings.namespace.as_ref(), &listed.item) else {
                continue;
            };
            let kept = before.get(name.as_str()).filter(|entry| {
                entry.repository == current.id
                    && entry.version == listed.version
                    && entry.alias == *alias
                    && entry.is_resolved_by(&resolution)
            });
            if let Some(entry) = kept {
                placed.push(Some(entry.clone()));
                continue;
            }
            let id = version_id(current.id, &listed.item, &listed.version);
            let subject = Subject {
                name,
                component: component_id(current.id, &listed.item),
                repository: current.id,
                version: listed.version,
                updated_at: 0,
            };
            pending.push((placed.len(), subject, id));
            placed.push(None);
        }
        for chunk in pending.chunks(500) {
            let unread: Vec<VersionId> =
                chunk.iter().map(|(_, _, id)| *id).filter(|id| !fresh.contains_key(id)).collect();
            let mut stored = super::versions::contents(tenant, &unread).await?;
            let seen = super::versions::existing(tenant, &unread).await?;
            for (at, subject, id) in chunk {
                let (content, updated_at) = match fresh.get(id) {
                    Some((content, at)) => (content.clone(), *at),
                    None => match stored.remove(id) {
                        Some(content) => (content, seen.get(id).copied().unwrap_or_default()),
                        None => {
                            return Err(ServiceError::Internal(format!("version {id} is not in the store")));
                        }
                    },
                };
                let subject = Subject { updated_at: updated_at.as_millis(), ..subject.clone() };
                let dependencies = resolution.resolve_all(&content.manifest);
                placed[*at] = Some(Arc::new(catalog::prepare(subject, &content, dependencies, alias)));
                progress((first + at + 1) as u64);
            }
            // Preparing is work for the processor; let answers through.
            tokio::task::yield_now().await;
        }
        entries.extend(placed.into_iter().flatten());
        Ok(())
    }

    /// Serves what was served last, if the store still says the same; else
    /// makes it anew.
    pub(super) async fn restore_catalog(&self, tenant: &Tenant) -> Result<(), ServiceError> {
        let path = tenant.data.catalog(&tenant.organisation);
        let kept = tokio::task::spawn_blocking(move || catalog::load(&path)).await?;
        let basis = self.basis(tenant).await?.digest();
        if let Some((digest, catalog)) = kept {
            let current = digest == basis;
            // Also when it is not current: most of it can be kept.
            tenant.catalog.store(Arc::new(catalog));
            if current {
                return Ok(());
            }
        }
        self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await
    }
}

/// The report of the newest sync of a repository that succeeded.
pub(super) async fn last_report(tenant: &Tenant, repository: RepositoryId) -> Result<Option<SyncReport>, ServiceError> {
    Ok(last_success(tenant, repository).await?.and_then(|row| serde_json::from_str(&row.report?).ok()))
}

/// The newest sync of a repository that succeeded.
pub(super) async fn last_success(
    tenant: &Tenant,
    repository: RepositoryId,
) -> Result<Option<rows::Sync>, ServiceError> {
    Ok(tenant
        .db
        .select::<rows::Sync>()
        .filter(rows::Sync::REPOSITORY.is(repository))
        .filter(rows::Sync::STATE.eq(SyncState::Succeeded.as_str().to_owned()))
        .order(rows::Sync::STARTED_AT.desc())
        .one()
        .await?)
}
