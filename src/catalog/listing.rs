//! The listing `registry.json`, whole or by page.

use super::{Catalog, Search, entry::insert};
use serde::Deserialize;
use serde_json::json;

/// The parameters that the CLI sends (`specs/shadcn-protocol.md` 2.5). Any of
/// them asks for a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams))]
pub struct ListingQuery {
    /// Words to look for in name, title and description.
    pub q: Option<String>,
    /// Types to keep, separated by commas: `registry:ui,registry:hook`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// How many items at most; 0 means all. Default 100, or 20 if only `q` is given.
    pub limit: Option<usize>,
    /// How many items to leave out.
    pub offset: Option<usize>,
}

impl ListingQuery {
    /// Whether nothing narrows it: then the whole listing is meant.
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }
}

/// Wraps listed items into a registry.
fn wrap(catalog: &Catalog, items: impl Iterator<Item = String>, pagination: Option<&serde_json::Value>) -> String {
    let identity = catalog.identity();
    let mut text = String::from("{\n  \"$schema\": \"https://ui.shadcn.com/schema/registry.json\",\n  \"name\": ");
    text.push_str(&json!(identity.name).to_string());
    text.push_str(",\n  \"homepage\": ");
    text.push_str(&json!(identity.homepage).to_string());
    text.push_str(",\n  \"items\": [");
    for (nth, item) in items.enumerate() {
        text.push_str(if nth == 0 { "\n    " } else { ",\n    " });
        text.push_str(&item);
    }
    text.push_str("\n  ]");
    if let Some(pagination) = pagination {
        text.push_str(",\n  \"pagination\": ");
        text.push_str(&pagination.to_string());
    }
    text.push_str("\n}\n");
    text
}

/// The whole catalogue under this alias.
pub(super) fn whole(catalog: &Catalog, alias: &str) -> String {
    wrap(catalog, catalog.entries().iter().map(|entry| insert(&entry.listed, &entry.listed_splices, alias)), None)
}

/// What a listing request gets: the whole catalogue, or a page of it.
pub fn listing(catalog: &Catalog, query: &ListingQuery, alias: &str) -> String {
    if query.is_whole() {
        return whole(catalog, alias);
    }
    let kinds: Vec<&str> =
        query.kind.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|kind| !kind.is_empty()).collect();
    let words = query.q.as_deref().unwrap_or_default();
    let found = catalog.search(&Search { words, kinds, ..Search::default() });
    let only_words = query.q.is_some() && query.kind.is_none() && query.limit.is_none() && query.offset.is_none();
    let offset = query.offset.unwrap_or(0);
    let limit = match query.limit {
        Some(0) => found.total().max(1),
        Some(limit) => limit,
        // A client that sends nothing but words goes on to get every hit.
        None if only_words => 20,
        None => 100,
    };
    let total = found.total();
    let pagination = json!({
        "total": total,
        "offset": offset,
        "limit": limit,
        "hasMore": offset.saturating_add(limit) < total,
    });
    let page = found.page(offset, limit);
    wrap(catalog, page.map(|entry| insert(&entry.listed, &entry.listed_splices, alias)), Some(&pagination))
}
