//! The list of repositories beside one of them, on a screen that has room for it.

use crate::app::format::number;
use crate::app::words::{count, t};
use leptos::prelude::*;
use model::{RepositoryId, view::RepositoryName};

/// How many are listed.
const LISTED: usize = 40;

/// The names of all repositories, the open one among them; nothing where there
/// is only one.
#[component]
pub fn Siblings(
    /// All of them, by name.
    names: Vec<RepositoryName>,
    /// The one whose page it is.
    open: RepositoryId,
) -> impl IntoView {
    if names.len() < 2 {
        return ().into_any();
    }
    // Of a long list, the part around the open one.
    let at = names.iter().position(|name| name.id == open).unwrap_or_default();
    let from = at.saturating_sub(LISTED / 2).min(names.len().saturating_sub(LISTED));
    let more = names.len().saturating_sub(LISTED);
    let rows = names
        .into_iter()
        .skip(from)
        .take(LISTED)
        .map(|RepositoryName { id, name, components }| {
            view! {
                <li>
                    <a href=format!("/registry/{id}") aria-current=(id == open).then_some("page")>
                        <span class="name">{name}</span>
                        <span class="count">{number(components)}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="siblings" aria-label=t!("Repositories")>
            <ul>{rows}</ul>
            {(more > 0).then(|| view! { <a class="muted" href="/registry">{t!("and %{count} more", count = count!(more, "repository", "repositories"))}</a> })}
        </nav>
    }
    .into_any()
}
