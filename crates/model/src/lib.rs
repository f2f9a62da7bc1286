//! Plain data that server and browser share: identifiers, names, manifests,
//! digests, diagnostics and reports. Nothing here does I/O.

mod accent;
mod diagnostic;
mod digest;
mod hook;
mod id;
mod limits;
mod manifest;
mod name;
mod policy;
mod report;
mod selector;
mod similarity;
mod tree;
pub mod view;

pub use accent::Accent;
pub use diagnostic::{Diagnostic, DiagnosticCode, Severity};
pub use digest::{Digest, InvalidDigest};
pub use hook::{DeliveryOutcome, HookId, InvalidHookId};
pub use id::{
    CommitId, ComponentId, EntityId, FileId, InvalidId, OrganisationId, PublicationId, RepositoryId, SnapshotId,
    SyncId, TokenId, VersionId,
};
pub use limits::*;
pub use manifest::{FileDigest, MalformedManifest, Manifest};
pub use name::{Alias, CommitSha, InvalidName, ItemName, Namespace, RefName};
pub use policy::DependencyPolicy;
pub use report::{FoundRegistry, ItemChange, NextStep, Progress, RegistryShape, Stage, SyncReport, SyncState, Trigger};
pub use selector::{ItemAddress, Selector, Semver};
pub use similarity::{LikelyRename, RENAMED_FROM, Signature, best_renames, most_in_common};
pub use tree::{Entry, EntryKind, FileChange, ObjectId};
