//! A folder of components without a `registry.json`: what the files are, and
//! what they import, makes the items (`docs/sources.md`).

mod barrel;
mod compose;
mod exclude;
pub(crate) mod find;
mod graph;
mod group;
mod imports;
mod items;
mod kind;
mod layout;
mod naming;
mod overrides;
mod plan;
mod project;
mod share;

pub(super) use compose::Chosen;
pub(super) use imports::{Edit, apply};
pub(crate) use overrides::FILE as OVERRIDE_FILE;

use super::Settings;
use crate::{
    blobs::Blobs,
    files::{Files, join},
    path,
    registry::{Registry, RegistryKind, SourceError},
    resolve::Resolver,
    tree::{Tree, TreeError},
};
use items::Reading;
use layout::Layout;
use model::{Diagnostic, DiagnosticCode, MAX_ITEMS};
use overrides::Overrides;
use project::Project;
use std::rc::Rc;

/// Reads the folder at `place`, or those that the `ekairos.json` at `place` names.
pub(super) fn read(
    tree: &dyn Tree,
    place: &str,
    settings: &Settings,
    blobs: &mut dyn Blobs,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Registry, SourceError> {
    let files = Rc::new(Files::read(tree)?);
    let mut resolver = Resolver::over(tree, Rc::clone(&files));
    let is_override = path::basename(place) == OVERRIDE_FILE && files.has(place);
    let overrides = if is_override { Overrides::read(tree, place)? } else { Overrides::nearest(tree, place)? };
    let folder = if is_override { path::parent(place) } else { place };
    let mut registry = Registry {
        kind: RegistryKind::Folder,
        path: place.to_owned(),
        name: overrides.name.clone(),
        homepage: overrides.homepage.clone(),
        items: Vec::new(),
        quarantined: Vec::new(),
        unreadable: Vec::new(),
        diagnostics: overrides.diagnostics.clone(),
    };
    let layout = layout(&files, &mut resolver, &overrides, folder, is_override, &mut registry)?;
    if let Some(package) = resolver.package_of(&join(folder, "x"))? {
        registry.name = registry.name.or_else(|| package.name.clone());
        registry.homepage = registry.homepage.or_else(|| package.homepage.clone());
    }
    let groups = group::groups(&files, &layout, &overrides);
    for (path, _) in overrides.items.iter().filter(|(path, _)| !groups.iter().any(|group| group.path == **path)) {
        registry.diagnostics.push(nothing_there(&overrides, path));
    }
    if groups.len() > MAX_ITEMS {
        return Err(SourceError::TooManyItems { file: place.to_owned(), count: groups.len() });
    }
    let mut project = Project::new(tree, files, resolver, blobs);
    project.pages = pages(&mut project, &layout)?;
    project.own = groups.iter().flat_map(|group| group.files.iter().cloned()).collect();
    let shares = share::share(&mut project, &layout, &overrides, groups)?;
    let reading = Reading { layout: &layout, overrides: &overrides, settings, shares: &shares };
    reading.items(&mut project, &mut registry, progress)?;
    registry.diagnostics.extend(project.resolver.take_diagnostics());
    Ok(registry)
}

/// The folders that are read and where their files go.
fn layout(
    files: &Files,
    resolver: &mut Resolver<'_>,
    overrides: &Overrides,
    folder: &str,
    is_override: bool,
    registry: &mut Registry,
) -> Result<Layout, SourceError> {
    let mut layout = Layout::default();
    let own = overrides.file.as_deref().is_some_and(|file| is_override || path::parent(file) == folder);
    if own && !overrides.folders.is_empty() {
        for (folder, kind) in &overrides.folders {
            if files.has_folder(folder) {
                let around = find::surroundings(files, resolver, folder)?;
                layout.add(files, folder, *kind, &around, false);
            } else {
                registry.diagnostics.push(nothing_there(overrides, folder));
            }
        }
        return Ok(layout);
    }
    let around = find::surroundings(files, resolver, folder)?;
    // The folder of a package stands for the components in it.
    let folder = if around.package == folder {
        find::of_package(files, &around).unwrap_or_else(|| folder.to_owned())
    } else {
        folder.to_owned()
    };
    layout.add(files, &folder, None, &around, true);
    Ok(layout)
}

fn nothing_there(overrides: &Overrides, path: &str) -> Diagnostic {
    let file = overrides.file.as_deref().unwrap_or_default();
    Diagnostic::warning(DiagnosticCode::Override, format!("{file}: there is nothing at {path:?} that could be an item"))
        .in_file(file)
        .fix("Correct the path, which is relative to the file, or remove the entry.")
}

/// The folders of pages of the packages that are read, but for what is read itself.
fn pages(project: &mut Project<'_, '_>, layout: &Layout) -> Result<Vec<String>, TreeError> {
    let mut pages = Vec::new();
    for folder in layout.published() {
        let package = project.resolver.package_of(&join(folder, "x"))?;
        let package = package.map(|package| package.folder.clone()).unwrap_or_default();
        pages.extend(find::pages(&project.files, &package));
    }
    let published = layout.published();
    pages.retain(|page| !published.iter().any(|folder| layout::is_below(page, folder)));
    pages.sort_unstable();
    pages.dedup();
    Ok(pages)
}
