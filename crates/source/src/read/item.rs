//! One item: from what its author wrote to what can be served.

use super::{Settings, contents::Contents, folder::Chosen};
use crate::{
    path,
    registry::{Definition, Item, ItemFile, Quarantined},
    schema::{self, Problem},
    tree::TreeError,
};
use model::{Diagnostic, DiagnosticCode, InvalidName, ItemName, Manifest};
use serde_json::{Map, Value};

/// An item with its findings, or only those.
pub(super) type Outcome = Result<Item, Quarantined>;

/// Where the paths of an item's files lead.
pub(super) enum Paths<'a> {
    /// Anywhere in the tree, from the registry's folder.
    FromRoot(&'a str),
    /// Into the folder of the declaring file; served relative to the root's.
    Included { folder: &'a str, root: &'a str },
    /// Nowhere: the contents are inlined.
    Inlined,
    /// To these files of the tree, one for each of the item's.
    Chosen(&'a [Chosen]),
}

/// Cleans an item, checks it, and reads its files.
pub(super) fn read(
    value: Value,
    definition: Definition,
    paths: &Paths<'_>,
    settings: &Settings,
    contents: &mut Contents<'_>,
) -> Result<Outcome, TreeError> {
    let written_name = value.get("name").and_then(Value::as_str).map(str::to_owned);
    let name = written_name.as_deref().map(|name| item_name(name, settings));
    let mut problems = Vec::new();
    if let Some(Err(problem)) = &name {
        problems.push(name_problem(written_name.as_deref().unwrap_or_default(), problem, settings));
    }
    let mut item = None;
    match schema::clean_item(value) {
        Err(found) => problems.extend(found.into_iter().map(Problem::diagnostic)),
        Ok(mut clean) => {
            check_dependencies(&clean, &mut problems);
            let files = files(&mut clean, &definition, paths, contents, &mut problems)?;
            item = Some((Manifest::from_object(&clean), files));
        }
    }
    Ok(match (name, item) {
        (Some(Ok(name)), Some((manifest, files))) if problems.is_empty() => {
            Ok(Item::new(name, manifest, files, definition))
        }
        (name, _) => {
            let place = |problem: Diagnostic| {
                problem.in_file(&definition.file).at_item(definition.index, written_name.as_deref())
            };
            let diagnostics = problems.into_iter().map(place).collect();
            Err(Quarantined { name: name.and_then(Result::ok), written_name, definition, diagnostics })
        }
    })
}

/// The name, if it can be served: by itself, or below the namespace, where only
/// the namespace could be one of the registry's own routes.
pub(super) fn item_name(name: &str, settings: &Settings) -> Result<ItemName, InvalidName> {
    match &settings.namespace {
        Some(namespace) => ItemName::served(&format!("{namespace}/{name}")).and_then(|_| name.parse()),
        None => ItemName::served(name),
    }
}

fn name_problem(name: &str, problem: &InvalidName, settings: &Settings) -> Diagnostic {
    let reserved = settings.namespace.is_none() && name.parse::<ItemName>().is_ok_and(|name| name.is_reserved());
    let (code, fix) = if reserved {
        (DiagnosticCode::ReservedName, "Rename the item, or give its repository a namespace.")
    } else {
        (DiagnosticCode::InvalidName, "Rename the item.")
    };
    Diagnostic::error(code, problem.to_string()).at_field("name").fix(fix)
}

/// The CLI aborts an installation over these (`specs/shadcn-protocol.md` 1.5).
fn check_dependencies(item: &Map<String, Value>, problems: &mut Vec<Diagnostic>) {
    for key in ["dependencies", "devDependencies", "registryDependencies"] {
        for (position, dependency) in item.get(key).and_then(Value::as_array).into_iter().flatten().enumerate() {
            let text = dependency.as_str().unwrap_or_default();
            if text.trim().starts_with('-') {
                let message = format!("the dependency {text:?} begins with `-` and would be read as an option");
                let problem = Diagnostic::error(DiagnosticCode::UnsafeDependency, message);
                problems.push(problem.at_field(format!("{key}.{position}")).fix("Name a package."));
            }
        }
    }
}

fn files(
    item: &mut Map<String, Value>,
    definition: &Definition,
    paths: &Paths<'_>,
    contents: &mut Contents<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Result<Vec<ItemFile>, TreeError> {
    let Some(Value::Array(files)) = item.get_mut("files") else {
        return Ok(Vec::new());
    };
    let mut read = Vec::with_capacity(files.len());
    let mut size = 0;
    for (position, file) in files.iter_mut().enumerate() {
        let Value::Object(file) = file else { unreachable!("clean items have files that are objects") };
        match self::file(position, file, definition, paths, contents)? {
            Ok(file) => {
                size += file.size;
                read.push(file);
            }
            Err(problem) => {
                let field = problem.field.as_deref().unwrap_or("path");
                let field = format!("files.{position}.{field}");
                problems.push(problem.at_field(field));
            }
        }
    }
    if problems.is_empty()
        && let Err(problem) = contents.count(size)
    {
        problems.push(problem.at_field("files"));
    }
    Ok(read)
}

/// Reads one file and gives its entry in the manifest the path that is served.
fn file(
    position: usize,
    file: &mut Map<String, Value>,
    definition: &Definition,
    paths: &Paths<'_>,
    contents: &mut Contents<'_>,
) -> Result<Result<ItemFile, Diagnostic>, TreeError> {
    let inlined = file.shift_remove("content");
    let text = |key: &str| file.get(key).and_then(Value::as_str).map(str::to_owned);
    let (written, kind, target) = (text("path").unwrap_or_default(), text("type").unwrap_or_default(), text("target"));
    let chosen = if let Paths::Chosen(chosen) = paths { chosen.get(position) } else { None };
    let (served, source) = match served_path(&written, paths) {
        Ok((served, source)) => (served, source.or_else(|| chosen.map(|chosen| chosen.source.clone()))),
        Err(problem) => return Ok(Err(problem)),
    };
    if let Err(problem) = check_target(target.as_deref(), &served) {
        return Ok(Err(problem));
    }
    let edits = chosen.map_or(&[][..], |chosen| &chosen.edits);
    let content = match (source, inlined) {
        (Some(source), _) => contents.file(&source, edits)?.map(|content| (source, content)),
        (None, Some(Value::String(content))) => {
            contents.inlined(&served, content).map(|content| (definition.file.clone(), content))
        }
        (None, _) => {
            Err(Diagnostic::error(DiagnosticCode::MissingFile, format!("the file {written:?} has no content"))
                .at_field("content")
                .fix("Build the registry again with `shadcn build`."))
        }
    };
    Ok(content.map(|(source_path, (digest, size))| {
        file.insert("path".to_owned(), Value::String(served.clone()));
        ItemFile { path: served, source_path, kind, target, digest, size }
    }))
}

/// The path as it is served, and the file in the tree if it is not inlined.
pub(super) fn served_path(written: &str, paths: &Paths<'_>) -> Result<(String, Option<String>), Diagnostic> {
    let unsafe_path = |message: String, fix: &str| Err(Diagnostic::error(DiagnosticCode::UnsafePath, message).fix(fix));
    let (folder, root) = match paths {
        Paths::Inlined | Paths::Chosen(_) => return Ok((written.to_owned(), None)),
        Paths::FromRoot(root) => (root, root),
        Paths::Included { folder, root } => {
            if url::Url::parse(written).is_ok() || written.starts_with('/') || path::has_parent_segment(written) {
                return unsafe_path(
                    format!(
                        "the path {written:?} leaves the folder of the registry.json that declares it, which a registry with `include` may not"
                    ),
                    "Use a relative path without `..`.",
                );
            }
            (folder, root)
        }
    };
    match path::resolve(folder, written) {
        Some(source) => Ok((path::relative(root, &source), Some(source))),
        None => unsafe_path(
            format!("the path {written:?} leaves the repository"),
            "Use a path within the repository, relative to the registry.json.",
        ),
    }
}

/// What the CLI checks before it writes: the target, or the path without one.
fn check_target(target: Option<&str>, served: &str) -> Result<(), Diagnostic> {
    if path::is_safe_target(target.unwrap_or(served)) {
        return Ok(());
    }
    let unsafe_path = |message: String| Diagnostic::error(DiagnosticCode::UnsafePath, message);
    Err(match target {
        Some(target) => {
            unsafe_path(format!("the CLI refuses the target {target:?}, which may leave the consumer's project"))
                .at_field("target")
                .fix("Use a relative target without `..`, such as `@components/card.tsx`.")
        }
        None => unsafe_path(format!("the CLI refuses the path {served:?} of a file without a target"))
            .fix("Add a `target`, such as `@components/card.tsx`."),
    })
}
