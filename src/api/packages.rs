//! JSON route about the npm packages in use.

use super::internal::Answer;
use crate::{
    app_state::AppState,
    auth::{Access, Read},
    service::PackagesQuery,
};
use axum::{
    Json,
    extract::{Query, State},
};
use model::view::{PackageView, Page};

/// List the npm packages that components ask for, in which ranges, and who does.
#[utoipa::path(get, path = "/api/internal/packages", tag = "components", params(PackagesQuery), responses((status = 200, description = "A page of packages; of each package the range that most ask for first")))]
pub(super) async fn packages(
    State(state): State<AppState>,
    access: Access<Read>,
    Query(query): Query<PackagesQuery>,
) -> Answer<Page<PackageView>> {
    Ok(Json(state.service.packages(&access, &query)?.page))
}
