//! Names that are not served: components that were removed, and aliases.

pub mod release;

use crate::app::{
    data::{AliasForm, NamesData, NamesTab},
    format::{component_href, href},
    parts::{
        Empty, ForAdmins, Pager, Place, Tab, Tabs, Trail, When,
        fields::{Entry, RenderedFor, Text},
        may_change,
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
        <Title text="Names – Registry"/>
        <Trail label="Components" href="/components"/>
        <header class="head"><h1>"Names"</h1></header>
        <Tabs label="Names" tabs/>
        {match tab {
            NamesTab::Removed if removed.total == 0 => view! {
                <Empty title="No names are held" text="A component that is removed keeps its name until you release it here."/>
            }
            .into_any(),
            NamesTab::Removed => {
                let place = Place::from(&removed);
                let rows = removed.rows.into_iter().map(|removed| view! { <Removed removed/> }).collect_view();
                view! {
                    <table class="list names">
                        <thead>
                            <tr>
                                <th scope="col">"Component"</th>
                                <th scope="col">"Repository"</th>
                                <th scope="col">"Use instead"</th>
                                <th scope="col">"Removed"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                    <Pager place nouns=("removed component", "removed components") path="/names" query=Vec::new()/>
                }
                .into_any()
            }
            NamesTab::Aliases => {
                let place = Place::from(&aliases);
                let empty = aliases.total == 0;
                let rows = aliases.rows.into_iter().map(|alias| view! { <Alias alias/> }).collect_view();
                view! {
                    {if empty {
                        view! { <Empty title="No aliases" text="When an item is renamed, its former name leads to the new one by itself."/> }.into_any()
                    } else {
                        view! {
                            <table class="list names">
                                <thead>
                                    <tr>
                                        <th scope="col">"Name"</th>
                                        <th scope="col">"Leads to"</th>
                                        <th scope="col">"Made"</th>
                                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                                    </tr>
                                </thead>
                                <tbody>{rows}</tbody>
                            </table>
                            <Pager place nouns=("alias", "aliases") path="/names" query=vec![("tab", "aliases".to_owned())]/>
                        }
                        .into_any()
                    }}
                    {if may_change() { view! { <AddAlias form/> }.into_any() } else { view! { <ForAdmins what="add and remove aliases"/> }.into_any() }}
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
        AliasOrigin::Rename => "By a rename",
        AliasOrigin::Namespace => "By a namespace",
        AliasOrigin::Admin => "By hand",
    };
    let label = format!("Remove the alias {name}");
    view! {
        <tr>
            <th scope="row"><span class="mono">{name.to_string()}</span></th>
            <td data-of="to">
                {match leads_to {
                    Some(to) => view! { <a class="mono" href=component_href(to.as_str())>{to.to_string()}</a> }.into_any(),
                    None => view! { <span class="muted">"Not in use"</span> }.into_any(),
                }}
            </td>
            <td data-of="sync">{origin}{created_at.map(|at| view! { ", "<When at/> })}</td>
            <td class="end" data-of="actions">
                {may_change().then(|| view! {
                    <form method="post" action="/names/aliases/remove">
                        <RenderedFor/>
                        <input type="hidden" name="name" value=name.to_string()/>
                        <button class="button small" aria-label=label>"Remove"</button>
                    </form>
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
            <h2>"Make a name lead to a component"</h2>
            <div class="pair">
                <Text name="name" label="Name" value=name problem=name_problem mono=true entry=Entry::Needed hint="What people ask for."/>
                <Text name="to" label="Leads to" value=to problem=to_problem mono=true entry=Entry::Needed hint="A component that is served."/>
            </div>
            <div class="actions"><button class="button primary">"Add alias"</button></div>
        </form>
    }
    .into_any()
}
