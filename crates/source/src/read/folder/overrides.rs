//! `ekairos.json`: what a team says where the rules guess wrong.

use super::kind::Kind;
use crate::{
    files::{folders_upward, join},
    path,
    read::read_json,
    registry::SourceError,
    tree::Tree,
};
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use model::{Diagnostic, DiagnosticCode};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The file's name.
pub(crate) const FILE: &str = "ekairos.json";

/// How many patterns, folders and items a file may name.
const MAX_ENTRIES: usize = 10_000;

/// What an `ekairos.json` says. All paths are the tree's.
#[derive(Debug, Default)]
pub(super) struct Overrides {
    /// The file itself, if there is one.
    pub(super) file: Option<String>,
    pub(super) name: Option<String>,
    pub(super) homepage: Option<String>,
    /// The folders to read, with what they hold.
    pub(super) folders: Vec<(String, Option<Kind>)>,
    ignored: Option<GlobSet>,
    /// The folder that the patterns are relative to.
    root: String,
    /// Whether imports are served as they are written.
    pub(super) keeps_imports: bool,
    /// By file, or by folder that is one item.
    pub(super) items: BTreeMap<String, ItemOverride>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What is said of one item.
#[derive(Debug, Default, Clone)]
pub(super) struct ItemOverride {
    pub(super) name: Option<String>,
    pub(super) kind: Option<Kind>,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) docs: Option<String>,
    pub(super) target: Option<String>,
    pub(super) categories: Option<Vec<String>>,
    pub(super) files: Change,
    pub(super) dependencies: Change,
    pub(super) dev_dependencies: Change,
    pub(super) registry_dependencies: Change,
}

/// What is added to a list, and what is taken out of it.
#[derive(Debug, Default, Clone)]
pub(super) struct Change {
    pub(super) add: Vec<String>,
    pub(super) remove: Vec<String>,
}

impl Overrides {
    /// The file that holds for a folder: its own, or that of the nearest folder
    /// above it. Without any, nothing is overridden.
    pub(super) fn nearest(tree: &dyn Tree, folder: &str) -> Result<Self, SourceError> {
        for folder in std::iter::once(folder).chain(folders_upward(folder)) {
            let file = join(folder, FILE);
            if tree.lookup(&file)?.is_some() {
                return Self::read(tree, &file);
            }
        }
        Ok(Self::default())
    }

    /// Reads the file at `file`. A file that is not what it must be is an error:
    /// to publish what it would have left out is worse than to keep what was.
    pub(super) fn read(tree: &dyn Tree, file: &str) -> Result<Self, SourceError> {
        let value = match read_json(tree, file)? {
            Ok(value) => value,
            Err(problem) => return Err(SourceError::Unreadable(Box::new(problem))),
        };
        let mut reader = Reader { file, root: path::parent(file), diagnostics: Vec::new() };
        match reader.read(&value) {
            Ok(read) => Ok(Self {
                file: Some(file.to_owned()),
                root: reader.root.to_owned(),
                diagnostics: reader.diagnostics,
                ..read
            }),
            Err(problem) => Err(SourceError::Unreadable(Box::new(problem))),
        }
    }

    /// Whether a file is to be left out.
    pub(super) fn ignores(&self, file: &str) -> bool {
        let below = super::layout::rest(file, &self.root);
        self.ignored
            .as_ref()
            .is_some_and(|patterns| super::layout::is_below(file, &self.root) && patterns.is_match(below))
    }
}

struct Reader<'a> {
    file: &'a str,
    root: &'a str,
    diagnostics: Vec<Diagnostic>,
}

type Read<T> = Result<T, Diagnostic>;

