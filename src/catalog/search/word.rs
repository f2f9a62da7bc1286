//! Words: what a text is cut into, what someone types, and how alike two are.

/// Longer words are not searched for.
pub(super) const LONGEST: usize = 64;
/// Words of a search that count; whoever types more gets what fits these.
const MOST_WORDS: usize = 8;

/// A word in lower case, with what rules out most others at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: Box<str>,
    pub(super) letters: Letters,
    /// Characters.
    pub(super) len: usize,
}

/// Which letters occur, as a set: one bit each for `a` to `z` and the digits,
/// the others share the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Letters(u64);

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        let bit = |letter: char| match letter {
            'a'..='z' => u32::from(letter) - u32::from('a'),
            '0'..='9' => 26 + u32::from(letter) - u32::from('0'),
            other => 36 + u32::from(other) % 28,
        };
        Self(text.chars().fold(0, |set, letter| set | 1 << bit(letter)))
    }

    /// Whether all of these are among the others.
    pub(super) fn are_in(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// How many of these, at least, are not among the others.
    pub(super) fn missing_in(self, others: Self) -> usize {
        (self.0 & !others.0).count_ones() as usize
    }
}

impl Word {
    pub(super) fn new(text: &str) -> Self {
        Self { letters: Letters::of(text), len: text.chars().count(), text: text.into() }
    }

    /// How many mistakes it may hold: none below four letters, two from eight on.
    fn mistakes(&self) -> usize {
        match self.len {
            0..4 => 0,
            4..8 => 1,
            _ => 2,
        }
    }

    /// How many mistakes make this word of `term`, or of its beginning, if they
    /// are not too many: a letter too many, too few, another one, or two that
    /// changed places.
    pub(super) fn mistakes_in(&self, term: &str, letters: Letters) -> Option<usize> {
        let most = self.mistakes();
        if most == 0 || self.letters.missing_in(letters) > most {
            return None;
        }
        let len = term.chars().count();
        if len.abs_diff(self.len) <= most {
            let found = strsim::osa_distance(&self.text, term);
            if found <= most {
                return Some(found);
            }
        }
        // Whoever has not typed all of it yet has at least its first letter right.
        if term.chars().next() != self.text.chars().next() {
            return None;
        }
        let beginnings = (self.len - most..=self.len + most).filter(|&end| end < len);
        let found = beginnings.map(|end| strsim::osa_distance(&self.text, beginning(term, end))).min();
        found.filter(|&found| found <= most)
    }

    /// Whether its letters stand in `text` in this order: `dlg` in `dialog`.
    pub(super) fn abbreviates(&self, text: &str) -> bool {
        let mut letters = text.chars();
        self.len >= 3 && self.text.chars().all(|wanted| letters.any(|letter| letter == wanted))
    }
}

/// The first characters of a text.
fn beginning(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// What stands between words.
fn is_between(letter: char) -> bool {
    !letter.is_alphanumeric()
}

/// The words of a text in lower case.
pub(super) fn words_in(lower: &str) -> impl Iterator<Item = &str> {
    lower.split(is_between).filter(|word| !word.is_empty() && word.len() <= LONGEST)
}

/// A name without what stands between its words: `datatable`.
pub(super) fn joined(lower: &str) -> Option<String> {
    lower.contains(is_between).then(|| lower.chars().filter(|&letter| !is_between(letter)).collect())
}

/// What someone typed: each word as it was typed, in lower case.
pub(super) fn asked(typed: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for word in typed.split_whitespace().filter(|word| word.len() <= LONGEST) {
        let word = Word::new(&word.to_lowercase());
        if !words.contains(&word) && words.len() < MOST_WORDS {
            words.push(word);
        }
    }
    words
}

/// The parts of a word that holds something between them: `alert-dialog`.
pub(super) fn parts(word: &Word) -> Vec<Word> {
    let parts: Vec<Word> = words_in(&word.text).take(MOST_WORDS).map(Word::new).collect();
    if parts.len() == 1 && parts[0] == *word { Vec::new() } else { parts }
}
