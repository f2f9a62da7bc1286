//! Components: what pages and JSON routes show of them.

use super::{Part, RegistryService, ServiceError, manual::is_manual, names::no_such_component};
use crate::{
    auth::{Access, Install, Read},
    catalog::{Catalog, Entry, FacetCount, Search},
    tenants::Tenant,
};
use futures::try_join;
use model::{
    Digest, ItemAddress, ItemName, RepositoryId, Selector,
    view::{
        ComponentRow, ComponentView, DependencyView, FacetKind, FacetValue, FacetView, FileView, FoundComponents,
        GraphView, Page, Sort,
    },
};
use serde::Deserialize;
use serde_json::Value;
use std::{cmp::Reverse, sync::Arc};

/// Values of a facet that are told.
const MOST_VALUES: usize = 40;

/// Which components to list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct ComponentsQuery {
    /// Words to look for.
    pub q: String,
    /// A type to keep: `registry:ui`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A category to keep.
    pub category: String,
    /// A repository to keep.
    #[param(value_type = Option<String>)]
    pub repository: Option<RepositoryId>,
    /// An npm package to keep what asks for it.
    pub package: String,
    /// What comes first: `relevance` (the default; without words the order of
    /// the listing), `name` or `updated`.
    #[param(value_type = Option<String>)]
    pub sort: Sort,
    /// Whether to count the types, categories, repositories and packages of
    /// what is found.
    pub facets: bool,
    /// How many to leave out.
    pub offset: usize,
    /// How many at most; 50 if not given, 1000 at most.
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
        Ok(self.find_components(access, query)?.page)
    }

    /// The names around a component in the list of all, its own among them, `most`
    /// at most; and how many components there are.
    pub fn names_around(
        &self,
        access: &Access<Read>,
        name: &str,
        most: usize,
    ) -> Result<(Vec<ItemName>, usize), ServiceError> {
        let catalog = serving(&*self.tenant(access)?)?;
        let names = catalog.around(name, most).iter().map(|entry| entry.name.clone()).collect();
        Ok((names, catalog.entries().len()))
    }

    /// The components that were published last, the newest first.
    pub fn newest_components(&self, access: &Access<Read>, most: usize) -> Result<Vec<ComponentRow>, ServiceError> {
        let catalog = serving(&*self.tenant(access)?)?;
        let mut entries: Vec<&Arc<Entry>> = catalog.entries().iter().collect();
        entries.sort_by_key(|entry| Reverse(entry.updated_at));
        Ok(entries.into_iter().take(most).map(|entry| row(entry, &catalog)).collect())
    }

    /// The same with the facets, and the name that was probably meant if there
    /// are no such components.
    pub fn find_components(
        &self,
        access: &Access<Read>,
        query: &ComponentsQuery,
    ) -> Result<FoundComponents, ServiceError> {
        let tenant = &self.tenant(access)?;
        let catalog = serving(tenant)?;
        let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let found = catalog.search(&Search {
            words: &query.q,
            kinds: some(&query.kind).into_iter().collect(),
            category: some(&query.category),
            repository: query.repository,
            package: some(&query.package),
            sort: query.sort,
            facets: query.facets,
        });
        let limit = query.limit.unwrap_or(50).clamp(1, 1000);
        let rows = found.page(query.offset, limit).map(|entry| row(entry, &catalog)).collect();
        let page = Page { rows, total: found.total(), offset: query.offset, limit };
        let nearest = if page.total == 0 { catalog.did_you_mean(&query.q) } else { None };
        let facets = query.facets.then(|| {
            let repository = query.repository.map(|id| id.to_string()).unwrap_or_default();
            let chosen = |kind| match kind {
                FacetKind::Type => query.kind.as_str(),
                FacetKind::Category => &query.category,
                FacetKind::Repository => &repository,
                FacetKind::Package => &query.package,
            };
            let view = |facet: FacetCount| facet_view(chosen(facet.kind), facet, &catalog);
            found.facets.into_iter().map(view).collect()
        });
        Ok(FoundComponents { page, facets, nearest: nearest.and_then(|name| name.parse().ok()) })
    }

    /// Everything about one component, with its newest versions and commits.
    pub async fn component(&self, access: &Access<Read>, name: &str) -> Result<ComponentView, ServiceError> {
        let found = self.component_with(access, name, None, Part::default(), Part::default()).await?;
        if found.partial { Err(ServiceError::Away) } else { Ok(found.component) }
    }

    /// One file of a component, by its path as served; the first one if no path is given.
    pub async fn file(
        &self,
        access: &Access<Read>,
        name: &str,
        at: Option<&Selector>,
        path: &str,
    ) -> Result<FileView, ServiceError> {
        let entry = self.get_component(&access.clone().into(), name)?;
        let item = self.item(access, &entry, at).await?;
        let file = files(&item).into_iter().find(|file| path.is_empty() || file.path == path);
        file.ok_or_else(|| {
            ServiceError::not_found("file", path, format!("The files of {name} are listed on its page."))
        })
    }

    /// An item as it is served, or was at a version.
    async fn item(&self, access: &Access<Read>, entry: &Entry, at: Option<&Selector>) -> Result<Value, ServiceError> {
        let answer = match at {
            None => entry.answer.clone(),
            Some(at) => {
                let pinned = self.pinned(&access.clone().into(), &entry.name, at, &entry.alias).await?;
                pinned.ok_or_else(|| {
                    let hint = "Its versions are listed on its page.";
                    ServiceError::not_found("version", format!("{}@{at}", entry.name), hint)
                })?
            }
        };
        let identity = self.tenant(access)?.identities.identity(&answer);
        serde_json::from_slice(&identity).map_err(|error| ServiceError::Internal(error.to_string()))
    }

    /// What stands around a component: what it needs, and what needs it.
    pub fn graph(&self, access: &Access<Read>, name: &str) -> Result<GraphView, ServiceError> {
        let tenant = &self.tenant(access)?;
        Ok(serving(tenant)?.graph(name))
    }

    /// Everything about one component, with these parts of its versions and
    /// commits; without them while the store is away. Its files and what it needs
    /// are those of `at`, where that is given.
    pub async fn component_with(
        &self,
        access: &Access<Read>,
        name: &str,
        at: Option<&Selector>,
        versions: Part,
        commits: Part,
    ) -> Result<ComponentWithHistory, ServiceError> {
        let tenant = &self.tenant(access)?;
        let entry = self.get_component(&access.clone().into(), name)?;
        let catalog = tenant.catalog.load_full();
        let item = self.item(access, &entry, at).await?;
        let strings = |key: &str| -> Vec<String> {
            let values = item.get(key).and_then(Value::as_array).into_iter().flatten();
            values.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let prefix = format!("{}/", entry.alias);
        let dependencies = strings("registryDependencies").into_iter().map(|served| {
            let here = served.strip_prefix(&prefix).map(ItemAddress::parse);
            // A name with an `@` in it may be a version of another.
            let names = here
                .into_iter()
                .flat_map(|here| here.exact.ok().into_iter().chain(here.selected.map(|(name, _)| name)));
            let component = names.into_iter().find(|name| catalog.get(name.as_str()).is_some());
            DependencyView { served, component }
        });
        // Only the address says whose a public one is, where there may be many.
        let base = match &self.directory {
            Some(_) if catalog.identity().public => format!("{}/o/{}", self.origin, access.organisation()),
            _ => self.origin.to_string(),
        };
        let pinned = at.map(|at| format!("@{at}")).unwrap_or_default();
        let url = format!("{base}/r/{}{pinned}.json", entry.name);
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
            address: format!("{}/{}{pinned}", entry.alias, entry.name),
            dependencies: strings("dependencies"),
            dev_dependencies: strings("devDependencies"),
            registry_dependencies: dependencies.collect(),
            used_by: catalog.used_by(entry.name.as_str()).to_vec(),
            docs: item.get("docs").and_then(Value::as_str).map(str::to_owned),
            versions: versions.rows,
            commits: commits.rows,
            install: format!("npx shadcn@latest add {}/{}{pinned}", entry.alias, entry.name),
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

/// A facet with its most frequent values, and in any case the chosen one.
fn facet_view(chosen: &str, facet: FacetCount, catalog: &Catalog) -> FacetView {
    let FacetCount { kind, without, mut values } = facet;
    if !chosen.is_empty() && !values.iter().take(MOST_VALUES).any(|(value, _)| **value == *chosen) {
        let at = values.iter().position(|(value, _)| **value == *chosen);
        let chosen = at.map_or_else(|| (chosen.into(), 0), |at| values.remove(at));
        values.insert(values.len().min(MOST_VALUES - 1), chosen);
    }
    let more = values.len().saturating_sub(MOST_VALUES);
    let value = |(value, count): (Box<str>, usize)| {
        let name = value.parse().ok().map(|id| catalog.repository_name(id)).filter(|name| !name.is_empty());
        let label = name.filter(|_| kind == FacetKind::Repository).unwrap_or(&value).to_owned();
        FacetValue { label, value: value.into(), count }
    };
    let values = values.into_iter().take(MOST_VALUES).map(value).collect();
    FacetView { facet: kind, without, values, more }
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
