//! What the page of npm packages needs.

use model::view::{PackageView, Page};
use serde::Serialize;

/// Which packages to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackagesQuery {
    /// Part of a name.
    pub q: String,
    /// Only those with different ranges.
    pub differing: bool,
    /// How many to leave out.
    pub offset: usize,
}

/// Packages, and of how many the ranges differ in all.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackagesData {
    /// The packages.
    pub page: Page<PackageView>,
    /// How many there are with different ranges.
    pub differing: usize,
}
