//! All components: searched, narrowed and sorted.

pub mod facets;
pub mod table;

pub use table::ComponentTable;

use crate::app::{
    data::{ComponentsData, ComponentsQuery},
    format::href,
    icons::{Glyph, Icon},
    parts::{
        Empty, Pager, Place, may_change,
        search::{Results, SearchForm, SortBy},
    },
    words::{count, t},
};
use facets::{Chosen, Facets, chosen_label};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{FacetKind, FacetView, Sort};

/// The list of all components.
#[component]
pub fn ComponentsView(
    /// A page of the list, and what it can be narrowed by.
    data: ComponentsData,
    /// What was asked.
    query: ComponentsQuery,
) -> impl IntoView {
    let ComponentsData { page, marks, facets, nearest } = data;
    let none = page.total == 0;
    let mut along = FacetKind::ALL.map(|facet| (facet.as_str(), query.of(facet).to_owned())).to_vec();
    along.extend(query.limit.map(|limit| ("limit", limit.to_string())));
    let tally = count!(page.total, "component", "components");
    let found = if none && query.q.is_empty() && query.narrowed().next().is_none() {
        view! {
            <Empty
                title=t!("No components yet") text=t!("Components appear here when a repository has been synced.")
                action=(t!("Add a repository").into_owned(), "/registry/new".to_owned()) admins=t!("add repositories")
            />
        }
        .into_any()
    } else {
        let list = if none {
            view! { <Nothing query=query.clone() facets=facets.clone() nearest/> }.into_any()
        } else {
            let place = Place::from(&page);
            let many = place.total() > page.rows.len();
            view! {
                <ComponentTable rows=page.rows marks from=true/>
                {many.then(|| view! { <Pager place nouns=(t!("component"), t!("components")) path="/components" query=query.pairs()/> })}
            }
            .into_any()
        };
        view! {
            <Facets facets=facets.clone() query=query.clone()/>
            <section class="matches" aria-label=t!("Components")>
                <div class="tally">
                    {(!none).then(|| view! { <span class="num">{tally.clone()}</span> })}
                    <Chosen facets query=query.clone()/>
                </div>
                {list}
            </section>
        }
        .into_any()
    };
    let sorts =
        [(Sort::Relevance, t!("Best match")), (Sort::Name, t!("Name")), (Sort::Updated, t!("Recently updated"))];
    let sorts = sorts.map(|(sort, label)| (sort.as_str(), label)).to_vec();
    view! {
        <Title text=t!("Components – Registry").into_owned()/>
        <header class="head">
            <h1>{t!("Components")}</h1>
            {may_change().then(|| view! { <a class="button" href="/hand/new"><Icon glyph=Glyph::Add/>{t!("New component")}</a> })}
        </header>
        <SearchForm action="/components" label=t!("Search components") placeholder=t!("Search by name or purpose") q=query.q.clone() along>
            <SortBy options=sorts chosen=query.sort.as_str()/>
        </SearchForm>
        <Results tally>{found}</Results>
        <p class="hint elsewhere">{t!("Looking for one that is gone?")}" "<a href="/names">{t!("Removed and aliases")}</a></p>
    }
    .into_any()
}

fn address(query: &ComponentsQuery) -> String {
    let pairs = query.pairs();
    href("/components", &pairs.iter().map(|(key, value)| (*key, value.as_str())).collect::<Vec<_>>())
}

/// Nothing was found: the ways on, each with what it would find.
#[component]
fn Nothing(query: ComponentsQuery, facets: Vec<FacetView>, nearest: Option<String>) -> impl IntoView {
    let title =
        if query.q.is_empty() { t!("Nothing matches") } else { t!("Nothing matches “%{words}”", words = query.q) };
    let why = if query.narrowed().next().is_none() {
        t!("No component has this in its name, title, description, categories or packages.")
    } else {
        t!("No component fits both the words and the filters.")
    };
    let meant = nearest.map(|name| {
        let href = href("/components", &[("q", &name)]);
        view! { <p>{t!("Did you mean this?")}" "<a class="mono" href=href>{name}</a></p> }
    });
    let ways = query
        .narrowed()
        .filter_map(|kind| {
            let facet = facets.iter().find(|facet| facet.facet == kind && facet.without > 0)?;
            let count = count!(facet.without, "component", "components");
            let chosen = chosen_label(Some(facet), query.of(kind));
            let without = t!("Without “%{value}”", value = chosen);
            let href = address(&query.with(kind, ""));
            Some(view! { <li><a class="button" href=href>{without}</a><span class="muted">{count}</span></li> })
        })
        .collect::<Vec<_>>();
    let ways = (!ways.is_empty()).then(|| view! { <ul class="wider">{ways}</ul> });
    view! {
        <div class="empty nothing">
            <h2>{title}</h2>
            <p>{why}</p>
            {meant}
            {ways}
            <a class="button" href="/components">{t!("Show all")}</a>
        </div>
    }
    .into_any()
}
