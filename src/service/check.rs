//! `check`: reading a local registry the way a sync would, publishing nothing.

use super::{ServiceError, tree::FolderTree};
use model::{Diagnostic, Severity};
use serde::Serialize;
use source::{MemoryBlobs, Settings, SourceError};
use std::path::Path;

/// What a check found.
#[derive(Debug, Serialize)]
pub struct CheckReport {
    /// The registry's file, from the checked folder.
    pub registry: Option<String>,
    /// How many items would be served.
    pub items: usize,
    /// How many would not.
    pub quarantined: usize,
    /// All findings, in the order of the registry.
    pub diagnostics: Vec<Diagnostic>,
}

impl CheckReport {
    /// Whether anything would not be served.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Reads the registry at `path`: a folder, or the `registry.json` itself.
/// Blocks. What is not committed counts too.
pub fn check(path: &Path) -> Result<CheckReport, ServiceError> {
    let metadata = std::fs::metadata(path).map_err(|error| {
        ServiceError::Invalid(format!("Cannot read {}: {error}. Give a folder or a registry.json.", path.display()))
    })?;
    let (root, config_path) = if metadata.is_dir() {
        (path, None)
    } else {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        (folder, path.file_name().and_then(|name| name.to_str()).map(str::to_owned))
    };
    let tree = FolderTree::at(&root.canonicalize()?);
    let settings =
        Settings { config_path, is_shadcn_name: Some(crate::catalog::is_shadcn_name), ..Settings::default() };
    match source::read_registry(&tree, &settings, &mut MemoryBlobs::default(), &mut |_, _| {}) {
        Ok(registry) => Ok(CheckReport {
            registry: Some(registry.path),
            items: registry.items.len(),
            quarantined: registry.quarantined.len(),
            diagnostics: registry.diagnostics,
        }),
        Err(
            error @ (SourceError::NoRegistry
            | SourceError::ConfigPath { .. }
            | SourceError::Unreadable(_)
            | SourceError::TooManyItems { .. }),
        ) => Ok(CheckReport { registry: None, items: 0, quarantined: 0, diagnostics: vec![error.diagnostic()] }),
        Err(error) => Err(error.into()),
    }
}
