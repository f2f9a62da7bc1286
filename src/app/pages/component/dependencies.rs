//! What a component needs and what needs it: a picture that can be walked, and
//! the same as lists.

use crate::app::{
    format::{component_href, href, number, visible},
    graph,
    parts::Empty,
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
            <Empty title="Stands alone" text="It needs no other component and no npm package, and nothing here needs it."/>
        }
        .into_any();
    }
    let picture = graph::svg(&graph);
    let needed: Vec<_> = component.registry_dependencies.into_iter().map(|needed| entry(needed.served, needed.component)).collect();
    let packages = component.dependencies.into_iter().map(|name| (name, "")).chain(
        component.dev_dependencies.into_iter().map(|name| (name, "for development")),
    );
    let packages: Vec<_> = packages.map(|(written, note)| package(written, note)).collect();
    let users: Vec<_> = component.used_by.into_iter().map(|name| entry(name.to_string(), Some(name))).collect();
    let direct = |distance: i32, count: usize| (count > 0).then_some((distance, count)).is_some();
    let both = (direct(1, needed.len() + packages.len()), direct(-1, users.len()));
    view! {
        <figure class="picture">
            <div class="scroll" tabindex="0" role="region" aria-label="Graph" inner_html=picture></div>
            <figcaption>
                <span class="key own">"Component"</span>
                <span class="key foreign">"Other registry"</span>
                <span class="key package">"npm package"</span>
                <span class="muted">"What needs it stands on the left, what it needs on the right."</span>
            </figcaption>
        </figure>
        <div class="both">
            <section id="needed-by" tabindex="-1">
                <h2>"Needed by "<span class="count">{number(users.len())}</span></h2>
                {(!both.1).then(|| view! { <p class="muted">"Nothing here needs it."</p> })}
                <Names entries=users/>
                {farther(&graph, -1)}
            </section>
            <section id="needs" tabindex="-1">
                <h2>"Needs "<span class="count">{number(needed.len() + packages.len())}</span></h2>
                {(!both.0).then(|| view! { <p class="muted">"It needs nothing else."</p> })}
                <Names entries=needed/>
                {(!packages.is_empty()).then(|| view! { <h3>"npm packages"</h3><Names entries=packages/> })}
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

fn package(written: String, note: &'static str) -> AnyView {
    let name = source::split_package(&written).0.to_owned();
    view! {
        <a href=href("/packages", &[("q", &name)])>{visible(&written)}</a>
        {(!note.is_empty()).then(|| view! { " "<span class="muted">{note}</span> })}
    }
    .into_any()
}

/// What is further away on one side, by its distance.
fn farther(graph: &GraphView, side: i32) -> Vec<AnyView> {
    let title = |steps: i32| match (side < 0, steps) {
        (true, 2) => "Through those",
        (false, 2) => "Those need",
        _ => "Further on",
    };
    let at = |steps: i32| {
        let distance = side * steps;
        let nodes = graph.nodes.iter().filter(move |node| node.distance == distance);
        let entries: Vec<_> = nodes.map(far).collect();
        let more = graph.more.iter().find(|more| more.distance == distance).map(|more| format!("and {} more", number(more.count)));
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
        {(more > 0).then(|| view! { <p class="muted">{format!("and {} more", number(more))}</p> })}
    }
    .into_any()
}
