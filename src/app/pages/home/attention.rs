//! What is broken or needs someone: each with its reason and the next step.

use super::urgency;
use crate::app::{
    format::{href, number, sentence, visible},
    icons::{Glyph, Icon},
    parts::{Prose, State, StepLink, When},
    words::{count, t},
};
use leptos::prelude::*;
use model::{
    Diagnostic, Severity,
    view::{Health, RepositoryView},
};

/// Findings that are told of a repository; its own page tells all.
const TOLD: usize = 2;
/// Repositories that are told of.
const LISTED: usize = 6;

/// Repositories that need someone, what is broken first; that none does is one line.
#[component]
pub fn Attention(
    /// All repositories.
    repositories: Vec<RepositoryView>,
) -> impl IntoView {
    let all = repositories.len();
    let mut needy: Vec<RepositoryView> =
        repositories.into_iter().filter(|repository| urgency(repository.health()) < 2).collect();
    needy.sort_by_key(|repository| urgency(repository.health()));
    if needy.is_empty() {
        let told = if all == 1 {
            t!("Nothing needs you. The repository is read without a problem.")
        } else {
            t!("Nothing needs you. All %{count} repositories are read without a problem.", count = number(all))
        };
        return view! { <p class="glance-attention all-well"><Icon glyph=Glyph::Fresh/>{told}</p> }.into_any();
    }
    let more = needy.len().saturating_sub(LISTED);
    let rows = needy.into_iter().take(LISTED).map(|repository| view! { <Needy repository/> }).collect_view();
    view! {
        <section class="glance-attention" aria-labelledby="attention">
            <header><h2 id="attention">{t!("Needs attention")}</h2></header>
            <ul class="needy">{rows}</ul>
            {(more > 0).then(|| view! { <p class="hint"><a href="/registry">{t!("and %{count} more", count = number(more))}</a></p> })}
        </section>
    }
    .into_any()
}

#[component]
fn Needy(repository: RepositoryView) -> impl IntoView {
    let health = repository.health();
    let RepositoryView { id, name, last_sync, last_synced_at, poll, .. } = repository;
    let path = format!("/registry/{id}");
    let never = last_sync.is_none();
    let failed = health == Health::Broken;
    let report = last_sync.and_then(|sync| sync.report).unwrap_or_default();
    let mut found = report.diagnostics;
    found.retain(|found| found.severity > Severity::Note);
    let count = found.len();
    // A look that fails says why the sync would, too.
    let unreachable = poll.and_then(|poll| poll.failure).filter(|_| !failed);
    let what = match (failed, never) {
        // The findings below are why.
        (true, _) if count > 0 => t!("The last sync failed. What was read before is still served.").into_owned(),
        (true, _) => report.failure.unwrap_or_else(|| t!("The last sync failed without saying why.").into_owned()),
        (_, true) => t!("It was not synced yet.").into_owned(),
        _ => unreachable.unwrap_or_else(|| {
            format!("{}. {}", count!(count, "item needs a look", "items need a look"), t!("Everything else is served."))
        }),
    };
    let (label, next) = match (failed, count) {
        _ if never => (t!("Sync it"), path.clone()),
        (_, 0) => (t!("Open the repository"), path.clone()),
        (true, _) => (t!("Why it failed"), href(&path, &[("tab", "findings")])),
        (false, 1) => (t!("See the finding"), href(&path, &[("tab", "findings")])),
        (false, count) => (t!("See all %{count} findings", count = number(count)), href(&path, &[("tab", "findings")])),
    };
    // Warnings can wait for the repository's own page.
    let urgent = found.into_iter().filter(|found| failed || found.severity == Severity::Error);
    let told: Vec<_> = urgent.take(TOLD).map(|found| view! { <Found found/> }).collect();
    let what =
        view! { <Prose text=sentence(&what)/>{report.next.map(|next| view! { " "<StepLink next class=""/>"." })} };
    // Without findings to tell of, one line says it all.
    let (beside, below) = if told.is_empty() { (Some(what), None) } else { (None, Some(what)) };
    view! {
        <li data-row="">
            <div class="needy-head">
                <State health/>
                <a class="line-name" href=path>{name.clone()}</a>
                {beside.map(|what| view! { <span class="sub">{what}</span> })}
                {last_synced_at.filter(|_| failed).map(|at| view! { <span class="sub">{t!("last read")}" "<When at/></span> })}
                <a class="button small" href=next aria-label=format!("{label}: {name}")>{label.clone()}</a>
            </div>
            {below.map(|what| view! { <p>{what}</p> })}
            {(!told.is_empty()).then(|| view! { <ul class="found-few">{told}</ul> })}
        </li>
    }
    .into_any()
}

/// One finding: what, the fix, and where.
#[component]
fn Found(found: Diagnostic) -> impl IntoView {
    let Diagnostic { message, fix, file, item, item_index, field, .. } = found;
    let item = item.or_else(|| item_index.map(|index| format!("items[{index}]")));
    let where_ = [(t!("file"), file), (t!("item"), item), (t!("field"), field)]
        .into_iter()
        .filter_map(|(label, value)| Some((label, value?)))
        .map(|(label, value)| view! { <span><span class="sr-only">{label}" "</span><code>{visible(&value)}</code></span> })
        .collect_view();
    view! {
        <li>
            <span class="where">{where_}</span>
            <span class="said"><Prose text=sentence(&message)/>{fix.map(|fix| view! { " "<span class="fix"><Prose text=sentence(&fix)/></span> })}</span>
        </li>
    }
    .into_any()
}
