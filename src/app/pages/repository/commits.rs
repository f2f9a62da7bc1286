//! Commits, newest first.

use crate::app::{
    format::{component_href, number, plural, visible},
    parts::{Callout, Sha, When},
};
use leptos::prelude::*;
use model::{
    MAX_COMMITS,
    view::{CommitFile, CommitView, Health, HistoryBound},
};

/// How many of a commit's components its row names.
const NAMED: usize = 6;

/// How many of a commit's files its row tells; its own page tells more.
const TOLD: usize = 20;

/// A list of commits.
#[component]
pub fn CommitsView(
    /// The commits.
    commits: Vec<CommitView>,
    /// The address of their repository.
    #[prop(into)]
    repository: String,
) -> impl IntoView {
    let rows =
        commits.into_iter().map(|commit| view! { <Commit commit repository=repository.clone()/> }).collect_view();
    view! { <ol class="commits">{rows}</ol> }.into_any()
}

/// One commit of a list.
#[component]
pub fn Commit(
    /// The commit.
    commit: CommitView,
    /// The address of its repository.
    repository: String,
    /// What its repository is called, where commits of several are listed.
    #[prop(optional, into)]
    name: Option<String>,
) -> impl IntoView {
    let CommitView { sha, message, author, date, mut components, files, more_files } = commit;
    components.sort();
    let subject = visible(message.lines().next().unwrap_or_default());
    let subject = if subject.trim().is_empty() { "(no message)".to_owned() } else { subject };
    let href = format!("{repository}/commits/{sha}");
    let more = components.len().saturating_sub(NAMED);
    let names = components
        .into_iter()
        .take(NAMED)
        .map(|name| view! { <a class="chip" href=component_href(name.as_str())>{name.to_string()}</a> })
        .collect_view();
    let count = files.len() + more_files;
    let untold = count.saturating_sub(TOLD);
    let touched = (count > 0).then(|| {
        let told = files.into_iter().take(TOLD).map(|file| view! { <li><TouchedFile file/></li> }).collect_view();
        view! {
            <details class="touched">
                <summary>{plural(count, "file", "files")}</summary>
                <ul>
                    {told}
                    {(untold > 0).then(|| view! { <li><a href=href.clone()>{format!("and {} more", number(untold))}</a></li> })}
                </ul>
            </details>
        }
    });
    view! {
        <li>
            <div class="what">
                <a class="subject" href=href.clone()>{subject}</a>
                <span class="sub">
                    {visible(&author)}
                    {name.map(|name| view! { " in "<a href=repository.clone()>{name}</a> })}
                    ", "<When at=date/>
                </span>
                {touched}
            </div>
            <div class="chips">{names}{(more > 0).then(|| view! { <span class="muted">{format!("and {more} more")}</span> })}</div>
            <Sha sha/>
        </li>
    }
    .into_any()
}

/// What happened to a file, and its path.
#[component]
pub fn TouchedFile(
    /// The file.
    file: CommitFile,
) -> impl IntoView {
    let CommitFile { path, change, from, .. } = file;
    view! {
        <span class=format!("change {}", change.as_str())>{change.as_str()}</span>" "
        <span class="mono">{visible(&path)}</span>
        {from.map(|from| view! { <span class="muted">" from "<span class="mono">{visible(&from)}</span></span> })}
    }
    .into_any()
}

/// Why the list ends before the first commit.
#[component]
pub fn HistoryCut(
    /// How far it goes.
    history: HistoryBound,
) -> impl IntoView {
    view! {
        <Callout health=Health::Attention title="Older commits are not listed.">
            {format!("The newest {} commits that touch a component are recorded. To see more, set ", number(history.limit))}
            <code>"history-commits"</code>
            {format!(" in registry.toml, or EKAIROS_HISTORY_COMMITS, to a larger number (at most {}), restart, and sync again.", number(MAX_COMMITS))}
        </Callout>
    }
    .into_any()
}
