//! Which files belong to which component, as the newest commit has it.

use model::ItemName;
use source::{Registry, RegistryKind};
use std::collections::BTreeSet;

/// Which files belong to which component.
#[derive(Debug, Clone, Default)]
pub(in crate::service) struct ComponentPaths {
    pub(super) components: Vec<ItemName>,
    /// Paths with the position of their component.
    pub(super) paths: Vec<(String, usize)>,
    /// The `registry.json`, if that is where components are defined.
    pub(super) root: Option<String>,
    /// It and the files that it includes.
    pub(super) definitions: Vec<String>,
}

impl ComponentPaths {
    /// The files of every item.
    pub(in crate::service) fn of(registry: &Registry) -> Self {
        let mut paths = Self::default();
        let mut definitions = BTreeSet::new();
        let declared = registry.kind == RegistryKind::Manifest;
        if declared {
            paths.root = Some(registry.path.clone());
            definitions.insert(registry.path.clone());
        }
        for item in &registry.items {
            let index = paths.components.len();
            paths.components.push(item.name.clone());
            paths.paths.extend(item.files.iter().map(|file| (file.source_path.clone(), index)));
            if declared {
                definitions.insert(item.definition.file.clone());
            } else if item.files.is_empty() {
                paths.paths.push((item.definition.file.clone(), index));
            }
        }
        paths.definitions = definitions.into_iter().collect();
        paths
    }
}
