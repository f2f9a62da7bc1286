//! npm packages: which are in use, in which ranges, and by whom.

use crate::app::{
    data::{PackagesData, PackagesQuery},
    format::{component_href, number, plural},
    icons::{Glyph, Icon},
    parts::{Empty, Pager, Place},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{PackageRange, PackageUser, PackageView};

/// Components that are named at once; the others unfold.
const AT_ONCE: usize = 6;

/// The list of packages.
#[component]
pub fn PackagesView(
    /// A page of the list.
    data: PackagesData,
    /// What was asked.
    query: PackagesQuery,
) -> impl IntoView {
    let PackagesData { page, differing } = data;
    let PackagesQuery { q, differing: only, .. } = query;
    let list = match (page.total, only, q.is_empty()) {
        (0, false, true) => view! {
            <Empty title="No packages" text="npm packages appear here when a component that is served asks for them." action=("See the components".to_owned(), "/components".to_owned())/>
        }
        .into_any(),
        (0, true, true) => view! {
            <Empty title="Nothing differs" text="Of every package, all components ask for the same range." action=("Show all".to_owned(), "/packages".to_owned())/>
        }
        .into_any(),
        (0, ..) => view! {
            <Empty title="Nothing matches" text="No package that is in use has this in its name." action=("Show all".to_owned(), "/packages".to_owned())/>
        }
        .into_any(),
        _ => {
            let place = Place::from(&page);
            let query = vec![("q", q.clone()), ("differing", if only { "true".to_owned() } else { String::new() })];
            view! {
                <table class="list packages">
                    <thead>
                        <tr>
                            <th scope="col">"Package"</th>
                            <th scope="col">"Range"</th>
                            <th scope="col">"Used by"</th>
                        </tr>
                    </thead>
                    {page.rows.into_iter().map(|package| view! { <Package package/> }).collect_view()}
                </table>
                <Pager place nouns=("package", "packages") path="/packages" query/>
            }
            .into_any()
        }
    };
    view! {
        <Title text="Packages – Registry"/>
        <header class="head">
            <h1>"Packages"</h1>
            <form class="filter" role="search" method="get" action="/packages">
                <label class="search">
                    <span class="sr-only">"Search packages"</span>
                    <Icon glyph=Glyph::Search/>
                    <input id="search" type="search" name="q" value=q placeholder="Search by name" autocomplete="off"/>
                    <kbd aria-hidden="true" class="needs-js">"/"</kbd>
                </label>
                <label class="check">
                    <input type="checkbox" name="differing" value="true" checked=only/>
                    {format!("Differing ranges only ({})", number(differing))}
                </label>
                <button class="button">"Search"</button>
            </form>
        </header>
        {list}
    }
    .into_any()
}

/// A package with a line for each of its ranges.
#[component]
fn Package(package: PackageView) -> impl IntoView {
    let differs = package.differs();
    let PackageView { name, ranges, components } = package;
    let count = ranges.len();
    let mut heading = Some(view! {
        <th scope="rowgroup" rowspan=count>
            <span class="mono">{name}</span>
            <span class="sub">
                {plural(components, "component", "components")}
                {differs.then(|| view! { <span class="state attention"><Icon glyph=Glyph::Attention/>{format!("{count} ranges")}</span> })}
            </span>
        </th>
    });
    let lines = ranges
        .into_iter()
        .map(|PackageRange { range, users }| {
            let heading = heading.take();
            let any = range == "*";
            view! {
                <tr>
                    {heading}
                    <td data-of="range">
                        <code>{range}</code>
                        {any.then(|| view! { <span class="sub">"the newest"</span> })}
                    </td>
                    <td data-of="users"><Users users/></td>
                </tr>
            }
        })
        .collect_view();
    view! { <tbody class:differs=differs>{lines}</tbody> }.into_any()
}

#[component]
fn Users(mut users: Vec<PackageUser>) -> impl IntoView {
    let rest = if users.len() > AT_ONCE + 1 { users.split_off(AT_ONCE) } else { Vec::new() };
    let more = (!rest.is_empty()).then(|| {
        let summary = format!("and {} more", number(rest.len()));
        view! { <details><summary>{summary}</summary><ul class="names">{rest.into_iter().map(user).collect_view()}</ul></details> }
    });
    view! { <ul class="names">{users.into_iter().map(user).collect_view()}</ul>{more} }.into_any()
}

fn user(user: PackageUser) -> impl IntoView {
    let PackageUser { component, dev } = user;
    view! {
        <li>
            <a class="mono" href=component_href(component.as_str())>{component.to_string()}</a>
            {dev.then(|| view! { <span class="tag" data-hint="For development only">"dev"</span> })}
        </li>
    }
}
