//! What stands beside a component's files.

use crate::app::{
    format::{component_href, href, number, visible},
    git_host,
    icons::{Glyph, Icon},
    parts::{Copyable, Sha, When},
    words::t,
};
use leptos::prelude::*;
use model::view::{ComponentView, OriginView};
use std::borrow::Cow;

/// Most names of one list; the tab of dependencies has all of them.
const LISTED: usize = 8;

/// Dependencies, users and origin.
#[component]
pub fn About(
    /// The component.
    component: ComponentView,
    /// Where it stands in git.
    origin: OriginView,
) -> impl IntoView {
    let ComponentView { row, dependencies, dev_dependencies, registry_dependencies, used_by, versions, url, .. } =
        component;
    let needed = registry_dependencies
        .into_iter()
        .map(|needed| match needed.component {
            Some(name) => view! { <a href=component_href(name.as_str())>{visible(&needed.served)}</a> }.into_any(),
            None => visible(&needed.served).into_any(),
        })
        .collect();
    let users = used_by
        .into_iter()
        .map(|name| view! { <a href=component_href(name.as_str())>{name.to_string()}</a> }.into_any());
    let users = users.collect();
    let commit = versions.into_iter().find(|version| version.current).and_then(|version| version.commit);
    let site = commit.as_ref().and_then(|commit| git_host::commit_href(&origin.url, commit));
    let all = href(&component_href(row.name.as_str()), &[("tab", "dependencies")]);
    view! {
        <aside class="about" aria-label=t!("About")>
            <List title=t!("Components it needs") entries=needed all=all.clone()/>
            <List title=t!("npm packages") entries=packages(dependencies) all=all.clone()/>
            <List title=t!("npm packages for development") entries=packages(dev_dependencies) all=all.clone()/>
            <List title=t!("Used by") entries=users all/>
            <section>
                <h2>{t!("Origin")}</h2>
                <dl>
                    <div><dt>{t!("Repository")}</dt><dd><a href=format!("/registry/{}", row.repository)>{row.repository_name}</a></dd></div>
                    <div><dt>{t!("Version")}</dt><dd><Copyable text=row.version.to_string() short=row.version.short() what=t!("digest")/></dd></div>
                    {commit.map(|sha| view! {
                        <div><dt>{t!("Commit")}</dt><dd>
                            <Sha sha/>
                            {site.map(|site| view! { " "<a href=site rel="noopener noreferrer" aria-label=t!("The commit at its host")><Icon glyph=Glyph::External/></a> })}
                        </dd></div>
                    })}
                    <div><dt>{t!("Published")}</dt><dd><When at=row.updated_at/></dd></div>
                    <div><dt>{t!("Served at")}</dt><dd><a href=url>"JSON"<Icon glyph=Glyph::External/></a></dd></div>
                </dl>
            </section>
        </aside>
    }
    .into_any()
}

fn packages(names: Vec<String>) -> Vec<AnyView> {
    let link = |written: String| {
        let name = source::split_package(&written).0.to_owned();
        view! { <a href=href("/packages", &[("q", &name)])>{visible(&written)}</a> }.into_any()
    };
    names.into_iter().map(link).collect()
}

/// A titled list; nothing at all when it is empty.
#[component]
fn List(title: Cow<'static, str>, entries: Vec<AnyView>, all: String) -> impl IntoView {
    let count = entries.len();
    let shown = entries.into_iter().take(LISTED).map(|entry| view! { <li>{entry}</li> }).collect_view();
    (count > 0).then(|| {
        view! {
            <section>
                <h2>{title}</h2>
                <ul class="mono">{shown}</ul>
                {(count > LISTED).then(|| view! { <p><a href=all>{t!("All %{count}", count = number(count))}</a></p> })}
            </section>
        }
    })
}
