//! All components: searched, narrowed and sorted.

pub mod facets;
pub mod table;

pub use table::ComponentTable;

use crate::app::{
    data::{ComponentsData, ComponentsQuery},
    format::{href, plural},
    icons::{Glyph, Icon},
    parts::{
        Empty, Pager, Place, may_change,
        search::{Results, SearchForm, SortBy},
    },
};
use facets::{Chosen, Facets, chosen_label, facet_label};
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
    let along = FacetKind::ALL.map(|facet| (facet.as_str(), query.of(facet).to_owned())).to_vec();
    let tally = plural(page.total, "component", "components");
    let found = if none && query.q.is_empty() && query.narrowed().next().is_none() {
        view! {
            <Empty title="No components yet" text="Components appear here when a repository has been synced." action=("Add a repository".to_owned(), "/registry/new".to_owned()) admins="add repositories"/>
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
                {many.then(|| view! { <Pager place nouns=("component", "components") path="/components" query=query.pairs()/> })}
            }
            .into_any()
        };
        view! {
            <Facets facets=facets.clone() query=query.clone()/>
            <section class="matches" aria-label="Components">
                <p class="tally"><span class="num">{tally.clone()}</span><Chosen facets query=query.clone()/></p>
                {list}
            </section>
        }
        .into_any()
    };
    let sorts = [(Sort::Relevance, "Best match"), (Sort::Name, "Name"), (Sort::Updated, "Recently updated")];
    let sorts = sorts.map(|(sort, label)| (sort.as_str(), label)).to_vec();
    view! {
        <Title text="Components – Registry"/>
        <header class="head">
            <h1>"Components"</h1>
            {may_change().then(|| view! { <a class="button" href="/hand/new"><Icon glyph=Glyph::Add/>"New component"</a> })}
        </header>
        <SearchForm action="/components" label="Search components" placeholder="Search by name or purpose" q=query.q.clone() along>
            <SortBy options=sorts chosen=query.sort.as_str()/>
        </SearchForm>
        <Results tally>{found}</Results>
        <p class="hint elsewhere">"Looking for one that is gone? "<a href="/names">"Removed and aliases"</a></p>
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
        if query.q.is_empty() { "Nothing matches".to_owned() } else { format!("Nothing matches “{}”", query.q) };
    let meant = nearest.map(|name| {
        let href = href("/components", &[("q", &name)]);
        view! { <p>"Did you mean "<a class="mono" href=href>{name}</a>"?"</p> }
    });
    let ways = query
        .narrowed()
        .filter_map(|kind| {
            let facet = facets.iter().find(|facet| facet.facet == kind && facet.without > 0)?;
            let label = format!("Any {}", facet_label(kind).to_lowercase());
            let count = plural(facet.without, "component", "components");
            let chosen = chosen_label(Some(facet), query.of(kind));
            let href = address(&query.with(kind, ""));
            Some(view! { <li><a class="button" href=href>{label}</a><span class="muted">{count}" without “"{chosen}"”"</span></li> })
        })
        .collect::<Vec<_>>();
    let ways = (!ways.is_empty()).then(|| view! { <ul class="ways-on">{ways}</ul> });
    view! {
        <div class="empty nothing">
            <h2>{title}</h2>
            <p>"No component has this in its name, title, description, categories or packages."</p>
            {meant}
            {ways}
            <a class="button" href="/components">"Show all"</a>
        </div>
    }
    .into_any()
}
