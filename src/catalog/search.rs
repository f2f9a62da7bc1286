//! Finding items by words, narrowing what was found, and the name that was
//! probably meant.
//!
//! What fits best comes first: the name, its beginning, a word of it, the
//! title, the description and categories, then packages. A word that no name
//! and no title holds may be misspelt, or an abbreviation; such items come last.

mod facets;
mod index;
mod marks;
#[cfg(test)]
mod tests;
mod word;

pub use facets::FacetCount;
pub use marks::marks;

use super::{Catalog, Entry};
use facets::{Facets, narrow};
use index::{Field, Index};
use model::{
    RepositoryId,
    view::{FacetKind, PackageView, Sort},
};
use serde::Deserialize;
use std::{cmp::Reverse, sync::Arc};

/// What is searched for; empty for all.
#[derive(Debug, Clone, Default)]
pub struct Search<'a> {
    /// Words, all of which have to fit.
    pub words: &'a str,
    /// Types to keep.
    pub kinds: Vec<&'a str>,
    /// A category to keep.
    pub category: Option<&'a str>,
    /// A repository to keep.
    pub repository: Option<RepositoryId>,
    /// An npm package to keep.
    pub package: Option<&'a str>,
    /// What comes first.
    pub sort: Sort,
    /// Whether to count the facets.
    pub facets: bool,
}

/// What was found.
#[derive(Debug)]
pub struct Found<'a> {
    entries: &'a [Arc<Entry>],
    order: Vec<u32>,
    /// The facets, if they were asked for.
    pub facets: Vec<FacetCount>,
}

impl<'a> Found<'a> {
    /// How many items there are.
    pub fn total(&self) -> usize {
        self.order.len()
    }

    /// The items from `offset` on, `limit` at most.
    pub fn page(&self, offset: usize, limit: usize) -> impl Iterator<Item = &'a Arc<Entry>> {
        self.order.iter().skip(offset).take(limit).map(|&at| &self.entries[at as usize])
    }
}

/// What a search looks at, made once for all searches.
#[derive(Debug)]
pub(super) struct Searchable {
    index: Index,
    facets: Facets,
    /// The place of each entry by the length of its name, then by name: what
    /// fits equally well comes in this order.
    short: Vec<u32>,
    /// The place of each entry by name.
    alphabetical: Vec<u32>,
}

/// What the listing says of an item beside what its entry holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    dev_dependencies: Vec<String>,
}

impl Searchable {
    fn of(entries: &[Arc<Entry>]) -> Self {
        let mut index = index::Builder::default();
        let mut facets: [facets::Builder; FacetKind::ALL.len()] = std::array::from_fn(|_| facets::Builder::default());
        for entry in entries {
            // Whatever is odd about an item was reported when it was synced.
            let listed: Option<Listed> = serde_json::from_str(&entry.listed).ok();
            let listed =
                listed.unwrap_or_else(|| Listed { categories: vec![], dependencies: vec![], dev_dependencies: vec![] });
            let written = listed.dependencies.iter().chain(&listed.dev_dependencies);
            let packages: Vec<&str> = written.map(|written| source::split_package(written).0).collect();

            let index = index.thing();
            index.name(entry.name.as_str());
            index.text(entry.title.as_deref().unwrap_or_default(), Field::Title);
            index.text(entry.description.as_deref().unwrap_or_default(), Field::Text);
            for category in &listed.categories {
                index.whole(category, Field::Text);
                index.text(category, Field::Text);
            }
            for package in &packages {
                index.whole(package, Field::Package);
            }

            let [kind, category, repository, package] = &mut facets;
            kind.thing([&*entry.kind]);
            category.thing(listed.categories.iter().map(String::as_str).filter(|category| !category.is_empty()));
            repository.thing([&*entry.repository.to_string()]);
            package.thing(packages);
        }
        let name = |at: usize| entries[at].name.as_str();
        Self {
            index: index.build(),
            facets: facets.map(facets::Builder::build),
            short: places(entries.len(), |at| (name(at).len(), name(at))),
            alphabetical: places(entries.len(), name),
        }
    }
}

/// The place of each of so many things when they are ordered by this key.
fn places<K: Ord>(things: usize, key: impl Fn(usize) -> K) -> Vec<u32> {
    let mut order: Vec<usize> = (0..things).collect();
    order.sort_by_key(|&at| key(at));
    let mut places = vec![0; things];
    for (place, at) in order.into_iter().enumerate() {
        places[at] = u32::try_from(place).expect("a catalogue holds far fewer than 2^32 items");
    }
    places
}

impl Catalog {
    fn searchable(&self) -> &Searchable {
        self.searchable.get_or_init(|| Searchable::of(self.entries()))
    }

    /// The items that fit. By relevance without words is the order of the listing.
    pub fn search(&self, search: &Search<'_>) -> Found<'_> {
        let searchable = self.searchable();
        let entries = self.entries();
        let scores = searchable.index.scores(search.words);
        let all = 0..u32::try_from(entries.len()).expect("a catalogue holds far fewer than 2^32 items");
        let mut order: Vec<u32> = match &scores {
            Some(scores) => all.filter(|&at| scores[at as usize] > 0).collect(),
            None => all.collect(),
        };
        let repository = search.repository.map(|id| id.to_string());
        let chosen = [
            search.kinds.clone(),
            search.category.into_iter().collect(),
            repository.as_deref().into_iter().collect(),
            search.package.into_iter().collect(),
        ];
        let facets = narrow(&searchable.facets, &chosen, &mut order, search.facets);
        match (search.sort, &scores) {
            (Sort::Relevance, None) => {}
            (Sort::Relevance, Some(scores)) => {
                order.sort_unstable_by_key(|&at| (Reverse(scores[at as usize]), searchable.short[at as usize]));
            }
            (Sort::Name, _) => order.sort_unstable_by_key(|&at| searchable.alphabetical[at as usize]),
            (Sort::Updated, _) => order.sort_unstable_by_key(|&at| {
                (Reverse(entries[at as usize].updated_at), searchable.alphabetical[at as usize])
            }),
        }
        Found { entries, order, facets }
    }

    /// The name that was probably meant by one that is not served.
    pub fn did_you_mean(&self, asked: &str) -> Option<&str> {
        self.searchable().index.nearest(asked).map(|at| self.entries()[at].name.as_str())
    }

    /// The npm packages with these words in their names, best first; all by
    /// name when there are no words.
    pub fn search_packages(&self, words: &str) -> Vec<&PackageView> {
        let packages = self.packages();
        let index = self.package_names.get_or_init(|| {
            let mut index = index::Builder::default();
            packages.iter().for_each(|package| index.thing().name(&package.name));
            PackageNames(index.build())
        });
        let Some(scores) = index.0.scores(words) else { return packages.iter().collect() };
        let mut order: Vec<usize> = (0..packages.len()).filter(|&at| scores[at] > 0).collect();
        // They stand by name already; what more components ask for comes first.
        order.sort_by_key(|&at| (Reverse(scores[at]), Reverse(packages[at].components)));
        order.into_iter().map(|at| &packages[at]).collect()
    }

    /// The package whose name was probably meant.
    pub fn nearest_package(&self, asked: &str) -> Option<&str> {
        self.search_packages("");
        let index = self.package_names.get()?;
        index.0.nearest(asked).map(|at| self.packages()[at].name.as_str())
    }
}

/// The names of npm packages, for a search.
#[derive(Debug)]
pub(super) struct PackageNames(Index);
