//! `tsconfig.json` and `jsconfig.json`: the names that a project gives to its
//! own folders.

use super::{ByConfig, Resolver, text};
use crate::{
    files::{folders_upward, join},
    path,
    tree::TreeError,
};
use model::{Diagnostic, DiagnosticCode};
use serde_json::Value;
use std::rc::Rc;

/// How many configurations one may extend or refer to, and how many may stand
/// behind each other.
const MAX_DEPTH: usize = 32;

/// How many configurations are read for one.
const MAX_READS: usize = 128;

/// The way from a configuration to what it extends.
#[derive(Default)]
struct Chain {
    files: Vec<String>,
    reads: usize,
}

/// `paths` and `baseUrl`, as folders of the tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Paths {
    base_url: Option<String>,
    /// Patterns and their targets, each with at most one `*`.
    patterns: Vec<(String, Vec<String>)>,
}

impl Paths {
    fn is_empty(&self) -> bool {
        self.base_url.is_none() && self.patterns.is_empty()
    }

    /// The targets for a specifier: of the exact pattern, else of that with the
    /// longest beginning. None if no pattern is meant.
    fn targets(&self, specifier: &str) -> Option<Vec<String>> {
        let mut best: Option<(usize, &[String], &str)> = None;
        for (pattern, targets) in &self.patterns {
            let Some((prefix, suffix)) = pattern.split_once('*') else {
                if pattern == specifier {
                    return Some(targets.clone());
                }
                continue;
            };
            let star = specifier.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
            if let Some(star) = star
                && best.is_none_or(|(length, ..)| prefix.len() > length)
            {
                best = Some((prefix.len(), targets, star));
            }
        }
        let (_, targets, star) = best?;
        Some(targets.iter().filter_map(|target| path::resolve("", &target.replacen('*', star, 1))).collect())
    }
}

