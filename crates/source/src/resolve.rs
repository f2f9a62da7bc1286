//! Where an import leads: to a file of the tree, to an npm package, or nowhere.
//!
//! By the rules of TypeScript and of bundlers, on the tree as it stands: nothing
//! is installed, so that of a package no more is known than its range.

mod catalog;
mod config;
mod package;
mod text;

pub use package::Range;

use crate::{
    files::{Files, folders_upward, join},
    path,
    tree::{Tree, TreeError},
};
use config::Paths;
use model::Diagnostic;
use package::Package;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};

/// Most `package.json` files that are read in search of workspace packages.
const MAX_PACKAGES: usize = 2_000;

/// Where an import leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// To this file of the tree.
    File(String),
    /// To an npm package.
    Package {
        /// Its name: `@scope/name`, without what is imported from it.
        name: String,
        /// The versions that the nearest `package.json` asks for.
        range: Range,
    },
    /// To what the runtime or the build tool brings along: `node:fs`,
    /// `virtual:icons`.
    Builtin,
    /// Nowhere: to a file that is not there.
    Unresolved,
}

/// Resolves the imports of one tree. What it has read it keeps.
pub struct Resolver<'t> {
    tree: &'t dyn Tree,
    files: Rc<Files>,
    /// By folder.
    packages: HashMap<String, Option<Rc<Package>>>,
    /// By folder; none where there is no configuration.
    configs: HashMap<String, Option<Rc<Paths>>>,
    /// Folders of the repository's own packages, by name.
    workspace: Option<Rc<BTreeMap<String, String>>>,
    catalogs: HashMap<String, Rc<catalog::Catalogs>>,
    diagnostics: Vec<Diagnostic>,
    /// The messages that were told already.
    told: HashSet<String>,
}

impl<'t> Resolver<'t> {
    /// Walks the tree once and reads nothing yet.
    pub fn new(tree: &'t dyn Tree) -> Result<Self, TreeError> {
        Ok(Self::over(tree, Rc::new(Files::read(tree)?)))
    }

    pub(crate) fn over(tree: &'t dyn Tree, files: Rc<Files>) -> Self {
        Self {
            tree,
            files,
            packages: HashMap::new(),
            configs: HashMap::new(),
            workspace: None,
            catalogs: HashMap::new(),
            diagnostics: Vec::new(),
            told: HashSet::new(),
        }
    }

