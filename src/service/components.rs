//! Components: what pages and JSON routes show of them.

use super::{Part, RegistryService, ServiceError, manual::is_manual, names::no_such_component, versions::version_id};
use crate::{
    auth::{Access, Install, Read},
    catalog::Entry,
    tenants::Tenant,
};
use instant::rows;
use model::{
    ItemName, RepositoryId,
    view::{ComponentRow, ComponentView, DependencyView, FileView, Page},
};
use serde::Deserialize;
use serde_json::Value;
use source::Dependency;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

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
}

impl RegistryService {
    /// The served item with this name.
    pub fn get_component(&self, access: &Access<Install>, name: &str) -> Result<Arc<Entry>, ServiceError> {
        let tenant = self.tenant(access)?;
        let catalog = tenant.catalog.load();
        catalog.get(name).cloned().ok_or_else(|| no_such_component(&catalog, name))
    }

    /// A page of components: all in listing order, or what fits a search.
    pub async fn components(
        &self,
        access: &Access<Read>,
        query: &ComponentsQuery,
    ) -> Result<Page<ComponentRow>, ServiceError> {
        let tenant = self.tenant(access)?;
        let names = repository_names(tenant).await?;
        let catalog = tenant.catalog.load();
        let kinds: Vec<&str> = Some(query.kind.as_str()).filter(|kind| !kind.is_empty()).into_iter().collect();
        let found: Vec<&Arc<Entry>> = catalog
            .search(&query.q, &kinds)
            .into_iter()
            .map(|hit| hit.entry)
            .filter(|entry| query.repository.is_none_or(|repository| entry.repository == repository))
            .collect();
        let limit = query.limit.unwrap_or(50).clamp(1, 200);
        let rows = found.iter().skip(query.offset).take(limit);
        let rows = rows.map(|entry| row(entry, &names, catalog.is_quarantined(&entry.name))).collect();
        Ok(Page { rows, total: found.len(), offset: query.offset, limit })
    }

    /// The types that occur, in order.
    pub fn component_types(&self, access: &Access<Read>) -> Result<BTreeSet<String>, ServiceError> {
        let catalog = self.tenant(access)?.catalog.load();
        Ok(catalog.entries().iter().map(|entry| entry.kind.to_string()).collect())
    }

    /// Everything about one component, with its newest versions and commits.
    pub async fn component(&self, access: &Access<Read>, name: &str) -> Result<ComponentView, ServiceError> {
        Ok(self.component_with(access, name, Part::default(), Part::default()).await?.component)
    }

    /// Everything about one component, with these parts of its versions and commits.
    pub async fn component_with(
        &self,
        access: &Access<Read>,
        name: &str,
        versions: Part,
        commits: Part,
    ) -> Result<ComponentWithHistory, ServiceError> {
        let tenant = self.tenant(access)?;
        let entry = self.get_component(&access.clone().into(), name)?;
        let catalog = tenant.catalog.load_full();
        let names = repository_names(tenant).await?;
        let quarantined = catalog.is_quarantined(&entry.name);
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
        let url = format!("{}/r/{}.json", self.origin, entry.name);
        let versions = self.versions(access, name, versions).await?;
        let commits = self.component_commits(access, name, commits).await?;
        let component = ComponentView {
            row: row(&entry, &names, quarantined),
            contents: self.files(tenant, &entry, &item).await?,
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
        Ok(ComponentWithHistory { component, versions: versions.total, commits: commits.total })
    }

    async fn files(&self, tenant: &Tenant, entry: &Entry, item: &Value) -> Result<Vec<FileView>, ServiceError> {
        let item_name = entry.name.clone();
        let files = tenant
            .db
            .select::<rows::File>()
            .filter(rows::File::VERSION.is(self.version_of(tenant, entry).await?))
            .pages()
            .await?;
        let digests: HashMap<usize, &rows::File> =
            files.iter().filter_map(|file| Some((file.key.rsplit_once('#')?.1.parse().ok()?, file))).collect();
        let listed = item.get("files").and_then(Value::as_array).into_iter().flatten().enumerate();
        listed
            .map(|(position, file)| {
                let text = |key: &str| file.get(key).and_then(Value::as_str).map(str::to_owned);
                let content = text("content").unwrap_or_default();
                let digest = digests.get(&position).and_then(|row| row.digest.parse().ok());
                Ok(FileView {
                    path: text("path").unwrap_or_default(),
                    kind: text("type").unwrap_or_default(),
                    target: text("target").filter(|target| !target.is_empty()),
                    size: content.len() as u64,
                    digest: digest
                        .ok_or_else(|| ServiceError::Internal(format!("a file of {item_name} is not in the store")))?,
                    content,
                })
            })
            .collect()
    }

    async fn version_of(&self, tenant: &Tenant, entry: &Entry) -> Result<model::VersionId, ServiceError> {
        let repository = self.repository_row(tenant, entry.repository).await?;
        let name = entry.name.as_str();
        let item = repository
            .namespace
            .as_deref()
            .and_then(|namespace| name.strip_prefix(namespace)?.strip_prefix('/'))
            .unwrap_or(name);
        Ok(version_id(entry.repository, &item.parse()?, &entry.version))
    }
}

async fn repository_names(tenant: &Tenant) -> Result<HashMap<RepositoryId, String>, ServiceError> {
    let rows = tenant.db.select::<rows::Repository>().pages().await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

fn row(entry: &Entry, names: &HashMap<RepositoryId, String>, quarantined: bool) -> ComponentRow {
    ComponentRow {
        id: entry.component,
        name: entry.name.clone(),
        kind: entry.kind.to_string(),
        title: entry.title.as_deref().map(str::to_owned),
        description: entry.description.as_deref().map(str::to_owned),
        repository: entry.repository,
        repository_name: names.get(&entry.repository).cloned().unwrap_or_default(),
        files: entry.files as usize,
        version: entry.version,
        updated_at: entry.updated_at,
        quarantined,
        by_hand: is_manual(entry.repository),
    }
}
