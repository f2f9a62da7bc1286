//! What a list of components can be narrowed by, as links: they work without
//! scripts, can be shared, and the browser's Back undoes them.

use super::address;
use crate::app::{
    data::ComponentsQuery,
    format::{kind, number},
    icons::{Glyph, Icon},
    words::t,
};
use leptos::prelude::*;
use model::view::{FacetKind, FacetValue, FacetView};
use std::borrow::Cow;

/// Values that stand at once; the others unfold.
const AT_ONCE: usize = 8;

/// What people call a facet.
fn facet_label(facet: FacetKind) -> Cow<'static, str> {
    match facet {
        FacetKind::Type => t!("Type"),
        FacetKind::Category => t!("Category"),
        FacetKind::Repository => t!("Repository"),
        FacetKind::Package => t!("Package"),
    }
}

/// What people call a value: as the facet has it, else as it was asked for.
pub(super) fn chosen_label(facet: Option<&FacetView>, value: &str) -> String {
    let known = facet.and_then(|facet| facet.values.iter().find(|known| known.value == value));
    let label = known.map_or(value, |known| &known.label);
    kind(label).to_owned()
}

/// All facets: beside the list, folded above it where the screen is narrow.
#[component]
pub fn Facets(
    /// The facets of what was found.
    facets: Vec<FacetView>,
    /// What was asked.
    query: ComponentsQuery,
) -> impl IntoView {
    let chosen = query.narrowed().count();
    let facets = facets
        .into_iter()
        // A facet whose every value all of them have narrows nothing.
        .filter(|facet| {
            !query.of(facet.facet).is_empty() || facet.values.iter().any(|value| value.count < facet.without)
        })
        .map(|facet| view! { <Facet facet query=query.clone()/> })
        .collect_view();
    view! {
        <details class="facets">
            <summary>{t!("Filter")}{(chosen > 0).then(|| view! { <span class="count">{number(chosen)}</span> })}</summary>
            <nav aria-label=t!("Filter")>{facets}</nav>
        </details>
    }
    .into_any()
}

#[component]
fn Facet(facet: FacetView, query: ComponentsQuery) -> impl IntoView {
    let FacetView { facet, mut values, more, .. } = facet;
    // What is chosen stands at once, wherever it would be by its count.
    if let Some(at) = values.iter().position(|value| value.value == query.of(facet)).filter(|&at| at >= AT_ONCE) {
        values[AT_ONCE - 1..=at].rotate_right(1);
    }
    let rest = if values.len() > AT_ONCE + 1 { values.split_off(AT_ONCE) } else { Vec::new() };
    let line = |value: FacetValue| view! { <Value value facet query=query.clone()/> };
    let hidden = rest.len() + more;
    let beyond = (more > 0).then(|| {
        let all = (facet == FacetKind::Package).then(|| view! { " "<a href="/packages">{t!("All packages")}</a> });
        view! { <p class="hint">{t!("%{count} more are not shown.", count = number(more))}{all}</p> }
    });
    let rest = (!rest.is_empty()).then(|| {
        let open = t!("%{count} more", count = number(hidden));
        view! { <details class="rest"><summary>{open}</summary><ul>{rest.into_iter().map(line).collect_view()}</ul>{beyond}</details> }
    });
    view! {
        <section data-facet=facet.as_str()>
            <h2>{facet_label(facet)}</h2>
            <ul>{values.into_iter().map(line).collect_view()}</ul>
            {rest}
        </section>
    }
    .into_any()
}

#[component]
fn Value(value: FacetValue, facet: FacetKind, query: ComponentsQuery) -> impl IntoView {
    let FacetValue { value, label, count } = value;
    let chosen = value == query.of(facet);
    let href = address(&query.with(facet, if chosen { "" } else { &value }));
    let label = kind(&label).to_owned();
    let class = if facet == FacetKind::Package { "label mono" } else { "label" };
    view! {
        <li>
            <a href=href aria-current=chosen.then_some("true")>
                <span class=class>{label}</span>
                <span class="count">{number(count)}</span>
                {chosen.then(|| view! { <span class="sr-only">{t!("chosen, remove")}</span><Icon glyph=Glyph::Clear/> })}
            </a>
        </li>
    }
    .into_any()
}

/// What the list is narrowed to, each of it to be taken away.
#[component]
pub fn Chosen(
    /// The facets of what was found.
    facets: Vec<FacetView>,
    /// What was asked.
    query: ComponentsQuery,
) -> impl IntoView {
    let chosen: Vec<FacetKind> = query.narrowed().collect();
    if chosen.is_empty() {
        return ().into_any();
    }
    let several = (chosen.len() > 1).then(|| {
        let none = chosen.iter().fold(query.clone(), |query, facet| query.with(*facet, ""));
        view! { <a class="clear" href=address(&none)>{t!("Clear filters")}</a> }
    });
    let chips = chosen
        .into_iter()
        .map(|kind| {
            let label = chosen_label(facets.iter().find(|facet| facet.facet == kind), query.of(kind));
            let remove = t!("Remove %{facet} %{value}", facet = facet_label(kind).to_lowercase(), value = label);
            view! {
                <a class="chip" href=address(&query.with(kind, "")) aria-label=remove>
                    {facet_label(kind)}": "{label}<Icon glyph=Glyph::Clear/>
                </a>
            }
        })
        .collect_view();
    view! { <span class="chosen">{chips}{several}</span> }.into_any()
}
