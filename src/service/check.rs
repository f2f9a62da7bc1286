//! `check`: reading a local registry the way a sync would, publishing nothing.

use super::{
    ServiceError,
    findings::{self, Surroundings},
    sync::shape_of,
    tree::FolderTree,
};
use model::{DependencyPolicy, Diagnostic, RegistryShape};
use serde::Serialize;
use source::{MemoryBlobs, Registry, Settings, SourceError};
use std::path::{Path, PathBuf};

/// What a check found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// The folder that paths are relative to: the repository's root, where the
    /// checked folder lies in one.
    #[serde(skip)]
    pub root: PathBuf,
    /// The registry's file or folder, from the root.
    pub registry: Option<String>,
    /// How it is written down.
    pub shape: Option<RegistryShape>,
    /// How many items would be served.
    pub items: usize,
    /// How many would not.
    pub quarantined: usize,
    /// What would be served, in the registry's order.
    pub preview: Vec<PreviewItem>,
    /// All findings, in the order of the registry.
    pub diagnostics: Vec<Diagnostic>,
}

/// An item that would be served.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewItem {
    /// Its name.
    pub name: String,
    /// `registry:ui`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its files, from the root.
    pub files: Vec<String>,
    /// npm packages it needs.
    pub dependencies: Vec<String>,
    /// Items it needs.
    pub registry_dependencies: Vec<String>,
}

impl CheckReport {
    /// Whether anything would not be served.
    pub fn has_errors(&self) -> bool {
        findings::has_errors(&self.diagnostics)
    }

    fn of(root: PathBuf, registry: Registry) -> Self {
        let text = |item: &source::Item, key: &str| match item.manifest.to_object().remove(key) {
            Some(serde_json::Value::String(text)) => Some(text),
            _ => None,
        };
        let preview = registry.items.iter().map(|item| PreviewItem {
            name: item.name.to_string(),
            kind: text(item, "type").unwrap_or_default(),
            description: text(item, "description"),
            files: item.files.iter().map(|file| file.source_path.clone()).collect(),
            dependencies: source::npm_dependencies(&item.manifest),
            registry_dependencies: source::registry_dependencies(&item.manifest),
        });
        Self {
            root,
            shape: Some(shape_of(registry.kind)),
            items: registry.items.len(),
            quarantined: registry.quarantined.len(),
            preview: preview.collect(),
            registry: Some(registry.path),
            diagnostics: registry.diagnostics,
        }
    }
}

/// Reads the registry at `path`: a folder, or the `registry.json` itself, read
/// as part of the repository that it lies in. Blocks. What is not committed
/// counts too, less what git is told to ignore.
pub fn check(path: &Path, policy: Option<DependencyPolicy>) -> Result<CheckReport, ServiceError> {
    let path = path.canonicalize().map_err(|error| {
        ServiceError::Invalid(format!("Cannot read {}: {error}. Give a folder or a registry.json.", path.display()))
    })?;
    let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
    // Paths and imports may lead anywhere within the repository.
    let root = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder).to_owned();
    let tree = FolderTree::at(&root);
    let inside = path.strip_prefix(&root).expect("the root is the path or above it");
    let inside = inside.to_str().ok_or_else(|| {
        ServiceError::Invalid(format!("{} is not UTF-8, so no registry can name it. Rename it.", inside.display()))
    })?;
    let config_path = match inside {
        "" => None,
        file if path.is_file() => Some(file.to_owned()),
        // As the root's own registry is found, the best one below the folder is.
        folder => Some(best_below(&tree, folder)?.unwrap_or_else(|| folder.to_owned())),
    };
    let settings =
        Settings { config_path, is_shadcn_name: Some(crate::catalog::is_shadcn_name), ..Settings::default() };
    let mut blobs = MemoryBlobs::default();
    match source::read_registry(&tree, &settings, &mut blobs, &mut |_, _| {}) {
        Ok(mut registry) => {
            let undeclared = source::undeclared_imports(&tree, &registry, &mut blobs).map_err(SourceError::from)?;
            registry.diagnostics.extend(undeclared);
            let policy = policy.unwrap_or_else(|| DependencyPolicy::default_for(shape_of(registry.kind)));
            findings::add(&mut registry, Surroundings { policy, address: None });
            Ok(CheckReport::of(root, registry))
        }
        Err(
            error @ (SourceError::NoRegistry
            | SourceError::ConfigPath { .. }
            | SourceError::Unreadable(_)
            | SourceError::TooManyItems { .. }),
        ) => Ok(CheckReport {
            root,
            registry: None,
            shape: None,
            items: 0,
            quarantined: 0,
            preview: Vec::new(),
            diagnostics: vec![error.diagnostic()],
        }),
        Err(error) => Err(error.into()),
    }
}

fn best_below(tree: &FolderTree, folder: &str) -> Result<Option<String>, ServiceError> {
    let below = format!("{folder}/");
    let candidates = source::discover(tree)?;
    let best = candidates.into_iter().find(|candidate| candidate.path == folder || candidate.path.starts_with(&below));
    Ok(best.map(|candidate| candidate.path))
}
