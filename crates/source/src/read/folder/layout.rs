//! Which folders are read, and where in a project their files go.

use super::kind::Kind;
use crate::{
    files::{Files, join},
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
        let name = path::basename(folder);
        let above = path::parent(folder);
        let is_named = BESIDE.iter().any(|(known, ..)| *known == name);
        let base = match (is_named, path::basename(above)) {
            (true, "components") if name != "components" => path::parent(above),
            (true, _) => above,
            (false, _) => folder,
        };
        let has = |name: &str| files.has_folder(&join(base, name));
        for (name, place, kind) in BESIDE {
            let child = join(base, name);
            if !has(name) {
                continue;
            }
            let (mut place, mut kind) = (place, kind);
            if name == "primitives" && has("ui") {
                place = "components/primitives";
            }
            // A package of UI components keeps them in one folder.
            if name == "components"
                && around.is_ui
                && !files.has_folder(&join(&child, "ui"))
                && !has("ui")
                && !has("primitives")
            {
                (place, kind) = ("components/ui", Kind::Ui);
            }
            let is_library = matches!(kind, Kind::Lib) && around.is_app;
            let is_below = folder == base || (beside && is_named && path::parent(folder) == base);
            self.put(Source { folder: child, place: place.to_owned(), kind, is_published: is_below && !is_library });
        }
        for (named, kind) in &around.named {
            if named.starts_with(&join(base, "")) && named != folder {
                let is_published = self.source_of(named).is_some_and(|source| source.is_published);
                self.put(Source { folder: named.clone(), place: kind.place().to_owned(), kind: *kind, is_published });
            }
        }
        let own = self.sources.iter().find(|source| source.folder == folder).cloned();
        let guess = own.map_or(if around.is_ui { Kind::Ui } else { Kind::Component }, |own| own.kind);
        let named = around.named.iter().find(|(named, _)| named == folder).map(|(_, kind)| *kind);
        let place = match (kind.or(named), self.sources.iter().find(|source| source.folder == folder)) {
            (None, Some(own)) => own.place.clone(),
            (None, None) if base != folder => {
                // `components/ui`, whose place is told by the one above.
                let rest = folder.strip_prefix(base).unwrap_or(folder).trim_start_matches('/');
                rest.to_owned()
            }
            (kind, _) => kind.unwrap_or(guess).place().to_owned(),
        };
        let kind = kind.or(named).or_else(|| Kind::of_folder(name)).unwrap_or(guess);
        self.put(Source { folder: folder.to_owned(), place, kind, is_published: true });
        if !self.bases.iter().any(|known| known == base) {
            self.bases.push(base.to_owned());
            self.bases.sort_by_key(|base| std::cmp::Reverse(base.len()));
        }
    }

    fn put(&mut self, source: Source) {
        match self.sources.iter_mut().find(|known| known.folder == source.folder) {
            Some(known) => {
                let is_published = known.is_published || source.is_published;
                *known = Source { is_published, ..source };
            }
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
