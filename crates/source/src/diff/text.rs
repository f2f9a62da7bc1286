//! How two texts differ, line by line, in hunks as `diff -u` makes them.

use super::{DiffLimits, emphasis};
use model::view::{DiffBody, DiffLine, Hunk, LineMark};
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

/// How many lines a text has; what stands behind the last line end is one too.
pub(super) fn count(text: &str) -> usize {
    text.split_inclusive('\n').count()
}

/// How many lines came, and how many went. Looks for the fewest until the
/// deadline, and counts more than need be from then on.
pub fn changed_lines(before: &str, after: &str, deadline: Option<std::time::Instant>) -> (usize, usize) {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    counted(&capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline))
}

/// How many lines came, and how many went.
fn counted(operations: &[DiffOp]) -> (usize, usize) {
    let changes = operations.iter().filter(|operation| !matches!(operation, DiffOp::Equal { .. }));
    changes.fold((0, 0), |(added, removed), operation| {
        (added + operation.new_range().len(), removed + operation.old_range().len())
    })
}

/// The difference, and how many lines of it are told: `room` at most.
pub(super) fn diff(before: &str, after: &str, limits: &DiffLimits, room: usize) -> (DiffBody, usize) {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let operations = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, limits.deadline);
    let (added, removed) = counted(&operations);
    let mut teller = Teller { old: &old, new: &new, limits, room, left_out: 0 };
    let groups = group_diff_ops(operations, limits.context);
    let hunks = groups.iter().filter_map(|group| teller.hunk(group)).collect();
    let more_lines = teller.left_out;
    (DiffBody::Hunks { hunks, added, removed, more_lines }, room - teller.room)
}

struct Teller<'t> {
    old: &'t [&'t str],
    new: &'t [&'t str],
    limits: &'t DiffLimits,
    /// How many more lines may be told.
    room: usize,
    left_out: usize,
}

impl Teller<'_> {
    /// One hunk, as far as there is room for it.
    fn hunk(&mut self, operations: &[DiffOp]) -> Option<Hunk> {
        let mut lines = Vec::new();
        for operation in operations {
            match operation {
                DiffOp::Equal { old_index, new_index, len } => {
                    for at in 0..*len {
                        self.tell(&mut lines, LineMark::Kept, Some(old_index + at), Some(new_index + at));
                    }
                }
                _ => self.change(&mut lines, operation),
            }
        }
        let first = |number: fn(&DiffLine) -> Option<usize>| lines.iter().find_map(number).unwrap_or(0);
        let (before, after) = (first(|line| line.before), first(|line| line.after));
        let before_lines = lines.iter().filter(|line| line.before.is_some()).count();
        let after_lines = lines.iter().filter(|line| line.after.is_some()).count();
        (!lines.is_empty()).then_some(Hunk { before, before_lines, after, after_lines, lines })
    }

    /// Removed lines, then added ones; what a line became is emphasised where
    /// as many lines came as went.
    fn change(&mut self, lines: &mut Vec<DiffLine>, operation: &DiffOp) {
        let (old, new) = (operation.old_range(), operation.new_range());
        let start = lines.len();
        for at in old.clone() {
            self.tell(lines, LineMark::Removed, Some(at), None);
        }
        for at in new.clone() {
            self.tell(lines, LineMark::Added, None, Some(at));
        }
        if old.len() == new.len() && lines.len() - start == 2 * old.len() && old.len() <= emphasis::MAX_LINES {
            let (gone, come) = lines[start..].split_at_mut(old.len());
            for (gone, come) in gone.iter_mut().zip(come) {
                (gone.emphasis, come.emphasis) = emphasis::between(&gone.text, &come.text);
            }
        }
    }

    fn tell(&mut self, lines: &mut Vec<DiffLine>, mark: LineMark, before: Option<usize>, after: Option<usize>) {
        if self.room == 0 {
            self.left_out += 1;
            return;
        }
        self.room -= 1;
        let whole = after.map_or_else(|| self.old[before.unwrap_or_default()], |at| self.new[at]);
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        let end = line.char_indices().nth(self.limits.line_chars).map_or(line.len(), |(at, _)| at);
        lines.push(DiffLine {
            mark,
            before: before.map(|at| at + 1),
            after: after.map(|at| at + 1),
            text: line[..end].to_owned(),
            emphasis: Vec::new(),
            cut: line[end..].chars().count(),
            unended: line.len() == whole.len(),
        });
    }
}
