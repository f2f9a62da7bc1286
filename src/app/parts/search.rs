//! A list that is searched: its form, its results, and why a row was found.

use crate::app::{
    icons::{Glyph, Icon},
    islands::LiveSearch,
    words::t,
};
use leptos::prelude::*;
use std::{borrow::Cow, ops::Range};

/// The form above a list. It is sent as any other; with scripts the results
/// follow what is typed.
#[component]
pub fn SearchForm(
    /// The list's address.
    action: &'static str,
    /// What is searched, for those who do not see it.
    label: Cow<'static, str>,
    /// What can be typed.
    placeholder: Cow<'static, str>,
    /// What was typed.
    #[prop(into)]
    q: String,
    /// Names and values that are sent along; empty ones are not.
    #[prop(optional)]
    along: Vec<(&'static str, String)>,
    /// Further controls.
    children: Children,
) -> impl IntoView {
    let along = along
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input r#type="hidden" name=name value=value/> })
        .collect_view();
    view! {
        <form class="filter searching" role="search" method="get" action=action>
            <label class="search">
                <span class="sr-only">{label}</span>
                <Icon glyph=Glyph::Search/>
                <input id="search" type="search" name="q" value=q placeholder=placeholder autocomplete="off" spellcheck="false" enterkeyhint="search"/>
                <kbd aria-hidden="true" class="needs-js">"/"</kbd>
            </label>
            {along}
            {children()}
            <button class="button without-js">{t!("Search")}</button>
            <LiveSearch away=t!("The server does not answer. What is shown was found before.").into_owned()/>
        </form>
    }
    .into_any()
}

/// What was found; the form's results replace it.
#[component]
pub fn Results(
    /// How many, in words: said aloud as they change.
    tally: String,
    /// The results.
    children: Children,
) -> impl IntoView {
    view! { <div id="results" class="results" data-tally=tally>{children()}</div> }.into_any()
}

/// One of several orders of a list.
#[component]
pub fn SortBy(
    /// Values and names; the first is the default and has an empty value.
    options: Vec<(&'static str, Cow<'static, str>)>,
    /// The value that is chosen.
    chosen: &'static str,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(value, label)| view! { <option value=value selected=value == chosen>{label}</option> })
        .collect_view();
    view! {
        <label class="sort">
            <span class="sr-only">{t!("Sort by")}</span>
            <select name="sort">{options}</select>
        </label>
    }
    .into_any()
}

/// A text in which some parts stand out.
#[component]
pub fn Marked(
    /// The text.
    text: String,
    /// Byte ranges of it, in order and apart.
    at: Vec<Range<usize>>,
) -> impl IntoView {
    let mut pieces = Vec::with_capacity(at.len() * 2 + 1);
    let mut from = 0;
    for range in at {
        let (Some(before), Some(marked)) = (text.get(from..range.start), text.get(range.clone())) else { continue };
        if !before.is_empty() {
            pieces.push(before.to_owned().into_any());
        }
        pieces.push(view! { <mark>{marked.to_owned()}</mark> }.into_any());
        from = range.end;
    }
    if from < text.len() {
        pieces.push(text[from..].to_owned().into_any());
    }
    pieces.into_any()
}
