//! Who holds a name: whoever published it first, also after removal, until an
//! admin releases it.

use crate::{
    service::{ServiceError, heads::Heads, manual::is_manual, snapshots::SnapshotList, versions::component_id},
    tenants::Tenant,
};
use instant::rows;
use model::{ItemName, RepositoryId};
use std::collections::HashMap;

/// How a name is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum Hold {
    /// A component is served under it.
    Served,
    /// Its component was removed, and the name was not released.
    Removed,
    /// It is an alias of a component.
    Alias,
    /// It begins with the namespace of another repository.
    Namespace,
}

/// Who holds a name.
#[derive(Debug, Clone)]
pub(in crate::service) struct Holder {
    pub(in crate::service) hold: Hold,
    pub(in crate::service) repository: Option<rows::Repository>,
    /// The item's name within that repository.
    pub(in crate::service) item: Option<ItemName>,
}

impl Holder {
    /// The rest of a sentence that begins with the name. `place` says where in
    /// the repository it is defined.
    pub(in crate::service) fn told(&self, place: Option<&str>) -> String {
        let repository = self.repository.as_ref().map_or_else(
            || "another repository".to_owned(),
            |repository| match place {
                _ if is_manual(repository.id) => "someone here, by hand".to_owned(),
                Some(place) => format!("{} ({}), {place}", repository.name, repository.url),
                None => format!("{} ({})", repository.name, repository.url),
            },
        );
        match self.hold {
            Hold::Served => format!("is published by {repository}"),
            Hold::Removed => format!("was published by {repository}, and has not been released"),
            Hold::Alias => format!("is another name of a component published by {repository}"),
            Hold::Namespace => format!("begins with the namespace of {repository}"),
        }
    }

    /// What frees the name, or goes around it.
    pub(in crate::service) fn way_out(&self, name: &str) -> String {
        let around = "Rename the item, or give this repository a namespace";
        match self.hold {
            Hold::Served => format!("{around}; or remove it there and release the name"),
            Hold::Removed => format!("{around}; or release the name: `ekairos-registry name release {name}`"),
            Hold::Alias => format!("{around}; or remove the alias: `ekairos-registry alias remove {name}`"),
            Hold::Namespace => "Rename the item: names below a namespace belong to its repository alone".to_owned(),
        }
    }
}

/// How many names one query asks for.
const NAMES: usize = 500;

/// Which of these names, each with the item that would be served under it,
/// others than this repository hold. `heads` is what is current: what was
/// published may not be written to its rows yet.
pub(in crate::service) async fn holders(
    tenant: &Tenant,
    heads: &Heads,
    repository: RepositoryId,
    claimed: &HashMap<ItemName, ItemName>,
) -> Result<HashMap<ItemName, Holder>, ServiceError> {
    if claimed.is_empty() {
        return Ok(HashMap::new());
    }
    let repositories = tenant.db.select::<rows::Repository>().pages().await?;
    let by_id: HashMap<RepositoryId, &rows::Repository> = repositories.iter().map(|row| (row.id, row)).collect();
    let mut held: HashMap<ItemName, (Hold, RepositoryId, Option<ItemName>)> = HashMap::new();
    let names: Vec<&ItemName> = claimed.keys().collect();
    let item_of = |row: &rows::Component| {
        let prefix = format!("{}/", row.repository?);
        row.key.strip_prefix(&prefix)?.parse::<ItemName>().ok()
    };
    // What belonged to a repository that is gone holds nothing.
    let other = |of: Option<RepositoryId>| of.filter(|of| *of != repository && by_id.contains_key(of));
    for chunk in names.chunks(NAMES) {
        let asked = || chunk.iter().map(ToString::to_string);
        let components = tenant.db.select::<rows::Component>().filter(rows::Component::NAME.is_in(asked()));
        for row in components.all().await? {
            let found = row.name.as_deref().and_then(|name| claimed.get_key_value(name));
            if let (Some((name, item)), Some(of)) = (found, other(row.repository))
                && row.id != component_id(repository, item)
            {
                let how = if row.removed_at.is_some() { Hold::Removed } else { Hold::Served };
                held.insert(name.clone(), (how, of, item_of(&row)));
            }
        }
        let aliases = tenant.db.select::<rows::Alias>().filter(rows::Alias::NAME.is_in(asked()));
        for (alias, components) in aliases.all_with(rows::Alias::COMPONENT).await? {
            let of = other(components.first().and_then(|component| component.repository));
            if let (Some((name, _)), Some(of)) = (claimed.get_key_value(alias.name.as_str()), of) {
                held.entry(name.clone()).or_insert((Hold::Alias, of, None));
            }
        }
    }
    for row in repositories.iter().filter(|row| row.id != repository) {
        let list = heads.of(row.id).map(|head| &head.snapshot.list);
        for (name, item) in list.map(|list| served_of(list, row, claimed)).unwrap_or_default() {
            held.insert(name.clone(), (Hold::Served, row.id, Some(item.clone())));
        }
        let Some(namespace) = row.namespace.as_deref() else { continue };
        for name in names.iter().filter(|name| name.as_str().contains('/') && name.first_segment() == namespace) {
            held.entry((*name).clone()).or_insert((Hold::Namespace, row.id, None));
        }
    }
    let holder = |(hold, repository, item): (Hold, RepositoryId, Option<ItemName>)| Holder {
        hold,
        repository: by_id.get(&repository).copied().cloned(),
        item,
    };
    Ok(held.into_iter().map(|(name, found)| (name, holder(found))).collect())
}

/// Which of the claimed names a repository's list serves, each with its item there.
fn served_of<'a>(
    list: &'a SnapshotList,
    row: &rows::Repository,
    claimed: &'a HashMap<ItemName, ItemName>,
) -> Vec<(&'a ItemName, &'a ItemName)> {
    let Some(namespace) = row.namespace.as_deref() else {
        return list
            .0
            .iter()
            .filter_map(|listed| Some((claimed.get_key_value(&listed.item)?.0, &listed.item)))
            .collect();
    };
    let below: HashMap<&str, &ItemName> = claimed
        .keys()
        .filter_map(|name| Some((name.as_str().strip_prefix(namespace)?.strip_prefix('/')?, name)))
        .collect();
    if below.is_empty() {
        return Vec::new();
    }
    list.0.iter().filter_map(|listed| Some((*below.get(listed.item.as_str())?, &listed.item))).collect()
}

/// The holder of one name, if others than this repository hold it.
pub(in crate::service) async fn holder(
    tenant: &Tenant,
    repository: RepositoryId,
    name: &ItemName,
) -> Result<Option<Holder>, ServiceError> {
    let claimed = HashMap::from([(name.clone(), name.clone())]);
    let heads = tenant.sequence.catch_up(tenant).await?;
    Ok(holders(tenant, &heads, repository, &claimed).await?.remove(name))
}
