//! Names over time: who holds one, where it leads when it is not served, and
//! what an admin can do about it.

mod aliases;
mod holders;
mod lookup;
mod namespace;

pub use aliases::NewAlias;
pub(super) use aliases::{content_of, note_renames};
pub(super) use holders::{Hold, Holder, holder, holders};
pub(super) use lookup::look_up;
pub(super) use namespace::{check_free_below, namespace_taken, rename_rows};

use super::{
    RegistryService, ServiceError,
    heads::Heads,
    manual,
    publish::{Decision, PublicationKind, in_sequence},
    reports::last_report,
    sync,
};
use crate::service::audit::{Action, Event};
use crate::{
    auth::{Access, Admin, Read},
    catalog::Catalog,
    tenants::Tenant,
};
use aliases::{alias_view, find_alias};
use futures::try_join;
use instant::{Timestamp, Transaction, rows};
use model::{
    ItemName, RepositoryId,
    view::{NameState, NameView, Page, ReleasedView, RemovedView},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{collections::HashMap, sync::Arc};

/// Which removed components to list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct RemovedQuery {
    /// A repository to keep.
    #[param(value_type = Option<String>)]
    pub repository: Option<RepositoryId>,
    /// How many to leave out.
    pub offset: usize,
    /// How many at most; 50 if not given, 200 at most.
    pub limit: Option<usize>,
}

/// What to use instead of a removed component.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Replacement {
    /// The name of a component that is served; null for none.
    #[schema(value_type = Option<String>)]
    pub replaced_by: Option<ItemName>,
}

/// A name that was released, and the repositories that are synced because they
/// waited for it.
#[derive(Debug, Clone)]
pub struct Released {
    /// What people are told.
    pub view: ReleasedView,
    /// The repositories.
    pub syncing: Vec<RepositoryId>,
}

