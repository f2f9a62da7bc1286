//! Tags and branches, and what each names.

use crate::app::words::t;
use crate::app::{
    format::{href, number, visible},
    icons::{Glyph, Icon},
    parts::{Sha, When},
    terms,
};
use leptos::prelude::*;
use model::view::RefView;

/// Tags, then branches.
#[component]
pub fn RefsView(
    /// The tags and branches.
    refs: Vec<RefView>,
    /// The repository's address.
    path: String,
) -> impl IntoView {
    let rows = refs
        .into_iter()
        .map(|row| {
            let RefView { named, commit, count, updated_at, current, .. } = row;
            let address = href(&format!("{path}/compare"), &[("from", &named.name), ("to", "current")]);
            let action = if current {
                view! { <span class="state fresh"><Icon glyph=Glyph::Fresh/>{t!("Served now")}</span> }.into_any()
            } else {
                let label = t!("Compare %{name} with what is served", name = visible(&named.name));
                view! { <a class="button small" href=address aria-label=label>{t!("Compare")}</a> }.into_any()
            };
            view! {
                <tr>
                    <th scope="row" class="mono">{visible(&named.name)}</th>
                    <td data-of="kind">{terms::ref_kind(named.kind)}</td>
                    <td data-of="commit">{commit.map(|sha| view! { <Sha sha/> })}</td>
                    <td class="end num" data-of="components">{number(count)}<span class="unit">" "{if count == 1 { t!("component") } else { t!("components") }}</span></td>
                    <td data-of="sync"><When at=updated_at/></td>
                    <td class="end" data-of="actions">{action}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="list refs">
            <thead>
                <tr>
                    <th scope="col">{t!("Name")}</th>
                    <th scope="col">{t!("Kind")}</th>
                    <th scope="col">{t!("Commit")}</th>
                    <th scope="col" class="end">{t!("Components")}</th>
                    <th scope="col">{t!("Seen")}</th>
                    <th scope="col"><span class="sr-only">{t!("Actions")}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="pager"><span>{t!("Each is a version of every component it has:")}" "<code>{t!("<name>@<tag or branch>")}</code></span></p>
    }
    .into_any()
}
