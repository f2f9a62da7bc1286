//! Components: what pages and JSON routes show of them.

use super::{Part, RegistryService, ServiceError, manual::is_manual, names::no_such_component};
use crate::{
    auth::{Access, Install, Read},
    catalog::{Catalog, Entry},
    tenants::Tenant,
};
use futures::try_join;
use model::{
    Digest, ItemName, RepositoryId,
    view::{ComponentRow, ComponentView, DependencyView, FileView, Page},
};
use serde::Deserialize;
use serde_json::Value;
use source::Dependency;
use std::{cmp::Reverse, collections::BTreeSet, sync::Arc};

/// Which components to list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct ComponentsQuery {
    /// Words to look for.
    pub q: String,
    /// A type to keep: `registry:ui`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A repository to keep.
    #[param(value_type = Option<String>)]
    pub repository: Option<RepositoryId>,
    /// How many to leave out.
    pub offset: usize,
    /// How many at most; 50 if not given, 200 at most.
    pub limit: Option<usize>,
}

/// A component with parts of its two lists.
#[derive(Debug, Clone)]
pub struct ComponentWithHistory {
    /// The component.
    pub component: ComponentView,
    /// How many versions it has in all.
    pub versions: usize,
    /// How many recorded commits touched it in all.
    pub commits: usize,
    /// Whether the store is away, so that only what is served now is known.
    pub partial: bool,
}

impl RegistryService {
    /// The served item with this name.
    pub fn get_component(&self, access: &Access<Install>, name: &str) -> Result<Arc<Entry>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let catalog = serving(tenant)?;
        catalog.get(name).cloned().ok_or_else(|| no_such_component(&catalog, name))
    }

    /// A page of components: all in listing order, or what fits a search.
    pub fn components(
        &self,
        access: &Access<Read>,
        query: &ComponentsQuery,
    ) -> Result<Page<ComponentRow>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let catalog = serving(tenant)?;
        let kinds: Vec<&str> = Some(query.kind.as_str()).filter(|kind| !kind.is_empty()).into_iter().collect();
        let found: Vec<&Arc<Entry>> = catalog
            .search(&query.q, &kinds)
            .into_iter()
            .map(|hit| hit.entry)
            .filter(|entry| query.repository.is_none_or(|repository| entry.repository == repository))
            .collect();
        let limit = query.limit.unwrap_or(50).clamp(1, 200);
        let rows = found.iter().skip(query.offset).take(limit);
        let rows = rows.map(|entry| row(entry, &catalog)).collect();
        Ok(Page { rows, total: found.len(), offset: query.offset, limit })
    }

    /// The components that were published last, the newest first.
    pub fn newest_components(&self, access: &Access<Read>, most: usize) -> Result<Vec<ComponentRow>, ServiceError> {
        let catalog = serving(&*self.tenant(access)?)?;
        let mut entries: Vec<&Arc<Entry>> = catalog.entries().iter().collect();
        entries.sort_by_key(|entry| Reverse(entry.updated_at));
        Ok(entries.into_iter().take(most).map(|entry| row(entry, &catalog)).collect())
    }

    /// The types that occur, in order.
    pub fn component_types(&self, access: &Access<Read>) -> Result<BTreeSet<String>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let catalog = serving(tenant)?;
        Ok(catalog.entries().iter().map(|entry| entry.kind.to_string()).collect())
    }

    /// Everything about one component, with its newest versions and commits.
    pub async fn component(&self, access: &Access<Read>, name: &str) -> Result<ComponentView, ServiceError> {
        let found = self.component_with(access, name, Part::default(), Part::default()).await?;
        if found.partial { Err(ServiceError::Away) } else { Ok(found.component) }
    }

    /// Everything about one component, with these parts of its versions and
    /// commits; without them while the store is away.
    pub async fn component_with(
        &self,
        access: &Access<Read>,
        name: &str,
        versions: Part,
        commits: Part,
    ) -> Result<ComponentWithHistory, ServiceError> {
        let tenant = &self.tenant(access)?;
        let entry = self.get_component(&access.clone().into(), name)?;
        let catalog = tenant.catalog.load_full();
        let identity = tenant.identities.identity(&entry.answer);
        let item: Value =
            serde_json::from_slice(&identity).map_err(|error| ServiceError::Internal(error.to_string()))?;
        let strings = |key: &str| -> Vec<String> {
            let values = item.get(key).and_then(Value::as_array).into_iter().flatten();
            values.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let dependencies = entry.dependencies.iter().map(|dependency| match dependency {
            Dependency::Own(name) => DependencyView {
                served: format!("{}/{name}", entry.alias),
                component: name.parse().ok().filter(|name: &ItemName| catalog.get(name.as_str()).is_some()),
            },
            Dependency::AsWritten(text) => DependencyView { served: text.clone(), component: None },
        });
        // Only the address says whose a public one is, where there may be many.
        let base = match &self.directory {
            Some(_) if catalog.identity().public => format!("{}/o/{}", self.origin, access.organisation()),
            _ => self.origin.to_string(),
        };
        let url = format!("{base}/r/{}.json", entry.name);
        let history =
            async { try_join!(self.versions(access, name, versions), self.component_commits(access, name, commits)) };
        let history = if tenant.contact.away().is_some() { Err(ServiceError::Away) } else { history.await };
        let (versions, commits, partial) = match history {
            Ok((versions, commits)) => (versions, commits, false),
            Err(error) if ServiceError::is_store_away(&error) => (Page::unknown(), Page::unknown(), true),
            Err(error) => return Err(error),
        };
        let component = ComponentView {
            row: row(&entry, &catalog),
            contents: files(&item),
            dependencies: strings("dependencies"),
            dev_dependencies: strings("devDependencies"),
            registry_dependencies: dependencies.collect(),
            used_by: catalog.used_by(entry.name.as_str()).to_vec(),
            docs: item.get("docs").and_then(Value::as_str).map(str::to_owned),
            versions: versions.rows,
            commits: commits.rows,
            install: format!("npx shadcn@latest add {}/{}", entry.alias, entry.name),
            install_by_url: format!("npx shadcn@latest add {url}"),
            url,
        };
        Ok(ComponentWithHistory { component, versions: versions.total, commits: commits.total, partial })
    }
}

