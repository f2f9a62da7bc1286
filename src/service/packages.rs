//! npm packages: which are in use, in which ranges, and by whom.

use super::{RegistryService, ServiceError, components::serving};
use crate::auth::{Access, Read};
use model::view::{PackageSort, PackageView, Page};
use serde::Deserialize;
use std::cmp::Reverse;

/// Which packages to list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct PackagesQuery {
    /// Words of a name.
    pub q: String,
    /// Only those of which components ask for different ranges.
    pub differing: bool,
    /// What comes first: `relevance` (the default; without words by name), or
    /// `used` for what most components ask for.
    #[param(value_type = Option<String>)]
    pub sort: PackageSort,
    /// How many to leave out.
    pub offset: usize,
    /// How many at most; 50 if not given, 200 at most.
    pub limit: Option<usize>,
}

/// A page of packages.
#[derive(Debug, Clone)]
pub struct Packages {
    /// The packages.
    pub page: Page<PackageView>,
    /// Of how many packages components ask for different ranges.
    pub differing: usize,
    /// Where there are none, the name that was probably meant.
    pub nearest: Option<String>,
}

impl RegistryService {
    /// The npm packages that what is served asks for.
    pub fn packages(&self, access: &Access<Read>, query: &PackagesQuery) -> Result<Packages, ServiceError> {
        let tenant = &self.tenant(access)?;
        let catalog = serving(tenant)?;
        let all = catalog.packages();
        let mut found = catalog.search_packages(&query.q);
        found.retain(|package| !query.differing || package.differs());
        if query.sort == PackageSort::Used {
            found.sort_by_key(|package| Reverse(package.components));
        }
        let limit = query.limit.unwrap_or(50).clamp(1, 200);
        let rows = found.iter().skip(query.offset).take(limit).map(|package| (*package).clone()).collect();
        let page = Page { rows, total: found.len(), offset: query.offset, limit };
        let nearest = if page.total == 0 { catalog.nearest_package(&query.q).map(str::to_owned) } else { None };
        Ok(Packages { page, differing: all.iter().filter(|package| package.differs()).count(), nearest })
    }
}
