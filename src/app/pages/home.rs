//! The first page: what this is for a stranger, the organisation at a glance
//! for a member.

pub mod attention;
pub mod stranger;

use crate::app::{
    data::{AwayData, HomeData, MemberData},
    format::{date, href, number},
    icons::{Glyph, Icon},
    pages::{activity::days::Days, components::ComponentTable},
    parts::{Empty, Sha, State, When, titled},
    words::{count, t},
};
use attention::Attention;
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{ActivityRow, Health, Millis, RepositoryView};
use stranger::Stranger;

/// Repositories that are listed; the rest is a link away.
const LISTED: usize = 16;

/// The first page.
#[component]
pub fn HomeView(
    /// Who looks, and what they see.
    data: HomeData,
) -> impl IntoView {
    match data {
        HomeData::Stranger(data) => view! { <Stranger data/> }.into_any(),
        HomeData::Member(data) => view! { <Member data/> }.into_any(),
        HomeData::Away(data) => view! { <Known data/> }.into_any(),
    }
}

/// What the registry is called, and the way to its components.
#[component]
fn Head(name: String, components: usize) -> impl IntoView {
    let placeholder = match components {
        0 => t!("Search components").into_owned(),
        count => t!("Search %{what}", what = count!(count, "component", "components")).into_owned(),
    };
    view! {
        <Title text=titled(&name)/>
        <header class="head home-head">
            <h1>{name.clone()}</h1>
            <form class="filter" role="search" method="get" action="/components">
                <label class="search">
                    <span class="sr-only">{t!("Search components")}</span>
                    <Icon glyph=Glyph::Search/>
                    <input id="search" type="search" name="q" placeholder=placeholder autocomplete="off" enterkeyhint="search"/>
                    <kbd aria-hidden="true" class="needs-js">"/"</kbd>
                </label>
                <button class="button">{t!("Search")}</button>
            </form>
        </header>
    }
    .into_any()
}

/// The organisation at a glance: what needs someone, what there is, what changed.
#[component]
fn Member(data: MemberData) -> impl IntoView {
    let MemberData { name, components, repositories, changes, weeks } = data;
    if repositories.is_empty() {
        return view! {
            <Head name components/>
            <Empty
                title=t!("No repositories yet")
                text=t!("Add a git repository with a registry.json, or just a folder of components. Its components, what changed in them and what needs someone stand here then.")
                action=(t!("Add a repository").into_owned(), "/registry/new".to_owned())
                admins=t!("add repositories")
            />
        }
        .into_any();
    }
    view! {
        <Head name components/>
        <div class="glance">
            <Attention repositories=repositories.clone()/>
            <Repositories repositories/>
            <Changes changes weeks/>
        </div>
    }
    .into_any()
}

/// All repositories, a line each.
#[component]
fn Repositories(repositories: Vec<RepositoryView>) -> impl IntoView {
    let more = repositories.len().saturating_sub(LISTED);
    let rows =
        repositories.into_iter().take(LISTED).map(|repository| view! { <Repository repository/> }).collect_view();
    view! {
        <section class="glance-repositories" aria-labelledby="repositories">
            <header><h2 id="repositories">{t!("Repositories")}</h2><a href="/registry">{t!("All repositories")}</a></header>
            <ul class="lines">{rows}</ul>
            {(more > 0).then(|| view! { <p class="hint"><a href="/registry">{t!("and %{count} more", count = number(more))}</a></p> })}
        </section>
    }
    .into_any()
}

#[component]
fn Repository(repository: RepositoryView) -> impl IntoView {
    let health = repository.health();
    let RepositoryView { id, name, components, head, last_synced_at, .. } = repository;
    view! {
        <li data-row="">
            <a class="line-name" href=format!("/registry/{id}")>{name}</a>
            <State health/>
            <span class="sub">
                <span>{count!(components, "component", "components")}</span>
                {head.map(|sha| view! { <Sha sha/> })}
                {last_synced_at.map(|at| view! { <When at/> })}
            </span>
        </li>
    }
    .into_any()
}

/// What changed lately, by day.
#[component]
fn Changes(changes: Vec<ActivityRow>, weeks: [Millis; 2]) -> impl IntoView {
    let of = |week: Millis| href("/activity", &[("kind", "changes"), ("week", &date(week))]);
    let list = if changes.is_empty() {
        view! { <p class="muted">{t!("Nothing yet. Commits that touch a component stand here once a sync has read them.")}</p> }
            .into_any()
    } else {
        view! { <Days rows=changes within=true/> }.into_any()
    };
    view! {
        <section class="glance-changes" aria-labelledby="changes">
            <header>
                <h2 id="changes">{t!("What changed")}</h2>
                <nav aria-label=t!("What changed")>
                    <a href=of(weeks[0])>{t!("This week")}</a>
                    <a href=of(weeks[1])>{t!("Last week")}</a>
                    <a href="/activity">{t!("All activity")}</a>
                </nav>
            </header>
            {list}
        </section>
    }
    .into_any()
}

/// What is known while the database does not answer: what is served.
#[component]
fn Known(data: AwayData) -> impl IntoView {
    let AwayData { name, components, repositories, newest } = data;
    let rows = repositories
        .into_iter()
        .take(LISTED)
        .map(|(id, name, count)| {
            view! {
                <li>
                    <a class="line-name" href=format!("/registry/{id}")>{name}</a>
                    <span class="sub"><span>{count!(count, "component", "components")}</span></span>
                </li>
            }
        })
        .collect_view();
    view! {
        <Head name components/>
        <div class="glance">
            <section class="glance-repositories" aria-labelledby="repositories">
                <header><h2 id="repositories">{t!("Repositories")}</h2></header>
                <ul class="lines">{rows}</ul>
                <p class="hint">{t!("How they stand is not known until the database answers. Their components are served.")}</p>
            </section>
            <section class="glance-changes" aria-labelledby="changes">
                <header><h2 id="changes">{t!("Published last")}</h2></header>
                <ComponentTable rows=newest from=true/>
            </section>
        </div>
    }
    .into_any()
}

/// How bad it is: what is broken stands first.
fn urgency(health: Health) -> u8 {
    match health {
        Health::Broken => 0,
        Health::Attention => 1,
        Health::Working | Health::Fresh => 2,
    }
}
