//! From the files of an item to the item.

use super::{
    barrel,
    group::{Group, is_code},
    imports::{self, Edit},
    kind::Kind,
    naming,
    overrides::{Change, ItemOverride, Overrides},
    plan::{Plan, Planned, Slot},
    project::{Project, Target, Why},
    share::Shares,
};
use crate::{dependencies::split_package, module::Import, read::Settings, resolve::Range, tree::TreeError};
use model::{Diagnostic, DiagnosticCode};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

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

/// Why a group is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// Another item has its name.
    Duplicate,
    /// One of its files cannot be parsed.
    Syntax,
}

/// A finding that many items may share, so that it is told once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Common {
    /// No `package.json` declares this package.
    Undeclared(String),
    /// Only this other `package.json` declares this package.
    Borrowed(String, String),
    /// The range of this package, as written, means nothing elsewhere.
    Unusable(String, String),
}

pub(super) struct Composer<'a, 't, 'b> {
    pub(super) project: &'a mut Project<'t, 'b>,
    pub(super) overrides: &'a Overrides,
    pub(super) settings: &'a Settings,
    pub(super) shares: &'a Shares,
    pub(super) plan: &'a Plan,
    /// Groups that are not served, and why.
    pub(super) broken: &'a BTreeMap<usize, Broken>,
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
        let Planned { name, kind, doc, warnings } = &self.plan.items[at];
        let (doc, mut warnings) = (doc.clone(), warnings.clone());
        let files = self.files(group, &said, &mut warnings);
        let mut errors = Vec::new();
        let mut needs = Needs::default();
        let (mut entries, mut chosen) = (Vec::new(), Vec::new());
        for file in &files {
            let edits = self.file(at, file, &mut needs, &mut errors, &mut warnings)?;
            entries.push(self.entry(file, *kind));
            chosen.push(Chosen { source: file.clone(), edits });
        }
        for need in &self.shares.needs[at] {
            // Under a name that another item has, that one would be installed.
            if self.broken.get(need) != Some(&Broken::Duplicate) {
                needs.registry_dependencies.insert(self.plan.items[*need].name.clone());
            }
        }
        self.warn_broken(at, &mut warnings);
        let mut item = Map::new();
        item.insert("name".to_owned(), json!(name));
        item.insert("type".to_owned(), json!(kind.as_type()));
        let title = said.title.clone().or(doc.title).unwrap_or_else(|| naming::title(name));
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
        if crate::dependencies::is_brought_along(name) {
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
            Range::Borrowed { file: declaring, .. } => {
                let common = Common::Borrowed(name.to_owned(), declaring.clone());
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
        let (from, to) = (self.plan.places.get(file)?, self.plan.places.get(target)?);
        let together = self.stay_together(at, file, target);
        let is_lost = import.specifier.starts_with('.') && !together && self.is_page(file, target);
        if self.overrides.keeps_imports || (!is_lost && imports::leads(from, &import.specifier, to)) {
            return None;
        }
        let hint = import.specifier.find('?').map_or("", |at| &import.specifier[at..]);
        Some(edit(import, format!("{}{hint}", imports::specifier(from, to, together))))
    }

    /// Whether two files of an item keep their places to each other wherever it
    /// is installed: a page goes where its framework wants it.
    fn stay_together(&self, at: usize, file: &str, target: &str) -> bool {
        self.shares.owners.get(target) == Some(&at) && !self.is_page(file, target)
    }

    fn is_page(&self, file: &str, target: &str) -> bool {
        self.plan.pages.contains(file) || self.plan.pages.contains(target)
    }

    /// The edit that leads an import by name to where the names come from.
    fn through(&self, at: usize, file: &str, import: &Import, origins: &[barrel::Origin]) -> Option<Edit> {
        let from = self.plan.places.get(file)?;
        let specifiers = origins.iter().map(|origin| {
            let together = self.stay_together(at, file, &origin.file);
            Some(imports::specifier(from, self.plan.places.get(&origin.file)?, together))
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
    fn entry(&self, file: &str, kind: Kind) -> Value {
        let place = self.plan.places.get(file).map_or(file, String::as_str);
        let (slot, said) = (Slot::of(place), self.plan.targets.get(file).cloned());
        // Code is changed when it is installed, anything else is not.
        let kind = match kind {
            _ if self.plan.pages.contains(file) => Kind::Page,
            Kind::Item | Kind::File => kind,
            _ if !is_code(file) => Kind::File,
            kind => slot.kind(kind, file),
        };
        let must_have = matches!(kind, Kind::File | Kind::Item) || slot.needs_target(place);
        match said.or_else(|| must_have.then(|| slot.target(place))) {
            Some(target) => json!({"path": place, "type": kind.as_type(), "target": target}),
            None => json!({"path": place, "type": kind.as_type()}),
        }
    }

    fn warn_broken(&self, at: usize, warnings: &mut Vec<Diagnostic>) {
        for need in &self.shares.needs[at] {
            if let Some(broken) = self.broken.get(need) {
                let why = match broken {
                    Broken::Duplicate => "another item has its name",
                    Broken::Syntax => "it has a syntax error",
                };
                let (needed, path) = (&self.plan.items[*need].name, &self.shares.groups[*need].path);
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

fn packages(found: &BTreeMap<String, Range>, change: &Change) -> Vec<String> {
    let found = found.iter().filter(|(name, _)| !change.remove.contains(name)).map(|(name, range)| range.of(name));
    let mut list: Vec<String> = found.filter(|package| !change.remove.contains(package)).collect();
    for added in &change.add {
        // What is added takes the place of what was found of the same package.
        list.retain(|package| split_package(package).0 != split_package(added).0);
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
