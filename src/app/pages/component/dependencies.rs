//! What a component needs and what needs it: a picture that can be walked, and
//! the same as lists.

use crate::app::{
    format::{component_href, href, number, visible},
    graph,
    parts::Empty,
    words::t,
};
use leptos::prelude::*;
use model::view::{ComponentView, GraphKind, GraphNode, GraphView};

/// Most names of one list.
const LISTED: usize = 500;

/// The graph, and the lists below it.
#[component]
pub fn Dependencies(
    /// The component.
    component: ComponentView,
    /// What stands around it.
    graph: GraphView,
) -> impl IntoView {
    if graph.nodes.len() < 2 {
        return view! {
            <Empty title=t!("Stands alone") text=t!("It needs no other component and no npm package, and nothing here needs it.")/>
        }
        .into_any();
    }
    let picture = graph::svg(&graph);
    let needed: Vec<_> =
        component.registry_dependencies.into_iter().map(|needed| entry(needed.served, needed.component)).collect();
    let packages = component
        .dependencies
        .into_iter()
        .map(|name| (name, false))
        .chain(component.dev_dependencies.into_iter().map(|name| (name, true)));
    let packages: Vec<_> = packages.map(|(written, dev)| package(written, dev)).collect();
    let users: Vec<_> = component.used_by.into_iter().map(|name| entry(name.to_string(), Some(name))).collect();
    let all = needed.len() + packages.len();
    view! {
        <figure class="picture">
            <div class="scroll" tabindex="0" role="region" aria-label=t!("Graph") inner_html=picture></div>
            <figcaption>
                <span class="key own">{t!("Component")}</span>
                <span class="key foreign">{t!("Other registry")}</span>
                <span class="key package">{t!("npm package")}</span>
                <span class="muted">{t!("What needs it stands on the left, what it needs on the right.")}</span>
            </figcaption>
        </figure>
        <div class="both">
            <section id="needed-by" tabindex="-1">
                <h2>{t!("Needed by")}" "<span class="count">{number(users.len())}</span></h2>
                {users.is_empty().then(|| view! { <p class="muted">{t!("Nothing here needs it.")}</p> })}
                <Names entries=users/>
                {farther(&graph, -1)}
            </section>
            <section id="needs" tabindex="-1">
                <h2>{t!("Needs")}" "<span class="count">{number(all)}</span></h2>
                {(all == 0).then(|| view! { <p class="muted">{t!("It needs nothing else.")}</p> })}
                <Names entries=needed/>
                {(!packages.is_empty()).then(|| view! { <h3>{t!("npm packages")}</h3><Names entries=packages/> })}
                {farther(&graph, 1)}
            </section>
        </div>
    }
    .into_any()
}

/// A component of this registry, or something elsewhere.
fn entry(label: String, name: Option<model::ItemName>) -> AnyView {
    let label = visible(&label);
    match name {
        Some(name) => view! { <a href=component_href(name.as_str())>{label}</a> }.into_any(),
        None => view! { <span>{label}</span> }.into_any(),
    }
}

fn package(written: String, dev: bool) -> AnyView {
    let name = source::split_package(&written).0.to_owned();
    view! {
        <a href=href("/packages", &[("q", &name)])>{visible(&written)}</a>
        {dev.then(|| view! { " "<span class="muted">{t!("for development")}</span> })}
    }
    .into_any()
}

/// What is further away on one side, by its distance.
fn farther(graph: &GraphView, side: i32) -> Vec<AnyView> {
    let title = |steps: i32| match (side < 0, steps) {
        (true, 2) => t!("Through those"),
        (false, 2) => t!("Those need"),
        _ => t!("Further on"),
    };
    let at = |steps: i32| {
        let distance = side * steps;
        let nodes = graph.nodes.iter().filter(move |node| node.distance == distance);
        let entries: Vec<_> = nodes.map(far).collect();
        let more = graph
            .more
            .iter()
            .find(|more| more.distance == distance)
            .map(|more| t!("and %{count} more", count = number(more.count)));
        (!entries.is_empty()).then(|| {
            view! { <h3>{title(steps)}</h3><Names entries/>{more.map(|more| view! { <p class="muted">{more}</p> })} }.into_any()
        })
    };
    [2, 3].into_iter().filter_map(at).collect()
}

fn far(node: &GraphNode) -> AnyView {
    match &node.kind {
        GraphKind::Component(name) => entry(node.label.clone(), Some(name.clone())),
        GraphKind::Foreign | GraphKind::Package(_) => entry(node.label.clone(), None),
    }
}

/// Names in columns.
#[component]
fn Names(entries: Vec<AnyView>) -> impl IntoView {
    let more = entries.len().saturating_sub(LISTED);
    let rows = entries.into_iter().take(LISTED).map(|entry| view! { <li>{entry}</li> }).collect_view();
    view! {
        <ul class="mono columns">{rows}</ul>
        {(more > 0).then(|| view! { <p class="muted">{t!("and %{count} more", count = number(more))}</p> })}
    }
    .into_any()
}
