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
    /// The items that fit every word, best first; all items in listing order
    /// when there are no words. `kinds` keeps only these types; empty keeps all.
    pub fn search(&self, words: &str, kinds: &[&str]) -> Vec<Hit<'_>> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let mut hits: Vec<Hit<'_>> = self
            .entries()
            .iter()
            .filter(|entry| kinds.is_empty() || kinds.contains(&&*entry.kind))
            .filter_map(|entry| {
                let lower = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_lowercase();
                if words.is_empty() {
                    return Some(Hit { entry, score: 0 });
                }
                let (name, title, description) =
                    (entry.name.as_str().to_lowercase(), lower(&entry.title), lower(&entry.description));
                let mut total = 0;
                for word in &words {
                    let score = score_word(word, &name, &title, &description);
                    if score == 0 {
                        return None;
                    }
                    total += score;
                }
                Some(Hit { entry, score: total })
            })
            .collect();
        if !words.is_empty() {
            let rank =
                |hit: &Hit<'_>| (std::cmp::Reverse(hit.score), hit.entry.name.as_str().len(), hit.entry.name.clone());
            hits.sort_by_cached_key(rank);
        }
        hits
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
