//! Folders in memory, and what is read from them.

use crate::common::served;
use model::{DiagnosticCode, Severity};
use serde_json::Value;
use source::{
    Dialect, Item, ItemFile, MemoryBlobs, MemoryTree, Module, Registry, Resolution, Resolver, Settings, SourceError,
    read_registry,
};
use std::collections::BTreeMap;

/// What most components begin with.
pub(super) const JSX: &str = "export function Part() { return <b/> }\n";

/// A tree of these files.
pub(super) fn tree(files: &[(&str, &str)]) -> MemoryTree {
    files.iter().fold(MemoryTree::new(), |tree, (path, text)| tree.file(path, *text))
}

/// A registry with the texts of its files.
pub(super) struct Read {
    pub(super) registry: Registry,
    pub(super) blobs: MemoryBlobs,
}

/// Reads what is found in these files.
pub(super) fn read(files: &[(&str, &str)]) -> Read {
    read_at(files, None)
}

/// Reads these files with a config path.
pub(super) fn read_at(files: &[(&str, &str)], config_path: Option<&str>) -> Read {
    try_read(&tree(files), config_path).unwrap()
}

pub(super) fn try_read(tree: &MemoryTree, config_path: Option<&str>) -> Result<Read, SourceError> {
    let is_shadcn_name = Some((|name| matches!(name, "button" | "utils" | "use-mobile")) as fn(&str) -> bool);
    let settings = Settings { config_path: config_path.map(str::to_owned), is_shadcn_name, namespace: None };
    let mut blobs = MemoryBlobs::default();
    let registry = read_registry(tree, &settings, &mut blobs, &mut |_, _| {})?;
    Ok(Read { registry, blobs })
}

impl Read {
    pub(super) fn names(&self) -> Vec<&str> {
        served(&self.registry)
    }

    pub(super) fn item(&self, name: &str) -> &Item {
        let found = self.registry.items.iter().find(|item| item.name.as_str() == name);
        found.unwrap_or_else(|| panic!("no {name} among {:?}", self.names()))
    }

    /// A field of an item, as JSON text without quotes.
    pub(super) fn field(&self, name: &str, field: &str) -> String {
        match self.item(name).manifest.to_object().get(field) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(list)) => {
                list.iter().map(|one| one.as_str().unwrap_or_default()).collect::<Vec<_>>().join(" ")
            }
            _ => String::new(),
        }
    }

    /// Name and type of each item.
    pub(super) fn types(&self) -> Vec<(String, String)> {
        let types = self
            .names()
            .into_iter()
            .map(|name| (name.to_owned(), self.field(name, "type").trim_start_matches("registry:").to_owned()));
        types.collect()
    }

    /// The files of an item: path, type and target.
    pub(super) fn files(&self, name: &str) -> Vec<(&str, &str, &str)> {
        let files = self.item(name).files.iter();
        files.map(|file| (file.path.as_str(), file.kind.as_str(), file.target.as_deref().unwrap_or(""))).collect()
    }

    /// The text that is served from a file of the tree.
    pub(super) fn text(&self, source_path: &str) -> &str {
        let mut files = self.registry.items.iter().flat_map(|item| &item.files);
        let file = files.find(|file| file.source_path == source_path).unwrap();
        self.blobs.text(&file.digest).unwrap()
    }

    /// Severity, code and message of each finding.
    pub(super) fn findings(&self) -> Vec<(Severity, DiagnosticCode, &str)> {
        let findings = self.registry.diagnostics.iter();
        findings.map(|finding| (finding.severity, finding.code, finding.message.as_str())).collect()
    }

    /// The only finding.
    pub(super) fn finding(&self) -> (Severity, DiagnosticCode, &str) {
        let findings = self.findings();
        assert_eq!(findings.len(), 1, "{findings:?}");
        findings[0]
    }

    pub(super) fn quarantined(&self) -> Vec<&str> {
        self.registry.quarantined.iter().filter_map(|item| item.written_name.as_deref()).collect()
    }

    /// Imports that lead nowhere when everything is installed into a project with
    /// the CLI's own aliases, and files that would overwrite each other.
    pub(super) fn lost_imports(&self) -> Vec<String> {
        let mut project = MemoryTree::new();
        let mut texts: BTreeMap<String, (&str, &[u8])> = BTreeMap::new();
        let mut lost = Vec::new();
        for file in self.registry.items.iter().flat_map(|item| &item.files) {
            let text = self.blobs.content(&file.digest).unwrap();
            let place = installed_at(file);
            project.insert(&place, text);
            if let Some((other, _)) = texts.insert(place.clone(), (&file.source_path, text))
                && other != file.source_path
            {
                lost.push(format!("{place} is {other} and {}", file.source_path));
            }
        }
        let mut resolver = Resolver::new(&project).unwrap();
        for (place, (_, text)) in &texts {
            let Some(dialect) = Dialect::of(place) else { continue };
            let module = Module::parse(text, dialect);
            assert_eq!(module.errors, [], "{place}");
            for import in module.imports {
                let found = resolver.resolve(place, &import.specifier).unwrap();
                let is_own = matches!(found, Resolution::File(_)) || !import.specifier.starts_with(['.', '@']);
                if !is_own {
                    lost.push(format!("{place}: {}", import.specifier));
                }
            }
        }
        lost
    }
}

/// Where the CLI writes a file in a project with its own aliases: its
/// `resolveFilePath` (`shadcn` 4.23.0).
pub(super) fn installed_at(file: &ItemFile) -> String {
    let slots = [("ui", "components/ui"), ("components", "components"), ("hooks", "hooks"), ("lib", "lib")];
    if let Some(target) = &file.target {
        let alias = slots
            .iter()
            .find_map(|(alias, folder)| Some(format!("{folder}/{}", target.strip_prefix(&format!("@{alias}/"))?)));
        return alias.unwrap_or_else(|| target.clone());
    }
    let folder = match file.kind.as_str() {
        "registry:ui" => "components/ui",
        "registry:lib" => "lib",
        "registry:hook" => "hooks",
        _ => "components",
    };
    let last = folder.rsplit('/').next().unwrap();
    let segments: Vec<&str> = file.path.split('/').collect();
    let after = segments.iter().position(|segment| *segment == last).map_or(segments.len() - 1, |at| at + 1);
    format!("{folder}/{}", segments[after..].join("/"))
}
