//! What differs between two versions of a component.

use crate::app::{
    format::{bytes, component_href, diff_href, href, number, served_href, visible},
    hunks,
    icons::{Glyph, Icon},
    parts::{Copyable, Empty, HERE, Sha, Trail, When, around, titled},
    terms,
    words::{count, t},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    FileChange,
    view::{DiffBody, DiffSide, Difference, FileDiff, ManifestDiff, VersionDiff},
};
use std::borrow::Cow;

/// Two versions of a component, side by name and then line by line.
#[component]
pub fn DiffView(
    /// What differs.
    diff: VersionDiff,
) -> impl IntoView {
    let VersionDiff { name, from, to, identical, difference } = diff;
    let Difference { manifest, files, unchanged_files, more_files } = difference;
    let versions = href(&component_href(name.as_str()), &[("tab", "versions")]);
    let both = Both { name: name.to_string(), from: from.clone(), to: to.clone() };
    let body = if identical {
        let text = t!("%{from} and %{to} are the same version.", from = visible(&from.asked), to = visible(&to.asked));
        view! { <Empty title=t!("No difference") text/> }.into_any()
    } else {
        let contents = contents(&manifest, &files);
        let files = files
            .into_iter()
            .enumerate()
            .map(|(at, file)| view! { <File file id=format!("file-{}", at + 1) both=both.clone()/> })
            .collect_view();
        let rest = [
            (unchanged_files > 0)
                .then(|| t!("%{count} the same in both.", count = count!(unchanged_files, "file is", "files are"))),
            (more_files > 0).then(|| {
                let more = count!(more_files, "more file that differs is", "more files that differ are");
                t!("%{count} not shown.", count = more)
            }),
        ];
        let rest: Vec<_> = rest.into_iter().flatten().collect();
        view! {
            <div class="diffs">
                {contents}
                <Definition manifest both/>
                {files}
                {(!rest.is_empty()).then(|| view! { <p class="pager"><span>{rest.join(" ")}</span></p> })}
            </div>
        }
        .into_any()
    };
    let shown = view! { <span class="mono">{name.to_string()}</span> }.into_any();
    let heading = around(t!("What changed in %{name}", name = HERE), [shown]);
    let swapped = diff_href(name.as_str(), &to.asked, &from.asked);
    view! {
        <Title text=titled(t!("What changed in %{name}", name = name))/>
        <Trail label=t!("Versions of %{name}", name = name) href=versions/>
        <header class="head"><h1>{heading}</h1></header>
        <form class="sides" method="get" action=diff_href(name.as_str(), "", "")>
            <Side name="from" label=t!("From") side=from/>
            <Side name="to" label=t!("To") side=to/>
            <span class="actions">
                <button class="button">{t!("Compare")}</button>
                <a class="button" href=swapped>{t!("Swap")}</a>
            </span>
        </form>
        {body}
    }
    .into_any()
}

/// The two sides, for links to them.
#[derive(Debug, Clone)]
struct Both {
    name: String,
    from: DiffSide,
    to: DiffSide,
}

/// One side: what was asked for, to be changed, and what that is.
#[component]
fn Side(name: &'static str, label: Cow<'static, str>, side: DiffSide) -> impl IntoView {
    let DiffSide { asked, digest, created_at, commit, current } = side;
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input id=name name=name class="mono" value=asked required=true autocomplete="off" spellcheck="false"/>
            <span class="sub">
                <Copyable text=digest.to_string() short=digest.short() what=t!("digest")/>
                {commit.map(|sha| view! { ", "<Sha sha/> })}
                ", "<When at=created_at/>
                {current.then(|| t!(", served now"))}
            </span>
        </div>
    }
    .into_any()
}

