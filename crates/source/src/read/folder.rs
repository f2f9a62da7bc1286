//! A folder of components without a `registry.json`: what the files are, and
//! what they import, makes the items (`docs/sources.md`).

mod barrel;
mod compose;
mod exclude;
pub(crate) mod find;
mod graph;
mod group;
mod imports;
mod kind;
mod layout;
mod naming;
mod overrides;
mod project;
mod share;

pub(super) use compose::Chosen;
pub(super) use imports::{Edit, apply};
pub(crate) use overrides::FILE as OVERRIDE_FILE;

use super::{
    Settings,
    contents::Contents,
    item::{self, Paths},
};
use crate::{
    blobs::Blobs,
    files::Files,
    path,
    registry::{Definition, Quarantined, Registry, RegistryKind, SourceError},
    resolve::Resolver,
    tree::{Tree, TreeError},
};
use compose::{Common, Composer};
use layout::Layout;
use model::{Diagnostic, DiagnosticCode, MAX_ITEMS};
use overrides::Overrides;
use project::Project;
use share::Shares;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    rc::Rc,
};

/// How many names a finding lists.
const MAX_LISTED: usize = 8;

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
    if let Some(package) = resolver.package_of(&crate::files::join(folder, "x"))? {
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
        let package = project.resolver.package_of(&crate::files::join(folder, "x"))?;
        let package = package.map(|package| package.folder.clone()).unwrap_or_default();
        pages.extend(find::pages(&project.files, &package));
    }
    let published = layout.published();
    pages.retain(|page| !published.iter().any(|folder| layout::is_below(page, folder)));
    pages.sort_unstable();
    pages.dedup();
    Ok(pages)
}

struct Reading<'a> {
    layout: &'a Layout,
    overrides: &'a Overrides,
    settings: &'a Settings,
    shares: &'a Shares,
}

