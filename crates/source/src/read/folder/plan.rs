//! What is known of every item before any of them is put together: its name,
//! its type, and where its files go.

use super::{
    group::{Group, is_page},
    kind::Kind,
    layout::{self, Layout},
    naming,
    overrides::Overrides,
    project::Project,
    share::{self, Shares},
};
use crate::{files::join, module::Doc, path, tree::TreeError};
use model::{Diagnostic, DiagnosticCode};
use std::collections::{HashMap, HashSet};

/// All items, as they will be.
pub(super) struct Plan {
    /// One for each group.
    pub(super) items: Vec<Planned>,
    /// Where each file goes in a project of shadcn's own layout.
    pub(super) places: HashMap<String, String>,
    /// The targets of the files for which something else than their folders says
    /// where they go: pages, and what the override file names.
    pub(super) targets: HashMap<String, String>,
    /// The files that are pages, whose place differs from framework to framework.
    pub(super) pages: HashSet<String>,
}

/// One item, as it will be.
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) doc: Doc,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Plans all groups.
pub(super) fn plan(
    project: &mut Project<'_, '_>,
    layout: &Layout,
    overrides: &Overrides,
    shares: &Shares,
) -> Result<Plan, TreeError> {
    let mut items = Vec::with_capacity(shares.groups.len());
    for group in &shares.groups {
        let doc = doc(project, group)?;
        let mut warnings = Vec::new();
        let said = overrides.items.get(&group.path);
        let kind = match said.and_then(|said| said.kind).or_else(|| documented(group, &doc, &mut warnings)) {
            Some(kind) => kind,
            None => share::kind_of(project, layout, group)?,
        };
        let name = said.and_then(|said| said.name.clone()).or_else(|| doc.name.clone());
        let name = name.or_else(|| (!group.is_shared).then(|| naming::of_path(&group.path)));
        items.push(Planned { name: name.unwrap_or_default(), kind, doc, warnings });
    }
    // What items share has no name of its own; it takes one that is free.
    let mut taken: HashSet<String> = items.iter().map(|item| item.name.clone()).collect();
    for (item, group) in items.iter_mut().zip(&shares.groups).filter(|(item, _)| item.name.is_empty()) {
        item.name = share::shared_name(layout, &group.path, item.kind, &taken);
        taken.insert(item.name.clone());
    }
    let (mut targets, mut pages) = (HashMap::new(), HashSet::new());
    for (item, group) in items.iter().zip(&shares.groups) {
        for file in &group.files {
            let is_main = *file == group.main;
            if is_page(file) || (is_main && item.kind == Kind::Page) {
                pages.insert(file.clone());
                targets.insert(file.clone(), page_target(file, &item.name));
            }
        }
        if let Some(target) = overrides.items.get(&group.path).and_then(|said| said.target.clone()) {
            targets.insert(group.main.clone(), target);
        }
    }
    let places = places(project, layout, overrides, shares, &targets)?;
    Ok(Plan { items, places, targets, pages })
}

/// How the author describes an item.
fn doc(project: &mut Project<'_, '_>, group: &Group) -> Result<Doc, TreeError> {
    let source = project.source(&group.main)?;
    let stem = naming::stem(&group.main);
    let stem = if matches!(stem, "index" | "page") { path::basename(path::parent(&group.main)) } else { stem };
    let mut doc = source.module.description(stem);
    // An index that passes on says nothing; the file of the folder's name may.
    if doc.is_empty() && source.module.is_barrel {
        let own = naming::kebab(path::basename(&group.path));
        if let Some(file) = group.files.iter().find(|file| naming::kebab(naming::stem(file)) == own) {
            doc = project.source(file)?.module.description(&own);
        }
    }
    Ok(doc)
}

/// The type that the doc comment names.
fn documented(group: &Group, doc: &Doc, warnings: &mut Vec<Diagnostic>) -> Option<Kind> {
    let written = doc.kind.as_deref()?;
    let kind = Kind::parse(written);
    if kind.is_none() {
        let message = format!("{}: `@type {written}` is no type of an item, and is read past", group.main);
        let known: Vec<&str> = Kind::NAMES.iter().map(|(name, _)| *name).collect();
        let warning = Diagnostic::warning(DiagnosticCode::UnknownType, message).in_file(&group.main);
        warnings.push(warning.fix(format!("Write one of {}.", known.join(", "))));
    }
    kind
}

/// Where each file goes. Of two with one place the one that is read by itself
/// has it, else the first by path.
fn places(
    project: &mut Project<'_, '_>,
    layout: &Layout,
    overrides: &Overrides,
    shares: &Shares,
    targets: &HashMap<String, String>,
) -> Result<HashMap<String, String>, TreeError> {
    let added = overrides.items.values().flat_map(|item| item.files.add.iter());
    let mut files: Vec<&String> = shares.owners.keys().chain(added).collect();
    files.sort_by_key(|file| (layout.source_of(file).is_none(), *file));
    files.dedup();
    let (mut places, mut taken) = (HashMap::with_capacity(files.len()), HashSet::new());
    for file in files {
        if let Some(target) = targets.get(file) {
            places.insert(file.clone(), place_of(target));
            continue;
        }
        let package = project.resolver.package_of(file)?.map(|package| package.folder.clone()).unwrap_or_default();
        let elsewhere = layout::elsewhere(file, &package);
        let numbered = (2..).map(|number| elsewhere.replacen("lib/", &format!("lib/{number}/"), 1));
        let candidates = [layout.place(file, &package), elsewhere.clone()].into_iter().chain(numbered);
        let place = candidates.into_iter().find(|place| taken.insert(place.clone()));
        places.insert(file.clone(), place.expect("there is always another number"));
    }
    Ok(places)
}

/// Where a target puts a file in a project of shadcn's own layout.
fn place_of(target: &str) -> String {
    let target = target.trim_start_matches("~/");
    for slot in Slot::ALL {
        if let Some(rest) = target.strip_prefix(slot.alias()).filter(|_| slot != Slot::Elsewhere) {
            return format!("{}{rest}", slot.folder());
        }
    }
    target.strip_prefix("src/").unwrap_or(target).to_owned()
}

/// The folders that a project's aliases name, and all others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Ui,
    Components,
    Hooks,
    Lib,
    Elsewhere,
}

impl Slot {
    const ALL: [Self; 5] = [Self::Ui, Self::Components, Self::Hooks, Self::Lib, Self::Elsewhere];

    /// The one that a place is in.
    pub(super) fn of(place: &str) -> Self {
        Self::ALL.into_iter().find(|slot| place.starts_with(slot.folder())).unwrap_or(Self::Elsewhere)
    }

    fn alias(self) -> &'static str {
        match self {
            Self::Ui => "@ui/",
            Self::Components => "@components/",
            Self::Hooks => "@hooks/",
            Self::Lib => "@lib/",
            Self::Elsewhere => "",
        }
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
    pub(super) fn target(self, place: &str) -> String {
        format!("{}{}", self.alias(), &place[self.folder().len()..])
    }

    /// Without a target the CLI puts a file into the folder for its type, and
    /// keeps of its path only what follows that folder's name.
    pub(super) fn needs_target(self, place: &str) -> bool {
        self == Self::Elsewhere || place[self.folder().len()..].contains('/')
    }

    /// The type of a file of code there.
    pub(super) fn kind(self, item: Kind, file: &str) -> Kind {
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
        if stem == "index" { folder } else { join(&folder, stem) }
    };
    if route.is_empty() { format!("app/page.{extension}") } else { format!("app/{route}/page.{extension}") }
}
