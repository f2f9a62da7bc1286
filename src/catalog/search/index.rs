//! An index of words: which things hold them, and how much that counts.
//!
//! Every word that occurs stands in it once, so a search compares what was
//! typed with each word, not with each thing.

use super::word::{Letters, Word, asked, joined, parts, words_in};
use std::collections::HashMap;

/// Where a word of a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    /// It is the name: whole, without its namespace, or written in one.
    Name,
    /// It is a word of the name.
    NameWord,
    /// It is a word of the title.
    Title,
    /// It is a category, or a word of one or of the description.
    Text,
    /// It is an npm package.
    Package,
}

/// How what was typed and a word fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Same,
    Beginning,
    Within,
    Misspelt(usize),
    Abbreviated,
}

/// How much a word counts: the better the place, the more, whatever the fit.
const fn worth(fit: Fit, field: Field) -> u8 {
    match (field, fit) {
        (Field::Name, Fit::Same) => 100,
        (Field::Name, Fit::Beginning) => 80,
        (Field::NameWord, Fit::Same) => 64,
        (Field::NameWord, Fit::Beginning) => 60,
        (Field::Name | Field::NameWord, Fit::Within) => 50,
        (Field::Title, Fit::Same) => 42,
        (Field::Title, Fit::Beginning) => 40,
        (Field::Title, Fit::Within) => 30,
        (Field::Text, Fit::Same) => 24,
        (Field::Text, Fit::Beginning) => 20,
        (Field::Text, Fit::Within) => 16,
        (Field::Package, Fit::Same) => 14,
        (Field::Package, Fit::Beginning) => 12,
        (Field::Package, Fit::Within) => 10,
        (Field::Name | Field::NameWord, Fit::Misspelt(0 | 1)) => 8,
        (Field::Name | Field::NameWord, Fit::Misspelt(_)) => 6,
        (Field::Title, Fit::Misspelt(_)) => 5,
        (Field::Text, Fit::Misspelt(_)) => 4,
        (Field::Name, Fit::Abbreviated) => 2,
        (Field::NameWord | Field::Title | Field::Text | Field::Package, Fit::Abbreviated)
        | (Field::Package, Fit::Misspelt(_)) => 0,
    }
}

/// Letters from which on a word is found in the middle of another: in a name,
/// and elsewhere, where words are many.
const WITHIN_NAME: usize = 2;
const WITHIN_TEXT: usize = 4;

/// From which likeness on a name may be meant by another (Jaro-Winkler).
const LIKE: f64 = 0.8;

/// The index.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// All words one after the other, and where each ends.
    text: String,
    ends: Vec<u32>,
    letters: Vec<Letters>,
    /// Where each word stands, and where its places end.
    places: Vec<Place>,
    places_end: Vec<u32>,
    things: usize,
}

/// A thing and a field of it.
#[derive(Debug, Clone, Copy)]
struct Place {
    thing: u32,
    field: Field,
}

/// Gathers words, thing by thing.
#[derive(Debug, Default)]
pub(super) struct Builder {
    words: HashMap<Box<str>, Vec<Place>>,
    things: usize,
}

impl Builder {
    /// The next thing: what follows is of it.
    pub(super) fn thing(&mut self) -> &mut Self {
        self.things += 1;
        self
    }

    fn word(&mut self, word: &str, field: Field) {
        let thing = u32::try_from(self.things - 1).expect("a catalogue holds far fewer than 2^32 items");
        let place = Place { thing, field };
        match self.words.get_mut(word) {
            Some(places) => {
                if !places.iter().rev().take_while(|at| at.thing == thing).any(|at| at.field == field) {
                    places.push(place);
                }
            }
            None => drop(self.words.insert(word.into(), vec![place])),
        }
    }

    /// A name as it is written, and its words.
    pub(super) fn name(&mut self, name: &str) {
        let lower = name.to_lowercase();
        let last = lower.rsplit('/').next().unwrap_or(&lower);
        self.word(&lower, Field::Name);
        self.word(last, Field::Name);
        if let Some(joined) = joined(last) {
            self.word(&joined, Field::Name);
        }
        for word in words_in(&lower) {
            self.word(word, Field::NameWord);
        }
    }

    /// The words of a text.
    pub(super) fn text(&mut self, text: &str, field: Field) {
        for word in words_in(&text.to_lowercase()) {
            self.word(word, field);
        }
    }

    /// A text that is found as a whole.
    pub(super) fn whole(&mut self, text: &str, field: Field) {
        self.word(&text.to_lowercase(), field);
    }

    pub(super) fn build(self) -> Index {
        let mut index = Index { things: self.things, ..Index::default() };
        let short = |length: usize| u32::try_from(length).expect("a catalogue's words are far less than 4 GiB");
        for (word, places) in self.words {
            index.text.push_str(&word);
            index.ends.push(short(index.text.len()));
            index.letters.push(Letters::of(&word));
            index.places.extend(places);
            index.places_end.push(short(index.places.len()));
        }
        index
    }
}

