//! The projection: component rows and their links, as they follow from what is
//! current. Nothing is served from it; writing it again does no harm.

mod settle;
mod write;

pub(super) use settle::{is_settled, repair, settle};

use super::{
    ServiceError,
    heads::Head,
    names::rename_rows,
    reading::ReadingSettings,
    snapshots::SnapshotList,
    versions::{self, component_id, component_key, file_id, version_id},
};
use crate::tenants::Tenant;
use futures::try_join;
use instant::{Timestamp, Transaction, rows};
use model::{ComponentId, Digest, EntityId, ItemName, Manifest, Namespace, RepositoryId};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The name an item is served under.
pub(super) fn served_name(namespace: Option<&Namespace>, item: &ItemName) -> Result<ItemName, model::InvalidName> {
    match namespace {
        Some(namespace) => ItemName::served(&format!("{namespace}/{item}")),
        None if item.is_reserved() => ItemName::served(item.as_str()),
        None => Ok(item.clone()),
    }
}

/// What the projection needs to know of a changed version.
pub(super) struct Projected {
    pub(super) item: ItemName,
    pub(super) manifest: Manifest,
    pub(super) version: Digest,
    /// What it is known by under another name.
    pub(super) content: Option<Digest>,
    pub(super) files: usize,
}

/// A publication whose rows are to be written.
pub(super) struct Change<'a> {
    pub(super) repository: RepositoryId,
    /// The publication up to which rows were written when it was decided on.
    pub(super) projected: Option<u64>,
    /// What was current before.
    pub(super) before: Option<&'a Head>,
    /// Its number, and what it made current.
    pub(super) seq: u64,
    pub(super) current: &'a SnapshotList,
    pub(super) settings: &'a ReadingSettings,
}

/// Writes the rows that a publication changed; all of them, if they were not
/// those of what was current before.
pub(super) async fn follow(
    tenant: &Tenant,
    change: Change<'_>,
    changed: &[Projected],
    removed: &[ItemName],
) -> Result<(), ServiceError> {
    let Change { repository, projected, before, seq, current, settings } = change;
    if projected != before.map(|head| head.seq) {
        return repair(tenant, repository).await;
    }
    let namespace = settings.namespace.as_ref();
    project(tenant, repository, namespace, changed, removed, before.is_none(), current).await?;
    settle(tenant, repository, Some(seq), settings.digest()).await
}

/// Brings the rows of changed and removed items in line. `fresh` says that the
/// repository had no rows before; `current` is everything that is current now.
async fn project(
    tenant: &Tenant,
    repository: RepositoryId,
    namespace: Option<&Namespace>,
    changed: &[Projected],
    removed: &[ItemName],
    fresh: bool,
    current: &SnapshotList,
) -> Result<(), ServiceError> {
    let own: HashSet<&str> = current.0.iter().map(|listed| listed.item.as_str()).collect();
    let mut packages: HashMap<String, (String, String)> = HashMap::new();
    let mut transaction = Transaction::new();
    let stale = if fresh { HashMap::new() } else { stale_links(tenant, repository, changed).await? };
    for projected in changed {
        let id = component_id(repository, &projected.item);
        let manifest = projected.manifest.to_object();
        let text = |key: &str| manifest.get(key).and_then(Value::as_str).map(str::to_owned);
        let version =
            manifest.get("meta").and_then(|meta| meta.get("version")).and_then(Value::as_str).map(str::to_owned);
        let mut package_ids = |list: Vec<String>| -> Vec<EntityId> {
            let ids = list.iter().map(|written| {
                let (name, range) = source::split_package(written);
                let key = format!("{name}@{range}");
                let id = EntityId::of_key("registry_packages", &key);
                packages.insert(key, (name.to_owned(), range.to_owned()));
                id
            });
            ids.collect()
        };
        let dependencies = package_ids(source::npm_dependencies(&projected.manifest));
        let dev_dependencies = package_ids(source::dev_dependencies(&projected.manifest));
        let needed = source::registry_dependencies(&projected.manifest);
        let needed =
            needed.iter().filter(|name| own.contains(name.as_str()) && name.as_str() != projected.item.as_str());
        let needed: Vec<ComponentId> =
            needed.filter_map(|name| Some(component_id(repository, &name.parse().ok()?))).collect();
        let files = (0..projected.files).map(|position| file_id(id, &projected.version, position));

        let files: Vec<_> = files.collect();
        if let Some(stale) = stale.get(&id) {
            // Only what goes: in one transaction all links may come before all unlinks.
            transaction
                .relink::<rows::Component>(id)
                .unlink_all(rows::Component::FILES, less(&stale.files, &files))
                .unlink_all(rows::Component::DEPENDENCIES, less(&stale.packages, &dependencies))
                .unlink_all(rows::Component::DEV_DEPENDENCIES, less(&stale.dev_packages, &dev_dependencies))
                .unlink_all(rows::Component::REGISTRY_DEPENDENCIES, less(&stale.components, &needed));
        }
        transaction
            .update::<rows::Component>(id)
            .set(rows::Component::KEY, component_key(repository, &projected.item))
            .set_opt(rows::Component::NAME, served_name(namespace, &projected.item).ok().map(|name| name.to_string()))
            .set(rows::Component::TYPE, text("type").unwrap_or_default())
            .set_opt(rows::Component::TITLE, text("title"))
            .set_opt(rows::Component::DESCRIPTION, text("description"))
            .set_opt(rows::Component::CSS_VARS, manifest.get("cssVars").cloned())
            .set_opt(rows::Component::META, manifest.get("meta").cloned())
            .set_opt(rows::Component::VERSION, version)
            .set(rows::Component::DIGEST, projected.version.to_string())
            .set_opt(rows::Component::CONTENT, projected.content.map(|content| content.to_string()))
            .set_opt(rows::Component::REMOVED_AT, None::<Timestamp>)
            .link(rows::Component::REPOSITORY, repository)
            .link_all(rows::Component::FILES, files)
            .link_all(rows::Component::DEPENDENCIES, dependencies)
            .link_all(rows::Component::DEV_DEPENDENCIES, dev_dependencies)
            .link_all(rows::Component::REGISTRY_DEPENDENCIES, needed);
    }
    for removed in removed {
        transaction
            .update_existing::<rows::Component>(component_id(repository, removed))
            .set(rows::Component::REMOVED_AT, Timestamp::now());
    }
    let mut rows = Transaction::new();
    for (key, (name, version)) in packages {
        rows.update::<rows::Package>(EntityId::of_key("registry_packages", &key))
            .set(rows::Package::KEY, key)
            .set(rows::Package::NAME, name)
            .set(rows::Package::VERSION, version);
    }
    tenant.db.transact_in_chunks(rows).await?;
    // Links of one component to the next need both to be there.
    write::write(tenant, repository, transaction).await
}

