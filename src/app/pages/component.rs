//! A component: how to install it, its files, and what it needs.

pub mod about;
pub mod files;
pub mod versions;

use crate::app::{
    data::ComponentData,
    format::{component_href, href, kind},
    pages::repository::commits::CommitsView,
    parts::{Callout, Empty, Pager, Tab, Tabs, Trail, may_change},
    words::t,
};
use about::About;
use files::Files;
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::Health;
use versions::Versions;

/// The tabs of a component's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ComponentTab {
    /// Its files, with what it needs beside them.
    #[default]
    Files,
    /// Its versions.
    Versions,
    /// The commits that touched it.
    Commits,
}

impl ComponentTab {
    /// Reads `?tab=`; anything unknown is the first tab.
    pub fn parse(text: &str) -> Self {
        match text {
            "versions" => Self::Versions,
            "commits" => Self::Commits,
            _ => Self::Files,
        }
    }
}

/// One component.
#[component]
pub fn ComponentPageView(
    /// The component.
    data: ComponentData,
    /// The open tab.
    tab: ComponentTab,
    /// The path of the file to show; the first if there is no such file.
    #[prop(into)]
    file: String,
) -> impl IntoView {
    let ComponentData { component, versions, commits, partial, needs_token } = data;
    let path = component_href(component.row.name.as_str());
    let tabs = [
        (t!("Files"), ComponentTab::Files, "", component.contents.len()),
        (t!("Versions"), ComponentTab::Versions, "versions", versions.total()),
        (t!("Commits"), ComponentTab::Commits, "commits", commits.total()),
    ]
    .into_iter()
    .filter(|(_, this, ..)| !component.row.by_hand || *this != ComponentTab::Commits)
    .map(|(label, this, value, count)| Tab {
        label,
        href: href(&path, &[("tab", value)]),
        count: (!partial || this == ComponentTab::Files).then_some(count),
        current: this == tab,
    })
    .collect();
    let row = component.row.clone();
    let findings = format!("/registry/{}?tab=findings", row.repository);
    let (install, by_url) = (component.install.clone(), component.install_by_url.clone());
    view! {
        <Title text=format!("{} – Registry", row.name)/>
        <Trail label="Components" href="/components"/>
        <header class="head component-head">
            <div class="title">
                <h1 class="mono">{row.name.to_string()}</h1>
                <span class="tag">{kind(&row.kind).to_owned()}</span>
            </div>
            <p class="lead">{row.description.or(row.title)}</p>
            {(row.by_hand && may_change()).then(|| view! {
                <div class="actions">
                    <a class="button small" href=path.replacen("/components/", "/hand/edit/", 1)>"Edit"</a>
                    <a class="button small" href=path.replacen("/components/", "/hand/remove/", 1)>"Remove"</a>
                </div>
            })}
        </header>
        {row.quarantined.then(|| view! {
            <Callout health=Health::Attention title="This is the last good version.">
                {format!("The newest one in {} cannot be served. ", row.repository_name)}
                <a href=findings>"See what is wrong"</a>
            </Callout>
        })}
        <section class="install" aria-label="Install">
            <Command id="install" text=install/>
            // An address alone carries no token.
            {(!needs_token).then(|| view! {
                <details>
                    <summary>"For a project that does not know this registry"</summary>
                    <Command id="install-by-url" text=by_url/>
                </details>
            })}
            {needs_token.then(|| view! {
                <p class="hint">"A project needs a token to install from here. "<a href="/settings">"Set a project up"</a></p>
            })}
        </section>
        <Tabs label="Component" tabs/>
        {match tab {
            ComponentTab::Files => view! {
                <div class="beside">
                    <Files files=component.contents.clone() chosen=file path/>
                    <About component/>
                </div>
            }
            .into_any(),
            ComponentTab::Versions | ComponentTab::Commits if partial => view! {
                <Empty
                    title="Not known just now"
                    text="Versions and commits are in the database, which does not answer. The files are those that are served."
                />
            }
            .into_any(),
            ComponentTab::Versions => view! {
                <Versions name=row.name.to_string() versions=component.versions place=versions path/>
            }
            .into_any(),
            ComponentTab::Commits if component.commits.is_empty() => view! {
                <Empty title="No commits" text="No recorded commit touched this component."/>
            }
            .into_any(),
            ComponentTab::Commits => {
                let query = vec![("tab", "commits".to_owned())];
                view! {
                    <CommitsView commits=component.commits repository=format!("/registry/{}", row.repository)/>
                    <Pager place=commits nouns=("commit", "commits") path query/>
                }
                .into_any()
            }
        }}
    }
    .into_any()
}

/// A command to copy.
#[component]
fn Command(id: &'static str, text: String) -> impl IntoView {
    view! {
        <div class="command">
            <code id=id>{text}</code>
            <button type="button" class="button needs-js" data-copy-from=id>"Copy"</button>
        </div>
    }
    .into_any()
}
