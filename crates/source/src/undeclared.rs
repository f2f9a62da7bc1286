//! npm packages that an item's files import and the item does not declare:
//! where it is installed, they are missing.

use crate::{
    Blobs, Dialect, Item, Module, Range, Registry, RegistryKind, Resolution, Resolver, Tree, TreeError,
    dependencies::{self, is_brought_along, split_package},
    module::Import,
    path,
};
use model::{Diagnostic, DiagnosticCode, EntryKind};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, hash_map::Entry};

/// Most packages that are told of one item.
const MAX_TOLD: usize = 20;

/// Findings about the items of a source `registry.json`. What a file imports
/// is kept in `blobs` by the file's object id. Of built items the sources are
/// not known, and of a components folder the imports are what it declares.
pub fn undeclared_imports(
    tree: &dyn Tree,
    registry: &Registry,
    blobs: &mut dyn Blobs,
) -> Result<Vec<Diagnostic>, TreeError> {
    if registry.kind != RegistryKind::Manifest {
        return Ok(Vec::new());
    }
    let declared = declared(registry);
    let mut resolver = Resolver::new(tree)?;
    // Files of one folder import the same again and again.
    let mut packages: HashMap<(String, String), Option<(String, Range)>> = HashMap::new();
    let mut findings = Vec::new();
    for item in &registry.items {
        let own = &declared[item.name.as_str()];
        let mut missing: BTreeMap<String, (Range, String)> = BTreeMap::new();
        for file in &item.files {
            let Some(module) = parsed(tree, &file.source_path, blobs)? else { continue };
            let imported: BTreeSet<&str> =
                module.imports.iter().filter(|import| stays(import)).map(|import| import.specifier.as_str()).collect();
            for specifier in imported {
                if specifier.starts_with('.') {
                    continue;
                }
                let key = (path::parent(&file.source_path).to_owned(), specifier.to_owned());
                let package = match packages.entry(key) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => place.insert(match resolver.resolve(&file.source_path, specifier)? {
                        Resolution::Package { name, range } if !is_brought_along(&name) => Some((name, range)),
                        _ => None,
                    }),
                };
                if let Some((name, range)) = package
                    && !own.contains(name.as_str())
                {
                    missing.entry(name.clone()).or_insert_with(|| (range.clone(), file.source_path.clone()));
                }
            }
        }
        findings
            .extend(missing.into_iter().take(MAX_TOLD).map(|(name, (range, file))| told(item, &name, &range, &file)));
    }
    Ok(findings)
}

/// Types alone leave no trace in what is built, and come with their package.
fn stays(import: &Import) -> bool {
    !import.is_type
}

fn told(item: &Item, name: &str, range: &Range, file: &str) -> Diagnostic {
    Diagnostic::warning(
        DiagnosticCode::UndeclaredImport,
        format!("{file} imports the npm package {name:?}, which neither the item nor what it needs declares"),
    )
    .in_file(&item.definition.file)
    .at_item(item.definition.index, Some(item.name.as_str()))
    .at_field("dependencies")
    .fix(format!("Add \"{}\" to the item's dependencies.", range.of(name)))
}

/// What the file says, parsed once for each text. `None` for what is no code,
/// is not there or cannot be parsed.
fn parsed(tree: &dyn Tree, path: &str, blobs: &mut dyn Blobs) -> Result<Option<Module>, TreeError> {
    let Some(dialect) = Dialect::of(path) else { return Ok(None) };
    let Some(entry) = tree.lookup(path)?.filter(|entry| entry.kind == EntryKind::File) else { return Ok(None) };
    if let Some(module) = blobs.parsed(entry.id, dialect) {
        return Ok(Some(module));
    }
    let module = match tree.read(entry.id) {
        Ok(text) => Module::parse(&text, dialect),
        Err(TreeError::MissingObject(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    blobs.store_parsed(entry.id, dialect, &module);
    Ok(Some(module))
}

/// The packages that come with each item: its own, and those of the items of
/// this registry that it needs, however far away.
fn declared(registry: &Registry) -> HashMap<&str, HashSet<String>> {
    let by_name: HashMap<&str, &Item> = registry.items.iter().map(|item| (item.name.as_str(), item)).collect();
    let needs: HashMap<&str, Vec<String>> = registry
        .items
        .iter()
        .map(|item| (item.name.as_str(), dependencies::registry_dependencies(&item.manifest)))
        .collect();
    let own: HashMap<&str, Vec<String>> = registry
        .items
        .iter()
        .map(|item| {
            let all = dependencies::npm_dependencies(&item.manifest).into_iter();
            let all = all.chain(dependencies::dev_dependencies(&item.manifest));
            (item.name.as_str(), all.map(|written| split_package(&written).0.to_owned()).collect())
        })
        .collect();
    by_name
        .keys()
        .map(|&name| {
            let (mut seen, mut next) = (HashSet::from([name]), vec![name]);
            let mut packages = HashSet::new();
            while let Some(at) = next.pop() {
                packages.extend(own[at].iter().cloned());
                for needed in &needs[at] {
                    // By bare name, as `@acme/button`, or by an address that ends so.
                    let last = needed.rsplit('/').next().unwrap_or(needed).trim_end_matches(".json");
                    let known = by_name.get_key_value(needed.as_str()).or_else(|| by_name.get_key_value(last));
                    if let Some((&known, _)) = known
                        && seen.insert(known)
                    {
                        next.push(known);
                    }
                }
            }
            (name, packages)
        })
        .collect()
}