    /// What was found wrong with configurations on the way, once.
    pub fn take_diagnostics(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.diagnostics)
    }

    fn tell(&mut self, problem: Diagnostic) {
        if self.told.insert(problem.message.clone()) {
            self.diagnostics.push(problem);
        }
    }

    /// Where `specifier` leads in the file at `from`.
    pub fn resolve(&mut self, from: &str, specifier: &str) -> Result<Resolution, TreeError> {
        let found = self.resolve_plain(from, specifier)?;
        // A bundler's hint: `./icon.svg?react`.
        match specifier.split_once('?') {
            Some((plain, _)) if found == Resolution::Unresolved && !plain.is_empty() => self.resolve_plain(from, plain),
            _ => Ok(found),
        }
    }

    fn resolve_plain(&mut self, from: &str, specifier: &str) -> Result<Resolution, TreeError> {
        let to_file = |file: Option<String>| file.map_or(Resolution::Unresolved, Resolution::File);
        if is_relative(specifier) {
            let target = path::resolve(path::parent(from), specifier);
            return Ok(to_file(target.and_then(|target| self.files.module(&target))));
        }
        if specifier.starts_with('/') {
            return Ok(Resolution::Unresolved);
        }
        if specifier.starts_with('#')
            && let Some(file) = self.package_import(from, specifier)?
        {
            return Ok(Resolution::File(file));
        }
        match self.by_config(from, specifier)? {
            ByConfig::File(file) => return Ok(Resolution::File(file)),
            ByConfig::Nothing if is_alias(specifier) => return Ok(Resolution::Unresolved),
            ByConfig::Nothing | ByConfig::NotConfigured => {}
        }
        if is_alias(specifier) {
            return Ok(to_file(self.by_convention(from, specifier)?));
        }
        if is_builtin(specifier) {
            return Ok(Resolution::Builtin);
        }
        let Some((name, subpath)) = package_name(specifier) else {
            return Ok(Resolution::Unresolved);
        };
        self.package_resolution(from, name, subpath)
    }

    /// The folder that an alias means: `@/components`, `@acme/ui/components`.
    pub(crate) fn folder(&mut self, from: &str, alias: &str) -> Result<Option<String>, TreeError> {
        let mut folders = self.folders_by_config(from, alias)?;
        let (first, rest) = alias.split_once('/').unwrap_or((alias, ""));
        let package = self.package_of(from)?.map(|package| package.folder.clone()).unwrap_or_default();
        if matches!(first, "@" | "~" | "#") {
            folders.extend(
                [path::resolve(&join(&package, "src"), rest), path::resolve(&package, rest)].into_iter().flatten(),
            );
        } else if let Some((name, below)) = package_name(alias)
            && let Some(own) = self.workspace()?.get(name).cloned()
        {
            folders.extend([join(&own, "src"), own].iter().filter_map(|own| path::resolve(own, below)));
        }
        folders.extend(path::resolve(&package, alias));
        Ok(folders.into_iter().find(|folder| self.files.has_folder(folder)))
    }

    /// `@types/…` for an npm package, as the nearest `package.json` declares it.
    pub fn types_of(&mut self, from: &str, package: &str) -> Result<Option<(String, Range)>, TreeError> {
        let name = match package.strip_prefix('@').and_then(|scoped| scoped.split_once('/')) {
            Some((scope, name)) => format!("@types/{scope}__{name}"),
            None => format!("@types/{package}"),
        };
        Ok(match self.declared_range(from, &name)? {
            Range::Undeclared | Range::Borrowed { .. } => None,
            range => Some((name, range)),
        })
    }

    /// The repository's own package that holds a file: its folder and its name.
    pub(crate) fn package_of(&mut self, file: &str) -> Result<Option<Rc<Package>>, TreeError> {
        for folder in folders_upward(file) {
            if let Some(package) = self.package(folder)? {
                return Ok(Some(package));
            }
        }
        Ok(None)
    }

    fn package_resolution(&mut self, from: &str, name: &str, subpath: &str) -> Result<Resolution, TreeError> {
        let own = self.package_of(from)?.filter(|package| package.name.as_deref() == Some(name));
        let folder = match &own {
            Some(package) => Some(package.folder.clone()),
            None => self.workspace()?.get(name).cloned(),
        };
        if let Some(folder) = folder
            && let Some(package) = self.package(&folder)?
        {
            // A package that is published is installed like any other.
            if own.is_none() && package.is_published {
                let range = package.version.as_ref().map_or(Range::Any, |version| Range::Known(format!("^{version}")));
                return Ok(Resolution::Package { name: name.to_owned(), range });
            }
            let file = package.export(&self.files, subpath);
            return Ok(file.map_or(Resolution::Unresolved, Resolution::File));
        }
        let range = self.declared_range(from, name)?;
        if range == Range::Undeclared && is_alias_scope(name) {
            return Ok(Resolution::Unresolved);
        }
        Ok(Resolution::Package { name: name.to_owned(), range })
    }

    /// The range of a package in the nearest `package.json` that declares it;
    /// where none does, in any of the repository.
    fn declared_range(&mut self, from: &str, name: &str) -> Result<Range, TreeError> {
        for folder in folders_upward(from) {
            let Some(package) = self.package(folder)? else { continue };
            if let Some(written) = package.declared(name) {
                return self.range(&package.folder, name, written);
            }
        }
        let workspace = self.workspace()?;
        for folder in workspace.values() {
            let Some(package) = self.package(folder)? else { continue };
            if let Some(written) = package.declared(name)
                && let Range::Known(range) = self.range(folder, name, written)?
            {
                return Ok(Range::Borrowed { range, file: join(folder, "package.json") });
            }
        }
        Ok(Range::Undeclared)
    }

    fn range(&mut self, folder: &str, name: &str, written: &str) -> Result<Range, TreeError> {
        let Some(catalog) = written.strip_prefix("catalog:") else {
            return Ok(Range::read(written));
        };
        for folder in std::iter::once(folder).chain(folders_upward(folder)) {
            let catalogs = self.catalogs(folder)?;
            if let Some(range) = catalogs.get(catalog, name) {
                return Ok(Range::read(range));
            }
        }
        Ok(Range::Unusable(written.to_owned()))
    }

    fn catalogs(&mut self, folder: &str) -> Result<Rc<catalog::Catalogs>, TreeError> {
        if let Some(catalogs) = self.catalogs.get(folder) {
            return Ok(Rc::clone(catalogs));
        }
        let mut catalogs = self.package(folder)?.map(|package| package.catalogs.clone()).unwrap_or_default();
        let file = join(folder, "pnpm-workspace.yaml");
        if let Some(text) = self.text(&file)?
            && let Err(problem) = catalogs.add_yaml(&text)
        {
            self.tell(text::broken(&file, &problem));
        }
        let catalogs = Rc::new(catalogs);
        self.catalogs.insert(folder.to_owned(), Rc::clone(&catalogs));
        Ok(catalogs)
    }

    /// The `package.json` of exactly this folder.
    pub(crate) fn package(&mut self, folder: &str) -> Result<Option<Rc<Package>>, TreeError> {
        if let Some(package) = self.packages.get(folder) {
            return Ok(package.clone());
        }
        let package = self.json(&join(folder, "package.json"))?.map(|value| Rc::new(Package::read(folder, &value)));
        self.packages.insert(folder.to_owned(), package.clone());
        Ok(package)
    }

    /// The repository's own packages. Of two with one name the one higher up counts.
    fn workspace(&mut self) -> Result<Rc<BTreeMap<String, String>>, TreeError> {
        if let Some(workspace) = &self.workspace {
            return Ok(Rc::clone(workspace));
        }
        let files = Rc::clone(&self.files);
        let mut folders: Vec<&str> = files
            .all()
            .filter(|file| path::basename(file) == "package.json" && !file.split('/').any(is_aside))
            .map(path::parent)
            .collect();
        folders.sort_by_key(|folder| (folder.matches('/').count(), *folder));
        let mut workspace = BTreeMap::new();
        for folder in folders.into_iter().take(MAX_PACKAGES) {
            if let Some(name) = self.package(folder)?.and_then(|package| package.name.clone()) {
                workspace.entry(name).or_insert_with(|| folder.to_owned());
            }
        }
        let workspace = Rc::new(workspace);
        self.workspace = Some(Rc::clone(&workspace));
        Ok(workspace)
    }

    /// `#internal/x`, by the `imports` of the nearest `package.json`.
    fn package_import(&mut self, from: &str, specifier: &str) -> Result<Option<String>, TreeError> {
        let package = self.package_of(from)?;
        Ok(package.and_then(|package| package.import(&self.files, specifier)))
    }

    /// `@/x`, `~/x` and `#/x` where nothing says what they mean: below `src` or
    /// below the package's folder, or those of the repository.
    fn by_convention(&mut self, from: &str, specifier: &str) -> Result<Option<String>, TreeError> {
        let rest = specifier.split_once('/').map_or("", |(_, rest)| rest);
        let package = self.package_of(from)?.map(|package| package.folder.clone()).unwrap_or_default();
        let roots = [join(&package, "src"), package.clone(), "src".to_owned(), String::new()];
        Ok(roots.iter().find_map(|root| self.files.module(&path::resolve(root, rest)?)))
    }
}