/// Links to each part that differs, and whether long lines are wrapped.
fn contents(manifest: &ManifestDiff, files: &[FileDiff]) -> AnyView {
    let definition = (manifest.body != DiffBody::Same).then(
        || view! { <li><span class="change changed">{terms::change(FileChange::Changed)}</span>" "<a href="#definition">{t!("Definition")}</a></li> },
    );
    let links = files
        .iter()
        .enumerate()
        .map(|(at, file)| {
            let (change, word) = (file.change.as_str(), terms::change(file.change));
            view! {
                <li>
                    <span class=format!("change {change}")>{word}</span>" "
                    <a class="mono" href=format!("#file-{}", at + 1)>{visible(&file.path)}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="diff-contents" aria-label=t!("What differs")><ul>{definition}{links}</ul></nav>
        <label class="wrap"><input type="checkbox" id="wrap-diff"/>{t!("Wrap long lines")}</label>
    }
    .into_any()
}

#[component]
fn Definition(manifest: ManifestDiff, both: Both) -> impl IntoView {
    let ManifestDiff { fields, body } = manifest;
    if body == DiffBody::Same {
        return ().into_any();
    }
    let fields: Vec<String> =
        fields.iter().map(|field| format!("{} {}", visible(&field.field), terms::change(field.change))).collect();
    view! {
        <section class="source" id="definition" aria-label=t!("Definition")>
            <header><h2 class="path">{t!("Definition")}</h2><span class="muted">{fields.join(", ")}</span><Counts body=body.clone()/></header>
            <Body body both/>
        </section>
    }
    .into_any()
}

#[component]
fn File(file: FileDiff, id: String, both: Both) -> impl IntoView {
    let FileDiff { path, change, from, before, after, body } = file;
    let size = match (before, after) {
        (Some(before), Some(after)) if before.size != after.size => {
            format!("{} → {}", bytes(before.size), bytes(after.size))
        }
        (before, after) => after.or(before).map(|facts| bytes(facts.size)).unwrap_or_default(),
    };
    view! {
        <section class="source" id=id aria-label=visible(&path)>
            <header>
                <span class=format!("change {}", change.as_str())>{terms::change(change)}</span>
                <h2 class="path mono">{visible(&path)}</h2>
                {from.map(|from| {
                    let path = view! { <span class="mono">{visible(&from)}</span> }.into_any();
                    view! { <span class="muted">{around(t!("from %{path}", path = HERE), [path])}</span> }
                })}
                <span class="muted">{size}</span>
                <Counts body=body.clone()/>
            </header>
            <Body body both/>
        </section>
    }
    .into_any()
}

/// How many lines came and went.
#[component]
fn Counts(body: DiffBody) -> impl IntoView {
    let DiffBody::Hunks { added, removed, .. } = body else { return ().into_any() };
    view! {
        <span class="counts num">
            <span class="added">"+"{number(added)}</span>" "<span class="removed">"−"{number(removed)}</span>
            <span class="sr-only">" "{t!("%{lines} added, %{removed} removed", lines = count!(added, "line", "lines"), removed = number(removed))}</span>
        </span>
    }
    .into_any()
}

#[component]
fn Body(body: DiffBody, both: Both) -> impl IntoView {
    match body {
        DiffBody::Same => view! { <p class="target">{t!("The content is the same.")}</p> }.into_any(),
        DiffBody::Hunks { hunks, more_lines, .. } => view! {
            <pre tabindex="0" class="diff"><code inner_html=hunks::html(&hunks)></code></pre>
            {(more_lines > 0).then(|| view! {
                <p class="target">{count!(more_lines, "more line is not shown", "more lines are not shown")}". "<Whole both/></p>
            })}
        }
        .into_any(),
        DiffBody::TooLarge { lines_before, lines_after } => view! {
            <p class="target">
                {t!("Too large to compare here: %{before} before, %{after} after.", before = count!(lines_before, "line", "lines"), after = number(lines_after))}
                " "<Whole both/>
            </p>
        }
        .into_any(),
    }
}

/// Links to both versions as they are served.
#[component]
fn Whole(both: Both) -> impl IntoView {
    let link = |side: DiffSide, word: Cow<'static, str>| {
        let address = match (side.current, side.commit) {
            (true, _) => Some(served_href(&both.name, None)),
            (_, Some(sha)) => Some(served_href(&both.name, Some(&sha))),
            _ => None,
        };
        address.map(|address| view! { <a href=address>{word}<Icon glyph=Glyph::External/></a>" " })
    };
    view! { {link(both.from.clone(), t!("Before"))}{link(both.to.clone(), t!("After"))} }.into_any()
}
