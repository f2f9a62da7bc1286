//! Loader of the list of all components.

use super::server::{open, service_error};
use crate::{
    app::{
        data::{ComponentsData, ComponentsQuery, Marks},
        error::PageError,
    },
    auth::Read,
    catalog::marks,
    service,
};
use model::{
    RepositoryId,
    view::{ComponentRow, FacetKind, Sort},
};

/// What fits a search, and what it can be narrowed by.
pub async fn components(query: ComponentsQuery) -> Result<ComponentsData, PageError> {
    let (state, access) = open::<Read>().await?;
    let of = |facet| query.of(facet).to_owned();
    let repository = query.of(FacetKind::Repository);
    // Without words the list of everything is by name; a repository's is its author's.
    let sort = if query.q.is_empty() && query.sort == Sort::Relevance { Sort::Name } else { query.sort };
    let mut asked = service::ComponentsQuery {
        q: query.q.clone(),
        kind: of(FacetKind::Type),
        category: of(FacetKind::Category),
        // What cannot be the id of a repository has no components either.
        repository: (!repository.is_empty()).then(|| repository.parse().unwrap_or_else(|_| RepositoryId::of_key(""))),
        package: of(FacetKind::Package),
        sort,
        facets: true,
        offset: query.offset,
        limit: query.limit,
    };
    let mut found = state.service.find_components(&access, &asked).map_err(service_error)?;
    if found.page.rows.is_empty() && found.page.total > 0 {
        // Components went since the address was made: the last page is the nearest.
        asked.offset = (found.page.total - 1) / found.page.limit * found.page.limit;
        found = state.service.find_components(&access, &asked).map_err(service_error)?;
    }
    let marks = found.page.rows.iter().map(|row| marks_of(row, &query.q)).collect();
    let nearest = found.nearest.map(|name| name.to_string()).filter(|name| *name != query.q);
    Ok(ComponentsData { marks, page: found.page, facets: found.facets.unwrap_or_default(), nearest })
}

fn marks_of(row: &ComponentRow, words: &str) -> Marks {
    let about = row.description.as_deref().or(row.title.as_deref()).unwrap_or_default();
    let [name, about] = marks([row.name.as_str(), about], words);
    Marks { name, about }
}
