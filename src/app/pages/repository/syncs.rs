//! The syncs of a repository, each with its report.

use super::report::{ReportView, outcome};
use crate::app::words::t;
use crate::app::{
    format::duration,
    parts::{Prose, State, When},
};
use leptos::prelude::*;
use model::{
    SyncReport, SyncState, Trigger,
    view::{Health, SyncView},
};
use std::borrow::Cow;

/// Syncs, newest first. The report of the first one is open.
#[component]
pub fn SyncsView(
    /// The syncs.
    syncs: Vec<SyncView>,
    /// The repository's address.
    url: String,
    /// Whether the first one is the newest of all.
    newest: bool,
) -> impl IntoView {
    let rows = syncs
        .into_iter()
        .enumerate()
        .map(|(at, sync)| view! { <Sync sync url=url.clone() open=newest && at == 0/> })
        .collect_view();
    view! { <ol class="reports">{rows}</ol> }.into_any()
}

/// How a sync stands.
pub fn health(sync: &SyncView) -> Health {
    match sync.state {
        SyncState::Queued | SyncState::Running => Health::Working,
        SyncState::Failed => Health::Broken,
        SyncState::Succeeded if sync.report.as_ref().is_some_and(SyncReport::needs_attention) => Health::Attention,
        SyncState::Succeeded => Health::Fresh,
    }
}

/// Who asked for a sync.
fn asked(trigger: Trigger) -> Cow<'static, str> {
    match trigger {
        Trigger::Person => t!("by a person"),
        Trigger::Token => t!("by a token"),
        Trigger::Webhook => t!("by the git host"),
        Trigger::Poll => t!("by the regular check"),
    }
}

#[component]
fn Sync(sync: SyncView, url: String, open: bool) -> impl IntoView {
    let health = health(&sync);
    let SyncView { id, trigger, started_at, finished_at, report, .. } = sync;
    let told = report.as_ref().map_or_else(|| t!("Under way").into_owned(), outcome);
    let took = finished_at.map(|end| t!(", took %{time}", time = duration(end - started_at)));
    let line = view! {
        <State health/>
        <span class="outcome"><Prose text=told/></span>
        <span class="sub"><When at=started_at/>" "{asked(trigger)}{took}</span>
    };
    let id = format!("sync-{id}");
    match report {
        Some(report) => view! {
            <li id=id>
                <details open=open>
                    <summary class="row-link">{line}</summary>
                    <ReportView report url/>
                </details>
            </li>
        }
        .into_any(),
        None => view! { <li id=id><div class="summary">{line}</div></li> }.into_any(),
    }
}
