//! A folder of built items, their contents inlined: `public/r/*.json`.

use super::{
    MAX_JSON_BYTES, Settings,
    contents::Contents,
    item::{self, Paths},
    read_json,
};
use crate::{
    blobs::Blobs,
    path,
    registry::{Definition, Item, Registry, RegistryKind, SourceError},
    schema::looks_like_item,
    tree::{Tree, TreeError, WalkControl},
};
use model::{Diagnostic, DiagnosticCode, MAX_ITEMS};
use serde_json::Value;
use std::collections::HashMap;

pub(super) fn read(
    tree: &dyn Tree,
    folder: &str,
    settings: &Settings,
    blobs: &mut dyn Blobs,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Registry, SourceError> {
    let catalogue = join(folder, "registry.json");
    let mut files = json_files(tree, folder)?;
    files.retain(|file| *file != catalogue);
    if files.len() > MAX_ITEMS {
        return Err(SourceError::TooManyItems { file: folder.to_owned(), count: files.len() });
    }
    let mut registry = Registry {
        kind: RegistryKind::Built,
        path: folder.to_owned(),
        name: None,
        homepage: None,
        items: Vec::with_capacity(files.len()),
        quarantined: Vec::new(),
        unreadable: Vec::new(),
        diagnostics: Vec::new(),
    };
    describe(tree, &catalogue, &mut registry)?;
    let mut reader = Reader {
        folder,
        settings,
        contents: Contents::new(tree, blobs),
        positions: HashMap::new(),
        strays: 0,
        registry,
    };
    let total = files.len();
    for (done, file) in files.into_iter().enumerate() {
        reader.file(tree, file)?;
        progress(done + 1, total);
    }
    let Reader { mut registry, strays, .. } = reader;
    if strays > 0 {
        let message = format!(
            "{strays} items in folders below {folder} have other names than their places say, and are left out"
        );
        registry.diagnostics.push(
            Diagnostic::warning(DiagnosticCode::Schema, message)
                .in_file(folder)
                .fix("Add such a folder as a repository of its own, with its path as config path."),
        );
    }
    Ok(registry)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The JSON files at and below `folder`, in the order of their paths.
pub(crate) fn json_files(tree: &dyn Tree, folder: &str) -> Result<Vec<String>, TreeError> {
    let mut files = Vec::new();
    let prefix = join(folder, "");
    tree.walk(&mut |file, _| {
        if file.starts_with(&prefix) && path::is_json(file) && !file.split('/').any(|segment| segment == "node_modules")
        {
            files.push(file.to_owned());
        }
        WalkControl::Continue
    })?;
    files.sort_unstable();
    Ok(files)
}

/// Takes name and home page from the catalogue beside the items.
fn describe(tree: &dyn Tree, catalogue: &str, registry: &mut Registry) -> Result<(), TreeError> {
    if tree.lookup(catalogue)?.is_none() {
        return Ok(());
    }
    match read_json(tree, catalogue)? {
        Ok(value) => {
            let text =
                |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
            (registry.name, registry.homepage) = (text("name"), text("homepage"));
        }
        Err(problem) => registry.diagnostics.push(Diagnostic { severity: model::Severity::Warning, ..problem }),
    }
    Ok(())
}

struct Reader<'a> {
    folder: &'a str,
    settings: &'a Settings,
    contents: Contents<'a>,
    /// Where each name stands in the registry's items.
    positions: HashMap<String, usize>,
    /// Items below subfolders that are not at `<name>.json`: another style's,
    /// as a rule.
    strays: usize,
    registry: Registry,
}

impl Reader<'_> {
    fn file(&mut self, tree: &dyn Tree, file: String) -> Result<(), TreeError> {
        let value = match read_json(tree, &file)? {
            Ok(value) => value,
            Err(problem) => {
                self.registry.diagnostics.push(problem);
                self.registry.unreadable.push(file);
                return Ok(());
            }
        };
        let stem = self.stem(&file);
        let is_nested = stem.contains('/');
        match value.get("name").and_then(Value::as_str).filter(|_| looks_like_item(&value)) {
            Some(name) if is_nested && name != stem => self.strays += 1,
            Some(_) => self.item(file, value)?,
            None if is_nested => {}
            None => {
                let message = format!(
                    "{file} is not a registry item: it has no `name`, or no `type` that begins with `registry:`"
                );
                self.registry.diagnostics.push(
                    Diagnostic::warning(DiagnosticCode::Schema, message)
                        .in_file(file)
                        .fix("Nothing, if it is not meant to be one."),
                );
            }
        }
        Ok(())
    }

    /// The item name that the file's place stands for.
    fn stem<'a>(&self, file: &'a str) -> &'a str {
        let inside = file.strip_prefix(self.folder).unwrap_or(file).trim_start_matches('/');
        inside.strip_suffix(".json").unwrap_or(inside)
    }

    fn item(&mut self, file: String, value: Value) -> Result<(), TreeError> {
        let definition = Definition { file, index: 0 };
        match item::read(value, definition, &Paths::Inlined, self.settings, &mut self.contents)? {
            Ok(item) => self.add(item),
            Err(quarantined) => {
                self.registry.diagnostics.extend(quarantined.diagnostics.iter().cloned());
                self.registry.quarantined.push(quarantined);
            }
        }
        Ok(())
    }

    /// Of two files with one item name, the one at that name's place counts,
    /// else the first.
    fn add(&mut self, item: Item) {
        let Some(&position) = self.positions.get(item.name.as_str()) else {
            self.positions.insert(item.name.as_str().to_owned(), self.registry.items.len());
            self.registry.items.push(item);
            return;
        };
        let name = item.name.clone();
        let in_place = self.stem(&item.definition.file) == name.as_str();
        let mut left_out = item;
        if in_place {
            std::mem::swap(&mut self.registry.items[position], &mut left_out);
        }
        let served = &self.registry.items[position].definition.file;
        let message = format!("the name {:?} is that of {served} too, which is served", name.as_str());
        self.registry.diagnostics.push(
            Diagnostic::warning(DiagnosticCode::DuplicateName, message)
                .in_file(&left_out.definition.file)
                .at_item(0, Some(name.as_str()))
                .at_field("name")
                .fix("Remove one of the two files."),
        );
    }
}

