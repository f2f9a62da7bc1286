//! Aliases: names that lead to a component of another name. Made when an item
//! is renamed or its namespace changes, and by admins. An alias never hides a
//! component that is served under the same name; it waits.

use crate::service::audit::{Action, Event};
use crate::{
    auth::{Access, Admin, Read},
    service::{
        RegistryService, ServiceError,
        catalogue::Fresh,
        projection::served_name,
        publish::{Decision, PublicationKind, in_sequence},
        snapshots::SnapshotList,
        versions::component_id,
    },
    tenants::Tenant,
};
use futures::try_join;
use instant::{Timestamp, Transaction, rows};
use model::{
    ComponentId, EntityId, ItemName, Namespace, RepositoryId,
    view::{AliasOrigin, AliasView, Page},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use source::Item;
use std::collections::HashMap;

/// An alias to make.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAlias {
    /// The name that should lead elsewhere.
    #[schema(value_type = String)]
    pub name: ItemName,
    /// The name of the component that it should lead to.
    #[schema(value_type = String)]
    pub to: ItemName,
}

/// All aliases of an organisation.
pub(super) async fn every_alias(tenant: &Tenant) -> Result<Vec<rows::Alias>, ServiceError> {
    Ok(tenant.db.select::<rows::Alias>().pages().await?)
}

/// Adds an alias to a transaction; one of the same name then leads here.
pub(super) fn put_alias(transaction: &mut Transaction, name: &str, origin: AliasOrigin, component: ComponentId) {
    transaction
        .update::<rows::Alias>(EntityId::of_key("registry_aliases", name))
        .set(rows::Alias::NAME, name.to_owned())
        .set(rows::Alias::KIND, origin.as_str().to_owned())
        .set(rows::Alias::CREATED_AT, Timestamp::now())
        .link(rows::Alias::COMPONENT, component);
}

/// The alias of this name.
pub(super) async fn find_alias(tenant: &Tenant, name: &ItemName) -> Result<Option<rows::Alias>, ServiceError> {
    let select = tenant.db.select::<rows::Alias>().filter(rows::Alias::NAME.eq(name.to_string()));
    Ok(select.one().await?)
}

/// Makes an alias for each item of one list that goes while exactly one with the
/// same content comes with the next: it was renamed. Nothing is served from an
/// alias while a component has its name, so this is written before the publication.
pub(in crate::service) async fn note_renames(
    tenant: &Tenant,
    repository: RepositoryId,
    namespace: Option<&Namespace>,
    before: &SnapshotList,
    after: &SnapshotList,
    items: &[Item],
) -> Result<(), ServiceError> {
    let (old, new) = (before.by_item(), after.by_item());
    let gone = before.0.iter().map(|listed| &listed.item).filter(|item| !new.contains_key(item.as_str()));
    let gone: HashMap<ComponentId, &ItemName> = gone.map(|item| (component_id(repository, item), item)).collect();
    let mut by_content: HashMap<String, Vec<&Item>> = HashMap::new();
    if !gone.is_empty() {
        for item in items.iter().filter(|item| !old.contains_key(item.name.as_str())) {
            if let Some(content) = content_of(item) {
                by_content.entry(content.to_string()).or_default().push(item);
            }
        }
    }
    if by_content.is_empty() {
        return Ok(());
    }
    let ids: Vec<ComponentId> = gone.keys().copied().collect();
    let mut transaction = Transaction::new();
    for chunk in ids.chunks(500) {
        for row in tenant.db.select::<rows::Component>().ids(chunk.iter().copied()).all().await? {
            let found = row.content.as_ref().and_then(|content| by_content.get(content)).map(Vec::as_slice);
            if let (Some([item]), Ok(name)) = (found, served_name(namespace, gone[&row.id])) {
                let component = component_id(repository, &item.name);
                put_alias(&mut transaction, name.as_str(), AliasOrigin::Rename, component);
            }
        }
    }
    tenant.db.transact_in_chunks(transaction).await?;
    Ok(())
}

/// What an item is known by under another name.
pub(in crate::service) fn content_of(item: &Item) -> Option<model::Digest> {
    let files: Vec<model::Digest> = item.files.iter().map(|file| file.digest).collect();
    item.manifest.content_digest(&files)
}

