//! How far back history is recorded.

use model::{DEFAULT_COMMITS, MAX_COMMITS};
use std::{fmt, str::FromStr};

/// The most commits of a repository that one look records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryCommits(usize);

/// A text that is no such number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 1 to {MAX_COMMITS}")]
pub struct InvalidHistoryCommits;

impl HistoryCommits {
    /// The number.
    pub fn get(self) -> usize {
        self.0
    }
}

impl Default for HistoryCommits {
    fn default() -> Self {
        Self(DEFAULT_COMMITS)
    }
}

impl FromStr for HistoryCommits {
    type Err = InvalidHistoryCommits;

    fn from_str(text: &str) -> Result<Self, InvalidHistoryCommits> {
        let number = text.trim().parse().ok().filter(|number| (1..=MAX_COMMITS).contains(number));
        number.map(Self).ok_or(InvalidHistoryCommits)
    }
}

impl fmt::Display for HistoryCommits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_number_within_bounds() {
        assert_eq!("1".parse(), Ok(HistoryCommits(1)));
        assert_eq!(MAX_COMMITS.to_string().parse(), Ok(HistoryCommits(MAX_COMMITS)));
        for text in ["0", "-1", "", "many", &(MAX_COMMITS + 1).to_string()] {
            assert_eq!(text.parse::<HistoryCommits>(), Err(InvalidHistoryCommits), "{text}");
        }
    }
}
