//! What the last sync found.

use crate::app::words::t;
use crate::app::{
    format::{number, sentence},
    git_host::file_href,
    icons::{Glyph, Icon},
    parts::{Empty, Prose},
};
use leptos::prelude::*;
use model::{CommitSha, Diagnostic, Severity};
use std::collections::BTreeSet;

/// How many items a finding names.
const NAMED: usize = 24;

/// Findings, errors first.
#[component]
pub fn FindingsView(
    /// The findings.
    found: Vec<Diagnostic>,
    /// Whether a sync has ended at all.
    synced: bool,
    /// The repository's address.
    url: String,
    /// The commit at which they were found.
    commit: Option<CommitSha>,
) -> impl IntoView {
    if found.is_empty() {
        return if synced {
            view! { <Empty title=t!("Nothing found") text=t!("The last sync read every item without a problem.")/> }
                .into_any()
        } else {
            view! { <Empty title=t!("Nothing found yet") text=t!("A sync tells here what it cannot serve, and how to mend it.")/> }.into_any()
        };
    }
    let held: BTreeSet<_> = found
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| (found.item.clone(), found.item_index))
        .collect();
    let lead = match held.len() {
        0 => t!("Everything that was read is served."),
        _ if held.contains(&(None, None)) => {
            t!("The registry could not be read as a whole. What was read before stays served.")
        }
        1 => t!("1 item is held back. Its last good version, if there is one, stays served."),
        count => {
            t!(
                "%{count} items are held back. Their last good versions, if there are any, stay served.",
                count = number(count)
            )
        }
    };
    view! {
        <p class="lead">{lead}</p>
        <FindingsList found url commit/>
    }
    .into_any()
}

/// Findings alone.
#[component]
pub fn FindingsList(
    /// The findings.
    found: Vec<Diagnostic>,
    /// The repository's address.
    url: String,
    /// The commit at which they were found.
    commit: Option<CommitSha>,
) -> impl IntoView {
    let rows = grouped(found).into_iter().map(|found| {
        let file = shared(&found, |one| one.file.as_ref());
        let href = file.as_ref().zip(commit.as_ref()).and_then(|(file, sha)| file_href(&url, sha, file));
        view! { <Finding found href/> }
    });
    view! { <ol class="findings">{rows.collect_view()}</ol> }.into_any()
}

/// Findings that say the same of several items, in the order of the first of each.
fn grouped(found: Vec<Diagnostic>) -> Vec<Vec<Diagnostic>> {
    let mut groups: Vec<Vec<Diagnostic>> = Vec::new();
    for one in found {
        let same = |group: &&mut Vec<Diagnostic>| {
            let first = &group[0];
            (first.severity, first.code, &first.message, &first.fix) == (one.severity, one.code, &one.message, &one.fix)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

/// What all of these have, if it is the same.
fn shared(found: &[Diagnostic], part: impl Fn(&Diagnostic) -> Option<&String>) -> Option<String> {
    let first = part(found.first()?)?;
    found.iter().all(|found| part(found) == Some(first)).then(|| first.clone())
}

#[component]
fn Finding(found: Vec<Diagnostic>, href: Option<String>) -> impl IntoView {
    let Some(Diagnostic { code, severity, message, fix, .. }) = found.first().cloned() else { return ().into_any() };
    let (class, glyph, word) = match severity {
        Severity::Error => ("state broken", Glyph::Broken, t!("Error")),
        Severity::Note => ("state muted", Glyph::Note, t!("Note")),
        Severity::Warning => ("state attention", Glyph::Attention, t!("Warning")),
    };
    let mut items: Vec<String> = Vec::new();
    for one in &found {
        let item = one.item.clone().or_else(|| one.item_index.map(|index| format!("items[{index}]")));
        items.extend(item.filter(|item| !items.contains(item)));
    }
    let (label, more) = (if items.len() == 1 { t!("Item") } else { t!("Items") }, items.len().saturating_sub(NAMED));
    items.truncate(NAMED);
    let mut listed = items.join(", ");
    if more > 0 {
        listed = format!("{listed} {}", t!("and %{more} more", more = number(more)));
    }
    let (file, field) = (shared(&found, |one| one.file.as_ref()), shared(&found, |one| one.field.as_ref()));
    let file = file.map(|file| match href {
        Some(href) => view! { <a href=href rel="noreferrer">{file}<Icon glyph=Glyph::External/></a> }.into_any(),
        None => file.into_any(),
    });
    let where_ = [
        (label, Some(listed).filter(|listed| !listed.is_empty()).map(IntoAny::into_any)),
        (t!("File"), file),
        (t!("Field"), field.map(IntoAny::into_any)),
        (t!("Code"), Some(code.to_string().into_any())),
    ];
    view! {
        <li>
            <span class=class><Icon glyph/>{word}</span>
            <div>
                <p class="found"><Prose text=sentence(&message)/></p>
                {fix.map(|fix| view! { <p class="fix"><Prose text=sentence(&fix)/></p> })}
                <dl class="where">
                    {where_
                        .into_iter()
                        .filter_map(|(label, value)| {
                            value.map(|value| view! { <div><dt>{label}</dt><dd class="mono">{value}</dd></div> })
                        })
                        .collect_view()}
                </dl>
            </div>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::DiagnosticCode;

    #[test]
    fn what_is_said_of_several_items_is_said_once() {
        let of = |item: &str, message: &str| {
            let mut found = Diagnostic::warning(DiagnosticCode::BareOwnDependency, message);
            found.item = Some(item.to_owned());
            found
        };
        let groups = grouped(vec![of("a", "one"), of("b", "two"), of("c", "one")]);
        let items: Vec<Vec<_>> =
            groups.iter().map(|group| group.iter().filter_map(|found| found.item.as_deref()).collect()).collect();
        assert_eq!(items, [vec!["a", "c"], vec!["b"]]);
        assert_eq!(shared(&groups[0], |found| Some(&found.message)).as_deref(), Some("one"));
        assert_eq!(shared(&groups[0], |found| found.item.as_ref()), None);
    }
}