impl RegistryService {
    /// The aliases, newest first.
    pub async fn aliases(
        &self,
        access: &Access<Read>,
        offset: usize,
        limit: usize,
    ) -> Result<Page<AliasView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let select = || tenant.db.select::<rows::Alias>();
        let rows = select().order(rows::Alias::CREATED_AT.desc()).offset(offset as u64).limit(limit as u64).all();
        let (total, rows) = try_join!(select().count(), rows)?;
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        let rows = rows.iter().filter_map(|row| alias_view(tenant, row)).collect();
        Ok(Page { rows, total, offset, limit })
    }

    /// Makes a name lead to a component that is served.
    pub async fn add_alias(&self, access: &Access<Admin>, new: NewAlias) -> Result<AliasView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let NewAlias { name, to } = new;
        let name = ItemName::served(name.as_str())?;
        let _order = tenant.publishing.lock().await;
        if name == to {
            return Err(ServiceError::Conflict(format!(
                "{name:?} cannot lead to itself. Give another name to lead to."
            )));
        }
        // What another server published counts, too.
        self.names_changed(tenant).await?;
        let catalog = tenant.catalog.load_full();
        let end = catalog.alias(to.as_str()).unwrap_or(&to);
        let event = &Event::of(access, Action::AliasAdd, &name).with(json!({ "to": end }));
        let (name, to, catalog) = (&name, &to, &*catalog);
        let add = |_, _| -> Decision<'_> {
            Box::pin(async move {
                if catalog.get(name.as_str()).is_some() {
                    return Err(ServiceError::Conflict(format!(
                        "A component is served under {name:?}, and an alias never hides one. Remove or rename that component first."
                    )));
                }
                let Some(entry) = catalog.get(end.as_str()) else {
                    if let Some(row) = find_alias(tenant, to).await? {
                        return Err(ServiceError::Conflict(format!(
                            "{to:?} is an alias that leads nowhere now, or back to {name:?}. Give the name of a component that is served, or `ekairos-registry alias remove {}`.",
                            row.name
                        )));
                    }
                    return Err(super::no_such_component(catalog, to.as_str()));
                };
                if let Some(row) = find_alias(tenant, name).await?
                    && row.component != Some(entry.component)
                {
                    return Err(ServiceError::Conflict(format!(
                        "{name:?} is an alias already. Remove it first: `ekairos-registry alias remove {name}`."
                    )));
                }
                let mut transaction = Transaction::new();
                put_alias(&mut transaction, name.as_str(), AliasOrigin::Admin, entry.component);
                event.note(&mut transaction);
                Ok(Some(transaction))
            })
        };
        in_sequence(tenant, PublicationKind::Names, Some(access.actor()), add).await?;
        self.names_changed(tenant).await?;
        let row = find_alias(tenant, name).await?.and_then(|row| alias_view(tenant, &row));
        row.ok_or_else(|| ServiceError::Internal("an alias vanished as it was made".to_owned()))
    }

    /// Removes an alias. Returns the repositories that waited for the name.
    pub async fn remove_alias(
        &self,
        access: &Access<Admin>,
        name: &ItemName,
    ) -> Result<Vec<RepositoryId>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = find_alias(tenant, name).await?.ok_or_else(|| {
            ServiceError::not_found("alias", name, "`ekairos-registry alias list` shows all of them.")
        })?;
        let event = &Event::of(access, Action::AliasRemove, name);
        let remove = |_, _| -> Decision<'_> {
            Box::pin(async move {
                let mut transaction = Transaction::new();
                transaction.delete::<rows::Alias>(row.id);
                event.note(&mut transaction);
                Ok(Some(transaction))
            })
        };
        in_sequence(tenant, PublicationKind::Names, Some(access.actor()), remove).await?;
        self.names_changed(tenant).await?;
        self.ask_who_waits(access).await
    }

    /// Serves by the names as they are now.
    pub(super) async fn names_changed(&self, tenant: &Tenant) -> Result<(), ServiceError> {
        self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await?;
        tenant.pinned.invalidate_all();
        Ok(())
    }
}

pub(super) fn alias_view(tenant: &Tenant, row: &rows::Alias) -> Option<AliasView> {
    let name: ItemName = row.name.parse().ok()?;
    Some(AliasView {
        leads_to: tenant.catalog.load().alias(name.as_str()).cloned(),
        name,
        origin: AliasOrigin::parse(row.kind.as_deref().unwrap_or_default()),
        created_at: row.created_at.map(Timestamp::as_millis),
    })
}
