//! A component's versions, any two of which can be compared.

use crate::app::{
    format::{diff_href, visible},
    parts::{Copyable, Pager, Place, Sha, When},
};
use leptos::prelude::*;
use model::view::VersionView;

/// The versions, in a form that compares two of them.
#[component]
pub fn Versions(
    /// The component's name.
    name: String,
    /// A part of its versions, newest first.
    versions: Vec<VersionView>,
    /// Where they stand in all of them.
    place: Place,
    /// The page's address.
    path: String,
) -> impl IntoView {
    let several = place.total() > 1;
    let rows = versions
        .into_iter()
        .enumerate()
        .map(|(at, version)| view! { <Version version at choose=several/> })
        .collect_view();
    view! {
        <form class="versions-form" method="get" action=diff_href(&name, "", "")>
            {several.then(|| view! {
                <p class="choose">"Choose two versions. "<button class="button primary">"Compare"</button></p>
            })}
            <table class="list versions">
                <thead>
                    <tr>
                        {several.then(|| view! { <th scope="col">"From"</th><th scope="col">"To"</th> })}
                        <th scope="col">"Version"</th>
                        <th scope="col">"Commit"</th>
                        <th scope="col">"Tags and branches"</th>
                        <th scope="col">"Published"</th>
                        <th scope="col"><span class="sr-only">"State"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </form>
        <Pager place nouns=("version", "versions") path query=vec![("tab", "versions".to_owned())]/>
    }
    .into_any()
}

/// How many tags and branches of a version are named.
const NAMED: usize = 6;

#[component]
fn Version(version: VersionView, at: usize, choose: bool) -> impl IntoView {
    let VersionView { digest, created_at, commit, current, refs } = version;
    let short = digest.short();
    let radio = |name: &'static str, word: &'static str, checked: bool| {
        let id = format!("{name}-{at}");
        let of = id.clone();
        view! {
            <td data-of=name>
                <label class="pick" for=of>
                    <input type="radio" id=id name=name value=short.clone() checked=checked/>
                    <span>{word}<span class="sr-only">" "{short.clone()}</span></span>
                </label>
            </td>
        }
    };
    let more = refs.len().saturating_sub(NAMED);
    let names = refs
        .into_iter()
        .take(NAMED)
        .map(|named| view! { <span class="chip" data-kind=named.kind.as_str()>{visible(&named.name)}</span> })
        .collect_view();
    view! {
        <tr>
            {choose.then(|| view! { {radio("from", "From", at == 1)}{radio("to", "To", at == 0)} })}
            <th scope="row"><Copyable text=digest.to_string() short=short.clone() what="digest"/></th>
            <td data-of="commit">{commit.map(|sha| view! { <Sha sha/> })}</td>
            <td data-of="refs"><span class="chips">{names}{(more > 0).then(|| format!("and {more} more"))}</span></td>
            <td data-of="sync"><When at=created_at/></td>
            <td class="end" data-of="actions">{current.then(|| view! { <span class="muted">"Served now"</span> })}</td>
        </tr>
    }
    .into_any()
}
