//! What a search of components shows beside its rows.

use super::{ComponentRow, Page};
use crate::ItemName;
use serde::{Deserialize, Serialize};

/// What a search can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FacetKind {
    /// The type: `registry:ui`.
    Type,
    /// A category that its author gave it.
    Category,
    /// The repository it comes from, by id.
    Repository,
    /// An npm package that it asks for.
    Package,
}

impl FacetKind {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Type, Self::Category, Self::Repository, Self::Package];

    /// Its name in an address and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Category => "category",
            Self::Repository => "repository",
            Self::Package => "package",
        }
    }
}

/// The values of a facet among what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetView {
    /// The facet.
    pub facet: FacetKind,
    /// How many would be found if nothing were chosen of this facet.
    pub without: usize,
    /// Its values, the most frequent first; not all if `more` is not 0.
    pub values: Vec<FacetValue>,
    /// How many further values there are.
    pub more: usize,
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetValue {
    /// The value, as a search takes it.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// How many would be found if this were chosen of its facet.
    pub count: usize,
}

/// What comes first in a list of components.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// What fits the words best; without words the order of the listing.
    #[default]
    Relevance,
    /// By name.
    Name,
    /// What was published last.
    Updated,
}

impl Sort {
    /// Reads `?sort=`; anything unknown is the default.
    pub fn parse(text: &str) -> Self {
        match text {
            "name" => Self::Name,
            "updated" => Self::Updated,
            _ => Self::default(),
        }
    }

    /// The value of `?sort=`; empty for the default.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relevance => "",
            Self::Name => "name",
            Self::Updated => "updated",
        }
    }
}

/// What comes first in a list of npm packages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackageSort {
    /// What fits the words best; without words by name.
    #[default]
    Relevance,
    /// What most components ask for.
    Used,
}

/// A page of components, and what it can be narrowed by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundComponents {
    /// The page.
    #[serde(flatten)]
    pub page: Page<ComponentRow>,
    /// The facets, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<Vec<FacetView>>,
    /// Where nothing was found, the name that was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<ItemName>,
}
