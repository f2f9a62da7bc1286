//! The list of repositories.

pub mod strip;

use crate::app::words::{count, t};
use crate::app::{
    data::{RepositoriesData, health_word},
    format::{duration, href, number, short_url, visible},
    icons::{Glyph, Icon},
    islands::SyncNow,
    pages::repository::report::why,
    parts::{Empty, Prose, Sha, State, StepLink, When, fields::RenderedFor, may_change, titled},
    terms::sync_words,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    Diagnostic, Severity,
    view::{Health, RepositoryKind, RepositoryOverview, RepositoryView},
};
use strip::Strip;

/// All repositories, with their state.
#[component]
pub fn RepositoriesView(
    /// The repositories, and how many there are in each state.
    data: RepositoriesData,
) -> impl IntoView {
    let empty = data.total() == 0;
    let states = view! { <States data=data.clone()/> };
    let list = if empty {
        view! {
            <Empty
                title=t!("No repositories yet")
                text=t!("A repository with a registry.json, or just a folder of components, becomes installable with shadcn add: every component of it, at every commit.")
                action=(t!("Add a repository").into_owned(), "/registry/new".to_owned())
                admins=t!("add repositories")
            />
        }
        .into_any()
    } else if data.rows.is_empty() {
        view! {
            <Empty title=t!("None in this state") text=t!("What was wrong is mended, or someone looks after it now.")
                action=(t!("Show all repositories").into_owned(), "/registry".to_owned())/>
        }
        .into_any()
    } else {
        view! {
            <table class="list repositories">
                <thead>
                    <tr>
                        <th scope="col">{t!("Repository")}</th>
                        <th scope="col">{t!("State")}</th>
                        <th scope="col">{t!("Commit")}</th>
                        <th scope="col" class="end">{t!("Components")}</th>
                        <th scope="col">{t!("Last sync")}</th>
                        <th scope="col"><span class="sr-only">{t!("Last syncs")}</span></th>
                        <th scope="col"><span class="sr-only">{t!("Actions")}</span></th>
                    </tr>
                </thead>
                <tbody>{data.rows.into_iter().map(|row| view! { <Row row/> }).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <Title text=titled(t!("Repositories"))/>
        <header class="head">
            <h1>{t!("Repositories")}</h1>
            {(!empty && may_change()).then(|| view! {
                <a class="button primary" href="/registry/new"><Icon glyph=Glyph::Add/>{t!("Add repository")}</a>
            })}
        </header>
        {states}
        {list}
    }
    .into_any()
}

/// How many there are in each state, each leading to those; nothing while all are
/// in the same.
#[component]
fn States(data: RepositoriesData) -> impl IntoView {
    let total = data.total();
    let RepositoriesData { counts, shown, .. } = data;
    if counts.len() < 2 && shown.is_none() {
        return ().into_any();
    }
    let states = counts
        .into_iter()
        .map(|(health, count)| {
            let current = (shown == Some(health)).then_some("true");
            view! {
                <a href=href("/registry", &[("state", health_word(health))]) aria-current=current>
                    <State health/><span class="count">{number(count)}</span>
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="states" aria-label=t!("By state")>
            <a href="/registry" aria-current=shown.is_none().then_some("true")>{t!("All")}<span class="count">{number(total)}</span></a>
            {states}
        </nav>
    }
    .into_any()
}

#[component]
fn Row(row: RepositoryOverview) -> impl IntoView {
    let took = row.took();
    let RepositoryOverview { repository, subject, syncs } = row;
    let health = repository.health();
    let standing = standing(&repository, health);
    let manual = repository.kind == RepositoryKind::Manual;
    let branch = repository.branch.clone().or(repository.default_branch.clone()).filter(|_| !manual);
    let RepositoryView { id, name, url, components, head, last_synced_at, .. } = repository;
    let sync = format!("/registry/{id}/sync");
    let label = t!("Sync %{name}", name = name);
    view! {
        <tr>
            <th scope="row">
                <a class="row-link" href=format!("/registry/{id}")>{name}</a>
                <span class="sub mono">{if manual { t!("made by hand").into_owned() } else { short_url(&url).to_owned() }}</span>
            </th>
            <td data-of="state"><State health/>{standing}</td>
            <td data-of="head">
                {subject.map(|subject| view! { <span class="subject-line" title=subject.clone()>{visible(&subject)}</span> })}
                <span class="sub">
                    {branch.map(|branch| view! { <span class="branch mono"><Icon glyph=Glyph::Branch/><span class="sr-only">{t!("Branch")}" "</span>{branch.to_string()}</span> })}
                    {head.map(|sha| view! { <Sha sha/> })}
                </span>
            </td>
            <td class="end num" data-of="components">{number(components)}<span class="unit">" "{if components == 1 { t!("component") } else { t!("components") }}</span></td>
            <td data-of="sync">
                {last_synced_at.map(|at| view! { <When at/> })}
                {took.map(|took| view! { <span class="sub">{t!("took %{time}", time = duration(took))}</span> })}
            </td>
            <td data-of="strip"><Strip syncs/></td>
            <td class="end" data-of="actions">
                {(!manual).then(|| view! {
                    <form method="post" action=sync>
                        <RenderedFor/>
                        <button class="button small" aria-label=label disabled=health == Health::Working>{t!("Sync")}</button>
                    </form>
                })}
            </td>
        </tr>
    }
    .into_any()
}

/// Under a state that is not fresh: why and what next, or how far.
fn standing(repository: &RepositoryView, health: Health) -> AnyView {
    let path = format!("/registry/{}", repository.id);
    let Some(sync) = &repository.last_sync else {
        let text = (health == Health::Attention).then(|| t!("Registered, not read yet. A sync reads it."));
        return view! { <span class="sub">{text}</span> }.into_any();
    };
    let report = sync.report.as_ref();
    let (reason, next) = match health {
        Health::Fresh => return ().into_any(),
        Health::Working => {
            let progress = sync.progress.as_ref();
            let stage = progress.map_or("", |progress| progress.stage.as_str());
            let (done, total) = progress.map_or((0, 0), |progress| (progress.done, progress.total.unwrap_or(0)));
            let repository = repository.id.to_string();
            return view! { <SyncNow repository button=false running=true stage=stage.to_owned() done total words=sync_words()/> }
                .into_any();
        }
        Health::Broken => {
            let reason = report.and_then(why).map(|why| why.reason);
            let elsewhere = report.and_then(|report| report.next.clone());
            let next = match elsewhere {
                Some(next) => view! { <StepLink next class=""/> }.into_any(),
                None => view! { <a href=href(&path, &[("tab", "syncs")])>{t!("See the report")}</a> }.into_any(),
            };
            (reason, next)
        }
        Health::Attention => {
            let failure = repository.poll.as_ref().and_then(|poll| poll.failure.clone());
            let (tab, label) = if failure.is_some() {
                ("settings", t!("Check the address"))
            } else {
                ("findings", t!("See the findings"))
            };
            let reason = failure.or_else(|| report.map(|report| counted(&report.diagnostics)));
            (reason, view! { <a href=href(&path, &[("tab", tab)])>{label}</a> }.into_any())
        }
    };
    view! {
        <span class="sub why" title=reason.clone()>{reason.clone().map(|text| view! { <Prose text/> })}</span>
        <span class="sub next">{next}</span>
    }
    .into_any()
}

/// How many findings there are of each severity.
fn counted(found: &[Diagnostic]) -> String {
    let errors = found.iter().filter(|found| found.severity == Severity::Error).count();
    let warnings = found.iter().filter(|found| found.severity == Severity::Warning).count();
    match (errors, warnings) {
        (0, _) => count!(warnings, "warning", "warnings"),
        (_, 0) => count!(errors, "error", "errors"),
        _ => count!(errors, "error", "errors") + ", " + &count!(warnings, "warning", "warnings"),
    }
}
