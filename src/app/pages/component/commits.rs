//! The commits that touched a component, each with its difference one click away.

use crate::app::{
    format::{component_href, diff_href, href, number, visible},
    pages::repository::commits::TouchedFile,
    parts::{Sha, When},
    words::{count, t},
};
use leptos::prelude::*;
use model::{
    FileChange,
    view::{CommitChange, CommitView},
};

/// How many of a commit's files its row tells; its own page tells more.
const TOLD: usize = 20;

/// The commits, newest first.
#[component]
pub fn ComponentCommits(
    /// The component's name.
    name: String,
    /// The commits.
    commits: Vec<CommitView>,
    /// What each of them changed.
    changes: Vec<CommitChange>,
    /// The address of their repository.
    repository: String,
) -> impl IntoView {
    let changes = changes.into_iter().chain(std::iter::repeat_with(CommitChange::default));
    let rows = commits
        .into_iter()
        .zip(changes)
        .map(|(commit, change)| view! { <Row name=name.clone() commit change repository=repository.clone()/> })
        .collect_view();
    view! { <ol class="commits changes">{rows}</ol> }.into_any()
}

#[component]
fn Row(name: String, commit: CommitView, change: CommitChange, repository: String) -> impl IntoView {
    let CommitView { sha, message, author, date, files, more_files, .. } = commit;
    let subject = visible(message.lines().next().unwrap_or_default());
    let subject = if subject.trim().is_empty() { t!("(no message)").into_owned() } else { subject };
    let address = format!("{repository}/commits/{sha}");
    // What is new here, or gone, has nothing to be compared with.
    let only = |change: FileChange| !files.is_empty() && files.iter().all(|file| file.change == change);
    let (is_new, is_gone) = (only(FileChange::Added), only(FileChange::Removed));
    let at = format!("sha-{sha}");
    let diff = change.parent.filter(|_| !is_new && !is_gone);
    let diff = diff.map(|parent| diff_href(&name, &format!("sha-{parent}"), &at));
    let count = files.len() + more_files;
    let untold = count.saturating_sub(TOLD);
    let touched = (count > 0).then(|| {
        let told = files.into_iter().take(TOLD).map(|file| view! { <li><TouchedFile file/></li> }).collect_view();
        let whole = address.clone();
        view! {
            <details class="touched">
                <summary>{count!(count, "file", "files")}</summary>
                <ul>
                    {told}
                    {(untold > 0).then(|| view! { <li><a href=whole>{t!("and %{count} more", count = number(untold))}</a></li> })}
                </ul>
            </details>
        }
    });
    let lines = change.lines.map(|(added, removed)| {
        view! {
            <span class="counts num">
                <span class="added">"+"{number(added)}</span>" "<span class="removed">"−"{number(removed)}</span>
                <span class="sr-only">" "{t!("%{lines} added, %{removed} removed", lines = count!(added, "line", "lines"), removed = number(removed))}</span>
            </span>
        }
    });
    view! {
        <li>
            <div class="what">
                <a class="subject" href=address>{subject.clone()}</a>
                <span class="sub">{visible(&author)}", "<When at=date/></span>
                {touched}
            </div>
            {lines}
            <span class="ways-on">
                {diff.map(|diff| view! { <a class="row-link" href=diff aria-label=t!("Diff of %{commit}", commit = subject)>{t!("Diff")}</a> })}
                {(!is_gone).then(|| view! {
                    <a href=href(&component_href(&name), &[("at", &at)]) aria-label=t!("Files at %{commit}", commit = sha.short())>{t!("Files")}</a>
                })}
                <Sha sha/>
            </span>
        </li>
    }
    .into_any()
}
