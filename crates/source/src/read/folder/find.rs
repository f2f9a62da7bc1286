//! Which folders of a tree hold components.

use super::{
    kind::Kind,
    layout::{Surroundings, is_below},
    overrides,
};
use crate::{
    files::{Files, join},
    module::Dialect,
    path,
    resolve::Resolver,
    tree::TreeError,
};
use serde_json::Value;
use std::{cmp::Reverse, collections::BTreeSet};

/// Most packages of a repository that are looked into.
const MAX_PACKAGES: usize = 1_000;

/// Folders that hold a package's sources.
const SOURCES: [&str; 6] = ["", "src", "app", "source", "client", "resources/js"];

/// What a folder of components is called.
const NAMES: [&str; 6] = ["components", "ui", "primitives", "registry", "blocks", "elements"];

/// A folder that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The folder, or its `ekairos.json`.
    pub(crate) path: String,
    /// How many items it may have, by its files' names.
    pub(crate) items: usize,
    rank: (bool, bool, bool, bool, usize),
}

/// All folders that seem to hold components: at most one for each package, and
/// each `ekairos.json`. The likeliest first.
pub(crate) fn folders(files: &Files, resolver: &mut Resolver<'_>) -> Result<Vec<Found>, TreeError> {
    let mut found = Vec::new();
    let overriding = files.all().filter(|file| path::basename(file) == overrides::FILE && !is_hidden(file));
    for file in overriding.take(MAX_PACKAGES) {
        let folder = path::parent(file);
        let depth = folder.matches('/').count();
        found.push(Found {
            path: file.to_owned(),
            items: count(files, folder),
            rank: (false, false, false, false, depth),
        });
    }
    for package in packages(files) {
        let around = surroundings(files, resolver, &package)?;
        let Some(folder) = of_package(files, &around) else { continue };
        let items = count(files, &folder);
        let is_aside = folder.split('/').any(|segment| {
            let aside = [
                "demo",
                "demos",
                "docs",
                "example",
                "examples",
                "playground",
                "sandbox",
                "template",
                "templates",
                "www",
            ];
            aside.contains(&segment) || super::exclude::is_left_out(&join(segment, "x"))
        });
        let depth = folder.matches('/').count();
        found.push(Found { path: folder, items, rank: (true, is_aside, !around.is_ui, around.is_app, depth) });
    }
    found.sort_by_key(|found| (found.rank, Reverse(found.items), found.path.clone()));
    found.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

/// The folder of components of the package at `package`, if it has one.
pub(super) fn of_package(files: &Files, around: &Surroundings) -> Option<String> {
    let package = &around.package;
    // What `components.json` names is no guess.
    let named = around.named.iter().filter(|(folder, kind)| {
        matches!(kind, Kind::Component | Kind::Ui) && count(files, folder) > 0 && is_below(folder, package)
    });
    if let Some((folder, _)) = named.min_by_key(|(folder, kind)| (*kind != Kind::Component, folder.len())) {
        return Some(folder.clone());
    }
    let bases = SOURCES.iter().map(|source| path::resolve(package, source).unwrap_or_default());
    let mut best: Option<(usize, String)> = None;
    for base in bases {
        let folders = NAMES.iter().map(|name| join(&base, name)).filter(|folder| count(files, folder) > 0);
        let Some(folder) = folders.map(|folder| styled(files, folder)).next() else { continue };
        let items = count(files, &folder);
        if best.as_ref().is_none_or(|(most, _)| items > *most) {
            best = Some((items, folder));
        }
    }
    // A library of components may keep them in its source folder itself.
    let source = join(package, "src");
    if !around.is_app && !package.is_empty() {
        let direct = files.below(&source).filter(|file| path::parent(file) == source && is_component(file)).count();
        if direct > 2 && best.as_ref().is_none_or(|(items, _)| direct > *items)
            || (best.is_none() && files.below(&source).any(is_component))
        {
            return Some(source);
        }
    }
    best.map(|(_, folder)| folder)
}

/// `registry/new-york` for `registry`: shadcn's way to keep several styles.
fn styled(files: &Files, folder: String) -> String {
    if path::basename(&folder) != "registry" {
        return folder;
    }
    let children: BTreeSet<&str> = files
        .below(&folder)
        .filter_map(|file| super::layout::rest(file, &folder).split_once('/'))
        .map(|(child, _)| child)
        .collect();
    let is_style = |child: &&str| {
        let style = join(&folder, child);
        ["ui", "blocks", "components", "hooks", "lib"].iter().any(|name| files.has_folder(&join(&style, name)))
    };
    let known =
        ["new-york-v4", "new-york", "default"].into_iter().find(|style| children.contains(style) && is_style(style));
    match known.or_else(|| children.iter().copied().find(is_style)) {
        Some(style) => join(&folder, style),
        None => folder,
    }
}

/// What is known of the package that a folder is in.
pub(super) fn surroundings(
    files: &Files,
    resolver: &mut Resolver<'_>,
    folder: &str,
) -> Result<Surroundings, TreeError> {
    let package = resolver.package_of(&join(folder, "x"))?;
    let root = package.as_ref().map(|package| package.folder.clone()).unwrap_or_default();
    let name = package.as_ref().and_then(|package| package.name.clone()).unwrap_or_default();
    let is_ui = [path::basename(&root), path::basename(&name)].iter().any(|name| {
        matches!(*name, "ui" | "components" | "design-system" | "ui-kit" | "react-ui" | "uikit" | "primitives")
    });
    let named = named(files, resolver, &root)?;
    Ok(Surroundings { is_app: is_app(files, &root), is_ui, named, package: root })
}

/// The folders that a `components.json` names, where they are the package's own.
fn named(files: &Files, resolver: &mut Resolver<'_>, package: &str) -> Result<Vec<(String, Kind)>, TreeError> {
    let file = join(package, "components.json");
    let Some(config) = resolver.json(&file)? else {
        return Ok(Vec::new());
    };
    let mut named: Vec<(String, Kind)> = Vec::new();
    for (key, kind) in [("ui", Kind::Ui), ("components", Kind::Component), ("hooks", Kind::Hook), ("lib", Kind::Lib)] {
        let alias = config.get("aliases").and_then(|aliases| aliases.get(key)).and_then(Value::as_str);
        let Some(alias) = alias else { continue };
        if let Some(folder) = resolver.folder(&file, alias)?
            && is_below(&folder, package)
            && folder != package
            && files.has_folder(&folder)
            && !named.iter().any(|(known, _)| *known == folder)
        {
            named.push((folder, kind));
        }
    }
    Ok(named)
}

/// Whether a package is an app and not a library: it has pages of its own.
fn is_app(files: &Files, package: &str) -> bool {
    let has = |name: &str| files.has(&join(package, name));
    let is_routed = |folder: &str| {
        files.below(&join(package, folder)).any(|file| {
            let name = super::naming::stem(file);
            Dialect::of(file).is_some() && matches!(name, "page" | "layout" | "root" | "_app" | "_layout" | "__root")
        })
    };
    let configured =
        ["next.config.js", "next.config.mjs", "next.config.ts", "index.html", "astro.config.mjs", "app.json"];
    configured.iter().any(|name| has(name)) || pages(files, package).iter().any(|folder| is_routed(folder)) || {
        ["pages", "src/pages", "src/routes"].iter().any(|folder| files.below(&join(package, folder)).any(is_component))
    }
}

/// The folders of a package that hold an app's pages, if it is one.
pub(super) fn pages(files: &Files, package: &str) -> Vec<String> {
    let folders = ["app", "src/app", "pages", "src/pages", "src/routes", "app/routes"];
    folders.iter().map(|folder| join(package, folder)).filter(|folder| files.has_folder(folder)).collect()
}

/// The folders with a `package.json`, and the root.
fn packages(files: &Files) -> Vec<String> {
    let with_package = files.all().filter(|file| path::basename(file) == "package.json" && !is_hidden(file));
    let mut packages: Vec<String> = with_package.map(|file| path::parent(file).to_owned()).collect();
    packages.push(String::new());
    packages.sort_by_key(|package| (package.matches('/').count(), package.clone()));
    packages.dedup();
    packages.truncate(MAX_PACKAGES);
    packages
}

fn is_hidden(file: &str) -> bool {
    file.split('/').any(|segment| segment.starts_with('.') || matches!(segment, "dist" | "build" | "out"))
}

fn is_component(file: &str) -> bool {
    let name = path::basename(file);
    matches!(name.rsplit_once('.'), Some((stem, "tsx" | "jsx")) if stem != "index")
        && !super::exclude::is_left_out(name)
}

/// How many files of a folder look like items.
fn count(files: &Files, folder: &str) -> usize {
    files
        .below(folder)
        .filter(|file| is_component(file) && !super::exclude::is_left_out(super::layout::rest(file, folder)))
        .count()
}
