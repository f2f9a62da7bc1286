//! The items that a `registry.json` and its includes declare
//! (`specs/shadcn-protocol.md` 4.2).

use super::read_json;
use crate::{
    path,
    registry::SourceError,
    tree::{Tree, TreeError},
};
use model::{Diagnostic, DiagnosticCode, MAX_ITEMS};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// How deep includes may nest, the root being the first level.
const MAX_INCLUDE_DEPTH: usize = 32;

/// An item as it stands in a file.
pub(crate) struct Declared {
    /// The file that declares it.
    pub(crate) file: String,
    pub(crate) index: usize,
    pub(crate) value: Value,
}

/// Everything that a root file and its includes say.
#[derive(Default)]
pub(crate) struct Declarations {
    pub(crate) name: Option<String>,
    pub(crate) homepage: Option<String>,
    /// Whether the root includes other files. Then each item's files must lie
    /// in the folder of the file that declares it, and names must be unique.
    pub(crate) uses_include: bool,
    /// Includes before own items, depth first.
    pub(crate) items: Vec<Declared>,
    /// The root file and those that could be included.
    pub(crate) files: BTreeSet<String>,
    pub(crate) unreadable: Vec<String>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads the root file at `root` and what it includes.
pub(crate) fn read(tree: &dyn Tree, root: &str) -> Result<Declarations, SourceError> {
    let mut file = match read_json(tree, root)?.and_then(|value| chunk(root, value)) {
        Ok(file) => file,
        Err(problem) => return Err(SourceError::Unreadable(Box::new(problem))),
    };
    let mut collector = Collector { tree, included_from: HashMap::new(), found: Declarations::default() };
    collector.found.name = collector.root_field(root, &mut file.object, "name");
    collector.found.homepage = collector.root_field(root, &mut file.object, "homepage");
    collector.found.uses_include = !file.include.is_empty();
    if collector.found.uses_include && path::basename(root) != "registry.json" {
        let message = format!("{root} uses `include`, so it must be named registry.json");
        collector.warn(Diagnostic::warning(DiagnosticCode::Include, message).in_file(root).fix("Rename the file."));
    }
    collector.collect(root, file, &mut Vec::new())?;
    let mut found = collector.found;
    found.files = collector.included_from.into_keys().collect();
    if found.items.len() > MAX_ITEMS {
        return Err(SourceError::TooManyItems { file: root.to_owned(), count: found.items.len() });
    }
    Ok(found)
}

/// A registry file with its lists taken out.
struct Chunk {
    object: Map<String, Value>,
    include: Vec<Value>,
    items: Vec<Value>,
}

fn chunk(file: &str, value: Value) -> Result<Chunk, Diagnostic> {
    let problem =
        |message: String, fix: &str| Diagnostic::error(DiagnosticCode::Schema, message).in_file(file).fix(fix);
    let Value::Object(mut object) = value else {
        let fix = "Write an object with `name`, `homepage` and `items`.";
        return Err(problem(format!("{file} is not a JSON object"), fix));
    };
    let mut list = |key: &str| match object.remove(key) {
        None => Ok(None),
        Some(Value::Array(values)) => Ok(Some(values)),
        Some(_) => Err(problem(format!("`{key}` of {file} is not an array"), "Make it an array.")),
    };
    let (include, items) = (list("include")?, list("items")?);
    if include.is_none() && items.is_none() {
        let message = format!("{file} has neither `items` nor `include`");
        return Err(problem(message, "Add `items`, `include` or both."));
    }
    Ok(Chunk { object, include: include.unwrap_or_default(), items: items.unwrap_or_default() })
}

struct Collector<'a> {
    tree: &'a dyn Tree,
    /// The file that included each file first.
    included_from: HashMap<String, String>,
    found: Declarations,
}