/// Whether `folder` itself holds built items, judged by a few of them.
pub(crate) fn is_built_folder(tree: &dyn Tree, folder: &str) -> Result<bool, TreeError> {
    let files = json_files(tree, folder)?;
    let direct = files.iter().filter(|file| path::parent(file) == folder && path::basename(file) != "registry.json");
    holds_built_items(tree, direct.map(String::as_str))
}

/// Whether one of the first few files is a built item.
pub(crate) fn holds_built_items<'a>(tree: &dyn Tree, files: impl Iterator<Item = &'a str>) -> Result<bool, TreeError> {
    const SAMPLE: usize = 8;
    for file in files.take(SAMPLE) {
        let Some(entry) = tree.lookup(file)?.filter(|entry| entry.kind == model::EntryKind::File) else {
            continue;
        };
        if tree.size(entry.id)? <= MAX_JSON_BYTES && read_json(tree, file)?.is_ok_and(|value| is_built_item(&value)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether this is an item that needs no files of the tree.
fn is_built_item(value: &Value) -> bool {
    let has_content = |files: &Vec<Value>| files.iter().all(|file| file.get("content").is_some_and(Value::is_string));
    let files = value.get("files").and_then(Value::as_array);
    let says_so =
        value.get("$schema").and_then(Value::as_str).is_some_and(|schema| schema.ends_with("/registry-item.json"));
    looks_like_item(value)
        && value.get("name").is_some_and(Value::is_string)
        && files.map_or(says_so, |files| has_content(files) && (says_so || !files.is_empty()))
}
