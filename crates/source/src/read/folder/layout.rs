//! Which folders are read, and where in a project their files go.

use super::kind::Kind;
use crate::{
    files::{Files, folders_upward, join},
    path,
};

/// Folders beside each other whose names tell what they hold, and where a
/// project of shadcn's keeps that.
const BESIDE: [(&str, &str, Kind); 9] = [
    ("components", "components", Kind::Component),
    ("ui", "components/ui", Kind::Ui),
    ("primitives", "components/ui", Kind::Ui),
    ("blocks", "components/blocks", Kind::Block),
    ("hooks", "hooks", Kind::Hook),
    ("lib", "lib", Kind::Lib),
    ("utils", "utils", Kind::Lib),
    ("util", "util", Kind::Lib),
    ("helpers", "helpers", Kind::Lib),
];

/// A folder with what it holds and where that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) folder: String,
    /// Where its files go in a project: `components/ui`.
    pub(super) place: String,
    pub(super) kind: Kind,
    /// Whether its files are items by themselves. Those of other sources are
    /// published only with or for an item that imports them.
    pub(super) is_published: bool,
    /// Whether it was asked for, and not found beside one that was.
    is_chosen: bool,
}

/// All folders of one registry.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// The deepest ones first, so that the first match is the right one.
    sources: Vec<Source>,
    /// The folders that stand for a project's own source folder.
    bases: Vec<String>,
}

/// What is known of the package that a folder is in.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    /// The folder of the nearest `package.json`; the root without one.
    pub(super) package: String,
    /// Whether it is an app: then only what items need of its library is published.
    pub(super) is_app: bool,
    /// Whether it is all about its UI components, by its name.
    pub(super) is_ui: bool,
    /// What its `components.json` calls its folders.
    pub(super) named: Vec<(String, Kind)>,
}

impl Layout {
    /// Adds a folder. With `beside`, what is beside it is published as well, if
    /// it is the folder of components itself.
    pub(super) fn add(&mut self, files: &Files, folder: &str, kind: Option<Kind>, around: &Surroundings, beside: bool) {
        let base = base_of(folder, around);
        let is_whole = folder == base;
        let beside = is_whole || (beside && is_known(folder, around) && path::parent(folder) == base);
        for mut source in guesses(files, &base, around) {
            // Of an app's library only what items need is published.
            source.is_published = beside && !(source.kind == Kind::Lib && around.is_app);
            self.put(source);
        }
        let guess = self.sources.iter().find(|source| source.folder == folder);
        let by_name = guess.map(|guess| guess.kind).or_else(|| Kind::of_folder(path::basename(folder)));
        let own = kind.or(by_name).unwrap_or(match self.source_of(folder) {
            Some(above) if !is_whole => above.kind,
            _ if around.is_ui => Kind::Ui,
            _ => Kind::Component,
        });
        let place = match (kind, guess) {
            (Some(kind), _) => kind.place().to_owned(),
            (None, Some(guess)) => guess.place.clone(),
            // A part of the components keeps its place among them.
            (None, None) if !is_whole => match self.source_of(folder) {
                Some(above) => join(&above.place, rest(folder, &above.folder)),
                None => rest(folder, &base).to_owned(),
            },
            (None, None) => own.place().to_owned(),
        };
        self.put(Source { folder: folder.to_owned(), place, kind: own, is_published: true, is_chosen: true });
        if !self.bases.contains(&base) {
            self.bases.push(base);
            self.bases.sort_by_key(|base| std::cmp::Reverse(base.len()));
        }
    }

    fn put(&mut self, source: Source) {
        match self.sources.iter_mut().find(|known| known.folder == source.folder) {
            Some(known) if known.is_chosen && !source.is_chosen => known.is_published |= source.is_published,
            Some(known) => *known = source,
            None => self.sources.push(source),
        }
        self.sources.sort_by(|a, b| b.folder.len().cmp(&a.folder.len()).then_with(|| a.folder.cmp(&b.folder)));
    }

    /// The folders whose files are items, in the order of their paths.
    pub(super) fn published(&self) -> Vec<&str> {
        let mut folders: Vec<&str> =
            self.sources.iter().filter(|source| source.is_published).map(|source| source.folder.as_str()).collect();
        folders.sort_unstable();
        folders
    }

    /// The innermost folder that a file is in.
    pub(super) fn source_of(&self, path: &str) -> Option<&Source> {
        self.sources.iter().find(|source| is_below(path, &source.folder))
    }

