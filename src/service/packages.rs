//! npm packages: which are in use, in which ranges, and by whom.

use super::{RegistryService, ServiceError, components::serving};
use crate::auth::{Access, Read};
use model::view::{PackageView, Page};
use serde::Deserialize;

/// Which packages to list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct PackagesQuery {
    /// Part of a name.
    pub q: String,
    /// Only those of which components ask for different ranges.
    pub differing: bool,
    /// How many to leave out.
    pub offset: usize,
    /// How many at most; 50 if not given, 200 at most.
    pub limit: Option<usize>,
}

/// A page of packages.
#[derive(Debug, Clone)]
pub struct Packages {
    /// The packages, by name.
    pub page: Page<PackageView>,
    /// Of how many packages components ask for different ranges.
    pub differing: usize,
}

impl RegistryService {
    /// The npm packages that what is served asks for, by name.
    pub fn packages(&self, access: &Access<Read>, query: &PackagesQuery) -> Result<Packages, ServiceError> {
        let tenant = &self.tenant(access)?;
        let catalog = serving(tenant)?;
        let asked = query.q.to_lowercase();
        let all = catalog.packages();
        let found: Vec<&PackageView> = all
            .iter()
            .filter(|package| package.name.to_lowercase().contains(&asked) && (!query.differing || package.differs()))
            .collect();
        let limit = query.limit.unwrap_or(50).clamp(1, 200);
        let rows = found.iter().skip(query.offset).take(limit).map(|package| (*package).clone()).collect();
        let page = Page { rows, total: found.len(), offset: query.offset, limit };
        Ok(Packages { page, differing: all.iter().filter(|package| package.differs()).count() })
    }
}
