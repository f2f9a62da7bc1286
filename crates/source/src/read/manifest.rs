//! A source `registry.json`.

use super::{
    Settings,
    contents::Contents,
    declared::{self, Declared},
    item::{self, Paths},
};
use crate::{
    blobs::Blobs,
    path,
    registry::{Definition, Quarantined, Registry, RegistryKind, SourceError},
    tree::Tree,
};
use model::{Diagnostic, DiagnosticCode};
use std::collections::HashMap;

pub(super) fn read(
    tree: &dyn Tree,
    root: &str,
    settings: &Settings,
    blobs: &mut dyn Blobs,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Registry, SourceError> {
    let declared = declared::read(tree, root)?;
    let mut registry = Registry {
        kind: RegistryKind::Manifest,
        path: root.to_owned(),
        name: declared.name,
        homepage: declared.homepage,
        items: Vec::with_capacity(declared.items.len()),
        quarantined: Vec::new(),
        unreadable: declared.unreadable,
        diagnostics: declared.diagnostics,
    };
    let holders = holders(&declared.items, declared.uses_include);
    let total = declared.items.len();
    let mut contents = Contents::new(tree, blobs);
    for (position, declared_item) in declared.items.into_iter().enumerate() {
        let Declared { file, index, value } = declared_item;
        let definition = Definition { file, index };
        let name = value.get("name").and_then(serde_json::Value::as_str);
        let holder = name.and_then(|name| holders.get(name)).filter(|holder| holder.position != position);
        if let (Some(name), Some(holder)) = (name, holder) {
            duplicate(&mut registry, name, definition, holder, declared.uses_include, settings);
        } else {
            let root_folder = path::parent(root);
            let folder = path::parent(&definition.file).to_owned();
            let paths = if declared.uses_include {
                Paths::Included { folder: &folder, root: root_folder }
            } else {
                Paths::FromRoot(root_folder)
            };
            match item::read(value, definition, &paths, settings, &mut contents)? {
                Ok(item) => registry.items.push(item),
                Err(quarantined) => {
                    registry.diagnostics.extend(quarantined.diagnostics.iter().cloned());
                    registry.quarantined.push(quarantined);
                }
            }
        }
        progress(position + 1, total);
    }
    Ok(registry)
}

/// The definition that counts where several have one name.
struct Holder {
    position: usize,
    definition: Definition,
}

/// Who holds each name. Without `include`, `shadcn build` lets the last one
/// overwrite the others; with it, it stops, and here the first one holds the
/// name. That holds for broken definitions too: a mistake in one must not
/// bring back another.
fn holders(items: &[Declared], uses_include: bool) -> HashMap<String, Holder> {
    let mut holders = HashMap::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        let Some(name) = item.value.get("name").and_then(serde_json::Value::as_str) else {
            continue;
        };
        if uses_include && holders.contains_key(name) {
            continue;
        }
        let definition = Definition { file: item.file.clone(), index: item.index };
        holders.insert(name.to_owned(), Holder { position, definition });
    }
    holders
}

fn duplicate(
    registry: &mut Registry,
    name: &str,
    definition: Definition,
    holder: &Holder,
    uses_include: bool,
    settings: &Settings,
) {
    let Definition { file, index } = &holder.definition;
    let place = |diagnostic: Diagnostic| {
        diagnostic
            .in_file(&definition.file)
            .at_item(definition.index, Some(name))
            .at_field("name")
            .fix("Rename or remove one of the two.")
    };
    if uses_include {
        let message = format!("the name {name:?} is taken by {file} items[{index}], which is served");
        let problem = place(Diagnostic::error(DiagnosticCode::DuplicateName, message));
        registry.diagnostics.push(problem.clone());
        let written_name = Some(name.to_owned());
        let name = item::item_name(name, settings).ok();
        registry.quarantined.push(Quarantined { name, written_name, definition, diagnostics: vec![problem] });
    } else {
        let message = format!("the name {name:?} is defined again by {file} items[{index}], which is served instead");
        registry.diagnostics.push(place(Diagnostic::warning(DiagnosticCode::DuplicateName, message)));
    }
}