impl Collector<'_> {
    fn warn(&mut self, diagnostic: Diagnostic) {
        self.found.diagnostics.push(diagnostic);
    }

    /// A string that `shadcn build` wants at the root; we can do without.
    fn root_field(&mut self, root: &str, object: &mut Map<String, Value>, key: &str) -> Option<String> {
        if let Some(Value::String(text)) = object.remove(key)
            && !text.is_empty()
        {
            return Some(text);
        }
        let message = format!("{root} has no `{key}`; `shadcn build` refuses such a registry");
        self.warn(
            Diagnostic::warning(DiagnosticCode::Schema, message)
                .in_file(root)
                .at_field(key)
                .fix(format!("Add `{key}`, a string.")),
        );
        None
    }

    fn collect(&mut self, file: &str, chunk: Chunk, above: &mut Vec<String>) -> Result<(), TreeError> {
        let from = above.last().cloned().unwrap_or_else(|| file.to_owned());
        self.included_from.insert(file.to_owned(), from);
        above.push(file.to_owned());
        for (position, include) in chunk.include.into_iter().enumerate() {
            // Enough to refuse the registry; no need to hold more in memory.
            if self.found.items.len() > MAX_ITEMS {
                break;
            }
            if let Err(mut problem) = self.include(file, &include, above)? {
                self.not_followed(file, &include);
                problem.file.get_or_insert_with(|| file.to_owned());
                problem.field.get_or_insert_with(|| format!("include.{position}"));
                self.warn(problem);
            }
        }
        above.pop();
        let own = chunk.items.into_iter().enumerate();
        self.found.items.extend(own.map(|(index, value)| Declared { file: file.to_owned(), index, value }));
        Ok(())
    }

    /// Notes the file whose items are unknown now, unless another include led to it.
    fn not_followed(&mut self, file: &str, include: &Value) {
        let text = include.as_str();
        let target = text.and_then(|text| path::resolve(path::parent(file), text));
        let target = target.unwrap_or_else(|| file.to_owned());
        if !self.included_from.contains_key(&target) || target == file {
            self.found.unreadable.push(target);
        }
    }

    /// Follows one include. The inner error says why it was not followed.
    fn include(
        &mut self,
        file: &str,
        include: &Value,
        above: &mut Vec<String>,
    ) -> Result<Result<(), Diagnostic>, TreeError> {
        let target = match self.include_target(file, include, above) {
            Ok(target) => target,
            Err(problem) => return Ok(Err(problem)),
        };
        match read_json(self.tree, &target)?.and_then(|value| self::chunk(&target, value)) {
            Ok(chunk) => self.collect(&target, chunk, above).map(Ok),
            Err(problem) => Ok(Err(problem)),
        }
    }

    fn include_target(&self, file: &str, include: &Value, above: &[String]) -> Result<String, Diagnostic> {
        let fail = |message: String, fix: &str| {
            Err(Diagnostic::error(DiagnosticCode::Include, message).in_file(file).fix(fix))
        };
        let Some(text) = include.as_str() else {
            return fail("an include is not a string".to_owned(), "Write the path of a registry.json file.");
        };
        if url::Url::parse(text).is_ok() {
            return fail(format!("the include {text:?} is a URL"), "Include files of this repository only.");
        }
        if text.starts_with('/') || path::has_parent_segment(text) {
            return fail(
                format!("the include {text:?} leaves the folder of {file}"),
                "Use a relative path without `..`.",
            );
        }
        if path::basename(text) != "registry.json" {
            return fail(format!("the include {text:?} is not a registry.json"), "End the path with `registry.json`.");
        }
        // Without `..` it can only lead further down.
        let Some(target) = path::resolve(path::parent(file), text) else {
            return fail(format!("the include {text:?} leaves the repository"), "Use a relative path without `..`.");
        };
        if above.contains(&target) {
            return fail(
                format!("{file} includes {target}, which includes it: a cycle"),
                "Remove one of the includes.",
            );
        }
        if above.len() >= MAX_INCLUDE_DEPTH {
            return fail(
                format!("{target} is included more than {MAX_INCLUDE_DEPTH} levels deep"),
                "Include it from further up.",
            );
        }
        if let Some(first) = self.included_from.get(&target) {
            return fail(
                format!("{target} is included by {file} and before that by {first}"),
                "Remove one of the includes.",
            );
        }
        Ok(target)
    }
}
