//! What is published now: prepared answers, the search index, the dependency
//! graph. Reading never goes past this room for what the CLI asks.

mod answer;
mod disk;
mod entry;
mod graph;
mod listing;
mod lru;
mod packages;
mod search;
mod shadcn;

pub use answer::Answer;
pub use disk::{load, save};
pub use entry::{Content, Entry, Resolution, Subject, prepare};
pub use listing::{ListingQuery, listing};
pub use lru::IdentityCache;
pub use search::{FacetCount, Found, Search, marks};
pub use shadcn::is_shadcn_name;

use model::{Accent, Digest, ItemName, RepositoryId, view::PackageView};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
};

/// Everything that one organisation serves now. Immutable: a publication makes
/// a new one and swaps it in.
#[derive(Debug, Default)]
pub struct Catalog {
    /// In the order of the listing: by repository, then as its author listed them.
    entries: Vec<Arc<Entry>>,
    by_name: HashMap<ItemName, usize>,
    names: Names,
    identity: Identity,
    /// Tells what it was made from; none for what was never made.
    basis: Option<Digest>,
    listing: OnceLock<Answer>,
    used_by: OnceLock<HashMap<ItemName, Vec<ItemName>>>,
    packages: OnceLock<Vec<PackageView>>,
    /// What a search looks at.
    searchable: OnceLock<search::Searchable>,
    package_names: OnceLock<search::PackageNames>,
}

/// The registry's own fields in the served `registry.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    /// `name`.
    pub name: String,
    /// `homepage`.
    pub homepage: String,
    /// The name under which projects know this registry, unless they say otherwise.
    pub alias: String,
    /// Whether anyone may read it. Not served, but kept with what is.
    pub public: bool,
    /// The dashboard's accent. Not served, but kept with what is.
    #[serde(default)]
    pub accent: Option<Accent>,
}

/// What is known of names beside what is served.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Names {
    /// Names that were served once and are not any more.
    pub removed: HashMap<ItemName, Removed>,
    /// Names that lead to a served one: chains are followed to their end, and
    /// none of these is served itself.
    pub aliases: HashMap<ItemName, ItemName>,
    /// Names whose newest state is broken: their last good version is served.
    pub quarantined: HashSet<ItemName>,
    /// The repositories' names for people.
    pub repositories: HashMap<RepositoryId, String>,
}

/// A name that is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Removed {
    /// What to use instead.
    pub replacement: Option<ItemName>,
}

impl Catalog {
    /// A catalogue of these entries, in listing order. Of two entries with one
    /// name the first holds it. `basis` tells what all of it was made from.
    pub fn new(basis: Digest, identity: Identity, entries: Vec<Arc<Entry>>, names: Names) -> Self {
        let mut by_name = HashMap::with_capacity(entries.len());
        let mut kept = Vec::with_capacity(entries.len());
        for entry in entries {
            if let std::collections::hash_map::Entry::Vacant(place) = by_name.entry(entry.name.clone()) {
                place.insert(kept.len());
                kept.push(entry);
            }
        }
        Self { entries: kept, by_name, names, identity, basis: Some(basis), ..Self::default() }
    }

    /// Tells what it was made from; `None` if nothing was served yet.
    pub fn basis(&self) -> Option<Digest> {
        self.basis
    }

    /// The entry served under this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Entry>> {
        self.by_name.get(name).map(|&at| &self.entries[at])
    }

    /// All entries in listing order.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The entry of this name among those that stand around it in listing order,
    /// `most` at most; none if it is not served.
    pub fn around(&self, name: &str, most: usize) -> &[Arc<Entry>] {
        let Some(&at) = self.by_name.get(name) else { return &[] };
        let from = at.saturating_sub(most / 2).min(self.entries.len().saturating_sub(most));
        &self.entries[from..self.entries.len().min(from + most)]
    }

    /// The entries of one repository.
    pub fn of_repository(&self, repository: RepositoryId) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter().filter(move |entry| entry.repository == repository)
    }

    /// What is known of a name that is gone.
    pub fn removed(&self, name: &str) -> Option<&Removed> {
        self.names.removed.get(name)
    }

    /// The served name that this one leads to. None for a name that is served itself.
    pub fn alias(&self, name: &str) -> Option<&ItemName> {
        self.names.aliases.get(name).filter(|_| self.get(name).is_none())
    }

    /// What is known of names beside what is served.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Whether the last good version of this name is served, the newest being broken.
    pub fn is_quarantined(&self, name: &ItemName) -> bool {
        self.names.quarantined.contains(name)
    }

    /// The name that people gave a repository; empty for one that is not there.
    pub fn repository_name(&self, id: RepositoryId) -> &str {
        self.names.repositories.get(&id).map_or("", String::as_str)
    }

    /// The registry's own fields.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Our items that need this one, in listing order.
    pub fn used_by(&self, name: &str) -> &[ItemName] {
        let index = self.used_by.get_or_init(|| {
            let mut index: HashMap<ItemName, Vec<ItemName>> = HashMap::new();
            for entry in &self.entries {
                for own in entry.dependencies_here(&self.identity.alias) {
                    index.entry(own).or_default().push(entry.name.clone());
                }
            }
            index
        });
        index.get(name).map_or(&[], Vec::as_slice)
    }

    /// The npm packages that items ask for, by name.
    pub fn packages(&self) -> &[PackageView] {
        self.packages.get_or_init(|| packages::index(&self.entries))
    }

    /// The whole listing under the organisation's own alias, made once.
    pub fn whole_listing(&self) -> &Answer {
        self.listing.get_or_init(|| Answer::of(listing::whole(self, &self.identity.alias).into_bytes()))
    }
}
