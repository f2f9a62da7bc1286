//! What stands beside a component's files.

use crate::app::{
    format::component_href,
    icons::{Glyph, Icon},
    parts::{Copyable, Sha, When},
};
use leptos::prelude::*;
use model::view::ComponentView;

/// Dependencies, users and origin.
#[component]
pub fn About(
    /// The component.
    component: ComponentView,
) -> impl IntoView {
    let ComponentView {
        row, dependencies, dev_dependencies, registry_dependencies, used_by, docs, versions, url, ..
    } = component;
    let needed = registry_dependencies
        .into_iter()
        .map(|needed| match needed.component {
            Some(name) => view! { <li><a href=component_href(name.as_str())>{needed.served}</a></li> }.into_any(),
            None => view! { <li>{needed.served}</li> }.into_any(),
        })
        .collect();
    let users = used_by
        .into_iter()
        .map(|name| view! { <li><a href=component_href(name.as_str())>{name.to_string()}</a></li> }.into_any())
        .collect();
    let commit = versions.into_iter().find(|version| version.current).and_then(|version| version.commit);
    view! {
        <aside class="about" aria-label="About">
            {docs.map(|docs| view! { <section><h2>"After installing"</h2><p class="docs">{docs}</p></section> })}
            <List title="Components it needs" entries=needed/>
            <List title="npm packages" entries=names(dependencies)/>
            <List title="npm packages for development" entries=names(dev_dependencies)/>
            <List title="Used by" entries=users/>
            <section>
                <h2>"Origin"</h2>
                <dl>
                    <div><dt>"Repository"</dt><dd><a href=format!("/registry/{}", row.repository)>{row.repository_name}</a></dd></div>
                    <div><dt>"Version"</dt><dd><Copyable text=row.version.to_string() short=row.version.short() what="digest"/></dd></div>
                    {commit.map(|sha| view! { <div><dt>"Commit"</dt><dd><Sha sha/></dd></div> })}
                    <div><dt>"Published"</dt><dd><When at=row.updated_at/></dd></div>
                    <div><dt>"Served at"</dt><dd><a href=url>"JSON"<Icon glyph=Glyph::External/></a></dd></div>
                </dl>
            </section>
        </aside>
    }
    .into_any()
}

fn names(names: Vec<String>) -> Vec<AnyView> {
    names.into_iter().map(|name| view! { <li>{name}</li> }.into_any()).collect()
}

/// A titled list; nothing at all when it is empty.
#[component]
fn List(title: &'static str, entries: Vec<AnyView>) -> impl IntoView {
    (!entries.is_empty()).then(|| view! { <section><h2>{title}</h2><ul class="mono">{entries}</ul></section> })
}
