//! Loader of the npm packages.

use super::server::{open, service_error};
use crate::{
    app::{
        data::{PackagesData, PackagesQuery},
        error::PageError,
    },
    auth::Read,
    catalog::marks,
    service,
};

/// Packages on one page.
const PAGE: usize = 50;

/// The npm packages that components ask for.
pub async fn packages(query: PackagesQuery) -> Result<PackagesData, PageError> {
    let (state, access) = open::<Read>().await?;
    let PackagesQuery { q, differing, sort, offset } = query;
    let asked = service::PackagesQuery { q: q.clone(), differing, sort, offset, limit: Some(PAGE) };
    let service::Packages { page, differing, nearest } =
        state.service.packages(&access, &asked).map_err(service_error)?;
    let marks = page.rows.iter().map(|package| marks([&package.name], &q)).map(|[name]| name).collect();
    Ok(PackagesData { page, marks, differing, nearest: nearest.filter(|name| *name != q) })
}