impl Reading<'_> {
    fn items(
        &self,
        project: &mut Project<'_, '_>,
        registry: &mut Registry,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), SourceError> {
        let groups = &self.shares.groups;
        let names = self.names(project)?;
        let mut broken: BTreeMap<usize, &'static str> = BTreeMap::new();
        let duplicates = self.duplicates(&names);
        for (at, group) in groups.iter().enumerate() {
            if duplicates.contains_key(&at) {
                broken.insert(at, "its name is taken");
            }
            for file in &group.files {
                if !project.source(file)?.module.errors.is_empty() {
                    broken.insert(at, "it has a syntax error");
                }
            }
        }
        let places = self.places(project)?;
        let mut composer = Composer {
            project,
            layout: self.layout,
            overrides: self.overrides,
            settings: self.settings,
            shares: self.shares,
            names: &names,
            broken: &broken,
            places: &places,
            common: BTreeMap::new(),
        };
        let mut composed = Vec::with_capacity(groups.len());
        for at in 0..groups.len() {
            composed.push(composer.compose(at)?);
        }
        let common = std::mem::take(&mut composer.common);
        let tree = project.tree;
        let mut contents = Contents::new(tree, &mut *project.blobs);
        for (at, item) in composed.into_iter().enumerate() {
            let group = &groups[at];
            let definition = Definition { file: group.main.clone(), index: 0 };
            let place = |finding: Diagnostic| {
                let finding = if finding.file.is_none() { finding.in_file(&group.main) } else { finding };
                finding.at_item(0, Some(&names[at]))
            };
            let mut errors: Vec<Diagnostic> = item.errors;
            errors.extend(duplicates.get(&at).map(|holder| self.duplicate(at, *holder, &names[at])));
            if errors.is_empty() {
                match item::read(item.value, definition, &Paths::Chosen(&item.files), self.settings, &mut contents)? {
                    Ok(read) => {
                        registry.items.push(read);
                        registry.diagnostics.extend(item.warnings.into_iter().map(place));
                    }
                    Err(quarantined) => {
                        registry.diagnostics.extend(quarantined.diagnostics.iter().cloned());
                        registry.quarantined.push(quarantined);
                    }
                }
            } else {
                let diagnostics: Vec<Diagnostic> = errors.into_iter().map(place).collect();
                registry.diagnostics.extend(diagnostics.iter().cloned());
                registry.quarantined.push(Quarantined {
                    name: item::item_name(&names[at], self.settings).ok(),
                    written_name: Some(names[at].clone()),
                    definition,
                    diagnostics,
                });
            }
            progress(at + 1, groups.len());
        }
        registry.diagnostics.extend(self.cycles(&names));
        registry.diagnostics.extend(common.into_iter().map(|(finding, files)| told(&finding, &files)));
        Ok(())
    }

    /// The name of each group.
    fn names(&self, project: &mut Project<'_, '_>) -> Result<Vec<String>, TreeError> {
        let mut names: Vec<Option<String>> = Vec::with_capacity(self.shares.groups.len());
        let mut taken = HashSet::new();
        for group in &self.shares.groups {
            let said = self.overrides.items.get(&group.path).and_then(|said| said.name.clone());
            let documented = project.source(&group.main)?.module.description(naming::stem(&group.main)).name;
            let name = match said.or(documented) {
                Some(name) => Some(name),
                None if group.is_shared => None,
                None => Some(naming::of_path(&group.path)),
            };
            taken.extend(name.clone());
            names.push(name);
        }
        let mut all = Vec::with_capacity(names.len());
        for (group, name) in self.shares.groups.iter().zip(names) {
            let name = name.unwrap_or_else(|| share::shared_name(self.layout, &group.path, &taken));
            taken.insert(name.clone());
            all.push(name);
        }
        Ok(all)
    }

    /// The groups whose names are taken, with who holds them: the first by path.
    fn duplicates(&self, names: &[String]) -> BTreeMap<usize, usize> {
        let mut holders: HashMap<&str, usize> = HashMap::new();
        let mut duplicates = BTreeMap::new();
        for (at, name) in names.iter().enumerate() {
            match holders.get(name.as_str()) {
                Some(holder) => {
                    duplicates.insert(at, *holder);
                }
                None => {
                    holders.insert(name, at);
                }
            }
        }
        duplicates
    }

    fn duplicate(&self, at: usize, holder: usize, name: &str) -> Diagnostic {
        let (own, holder) = (&self.shares.groups[at].path, &self.shares.groups[holder].path);
        let message = format!("{own} would be called {name:?} like {holder}, which is served");
        let problem = Diagnostic::error(DiagnosticCode::DuplicateName, message).at_field("name");
        problem.fix(format!(
            "Rename one of the two, write `@name` in its doc comment, or give {own:?} a `name` in ekairos.json."
        ))
    }

    /// Where each file goes.
    fn places(&self, project: &mut Project<'_, '_>) -> Result<HashMap<String, String>, TreeError> {
        let mut places = HashMap::with_capacity(self.shares.owners.len());
        let added = self.overrides.items.values().flat_map(|item| item.files.add.iter());
        for file in self.shares.owners.keys().chain(added) {
            let package = project.resolver.package_of(file)?.map(|package| package.folder.clone()).unwrap_or_default();
            places.insert(file.clone(), self.layout.place(file, &package));
        }
        Ok(places)
    }

    fn cycles(&self, names: &[String]) -> Vec<Diagnostic> {
        let edges: Vec<Vec<usize>> = self.shares.needs.iter().map(|needs| needs.iter().copied().collect()).collect();
        let cycles = graph::cycles(&edges).into_iter().map(|members| {
            let listed: Vec<&str> = members.iter().map(|member| names[*member].as_str()).collect();
            let first = &self.shares.groups[members[0]].main;
            let message = format!("these items import each other in a circle: {}", list(&listed));
            Diagnostic::warning(DiagnosticCode::ImportCycle, message)
                .in_file(first)
                .fix("Nothing, if that is meant: the CLI installs each of them once.")
        });
        cycles.collect()
    }
}

/// A finding that is told once for all its files.
fn told(finding: &Common, files: &BTreeSet<String>) -> Diagnostic {
    let listed: Vec<&str> = files.iter().map(String::as_str).collect();
    let first = listed.first().copied().unwrap_or_default();
    let finding = match finding {
        Common::Undeclared(name) => Diagnostic::warning(
            DiagnosticCode::UndeclaredImport,
            format!(
                "{name:?} is imported by {}, but no package.json declares it; any version is installed",
                list(&listed)
            ),
        )
        .fix(format!("Add {name:?} to the `dependencies` of the package.json.")),
        Common::Unusable(name, written) => Diagnostic::warning(
            DiagnosticCode::UnusableRange,
            format!(
                "{name:?} is declared as {written:?}, which means nothing elsewhere; any version is installed ({})",
                list(&listed)
            ),
        )
        .fix("Declare a version that the npm registry has, or name one in ekairos.json."),
    };
    finding.in_file(first)
}

fn list(names: &[&str]) -> String {
    let more = names.len().saturating_sub(MAX_LISTED);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
