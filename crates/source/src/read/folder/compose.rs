//! From the files of an item to the item.

use super::{
    barrel,
    group::{Group, is_code, is_page},
    imports::{self, Edit},
    kind::Kind,
    layout::Layout,
    naming,
    overrides::{Change, ItemOverride, Overrides},
    project::{Project, Target, Why},
    share::{self, Shares},
};
use crate::{
    module::{Doc, Import},
    path,
    read::Settings,
    resolve::Range,
    tree::TreeError,
};
use model::{Diagnostic, DiagnosticCode};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An item that is ready to be read like any other.
pub(super) struct Composed {
    pub(super) value: Value,
    /// What holds each of its files.
    pub(super) files: Vec<Chosen>,
    /// Why it cannot be served.
    pub(super) errors: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// A file of the tree that is served, with what is written anew in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::read) struct Chosen {
    pub(in crate::read) source: String,
    pub(in crate::read) edits: Vec<Edit>,
}

/// A finding that many items may share, so that it is told once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Common {
    /// No `package.json` declares this package.
    Undeclared(String),
    /// The range of this package, as written, means nothing elsewhere.
    Unusable(String, String),
}

pub(super) struct Composer<'a, 't, 'b> {
    pub(super) project: &'a mut Project<'t, 'b>,
    pub(super) layout: &'a Layout,
    pub(super) overrides: &'a Overrides,
    pub(super) settings: &'a Settings,
    pub(super) shares: &'a Shares,
    /// By group.
    pub(super) names: &'a [String],
    /// Groups that are not served, and why.
    pub(super) broken: &'a BTreeMap<usize, &'static str>,
    /// Where each file goes.
    pub(super) places: &'a HashMap<String, String>,
    /// Who has each common finding.
    pub(super) common: BTreeMap<Common, BTreeSet<String>>,
}

/// What the files of an item need.
#[derive(Default)]
struct Needs {
    dependencies: BTreeMap<String, Range>,
    dev_dependencies: BTreeMap<String, Range>,
    registry_dependencies: BTreeSet<String>,
}

