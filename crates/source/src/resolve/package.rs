//! What a `package.json` says.

use super::catalog::Catalogs;
use crate::{
    files::{Files, join},
    path,
};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How deep conditions may nest.
const MAX_DEPTH: usize = 16;

/// How many targets of an export are tried.
const MAX_TARGETS: usize = 64;

/// The versions of an npm package that are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// These: `^3.22.0`, `1.2.3`, `latest`, `npm:other@^1`.
    Known(String),
    /// Any: `*`, or nothing.
    Any,
    /// What only the repository itself can install, as written: `file:../x`,
    /// `github:acme/x`, a catalog that there is not.
    Unusable(String),
    /// No `package.json` above the file says; this is what another one of the
    /// repository asks for.
    Borrowed {
        /// As in [`Range::Known`].
        range: String,
        /// The file that says so.
        file: String,
    },
    /// No `package.json` says.
    Undeclared,
}

impl Range {
    /// What stands in a `package.json`.
    pub(super) fn read(written: &str) -> Self {
        let range = written.trim();
        let is_local = ["file:", "link:", "portal:", "patch:", "exec:", "git", "http:", "https:", "ssh:", "jsr:"];
        if matches!(range, "" | "*" | "x" | "X") {
            Self::Any
        } else if let Some(range) = range.strip_prefix("workspace:") {
            match range {
                "" | "*" | "^" | "~" => Self::Unusable(written.to_owned()),
                range => Self::read(range),
            }
        } else if is_local.iter().any(|prefix| range.starts_with(prefix))
            || range.starts_with('-')
            || (range.contains('/') && !range.starts_with("npm:"))
        {
            Self::Unusable(written.to_owned())
        } else {
            Self::Known(range.to_owned())
        }
    }

    /// The package as the CLI takes it: `zod@^3.22.0`, or only its name.
    pub fn of(&self, name: &str) -> String {
        match self {
            Self::Known(range) | Self::Borrowed { range, .. } => format!("{name}@{range}"),
            Self::Any | Self::Unusable(_) | Self::Undeclared => name.to_owned(),
        }
    }
}

/// A `package.json`, as far as it matters here.
#[derive(Debug)]
pub(crate) struct Package {
    /// The folder it stands in.
    pub(crate) folder: String,
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) homepage: Option<String>,
    /// Whether it says where it is published: an npm package like any other.
    pub(crate) is_published: bool,
    pub(super) catalogs: Catalogs,
    /// Ranges by name, of all kinds of dependencies.
    ranges: HashMap<String, String>,
    exports: Option<Value>,
    imports: Option<Value>,
    /// Its entries of old, the likeliest source first.
    entries: Vec<String>,
}

impl Package {
    pub(super) fn read(folder: &str, value: &Value) -> Self {
        let text =
            |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let mut ranges = HashMap::new();
        for kind in ["dependencies", "peerDependencies", "optionalDependencies", "devDependencies"] {
            for (name, range) in value.get(kind).and_then(Value::as_object).into_iter().flatten() {
                if let Some(range) = range.as_str() {
                    ranges.entry(name.clone()).or_insert_with(|| range.to_owned());
                }
            }
        }
        let is_private = value.get("private").and_then(Value::as_bool).unwrap_or(false);
        Self {
            folder: folder.to_owned(),
            name: text("name"),
            version: text("version"),
            homepage: text("homepage"),
            is_published: !is_private && value.get("publishConfig").is_some_and(Value::is_object),
            catalogs: Catalogs::from_package(value),
            ranges,
            exports: value.get("exports").cloned(),
            imports: value.get("imports").cloned(),
            entries: ["source", "module", "main", "types"].into_iter().filter_map(text).collect(),
        }
    }

    /// The range of a dependency, as written.
    pub(super) fn declared(&self, name: &str) -> Option<&str> {
        self.ranges.get(name).map(String::as_str)
    }

