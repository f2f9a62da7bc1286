//! Components as rows.

use crate::app::{
    data::Marks,
    format::{component_href, kind},
    icons::{Glyph, Icon},
    parts::{When, search::Marked},
    words::t,
};
use leptos::prelude::*;
use model::view::ComponentRow;

/// Components as rows.
#[component]
pub fn ComponentTable(
    /// The components.
    rows: Vec<ComponentRow>,
    /// For each of them why it was found.
    #[prop(optional)]
    marks: Vec<Marks>,
    /// Whether to name the repository of each.
    #[prop(optional)]
    from: bool,
) -> impl IntoView {
    let marks = marks.into_iter().chain(std::iter::repeat_with(Marks::default));
    let rows = rows.into_iter().zip(marks).map(|(row, marks)| view! { <Row row marks from/> }).collect_view();
    view! {
        <table class="list components">
            <thead>
                <tr>
                    <th scope="col">{t!("Component")}</th>
                    <th scope="col">{t!("Type")}</th>
                    {from.then(|| view! { <th scope="col">{t!("Repository")}</th> })}
                    <th scope="col" class="end">{t!("Files")}</th>
                    <th scope="col">{t!("Updated")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(row: ComponentRow, marks: Marks, from: bool) -> impl IntoView {
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
                <a class="row-link mono" href=component_href(name.as_str())><Marked text=name.to_string() at=marks.name/></a>
                {quarantined.then(|| view! { <span class="state attention"><Icon glyph=Glyph::Attention/>{t!("Last good version")}</span> })}
                <span class="sub"><Marked text=description.or(title).unwrap_or_default() at=marks.about/></span>
            </th>
            <td data-of="kind">{kind(&type_).to_owned()}</td>
            {from.then(|| view! { <td data-of="repository"><a href=format!("/registry/{repository}")>{repository_name}</a></td> })}
            <td class="end num" data-of="files">{files}<span class="unit">" "{if files == 1 { t!("file") } else { t!("files") }}</span></td>
            <td data-of="sync"><When at=updated_at/></td>
        </tr>
    }
    .into_any()
}
