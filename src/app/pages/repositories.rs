//! The list of repositories.

use crate::app::{
    format::{number, plural, short_url},
    icons::{Glyph, Icon},
    islands::SyncNow,
    parts::{Empty, Sha, State, When, fields::RenderedFor, may_change},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    Diagnostic, Severity,
    view::{Health, RepositoryKind, RepositoryView},
};

/// All repositories, with their state.
#[component]
pub fn RepositoriesView(
    /// The repositories, in the order in which they are shown.
    rows: Vec<RepositoryView>,
) -> impl IntoView {
    let empty = rows.is_empty();
    let list = if empty {
        view! {
            <Empty
                title="No repositories yet"
                text="A repository with a registry.json, or just a folder of components, becomes installable with shadcn add: every component of it, at every commit."
                action=("Add a repository".to_owned(), "/registry/new".to_owned())
                admins="add repositories"
            />
        }
        .into_any()
    } else {
        view! {
            <table class="list repositories">
                <thead>
                    <tr>
                        <th scope="col">"Repository"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="end">"Components"</th>
                        <th scope="col">"Commit"</th>
                        <th scope="col">"Last sync"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(|repository| view! { <Row repository/> }).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <Title text="Repositories – Registry"/>
        <header class="head">
            <h1>"Repositories"</h1>
            {(!empty && may_change()).then(|| view! {
                <a class="button primary" href="/registry/new"><Icon glyph=Glyph::Add/>"Add repository"</a>
            })}
        </header>
        {list}
    }
    .into_any()
}

#[component]
fn Row(repository: RepositoryView) -> impl IntoView {
    let health = repository.health();
    let reason = reason(&repository, health);
    let manual = repository.kind == RepositoryKind::Manual;
    let RepositoryView { id, name, url, components, head, last_synced_at, .. } = repository;
    let sync = format!("/registry/{id}/sync");
    let label = format!("Sync {name}");
    view! {
        <tr>
            <th scope="row">
                <a class="row-link" href=format!("/registry/{id}")>{name}</a>
                <span class="sub mono">{if manual { "made by hand".to_owned() } else { short_url(&url).to_owned() }}</span>
            </th>
            <td data-of="state"><State health/>{reason}</td>
            <td class="end num" data-of="components">{number(components)}<span class="unit">{if components == 1 { " component" } else { " components" }}</span></td>
            <td data-of="commit">{head.map(|sha| view! { <Sha sha/> })}</td>
            <td data-of="sync">{last_synced_at.map(|at| view! { <When at/> })}</td>
            <td class="end" data-of="actions">
                {(!manual).then(|| view! {
                    <form method="post" action=sync>
                        <RenderedFor/>
                        <button class="button small" aria-label=label disabled=health == Health::Working>"Sync"</button>
                    </form>
                })}
            </td>
        </tr>
    }
    .into_any()
}

/// Under a state that is not fresh: why, or how far.
fn reason(repository: &RepositoryView, health: Health) -> AnyView {
    let Some(sync) = &repository.last_sync else {
        let text = (health == Health::Attention).then_some("Not synced yet");
        return view! { <span class="sub">{text}</span> }.into_any();
    };
    match health {
        Health::Fresh => ().into_any(),
        Health::Working => {
            let progress = sync.progress.as_ref();
            let stage = progress.map_or("Waiting to start", |progress| progress.stage.label());
            let (done, total) = progress.map_or((0, 0), |progress| (progress.done, progress.total.unwrap_or(0)));
            let repository = repository.id.to_string();
            view! { <SyncNow repository button=false running=true stage=stage.to_owned() done total/> }.into_any()
        }
        Health::Attention | Health::Broken => {
            let text = sync.report.as_ref().map(|report| match &report.failure {
                Some(failure) => failure.clone(),
                None => counted(&report.diagnostics),
            });
            view! { <span class="sub">{text}</span> }.into_any()
        }
    }
}

/// How many findings there are of each severity.
fn counted(found: &[Diagnostic]) -> String {
    let errors = found.iter().filter(|found| found.severity == Severity::Error).count();
    let warnings = found.iter().filter(|found| found.severity == Severity::Warning).count();
    match (errors, warnings) {
        (0, _) => plural(warnings, "warning", "warnings"),
        (_, 0) => plural(errors, "error", "errors"),
        _ => plural(errors, "error", "errors") + ", " + &plural(warnings, "warning", "warnings"),
    }
}
