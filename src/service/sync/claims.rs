//! Names: whoever publishes one first holds it. Another's item waits for it in
//! quarantine.

use crate::{
    service::{
        ServiceError,
        names::{Hold, Holder, holders},
        projection::served_name,
        reading::{self, ReadingSettings, Texts},
        snapshots::SnapshotList,
    },
    tenants::Tenant,
};
use instant::rows;
use model::{Diagnostic, DiagnosticCode, ItemName, Namespace, RepositoryId, SyncReport};
use source::{Definition, Registry};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Takes items out of the registry whose names others hold, and returns their
/// names. `ours` says which items were published from here before.
pub(super) async fn yield_taken_names(
    tenant: &Arc<Tenant>,
    repository: RepositoryId,
    namespace: Option<&Namespace>,
    ours: impl Fn(&ItemName) -> bool,
    registry: &mut Registry,
) -> Result<Vec<ItemName>, ServiceError> {
    let mut claimed: HashMap<ItemName, ItemName> = HashMap::new();
    for item in registry.items.iter().filter(|item| !ours(&item.name)) {
        claimed.insert(served_name(namespace, &item.name)?, item.name.clone());
    }
    let heads = tenant.sequence.catch_up(tenant).await?;
    let held = holders(tenant, &heads, repository, &claimed).await?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let places = places(tenant, held.values()).await;
    let mut taken = HashSet::new();
    for item in &registry.items {
        let served = served_name(namespace, &item.name)?;
        let Some(holder) = held.get(&served).filter(|_| !ours(&item.name)) else {
            continue;
        };
        let place = holder.repository.as_ref().zip(holder.item.as_ref());
        let place = place.and_then(|(repository, item)| places.get(&(repository.id, item.clone())));
        let place = place.map(|place| format!("{} items[{}]", place.file, place.index));
        let message = format!("The name {served:?} {}, so this item is not served", holder.told(place.as_deref()));
        registry.diagnostics.push(
            Diagnostic::error(DiagnosticCode::NameTaken, message)
                .in_file(&item.definition.file)
                .at_item(item.definition.index, Some(item.name.as_str()))
                .at_field("name")
                .fix(holder.way_out(served.as_str())),
        );
        taken.insert(item.name.clone());
    }
    registry.items.retain(|item| !taken.contains(&item.name));
    Ok(taken.into_iter().collect())
}

/// Where the items that hold names are defined, read at the commits that were
/// read last. What cannot be read is left out: its repository is named all the same.
async fn places<'a>(
    tenant: &Arc<Tenant>,
    holders: impl Iterator<Item = &'a Holder>,
) -> HashMap<(RepositoryId, ItemName), Definition> {
    let served = holders.filter(|holder| holder.hold == Hold::Served);
    let repositories: HashMap<RepositoryId, rows::Repository> =
        served.filter_map(|holder| holder.repository.clone()).map(|row| (row.id, row)).collect();
    let data = tenant.data.clone();
    let read = tokio::task::spawn_blocking(move || {
        let mut places = HashMap::new();
        for row in repositories.into_values() {
            let Some(Ok(head)) = row.head_commit.as_deref().map(str::parse) else { continue };
            let read = ReadingSettings::of(&row).and_then(|settings| {
                let opened = reading::open(&data, &row.url)?;
                let mut texts = Texts::load(&data, row.id);
                reading::read_commit(&opened, &head, &settings, &mut texts, &mut |_, _| {})
            });
            match read {
                Ok(registry) => {
                    places.extend(registry.items.into_iter().map(|item| ((row.id, item.name), item.definition)));
                }
                Err(error) => tracing::debug!(%error, repository = %row.name, "could not look where a name is defined"),
            }
        }
        places
    });
    read.await.unwrap_or_default()
}

/// The names that a list would serve for the first time, and their items. What
/// is in `before` is ours already.
pub(super) fn claimed(
    settings: &ReadingSettings,
    before: &SnapshotList,
    list: &SnapshotList,
) -> Result<HashMap<ItemName, ItemName>, ServiceError> {
    let ours = before.by_item();
    let new = list.0.iter().filter(|listed| !ours.contains_key(listed.item.as_str()));
    new.map(|listed| Ok((served_name(settings.namespace.as_ref(), &listed.item)?, listed.item.clone()))).collect()
}

/// How the names stand that a repository waits for, by its last report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::service) enum Waiting {
    /// As they did.
    Same,
    /// Held in another way, or by someone else: what was reported is not true any more.
    Changed,
    /// At least one is free.
    Free,
}

/// Looks at the names that a repository waits for.
pub(in crate::service) async fn waiting(
    tenant: &Tenant,
    repository: &rows::Repository,
    report: &SyncReport,
) -> Result<Waiting, ServiceError> {
    let settings = ReadingSettings::of(repository)?;
    let taken = report.diagnostics.iter().filter(|finding| finding.code == DiagnosticCode::NameTaken);
    let taken = taken.filter_map(|finding| Some((finding.item.as_deref()?.parse::<ItemName>().ok()?, finding)));
    let served = |item: &ItemName| served_name(settings.namespace.as_ref(), item).ok();
    let taken: HashMap<ItemName, (ItemName, &Diagnostic)> =
        taken.filter_map(|(item, finding)| Some((served(&item)?, (item, finding)))).collect();
    let claimed: HashMap<ItemName, ItemName> =
        taken.iter().map(|(name, (item, _))| (name.clone(), item.clone())).collect();
    let heads = tenant.sequence.catch_up(tenant).await?;
    let held = holders(tenant, &heads, repository.id, &claimed).await?;
    let each = taken.iter().map(|(name, (_, finding))| match held.get(name) {
        None => Waiting::Free,
        Some(holder) if finding.message.contains(&holder.told(None)) => Waiting::Same,
        Some(_) => Waiting::Changed,
    });
    Ok(each.max().unwrap_or(Waiting::Same))
}
