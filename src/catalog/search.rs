//! Finding items by words, and the name that was probably meant.

use super::{Catalog, Entry};
use std::sync::Arc;

/// A found item.
#[derive(Debug)]
pub struct Hit<'a> {
    /// The item.
    pub entry: &'a Arc<Entry>,
    score: u32,
}

/// An item's texts in lower case, and its place among hits of the same score:
/// short names first.
#[derive(Debug)]
pub(super) struct Searchable {
    name: Box<str>,
    title: Box<str>,
    description: Box<str>,
    rank: usize,
}

/// How well one word fits one item; 0 is not at all.
fn score_word(word: &str, name: &str, title: &str, description: &str) -> u32 {
    let last = name.rsplit('/').next().unwrap_or(name);
    if name == word || last == word {
        100
    } else if last.starts_with(word) || name.starts_with(word) {
        60
    } else if name.split(['-', '_', '/']).any(|part| part.starts_with(word)) {
        40
    } else if name.contains(word) || title.contains(word) {
        25
    } else if description.contains(word) {
        10
    } else if is_subsequence(word, last) {
        4
    } else {
        0
    }
}

/// Whether the letters of `word` stand in `text` in this order: `dlg` in `dialog`.
fn is_subsequence(word: &str, text: &str) -> bool {
    let mut letters = text.chars();
    word.len() >= 3 && word.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

impl Catalog {
    /// What a search looks at, made once for all searches.
    fn searchable(&self) -> &[Searchable] {
        self.searchable.get_or_init(|| {
            let lower = |text: &str| text.to_lowercase().into_boxed_str();
            let lower_of = |text: &Option<Box<str>>| lower(text.as_deref().unwrap_or_default());
            let made = self.entries().iter().map(|entry| Searchable {
                name: lower(entry.name.as_str()),
                title: lower_of(&entry.title),
                description: lower_of(&entry.description),
                rank: 0,
            });
            let mut made: Vec<Searchable> = made.collect();
            let mut order: Vec<usize> = (0..made.len()).collect();
            order.sort_by_key(|&at| (self.entries()[at].name.as_str().len(), self.entries()[at].name.as_str()));
            for (rank, at) in order.into_iter().enumerate() {
                made[at].rank = rank;
            }
            made
        })
    }

    /// The items that fit every word, best first; all items in listing order
    /// when there are no words. `kinds` keeps only these types; empty keeps all.
    pub fn search(&self, words: &str, kinds: &[&str]) -> Vec<Hit<'_>> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let of_kind = |entry: &Entry| kinds.is_empty() || kinds.contains(&&*entry.kind);
        if words.is_empty() {
            let all = self.entries().iter().filter(|entry| of_kind(entry));
            return all.map(|entry| Hit { entry, score: 0 }).collect();
        }
        let entries = self.entries().iter().zip(self.searchable()).filter(|(entry, _)| of_kind(entry));
        let mut hits: Vec<(usize, Hit<'_>)> = entries
            .filter_map(|(entry, text)| {
                let mut total = 0;
                for word in &words {
                    let score = score_word(word, &text.name, &text.title, &text.description);
                    if score == 0 {
                        return None;
                    }
                    total += score;
                }
                Some((text.rank, Hit { entry, score: total }))
            })
            .collect();
        hits.sort_unstable_by_key(|(rank, hit)| (std::cmp::Reverse(hit.score), *rank));
        hits.into_iter().map(|(_, hit)| hit).collect()
    }

    /// The name that was probably meant by one that is not served.
    pub fn did_you_mean(&self, asked: &str) -> Option<&str> {
        let asked = asked.to_lowercase();
        self.entries()
            .iter()
            .map(|entry| {
                let name = entry.name.as_str();
                let last = name.rsplit('/').next().unwrap_or(name);
                let likeness = strsim::jaro_winkler(&asked, &name.to_lowercase())
                    .max(strsim::jaro_winkler(&asked, &last.to_lowercase()));
                (likeness, name)
            })
            .filter(|(likeness, _)| *likeness >= 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name)
    }
}