impl Composer<'_, '_, '_> {
    pub(super) fn compose(&mut self, at: usize) -> Result<Composed, TreeError> {
        let group = &self.shares.groups[at];
        let said = self.overrides.items.get(&group.path).cloned().unwrap_or_default();
        let doc = self.doc(group)?;
        let mut warnings = Vec::new();
        let kind = self.kind(group, &said, &doc, &mut warnings)?;
        let name = self.names[at].clone();
        let files = self.files(group, &said, &mut warnings);
        let mut errors = Vec::new();
        let mut needs = Needs::default();
        let (mut entries, mut chosen) = (Vec::new(), Vec::new());
        for file in &files {
            let edits = self.file(at, file, &mut needs, &mut errors, &mut warnings)?;
            entries.push(self.entry(group, file, kind, &name, &said));
            chosen.push(Chosen { source: file.clone(), edits });
        }
        for need in &self.shares.needs[at] {
            needs.registry_dependencies.insert(self.names[*need].clone());
        }
        self.warn_broken(at, &mut warnings);
        let mut item = Map::new();
        item.insert("name".to_owned(), json!(name));
        item.insert("type".to_owned(), json!(kind.as_type()));
        let title = said.title.clone().or(doc.title).unwrap_or_else(|| naming::title(&name));
        item.insert("title".to_owned(), json!(title));
        if let Some(description) = said.description.clone().or(doc.description) {
            item.insert("description".to_owned(), json!(description));
        }
        let lists = [
            ("dependencies", packages(&needs.dependencies, &said.dependencies)),
            ("devDependencies", packages(&needs.dev_dependencies, &said.dev_dependencies)),
            ("registryDependencies", changed(needs.registry_dependencies, &said.registry_dependencies)),
        ];
        for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            item.insert(key.to_owned(), json!(list));
        }
        item.insert("files".to_owned(), Value::Array(entries));
        if let Some(docs) = &said.docs {
            item.insert("docs".to_owned(), json!(docs));
        }
        if let Some(categories) = &said.categories {
            item.insert("categories".to_owned(), json!(categories));
        }
        Ok(Composed { value: Value::Object(item), files: chosen, errors, warnings })
    }

    fn doc(&mut self, group: &Group) -> Result<Doc, TreeError> {
        let source = self.project.source(&group.main)?;
        let stem = naming::stem(&group.main);
        let stem = if stem == "index" || stem == "page" { path::basename(path::parent(&group.main)) } else { stem };
        let mut doc = source.module.description(stem);
        // An index that passes on says nothing; the file of the folder's name may.
        if doc.is_empty() && source.module.is_barrel {
            let own = naming::kebab(path::basename(&group.path));
            if let Some(file) = group.files.iter().find(|file| naming::kebab(naming::stem(file)) == own) {
                doc = self.project.source(file)?.module.description(&own);
            }
        }
        Ok(doc)
    }

    fn kind(
        &mut self,
        group: &Group,
        said: &ItemOverride,
        doc: &Doc,
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<Kind, TreeError> {
        if let Some(kind) = said.kind {
            return Ok(kind);
        }
        match doc.kind.as_deref().map(|written| (written, Kind::parse(written))) {
            Some((_, Some(kind))) => return Ok(kind),
            Some((written, None)) => {
                let message = format!("{}: `@type {written}` is no type of an item, and is read past", group.main);
                let known: Vec<&str> = Kind::NAMES.iter().map(|(name, _)| *name).collect();
                let warning = Diagnostic::warning(DiagnosticCode::UnknownType, message).in_file(&group.main);
                warnings.push(warning.fix(format!("Write one of {}.", known.join(", "))));
            }
            None => {}
        }
        share::kind_of(self.project, self.layout, group)
    }

    /// The item's files with those that are added and without those removed.
    fn files(&self, group: &Group, said: &ItemOverride, warnings: &mut Vec<Diagnostic>) -> Vec<String> {
        let mut files: Vec<String> =
            group.files.iter().filter(|file| !said.files.remove.contains(file)).cloned().collect();
        for file in &said.files.add {
            if !self.project.files.has(file) {
                let message =
                    format!("the file {file:?}, which is to be added to {}, is not in the repository", group.path);
                let warning = Diagnostic::warning(DiagnosticCode::Override, message);
                let overriding = self.overrides.file.as_deref().unwrap_or_default();
                warnings.push(warning.in_file(overriding).fix("Correct the path, or commit the file."));
            } else if !files.contains(file) {
                files.push(file.clone());
            }
        }
        files
    }

    /// What a file needs, and what is to be written anew in it.
    fn file(
        &mut self,
        at: usize,
        file: &str,
        needs: &mut Needs,
        errors: &mut Vec<Diagnostic>,
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<Vec<Edit>, TreeError> {
        let source = self.project.source(file)?;
        errors.extend(source.module.errors.iter().map(|error| {
            let message = format!("{file}:{}:{}: {}", error.line, error.column, error.message);
            Diagnostic::error(DiagnosticCode::SyntaxError, message)
                .in_file(file)
                .fix("Correct the file; nothing else waits for it.")
        }));
        let mut edits = Vec::new();
        for (nth, (import, target)) in source.module.imports.iter().zip(&source.targets).enumerate() {
            match target {
                Target::Package { name, range } => self.package(file, name, range, needs)?,
                Target::File(target) => edits.extend(match self.shares.origins.get(&(file.to_owned(), nth)) {
                    Some(origins) => self.through(at, file, import, origins),
                    None => self.own(at, file, import, target),
                }),
                Target::Unresolved => edits.extend(self.unresolved(file, import, needs, warnings)),
                Target::Kept(target, why) => warnings.push(kept(file, import, target, *why)),
                Target::Builtin => {}
            }
        }
        edits.retain(|edit| edit.end > edit.start);
        Ok(edits)
    }

    fn package(&mut self, file: &str, name: &str, range: &Range, needs: &mut Needs) -> Result<(), TreeError> {
        if is_brought_along(name) {
            return Ok(());
        }
        match range {
            Range::Undeclared => {
                self.common.entry(Common::Undeclared(name.to_owned())).or_default().insert(file.to_owned());
            }
            Range::Unusable(written) => {
                let common = Common::Unusable(name.to_owned(), written.clone());
                self.common.entry(common).or_default().insert(file.to_owned());
            }
            Range::Known(_) | Range::Any => {}
        }
        needs.dependencies.entry(name.to_owned()).or_insert_with(|| range.clone());
        if let Some((types, range)) = self.project.resolver.types_of(file, name)? {
            needs.dev_dependencies.entry(types).or_insert(range);
        }
        Ok(())
    }

    /// The edit that makes an import of the repository's own lead to where its
    /// file is installed.
    fn own(&self, at: usize, file: &str, import: &Import, target: &str) -> Option<Edit> {
        let (from, to) = (self.places.get(file)?, self.places.get(target)?);
        if self.overrides.keeps_imports || imports::leads(from, &import.specifier, to) {
            return None;
        }
        let is_same_item = self.shares.owners.get(target) == Some(&at);
        let hint = import.specifier.find('?').map_or("", |at| &import.specifier[at..]);
        Some(edit(import, format!("{}{hint}", imports::specifier(from, to, is_same_item))))
    }

    /// The edit that leads an import by name to where the names come from.
    fn through(&self, at: usize, file: &str, import: &Import, origins: &[barrel::Origin]) -> Option<Edit> {
        let from = self.places.get(file)?;
        let specifiers = origins.iter().map(|origin| {
            let is_same_item = self.shares.owners.get(&origin.file) == Some(&at);
            Some(imports::specifier(from, self.places.get(&origin.file)?, is_same_item))
        });
        let specifiers: Vec<String> = specifiers.collect::<Option<_>>()?;
        let is_renamed = origins.iter().zip(&import.names).any(|(origin, name)| origin.name != name.imported);
        if !is_renamed && specifiers.iter().all(|specifier| *specifier == specifiers[0]) {
            return Some(edit(import, specifiers[0].clone()));
        }
        let (start, end) = import.statement?;
        let text = barrel::statement(import.kind, import.is_type, &import.names, origins, &specifiers);
        Some(Edit { start: start as usize, end: end as usize, text })
    }

    fn unresolved(
        &self,
        file: &str,
        import: &Import,
        needs: &mut Needs,
        warnings: &mut Vec<Diagnostic>,
    ) -> Option<Edit> {
        if let Some((name, path)) = imports::shadcn_item(&import.specifier)
            && self.settings.is_shadcn_name.is_some_and(|is_known| is_known(name))
        {
            needs.registry_dependencies.insert(name.to_owned());
            let is_understood = import.specifier.starts_with("@/") || self.overrides.keeps_imports;
            return (!is_understood).then(|| edit(import, path));
        }
        let message =
            format!("{file}:{} imports {:?}, which leads to no file of the repository", import.line, import.specifier);
        warnings.push(
            Diagnostic::warning(DiagnosticCode::UnresolvedImport, message)
                .in_file(file)
                .fix("Correct the import, or add what it means to `paths` in tsconfig.json."),
        );
        None
    }

    /// The entry of a file in the item.
    fn entry(&self, group: &Group, file: &str, kind: Kind, name: &str, said: &ItemOverride) -> Value {
        let place = self.places.get(file).cloned().unwrap_or_else(|| file.to_owned());
        let is_main = file == group.main;
        let slot = Slot::of(&place);
        let said_target = said.target.clone().filter(|_| is_main);
        if is_page(file) || (is_main && kind == Kind::Page) {
            let target = said_target.unwrap_or_else(|| page_target(file, name));
            return json!({"path": place, "type": "registry:page", "target": target});
        }
        if !is_code(file) || matches!(kind, Kind::File | Kind::Item) {
            let kind = if kind == Kind::Item { Kind::Item } else { Kind::File };
            let target = said_target.unwrap_or_else(|| slot.target(&place));
            return json!({"path": place, "type": kind.as_type(), "target": target});
        }
        let kind = slot.kind(kind, file);
        match said_target.or_else(|| slot.needs_target(&place).then(|| slot.target(&place))) {
            Some(target) => json!({"path": place, "type": kind.as_type(), "target": target}),
            None => json!({"path": place, "type": kind.as_type()}),
        }
    }

    fn warn_broken(&self, at: usize, warnings: &mut Vec<Diagnostic>) {
        for need in &self.shares.needs[at] {
            if let Some(why) = self.broken.get(need) {
                let (needed, path) = (&self.names[*need], &self.shares.groups[*need].path);
                let message = format!("it needs {needed:?} ({path}), which is not served: {why}");
                let main = &self.shares.groups[at].main;
                warnings.push(
                    Diagnostic::warning(DiagnosticCode::UnresolvedDependency, message)
                        .in_file(main)
                        .fix(format!("Mend {path}, or it cannot be installed with this item.")),
                );
            }
        }
    }
}

/// The folders that a project's aliases name, and all others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Ui,
    Components,
    Hooks,
    Lib,
    Elsewhere,
}

