//! Another namespace for a repository: all its names change, and the old ones
//! lead to the new ones. Components, versions and history stay: a component is
//! its repository and its item, not its name.

use super::{
    aliases::{every_alias, put_alias},
    holders::holders,
};
use crate::service::audit::{Action, Event};
use crate::{
    auth::{Access, Admin},
    service::{
        RegistryService, ServiceError,
        heads::Heads,
        projection::{repair, served_name},
        publish::{Decision, PublicationKind, in_sequence},
    },
    tenants::Tenant,
};
use instant::{InstantError, Transaction, rows};
use model::{ComponentId, ItemName, Namespace, RepositoryId, view::AliasOrigin};
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// How many names a refusal lists.
const NAMED: usize = 5;

impl RegistryService {
    /// Gives a repository another namespace, or none.
    pub(in crate::service) async fn change_namespace(
        &self,
        tenant: &Arc<Tenant>,
        access: &Access<Admin>,
        id: RepositoryId,
        namespace: Option<Namespace>,
    ) -> Result<(), ServiceError> {
        let _order = tenant.publishing.lock().await;
        let namespace = &namespace;
        let event = &Event::of(access, Action::RepositoryNamespace, id).with(json!({ "namespace": namespace }));
        let change = |heads: Arc<Heads>, _| -> Decision<'_> {
            Box::pin(async move {
                check_names(tenant, &heads, id, namespace.as_ref()).await?;
                let mut transaction = Transaction::new();
                transaction
                    .update_existing::<rows::Repository>(id)
                    .set_opt(rows::Repository::NAMESPACE, namespace.as_ref().map(ToString::to_string))
                    // Until everything is written, any server may finish it.
                    .clear(rows::Repository::PROJECTED);
                event.note(&mut transaction);
                Ok(Some(transaction))
            })
        };
        match in_sequence(tenant, PublicationKind::Names, Some(access.actor()), change).await {
            Ok(_) => {}
            Err(ServiceError::Store(InstantError::NotUnique { .. })) => {
                return Err(namespace_taken(namespace.as_ref()));
            }
            Err(error) => return Err(error),
        }
        repair(tenant, id).await?;
        self.names_changed(tenant).await
    }
}

/// Refuses a namespace that another repository has.
pub(in crate::service) fn namespace_taken(namespace: Option<&Namespace>) -> ServiceError {
    let namespace = namespace.map(Namespace::as_str).unwrap_or_default();
    ServiceError::Conflict(format!("The namespace {namespace:?} belongs to another repository. Choose another."))
}

/// Refuses a namespace below which others publish already.
pub(in crate::service) async fn check_free_below(
    tenant: &Tenant,
    heads: &Heads,
    repository: RepositoryId,
    namespace: &Namespace,
) -> Result<(), ServiceError> {
    // `_` is a wildcard of `like`, and may be in a namespace.
    let pattern = format!("{}/%", namespace.as_str().replace('_', "\\_"));
    let rows = tenant
        .db
        .select::<rows::Component>()
        .filter(rows::Component::REPOSITORY.is_not_null())
        .filter(rows::Component::NAME.like(&pattern))
        .pages()
        .await?;
    let others = rows.into_iter().filter(|row| row.repository != Some(repository)).filter_map(|row| row.name);
    let mut others: BTreeSet<String> = others.collect();
    // What was published may not be written to its rows yet.
    let below = format!("{namespace}/");
    for row in tenant.db.select::<rows::Repository>().filter(rows::Repository::NAMESPACE.is_null()).pages().await? {
        if let Some(head) = heads.of(row.id).filter(|_| row.id != repository) {
            let items = head.snapshot.list.0.iter().map(|listed| listed.item.as_str());
            others.extend(items.filter(|item| item.starts_with(&below)).map(str::to_owned));
        }
    }
    refuse(others.into_iter(), |names| {
        format!(
            "Other repositories publish names below {namespace}/: {names}. Choose another namespace, or rename those first."
        )
    })
}

/// Refuses, naming a few, if there are any.
fn refuse(names: impl Iterator<Item = String>, say: impl FnOnce(&str) -> String) -> Result<(), ServiceError> {
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return Ok(());
    }
    let more = names.len().saturating_sub(NAMED);
    let mut listed = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more > 0 {
        listed = format!("{listed} and {more} more");
    }
    Err(ServiceError::Conflict(say(&listed)))
}

