//! What differs between two versions of a component.

use crate::app::{
    format::{bytes, component_href, diff_href, href, number, plural, served_href, visible},
    hunks,
    icons::{Glyph, Icon},
    parts::{Copyable, Empty, Sha, Trail, When},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{DiffBody, DiffSide, Difference, FileDiff, ManifestDiff, VersionDiff};

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
        let text = format!("{} and {} are the same version.", visible(&from.asked), visible(&to.asked));
        view! { <Empty title="No difference" text/> }.into_any()
    } else {
        let contents = contents(&manifest, &files);
        let files = files
            .into_iter()
            .enumerate()
            .map(|(at, file)| view! { <File file id=format!("file-{}", at + 1) both=both.clone()/> })
            .collect_view();
        let rest = [
            (unchanged_files > 0)
                .then(|| format!("{} the same in both.", plural(unchanged_files, "file is", "files are"))),
            (more_files > 0).then(|| {
                format!("{} not shown.", plural(more_files, "more file that differs is", "more files that differ are"))
            }),
        ];
        let rest: Vec<String> = rest.into_iter().flatten().collect();
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
    let swapped = diff_href(name.as_str(), &to.asked, &from.asked);
    view! {
        <Title text=format!("What changed in {name} – Registry")/>
        <Trail label=format!("Versions of {name}") href=versions/>
        <header class="head"><h1>"What changed in "<span class="mono">{name.to_string()}</span></h1></header>
        <form class="sides" method="get" action=diff_href(name.as_str(), "", "")>
            <Side name="from" label="From" side=from/>
            <Side name="to" label="To" side=to/>
            <span class="actions">
                <button class="button">"Compare"</button>
                <a class="button" href=swapped>"Swap"</a>
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
fn Side(name: &'static str, label: &'static str, side: DiffSide) -> impl IntoView {
    let DiffSide { asked, digest, created_at, commit, current } = side;
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input id=name name=name class="mono" value=asked required=true autocomplete="off" spellcheck="false"/>
            <span class="sub">
                <Copyable text=digest.to_string() short=digest.short() what="digest"/>
                {commit.map(|sha| view! { ", "<Sha sha/> })}
                ", "<When at=created_at/>
                {current.then_some(", served now")}
            </span>
        </div>
    }
    .into_any()
}

/// Links to each part that differs, and whether long lines are wrapped.
fn contents(manifest: &ManifestDiff, files: &[FileDiff]) -> AnyView {
    let definition = (manifest.body != DiffBody::Same).then(
        || view! { <li><span class="change changed">"changed"</span>" "<a href="#definition">"Definition"</a></li> },
    );
    let links = files
        .iter()
        .enumerate()
        .map(|(at, file)| {
            let change = file.change.as_str();
            view! {
                <li>
                    <span class=format!("change {change}")>{change}</span>" "
                    <a class="mono" href=format!("#file-{}", at + 1)>{visible(&file.path)}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="diff-contents" aria-label="What differs"><ul>{definition}{links}</ul></nav>
        <label class="wrap"><input type="checkbox" id="wrap-diff"/>"Wrap long lines"</label>
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
        fields.iter().map(|field| format!("{} {}", visible(&field.field), field.change.as_str())).collect();
    view! {
        <section class="source" id="definition" aria-label="Definition">
            <header><h2 class="path">"Definition"</h2><span class="muted">{fields.join(", ")}</span><Counts body=body.clone()/></header>
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
                <span class=format!("change {}", change.as_str())>{change.as_str()}</span>
                <h2 class="path mono">{visible(&path)}</h2>
                {from.map(|from| view! { <span class="muted">"from "<span class="mono">{visible(&from)}</span></span> })}
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
            <span class="sr-only">{format!(" {} added, {} removed", plural(added, "line", "lines"), number(removed))}</span>
        </span>
    }
    .into_any()
}

#[component]
fn Body(body: DiffBody, both: Both) -> impl IntoView {
    match body {
        DiffBody::Same => view! { <p class="target">"The content is the same."</p> }.into_any(),
        DiffBody::Hunks { hunks, more_lines, .. } => view! {
            <pre tabindex="0" class="diff"><code inner_html=hunks::html(&hunks)></code></pre>
            {(more_lines > 0).then(|| view! {
                <p class="target">{plural(more_lines, "more line is", "more lines are")}" not shown. "<Whole both/></p>
            })}
        }
        .into_any(),
        DiffBody::TooLarge { lines_before, lines_after } => view! {
            <p class="target">
                {format!("Too large to compare here: {} before, {} after. ", plural(lines_before, "line", "lines"), number(lines_after))}
                <Whole both/>
            </p>
        }
        .into_any(),
    }
}

/// Links to both versions as they are served.
#[component]
fn Whole(both: Both) -> impl IntoView {
    let link = |side: DiffSide, word: &'static str| {
        let address = match (side.current, side.commit) {
            (true, _) => Some(served_href(&both.name, None)),
            (_, Some(sha)) => Some(served_href(&both.name, Some(&sha))),
            _ => None,
        };
        address.map(|address| view! { <a href=address>{word}<Icon glyph=Glyph::External/></a>" " })
    };
    view! { {link(both.from.clone(), "Before")}{link(both.to.clone(), "After")} }.into_any()
}
