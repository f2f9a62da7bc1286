//! The contents of the files that items name.

use super::{
    folder::{Edit, apply},
    missing_object, require_file,
};
use crate::{
    blobs::Blobs,
    tree::{Tree, TreeError},
};
use model::{Diagnostic, DiagnosticCode, Digest, MAX_FILE_BYTES};

/// Largest sum of an item's files, in bytes: an item is rendered in memory.
const MAX_ITEM_BYTES: u64 = 32 * 1024 * 1024;

/// Largest sum over all items, in bytes. A few files that are named over and
/// over would otherwise grow to any size.
const MAX_REGISTRY_BYTES: u64 = 1024 * 1024 * 1024;

/// Reads and stores contents, within bounds.
pub(super) struct Contents<'a> {
    pub(super) tree: &'a dyn Tree,
    blobs: &'a mut dyn Blobs,
    total: u64,
}

impl<'a> Contents<'a> {
    pub(super) fn new(tree: &'a dyn Tree, blobs: &'a mut dyn Blobs) -> Self {
        Self { tree, blobs, total: 0 }
    }

    /// Digest and size of the file at `path` with these edits. The inner error
    /// says why it cannot be served.
    pub(super) fn file(&mut self, path: &str, edits: &[Edit]) -> Result<Result<(Digest, u64), Diagnostic>, TreeError> {
        match self.read(path, edits) {
            Err(error @ TreeError::MissingObject(_)) => Ok(Err(missing_object(path, &error))),
            other => other,
        }
    }

    fn read(&mut self, path: &str, edits: &[Edit]) -> Result<Result<(Digest, u64), Diagnostic>, TreeError> {
        let entry = match require_file(self.tree.lookup(path)?, path) {
            Ok(entry) => entry,
            Err(problem) => return Ok(Err(problem)),
        };
        if edits.is_empty()
            && let Some(known) = self.blobs.known(entry.id)
        {
            return Ok(Ok(known));
        }
        if let Err(problem) = check_size(path, self.tree.size(entry.id)?) {
            return Ok(Err(problem));
        }
        let bytes = self.tree.read(entry.id)?;
        let Ok(text) = std::str::from_utf8(&bytes) else {
            let message = format!("{path:?} is not UTF-8 text; `shadcn build` would corrupt it");
            let problem = Diagnostic::error(DiagnosticCode::BinaryFile, message);
            return Ok(
                Err(problem.fix("Save it as UTF-8; host binary assets elsewhere and name their URL in `docs`.")),
            );
        };
        if !edits.is_empty() {
            // What is served is not what the object holds.
            return Ok(self.inlined(path, apply(text, edits)));
        }
        let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
        self.blobs.store(Some(entry.id), digest, bytes);
        Ok(Ok((digest, size)))
    }

    /// Digest and size of a content that was inlined at `path`.
    pub(super) fn inlined(&mut self, path: &str, content: String) -> Result<(Digest, u64), Diagnostic> {
        let size = content.len() as u64;
        check_size(path, size)?;
        let digest = Digest::of(content.as_bytes());
        self.blobs.store(None, digest, content.into_bytes());
        Ok((digest, size))
    }

    /// Counts an item's contents, unless that would be too much.
    pub(super) fn count(&mut self, item: u64) -> Result<(), Diagnostic> {
        if item > MAX_ITEM_BYTES {
            let message = format!("the item's files have {item} bytes together; at most {MAX_ITEM_BYTES} are served");
            return Err(Diagnostic::error(DiagnosticCode::TooMany, message).fix("Split the item."));
        }
        if self.total + item > MAX_REGISTRY_BYTES {
            let message = format!("the registry's files have more than {MAX_REGISTRY_BYTES} bytes together");
            return Err(Diagnostic::error(DiagnosticCode::TooMany, message).fix("Split the registry."));
        }
        self.total += item;
        Ok(())
    }
}

fn check_size(path: &str, size: u64) -> Result<(), Diagnostic> {
    if size <= MAX_FILE_BYTES {
        return Ok(());
    }
    let message = format!("{path:?} has {size} bytes; a file may have at most {MAX_FILE_BYTES}");
    Err(Diagnostic::error(DiagnosticCode::FileTooLarge, message).fix("Split the file, or host it elsewhere."))
}
