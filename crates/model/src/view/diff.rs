//! What differs between two versions of a component, and between two states of
//! a repository.

use super::Millis;
use crate::{CommitSha, Digest, FileChange, ItemChange, ItemName, SnapshotId};
use serde::{Deserialize, Serialize};

/// What differs between two versions of a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionDiff {
    /// The component's name.
    pub name: ItemName,
    /// The version before.
    pub from: DiffSide,
    /// The version after.
    pub to: DiffSide,
    /// Whether the two are one and the same version.
    pub identical: bool,
    /// What differs.
    #[serde(flatten)]
    pub difference: Difference,
}

/// One of the two versions of a diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffSide {
    /// As it was asked for: `v1.2`, `current`, a digest.
    pub asked: String,
    /// The version.
    pub digest: Digest,
    /// When it was first published.
    pub created_at: Millis,
    /// The commit it came with, or the one that was asked for.
    pub commit: Option<CommitSha>,
    /// Whether it is the one served now.
    pub current: bool,
}

/// What differs between two versions: manifest and files.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// What differs in the item's definition.
    pub manifest: ManifestDiff,
    /// The files that differ: in the later version's order, then those that are gone.
    pub files: Vec<FileDiff>,
    /// How many files are the same in both.
    pub unchanged_files: usize,
    /// How many more files differ than are told.
    pub more_files: usize,
}

/// What differs in an item's definition.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestDiff {
    /// The fields that differ, in the later version's order, then those that are gone.
    pub fields: Vec<FieldDiff>,
    /// The definition as indented JSON.
    pub body: DiffBody,
}

/// A field of an item's definition that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDiff {
    /// The field: `dependencies`.
    pub field: String,
    /// What happened to it; never `renamed`.
    pub change: FileChange,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileDiff {
    /// Its path; its former one if it is gone.
    pub path: String,
    /// What happened to it.
    pub change: FileChange,
    /// Its former path, if it was renamed.
    pub from: Option<String>,
    /// The file before, if there was one.
    pub before: Option<FileFacts>,
    /// The file after, if there is one.
    pub after: Option<FileFacts>,
    /// Its text.
    pub body: DiffBody,
}

/// A file of one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// SHA-256 of its content.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// How many lines it has.
    pub lines: usize,
}

/// How two texts differ.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DiffBody {
    /// Not at all.
    #[default]
    Same,
    /// In these places.
    Hunks {
        /// The places, each with some lines around it.
        hunks: Vec<Hunk>,
        /// How many lines were added.
        added: usize,
        /// How many lines were removed.
        removed: usize,
        /// How many more lines the hunks would have; left out for their number.
        more_lines: usize,
    },
    /// They have too many lines to be compared or shown.
    TooLarge {
        /// Lines before.
        lines_before: usize,
        /// Lines after.
        lines_after: usize,
    },
}

/// Lines that differ, with some around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hunk {
    /// The number of its first line before; 0 if it has none.
    pub before: usize,
    /// How many lines it has before.
    pub before_lines: usize,
    /// The number of its first line after; 0 if it has none.
    pub after: usize,
    /// How many lines it has after.
    pub after_lines: usize,
    /// Its lines.
    pub lines: Vec<DiffLine>,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffLine {
    /// What happened to it.
    pub mark: LineMark,
    /// Its number before, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<usize>,
    /// Its number after, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<usize>,
    /// The line without its end; cut if it is very long.
    pub text: String,
    /// The parts that make the difference to the line it was or became, as
    /// first and behind the last byte; none if that is the whole line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emphasis: Vec<(usize, usize)>,
    /// How many characters were cut off.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cut: usize,
    /// Whether no line end follows: the file ends here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unended: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineMark {
    /// It is in both.
    Kept,
    /// It is only in the text before.
    Removed,
    /// It is only in the text after.
    Added,
}

/// What differs between two states of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateDiff {
    /// The state before.
    pub from: StateSide,
    /// The state after.
    pub to: StateSide,
    /// The components that differ, in the later state's order, then those that are gone.
    pub components: Vec<ComponentDifference>,
    /// How many components are the same in both.
    pub unchanged: usize,
    /// How many more components differ than are told.
    pub more: usize,
}

/// One of the two states of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateSide {
    /// As it was asked for: `v1.2`, `current`.
    pub asked: String,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// The commit that was read.
    pub commit: Option<CommitSha>,
    /// How many components it has.
    pub count: usize,
}

/// A component that differs between two states of its repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentDifference {
    /// Its name, as it is served.
    pub name: ItemName,
    /// What happened to it; never `quarantined`.
    pub change: ItemChange,
    /// The version before, if it was there.
    pub from: Option<Digest>,
    /// The version after, if it is there.
    pub to: Option<Digest>,
}
