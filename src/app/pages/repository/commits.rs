//! Commits, newest first.

use crate::app::words::{count, t};
use crate::app::{
    format::{component_href, day, now, number, visible},
    parts::{Callout, HERE, Prose, Sha, When, around},
    terms,
};
use leptos::prelude::*;
use model::{
    MAX_COMMITS,
    view::{CommitFile, CommitView, Health, HistoryBound, Millis},
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
    let days = by_day(commits).into_iter().map(|(title, commits)| {
        let rows = commits.into_iter().map(|commit| view! { <Commit commit repository=repository.clone()/> });
        view! {
            <section class="day">
                <h2>{title}</h2>
                <ol class="commits">{rows.collect_view()}</ol>
            </section>
        }
    });
    view! { <div class="days">{days.collect_view()}</div> }.into_any()
}

/// Commits that follow each other and are of one day, and what that day is called.
fn by_day(commits: Vec<CommitView>) -> Vec<(String, Vec<CommitView>)> {
    const DAY: Millis = 24 * 60 * 60 * 1_000;
    let (today, yesterday) = (day(now()), day(now() - DAY));
    let mut days: Vec<(String, Vec<CommitView>)> = Vec::new();
    for commit in commits {
        let of = match day(commit.date) {
            of if of == today => t!("Today").into_owned(),
            of if of == yesterday => t!("Yesterday").into_owned(),
            of => of,
        };
        match days.last_mut() {
            Some((title, commits)) if *title == of => commits.push(commit),
            _ => days.push((of, vec![commit])),
        }
    }
    days
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
    let subject = if subject.trim().is_empty() { t!("(no message)").into_owned() } else { subject };
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
                <summary>{count!(count, "file", "files")}</summary>
                <ul>
                    {told}
                    {(untold > 0).then(|| view! { <li><a href=href.clone()>{t!("and %{more} more", more = number(untold))}</a></li> })}
                </ul>
            </details>
        }
    });
    view! {
        <li>
            <div class="what">
                <a class="subject row-link" href=href.clone()>{subject}</a>
                <div class="by">
                    <span class="sub">
                        <span class="author">{visible(&author)}</span>
                        {name.map(|name| {
                            let link = view! { <a href=repository.clone()>{name}</a> }.into_any();
                            view! { " "{around(t!("in %{repository}", repository = HERE), [link])} }
                        })}
                        ", "<When at=date/>
                    </span>
                    {touched}
                </div>
            </div>
            <div class="chips">{names}{(more > 0).then(|| view! { <span class="muted">{t!("and %{more} more", more = more)}</span> })}</div>
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
        <span class=format!("change {}", change.as_str())>{terms::change(change)}</span>" "
        <span class="mono">{visible(&path)}</span>
        {from.map(|from| {
            let path = view! { <span class="mono">{visible(&from)}</span> }.into_any();
            view! { <span class="muted">" "{around(t!("from %{path}", path = HERE), [path])}</span> }
        })}
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
        <Callout health=Health::Attention title=t!("Older commits are not listed.")>
            <Prose text=t!(
                "The newest %{count} commits that touch a component are recorded. To see more, set `history-commits` in registry.toml, or EKAIROS_HISTORY_COMMITS, to a larger number (at most %{most}), restart, and sync again.",
                count = number(history.limit), most = number(MAX_COMMITS)
            )/>
        </Callout>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_stand_below_their_day_in_their_order() {
        let of = |sha: char, date: Millis| CommitView {
            sha: sha.to_string().repeat(40).parse().unwrap(),
            message: String::new(),
            author: String::new(),
            date,
            components: Vec::new(),
            files: Vec::new(),
            more_files: 0,
        };
        let second = 1_000;
        let day = 24 * 60 * 60 * second;
        let days = by_day(vec![
            of('a', now()),
            of('b', 5 * day + second),
            of('c', 5 * day),
            of('d', 9 * day),
            of('e', 5 * day),
        ]);
        let told: Vec<_> = days.iter().map(|(title, commits)| (title.as_str(), commits.len())).collect();
        assert_eq!(told, [("Today", 1), ("6 Jan 1970", 2), ("10 Jan 1970", 1), ("6 Jan 1970", 1)]);
    }
}
