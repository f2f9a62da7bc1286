//! A component's versions, any two of which can be compared.

use crate::app::{
    format::{diff_href, href, visible},
    parts::{Copyable, Pager, Place, Sha, When},
    words::t,
};
use leptos::prelude::*;
use model::view::VersionView;
use std::borrow::Cow;

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
    // Each is compared with the one before it, as far as that is on this page.
    let before: Vec<_> =
        versions.iter().skip(1).map(|version| Some(version.digest.to_string())).chain([None]).collect();
    let rows = versions
        .into_iter()
        .zip(before)
        .enumerate()
        .map(|(at, (version, before))| {
            let diff = before.map(|before| diff_href(&name, &before, &version.digest.to_string()));
            let files = files_href(&path, &version);
            view! { <Version version at choose=several diff files/> }
        })
        .collect_view();
    view! {
        <form class="versions-form" method="get" action=diff_href(&name, "", "")>
            {several.then(|| view! {
                <p class="choose">{t!("Choose two versions.")}" "<button class="button primary">{t!("Compare")}</button></p>
            })}
            <table class="list versions">
                <thead>
                    <tr>
                        {several.then(|| view! { <th scope="col">{t!("From")}</th><th scope="col">{t!("To")}</th> })}
                        <th scope="col">{t!("Version")}</th>
                        <th scope="col">{t!("Commit")}</th>
                        <th scope="col">{t!("Tags and branches")}</th>
                        <th scope="col">{t!("Published")}</th>
                        <th scope="col"><span class="sr-only">{t!("State")}</span></th>
                        <th scope="col"><span class="sr-only">{t!("Ways on")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </form>
        <Pager place nouns=(t!("version"), t!("versions")) path query=vec![("tab", "versions".to_owned())]/>
    }
    .into_any()
}

/// How many tags and branches of a version are named.
const NAMED: usize = 6;

/// The files of a version, by the name under which it can be installed.
fn files_href(path: &str, version: &VersionView) -> Option<String> {
    if version.current {
        return Some(path.to_owned());
    }
    let name = version.refs.first().map(|named| named.name.clone());
    let name = name.or_else(|| version.commit.as_ref().map(|sha| format!("sha-{sha}")))?;
    Some(href(path, &[("at", &name)]))
}

#[component]
fn Version(
    version: VersionView,
    at: usize,
    choose: bool,
    diff: Option<String>,
    files: Option<String>,
) -> impl IntoView {
    let VersionView { digest, created_at, commit, current, refs } = version;
    let short = digest.short();
    let radio = |name: &'static str, word: Cow<'static, str>, checked: bool| {
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
            {choose.then(|| view! { {radio("from", t!("From"), at == 1)}{radio("to", t!("To"), at == 0)} })}
            <th scope="row"><Copyable text=digest.to_string() short=short.clone() what=t!("digest")/></th>
            <td data-of="commit">{commit.map(|sha| view! { <Sha sha/> })}</td>
            <td data-of="refs"><span class="chips">{names}{(more > 0).then(|| t!("and %{count} more", count = more))}</span></td>
            <td data-of="sync"><When at=created_at/></td>
            <td data-of="state">{current.then(|| view! { <span class="muted">{t!("Served now")}</span> })}</td>
            <td class="end" data-of="actions">
                <span class="ways-on">
                    {diff.map(|diff| view! { <a href=diff aria-label=t!("Diff: what changed in %{name}", name = short)>{t!("Diff")}</a> })}
                    {files.map(|files| view! { <a href=files aria-label=t!("Files of %{name}", name = short)>{t!("Files")}</a> })}
                </span>
            </td>
        </tr>
    }
    .into_any()
}