/// What a `tsconfig.json` says of a specifier.
enum ByConfig {
    /// It leads to this file.
    File(String),
    /// One of its patterns is meant for it, but there is no such file.
    Nothing,
    /// It says nothing.
    NotConfigured,
}

fn is_relative(specifier: &str) -> bool {
    matches!(specifier, "." | "..") || specifier.starts_with("./") || specifier.starts_with("../")
}

/// Whether a specifier means the own code by custom.
fn is_alias(specifier: &str) -> bool {
    ["@/", "~/", "#/"].iter().any(|alias| specifier.starts_with(alias))
}

/// Name and subpath of what looks like an npm package.
fn package_name(specifier: &str) -> Option<(&str, &str)> {
    let slashes = usize::from(specifier.starts_with('@'));
    let end = specifier.match_indices('/').nth(slashes).map_or(specifier.len(), |(at, _)| at);
    let (name, subpath) = (&specifier[..end], specifier[end..].trim_start_matches('/'));
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '_'])
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
    };
    let is_name = match name.strip_prefix('@') {
        Some(scoped) => scoped.split_once('/').is_some_and(|(scope, name)| plain(scope) && plain(name)),
        None => plain(name) && !name.starts_with('~'),
    };
    (is_name && name.len() <= 214).then_some((name, subpath))
}

/// Whether a package that nobody declares is rather an alias of the own code.
fn is_alias_scope(name: &str) -> bool {
    let Some((scope, _)) = name.strip_prefix('@').and_then(|scoped| scoped.split_once('/')) else {
        return false;
    };
    matches!(
        scope,
        "app"
            | "assets"
            | "component"
            | "components"
            | "config"
            | "features"
            | "hooks"
            | "icons"
            | "lib"
            | "pages"
            | "shared"
            | "src"
            | "store"
            | "styles"
            | "types"
            | "ui"
            | "utils"
    )
}

/// Whether a folder is one of tests and the like, whose packages are no part of
/// the workspace.
fn is_aside(segment: &str) -> bool {
    matches!(segment, "__fixtures__" | "__mocks__" | "__tests__" | "e2e" | "fixtures" | "test" | "tests")
}

fn is_builtin(specifier: &str) -> bool {
    let name = specifier.split('/').next().unwrap_or_default();
    specifier.contains(':') || NODE_MODULES.binary_search(&name).is_ok()
}

/// The modules that Node.js brings along, as of version 24, in byte order.
#[rustfmt::skip]
const NODE_MODULES: &[&str] = &[
    "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
    "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module", "net",
    "os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream", "string_decoder",
    "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi", "worker_threads", "zlib",
];

#[cfg(test)]
mod tests;
