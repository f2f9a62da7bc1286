//! Commits, newest first.

use crate::app::{
    format::component_href,
    parts::{Sha, When},
};
use leptos::prelude::*;
use model::view::CommitView;

/// How many of a commit's components its row names.
const NAMED: usize = 6;

/// A list of commits.
#[component]
pub fn CommitsView(
    /// The commits.
    commits: Vec<CommitView>,
) -> impl IntoView {
    view! { <ol class="commits">{commits.into_iter().map(|commit| view! { <Commit commit/> }).collect_view()}</ol> }
        .into_any()
}

#[component]
fn Commit(commit: CommitView) -> impl IntoView {
    let CommitView { sha, message, author, date, components, files: _, more_files: _ } = commit;
    let (subject, body) = message.split_once('\n').unwrap_or((&message, ""));
    let (subject, body) = (subject.to_owned(), body.trim().to_owned());
    let more = components.len().saturating_sub(NAMED);
    let names = components
        .into_iter()
        .take(NAMED)
        .map(|name| view! { <a class="chip" href=component_href(name.as_str())>{name.to_string()}</a> })
        .collect_view();
    view! {
        <li>
            <div class="what">
                {if body.is_empty() {
                    view! { <span class="subject">{subject}</span> }.into_any()
                } else {
                    view! { <details><summary class="subject">{subject}</summary><p class="message">{body}</p></details> }.into_any()
                }}
                <span class="sub">{author}", "<When at=date/></span>
            </div>
            <div class="chips">{names}{(more > 0).then(|| view! { <span class="muted">{format!("and {more} more")}</span> })}</div>
            <Sha sha/>
        </li>
    }
    .into_any()
}
