//! Two states of a repository: which components differ.

use crate::app::words::{count, t};
use crate::app::{
    data::CompareData,
    format::{component_href, diff_href, visible},
    parts::{Empty, Sha, Trail, titled},
    terms,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    FileChange, ItemChange,
    view::{ComponentDifference, RefView, StateDiff, StateSide},
};

/// Two states of a repository.
#[component]
pub fn CompareView(
    /// The repository, what can be chosen and what differs.
    data: CompareData,
) -> impl IntoView {
    let CompareData { repository, refs, diff } = data;
    let StateDiff { from, to, components, unchanged, more } = diff;
    let path = format!("/registry/{}", repository.id);
    let told = if components.is_empty() {
        let text =
            t!("%{from} and %{to} have the same components.", from = visible(&from.asked), to = visible(&to.asked));
        view! { <Empty title=t!("No difference") text/> }.into_any()
    } else {
        let rows = components
            .into_iter()
            .map(|differing| view! { <Differing differing from=from.asked.clone() to=to.asked.clone()/> })
            .collect_view();
        view! {
            <table class="list compared">
                <thead>
                    <tr>
                        <th scope="col">{t!("Component")}</th>
                        <th scope="col">{t!("Change")}</th>
                        <th scope="col"><span class="sr-only">{t!("Actions")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <Title text=titled(format!("{} – {}", t!("Compare"), repository.name))/>
        <Trail label=t!("Tags and branches of %{name}", name = repository.name) href=format!("{path}?tab=refs")/>
        <header class="head"><h1>{t!("Compare states")}</h1></header>
        <form class="sides" method="get" action=format!("{path}/compare")>
            <Side name="from" label=t!("From") side=from refs=refs.clone()/>
            <Side name="to" label=t!("To") side=to refs/>
            <button class="button">{t!("Compare")}</button>
        </form>
        {told}
        <p class="pager"><span>
            {t!("%{count} the same in both.", count = count!(unchanged, "component is", "components are"))}
            {(more > 0).then(|| view! { " "{t!("%{count} not listed.", count = count!(more, "more that differs is", "more that differ are"))} })}
        </span></p>
    }
    .into_any()
}

/// A state to choose, and the commit of the chosen one.
#[component]
fn Side(
    name: &'static str,
    label: std::borrow::Cow<'static, str>,
    side: StateSide,
    refs: Vec<RefView>,
) -> impl IntoView {
    let mut names: Vec<String> = vec!["current".to_owned()];
    names.extend(refs.into_iter().map(|row| row.named.name));
    if !names.contains(&side.asked) {
        names.insert(1, side.asked.clone());
    }
    let options = names
        .into_iter()
        .map(|value| {
            let shown = if value == "current" { t!("What is served now").into_owned() } else { visible(&value) };
            view! { <option selected=value == side.asked value=value.clone()>{shown}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>{options}</select>
            <span class="sub">{count!(side.count, "component", "components")}{side.commit.map(|sha| view! { ", "<Sha sha/> })}</span>
        </div>
    }
    .into_any()
}

#[component]
fn Differing(differing: ComponentDifference, from: String, to: String) -> impl IntoView {
    let ComponentDifference { name, change, .. } = differing;
    let what = match change {
        ItemChange::Added => FileChange::Added,
        ItemChange::Removed => FileChange::Removed,
        ItemChange::Changed | ItemChange::Quarantined => FileChange::Changed,
    };
    let action = (change == ItemChange::Changed).then(|| {
        let address = diff_href(name.as_str(), &from, &to);
        view! { <a class="button small" href=address aria-label=t!("What changed in %{name}", name = name)>{t!("What changed")}</a> }
    });
    view! {
        <tr>
            <th scope="row"><a class="mono" href=component_href(name.as_str())>{name.to_string()}</a></th>
            <td data-of="state"><span class=format!("change {}", what.as_str())>{terms::change(what)}</span></td>
            <td class="end" data-of="actions">{action}</td>
        </tr>
    }
    .into_any()
}
