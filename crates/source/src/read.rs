//! From a tree to a registry.

pub(crate) mod built;
mod contents;
pub(crate) mod declared;
pub(crate) mod folder;
mod item;
mod locate;
mod manifest;
mod outline;

pub use outline::{Outline, OutlinedItem, outline};

use crate::{
    blobs::Blobs,
    json::{self, Malformed},
    registry::{Registry, RegistryKind, SourceError},
    tree::{Tree, TreeError},
};
use model::{Diagnostic, DiagnosticCode, Entry, EntryKind, Namespace};
use serde_json::Value;

/// Largest `registry.json` or built item that is read, in bytes: parsed, it may
/// take some twenty times that.
const MAX_JSON_BYTES: u64 = 16 * 1024 * 1024;

/// Where to look and how names will be served.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The `registry.json`, a folder with one, of built items or of components,
    /// or an `ekairos.json`, relative to the tree's root. `None` or empty: search.
    pub config_path: Option<String>,
    /// The prefix under which the items will be served; their full names must
    /// be possible too.
    pub namespace: Option<Namespace>,
    /// Which names are items of shadcn's own, for a folder of components that
    /// imports them without having them. None are, if it is not said.
    pub is_shadcn_name: Option<fn(&str) -> bool>,
}

/// Reads the registry that `settings` point to, or the best one that
/// [`crate::discover`] finds.
///
/// Every text goes to `blobs`; what it knows by object id is not read.
/// `progress` is told (items done, items in all) after each item.
pub fn read_registry(
    tree: &dyn Tree,
    settings: &Settings,
    blobs: &mut dyn Blobs,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Registry, SourceError> {
    let place = locate::locate(tree, settings)?;
    match place.kind {
        RegistryKind::Manifest => manifest::read(tree, &place.path, settings, blobs, progress),
        RegistryKind::Built => built::read(tree, &place.path, settings, blobs, progress),
        RegistryKind::Folder => folder::read(tree, &place.path, settings, blobs, progress),
    }
}

/// Reads a JSON file of the tree. The inner error says what is wrong with the file.
pub(crate) fn read_json(tree: &dyn Tree, path: &str) -> Result<Result<Value, Diagnostic>, TreeError> {
    let entry = match require_file(tree.lookup(path)?, path) {
        Ok(entry) => entry,
        Err(problem) => return Ok(Err(problem.in_file(path))),
    };
    match read_bytes(tree, path, entry) {
        Ok(bytes) => {
            Ok(bytes.and_then(|bytes| json::parse(&bytes).map_err(|malformed| malformed_json(path, &malformed))))
        }
        Err(error @ TreeError::MissingObject(_)) => Ok(Err(missing_object(path, &error).in_file(path))),
        Err(error) => Err(error),
    }
}

fn read_bytes(tree: &dyn Tree, path: &str, entry: Entry) -> Result<Result<Vec<u8>, Diagnostic>, TreeError> {
    let size = tree.size(entry.id)?;
    if size > MAX_JSON_BYTES {
        let message = format!("{path} has {size} bytes; at most {MAX_JSON_BYTES} are read");
        let problem = Diagnostic::error(DiagnosticCode::FileTooLarge, message).in_file(path);
        return Ok(Err(problem.fix("Split the registry with `include`.")));
    }
    tree.read(entry.id).map(Ok)
}

/// A damaged copy costs what needs the object, not the whole registry.
fn missing_object(path: &str, error: &TreeError) -> Diagnostic {
    let message = format!("the content of {path:?} cannot be read: {error}");
    Diagnostic::error(DiagnosticCode::MissingFile, message)
        .fix("Sync again; if it stays, check the repository with `git fsck`.")
}

fn malformed_json(path: &str, malformed: &Malformed) -> Diagnostic {
    let (code, message, fix) = match malformed {
        Malformed::ByteOrderMark => (
            DiagnosticCode::MalformedJson,
            format!("{path} begins with a byte order mark, which `shadcn build` refuses"),
            "Save the file as UTF-8 without BOM.",
        ),
        Malformed::NotUtf8 => (DiagnosticCode::NotUtf8, format!("{path} is not UTF-8"), "Save the file as UTF-8."),
        Malformed::Syntax(error) => (
            DiagnosticCode::MalformedJson,
            format!("{path} is not JSON: {error}"),
            "Correct the JSON; `shadcn registry validate` checks it too.",
        ),
    };
    Diagnostic::error(code, message).in_file(path).fix(fix)
}

/// The entry if it is a file, else what stands in the way.
fn require_file(entry: Option<Entry>, path: &str) -> Result<Entry, Diagnostic> {
    let (code, message, fix) = match entry {
        Some(entry) if entry.kind == EntryKind::File => return Ok(entry),
        None => (
            DiagnosticCode::MissingFile,
            format!("there is no file {path:?} in the repository"),
            "Correct the path, or commit the file.",
        ),
        Some(Entry { kind: EntryKind::Symlink, .. }) => (
            DiagnosticCode::Symlink,
            format!("{path:?} is, or leads through, a symbolic link, which is never followed"),
            "Commit the file itself in place of the link.",
        ),
        Some(Entry { kind: EntryKind::Submodule, .. }) => (
            DiagnosticCode::Submodule,
            format!("{path:?} leads into a submodule, which is never entered"),
            "Commit the file to this repository, or add the submodule as a repository of its own.",
        ),
        Some(_) => {
            (DiagnosticCode::MissingFile, format!("{path:?} is a folder"), "Name each file of the folder by itself.")
        }
    };
    Err(Diagnostic::error(code, message).fix(fix))
}
