//! What a `registry.json` and its includes declare, without reading the files
//! of any item: for looking at many states of a registry.

use super::{
    declared::{self, Declared},
    item::{Paths, served_path},
};
use crate::{path, registry::SourceError, tree::Tree};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// What the files that define a registry say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outline {
    /// The items by name; of several with one name, the one that counts.
    pub items: HashMap<String, OutlinedItem>,
    /// The `registry.json` and everything that it includes.
    pub definitions: BTreeSet<String>,
    /// How large these files are together, in bytes.
    pub bytes: u64,
}

/// An item as it stands in a definition.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlinedItem {
    /// The file that defines it.
    pub definition: String,
    /// The files of the tree that it names.
    pub files: Vec<String>,
    /// Everything that is written about it.
    pub written: Value,
}

/// Reads the `registry.json` at `root` and what it includes. A tree without
/// that file has no items.
///
/// # Errors
/// [`SourceError`] where the file cannot be read as a registry.
pub fn outline(tree: &dyn Tree, root: &str) -> Result<Outline, SourceError> {
    if tree.lookup(root)?.is_none() {
        return Ok(Outline::default());
    }
    let declared = declared::read(tree, root)?;
    let mut outline = Outline { definitions: declared.files, ..Outline::default() };
    for Declared { file, value, .. } in declared.items {
        let Some(name) = value.get("name").and_then(Value::as_str) else { continue };
        if declared.uses_include && outline.items.contains_key(name) {
            continue;
        }
        let (folder, root) = (path::parent(&file), path::parent(root));
        let paths = if declared.uses_include { Paths::Included { folder, root } } else { Paths::FromRoot(root) };
        let files = value.get("files").and_then(Value::as_array).into_iter().flatten();
        let files = files.filter_map(|file| served_path(file.get("path")?.as_str()?, &paths).ok()?.1).collect();
        outline.items.insert(name.to_owned(), OutlinedItem { definition: file, files, written: value });
    }
    for file in &outline.definitions {
        if let Some(entry) = tree.lookup(file)? {
            outline.bytes += tree.size(entry.id).unwrap_or(0);
        }
    }
    Ok(outline)
}
