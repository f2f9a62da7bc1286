//! What came of a sync: why it failed, what changed, and what it found.

use super::findings::FindingsList;
use crate::app::words::{count, t};
use crate::app::{
    format::{component_href, number, sentence},
    git_host::commit_href,
    icons::{Glyph, Icon},
    parts::{Prose, Sha, StepLink},
    terms,
};
use leptos::prelude::*;
use model::{Diagnostic, ItemChange, Severity, SyncReport};
use std::borrow::Cow;

/// How many names each list shows.
const NAMED: usize = 24;
/// How many findings a report shows.
const FINDINGS: usize = 12;

/// Why a sync failed, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The reason.
    pub reason: String,
    /// The next step, where that is told apart from the reason.
    pub fix: Option<String>,
}

/// Why a sync failed; none if it did not.
pub fn why(report: &SyncReport) -> Option<Why> {
    let failure = report.failure.as_ref()?;
    // A registry that cannot be read fails by an error that is a finding, too, and is told better there.
    let is_it = |found: &&Diagnostic| found.severity == Severity::Error && failure.contains(&found.message);
    Some(match report.diagnostics.iter().find(is_it) {
        Some(found) => Why { reason: sentence(&found.message), fix: found.fix.as_deref().map(sentence) },
        None => Why { reason: sentence(failure), fix: None },
    })
}

/// A whole report.
#[component]
pub fn ReportView(
    /// The report.
    report: SyncReport,
    /// The repository's address.
    url: String,
) -> impl IntoView {
    let why = why(&report);
    let SyncReport { commit, registry, published, items, changes, commits, diagnostics, next, .. } = report;
    let names = |change: ItemChange| -> Vec<String> {
        changes.iter().filter(|(_, happened)| *happened == change).map(|(name, _)| name.clone()).collect()
    };
    let found = commit.clone();
    let more = diagnostics.len().saturating_sub(FINDINGS);
    let failed = why.is_some();
    let shown: Vec<_> = diagnostics.into_iter().take(FINDINGS).collect();
    let listed = why.as_ref().is_some_and(|why| shown.iter().any(|found| sentence(&found.message) == why.reason));
    let at_host = commit.as_ref().and_then(|sha| commit_href(&url, sha));
    view! {
        <div class="report">
            {why.map(|Why { reason, .. }| view! {
                // A finding is told below, with where it is and the fix.
                {(!listed).then(|| view! { <p class="found"><Prose text=reason/></p> })}
                {next.map(|next| view! { <p><StepLink next class="button"/></p> })}
            })}
            <dl class="facts">
                {commit.map(|sha| view! {
                    <div>
                        <dt>{t!("Read at")}</dt>
                        <dd>
                            <Icon glyph=Glyph::Commit/><Sha sha/>
                            {at_host.map(|href| view! { <a href=href rel="noreferrer">{t!("at the host")}<Icon glyph=Glyph::External/></a> })}
                        </dd>
                    </div>
                })}
                {registry.map(|found| view! {
                    <div><dt>{t!("From")}</dt><dd><span class="mono">{found.path}</span>{format!(" ({})", terms::shape(found.shape))}</dd></div>
                })}
                {(!failed).then(|| view! {
                    <div><dt>{t!("Serves")}</dt><dd>{count!(items, "component", "components")}</dd></div>
                    <div><dt>{t!("Published")}</dt><dd>{if published { t!("a new state") } else { t!("nothing new") }}</dd></div>
                })}
                {(commits > 0).then(|| view! { <div><dt>{t!("Recorded")}</dt><dd>{count!(commits, "commit", "commits")}</dd></div> })}
            </dl>
            <Changed title=t!("Added") names=names(ItemChange::Added) leads=true/>
            <Changed title=t!("Changed") names=names(ItemChange::Changed) leads=true/>
            <Changed title=t!("Removed") names=names(ItemChange::Removed) leads=true/>
            <Changed title=t!("Held back") names=names(ItemChange::Quarantined) leads=false/>
            {(!shown.is_empty()).then(|| view! {
                <FindingsList found=shown url commit=found/>
                {(more > 0).then(|| view! { <p class="muted">{t!("and %{count} more", count = count!(more, "finding", "findings"))}</p> })}
            })}
        </div>
    }
    .into_any()
}

/// What happened to these items; nothing where there are none.
#[component]
fn Changed(title: Cow<'static, str>, names: Vec<String>, leads: bool) -> impl IntoView {
    let count = names.len();
    if count == 0 {
        return ().into_any();
    }
    let more = count.saturating_sub(NAMED);
    let chips = names
        .into_iter()
        .take(NAMED)
        .map(|name| {
            if leads {
                view! { <a class="chip" href=component_href(&name)>{name.clone()}</a> }.into_any()
            } else {
                view! { <span class="chip">{name}</span> }.into_any()
            }
        })
        .collect_view();
    view! {
        <div class="changed">
            <h3>{title}" "<span class="count">{number(count)}</span></h3>
            <div class="chips">{chips}{(more > 0).then(|| view! { <span class="muted">{t!("and %{more} more", more = more)}</span> })}</div>
        </div>
    }
    .into_any()
}

/// A report in one sentence.
pub fn outcome(report: &SyncReport) -> String {
    if let Some(why) = why(report) {
        return why.reason;
    }
    let told = |change: ItemChange| {
        let count = Some(report.count(change)).filter(|count| *count > 0).map(number)?;
        Some(match change {
            ItemChange::Added => t!("%{count} added", count = count),
            ItemChange::Changed => t!("%{count} changed", count = count),
            ItemChange::Removed => t!("%{count} removed", count = count),
            ItemChange::Quarantined => t!("%{count} held back", count = count),
        })
    };
    let parts: Vec<_> = [ItemChange::Added, ItemChange::Changed, ItemChange::Removed, ItemChange::Quarantined]
        .into_iter()
        .filter_map(told)
        .collect();
    if parts.is_empty() {
        t!("Nothing changed, %{served} served", served = count!(report.items, "component", "components")).into_owned()
    } else {
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::DiagnosticCode;

    #[test]
    fn a_report_is_one_sentence() {
        let mut report = SyncReport { items: 2, ..SyncReport::default() };
        assert_eq!(outcome(&report), "Nothing changed, 2 components served");
        report.changes = vec![("a".to_owned(), ItemChange::Added), ("b".to_owned(), ItemChange::Quarantined)];
        assert_eq!(outcome(&report), "1 added, 1 held back");
        report.failure = Some("The host does not answer.".to_owned());
        assert_eq!(outcome(&report), "The host does not answer.");
    }

    #[test]
    fn a_failure_by_a_finding_is_told_as_the_finding_is() {
        let found = Diagnostic::error(DiagnosticCode::MalformedJson, "the file is not JSON").fix("correct it");
        let failure = Some(format!("{found}"));
        let report = SyncReport { failure, diagnostics: vec![found], ..SyncReport::default() };
        let told = why(&report).expect("it failed");
        assert_eq!(told, Why { reason: "The file is not JSON.".to_owned(), fix: Some("Correct it.".to_owned()) });
        assert_eq!(why(&SyncReport::default()), None);
    }
}
