//! One served item: what lists and pages need of it, and its prepared answer.

use super::{Answer, shadcn::is_shadcn_name};
use model::{ComponentId, DependencyPolicy, Digest, ItemAddress, ItemName, Manifest, Namespace, RepositoryId};
use serde_json::Value;
use source::Dependency;
use std::{collections::HashSet, sync::Arc};

/// A version's manifest and the contents of its files, in order.
#[derive(Debug, Clone)]
pub struct Content {
    /// The item as its author wrote it.
    pub manifest: Manifest,
    /// The text of each file.
    pub files: Vec<Arc<str>>,
}

/// One served item.
#[derive(Debug)]
pub struct Entry {
    /// The name it is served under, namespace included.
    pub name: ItemName,
    /// The component's id.
    pub component: ComponentId,
    /// The repository it comes from.
    pub repository: RepositoryId,
    /// The digest of the version.
    pub version: Digest,
    /// When this version was first published, in milliseconds since 1970.
    pub updated_at: i64,
    /// `registry:ui`, …
    pub kind: Box<str>,
    /// The title.
    pub title: Option<Box<str>>,
    /// The description.
    pub description: Option<Box<str>>,
    /// How many files it has.
    pub files: u32,
    /// `registryDependencies` as they are served.
    pub dependencies: Vec<Dependency>,
    /// `registryDependencies` as their author wrote them.
    pub written: Vec<Box<str>>,
    /// Where the alias stands in the prepared bytes, as offsets with the alias taken out.
    pub splices: Vec<u32>,
    /// The item in the listing, with the alias taken out, and where it stands.
    pub listed: Box<str>,
    /// Offsets of the alias in `listed`.
    pub listed_splices: Vec<u32>,
    /// The alias that the prepared bytes carry.
    pub alias: Arc<str>,
    /// The prepared answer.
    pub answer: Answer,
}

/// What decides how an item's dependencies are served.
#[derive(Debug)]
pub struct Resolution<'a> {
    /// The repository's policy.
    pub policy: DependencyPolicy,
    /// The repository's namespace.
    pub namespace: Option<&'a Namespace>,
    /// All item names of the repository, without namespace.
    pub own: &'a HashSet<&'a str>,
    /// Asks for dependencies on our own items pinned to this selector.
    pub pin: Option<&'a str>,
}

impl Resolution<'_> {
    /// How one dependency, as its author wrote it, is served.
    pub fn resolve(&self, written: &str) -> Dependency {
        let ours = self.own.contains(written)
            && match self.policy {
                DependencyPolicy::OwnFirst => true,
                DependencyPolicy::ShadcnFirst => !is_shadcn_name(written),
                DependencyPolicy::AsWritten => false,
            };
        if !ours {
            return Dependency::AsWritten(written.to_owned());
        }
        let mut name = self.namespace.map_or_else(|| written.to_owned(), |namespace| format!("{namespace}/{written}"));
        if let Some(pin) = self.pin {
            name.push('@');
            name.push_str(pin);
        }
        Dependency::Own(name)
    }

    /// All of an item's dependencies.
    pub fn resolve_all(&self, manifest: &Manifest) -> Vec<Dependency> {
        source::registry_dependencies(manifest).iter().map(|written| self.resolve(written)).collect()
    }
}

/// Which item of which repository is being prepared.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The name it is served under.
    pub name: ItemName,
    /// The component.
    pub component: ComponentId,
    /// The repository.
    pub repository: RepositoryId,
    /// The version.
    pub version: Digest,
    /// When the version was first published.
    pub updated_at: i64,
}

/// Makes an item's answer ready.
pub fn prepare(subject: Subject, content: &Content, dependencies: Vec<Dependency>, alias: &Arc<str>) -> Entry {
    let contents: Vec<&str> = content.files.iter().map(AsRef::as_ref).collect();
    let rendered = source::render(&content.manifest, &contents, &dependencies, Some(subject.name.as_str()));
    let listed = source::render_catalog_entry(&content.manifest, &dependencies, Some(subject.name.as_str()));
    let object = content.manifest.to_object();
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(Box::from);
    Entry {
        kind: text("type").unwrap_or_default(),
        title: text("title"),
        description: text("description"),
        files: u32::try_from(content.files.len()).unwrap_or(u32::MAX),
        answer: Answer::compressed(insert(&rendered.json, &offsets(&rendered.splices), alias).as_bytes()),
        splices: offsets(&rendered.splices),
        listed: listed.json.into_boxed_str(),
        listed_splices: offsets(&listed.splices),
        alias: alias.clone(),
        written: source::registry_dependencies(&content.manifest).into_iter().map(String::into_boxed_str).collect(),
        dependencies,
        name: subject.name,
        component: subject.component,
        repository: subject.repository,
        version: subject.version,
        updated_at: subject.updated_at,
    }
}

fn offsets(splices: &[usize]) -> Vec<u32> {
    splices.iter().map(|&at| u32::try_from(at).expect("an item is far smaller than 4 GiB")).collect()
}

/// The text with the alias at these offsets.
pub(super) fn insert(text: &str, splices: &[u32], alias: &str) -> String {
    let mut result = String::with_capacity(text.len() + splices.len() * alias.len());
    let mut from = 0;
    for &at in splices {
        result.push_str(&text[from..at as usize]);
        result.push_str(alias);
        from = at as usize;
    }
    result.push_str(&text[from..]);
    result
}

impl Entry {
    /// Names of the items of this registry that it needs: own ones, and those
    /// that its author wrote out under the registry's alias.
    pub fn dependencies_here(&self, alias: &str) -> impl Iterator<Item = ItemName> {
        self.dependencies.iter().filter_map(move |dependency| self.dependency_here(dependency, alias))
    }

    /// The item of this registry that one of its dependencies leads to.
    pub fn dependency_here(&self, dependency: &Dependency, alias: &str) -> Option<ItemName> {
        match dependency {
            Dependency::Own(name) => name.parse().ok(),
            Dependency::AsWritten(text) => {
                let address = ItemAddress::parse(text.strip_prefix(alias)?.strip_prefix('/')?);
                address.selected.map(|(name, _)| name).or(address.exact.ok())
            }
        }
    }

    /// The answer under another alias, made on the spot.
    pub fn under_alias(&self, alias: &str) -> Answer {
        if alias == &*self.alias || self.splices.is_empty() {
            return self.answer.clone();
        }
        let identity = self.answer.identity();
        let text = std::str::from_utf8(&identity).expect("we prepared this text ourselves");
        let mut result = String::with_capacity(text.len() + self.splices.len() * alias.len());
        let mut from = 0;
        for (nth, &at) in self.splices.iter().enumerate() {
            // Each alias already there moves the next one on.
            let at = at as usize + nth * self.alias.len();
            result.push_str(&text[from..at]);
            result.push_str(alias);
            from = at + self.alias.len();
        }
        result.push_str(&text[from..]);
        Answer::of(result.into_bytes())
    }
}

impl Entry {
    /// Whether its dependencies would be served the same under this resolution.
    pub fn is_resolved_by(&self, resolution: &Resolution<'_>) -> bool {
        self.dependencies.iter().zip(&self.written).all(|(served, written)| resolution.resolve(written) == *served)
    }
}
