//! Loader of the npm packages.

use super::server::{open, service_error};
use crate::{
    app::{
        data::{PackagesData, PackagesQuery},
        error::PageError,
    },
    auth::Read,
    service,
};

/// Packages on one page.
const PAGE: usize = 50;

/// The npm packages that components ask for.
pub async fn packages(query: PackagesQuery) -> Result<PackagesData, PageError> {
    let (state, access) = open::<Read>().await?;
    let PackagesQuery { q, differing, offset } = query;
    let asked = service::PackagesQuery { q, differing, offset, limit: Some(PAGE) };
    let service::Packages { page, differing } = state.service.packages(&access, &asked).map_err(service_error)?;
    Ok(PackagesData { page, differing })
}