impl Slot {
    fn of(place: &str) -> Self {
        let slots = [Self::Ui, Self::Components, Self::Hooks, Self::Lib];
        slots.into_iter().find(|slot| place.starts_with(slot.folder())).unwrap_or(Self::Elsewhere)
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Ui => "components/ui/",
            Self::Components => "components/",
            Self::Hooks => "hooks/",
            Self::Lib => "lib/",
            Self::Elsewhere => "",
        }
    }

    /// The target that puts a file at its place whatever a project calls its folders.
    fn target(self, place: &str) -> String {
        let rest = &place[self.folder().len()..];
        match self {
            Self::Ui => format!("@ui/{rest}"),
            Self::Components => format!("@components/{rest}"),
            Self::Hooks => format!("@hooks/{rest}"),
            Self::Lib => format!("@lib/{rest}"),
            Self::Elsewhere => rest.to_owned(),
        }
    }

    /// Without a target the CLI puts a file into the folder for its type, and
    /// keeps of its path only what follows that folder's name.
    fn needs_target(self, place: &str) -> bool {
        self == Self::Elsewhere || place[self.folder().len()..].contains('/')
    }

    /// The type of a file of code there.
    fn kind(self, item: Kind, file: &str) -> Kind {
        match self {
            Self::Ui => Kind::Ui,
            Self::Components if item == Kind::Block => Kind::Block,
            Self::Components => Kind::Component,
            Self::Hooks => Kind::Hook,
            Self::Elsewhere if file.ends_with('x') => Kind::Component,
            Self::Lib | Self::Elsewhere => Kind::Lib,
        }
    }
}

