//! What the list of all components needs.

use model::{
    ItemName,
    view::{ComponentRow, FacetKind, FacetView, Page, Sort},
};
use serde::Serialize;
use std::ops::Range;

/// What the list of all components is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentsQuery {
    /// Words to find; empty for all.
    pub q: String,
    /// The value that each facet is narrowed to, in the order of
    /// [`FacetKind::ALL`]; empty for all.
    pub chosen: [String; FacetKind::ALL.len()],
    /// What comes first.
    pub sort: Sort,
    /// The position of the first row.
    pub offset: usize,
    /// How many rows a page has, if not as many as usual.
    pub limit: Option<usize>,
}

impl ComponentsQuery {
    /// The value that a facet is narrowed to; empty for none.
    pub fn of(&self, facet: FacetKind) -> &str {
        &self.chosen[facet as usize]
    }

    /// The same with another value of a facet; empty for none.
    #[must_use]
    pub fn with(&self, facet: FacetKind, value: &str) -> Self {
        let mut query = Self { offset: 0, ..self.clone() };
        value.clone_into(&mut query.chosen[facet as usize]);
        query
    }

    /// The facets that are narrowed.
    pub fn narrowed(&self) -> impl Iterator<Item = FacetKind> {
        FacetKind::ALL.into_iter().filter(|facet| !self.of(*facet).is_empty())
    }

    /// As an address has it, without the position.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let chosen = FacetKind::ALL.into_iter().map(|facet| (facet.as_str(), self.of(facet).to_owned()));
        let sort = ("sort", self.sort.as_str().to_owned());
        let limit = self.limit.map(|limit| ("limit", limit.to_string()));
        std::iter::once(("q", self.q.clone())).chain(chosen).chain(limit).chain([sort]).collect()
    }
}

/// The parts of a row's texts that show why it was found: of its name, and of
/// what is said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Marks {
    /// Of its name, as byte ranges.
    pub name: Vec<Range<usize>>,
    /// Of its description, else of its title.
    pub about: Vec<Range<usize>>,
}

/// The list of all components.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentsData {
    /// The page asked for.
    pub page: Page<ComponentRow>,
    /// For each row of it why it was found.
    pub marks: Vec<Marks>,
    /// What it can be narrowed by.
    pub facets: Vec<FacetView>,
    /// Where nothing was found, the name that was probably meant.
    pub nearest: Option<String>,
}

/// A component among those around it in the list of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// Their names, its own among them.
    pub names: Vec<ItemName>,
    /// How many components there are.
    pub total: usize,
}
