//! Which files are one item.

use super::{
    exclude,
    kind::{Kind, is_asset},
    layout::{Layout, rest},
    naming,
    overrides::Overrides,
};
use crate::{
    files::{Files, join},
    module::Dialect,
    path,
};
use std::collections::{BTreeMap, HashSet};

/// The files of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The file, or the folder, that is the item.
    pub(super) path: String,
    /// The file that the item is about.
    pub(super) main: String,
    /// All of them, the main one first, then by path.
    pub(super) files: Vec<String>,
    /// Whether it is no item by itself, but what several items share.
    pub(super) is_shared: bool,
}

/// The items that the folders hold, by their files' places alone, in the order
/// of their paths.
pub(super) fn groups(files: &Files, layout: &Layout, overrides: &Overrides) -> Vec<Group> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen = HashSet::new();
    for folder in layout.published() {
        for file in files.below(folder) {
            let is_published = layout.source_of(file).is_some_and(|source| source.is_published);
            if !is_published || !seen.insert(file) || overrides.ignores(file) {
                continue;
            }
            if let Some(item) = item_of(files, layout, overrides, file) {
                found.entry(item).or_default().push(file.to_owned());
            }
        }
    }
    // What is named in the override file is an item wherever it is.
    for item in overrides.items.keys() {
        if found.contains_key(item) {
            continue;
        }
        let below = files.below(item).filter(|file| is_part(rest(file, item)) && !overrides.ignores(file));
        let mut own: Vec<String> = below.map(str::to_owned).collect();
        if files.has(item) {
            own = vec![item.clone()];
        }
        found.insert(item.clone(), own);
    }
    let groups = found.into_iter().filter_map(|(path, files)| Group::new(path, files));
    groups.collect()
}

impl Group {
    /// A group without code is none.
    pub(super) fn new(path: String, mut files: Vec<String>) -> Option<Self> {
        let main = main(&path, &files)?.to_owned();
        files.sort_by_key(|file| (*file != main, file.clone()));
        Some(Self { path, main, files, is_shared: false })
    }

    /// Whether it is a whole folder.
    pub(super) fn is_folder(&self) -> bool {
        self.path != self.main
    }
}

/// The file that a folder is about: its index, the file of its own name, its
/// page, else its first file of code.
fn main<'f>(path: &str, files: &'f [String]) -> Option<&'f str> {
    let code = || files.iter().map(String::as_str).filter(|file| is_code(file));
    if let Some(only) = files.iter().find(|file| *file == path) {
        return Some(only);
    }
    let direct = || code().filter(|file| path::parent(file) == path);
    let own = naming::kebab(path::basename(path));
    direct()
        .find(|file| naming::kebab(naming::stem(file)) == own)
        .or_else(|| direct().find(|file| naming::stem(file) == "index"))
        .or_else(|| direct().find(|file| is_page(file)))
        .or_else(|| code().next())
}

/// The item that a file belongs to by its place: a folder, or itself. None if
/// it is no part of one by itself.
fn item_of(files: &Files, layout: &Layout, overrides: &Overrides, file: &str) -> Option<String> {
    if overrides.items.contains_key(file) {
        return Some(file.to_owned());
    }
    let below = layout.below(file);
    if !is_part(below) {
        return None;
    }
    let root = layout.source_of(file).map_or("", |source| source.folder.as_str());
    let folders = below.match_indices('/').map(|(end, _)| join(root, &below[..end]));
    let item = folders.into_iter().find(|folder| is_item_folder(files, layout, overrides, folder));
    let is_own = is_code(file) && naming::stem(file) != "index";
    item.or_else(|| is_own.then(|| file.to_owned()))
}

/// Whether a file can be a part of an item, by its path below the folder that
/// is read.
fn is_part(below: &str) -> bool {
    !exclude::is_left_out(below) && (is_code(below) || is_asset(below))
}

/// Whether a folder is one item: it has an index, a file of its own name, or it
/// is one of several blocks.
fn is_item_folder(files: &Files, layout: &Layout, overrides: &Overrides, folder: &str) -> bool {
    if overrides.items.contains_key(folder) {
        return true;
    }
    if layout.is_shelf(files, folder) {
        return false;
    }
    let above = path::parent(folder);
    let is_block = path::basename(above) == "blocks"
        || layout.source_of(above).is_some_and(|source| source.folder == above && source.kind == Kind::Block);
    let own = naming::kebab(path::basename(folder));
    let is_entry = |file: &str| {
        let stem = naming::stem(file);
        path::parent(file) == folder
            && is_part(path::basename(file))
            && is_code(file)
            && (matches!(stem, "index" | "page") || naming::kebab(stem) == own)
    };
    is_block || files.below(folder).any(is_entry)
}

/// Whether a file is code that can be an item: declarations are not.
pub(super) fn is_code(file: &str) -> bool {
    matches!(Dialect::of(file), Some(Dialect::Ts | Dialect::Tsx | Dialect::Js))
}

/// Whether a file is a page of a framework that routes by files.
pub(super) fn is_page(file: &str) -> bool {
    matches!(path::basename(file), "page.tsx" | "page.jsx" | "page.ts" | "page.js")
}