impl RegistryService {
    /// Everything that is known of a name.
    pub async fn name(&self, access: &Access<Read>, name: &ItemName) -> Result<NameView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let removed = match find_component(tenant, name).await? {
            Some(row) if row.removed_at.is_some() => removed_views(tenant, vec![row]).await?.pop(),
            _ => None,
        };
        let alias = find_alias(tenant, name).await?.and_then(|row| alias_view(tenant, &row));
        let state = if tenant.catalog.load().get(name.as_str()).is_some() {
            NameState::Served
        } else if alias.as_ref().is_some_and(|alias| alias.leads_to.is_some()) {
            NameState::Alias
        } else if removed.is_some() || alias.is_some() {
            NameState::Removed
        } else {
            NameState::Free
        };
        Ok(NameView { name: name.clone(), state, alias, removed })
    }

    /// Components that were removed and whose names are held, newest first.
    pub async fn removed_components(
        &self,
        access: &Access<Read>,
        query: &RemovedQuery,
    ) -> Result<Page<RemovedView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let select = || {
            let select = tenant.db.select::<rows::Component>();
            let select = select.filter(rows::Component::REMOVED_AT.is_not_null());
            let select = select.filter(rows::Component::NAME.is_not_null());
            match query.repository {
                Some(repository) => select.filter(rows::Component::REPOSITORY.is(repository)),
                None => select,
            }
        };
        let limit = query.limit.unwrap_or(50).clamp(1, 200);
        let page = select().order(rows::Component::REMOVED_AT.desc()).offset(query.offset as u64).limit(limit as u64);
        let (total, page) = try_join!(select().count(), page.all())?;
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        let rows = removed_views(tenant, page).await?;
        Ok(Page { rows, total, offset: query.offset, limit })
    }

    /// Says what to use instead of a removed component; `None` leaves it to the
    /// registry, which looks for the same content under another name.
    pub async fn replace_component(
        &self,
        access: &Access<Admin>,
        name: &ItemName,
        by: Option<&ItemName>,
    ) -> Result<RemovedView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let heads = tenant.sequence.catch_up(tenant).await?;
        let row = removed_row(tenant, &heads, name).await?;
        let catalog = tenant.catalog.load_full();
        let by = match by {
            None => None,
            Some(by) => {
                let end = catalog.alias(by.as_str()).unwrap_or(by);
                let entry = catalog.get(end.as_str());
                Some(entry.ok_or_else(|| no_such_component(&catalog, by.as_str()))?.component)
            }
        };
        let row = &row;
        let told = by.map(|by| by.to_string());
        let event = &Event::of(access, Action::NameReplace, name).with(json!({ "by": told }));
        let replace = |_, _| -> Decision<'_> {
            Box::pin(async move {
                let mut transaction = Transaction::new();
                let step = transaction.relink::<rows::Component>(row.id);
                match (by, row.replaced_by) {
                    (Some(by), _) => drop(step.link(rows::Component::REPLACED_BY, by)),
                    (None, Some(old)) => drop(step.unlink(rows::Component::REPLACED_BY, old)),
                    (None, None) => {}
                }
                event.note(&mut transaction);
                Ok(Some(transaction))
            })
        };
        in_sequence(tenant, PublicationKind::Names, Some(access.actor()), replace).await?;
        self.names_changed(tenant).await?;
        let row = removed_row(tenant, &heads, name).await?;
        let view = removed_views(tenant, vec![row]).await?.pop();
        view.ok_or_else(|| ServiceError::Internal("a removed component vanished".to_owned()))
    }

    /// Releases the name of a removed component: it answers 404 until someone
    /// publishes it. Repositories that wait for it are synced.
    pub async fn release_name(&self, access: &Access<Admin>, name: &ItemName) -> Result<Released, ServiceError> {
        let tenant = &self.tenant(access)?;
        let event = &Event::of(access, Action::NameRelease, name);
        let release = |heads: Arc<Heads>, _| -> Decision<'_> {
            Box::pin(async move {
                let row = removed_row(tenant, &heads, name).await?;
                let leading =
                    tenant.db.select::<rows::Alias>().filter(rows::Alias::COMPONENT.is(row.id)).pages().await?;
                let mut transaction = Transaction::new();
                transaction.update_existing::<rows::Component>(row.id).clear(rows::Component::NAME);
                // Names that led to it lead nowhere now; the one that it had may lead elsewhere.
                for alias in leading.into_iter().chain(find_alias(tenant, name).await?) {
                    transaction.delete::<rows::Alias>(alias.id);
                }
                event.note(&mut transaction);
                Ok(Some(transaction))
            })
        };
        in_sequence(tenant, PublicationKind::Names, Some(access.actor()), release).await?;
        self.names_changed(tenant).await?;
        let syncing = self.ask_who_waits(access).await?;
        let names = tenant.db.select::<rows::Repository>().ids(syncing.iter().copied()).all().await?;
        let names = names.into_iter().map(|row| row.name).collect();
        Ok(Released { view: ReleasedView { name: name.clone(), syncing: names }, syncing })
    }

    /// Asks for a sync of every repository that waits for a name which has come
    /// free. One whose sync is under way looks once more: what it will report to
    /// wait for is not known yet.
    pub(super) async fn ask_who_waits(&self, access: &Access<Admin>) -> Result<Vec<RepositoryId>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let trigger = sync::trigger_of(access.actor());
        let mut asked = Vec::new();
        for row in tenant.db.select::<rows::Repository>().pages().await? {
            let under_way = tenant.jobs.current(row.id).is_some_and(|view| !view.state.is_final());
            let waits = match last_report(tenant, &row).await? {
                Some(report) => sync::waiting(tenant, &row, &report).await? == sync::Waiting::Free,
                None => false,
            };
            if !waits && !under_way {
                continue;
            }
            match self.sync_from_git(&access.clone().into(), row.id, trigger).await {
                Ok(_) if waits => asked.push(row.id),
                // The name is free all the same; whichever sync comes next takes it.
                Err(error) => tracing::warn!(repository = %row.name, %error, "a sync could not be asked for"),
                Ok(_) => {}
            }
        }
        Ok(asked)
    }
}

