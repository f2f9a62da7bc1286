//! One commit: its message, and the components and files it touched.

use super::commits::TouchedFile;
use crate::app::words::{count, t};
use crate::app::{
    data::CommitData,
    format::{component_href, diff_href, number, visible},
    icons::{Glyph, Icon},
    parts::{Sha, Trail, When, titled},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    CommitSha, FileChange, ItemName,
    view::{CommitDetail, CommitFile, CommitView},
};

/// How many components of a commit its page names.
const NAMED: usize = 100;

/// One commit.
#[component]
pub fn CommitPageView(
    /// The commit and its repository.
    data: CommitData,
) -> impl IntoView {
    let CommitData { repository, detail: CommitDetail { commit, parent } } = data;
    let CommitView { sha, message, author, date, mut components, files, more_files } = commit;
    components.sort();
    let (subject, body) = message.split_once('\n').unwrap_or((&message, ""));
    let subject = if subject.trim().is_empty() { t!("(no message)").into_owned() } else { visible(subject) };
    let body = body.trim().lines().map(visible).collect::<Vec<_>>().join("\n");
    let href = format!("/registry/{}?tab=commits", repository.id);
    let more = components.len().saturating_sub(NAMED);
    let touched = components
        .into_iter()
        .take(NAMED)
        .map(|name| view! { <Touched sha=sha.clone() parent=parent.clone() own=changes_of(&files, &name) name/> })
        .collect_view();
    let count = files.len() + more_files;
    // The commit stands beside it.
    let after = t!("After %{commit}", commit = "").trim_end().to_owned();
    let untold = count!(more_files, "more file is", "more files are");
    let rows = files
        .into_iter()
        .map(|file| {
            let names: Vec<_> = file.components.iter().map(ToString::to_string).collect();
            view! { <li><TouchedFile file/>" "<span class="muted">{names.join(", ")}</span></li> }
        })
        .collect_view();
    view! {
        <Title text=titled(format!("{} – {}", sha.short(), repository.name))/>
        <Trail label=t!("Commits of %{name}", name = repository.name) href/>
        <header class="head"><h1>{subject}</h1></header>
        <dl class="facts">
            <div><dt class="sr-only">{t!("Commit")}</dt><dd><Icon glyph=Glyph::Commit/><Sha sha/></dd></div>
            <div><dt>{t!("By")}</dt><dd>{visible(&author)}</dd></div>
            <div><dt class="sr-only">{t!("Date")}</dt><dd><When at=date/></dd></div>
            {parent.map(|sha| view! { <div><dt>{after.clone()}</dt><dd><Sha sha/></dd></div> })}
        </dl>
        {(!body.is_empty()).then(|| view! { <p class="body">{body}</p> })}
        <section>
            <h2>{t!("Components")}</h2>
            <ul class="touched-components">
                {touched}
                {(more > 0).then(|| view! { <li class="muted">{t!("and %{more} more", more = number(more))}</li> })}
            </ul>
        </section>
        <section>
            <h2>{count!(count, "file", "files")}</h2>
            <ul class="touched-files">{rows}</ul>
            {(more_files > 0).then(|| view! { <p class="muted">{t!("%{count} not recorded.", count = untold)}</p> })}
        </section>
    }
    .into_any()
}

/// What happened to the files of one component.
fn changes_of(files: &[CommitFile], name: &ItemName) -> Vec<FileChange> {
    files.iter().filter(|file| file.components.contains(name)).map(|file| file.change).collect()
}

/// A component that the commit touched, and what to compare.
#[component]
fn Touched(name: ItemName, sha: CommitSha, parent: Option<CommitSha>, own: Vec<FileChange>) -> impl IntoView {
    // A component that is new here, or gone, has nothing to be compared with.
    let only = |change: FileChange| !own.is_empty() && own.iter().all(|own| *own == change);
    let compared = parent.filter(|_| !only(FileChange::Added) && !only(FileChange::Removed)).map(|parent| {
        let href = diff_href(name.as_str(), &format!("sha-{parent}"), &format!("sha-{sha}"));
        view! { <a href=href aria-label=t!("What changed in %{name}", name = name)>{t!("What changed")}</a> }
    });
    let to_now = diff_href(name.as_str(), &format!("sha-{sha}"), "current");
    let to_now = (!only(FileChange::Removed))
        .then(|| view! { <a href=to_now aria-label=t!("From here to now: %{name}", name = name)>{t!("From here to now")}</a> });
    view! {
        <li>
            <a class="chip" href=component_href(name.as_str())>{name.to_string()}</a>
            {compared}
            {to_now}
        </li>
    }
    .into_any()
}
