//! What was served when.

use crate::app::words::t;
use crate::app::{
    data::People,
    format::{href, number},
    icons::{Glyph, Icon},
    parts::{Callout, Empty, Sha, When, may_change},
};
use leptos::prelude::*;
use model::view::{Health, PublicationView};

pub use super::{report::outcome, syncs::health};

/// Publications, newest first.
#[component]
pub fn HistoryView(
    /// The repository's address.
    path: String,
    /// Publications; the first is served now.
    publications: Vec<PublicationView>,
    /// What those are called who made them.
    people: People,
) -> impl IntoView {
    let served = publications.first().map(|publication| publication.snapshot);
    let rolled_back = publications.first().is_some_and(|publication| publication.kind == "rollback");
    let published = if publications.is_empty() {
        view! { <Empty title=t!("Nothing published yet") text=t!("A sync that changes what is served makes a publication. You can roll back to any of them.")/> }.into_any()
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
                let by = publication.actor.as_deref().map(|actor| people.by(actor));
                view! { <Publication publication by path=path.clone() standing=state/> }
            })
            .collect_view();
        view! {
            <table class="list history">
                <thead>
                    <tr>
                        <th scope="col">{t!("Published")}</th>
                        <th scope="col">{t!("What")}</th>
                        <th scope="col">{t!("Commit")}</th>
                        <th scope="col" class="end">{t!("Components")}</th>
                        <th scope="col"><span class="sr-only">{t!("Actions")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        {rolled_back.then(|| view! {
            <Callout health=Health::Attention title=t!("What is served was rolled back.")>
                {t!("The next commit or change is published on top of it. To undo the rollback, roll back to the publication before it.")}
            </Callout>
        })}
        <section aria-label=t!("Publications")>{published}</section>
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
fn Publication(publication: PublicationView, by: Option<String>, path: String, standing: Standing) -> impl IntoView {
    let PublicationView { at, kind, snapshot, commit, count, seq, .. } = publication;
    let kind = match kind.as_str() {
        "sync" => t!("Sync"),
        "manual" => t!("Change by hand"),
        "rollback" => t!("Roll back"),
        _ => t!("Other"),
    };
    let action = match standing {
        Standing::Served => {
            view! { <span class="state fresh"><Icon glyph=Glyph::Fresh/>{t!("Served now")}</span> }.into_any()
        }
        Standing::Same => view! { <span class="muted">{t!("Same as now")}</span> }.into_any(),
        Standing::Past if !may_change() => ().into_any(),
        Standing::Past => view! {
            <a
                class="button small" aria-label=t!("Roll back to publication %{number}", number = seq)
                href=href(&format!("{path}/rollback"), &[("to", &snapshot.to_string())])
            >
                <Icon glyph=Glyph::Rollback/>{t!("Roll back")}
            </a>
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row"><When at/></th>
            <td data-of="kind">{kind}{by.map(|by| view! { <span class="sub">{by}</span> })}</td>
            <td data-of="commit">{commit.map(|sha| view! { <Sha sha/> })}</td>
            <td class="end num" data-of="components">{number(count)}<span class="unit">" "{if count == 1 { t!("component") } else { t!("components") }}</span></td>
            <td class="end" data-of="actions">{action}</td>
        </tr>
    }
    .into_any()
}
