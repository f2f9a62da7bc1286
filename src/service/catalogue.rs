//! Making the catalogue from what is current, and bringing it back at a start.

use super::{
    RegistryService, ServiceError,
    basis::{Basis, Current},
    projection::served_name,
    versions::{component_id, version_id},
};
use crate::{
    catalog::{self, Catalog, Content, Entry, Resolution, Subject},
    tenants::Tenant,
};
use instant::{Timestamp, rows};
use model::VersionId;
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
    time::UNIX_EPOCH,
};

/// The contents of versions that were just written, so that they need not be
/// read back.
pub(super) type Fresh = HashMap<VersionId, (Content, Timestamp)>;

impl RegistryService {
    /// Makes the catalogue anew and serves it, if the store says something else
    /// than what is served. What did not change keeps its prepared answer.
    /// `progress` is told how many items are ready.
    pub(super) async fn rebuild_catalog(
        &self,
        tenant: &Tenant,
        fresh: &Fresh,
        progress: impl FnMut(u64, u64),
    ) -> Result<(), ServiceError> {
        let _one_at_a_time = tenant.rebuilding.lock().await;
        let rows = tenant.db.select::<rows::Repository>().pages().await?;
        let basis = self.basis(tenant, &rows).await?;
        self.serve(tenant, basis, fresh, progress).await
    }

    /// Serves what the store says, whoever wrote it there. Also the tokens.
    pub(super) async fn refresh(&self, tenant: &Arc<Tenant>) -> Result<(), ServiceError> {
        let _one_at_a_time = tenant.rebuilding.lock().await;
        super::tokens::load_tokens(tenant).await?;
        let rows = tenant.db.select::<rows::Repository>().pages().await?;
        let basis = self.basis(tenant, &rows).await?;
        self.serve(tenant, basis, &Fresh::new(), |_, _| {}).await?;
        tenant.kept.remember(&rows);
        tenant.contact.made();
        Ok(())
    }

    async fn serve(
        &self,
        tenant: &Tenant,
        basis: Basis,
        fresh: &Fresh,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(), ServiceError> {
        if tenant.marks.swap(Arc::new(Some(basis.marks))).is_none_or(|before| before != basis.marks) {
            // What a tag or branch names may have moved.
            tenant.pinned.invalidate_all();
        }
        let digest = basis.digest();
        let before = tenant.catalog.load_full();
        if before.basis() == Some(digest) {
            return Ok(());
        }
        let alias: Arc<str> = basis.identity.alias.as_str().into();
        let total = basis.repositories.iter().map(|current| current.head.snapshot.list.0.len() as u64).sum();
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        for current in &basis.repositories {
            self.entries_of(tenant, current, &before, fresh, &alias, &mut entries, &mut |done| progress(done, total))
                .await?;
        }
        // What cannot be read now is served as it was.
        entries.extend(basis.unreadable.iter().flat_map(|id| before.of_repository(*id)).cloned());
        let catalog = Arc::new(Catalog::new(digest, basis.identity, entries, basis.names));
        tenant.catalog.store(catalog.clone());
        self.note_visibility(tenant).await;
        let closes = before.identity().public && !catalog.identity().public;
        // A cache for the next start: nobody needs to wait for it, and if the
        // process ends before it is written, the next start makes it anew.
        let (path, saving) = (tenant.data.catalog(&tenant.organisation), tenant.saving.clone());
        let nth = saving.begin();
        let writing = tokio::task::spawn_blocking(move || {
            if let Err(error) = saving.if_newest(nth, || catalog::save(&path, &catalog)) {
                tracing::warn!(%error, "could not keep the catalogue on disk");
            }
        });
        if closes {
            // But for this: a start without the database must not open it again.
            writing.await?;
        }
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
        let own: HashSet<&str> = current.head.snapshot.list.0.iter().map(|listed| listed.item.as_str()).collect();
        let resolution = Resolution {
            policy: current.settings.policy,
            namespace: current.settings.namespace.as_ref(),
            own: &own,
            pin: None,
        };
        // What has to be prepared, with its place in the order.
        let mut pending: Vec<(usize, Subject, VersionId)> = Vec::new();
        let first = entries.len();
        let mut placed: Vec<Option<Arc<Entry>>> = Vec::with_capacity(current.head.snapshot.list.0.len());
        for listed in &current.head.snapshot.list.0 {
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

    /// Serves what was served last: it may be older than what the store has.
    pub(super) async fn bring_back_catalog(&self, tenant: &Tenant) -> Result<(), ServiceError> {
        let path = tenant.data.catalog(&tenant.organisation);
        let loading = tokio::task::spawn_blocking(move || Some((catalog::load(&path)?, modified(&path))));
        if let Some((catalog, saved)) = loading.await? {
            tenant.catalog.store(Arc::new(catalog));
            if let Some(saved) = saved {
                tenant.contact.as_of(saved);
            }
        }
        self.note_visibility(tenant).await;
        Ok(())
    }
}

/// When a file was written.
fn modified(path: &Path) -> Option<Timestamp> {
    let since = std::fs::metadata(path).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?))
}