impl Resolver<'_> {
    /// What the nearest configuration that knows the specifier says of it.
    pub(super) fn by_config(&mut self, from: &str, specifier: &str) -> Result<ByConfig, TreeError> {
        let mut answer = ByConfig::NotConfigured;
        for folder in folders_upward(from) {
            let Some(paths) = self.paths(folder)? else { continue };
            if let Some(targets) = paths.targets(specifier) {
                if let Some(file) = targets.iter().find_map(|target| self.files.module(target)) {
                    return Ok(ByConfig::File(file));
                }
                answer = ByConfig::Nothing;
            }
            if let Some(base) = &paths.base_url
                && let Some(target) = path::resolve(base, specifier)
                && let Some(file) = self.files.module(&target)
            {
                return Ok(ByConfig::File(file));
            }
        }
        Ok(answer)
    }

    /// The folders that the nearest configuration says an alias may mean.
    pub(super) fn folders_by_config(&mut self, from: &str, alias: &str) -> Result<Vec<String>, TreeError> {
        for folder in folders_upward(from) {
            if let Some(paths) = self.paths(folder)?
                && let Some(targets) = paths.targets(alias)
            {
                return Ok(targets);
            }
        }
        Ok(Vec::new())
    }

    /// The paths that the configuration in exactly this folder sets.
    fn paths(&mut self, folder: &str) -> Result<Option<Rc<Paths>>, TreeError> {
        if let Some(paths) = self.configs.get(folder) {
            return Ok(paths.clone());
        }
        let mut found = None;
        for name in ["tsconfig.json", "jsconfig.json"] {
            let file = join(folder, name);
            if self.files.has(&file) {
                let mut paths = self.read_config(&file, folder, &mut Chain::default())?;
                if paths.is_empty() {
                    paths = self.referenced(&file, folder)?;
                }
                found = Some(Rc::new(paths)).filter(|paths| !paths.is_empty());
                break;
            }
        }
        self.configs.insert(folder.to_owned(), found.clone());
        Ok(found)
    }

    /// The paths of the projects that a configuration refers to, where it has
    /// none of its own: what Vite's template makes.
    fn referenced(&mut self, file: &str, folder: &str) -> Result<Paths, TreeError> {
        let Some(value) = self.json(file)? else {
            return Ok(Paths::default());
        };
        let references = value.get("references").and_then(Value::as_array).cloned().unwrap_or_default();
        for reference in references.iter().take(MAX_DEPTH) {
            let target = reference.get("path").and_then(Value::as_str).and_then(|path| path::resolve(folder, path));
            let Some(target) =
                target.map(|target| if path::is_json(&target) { target } else { join(&target, "tsconfig.json") })
            else {
                continue;
            };
            // A project elsewhere has a configuration of its own folder.
            if self.files.has(&target) && target != file && path::parent(&target) == folder {
                let paths = self.read_config(&target, folder, &mut Chain::default())?;
                if !paths.is_empty() {
                    return Ok(paths);
                }
            }
        }
        Ok(Paths::default())
    }

    /// Reads a configuration and what it extends. `leaf` is the folder that
    /// `${configDir}` means; `chain` holds the files on the way here.
    fn read_config(&mut self, file: &str, leaf: &str, chain: &mut Chain) -> Result<Paths, TreeError> {
        let first = chain.files.first().map_or(file, String::as_str).to_owned();
        if chain.files.iter().any(|earlier| earlier == file) {
            let message = format!("{first} extends itself: {} -> {file}", chain.files.join(" -> "));
            let problem = Diagnostic::warning(DiagnosticCode::BrokenConfig, message);
            self.tell(problem.in_file(first).fix("Remove one `extends` of the circle."));
            return Ok(Paths::default());
        }
        chain.reads += 1;
        if chain.reads > MAX_READS || chain.files.len() >= MAX_DEPTH {
            if chain.reads <= MAX_READS + 1 {
                self.tell(text::broken(&first, "it extends too many others"));
            }
            return Ok(Paths::default());
        }
        let Some(value) = self.json(file)? else {
            return Ok(Paths::default());
        };
        chain.files.push(file.to_owned());
        let mut paths = Paths::default();
        let folder = path::parent(file);
        let extends = match value.get("extends") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        // Of several, the last one counts.
        for specifier in extends.iter().take(MAX_DEPTH) {
            if let Some(base) = self.extended(file, specifier)? {
                let base = self.read_config(&base, leaf, chain)?;
                paths.base_url = base.base_url.or(paths.base_url);
                if !base.patterns.is_empty() {
                    paths.patterns = base.patterns;
                }
            }
        }
        chain.files.pop();
        let options = value.get("compilerOptions");
        let base_url = options.and_then(|options| options.get("baseUrl")).and_then(Value::as_str);
        if let Some(base_url) = base_url {
            paths.base_url = folder_of(folder, leaf, base_url).or(paths.base_url);
        }
        if let Some(patterns) = options.and_then(|options| options.get("paths")).and_then(Value::as_object) {
            let base = paths.base_url.clone().unwrap_or_else(|| folder.to_owned());
            paths.patterns = patterns
                .iter()
                .map(|(pattern, targets)| {
                    let targets = targets.as_array().into_iter().flatten().filter_map(Value::as_str);
                    (pattern.clone(), targets.filter_map(|target| folder_of(&base, leaf, target)).collect())
                })
                .collect();
        }
        Ok(paths)
    }

    /// The file that `extends` names: relative, or of a package of the
    /// repository. Others cannot be read here, and rarely set paths.
    fn extended(&mut self, file: &str, specifier: &str) -> Result<Option<String>, TreeError> {
        let candidates = |target: String| {
            let with_extension = format!("{target}.json");
            let inside = join(&target, "tsconfig.json");
            [target, with_extension, inside]
        };
        if super::is_relative(specifier) {
            let target = path::resolve(path::parent(file), specifier);
            let found = target.and_then(|target| candidates(target).into_iter().find(|file| self.files.has(file)));
            if found.is_none() {
                self.tell(text::broken(file, &format!("it extends {specifier:?}, which is not there")));
            }
            return Ok(found);
        }
        let Some((name, subpath)) = super::package_name(specifier) else {
            return Ok(None);
        };
        let Some(folder) = self.workspace()?.get(name).cloned() else {
            return Ok(None);
        };
        Ok(candidates(join(&folder, subpath).trim_end_matches('/').to_owned())
            .into_iter()
            .find(|file| self.files.has(file)))
    }
}

/// A path of a configuration, as one of the tree.
fn folder_of(base: &str, leaf: &str, written: &str) -> Option<String> {
    match written.strip_prefix("${configDir}") {
        Some(rest) => path::resolve(leaf, rest.trim_start_matches('/')),
        None => path::resolve(base, written),
    }
}
