//! From groups of files to items that are served or quarantined.

use super::{
    compose::{Broken, Common, Composed, Composer},
    graph,
    layout::Layout,
    overrides::Overrides,
    plan,
    project::Project,
    share::Shares,
};
use crate::{
    read::{
        Settings,
        contents::Contents,
        item::{self, Paths},
    },
    registry::{Definition, Quarantined, Registry, SourceError},
    tree::TreeError,
};
use model::{Diagnostic, DiagnosticCode};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many names a finding lists.
const MAX_LISTED: usize = 8;

/// Everything that decides what the items are.
pub(super) struct Reading<'a> {
    pub(super) layout: &'a Layout,
    pub(super) overrides: &'a Overrides,
    pub(super) settings: &'a Settings,
    pub(super) shares: &'a Shares,
}

impl Reading<'_> {
    /// Reads all items into the registry.
    pub(super) fn items(
        &self,
        project: &mut Project<'_, '_>,
        registry: &mut Registry,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), SourceError> {
        let groups = &self.shares.groups;
        let plan = plan::plan(project, self.layout, self.overrides, self.shares)?;
        let names: Vec<String> = plan.items.iter().map(|item| item.name.clone()).collect();
        let mut broken: BTreeMap<usize, Broken> = BTreeMap::new();
        let duplicates = duplicates(&names);
        for (at, group) in groups.iter().enumerate() {
            if duplicates.contains_key(&at) {
                broken.insert(at, Broken::Duplicate);
                continue;
            }
            for file in &group.files {
                if !project.source(file)?.module.errors.is_empty() {
                    broken.insert(at, Broken::Syntax);
                }
            }
        }
        let mut composer = Composer {
            project,
            overrides: self.overrides,
            settings: self.settings,
            shares: self.shares,
            plan: &plan,
            broken: &broken,
            common: BTreeMap::new(),
        };
        let items = (0..groups.len()).map(|at| composer.compose(at)).collect::<Result<Vec<_>, _>>()?;
        let common = std::mem::take(&mut composer.common);
        let tree = project.tree;
        let mut contents = Contents::new(tree, &mut *project.blobs);
        for (at, mut item) in items.into_iter().enumerate() {
            if let Some(holder) = duplicates.get(&at) {
                item.errors.push(self.duplicate(at, *holder, &names[at]));
            }
            self.item(at, &names[at], item, &mut contents, registry)?;
            progress(at + 1, groups.len());
        }
        registry.diagnostics.extend(self.cycles(&names));
        registry.diagnostics.extend(common.into_iter().map(|(finding, files)| told(&finding, &files)));
        Ok(())
    }

    /// Reads one item, or quarantines it.
    fn item(
        &self,
        at: usize,
        name: &str,
        item: Composed,
        contents: &mut Contents<'_>,
        registry: &mut Registry,
    ) -> Result<(), TreeError> {
        let group = &self.shares.groups[at];
        let definition = Definition { file: group.main.clone(), index: 0 };
        let place = |finding: Diagnostic| {
            let finding = if finding.file.is_none() { finding.in_file(&group.main) } else { finding };
            finding.at_item(0, Some(name))
        };
        let read = if item.errors.is_empty() {
            item::read(item.value, definition, &Paths::Chosen(&item.files), self.settings, contents)?
        } else {
            let diagnostics = item.errors.into_iter().map(place).collect();
            let written_name = Some(name.to_owned());
            Err(Quarantined { name: item::item_name(name, self.settings).ok(), written_name, definition, diagnostics })
        };
        match read {
            Ok(read) => {
                registry.items.push(read);
                registry.diagnostics.extend(item.warnings.into_iter().map(place));
            }
            Err(quarantined) => {
                registry.diagnostics.extend(quarantined.diagnostics.iter().cloned());
                registry.quarantined.push(quarantined);
            }
        }
        Ok(())
    }

    fn duplicate(&self, at: usize, holder: usize, name: &str) -> Diagnostic {
        let (own, holder) = (&self.shares.groups[at].path, &self.shares.groups[holder].path);
        let message = format!("{own} would be called {name:?} like {holder}, which is served");
        let problem = Diagnostic::error(DiagnosticCode::DuplicateName, message).at_field("name");
        problem.fix(format!(
            "Rename one of the two, write `@name` in its doc comment, or give {own:?} a `name` in ekairos.json."
        ))
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

/// The positions of names that stand before, with those of the first ones.
fn duplicates(names: &[String]) -> BTreeMap<usize, usize> {
    let mut holders: HashMap<&str, usize> = HashMap::new();
    let mut duplicates = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        let holder = *holders.entry(name).or_insert(at);
        if holder != at {
            duplicates.insert(at, holder);
        }
    }
    duplicates
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
        Common::Borrowed(name, declaring) => Diagnostic::warning(
            DiagnosticCode::UndeclaredImport,
            format!(
                "{name:?} is imported by {}, but only {declaring} declares it; its version is taken",
                list(&listed)
            ),
        )
        .fix(format!("Add {name:?} to the `dependencies` of the package.json of the files that import it.")),
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
