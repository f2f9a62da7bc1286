//! What was served when, and which syncs ran.

use crate::app::{
    format::{actor_label, duration, href, number, plural, sentence},
    icons::{Glyph, Icon},
    parts::{Callout, Empty, Sha, State, When, may_change},
};
use leptos::prelude::*;
use model::{
    ItemChange, SyncReport, SyncState, Trigger,
    view::{Health, PublicationView, SyncView},
};

/// Publications and syncs, newest first.
#[component]
pub fn HistoryView(
    /// The repository's address.
    path: String,
    /// Publications; the first is served now.
    publications: Vec<PublicationView>,
    /// Syncs.
    syncs: Vec<SyncView>,
) -> impl IntoView {
    let served = publications.first().map(|publication| publication.snapshot);
    let rolled_back = publications.first().is_some_and(|publication| publication.kind == "rollback");
    let published = if publications.is_empty() {
        view! { <Empty title="Nothing published yet" text="A sync that changes what is served makes a publication. You can roll back to any of them."/> }.into_any()
    } else {
        let rows = publications
            .into_iter()
            .enumerate()
            .map(|(at, publication)| {
                let state = match (at, served == Some(publication.snapshot)) {
                    (0, _) => Standing::Served,
                    (_, true) => Standing::Same,
                    _ => Standing::Past,
                };
                view! { <Publication publication path=path.clone() standing=state/> }
            })
            .collect_view();
        view! {
            <table class="list history">
                <thead>
                    <tr>
                        <th scope="col">"Published"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Commit"</th>
                        <th scope="col" class="end">"Components"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        {rolled_back.then(|| view! {
            <Callout health=Health::Attention title="What is served was rolled back.">
                "The next commit or change is published on top of it. To undo the rollback, roll back to the publication before it."
            </Callout>
        })}
        <section aria-label="Publications">{published}</section>
        {(!syncs.is_empty()).then(|| view! {
            <section>
                <h2>"Syncs"</h2>
                <ol class="syncs">{syncs.into_iter().map(|sync| view! { <Sync sync/> }).collect_view()}</ol>
            </section>
        })}
    }
    .into_any()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Served,
    Same,
    Past,
}

#[component]
fn Publication(publication: PublicationView, path: String, standing: Standing) -> impl IntoView {
    let PublicationView { at, kind, snapshot, commit, count, seq, actor } = publication;
    let actor = actor.as_deref().map(actor_label);
    let kind = match kind.as_str() {
        "sync" => "Sync",
        "manual" => "Change by hand",
        "rollback" => "Roll back",
        _ => "Other",
    };
    let action = match standing {
        Standing::Served => {
            view! { <span class="state fresh"><Icon glyph=Glyph::Fresh/>"Served now"</span> }.into_any()
        }
        Standing::Same => view! { <span class="muted">"Same as now"</span> }.into_any(),
        Standing::Past if !may_change() => ().into_any(),
        Standing::Past => view! {
            <a
                class="button small" aria-label=format!("Roll back to publication {seq}")
                href=href(&format!("{path}/rollback"), &[("to", &snapshot.to_string())])
            >
                <Icon glyph=Glyph::Rollback/>"Roll back"
            </a>
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row"><When at/></th>
            <td data-of="kind">{kind}{actor.map(|actor| view! { <span class="sub">{actor}</span> })}</td>
            <td data-of="commit">{commit.map(|sha| view! { <Sha sha/> })}</td>
            <td class="end num" data-of="components">{number(count)}<span class="unit">{if count == 1 { " component" } else { " components" }}</span></td>
            <td class="end" data-of="actions">{action}</td>
        </tr>
    }
    .into_any()
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

#[component]
fn Sync(sync: SyncView) -> impl IntoView {
    let health = health(&sync);
    let who = match sync.trigger {
        Trigger::Person => "by a person",
        Trigger::Token => "by a token",
        Trigger::Webhook => "by the git host",
        Trigger::Poll => "by the regular check",
    };
    let outcome = sync.report.as_ref().map(outcome);
    let took = sync.finished_at.map(|end| format!(", took {}", duration(end - sync.started_at)));
    view! {
        <li>
            <State health/>
            <span>{outcome}</span>
            <span class="sub"><When at=sync.started_at/>" "{who}{took}</span>
        </li>
    }
    .into_any()
}

/// A report in one sentence.
pub fn outcome(report: &SyncReport) -> String {
    if let Some(failure) = &report.failure {
        // What could not be read says it better than the failure, which is it with its code and fix.
        let found = report.diagnostics.first().filter(|found| failure.contains(&found.message));
        return found.map_or_else(|| failure.clone(), |found| sentence(&found.message));
    }
    let parts: Vec<String> = [
        (ItemChange::Added, "added"),
        (ItemChange::Changed, "changed"),
        (ItemChange::Removed, "removed"),
        (ItemChange::Quarantined, "held back"),
    ]
    .into_iter()
    .filter_map(|(change, word)| match report.count(change) {
        0 => None,
        count => Some(format!("{} {word}", number(count))),
    })
    .collect();
    if parts.is_empty() {
        format!("Nothing changed, {} served", plural(report.items, "component", "components"))
    } else {
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Diagnostic, DiagnosticCode};

    #[test]
    fn a_report_is_one_sentence() {
        let mut report = SyncReport { items: 2, ..SyncReport::default() };
        assert_eq!(outcome(&report), "Nothing changed, 2 components served");
        report.changes = vec![("a".to_owned(), ItemChange::Added), ("b".to_owned(), ItemChange::Quarantined)];
        assert_eq!(outcome(&report), "1 added, 1 held back");
        report.failure = Some("The host does not answer.".to_owned());
        assert_eq!(outcome(&report), "The host does not answer.");
        report.failure = Some("error[malformed-json] registry.json: it is no JSON\n  fix: Correct it.".to_owned());
        report.diagnostics = vec![Diagnostic::error(DiagnosticCode::MalformedJson, "it is no JSON")];
        assert_eq!(outcome(&report), "It is no JSON.");
    }
}
