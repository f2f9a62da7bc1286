//! All files of a tree, for whoever asks often.

use crate::{
    path,
    tree::{Tree, TreeError, WalkControl},
};
use model::{EntryKind, ObjectId};
use std::{
    collections::{BTreeMap, btree_map},
    ops::Bound,
};

/// What may be left out of a specifier, in the order in which it is tried.
const EXTENSIONS: [&str; 15] =
    ["ts", "tsx", "d.ts", "js", "jsx", "mts", "mjs", "cts", "cjs", "json", "css", "scss", "vue", "svelte", "mdx"];

/// The plain files of a tree but those below `node_modules`, by path. Links and
/// submodules are not among them.
#[derive(Debug, Default)]
pub(crate) struct Files {
    entries: BTreeMap<String, ObjectId>,
}

impl Files {
    /// Walks the tree once.
    pub(crate) fn read(tree: &dyn Tree) -> Result<Self, TreeError> {
        let mut entries = BTreeMap::new();
        tree.walk(&mut |file, entry| {
            let is_foreign = |segment: &str| matches!(segment, "node_modules" | ".git" | ".yarn");
            if entry.kind == EntryKind::File && !file.split('/').any(is_foreign) {
                entries.insert(file.to_owned(), entry.id);
            }
            WalkControl::Continue
        })?;
        Ok(Self { entries })
    }

    /// The file at `path`.
    pub(crate) fn id(&self, path: &str) -> Option<ObjectId> {
        self.entries.get(path).copied()
    }

    /// Whether there is a file at `path`.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.entries.contains_key(path)
    }

    /// All files, in the order of their paths.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The files below a folder, at any depth, in the order of their paths;
    /// `""` is the root.
    pub(crate) fn below<'f>(&'f self, folder: &str) -> impl Iterator<Item = &'f str> + use<'f> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let range: btree_map::Range<'f, String, ObjectId> =
            self.entries.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded));
        range.map(|(path, _)| path.as_str()).take_while(move |path| path.starts_with(&prefix))
    }

    /// Whether there is a folder at `path`.
    pub(crate) fn has_folder(&self, path: &str) -> bool {
        self.below(path).next().is_some()
    }

    /// The module that `path` means in an import: the file itself, with an
    /// extension added, with the extension of the source it is built from
    /// (`.js` for `.ts`), or the index file of the folder.
    pub(crate) fn module(&self, path: &str) -> Option<String> {
        if self.has(path) {
            return Some(path.to_owned());
        }
        self.with_extension(path).or_else(|| self.source_of(path)).or_else(|| {
            let index = if path.is_empty() { "index".to_owned() } else { format!("{path}/index") };
            self.with_extension(&index)
        })
    }

    fn with_extension(&self, path: &str) -> Option<String> {
        let candidates = EXTENSIONS.iter().map(|extension| format!("{path}.{extension}"));
        candidates.into_iter().find(|candidate| self.has(candidate))
    }

    fn source_of(&self, path: &str) -> Option<String> {
        let (stem, extension) = path::basename(path).rsplit_once('.').map(|_| path.rsplit_once('.'))??;
        let sources: &[&str] = match extension {
            "js" => &["ts", "tsx", "d.ts"],
            "jsx" => &["tsx"],
            "mjs" => &["mts", "d.mts"],
            "cjs" => &["cts", "d.cts"],
            _ => return None,
        };
        let candidates = sources.iter().map(|extension| format!("{stem}.{extension}"));
        candidates.into_iter().find(|candidate| self.has(candidate))
    }
}

/// A path's folders, from the one that holds it up to the root, `""`.
pub(crate) fn folders_upward(path: &str) -> impl Iterator<Item = &str> {
    let mut next = (!path.is_empty()).then(|| path::parent(path));
    std::iter::from_fn(move || {
        let folder = next?;
        next = (!folder.is_empty()).then(|| path::parent(folder));
        Some(folder)
    })
}

/// Joins a folder and what is below it.
pub(crate) fn join(folder: &str, rest: &str) -> String {
    if folder.is_empty() { rest.to_owned() } else { format!("{folder}/{rest}") }
}