/// Where a page goes: `app/…/page.tsx`, which the CLI translates for each framework.
fn page_target(file: &str, name: &str) -> String {
    let extension = path::basename(file).rsplit_once('.').map_or("tsx", |(_, extension)| extension);
    let segments: Vec<&str> = path::parent(file).split('/').collect();
    let after =
        |folder: &str| segments.iter().rposition(|segment| *segment == folder).map(|at| segments[at + 1..].join("/"));
    let route = if is_page(file) {
        after("app").unwrap_or_else(|| name.to_owned())
    } else {
        let folder = after("pages").unwrap_or_default();
        let stem = naming::stem(file);
        if stem == "index" { folder } else { crate::files::join(&folder, stem) }
    };
    if route.is_empty() { format!("app/page.{extension}") } else { format!("app/{route}/page.{extension}") }
}

fn kept(file: &str, import: &Import, target: &str, why: Why) -> Diagnostic {
    let (reason, fix) = match why {
        Why::Binary => ("which is no text", "Host it elsewhere and name its URL, or write it as code."),
        Why::Private => (
            "which is a test, a configuration or the like",
            "Move what is imported beside the component, or leave the item out in ekairos.json.",
        ),
        Why::Page => (
            "which is a part of the app's pages",
            "Move what is imported beside the component, or leave the item out in ekairos.json.",
        ),
        Why::Program => (
            "which would bring too many other files along",
            "Import what the component needs from a file of its own, or leave the item out in ekairos.json.",
        ),
    };
    let specifier = &import.specifier;
    let message =
        format!("{file}:{} imports {specifier:?}, that is {target}, {reason}, so it is not published", import.line);
    Diagnostic::warning(DiagnosticCode::UnpublishedImport, message).in_file(file).fix(fix)
}

fn edit(import: &Import, text: String) -> Edit {
    Edit { start: import.start as usize, end: import.end as usize, text }
}

/// What every project has that installs components: the CLI's own rule
/// (`shadcn` 4.23.0, `getDependencyFromModuleSpecifier`), and their types.
fn is_brought_along(name: &str) -> bool {
    matches!(name, "react" | "react-dom" | "next" | "@types/react" | "@types/react-dom" | "@types/node")
}

fn packages(found: &BTreeMap<String, Range>, change: &Change) -> Vec<String> {
    let found = found.iter().filter(|(name, _)| !change.remove.contains(name)).map(|(name, range)| range.of(name));
    let mut list: Vec<String> = found.filter(|package| !change.remove.contains(package)).collect();
    for added in &change.add {
        // What is added takes the place of what was found of the same package.
        let name = |package: &str| package.get(1..).and_then(|rest| rest.find('@')).map_or(package.len(), |at| at + 1);
        list.retain(|package| package[..name(package)] != added[..name(added)]);
        list.push(added.clone());
    }
    list.sort_unstable();
    list
}

fn changed(found: BTreeSet<String>, change: &Change) -> Vec<String> {
    let mut list: BTreeSet<String> = found.into_iter().filter(|name| !change.remove.contains(name)).collect();
    list.extend(change.add.iter().cloned());
    list.into_iter().collect()
}
