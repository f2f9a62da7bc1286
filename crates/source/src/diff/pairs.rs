//! Which file of one version is which of the other.

use super::DiffFile;
use model::{LikelyRename, RENAMED_FROM, Signature, best_renames, most_in_common};

/// Largest file that is compared with others by its content, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// How many pairs are compared by their contents.
const MAX_PAIRS: usize = 10_000;

type Pair<'f> = (Option<&'f DiffFile<'f>>, Option<&'f DiffFile<'f>>);

/// Files by path, then by content, then by similar content: in the later
/// version's order, then those that are gone.
pub(super) fn pair<'f>(before: &'f [DiffFile<'f>], after: &'f [DiffFile<'f>]) -> Vec<Pair<'f>> {
    let mut left: Vec<Option<&DiffFile<'_>>> = before.iter().map(Some).collect();
    let mut pairs: Vec<Pair<'_>> = after.iter().map(|file| (None, Some(file))).collect();
    let fits: [fn(&DiffFile<'_>, &DiffFile<'_>) -> bool; 3] = [
        |one, other| one.path == other.path,
        |one, other| one.digest == other.digest && name(one.path) == name(other.path) && !one.text.is_empty(),
        |one, other| one.digest == other.digest && !one.text.is_empty(),
    ];
    for fits in fits {
        for (found, file) in &mut pairs {
            let (None, Some(file)) = (&found, file) else { continue };
            *found = left.iter_mut().find(|gone| gone.is_some_and(|gone| fits(gone, file))).and_then(Option::take);
        }
    }
    for (appeared, went) in similar(&left, &pairs) {
        pairs[appeared].0 = left[went].take();
    }
    pairs.extend(left.into_iter().flatten().map(|gone| (Some(gone), None)));
    pairs
}

/// Positions in `pairs` and `left` of files that are probably the same.
fn similar(left: &[Option<&DiffFile<'_>>], pairs: &[Pair<'_>]) -> Vec<(usize, usize)> {
    let sign = |file: &DiffFile<'_>| (file.text.len() <= MAX_BYTES).then(|| Signature::of(file.text.as_bytes()));
    let gone: Vec<_> =
        left.iter().enumerate().filter_map(|(at, file)| file.and_then(|file| Some((at, file, sign(file)?)))).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let new = pairs.iter().enumerate().filter_map(|(at, pair)| match pair {
        (None, Some(file)) => Some((at, *file, sign(file)?)),
        _ => None,
    });
    let mut likely = Vec::new();
    let mut compared = 0;
    for (appeared, file, signature) in new {
        for (went, other, other_signature) in &gone {
            if most_in_common(file.text.len() as u64, other.text.len() as u64) < RENAMED_FROM {
                continue;
            }
            compared += 1;
            if compared > MAX_PAIRS {
                return best_renames(likely);
            }
            let percent = signature.percent_of(other_signature);
            if percent >= RENAMED_FROM {
                let same_name = name(file.path) == name(other.path);
                likely.push(LikelyRename { percent, same_name, appeared, went: *went });
            }
        }
    }
    best_renames(likely)
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