/// Whether all items of a repository can have the names they would get.
async fn check_names(
    tenant: &Tenant,
    heads: &Heads,
    id: RepositoryId,
    namespace: Option<&Namespace>,
) -> Result<(), ServiceError> {
    if let Some(namespace) = namespace {
        check_free_below(tenant, heads, id, namespace).await?;
    }
    let current = heads.of(id).map(|head| head.snapshot.list.clone()).unwrap_or_default();
    let mut claimed: HashMap<ItemName, ItemName> = HashMap::new();
    let mut impossible = Vec::new();
    for listed in &current.0 {
        match served_name(namespace, &listed.item) {
            Ok(name) => drop(claimed.insert(name, listed.item.clone())),
            Err(_) => impossible.push(listed.item.to_string()),
        }
    }
    refuse(impossible.into_iter(), |names| {
        format!("These items cannot be served by their names alone: {names}. Rename them first, or keep a namespace.")
    })?;
    let held = holders(tenant, heads, id, &claimed).await?;
    let mut taken: Vec<String> = held.iter().map(|(name, holder)| format!("{name} {}", holder.told(None))).collect();
    taken.sort();
    refuse(taken.into_iter(), |names| {
        format!(
            "Others hold names that this repository would get: {names}. Release or rename those, or choose another namespace."
        )
    })?;
    // The rows are renamed one after another, and no two may ever have one name.
    let rows = named_rows(tenant, id).await?;
    let mut clashing: Vec<String> = rows
        .into_iter()
        .filter(|(row, item)| row.name.as_deref().and_then(|name| claimed.get(name)).is_some_and(|other| other != item))
        .filter_map(|(row, _)| row.name)
        .collect();
    clashing.sort();
    refuse(clashing.into_iter(), |names| {
        format!("This repository has these names for other items now: {names}. Choose another namespace.")
    })
}

/// The rows of a repository that have a name, with their items.
async fn named_rows(tenant: &Tenant, id: RepositoryId) -> Result<Vec<(rows::Component, ItemName)>, ServiceError> {
    let rows = tenant
        .db
        .select::<rows::Component>()
        .filter(rows::Component::REPOSITORY.is(id))
        .filter(rows::Component::NAME.is_not_null())
        .pages()
        .await?;
    let prefix = format!("{id}/");
    let named = rows.into_iter().filter_map(|row| {
        let item = row.key.strip_prefix(&prefix)?.parse().ok()?;
        Some((row, item))
    });
    Ok(named.collect())
}

/// Gives all rows of a repository the names that follow from its namespace, and
/// leaves an alias for each name that changes. Doing it again does no harm.
pub(in crate::service) async fn rename_rows(
    tenant: &Tenant,
    id: RepositoryId,
    namespace: Option<&Namespace>,
) -> Result<(), ServiceError> {
    let rows = named_rows(tenant, id).await?;
    let mut moves: HashMap<ItemName, ItemName> = HashMap::new();
    for (row, item) in &rows {
        match served_name(namespace, item) {
            Ok(new) if row.name.as_deref() != Some(new.as_str()) => drop(moves.insert(new, item.clone())),
            _ => {}
        }
    }
    if moves.is_empty() {
        return Ok(());
    }
    let heads = tenant.sequence.catch_up(tenant).await?;
    let held = holders(tenant, &heads, id, &moves).await?;
    let now: HashSet<String> = rows.iter().filter_map(|(row, _)| row.name.clone()).collect();
    let aliases = every_alias(tenant).await?;
    let aliases: HashMap<&str, ComponentId> =
        aliases.iter().filter_map(|alias| Some((alias.name.as_str(), alias.component?))).collect();
    let mut transaction = Transaction::new();
    for (row, item) in rows {
        // What cannot have its new name keeps the old one; nothing is served from it.
        let new = served_name(namespace, &item).ok().filter(|new| moves.contains_key(new));
        let new = new.filter(|new| !held.contains_key(new) && !now.contains(new.as_str()));
        if let (Some(old), Some(new)) = (row.name, new) {
            match aliases.get(old.as_str()) {
                // The item was renamed before: its new name leads to where the old one does.
                Some(other) if row.removed_at.is_some() && *other != row.id => {
                    put_alias(&mut transaction, new.as_str(), AliasOrigin::Namespace, *other);
                }
                _ => put_alias(&mut transaction, &old, AliasOrigin::Namespace, row.id),
            }
            transaction.update_existing::<rows::Component>(row.id).set(rows::Component::NAME, new.to_string());
        }
    }
    tenant.db.transact_in_chunks(transaction).await?;
    Ok(())
}
