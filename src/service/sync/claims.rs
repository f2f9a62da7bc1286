//! Names: whoever publishes one first holds it.

use crate::{
    service::{ServiceError, projection::served_name, versions::component_id},
    tenants::Tenant,
};
use instant::rows;
use model::{Diagnostic, DiagnosticCode, ItemName, Namespace, RepositoryId};
use source::Registry;
use std::collections::HashMap;

/// Takes items out of the registry whose names other repositories hold, and
/// returns their names. `ours` says which items were published from here before.
pub(super) async fn yield_taken_names(
    tenant: &Tenant,
    repository: RepositoryId,
    namespace: Option<&Namespace>,
    ours: impl Fn(&ItemName) -> bool,
    registry: &mut Registry,
) -> Result<Vec<ItemName>, ServiceError> {
    let mut claimed: HashMap<String, ItemName> = HashMap::new();
    for item in registry.items.iter().filter(|item| !ours(&item.name)) {
        claimed.insert(served_name(namespace, &item.name)?.to_string(), item.name.clone());
    }
    let names: Vec<&String> = claimed.keys().collect();
    let mut taken: HashMap<ItemName, String> = HashMap::new();
    for chunk in names.chunks(500) {
        let held = tenant
            .db
            .select::<rows::Component>()
            .filter(rows::Component::NAME.is_in(chunk.iter().map(|name| (*name).clone())))
            .all_with(rows::Component::REPOSITORY)
            .await?;
        for (row, holders) in held {
            let Some(item) = row.name.as_ref().and_then(|name| claimed.get(name)) else {
                continue;
            };
            if row.id == component_id(repository, item) || row.repository == Some(repository) {
                continue;
            }
            let holder = holders
                .first()
                .map_or_else(|| "another repository".to_owned(), |holder| format!("{} ({})", holder.name, holder.url));
            let state = if row.removed_at.is_some() { "was published by" } else { "is published by" };
            taken.insert(item.clone(), format!("{state} {holder}"));
        }
    }
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    for item in &registry.items {
        if let Some(holder) = taken.get(&item.name) {
            let served = served_name(namespace, &item.name)?;
            registry.diagnostics.push(
                Diagnostic::error(
                    DiagnosticCode::NameTaken,
                    format!("The name {served:?} {holder}, so this item is not served"),
                )
                .in_file(&item.definition.file)
                .at_item(item.definition.index, Some(item.name.as_str()))
                .at_field("name")
                .fix("Rename the item, or give one of the two repositories a namespace"),
            );
        }
    }
    registry.items.retain(|item| !taken.contains_key(&item.name));
    Ok(taken.into_keys().collect())
}
