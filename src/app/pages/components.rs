//! All components, with search.

use crate::app::{
    data::{ComponentsData, ComponentsQuery},
    format::{component_href, kind},
    icons::{Glyph, Icon},
    parts::{Empty, Pager, Place, When, may_change},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::ComponentRow;

/// The list of all components.
#[component]
pub fn ComponentsView(
    /// The page of the list, and the types that occur.
    data: ComponentsData,
    /// What was asked.
    query: ComponentsQuery,
) -> impl IntoView {
    let ComponentsData { page, kinds } = data;
    let ComponentsQuery { q, kind: chosen, .. } = query;
    let asked = !q.is_empty() || !chosen.is_empty();
    let options = kinds
        .into_iter()
        .map(|kind_| {
            let label = kind(&kind_).to_owned();
            view! { <option value=kind_.clone() selected=kind_ == chosen>{label}</option> }
        })
        .collect_view();
    let list = match (page.total, asked) {
        (0, true) => view! {
            <Empty title="Nothing matches" text="No component has these words in its name, title or description." action=("Show all".to_owned(), "/components".to_owned())/>
        }
        .into_any(),
        (0, false) => view! {
            <Empty title="No components yet" text="Components appear here when a repository has been synced." action=("Add a repository".to_owned(), "/registry/new".to_owned()) admins="add repositories"/>
        }
        .into_any(),
        _ => {
            let place = Place::from(&page);
            let query = vec![("q", q.clone()), ("type", chosen)];
            view! {
                <ComponentTable rows=page.rows from=true/>
                <Pager place nouns=("component", "components") path="/components" query/>
            }
            .into_any()
        }
    };
    view! {
        <Title text="Components – Registry"/>
        <header class="head">
            <h1>"Components"</h1>
            <form class="filter" role="search" method="get" action="/components">
                <label class="search">
                    <span class="sr-only">"Search components"</span>
                    <Icon glyph=Glyph::Search/>
                    <input id="search" type="search" name="q" value=q placeholder="Search by name or purpose" autocomplete="off"/>
                    <kbd aria-hidden="true" class="needs-js">"/"</kbd>
                </label>
                <label>
                    <span class="sr-only">"Type"</span>
                    <select name="type"><option value="">"All types"</option>{options}</select>
                </label>
                <button class="button">"Search"</button>
            </form>
            {may_change().then(|| view! { <a class="button" href="/hand/new"><Icon glyph=Glyph::Add/>"New component"</a> })}
        </header>
        {list}
        <p class="hint elsewhere">"Looking for one that is gone? "<a href="/names">"Removed and aliases"</a></p>
    }
    .into_any()
}

/// Components as rows.
#[component]
pub fn ComponentTable(
    /// The components.
    rows: Vec<ComponentRow>,
    /// Whether to name the repository of each.
    #[prop(optional)]
    from: bool,
) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row from/> }).collect_view();
    view! {
        <table class="list components">
            <thead>
                <tr>
                    <th scope="col">"Component"</th>
                    <th scope="col">"Type"</th>
                    {from.then(|| view! { <th scope="col">"Repository"</th> })}
                    <th scope="col" class="end">"Files"</th>
                    <th scope="col">"Updated"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(row: ComponentRow, from: bool) -> impl IntoView {
    let ComponentRow {
        name,
        kind: type_,
        description,
        title,
        repository,
        repository_name,
        files,
        updated_at,
        quarantined,
        ..
    } = row;
    view! {
        <tr>
            <th scope="row">
                <a class="row-link mono" href=component_href(name.as_str())>{name.to_string()}</a>
                {quarantined.then(|| view! { <span class="state attention"><Icon glyph=Glyph::Attention/>"Last good version"</span> })}
                <span class="sub">{description.or(title)}</span>
            </th>
            <td data-of="kind">{kind(&type_).to_owned()}</td>
            {from.then(|| view! { <td data-of="repository"><a href=format!("/registry/{repository}")>{repository_name}</a></td> })}
            <td class="end num" data-of="files">{files}<span class="unit">{if files == 1 { " file" } else { " files" }}</span></td>
            <td data-of="sync"><When at=updated_at/></td>
        </tr>
    }
    .into_any()
}