/// What is served; refused where nothing is, because the store never answered.
pub(super) fn serving(tenant: &Tenant) -> Result<Arc<Catalog>, ServiceError> {
    let catalog = tenant.catalog.load_full();
    if catalog.basis().is_none() && tenant.contact.away().is_some() { Err(ServiceError::Away) } else { Ok(catalog) }
}

/// The files of a served item.
fn files(item: &Value) -> Vec<FileView> {
    let listed = item.get("files").and_then(Value::as_array).into_iter().flatten();
    let view = |file: &Value| {
        let text = |key: &str| file.get(key).and_then(Value::as_str).map(str::to_owned);
        let content = text("content").unwrap_or_default();
        FileView {
            path: text("path").unwrap_or_default(),
            kind: text("type").unwrap_or_default(),
            target: text("target").filter(|target| !target.is_empty()),
            size: content.len() as u64,
            digest: Digest::of(content.as_bytes()),
            content,
        }
    };
    listed.map(view).collect()
}

fn row(entry: &Entry, catalog: &Catalog) -> ComponentRow {
    ComponentRow {
        id: entry.component,
        name: entry.name.clone(),
        kind: entry.kind.to_string(),
        title: entry.title.as_deref().map(str::to_owned),
        description: entry.description.as_deref().map(str::to_owned),
        repository: entry.repository,
        repository_name: catalog.repository_name(entry.repository).to_owned(),
        files: entry.files as usize,
        version: entry.version,
        updated_at: entry.updated_at,
        quarantined: catalog.is_quarantined(&entry.name),
        by_hand: is_manual(entry.repository),
    }
}