impl Index {
    /// The words that `keep` keeps by their letters alone, with their places.
    fn words(&self, keep: impl Fn(Letters) -> bool) -> impl Iterator<Item = (&str, Letters, &[Place])> {
        let start = |ends: &[u32], at: usize| at.checked_sub(1).map_or(0, |before| ends[before] as usize);
        let kept = self.letters.iter().enumerate().filter(move |(_, letters)| keep(**letters));
        kept.map(move |(at, letters)| {
            let text = &self.text[start(&self.ends, at)..self.ends[at] as usize];
            let places = &self.places[start(&self.places_end, at)..self.places_end[at] as usize];
            (text, *letters, places)
        })
    }

    /// How well each thing fits what was typed, 0 for not at all: it has to fit
    /// every word. `None` when there are no words.
    pub(super) fn scores(&self, typed: &str) -> Option<Vec<u16>> {
        let words = asked(typed);
        if words.is_empty() && typed.trim().is_empty() {
            return None;
        }
        let mut all: Option<Vec<u16>> = None;
        let mut best = vec![0; self.things];
        for word in words {
            let held = self.exact(&word, &mut best);
            let parts = if held == Held::Nowhere { parts(&word) } else { Vec::new() };
            if parts.is_empty() {
                self.guess(&word, held, &mut best);
                add(&mut all, &mut best);
            }
            // `alert-dialgo` is no word of anything: then its parts are looked for.
            for part in parts {
                let held = self.exact(&part, &mut best);
                self.guess(&part, held, &mut best);
                add(&mut all, &mut best);
            }
        }
        Some(all.unwrap_or_else(|| vec![0; self.things]))
    }

    /// Whatever holds the word.
    fn exact(&self, word: &Word, best: &mut [u8]) -> Held {
        let mut held = Held::Nowhere;
        for (term, _, places) in self.words(|letters| word.letters.are_in(letters)) {
            let fit = if !term.contains(&*word.text) {
                continue;
            } else if !term.starts_with(&*word.text) {
                Fit::Within
            } else if term.len() == word.text.len() {
                Fit::Same
            } else {
                Fit::Beginning
            };
            for place in places {
                let needed = if place.field == Field::Name || place.field == Field::NameWord {
                    WITHIN_NAME
                } else {
                    WITHIN_TEXT
                };
                if fit == Fit::Within && word.len < needed {
                    continue;
                }
                let well = matches!(place.field, Field::Name | Field::NameWord | Field::Title);
                held = if well { Held::Well } else { held.max(Held::Badly) };
                raise(best, place, fit);
            }
        }
        held
    }

    /// Whatever may be meant by a word that no name and no title holds.
    fn guess(&self, word: &Word, held: Held, best: &mut [u8]) {
        if held == Held::Well {
            return;
        }
        for (term, letters, places) in self.words(|letters| word.letters.missing_in(letters) <= 2) {
            if word.letters.are_in(letters) && word.abbreviates(term) {
                places.iter().for_each(|place| raise(best, place, Fit::Abbreviated));
            }
            if let Some(mistakes) = word.mistakes_in(term, letters) {
                places.iter().for_each(|place| raise(best, place, Fit::Misspelt(mistakes)));
            }
        }
    }

    /// The thing whose name is most like this one, if any is.
    pub(super) fn nearest(&self, name: &str) -> Option<usize> {
        let word = Word::new(&name.to_lowercase());
        let mut nearest: Option<(f64, u32)> = None;
        for (term, letters, places) in self.words(|_| true) {
            let Some(place) = places.iter().find(|place| place.field == Field::Name) else { continue };
            // Letters that are not there cannot be alike; most names need no closer look.
            let alike = share(word.len.saturating_sub(word.letters.missing_in(letters)), word.len);
            let jaro = (alike + 2.0) / 3.0;
            let (least, holder) = nearest.unwrap_or((LIKE, u32::MAX));
            if jaro + 0.4 * (1.0 - jaro) < least {
                continue;
            }
            let likeness = strsim::jaro_winkler(&word.text, term);
            if likeness > least || (likeness >= least && place.thing < holder) {
                nearest = Some((likeness, place.thing));
            }
        }
        nearest.map(|(_, thing)| thing as usize)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    number(part) / number(whole.max(1))
}

/// Whether anything holds a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    Nowhere,
    /// Only descriptions and the like.
    Badly,
    /// A name or a title.
    Well,
}

fn raise(best: &mut [u8], place: &Place, fit: Fit) {
    let best = &mut best[place.thing as usize];
    *best = (*best).max(worth(fit, place.field));
}

/// Adds a word's scores to those of the words before, and begins anew.
fn add(all: &mut Option<Vec<u16>>, best: &mut [u8]) {
    match all {
        None => *all = Some(best.iter().map(|&score| score.into()).collect()),
        Some(all) => {
            for (all, &best) in all.iter_mut().zip(&*best) {
                *all = if *all == 0 || best == 0 { 0 } else { *all + u16::from(best) };
            }
        }
    }
    best.fill(0);
}
