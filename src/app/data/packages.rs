//! What the page of npm packages needs.

use model::view::{PackageSort, PackageView, Page};
use serde::Serialize;
use std::ops::Range;

/// Which packages to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackagesQuery {
    /// Words of a name.
    pub q: String,
    /// Only those with different ranges.
    pub differing: bool,
    /// What comes first.
    pub sort: PackageSort,
    /// How many to leave out.
    pub offset: usize,
}

/// Packages, and of how many the ranges differ in all.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackagesData {
    /// The packages.
    pub page: Page<PackageView>,
    /// The parts of each name that were looked for, as byte ranges.
    pub marks: Vec<Vec<Range<usize>>>,
    /// How many there are with different ranges.
    pub differing: usize,
    /// Where nothing was found, the name that was probably meant.
    pub nearest: Option<String>,
}