impl Reader<'_> {
    fn read(&mut self, value: &Value) -> Read<Overrides> {
        const KNOWN: [&str; 7] = ["$schema", "name", "homepage", "folders", "ignore", "imports", "items"];
        let object = self.object(value, "")?;
        self.warn_unknown(object, "", &KNOWN);
        let mut read = Overrides {
            name: self.text(object, "", "name")?,
            homepage: self.text(object, "", "homepage")?,
            ..Overrides::default()
        };
        if let Some(folders) = object.get("folders") {
            for (at, folder) in self.list(folders, "folders")?.iter().enumerate() {
                let field = format!("folders.{at}");
                read.folders.push(self.folder(folder, &field)?);
            }
        }
        if let Some(ignore) = object.get("ignore") {
            read.ignored = Some(self.patterns(ignore)?);
        }
        if let Some(imports) = object.get("imports") {
            read.keeps_imports = match imports.as_str() {
                Some("rewrite") => false,
                Some("keep") => true,
                _ => return Err(self.wrong("imports", "must be \"rewrite\" or \"keep\"")),
            };
        }
        if let Some(items) = object.get("items") {
            let items = self.object(items, "items")?;
            if items.len() > MAX_ENTRIES {
                return Err(self.wrong("items", "has too many entries"));
            }
            for (path, item) in items {
                let field = format!("items.{path:?}");
                let place = self.path(path, &field)?;
                read.items.insert(place, self.item(item, &field)?);
            }
        }
        Ok(read)
    }

    fn folder(&mut self, value: &Value, field: &str) -> Read<(String, Option<Kind>)> {
        if let Some(path) = value.as_str() {
            return Ok((self.path(path, field)?, None));
        }
        let Some(object) = value.as_object() else {
            return Err(self.wrong(field, "must be a path, or an object with `path` and `type`"));
        };
        self.warn_unknown(object, field, &["path", "type"]);
        let Some(path) = self.text(object, field, "path")? else {
            return Err(self.wrong(&format!("{field}.path"), "is missing"));
        };
        Ok((self.path(&path, &format!("{field}.path"))?, self.kind(object, field)?))
    }

    fn item(&mut self, value: &Value, field: &str) -> Read<ItemOverride> {
        const KNOWN: [&str; 11] = [
            "name",
            "type",
            "title",
            "description",
            "docs",
            "target",
            "categories",
            "files",
            "dependencies",
            "devDependencies",
            "registryDependencies",
        ];
        let object = self.object(value, field)?;
        self.warn_unknown(object, field, &KNOWN);
        let mut files = self.change(object, field, "files")?;
        for path in files.add.iter_mut().chain(&mut files.remove) {
            *path = self.path(path, &format!("{field}.files"))?;
        }
        let categories = match object.get("categories") {
            Some(categories) => Some(self.texts(categories, &format!("{field}.categories"))?),
            None => None,
        };
        Ok(ItemOverride {
            name: self.text(object, field, "name")?,
            kind: self.kind(object, field)?,
            title: self.text(object, field, "title")?,
            description: self.text(object, field, "description")?,
            docs: self.text(object, field, "docs")?,
            target: self.text(object, field, "target")?,
            categories,
            files,
            dependencies: self.change(object, field, "dependencies")?,
            dev_dependencies: self.change(object, field, "devDependencies")?,
            registry_dependencies: self.change(object, field, "registryDependencies")?,
        })
    }

    fn change(&mut self, object: &Map<String, Value>, field: &str, key: &str) -> Read<Change> {
        let Some(value) = object.get(key) else {
            return Ok(Change::default());
        };
        let field = format!("{field}.{key}");
        let Some(change) = value.as_object() else {
            return Err(self.wrong(&field, "must be an object with `add` and `remove`, each a list of texts"));
        };
        self.warn_unknown(change, &field, &["add", "remove"]);
        let part = |key: &str| match change.get(key) {
            Some(list) => self.texts(list, &format!("{field}.{key}")),
            None => Ok(Vec::new()),
        };
        Ok(Change { add: part("add")?, remove: part("remove")? })
    }

    fn kind(&mut self, object: &Map<String, Value>, field: &str) -> Read<Option<Kind>> {
        let Some(text) = self.text(object, field, "type")? else {
            return Ok(None);
        };
        Kind::parse(&text).map(Some).ok_or_else(|| {
            let known: Vec<&str> = Kind::NAMES.iter().map(|(name, _)| *name).collect();
            self.wrong(&format!("{field}.type"), &format!("is {text:?}; it must be one of {}", known.join(", ")))
        })
    }

    fn patterns(&mut self, value: &Value) -> Read<GlobSet> {
        let mut set = GlobSetBuilder::new();
        for (at, pattern) in self.texts(value, "ignore")?.into_iter().enumerate() {
            let field = format!("ignore.{at}");
            let glob = |pattern: &str| -> Result<Glob, Diagnostic> {
                let built = GlobBuilder::new(pattern).literal_separator(true).build();
                built.map_err(|error| self.wrong(&field, &format!("is no pattern: {}", error.kind())))
            };
            let plain = pattern.trim_start_matches("./").trim_end_matches('/');
            set.add(glob(plain)?);
            // A folder's name means everything in it.
            set.add(glob(&format!("{plain}/**"))?);
        }
        set.build().map_err(|error| self.wrong("ignore", &format!("cannot be used: {}", error.kind())))
    }

    fn path(&self, written: &str, field: &str) -> Read<String> {
        path::resolve(self.root, written)
            .ok_or_else(|| self.wrong(field, &format!("is {written:?}, which leaves the repository")))
    }

    fn object<'v>(&self, value: &'v Value, field: &str) -> Read<&'v Map<String, Value>> {
        value.as_object().ok_or_else(|| self.wrong(field, "must be an object"))
    }

    fn list<'v>(&self, value: &'v Value, field: &str) -> Read<&'v [Value]> {
        match value.as_array() {
            Some(list) if list.len() > MAX_ENTRIES => Err(self.wrong(field, "has too many entries")),
            Some(list) => Ok(list),
            None => Err(self.wrong(field, "must be a list")),
        }
    }

    fn texts(&self, value: &Value, field: &str) -> Read<Vec<String>> {
        let list = self.list(value, field)?;
        let texts = list.iter().map(|value| value.as_str().map(str::to_owned));
        texts.collect::<Option<_>>().ok_or_else(|| self.wrong(field, "must be a list of texts"))
    }

    fn text(&self, object: &Map<String, Value>, field: &str, key: &str) -> Read<Option<String>> {
        let field = if field.is_empty() { key.to_owned() } else { format!("{field}.{key}") };
        match object.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(&field, "must be a text that is not empty")),
        }
    }

    fn wrong(&self, field: &str, problem: &str) -> Diagnostic {
        let subject = if field.is_empty() { "the file".to_owned() } else { format!("`{field}`") };
        let message = format!("{}: {subject} {problem}", self.file);
        let wrong = Diagnostic::error(DiagnosticCode::Override, message).in_file(self.file);
        let wrong = wrong.fix("Correct it as docs/sources.md describes, or remove the file to use the rules alone.");
        if field.is_empty() { wrong } else { wrong.at_field(field) }
    }

    fn warn_unknown(&mut self, object: &Map<String, Value>, field: &str, known: &[&str]) {
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            let place = if field.is_empty() { String::new() } else { format!(" in `{field}`") };
            let names = known.iter().filter(|name| !name.starts_with('$')).copied().collect::<Vec<_>>().join(", ");
            let message = format!("{}: `{key}`{place} is unknown and means nothing; known are {names}", self.file);
            self.diagnostics.push(
                Diagnostic::warning(DiagnosticCode::Override, message)
                    .in_file(self.file)
                    .fix("Correct the key, or remove it."),
            );
        }
    }
}
