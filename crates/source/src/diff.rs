//! What differs between two versions of a component: fields of the manifest,
//! and files line by line. Bounded in everything; where a bound is met, the
//! answer says so.

mod emphasis;
mod manifest;
mod pairs;
mod text;

use model::{
    Digest, FileChange, Manifest,
    view::{DiffBody, Difference, FileDiff, FileFacts},
};
use std::time::Instant;

pub use text::changed_lines;

/// One version, with its contents.
#[derive(Debug, Clone, Copy)]
pub struct DiffVersion<'a> {
    /// The item without its files' contents.
    pub manifest: &'a Manifest,
    /// The files in the item's order.
    pub files: &'a [DiffFile<'a>],
}

/// A file of a version.
#[derive(Debug, Clone, Copy)]
pub struct DiffFile<'a> {
    /// The path as served.
    pub path: &'a str,
    /// SHA-256 of the content.
    pub digest: Digest,
    /// The content.
    pub text: &'a str,
}

/// How much is compared and told.
#[derive(Debug, Clone, Copy)]
pub struct DiffLimits {
    /// How many unchanged lines stand around changed ones.
    pub context: usize,
    /// Most lines of a text that is compared.
    pub compared_lines: usize,
    /// Most lines that are told of one file.
    pub lines_of_file: usize,
    /// Most lines that are told in all.
    pub lines: usize,
    /// Most characters that are told of one line.
    pub line_chars: usize,
    /// Most files that are told.
    pub files: usize,
    /// When to stop looking for the shortest difference: what is being compared
    /// then is told with more changes than need be, the rest as too large.
    pub deadline: Option<Instant>,
}

impl Default for DiffLimits {
    /// What a page can show: 2,000 lines of a file, 6,000 in all, 500 characters
    /// of a line, 200 files; texts of up to 100,000 lines; no deadline.
    fn default() -> Self {
        Self {
            context: 3,
            compared_lines: 100_000,
            lines_of_file: 2_000,
            lines: 6_000,
            line_chars: 500,
            files: 200,
            deadline: None,
        }
    }
}

/// What differs between two versions.
pub fn diff(before: &DiffVersion<'_>, after: &DiffVersion<'_>, limits: &DiffLimits) -> Difference {
    let mut budget = Budget { limits, lines: limits.lines };
    let manifest = manifest::diff(before.manifest, after.manifest, &mut budget);
    let paired = pairs::pair(before.files, after.files);
    let mut difference = Difference { manifest, ..Difference::default() };
    for (before, after) in paired {
        if before.zip(after).is_some_and(|(before, after)| before.path == after.path && before.digest == after.digest) {
            difference.unchanged_files += 1;
        } else if difference.files.len() == limits.files {
            difference.more_files += 1;
        } else {
            difference.files.push(file(before, after, &mut budget));
        }
    }
    difference
}

/// What is left of what may be told.
struct Budget<'l> {
    limits: &'l DiffLimits,
    lines: usize,
}

impl Budget<'_> {
    /// The difference of two texts, as far as there is room for it.
    fn text(&mut self, before: &str, after: &str) -> DiffBody {
        if before == after {
            return DiffBody::Same;
        }
        let too_late = self.limits.deadline.is_some_and(|deadline| Instant::now() > deadline);
        let (lines_before, lines_after) = (text::count(before), text::count(after));
        if too_late || self.lines == 0 || lines_before.max(lines_after) > self.limits.compared_lines {
            return DiffBody::TooLarge { lines_before, lines_after };
        }
        let room = self.lines.min(self.limits.lines_of_file);
        let (body, told) = text::diff(before, after, self.limits, room);
        self.lines -= told;
        body
    }
}

fn file(before: Option<&DiffFile<'_>>, after: Option<&DiffFile<'_>>, budget: &mut Budget<'_>) -> FileDiff {
    let body = budget.text(before.map_or("", |file| file.text), after.map_or("", |file| file.text));
    let facts = |file: &DiffFile<'_>| FileFacts {
        digest: file.digest,
        size: file.text.len() as u64,
        lines: text::count(file.text),
    };
    let (change, from) = match (before, after) {
        (None, _) => (FileChange::Added, None),
        (_, None) => (FileChange::Removed, None),
        (Some(before), Some(after)) if before.path == after.path => (FileChange::Changed, None),
        (Some(before), Some(_)) => (FileChange::Renamed, Some(before.path.to_owned())),
    };
    let path = after.or(before).map(|file| file.path.to_owned()).unwrap_or_default();
    FileDiff { path, change, from, before: before.map(facts), after: after.map(facts), body }
}

#[cfg(test)]
mod tests;