    /// The file that an import of this package means; `""` is the package itself.
    ///
    /// By its `exports` if they lead to something, else by its old entries, else
    /// by the plain path. What is built (`dist/button.js`) is not in a
    /// repository, so its source is looked for (`src/button.tsx`).
    pub(super) fn export(&self, files: &Files, subpath: &str) -> Option<String> {
        let key = if subpath.is_empty() { ".".to_owned() } else { format!("./{subpath}") };
        let mut targets = Vec::new();
        match &self.exports {
            Some(Value::Object(exports)) if exports.keys().any(|key| key.starts_with('.')) => {
                matching(exports, &key, &mut targets);
            }
            Some(exports) if subpath.is_empty() => collect(exports, None, 0, &mut targets),
            _ => {}
        }
        if subpath.is_empty() {
            targets.extend(self.entries.iter().cloned());
        }
        let by_targets = targets.iter().find_map(|target| self.target(files, target, false));
        let from_source = || targets.iter().find_map(|target| self.target(files, target, true));
        let plain = || {
            let places = if subpath.is_empty() { ["src", ""] } else { [subpath, ""] };
            let below_src = (!subpath.is_empty()).then(|| format!("src/{subpath}"));
            let places = places.into_iter().map(str::to_owned).filter(|place| subpath.is_empty() || !place.is_empty());
            places.chain(below_src).find_map(|place| files.module(&path::resolve(&self.folder, &place)?))
        };
        by_targets.or_else(from_source).or_else(plain)
    }

    /// The file that `#x` means.
    pub(super) fn import(&self, files: &Files, specifier: &str) -> Option<String> {
        let mut targets = Vec::new();
        matching(self.imports.as_ref()?.as_object()?, specifier, &mut targets);
        let exact = targets.iter().find_map(|target| self.target(files, target, false));
        exact.or_else(|| targets.iter().find_map(|target| self.target(files, target, true)))
    }

    /// The file that a target names, or the source that it is built from.
    fn target(&self, files: &Files, target: &str, is_built: bool) -> Option<String> {
        let target = path::resolve("", target)?;
        if !is_built {
            let file = files.module(&join(&self.folder, &target))?;
            // Declarations of what is built elsewhere are no source.
            return (!file.ends_with(".d.ts") || target.ends_with(".d.ts"))
                .then_some(file)
                .filter(|file| !is_output(file.strip_prefix(&self.folder).unwrap_or(file).trim_start_matches('/')));
        }
        let (first, rest) = target.split_once('/')?;
        if !is_output_folder(first) {
            return None;
        }
        // `dist/esm/button.mjs`, `dist/button/index.d.ts`
        let rest = rest.strip_prefix("esm/").or_else(|| rest.strip_prefix("cjs/")).unwrap_or(rest);
        let stem = ["d.ts", "d.mts", "d.cts", "mjs", "cjs", "js", "jsx"]
            .iter()
            .find_map(|extension| rest.strip_suffix(extension)?.strip_suffix('.'))
            .unwrap_or(rest);
        ["src", ""].iter().find_map(|source| {
            let file = files.module(&join(&join(&self.folder, source), stem).replace("//", "/"))?;
            (!is_output(file.strip_prefix(&self.folder).unwrap_or(&file).trim_start_matches('/'))).then_some(file)
        })
    }
}

fn is_output_folder(segment: &str) -> bool {
    matches!(segment, "dist" | "build" | "out" | ".next")
}

/// Whether a path in a package is one of built files.
fn is_output(path: &str) -> bool {
    path.split('/').next().is_some_and(is_output_folder)
}

/// The targets for `key` in a map of subpaths: the exact one, else that of the
/// pattern with the longest beginning.
fn matching(map: &Map<String, Value>, key: &str, targets: &mut Vec<String>) {
    if let Some(value) = map.get(key) {
        return collect(value, None, 0, targets);
    }
    let mut best: Option<(usize, &Value, &str)> = None;
    for (pattern, value) in map {
        let (prefix, suffix) = match pattern.split_once('*') {
            Some(parts) => parts,
            // `./folder/`, of old
            None if pattern.ends_with('/') => (pattern.as_str(), ""),
            None => continue,
        };
        let inner = key.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix)).filter(|star| !star.is_empty());
        if let Some(star) = inner
            && best.is_none_or(|(length, ..)| prefix.len() > length)
        {
            best = Some((prefix.len(), value, star));
        }
    }
    if let Some((_, value, star)) = best {
        collect(value, Some(star), 0, targets);
    }
}

/// All targets below a value, whatever their conditions: which of them exist
/// tells which one is meant.
fn collect(value: &Value, star: Option<&str>, depth: usize, targets: &mut Vec<String>) {
    if depth > MAX_DEPTH || targets.len() >= MAX_TARGETS {
        return;
    }
    match value {
        Value::String(target) => targets.push(match star {
            Some(star) if target.contains('*') => target.replace('*', star),
            Some(star) if target.ends_with('/') => format!("{target}{star}"),
            _ => target.clone(),
        }),
        Value::Array(values) => values.iter().for_each(|value| collect(value, star, depth + 1, targets)),
        Value::Object(conditions) => {
            conditions.values().for_each(|value| collect(value, star, depth + 1, targets));
        }
        _ => {}
    }
}
