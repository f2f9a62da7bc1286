//! The repositories beside one of them.

use crate::app::{
    format::number,
    parts::siblings::{LISTED, Sibling, Siblings},
    words::{count, t},
};
use leptos::prelude::*;
use model::{RepositoryId, view::RepositoryName};

/// The repositories around the open one.
#[component]
pub fn OtherRepositories(
    /// All of them, by name.
    names: Vec<RepositoryName>,
    /// The one whose page it is.
    open: RepositoryId,
) -> impl IntoView {
    let at = names.iter().position(|name| name.id == open).unwrap_or_default();
    let more = names.len().saturating_sub(LISTED);
    let from = at.saturating_sub(LISTED / 2).min(more);
    let row = |RepositoryName { id, name, components }| Sibling {
        href: format!("/registry/{id}"),
        name,
        count: Some(number(components)),
        open: id == open,
    };
    let rows = names.into_iter().skip(from).take(LISTED).map(row).collect();
    let more = (more > 0).then(|| count!(more, "repository", "repositories"));
    view! { <Siblings label=t!("Repositories") rows more all="/registry"/> }.into_any()
}
