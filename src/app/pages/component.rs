//! A component: how to install it, its files, and what it needs.

pub mod about;
pub mod commits;
pub mod dependencies;
pub mod files;
pub mod install;
mod landing;
pub mod siblings;
mod tree;
pub mod versions;

use crate::app::{
    data::ComponentData,
    format::{component_href, href, kind, visible},
    head::Preview,
    markdown,
    parts::{Callout, Empty, Pager, Tab, Tabs, Trail, may_change, titled},
    words::t,
};
use about::About;
use commits::ComponentCommits;
use dependencies::Dependencies;
use files::Files;
use install::Install;
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{ComponentRow, Health};
use siblings::OtherComponents;
use versions::Versions;

/// The tabs of a component's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ComponentTab {
    /// Its files, with what it needs beside them.
    #[default]
    Files,
    /// What it needs, and what needs it.
    Dependencies,
    /// Its versions.
    Versions,
    /// The commits that touched it.
    Commits,
}

impl ComponentTab {
    /// Reads `?tab=`; anything unknown is the first tab.
    pub fn parse(text: &str) -> Self {
        match text {
            "dependencies" => Self::Dependencies,
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
    let ComponentData {
        component,
        versions,
        commits,
        changes,
        origin,
        graph,
        around,
        at,
        manager,
        partial,
        needs_token,
    } = data;
    let path = component_href(component.row.name.as_str());
    let needs = component.registry_dependencies.len() + component.dependencies.len() + component.dev_dependencies.len();
    let tabs = [
        (t!("Files"), ComponentTab::Files, "", component.contents.len()),
        (t!("Dependencies"), ComponentTab::Dependencies, "dependencies", needs + component.used_by.len()),
        (t!("Versions"), ComponentTab::Versions, "versions", versions.total()),
        (t!("Commits"), ComponentTab::Commits, "commits", commits.total()),
    ]
    .into_iter()
    .filter(|(_, this, ..)| !component.row.by_hand || *this != ComponentTab::Commits)
    .map(|(label, this, value, count)| Tab {
        label,
        // A version has files; the rest is of what is served.
        href: href(&path, &[("at", if this == ComponentTab::Files { &at } else { "" }), ("tab", value)]),
        count: (!partial || matches!(this, ComponentTab::Files | ComponentTab::Dependencies)).then_some(count),
        current: this == tab,
    })
    .collect();
    let row = component.row.clone();
    let url = (!needs_token).then(|| component.url.clone());
    // They are for whoever is about to install it.
    let docs = component.docs.as_deref().filter(|_| tab == ComponentTab::Files).map(|docs| markdown::html(docs, 3));
    view! {
        <Title text=titled(&row.name)/>
        <Preview title=row.name.to_string() description=row.description.clone().unwrap_or_else(|| t!("A component of %{name}.", name = row.repository_name).into_owned())/>
        <OtherComponents around open=row.name.clone()/>
        <Trail label=t!("Components") href="/components"/>
        <Head row=row.clone() at=at.clone() path=path.clone()/>
        <Install address=component.address.clone() url manager/>
        {docs.map(|docs| view! {
            <section class="docs" aria-labelledby="docs"><h2 id="docs">{t!("After installing")}</h2><div class="prose" inner_html=docs></div></section>
        })}
        <Tabs label=t!("Component") tabs/>
        {match tab {
            ComponentTab::Files => view! {
                <div class="beside">
                    <Files files=component.contents.clone() chosen=file name=row.name.to_string() at path origin=origin.clone()/>
                    <About component origin/>
                </div>
            }
            .into_any(),
            ComponentTab::Dependencies => view! { <Dependencies component graph/> }.into_any(),
            ComponentTab::Versions | ComponentTab::Commits if partial => view! {
                <Empty
                    title=t!("Not known just now")
                    text=t!("Versions and commits are in the database, which does not answer. The files are those that are served.")
                />
            }
            .into_any(),
            ComponentTab::Versions => view! {
                <Versions name=row.name.to_string() versions=component.versions place=versions path/>
            }
            .into_any(),
            ComponentTab::Commits if component.commits.is_empty() => view! {
                <Empty title=t!("No commits") text=t!("No recorded commit touched this component.")/>
            }
            .into_any(),
            ComponentTab::Commits => {
                let query = vec![("tab", "commits".to_owned())];
                let repository = format!("/registry/{}", row.repository);
                view! {
                    <ComponentCommits name=row.name.to_string() commits=component.commits changes repository/>
                    <Pager place=commits nouns=(t!("commit"), t!("commits")) path query/>
                }
                .into_any()
            }
        }}
    }
    .into_any()
}

/// Its name, what it is, and what is to be known about what is shown.
#[component]
fn Head(row: ComponentRow, at: String, path: String) -> impl IntoView {
    let findings = format!("/registry/{}?tab=findings", row.repository);
    let text = row.description.or(row.title).map(|text| markdown::html(&text, 3));
    let looked_at = (!at.is_empty()).then(|| visible(&at));
    let (edit, remove) =
        (path.replacen("/components/", "/hand/edit/", 1), path.replacen("/components/", "/hand/remove/", 1));
    view! {
        <header class="head component-head">
            <div class="title">
                <h1 class="mono">{row.name.to_string()}</h1>
                <span class="tag">{kind(&row.kind).to_owned()}</span>
            </div>
            {text.map(|text| view! { <div class="lead prose" inner_html=text></div> })}
            {(row.by_hand && may_change()).then(|| view! {
                <div class="actions">
                    <a class="button small" href=edit>{t!("Edit")}</a>
                    <a class="button small" href=remove>{t!("Remove")}</a>
                </div>
            })}
        </header>
        {row.quarantined.then(|| view! {
            <Callout health=Health::Attention title=t!("This is the last good version.")>
                {t!("The newest one in %{repository} cannot be served.", repository = row.repository_name)}" "
                <a href=findings>{t!("See what is wrong")}</a>
            </Callout>
        })}
        {looked_at.map(|version| view! {
            <Callout health=Health::Working title=t!("This is %{version}.", version = version)>
                {t!("Its files and commands are of that version.")}" "<a href=path>{t!("See what is served now")}</a>
            </Callout>
        })}
    }
    .into_any()
}
