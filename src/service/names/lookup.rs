//! What names lead to beside what is served, as the catalogue answers it.

use super::aliases::every_alias;
use crate::{
    catalog::Removed,
    service::{ServiceError, projection::served_name, snapshots::SnapshotList, versions::component_id},
    tenants::Tenant,
};
use instant::rows;
use model::{ComponentId, ItemName, Namespace, RepositoryId};
use std::collections::HashMap;

/// Longest chain of renames and replacements that is followed.
const MAX_STEPS: usize = 64;

/// One repository with what is current of it.
pub(in crate::service) type CurrentList<'a> = (RepositoryId, Option<&'a Namespace>, &'a SnapshotList);

/// Names that are gone and names that lead elsewhere, by what the store says
/// and these lists serve.
pub(in crate::service) async fn look_up(
    tenant: &Tenant,
    lists: impl Iterator<Item = CurrentList<'_>>,
) -> Result<(HashMap<ItemName, Removed>, HashMap<ItemName, ItemName>), ServiceError> {
    let gone = tenant.db.select::<rows::Component>().filter(rows::Component::REMOVED_AT.is_not_null()).pages().await?;
    let aliases = every_alias(tenant).await?;
    if gone.is_empty() && aliases.is_empty() {
        return Ok(Default::default());
    }
    let mut served = HashMap::new();
    for (repository, namespace, list) in lists {
        for listed in &list.0 {
            if let Ok(name) = served_name(namespace, &listed.item) {
                served.insert(component_id(repository, &listed.item), name);
            }
        }
    }
    let same = same_content(tenant, &gone, &served).await?;
    let lookup = Lookup {
        served: &served,
        gone: gone.iter().map(|row| (row.id, row)).collect(),
        aliases: aliases.iter().filter_map(|row| Some((row.name.as_str(), row.component?))).collect(),
        same,
    };
    let taken: HashMap<&ItemName, ComponentId> = served.iter().map(|(id, name)| (name, *id)).collect();
    let mut removed = HashMap::new();
    for row in lookup.gone.values() {
        if let Some(Ok(name)) = row.name.as_deref().map(str::parse::<ItemName>) {
            removed.insert(name, Removed { replacement: lookup.replacement(row) });
        }
    }
    let mut leads = HashMap::new();
    for (name, component) in &lookup.aliases {
        let Ok(name) = name.parse::<ItemName>() else { continue };
        if taken.contains_key(&name) {
            continue;
        }
        match (lookup.end_of(*component), lookup.gone.get(component)) {
            (Some(end), _) => drop(leads.insert(name, end.clone())),
            (None, Some(row)) => {
                removed.entry(name).or_insert_with(|| Removed { replacement: lookup.replacement(row) });
            }
            (None, None) => {}
        }
    }
    removed.retain(|name, _| !taken.contains_key(name));
    Ok((removed, leads))
}

/// For components that are gone: those that are served with the same content.
/// Of several the one of the same repository, then the first by name.
async fn same_content(
    tenant: &Tenant,
    gone: &[rows::Component],
    served: &HashMap<ComponentId, ItemName>,
) -> Result<HashMap<ComponentId, ComponentId>, ServiceError> {
    let wanted: Vec<&str> = gone
        .iter()
        .filter(|row| row.replaced_by.is_none() && row.name.is_some())
        .filter_map(|row| row.content.as_deref())
        .collect();
    let mut by_content: HashMap<String, Vec<rows::Component>> = HashMap::new();
    for chunk in wanted.chunks(500) {
        let found = tenant
            .db
            .select::<rows::Component>()
            .filter(rows::Component::CONTENT.is_in(chunk.iter().map(|content| (*content).to_owned())))
            .filter(rows::Component::REMOVED_AT.is_null())
            .pages()
            .await?;
        for row in found.into_iter().filter(|row| served.contains_key(&row.id)) {
            if let Some(content) = row.content.clone() {
                by_content.entry(content).or_default().push(row);
            }
        }
    }
    let same = gone.iter().filter_map(|row| {
        let found = by_content.get(row.content.as_deref()?)?.iter();
        let best = found.min_by_key(|other| (other.repository != row.repository, &served[&other.id]))?;
        Some((row.id, best.id))
    });
    Ok(same.collect())
}

struct Lookup<'a> {
    served: &'a HashMap<ComponentId, ItemName>,
    gone: HashMap<ComponentId, &'a rows::Component>,
    aliases: HashMap<&'a str, ComponentId>,
    /// Served components with the same content as ones that are gone.
    same: HashMap<ComponentId, ComponentId>,
}

impl Lookup<'_> {
    /// The name under which a component is served, or the one it was renamed to.
    fn end_of(&self, mut component: ComponentId) -> Option<&ItemName> {
        for _ in 0..MAX_STEPS {
            if let Some(name) = self.served.get(&component) {
                return Some(name);
            }
            component = *self.aliases.get(self.gone.get(&component)?.name.as_deref()?)?;
        }
        None
    }

    /// What to use instead of a component that is gone: what an admin chose,
    /// what it was renamed to, or what has the same content.
    fn replacement(&self, gone: &rows::Component) -> Option<ItemName> {
        let mut row = gone;
        for _ in 0..MAX_STEPS {
            let next = row.replaced_by.or_else(|| self.same.get(&row.id).copied());
            let next = next.or_else(|| self.aliases.get(row.name.as_deref()?).copied())?;
            if let Some(name) = self.end_of(next) {
                return Some(name.clone());
            }
            row = self.gone.get(&next)?;
        }
        None
    }
}