/// The row of the removed component that holds a name.
async fn removed_row(tenant: &Tenant, heads: &Heads, name: &ItemName) -> Result<rows::Component, ServiceError> {
    let catalog = tenant.catalog.load_full();
    let row = find_component(tenant, name).await?;
    if catalog.get(name.as_str()).is_some() || row.as_ref().is_some_and(|row| is_published(heads, row)) {
        return Err(ServiceError::Conflict(format!(
            "{name:?} is served. Remove the component first: from its repository, or, if it was made by hand, in the dashboard."
        )));
    }
    match row {
        Some(row) if row.removed_at.is_some() => Ok(row),
        Some(_) => Err(ServiceError::Conflict(format!(
            "What is known of {name:?} is being written just now. Try again in a moment."
        ))),
        None if find_alias(tenant, name).await?.is_some() => Err(ServiceError::Conflict(format!(
            "{name:?} is an alias and no component had it. Remove the alias instead: `ekairos-registry alias remove {name}`."
        ))),
        None => Err(ServiceError::not_found(
            "removed component",
            name,
            "Nobody holds this name. The list of removed components shows which ones are held.",
        )),
    }
}

/// Whether the row's repository has published it, though that may not be
/// written to the row yet.
fn is_published(heads: &Heads, row: &rows::Component) -> bool {
    let head = row.repository.and_then(|repository| heads.of(repository));
    let item = row.key.split_once('/').map(|(_, item)| item);
    head.is_some_and(|head| head.snapshot.list.0.iter().any(|listed| Some(listed.item.as_str()) == item))
}

/// Removed components as pages show them.
async fn removed_views(tenant: &Tenant, rows: Vec<rows::Component>) -> Result<Vec<RemovedView>, ServiceError> {
    let repositories = tenant.db.select::<rows::Repository>().pages().await?;
    let names: HashMap<RepositoryId, &str> = repositories.iter().map(|row| (row.id, row.name.as_str())).collect();
    let catalog = tenant.catalog.load_full();
    let view = |row: rows::Component| {
        let name: ItemName = row.name?.parse().ok()?;
        let repository = row.repository?;
        Some(RemovedView {
            id: row.id,
            leads_to: catalog.alias(name.as_str()).cloned(),
            replacement: catalog.removed(name.as_str()).and_then(|removed| removed.replacement.clone()),
            chosen: row.replaced_by.is_some(),
            name,
            kind: row.kind,
            title: row.title,
            description: row.description,
            repository,
            repository_name: names.get(&repository).copied().unwrap_or_default().to_owned(),
            by_hand: manual::is_manual(repository),
            removed_at: row.removed_at.map_or(0, Timestamp::as_millis),
            version: row.digest.and_then(|digest| digest.parse().ok()),
        })
    };
    Ok(rows.into_iter().filter_map(view).collect())
}

/// Nothing is served under this name: what to do about it.
pub(super) fn no_such_component(catalog: &Catalog, name: &str) -> ServiceError {
    if let Some(now) = catalog.alias(name) {
        return ServiceError::not_found("component", name, format!("It is called {now:?} now."));
    }
    if let Some(removed) = catalog.removed(name) {
        let next = match &removed.replacement {
            Some(replacement) => format!("Use {replacement:?} instead."),
            None => "The page of the removed component says when, and what to do.".to_owned(),
        };
        return ServiceError::Removed(format!("The component {name:?} was removed. {next}"));
    }
    let hint = match catalog.did_you_mean(name) {
        Some(close) => format!("Did you mean {close:?}?"),
        None => "The list of components shows what there is.".to_owned(),
    };
    ServiceError::not_found("component", name, hint)
}

/// The component that holds a name, served or removed.
async fn find_component(tenant: &Tenant, name: &ItemName) -> Result<Option<rows::Component>, ServiceError> {
    let select = tenant.db.select::<rows::Component>().filter(rows::Component::NAME.eq(name.to_string()));
    Ok(select.one().await?)
}
