//! npm packages: which are in use, in which ranges, and by whom.

use crate::app::{
    data::{PackagesData, PackagesQuery},
    format::{component_href, href, number},
    icons::{Glyph, Icon},
    parts::{
        Empty, Pager, Place,
        search::{Marked, Results, SearchForm, SortBy},
    },
    words::{count, t},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{PackageRange, PackageSort, PackageUser, PackageView};
use std::ops::Range;

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
    let PackagesData { page, marks, differing, nearest } = data;
    let PackagesQuery { q, differing: only, sort, .. } = query;
    let sort = if sort == PackageSort::Used { "used" } else { "" };
    let tally = count!(page.total, "package", "packages");
    let list = match (page.total, only, q.is_empty()) {
        (0, false, true) => view! {
            <Empty title=t!("No packages") text=t!("npm packages appear here when a component that is served asks for them.") action=(t!("See the components").into_owned(), "/components".to_owned())/>
        }
        .into_any(),
        (0, true, true) => view! {
            <Empty title=t!("Nothing differs") text=t!("Of every package, all components ask for the same range.") action=(t!("Show all").into_owned(), "/packages".to_owned())/>
        }
        .into_any(),
        (0, ..) => view! { <Nothing q=q.clone() only nearest/> }.into_any(),
        _ => {
            let place = Place::from(&page);
            let many = place.total() > page.rows.len();
            let only = if only { "true".to_owned() } else { String::new() };
            let query = vec![("q", q.clone()), ("differing", only), ("sort", sort.to_owned())];
            let packages = page.rows.into_iter().zip(marks).map(|(package, marks)| view! { <Package package marks/> });
            view! {
                <p class="tally"><span class="num">{tally.clone()}</span></p>
                <table class="list packages">
                    <thead>
                        <tr>
                            <th scope="col">{t!("Package")}</th>
                            <th scope="col">{t!("Range")}</th>
                            <th scope="col">{t!("Used by")}</th>
                        </tr>
                    </thead>
                    {packages.collect_view()}
                </table>
                {many.then(|| view! { <Pager place nouns=(t!("package"), t!("packages")) path="/packages" query/> })}
            }
            .into_any()
        }
    };
    view! {
        <Title text=t!("Packages – Registry").into_owned()/>
        <header class="head"><h1>{t!("Packages")}</h1></header>
        <SearchForm action="/packages" label=t!("Search packages") placeholder=t!("Search by name") q>
            <label class="check">
                <input type="checkbox" name="differing" value="true" checked=only/>
                {t!("Differing ranges only (%{count})", count = number(differing))}
            </label>
            <SortBy options=vec![("", t!("Best match")), ("used", t!("Most used"))] chosen=sort/>
        </SearchForm>
        <Results tally>{list}</Results>
    }
    .into_any()
}

/// Nothing was found: the ways on.
#[component]
fn Nothing(q: String, only: bool, nearest: Option<String>) -> impl IntoView {
    let meant = nearest.map(|name| {
        let href = href("/packages", &[("q", &name)]);
        view! { <p>{t!("Did you mean this?")}" "<a class="mono" href=href>{name}</a></p> }
    });
    let all = only.then(|| view! { <a class="button" href=href("/packages", &[("q", &q)])>{t!("Any range")}</a> });
    view! {
        <div class="empty nothing">
            <h2>{t!("Nothing matches “%{words}”", words = q)}</h2>
            <p>{t!("No package that is in use has this in its name.")}</p>
            {meant}
            <p class="actions">{all}<a class="button" href="/packages">{t!("Show all")}</a></p>
        </div>
    }
    .into_any()
}

/// A package with a line for each of its ranges.
#[component]
fn Package(package: PackageView, marks: Vec<Range<usize>>) -> impl IntoView {
    let differs = package.differs();
    let PackageView { name, ranges, components } = package;
    let count = ranges.len();
    let users = href("/components", &[("package", &name)]);
    let mut heading = Some(view! {
        <th scope="rowgroup" rowspan=count>
            <a class="mono" href=users><Marked text=name at=marks/></a>
            <span class="sub">
                {count!(components, "component", "components")}
                {differs.then(|| view! { <span class="state attention"><Icon glyph=Glyph::Attention/>{t!("%{count} ranges", count = number(count))}</span> })}
            </span>
        </th>
    });
    let lines = ranges
        .into_iter()
        .map(|PackageRange { range, users }| {
            let heading = heading.take();
            let any = range == "*";
            let count = differs.then(|| count!(users.len(), "component", "components"));
            view! {
                <tr>
                    {heading}
                    <td data-of="range">
                        <code>{range}</code>
                        {any.then(|| view! { <span class="sub">{t!("the newest")}</span> })}
                        {count.map(|count| view! { <span class="sub">{count}</span> })}
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
        let summary = t!("and %{count} more", count = number(rest.len()));
        view! { <details><summary>{summary}</summary><ul class="names">{rest.into_iter().map(user).collect_view()}</ul></details> }
    });
    view! { <ul class="names">{users.into_iter().map(user).collect_view()}</ul>{more} }.into_any()
}

fn user(user: PackageUser) -> impl IntoView {
    let PackageUser { component, dev } = user;
    view! {
        <li>
            <a class="mono" href=component_href(component.as_str())>{component.to_string()}</a>
            {dev.then(|| view! { <span class="tag" data-hint=t!("For development only")>{t!("dev")}</span> })}
        </li>
    }
}
