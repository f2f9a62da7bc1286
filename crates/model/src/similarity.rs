//! How much of one text is in another, counted as git counts it for renames:
//! bytes in equal lines, a line longer than 64 bytes being several.

use std::{
    cmp::{Ordering, Reverse},
    collections::HashSet,
    hash::{DefaultHasher, Hasher as _},
};

/// Longest piece that is compared as one, in bytes.
const MAX_PIECE: usize = 64;

/// From how many per cent on two files are taken for one that was renamed;
/// git's own default.
pub const RENAMED_FROM: u8 = 50;

/// What has to be known of a text to compare it with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Bytes by the hash of their piece, in the order of hashes.
    pieces: Vec<(u64, u64)>,
    /// Bytes in all.
    size: u64,
}

impl Signature {
    /// The signature of a text.
    pub fn of(bytes: &[u8]) -> Self {
        let mut pieces: Vec<(u64, u64)> = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            for piece in line.chunks(MAX_PIECE) {
                // Keyed the same in every process; it need not resist anyone.
                let mut hasher = DefaultHasher::new();
                hasher.write(piece);
                pieces.push((hasher.finish(), piece.len() as u64));
            }
        }
        pieces.sort_unstable();
        pieces.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Self { pieces, size: bytes.len() as u64 }
    }

    /// How much of the larger text the two have in common, in per cent; 0 when
    /// one of them is empty.
    pub fn percent_of(&self, other: &Self) -> u8 {
        let mut common = 0;
        let (mut ours, mut theirs) = (self.pieces.iter().peekable(), other.pieces.iter().peekable());
        while let (Some((hash, bytes)), Some((other_hash, other_bytes))) = (ours.peek(), theirs.peek()) {
            match hash.cmp(other_hash) {
                Ordering::Less => drop(ours.next()),
                Ordering::Greater => drop(theirs.next()),
                Ordering::Equal => {
                    common += bytes.min(other_bytes);
                    ours.next();
                    theirs.next();
                }
            }
        }
        percent(common, self.size.max(other.size))
    }
}

/// The most that texts of these sizes can have in common, in per cent.
pub fn most_in_common(size: u64, other: u64) -> u8 {
    percent(size.min(other), size.max(other))
}

fn percent(part: u64, whole: u64) -> u8 {
    let percent = u128::from(part) * 100 / u128::from(whole.max(1));
    u8::try_from(percent).expect("a part is no more than the whole")
}

/// Two files that may be one that was renamed, by their positions in the lists
/// of files that appeared and that went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LikelyRename {
    /// How much they have in common.
    pub percent: u8,
    /// Whether their names are the same, apart from the folder.
    pub same_name: bool,
    /// Which file appeared.
    pub appeared: usize,
    /// Which file went.
    pub went: usize,
}

/// Of all likely renames the most similar ones, each file in one of them at
/// most: pairs of positions, appeared and went.
pub fn best_renames(mut likely: Vec<LikelyRename>) -> Vec<(usize, usize)> {
    likely.sort_by_key(|pair| (Reverse((pair.percent, pair.same_name)), pair.appeared, pair.went));
    let (mut explained, mut taken) = (HashSet::new(), HashSet::new());
    let mut best = Vec::new();
    for LikelyRename { appeared, went, .. } in likely {
        if !explained.contains(&appeared) && !taken.contains(&went) {
            explained.insert(appeared);
            taken.insert(went);
            best.push((appeared, went));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn percent_of(a: &str, b: &str) -> u8 {
        Signature::of(a.as_bytes()).percent_of(&Signature::of(b.as_bytes()))
    }

    #[test]
    fn equal_lines_count_wherever_they_stand() {
        assert_eq!(percent_of("a\nb\nc\nd\n", "d\nc\nb\na\n"), 100);
        assert_eq!(percent_of("a\nb\nc\nd\n", "a\nb\nx\ny\n"), 50);
        assert_eq!(percent_of("a\n", "b\n"), 0);
        assert_eq!(percent_of("", ""), 0);
    }

    #[test]
    fn a_line_counts_as_often_as_both_have_it() {
        assert_eq!(percent_of("a\na\na\na\n", "a\n"), 25);
    }

    #[test]
    fn long_lines_are_compared_in_pieces() {
        let long = "x".repeat(1_000);
        assert!(percent_of(&long, &format!("{long}y")) > 90);
    }

    #[test]
    fn the_most_similar_files_are_paired_first_and_each_once() {
        let pair = |percent, same_name, appeared, went| LikelyRename { percent, same_name, appeared, went };
        let likely = vec![pair(60, false, 0, 0), pair(90, false, 1, 0), pair(60, true, 0, 2), pair(60, false, 0, 1)];
        assert_eq!(best_renames(likely), [(1, 0), (0, 2)]);
    }

    proptest! {
        #[test]
        fn it_is_the_same_from_both_sides_and_never_more_than_sizes_allow(a in "[ab\n]{0,60}", b in "[ab\n]{0,60}") {
            prop_assert_eq!(percent_of(&a, &b), percent_of(&b, &a));
            prop_assert!(percent_of(&a, &b) <= most_in_common(a.len() as u64, b.len() as u64));
            prop_assert!(a.is_empty() || percent_of(&a, &a) == 100);
        }
    }
}
