//! A tree in, manifests and diagnostics out; two versions in, what differs out.
//! Pure: every byte comes through [`Tree`], and nothing is written but through
//! [`Blobs`].
//!
//! [`read_registry`] does for a tree what `shadcn build` does for a folder, and
//! [`render`] writes what it writes, byte for byte. Where `shadcn build` stops at
//! the first broken item, this crate quarantines that item with a
//! [`model::Diagnostic`] and goes on. Where nothing is declared, the files of a
//! folder of components and their imports make the items (`docs/sources.md`).

mod blobs;
mod dependencies;
mod diff;
mod discover;
mod files;
mod json;
mod line;
mod memory;
mod module;
mod path;
#[expect(clippy::result_large_err, reason = "a finding is made once per mistake and moves up a few frames")]
mod read;
mod registry;
mod render;
mod resolve;
mod schema;
mod tree;
mod undeclared;

pub use blobs::{Blobs, MemoryBlobs};
pub use dependencies::{dev_dependencies, npm_dependencies, registry_dependencies, split_package};
pub use diff::{DiffFile, DiffLimits, DiffVersion, changed_lines, diff};
pub use discover::{Candidate, discover};
pub use line::line_of;
pub use memory::MemoryTree;
pub use module::{Dialect, Doc, Export, Import, ImportKind, ImportedName, Module, SyntaxError};
pub use path::is_safe_target;
pub use read::{Outline, OutlinedItem, Settings, outline, read_registry};
pub use registry::{Definition, Item, ItemFile, Quarantined, Registry, RegistryKind, SourceError};
pub use render::{Dependency, Rendered, render, render_catalog_entry};
pub use resolve::{Range, Resolution, Resolver};
pub use tree::{Tree, TreeError, WalkControl};
pub use undeclared::undeclared_imports;
