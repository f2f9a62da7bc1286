//! A component's files: the tree, and the one that is open.

use super::{
    landing::landing,
    tree::{Branch, tree},
};
use crate::app::{
    code,
    format::{bytes, href, kind, raw_href, visible},
    git_host,
    icons::{Glyph, Icon},
    parts::Empty,
    words::{count, t},
};
use leptos::prelude::*;
use model::view::{FileView, OriginView};

/// With more files than this, only the folders around the open one are open.
const ALL_OPEN: usize = 60;

/// The files by folder, and the source of one.
#[component]
pub fn Files(
    /// The files, in the item's order.
    files: Vec<FileView>,
    /// The path of the open one; the first if there is no such file.
    chosen: String,
    /// The component's name.
    name: String,
    /// The version that is looked at; empty for what is served.
    at: String,
    /// The page's address.
    path: String,
    /// Where the files stand in git.
    origin: OriginView,
) -> impl IntoView {
    let open = files.iter().position(|file| file.path == chosen).unwrap_or(0);
    let link = |at_file: usize| href(&path, &[("at", &at), ("file", &files[at_file].path)]);
    let branches = tree(files.iter().map(|file| file.path.as_str()));
    let all_open = files.len() <= ALL_OPEN;
    let rows = rows(branches, &Shown { open, all_open, link: &link });
    let total = files.iter().map(|file| file.size).sum();
    let count = files.len();
    let source = match files.into_iter().nth(open) {
        Some(file) => {
            let raw = raw_href(&name, &at, &file.path);
            let in_git = origin.files.into_iter().nth(open).flatten();
            let site = origin.commit.zip(in_git.as_ref());
            let site = site.and_then(|(commit, path)| git_host::file_href(&origin.url, &commit, path));
            view! { <Source file raw in_git site/> }.into_any()
        }
        None => {
            return view! { <Empty title=t!("No files") text=t!("This component only carries dependencies or settings.")/> }
                .into_any();
        }
    };
    view! {
        <nav class="files" aria-label=t!("Files")>
            <ul>{rows}</ul>
            <p class="muted total">{count!(count, "file", "files")}", "{bytes(total)}</p>
        </nav>
        {source}
    }
    .into_any()
}

/// What is shown of a tree.
struct Shown<'s> {
    open: usize,
    all_open: bool,
    link: &'s dyn Fn(usize) -> String,
}

fn rows(branches: Vec<Branch>, shown: &Shown<'_>) -> Vec<AnyView> {
    let row = |branch: Branch| {
        let is_open = shown.all_open || branch.holds(shown.open);
        match branch {
            Branch::Folder(name, inner) => view! {
                <li>
                    <details open=is_open>
                        <summary><Icon glyph=Glyph::Switch/>{visible(&name)}</summary>
                        <ul>{rows(inner, shown)}</ul>
                    </details>
                </li>
            }
            .into_any(),
            Branch::File(name, at) => view! {
                <li data-row="">
                    <a class="row-link" href=(shown.link)(at) aria-current=(at == shown.open).then_some("true")>
                        <Icon glyph=Glyph::File/><span>{visible(&name)}</span>
                    </a>
                </li>
            }
            .into_any(),
        }
    };
    branches.into_iter().map(row).collect()
}

#[component]
fn Source(file: FileView, raw: String, in_git: Option<String>, site: Option<String>) -> impl IntoView {
    let (html, left) = code::html(&file.path, &file.content);
    let landing = landing(&file).filter(|landing| *landing != file.path);
    let FileView { path, kind: type_, size, content, .. } = file;
    let lines = content.lines().count();
    let in_git = in_git.filter(|in_git| *in_git != path || site.is_some());
    let has_facts = landing.is_some() || in_git.is_some();
    view! {
        <section class="source" aria-label=visible(&path)>
            <header>
                <span class="path mono">{visible(&path)}</span>
                <span class="muted">{kind(&type_).to_owned()}", "{count!(lines, "line", "lines")}", "{bytes(size)}</span>
                <span class="tools">
                    <label class="wrap"><input type="checkbox" id="wrap"/>{t!("Wrap")}</label>
                    <a class="button small" href=raw>{t!("Raw")}</a>
                    <button type="button" class="button small needs-js" data-copy-from="source"><Icon glyph=Glyph::Copy/>{t!("Copy")}</button>
                </span>
            </header>
            {has_facts.then(|| view! {
                <dl class="places">
                    {landing.map(|landing| view! { <div><dt>{t!("Lands in")}</dt><dd class="mono">{visible(&landing)}</dd></div> })}
                    {in_git.map(|in_git| {
                        let place = visible(&in_git);
                        let place = match site {
                            Some(site) => view! {
                                <a href=site rel="noopener noreferrer">{place}<Icon glyph=Glyph::External/></a>
                            }
                            .into_any(),
                            None => place.into_any(),
                        };
                        view! { <div><dt>{t!("In git")}</dt><dd class="mono">{place}</dd></div> }
                    })}
                </dl>
            })}
            <pre tabindex="0"><code id="source" inner_html=html></code></pre>
            {(left > 0).then(|| view! { <p class="target">{count!(left, "more line is not shown", "more lines are not shown")}"."</p> })}
        </section>
    }
    .into_any()
}
