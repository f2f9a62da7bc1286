//! Which parts of a text show why it was found.

use super::word::{Letters, Word, asked, parts, words_in};
use std::ops::Range;

/// Letters from which on a word is marked in the middle of another.
const WITHIN: usize = 3;

/// The parts of each text that hold a word of what was typed; where none of
/// them does, the words that it may have been meant to be. In order, apart.
pub fn marks<const N: usize>(texts: [&str; N], typed: &str) -> [Vec<Range<usize>>; N] {
    let lower = texts.map(lower);
    let mut found: [Vec<Range<usize>>; N] = std::array::from_fn(|_| Vec::new());
    for word in asked(typed) {
        let parts = parts(&word);
        let whole = std::slice::from_ref(&word);
        let holds = lower.iter().any(|text| text.contains(&*word.text));
        for word in if holds || parts.is_empty() { whole } else { &parts } {
            let before: usize = found.iter().map(Vec::len).sum();
            for (found, text) in found.iter_mut().zip(&lower) {
                found.extend(holding(text, word));
            }
            if found.iter().map(Vec::len).sum::<usize>() == before {
                for (found, text) in found.iter_mut().zip(&lower) {
                    found.extend(alike(text, word));
                }
            }
        }
    }
    found.map(apart)
}

/// The text in lower case, every character as long as it was: what has no such
/// lower case stays.
fn lower(text: &str) -> String {
    let one = |letter: char| {
        let mut lower = letter.to_lowercase();
        lower.next().filter(|first| lower.next().is_none() && first.len_utf8() == letter.len_utf8()).unwrap_or(letter)
    };
    text.chars().map(one).collect()
}

fn holding(text: &str, word: &Word) -> impl Iterator<Item = Range<usize>> {
    let begins = |at: usize| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
    let found = text.match_indices(&*word.text).filter(move |(at, _)| word.len >= WITHIN || begins(*at));
    found.map(|(at, found)| at..at + found.len())
}

fn alike(text: &str, word: &Word) -> impl Iterator<Item = Range<usize>> {
    let meant = words_in(text).filter(|term| word.mistakes_in(term, Letters::of(term)).is_some());
    meant.map(|term| {
        let at = term.as_ptr() as usize - text.as_ptr() as usize;
        at..at + term.len()
    })
}

/// In order, those that touch as one.
fn apart(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}
