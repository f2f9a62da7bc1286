//! The list that a page was chosen from, beside it where the screen has room.

use crate::app::words::t;
use leptos::prelude::*;
use std::borrow::Cow;

/// How many rows of a long list are beside a page.
pub const LISTED: usize = 40;

/// A row of the list.
pub struct Sibling {
    /// Where it leads.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// How much is in it.
    pub count: Option<String>,
    /// Whether it is the page that is open.
    pub open: bool,
}

/// The rows around the open one; nothing where it is alone.
#[component]
pub fn Siblings(
    /// What they are: "Repositories".
    label: Cow<'static, str>,
    /// The rows.
    rows: Vec<Sibling>,
    /// How many others there are: "12 repositories"; none if these are all.
    more: Option<String>,
    /// Where all are.
    all: &'static str,
    /// Whether their names are code.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    if rows.len() < 2 {
        return ().into_any();
    }
    let row = |Sibling { href, name, count, open }| {
        view! {
            <li>
                <a href=href aria-current=open.then_some("page")>
                    <span class="name" class:mono=mono>{name}</span>
                    {count.map(|count| view! { <span class="count">{count}</span> })}
                </a>
            </li>
        }
    };
    view! {
        <nav class="siblings" aria-label=label>
            <div>
                <ul>{rows.into_iter().map(row).collect_view()}</ul>
                {more.map(|count| view! { <a class="muted" href=all>{t!("and %{count} more", count = count)}</a> })}
            </div>
        </nav>
    }
    .into_any()
}