/// What is in the first list and not in the second.
fn less<T: Copy + Eq>(all: &[T], kept: &[T]) -> Vec<T> {
    all.iter().copied().filter(|one| !kept.contains(one)).collect()
}

/// What a component was linked to before.
#[derive(Default)]
struct Stale {
    files: Vec<model::FileId>,
    packages: Vec<EntityId>,
    dev_packages: Vec<EntityId>,
    components: Vec<ComponentId>,
}

/// What changed components that had rows before are linked to.
async fn stale_links(
    tenant: &Tenant,
    repository: RepositoryId,
    changed: &[Projected],
) -> Result<HashMap<ComponentId, Stale>, ServiceError> {
    let ids: Vec<ComponentId> = changed.iter().map(|projected| component_id(repository, &projected.item)).collect();
    let mut stale: HashMap<ComponentId, Stale> = HashMap::new();
    for chunk in ids.chunks(200) {
        let select = || tenant.db.select::<rows::Component>().ids(chunk.iter().copied());
        let (files, packages, dev_packages, components) = try_join!(
            select().all_with(rows::Component::FILES),
            select().all_with(rows::Component::DEPENDENCIES),
            select().all_with(rows::Component::DEV_DEPENDENCIES),
            select().all_with(rows::Component::REGISTRY_DEPENDENCIES),
        )?;
        for (component, files) in files {
            stale.entry(component.id).or_default().files = files.into_iter().map(|file| file.id).collect();
        }
        for (component, packages) in packages {
            stale.entry(component.id).or_default().packages = packages.into_iter().map(|package| package.id).collect();
        }
        for (component, packages) in dev_packages {
            stale.entry(component.id).or_default().dev_packages =
                packages.into_iter().map(|package| package.id).collect();
        }
        for (component, components) in components {
            stale.entry(component.id).or_default().components =
                components.into_iter().map(|component| component.id).collect();
        }
    }
    Ok(stale)
}

/// Brings all rows of a repository in line with what is current.
async fn project_all(
    tenant: &Tenant,
    repository: RepositoryId,
    namespace: Option<&Namespace>,
    current: &SnapshotList,
) -> Result<(), ServiceError> {
    rename_rows(tenant, repository, namespace).await?;
    let own: HashSet<&ItemName> = current.0.iter().map(|listed| &listed.item).collect();
    let removed: Vec<ItemName> =
        known_items(tenant, repository).await?.into_iter().filter(|item| !own.contains(item)).collect();
    let mut changed = Vec::with_capacity(current.0.len());
    for chunk in current.0.chunks(500) {
        let ids: Vec<_> = chunk.iter().map(|listed| version_id(repository, &listed.item, &listed.version)).collect();
        let mut outlines = versions::outlines(tenant, &ids).await?;
        for (listed, id) in chunk.iter().zip(&ids) {
            if let Some((manifest, digests)) = outlines.remove(id) {
                changed.push(Projected {
                    item: listed.item.clone(),
                    files: digests.len(),
                    content: manifest.content_digest(&digests),
                    manifest,
                    version: listed.version,
                });
            }
        }
    }
    project(tenant, repository, namespace, &changed, &removed, false, current).await
}

/// The items of a repository that have rows and are not removed.
async fn known_items(tenant: &Tenant, repository: RepositoryId) -> Result<HashSet<ItemName>, ServiceError> {
    let rows = tenant
        .db
        .select::<rows::Component>()
        .filter(rows::Component::REPOSITORY.is(repository))
        .filter(rows::Component::REMOVED_AT.is_null())
        .pages()
        .await?;
    let prefix = format!("{repository}/");
    Ok(rows.iter().filter_map(|row| row.key.strip_prefix(&prefix)?.parse().ok()).collect())
}
