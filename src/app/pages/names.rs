//! Names that are not served: components that were removed, and aliases.

pub mod release;

use crate::app::{
    data::{AliasForm, NamesData, NamesTab},
    format::{component_href, href},
    parts::{
        Empty, ForAdmins, Pager, Place, Tab, Tabs, Trail, When,
        confirm::{Confirm, Question},
        fields::{Entry, RenderedFor, Text},
        may_change, titled,
    },
    words::t,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{AliasOrigin, AliasView, RemovedView};

/// Removed components and aliases.
#[component]
pub fn NamesView(
    /// What the page shows.
    data: NamesData,
) -> impl IntoView {
    let NamesData { tab, removed, aliases, form } = data;
    let tabs = [
        (t!("Removed"), NamesTab::Removed, "", removed.total),
        (t!("Aliases"), NamesTab::Aliases, "aliases", aliases.total),
    ]
    .into_iter()
    .map(|(label, this, value, count)| Tab {
        label,
        href: href("/names", &[("tab", value)]),
        count: Some(count),
        current: this == tab,
    })
    .collect();
    view! {
        <Title text=titled(t!("Names"))/>
        <Trail label=t!("Components") href="/components"/>
        <header class="head"><h1>{t!("Names")}</h1></header>
        <Tabs label=t!("Names") tabs/>
        {match tab {
            NamesTab::Removed if removed.total == 0 => view! {
                <Empty title=t!("No names are held") text=t!("A component that is removed keeps its name until you release it here.")/>
            }
            .into_any(),
            NamesTab::Removed => {
                let place = Place::from(&removed);
                let rows = removed.rows.into_iter().map(|removed| view! { <Removed removed/> }).collect_view();
                view! {
                    <table class="list names">
                        <thead>
                            <tr>
                                <th scope="col">{t!("Component")}</th>
                                <th scope="col">{t!("Repository")}</th>
                                <th scope="col">{t!("Use instead")}</th>
                                <th scope="col">{t!("Removed")}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                    <Pager place nouns=(t!("removed component"), t!("removed components")) path="/names" query=Vec::new()/>
                }
                .into_any()
            }
            NamesTab::Aliases => {
                let place = Place::from(&aliases);
                let empty = aliases.total == 0;
                let rows = aliases.rows.into_iter().map(|alias| view! { <Alias alias/> }).collect_view();
                view! {
                    {if empty {
                        view! { <Empty title=t!("No aliases") text=t!("When an item is renamed, its former name leads to the new one by itself.")/> }.into_any()
                    } else {
                        view! {
                            <table class="list names">
                                <thead>
                                    <tr>
                                        <th scope="col">{t!("Name")}</th>
                                        <th scope="col">{t!("Leads to")}</th>
                                        <th scope="col">{t!("Made")}</th>
                                        <th scope="col"><span class="sr-only">{t!("Actions")}</span></th>
                                    </tr>
                                </thead>
                                <tbody>{rows}</tbody>
                            </table>
                            <Pager place nouns=(t!("alias"), t!("aliases")) path="/names" query=vec![("tab", "aliases".to_owned())]/>
                        }
                        .into_any()
                    }}
                    {if may_change() { view! { <AddAlias form/> }.into_any() } else { view! { <ForAdmins what=t!("add and remove aliases")/> }.into_any() }}
                }
                .into_any()
            }
        }}
    }
    .into_any()
}

#[component]
fn Removed(removed: RemovedView) -> impl IntoView {
    let RemovedView {
        name, description, title, repository, repository_name, removed_at, replacement, leads_to, ..
    } = removed;
    let page = match leads_to {
        // Its page is that of the component that it leads to; here is what is left of itself.
        Some(_) if may_change() => component_href(name.as_str()).replacen("/components/", "/names/release/", 1),
        _ => component_href(name.as_str()),
    };
    let instead = leads_to.or(replacement);
    view! {
        <tr>
            <th scope="row">
                <a class="row-link mono" href=page>{name.to_string()}</a>
                <span class="sub">{description.or(title)}</span>
            </th>
            <td data-of="repository"><a href=format!("/registry/{repository}")>{repository_name}</a></td>
            <td data-of="to">{instead.map(|name| view! { <a class="mono" href=component_href(name.as_str())>{name.to_string()}</a> })}</td>
            <td data-of="sync"><When at=removed_at/></td>
        </tr>
    }
    .into_any()
}

#[component]
fn Alias(alias: AliasView) -> impl IntoView {
    let AliasView { name, leads_to, origin, created_at } = alias;
    let origin = match origin {
        AliasOrigin::Rename => t!("By a rename"),
        AliasOrigin::Namespace => t!("By a namespace"),
        AliasOrigin::Admin => t!("By hand"),
    };
    let label = t!("Remove the alias %{name}", name = name).into_owned();
    view! {
        <tr>
            <th scope="row"><span class="mono">{name.to_string()}</span></th>
            <td data-of="to">
                {match leads_to {
                    Some(to) => view! { <a class="mono" href=component_href(to.as_str())>{to.to_string()}</a> }.into_any(),
                    None => view! { <span class="muted">{t!("Not in use")}</span> }.into_any(),
                }}
            </td>
            <td data-of="sync">{origin}{created_at.map(|at| view! { ", "<When at/> })}</td>
            <td class="end" data-of="actions">
                {may_change().then(|| view! {
                    <Confirm question=Question {
                        id: format!("remove-alias-{name}"), button: t!("Remove"), name: Some(label), class: "button small",
                        title: t!("Remove the alias %{name}?", name = name).into_owned(), confirm: t!("Remove it"),
                        action: "/names/aliases/remove".to_owned(), fields: vec![("name", name.to_string())],
                    }>
                        <p>{t!("Who asks for this name is not sent on any more. It can be made again.")}</p>
                    </Confirm>
                })}
            </td>
        </tr>
    }
    .into_any()
}

/// The form that makes an alias.
#[component]
fn AddAlias(form: AliasForm) -> impl IntoView {
    let AliasForm { name, to, error } = form;
    let about = |field: &str| {
        error.as_ref().filter(|error| error.field.as_deref() == Some(field)).map(|error| error.message.clone())
    };
    let (name_problem, to_problem) = (about("name"), about("to"));
    view! {
        <form class="form after" method="post" action="/names?tab=aliases">
            <RenderedFor/>
            <h2>{t!("Make a name lead to a component")}</h2>
            <div class="pair">
                <Text name="name" label=t!("Name") value=name problem=name_problem mono=true entry=Entry::Needed hint=t!("What people ask for.")/>
                <Text name="to" label=t!("Leads to") value=to problem=to_problem mono=true entry=Entry::Needed hint=t!("A component that is served.")/>
            </div>
            <div class="actions"><button class="button primary">{t!("Add alias")}</button></div>
        </form>
    }
    .into_any()
}
