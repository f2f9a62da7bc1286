//! Which parts of a line make the difference to the line that it became.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Most lines of one change that are looked at so closely.
pub(super) const MAX_LINES: usize = 64;

/// From how many per cent in common on two lines are one that was changed.
const CHANGED_FROM: usize = 40;

/// Byte ranges of a line: first byte, and the one behind the last.
type Ranges = Vec<(usize, usize)>;

/// The parts of both lines that the other does not have; none where they have
/// too little in common.
pub(super) fn between(before: &str, after: &str) -> (Ranges, Ranges) {
    let (old, new) = (tokens(before), tokens(after));
    let operations = capture_diff_slices(Algorithm::Myers, &old, &new);
    let width = |tokens: &[&str]| tokens.iter().map(|token| token.len()).sum::<usize>();
    let (mut gone, mut come): (Ranges, Ranges) = (Vec::new(), Vec::new());
    let mut common = 0;
    for operation in &operations {
        let (old_range, new_range) = (operation.old_range(), operation.new_range());
        if matches!(operation, DiffOp::Equal { .. }) {
            // Equal white space makes no lines alike.
            common += old[old_range].iter().map(|token| token.trim().len()).sum::<usize>();
            continue;
        }
        let ranges = [(&mut gone, &old, old_range), (&mut come, &new, new_range)];
        for (ranges, tokens, range) in ranges {
            if !range.is_empty() {
                let start = width(&tokens[..range.start]);
                ranges.push((start, start + width(&tokens[range])));
            }
        }
    }
    let larger = before.trim().len().max(after.trim().len());
    if common * 100 < larger * CHANGED_FROM { (Vec::new(), Vec::new()) } else { (gone, come) }
}

/// Words, runs of white space, and every other character by itself.
fn tokens(line: &str) -> Vec<&str> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 1,
        c if c.is_whitespace() => 2,
        _ => 0,
    };
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in line.char_indices() {
        let class = class(c);
        if at > start && (class == 0 || before != Some(class)) {
            tokens.push(&line[start..at]);
            start = at;
        }
        before = Some(class);
    }
    // Of an empty line nothing is left, not an empty word.
    if start < line.len() {
        tokens.push(&line[start..]);
    }
    tokens
}
