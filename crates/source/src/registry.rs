//! What reading a tree yields.

use crate::tree::TreeError;
use model::{Diagnostic, DiagnosticCode, Digest, FileDigest, ItemName, MAX_ITEMS, Manifest};

/// How a registry is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegistryKind {
    /// A source `registry.json` whose items name files of the tree.
    Manifest,
    /// A folder of built items, their contents inlined: what `shadcn build` writes.
    Built,
    /// A folder of components that nothing declares: the files and their imports
    /// make the items.
    Folder,
}

/// Where an item is defined.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Definition {
    /// The file, relative to the tree's root; of a folder of components the file
    /// that the item is about.
    pub file: String,
    /// The position in that file's `items`, from 0; 0 where one file is one item.
    pub index: usize,
}

/// A registry as it stands in a tree.
#[derive(Debug, Clone)]
pub struct Registry {
    /// How it is written down.
    pub kind: RegistryKind,
    /// Its `registry.json`, its folder of built items or of components, or its
    /// `ekairos.json`, relative to the tree's root.
    pub path: String,
    /// The registry's name, if it has one.
    pub name: Option<String>,
    /// The registry's home page, if it has one.
    pub homepage: Option<String>,
    /// The items that can be served, in the registry's order. No two have the same name.
    pub items: Vec<Item>,
    /// The items that cannot.
    pub quarantined: Vec<Quarantined>,
    /// Files that should have defined items and could not be read: an include
    /// that is missing or malformed, a built item that is not JSON. Their items
    /// are unknown, not removed.
    pub unreadable: Vec<String>,
    /// All findings, in the order in which they were met.
    pub diagnostics: Vec<Diagnostic>,
}

impl Registry {
    /// Whether items may be missing from [`Registry::items`] and
    /// [`Registry::quarantined`] though their author did not remove them: a
    /// definition could not be read, or not even its name.
    pub fn is_incomplete(&self) -> bool {
        !self.unreadable.is_empty() || self.quarantined.iter().any(|item| item.written_name.is_none())
    }
}

/// An item that can be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name, without the repository's namespace.
    pub name: ItemName,
    /// The item without file contents and without `$schema`, which
    /// [`crate::render`] writes itself. Its file paths are those of [`ItemFile::path`].
    pub manifest: Manifest,
    /// Its files, in the manifest's order.
    pub files: Vec<ItemFile>,
    /// Where it is defined.
    pub definition: Definition,
    /// Made once: of what makes it, nothing changes.
    version: Digest,
}

impl Item {
    pub(crate) fn new(name: ItemName, manifest: Manifest, files: Vec<ItemFile>, definition: Definition) -> Self {
        let digests: Vec<FileDigest> =
            files.iter().map(|file| FileDigest { path: file.path.clone(), digest: file.digest }).collect();
        let version = manifest.version_digest(&digests);
        Self { name, manifest, files, definition, version }
    }

    /// The digest of this version.
    pub fn version_digest(&self) -> Digest {
        self.version
    }
}

/// A file of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFile {
    /// The path as it is served: relative to the registry's folder, so that it
    /// may begin with `..` when a target says where the file goes. Of a folder of
    /// components it is where the file goes in a project of shadcn's own layout.
    pub path: String,
    /// The file in the tree that holds the content. For a built item that is
    /// the item's own JSON file.
    pub source_path: String,
    /// The file's `type`: `registry:ui`, …
    pub kind: String,
    /// Where the CLI writes it; an empty target means none.
    pub target: Option<String>,
    /// SHA-256 of the content.
    pub digest: Digest,
    /// The content's size in bytes.
    pub size: u64,
}

/// An item that cannot be served. Its last good version stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its name without namespace, if it has a valid one. A name that is also
    /// among [`Registry::items`] is a duplicate; the item there is the one to serve.
    pub name: Option<ItemName>,
    /// Its name as its author wrote it, also where no item can be served under
    /// it: `styles`, `a?b`.
    pub written_name: Option<String>,
    /// Where it is defined.
    pub definition: Definition,
    /// What is wrong with it; all of these are in [`Registry::diagnostics`] too.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why nothing could be read. Each message names the next step.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing in the tree reads as a registry.
    #[error(
        "no registry found: no registry.json with items whose type begins with `registry:`, no folder of built items, and no folder of components; add a registry.json at the root or set the repository's config path"
    )]
    NoRegistry,
    /// The configured path leads nowhere.
    #[error(
        "nothing to read at the config path {path:?}: {problem}; correct the repository's config path or leave it empty to search"
    )]
    ConfigPath {
        /// The path as configured.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The registry's own file cannot be read as one.
    #[error("{0}")]
    Unreadable(Box<Diagnostic>),
    /// More items than a registry may have.
    #[error(
        "{file} and what it includes define {count} items; a registry may have at most {MAX_ITEMS}; split it into several registries"
    )]
    TooManyItems {
        /// The root registry file.
        file: String,
        /// How many there are.
        count: usize,
    },
    /// The tree could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl SourceError {
    /// The error as a finding, for a sync's report.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Unreadable(diagnostic) => (**diagnostic).clone(),
            Self::NoRegistry => Diagnostic::error(DiagnosticCode::NoRegistry, self.to_string()),
            Self::ConfigPath { path, .. } => {
                Diagnostic::error(DiagnosticCode::NoRegistry, self.to_string()).in_file(path)
            }
            Self::TooManyItems { file, .. } => {
                Diagnostic::error(DiagnosticCode::TooMany, self.to_string()).in_file(file)
            }
            Self::Tree(_) => Diagnostic::error(DiagnosticCode::UnreadableRef, self.to_string()),
        }
    }
}
