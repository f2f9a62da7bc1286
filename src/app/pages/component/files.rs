//! A component's files: the list, and the one that is open.

use crate::app::{
    code,
    format::{bytes, href, kind, plural},
    icons::{Glyph, Icon},
    parts::Empty,
};
use leptos::prelude::*;
use model::view::FileView;

/// The files by folder, and the source of one.
#[component]
pub fn Files(
    /// The files, in the item's order.
    files: Vec<FileView>,
    /// The path of the open one; the first if there is no such file.
    chosen: String,
    /// The page's address.
    path: String,
) -> impl IntoView {
    let open = files.iter().position(|file| file.path == chosen).unwrap_or(0);
    let folders = folders(&files)
        .into_iter()
        .map(|(folder, members)| {
            let entries = members
                .into_iter()
                .map(|at| {
                    let file = &files[at];
                    let name = file.path.rsplit('/').next().unwrap_or_default().to_owned();
                    view! {
                        <li>
                            <a class="row-link" href=href(&path, &[("file", &file.path)]) aria-current=(at == open).then_some("true")>
                                <Icon glyph=Glyph::File/>{name}
                            </a>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <li>
                    {(!folder.is_empty()).then(|| view! { <span class="folder">{folder}"/"</span> })}
                    <ul>{entries}</ul>
                </li>
            }
        })
        .collect_view();
    let source = match files.into_iter().nth(open) {
        Some(file) => view! { <Source file/> }.into_any(),
        None => {
            view! { <Empty title="No files" text="This component only carries dependencies or settings."/> }.into_any()
        }
    };
    view! {
        <nav class="files" aria-label="Files"><ul>{folders}</ul></nav>
        {source}
    }
    .into_any()
}

/// Files grouped by folder, both in the order in which they first occur.
fn folders(files: &[FileView]) -> Vec<(String, Vec<usize>)> {
    let mut folders: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        match folders.iter_mut().find(|(name, _)| name == folder) {
            Some((_, members)) => members.push(at),
            None => folders.push((folder.to_owned(), vec![at])),
        }
    }
    folders
}

#[component]
fn Source(file: FileView) -> impl IntoView {
    let FileView { path, kind: type_, target, size, content, .. } = file;
    let (html, left) = code::html(&path, &content);
    view! {
        <section class="source" aria-label=path.clone()>
            <header>
                <span class="path mono">{path.clone()}</span>
                <span class="muted">{kind(&type_).to_owned()}", "{bytes(size)}</span>
                <label class="wrap"><input type="checkbox" id="wrap"/>"Wrap"</label>
                <button type="button" class="button small needs-js" data-copy-from="source"><Icon glyph=Glyph::Copy/>"Copy"</button>
            </header>
            {target.map(|target| view! { <p class="target">"Goes to "<code>{target}</code></p> })}
            <pre tabindex="0"><code id="source" inner_html=html></code></pre>
            {(left > 0).then(|| view! { <p class="target">{plural(left, "more line is", "more lines are")}" not shown."</p> })}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Digest;

    #[test]
    fn files_stand_in_their_folders() {
        let files: Vec<_> = ["a/x.ts", "y.ts", "a/z.ts"]
            .into_iter()
            .map(|path| FileView {
                path: path.to_owned(),
                kind: String::new(),
                target: None,
                size: 0,
                digest: Digest::of(b""),
                content: String::new(),
            })
            .collect();
        assert_eq!(folders(&files), [("a".to_owned(), vec![0, 2]), (String::new(), vec![1])]);
    }
}
