//! What the last sync found.

use crate::app::parts::Empty;
use crate::app::{
    format::plural,
    icons::{Glyph, Icon},
};
use leptos::prelude::*;
use model::{Diagnostic, Severity};

/// Findings, errors first.
#[component]
pub fn FindingsView(
    /// The findings.
    found: Vec<Diagnostic>,
    /// Whether a sync has ended at all.
    synced: bool,
) -> impl IntoView {
    if found.is_empty() {
        return if synced {
            view! { <Empty title="Nothing found" text="The last sync read every item without a problem."/> }.into_any()
        } else {
            view! { <Empty title="Nothing found yet" text="A sync tells here what it cannot serve, and how to mend it."/> }.into_any()
        };
    }
    let errors = found.iter().filter(|found| found.severity == Severity::Error).count();
    let lead = if errors == 0 {
        "Everything that was read is served.".to_owned()
    } else {
        format!(
            "{} held back. The last good version, if there is one, stays served.",
            plural(errors, "item is", "items are")
        )
    };
    view! {
        <p class="lead">{lead}</p>
        <ol class="findings">{found.into_iter().map(|found| view! { <Finding found/> }).collect_view()}</ol>
    }
    .into_any()
}

#[component]
fn Finding(found: Diagnostic) -> impl IntoView {
    let (class, glyph, word) = match found.severity {
        Severity::Error => ("state broken", Glyph::Broken, "Error"),
        Severity::Note => ("state muted", Glyph::Note, "Note"),
        Severity::Warning => ("state attention", Glyph::Attention, "Warning"),
    };
    let Diagnostic { code, file, item_index, item, field, message, fix, .. } = found;
    let item = item.or_else(|| item_index.map(|index| format!("items[{index}]")));
    view! {
        <li>
            <span class=class><Icon glyph/>{word}</span>
            <div>
                <p class="message">{message}</p>
                {fix.map(|fix| view! { <p class="fix">{fix}</p> })}
                <dl class="where">
                    {[("File", file), ("Item", item), ("Field", field), ("Code", Some(code.to_string()))]
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