    /// A file's path below the folder that is read; for others the whole path.
    pub(super) fn below<'p>(&self, path: &'p str) -> &'p str {
        self.source_of(path).map_or(path, |source| rest(path, &source.folder))
    }

    /// What a file is by its folders: the innermost one that tells counts. None
    /// does for files elsewhere.
    pub(super) fn kind(&self, path: &str) -> Option<Kind> {
        let source = self.source_of(path);
        let folders = path::parent(source.map_or(path, |source| rest(path, &source.folder)));
        folders.rsplit('/').find_map(Kind::of_folder).or_else(|| source.map(|source| source.kind))
    }

    /// Whether a folder holds items rather than being one: it is read itself, its
    /// name tells what its files are, or it is a whole package.
    pub(super) fn is_shelf(&self, files: &Files, folder: &str) -> bool {
        let name = path::basename(folder);
        matches!(name, "components" | "src")
            || Kind::of_folder(name).is_some()
            || files.has(&join(folder, "package.json"))
            || self.bases.iter().any(|base| base == folder)
            || self.sources.iter().any(|source| source.folder == folder)
    }

    /// Where a file goes in a project of shadcn's: a path below its source
    /// folder. `package` is the folder of the package that the file is in.
    pub(super) fn place(&self, path: &str, package: &str) -> String {
        if let Some(source) = self.source_of(path) {
            return join(&source.place, rest(path, &source.folder));
        }
        // A base may be a folder above other packages, whose files are not its own.
        if let Some(base) = self.bases.iter().find(|base| is_below(path, base) && is_below(base, package)) {
            return rest(path, base).to_owned();
        }
        let below = rest(path, package);
        if self.bases.iter().any(|base| is_below(base, package)) {
            return below.to_owned();
        }
        elsewhere(path, package)
    }
}

/// The folder that stands for a project's own source folder: the one that has
/// the folder of components in it, if `folder` is that or below it.
fn base_of(folder: &str, around: &Surroundings) -> String {
    let upward = std::iter::once(folder).chain(folders_upward(folder));
    let mut own = upward.take_while(|above| is_below(above, &around.package) && *above != around.package);
    let Some(known) = own.find(|above| is_known(above, around)) else { return folder.to_owned() };
    let above = path::parent(known);
    let is_inner = !is_components(known, around) && is_components(above, around);
    if is_inner { path::parent(above).to_owned() } else { above.to_owned() }
}

fn is_known(folder: &str, around: &Surroundings) -> bool {
    let is_named = around.named.iter().any(|(named, _)| named == folder);
    is_named || BESIDE.iter().any(|(known, ..)| *known == path::basename(folder))
}

fn is_components(folder: &str, around: &Surroundings) -> bool {
    let named = around.named.iter().any(|(named, kind)| named == folder && *kind == Kind::Component);
    named || path::basename(folder) == "components"
}

/// What the folders in a base are by their names, and by `components.json`.
fn guesses(files: &Files, base: &str, around: &Surroundings) -> Vec<Source> {
    let has = |name: &str| files.has_folder(&join(base, name));
    let mut found = Vec::new();
    for (name, place, kind) in BESIDE.into_iter().filter(|(name, ..)| has(name)) {
        let folder = join(base, name);
        let is_flat = !files.has_folder(&join(&folder, "ui")) && !has("ui") && !has("primitives");
        let (place, kind) = match name {
            "primitives" if has("ui") => ("components/primitives", kind),
            // A package of UI components keeps them in one folder.
            "components" if around.is_ui && is_flat => ("components/ui", Kind::Ui),
            _ => (place, kind),
        };
        found.push(Source { folder, place: place.to_owned(), kind, is_published: false, is_chosen: false });
    }
    for (folder, kind) in around.named.iter().filter(|(folder, _)| is_below(folder, base) && folder != base) {
        // What it names is not looked for by other names; there may be more than one library.
        found.retain(|source| source.folder != *folder && (source.kind != *kind || *kind == Kind::Lib));
        let (folder, place) = (folder.clone(), kind.place().to_owned());
        found.push(Source { folder, place, kind: *kind, is_published: false, is_chosen: false });
    }
    found
}

/// Where a file of another package goes: below the project's library.
pub(super) fn elsewhere(path: &str, package: &str) -> String {
    let below = rest(path, package);
    let below = below.strip_prefix("src/").unwrap_or(below);
    match path::basename(package) {
        "" => format!("lib/{below}"),
        name => format!("lib/{name}/{below}"),
    }
}

/// Whether a path is a folder itself or below it.
pub(super) fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path from a folder on.
pub(super) fn rest<'p>(path: &'p str, folder: &str) -> &'p str {
    path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/')
}
