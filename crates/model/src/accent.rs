//! The colour that an organisation's dashboard has of its own.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An accent beside the dashboard's own, which is blue. Each is a pair of
/// colours in `style/tokens.css`, one for each theme, that can be read on every
/// ground; so it is a name and not any colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accent {
    /// A blue that leans to red.
    Violet,
    /// A red that leans to blue.
    Pink,
    /// A green that leans to blue.
    Teal,
    /// A grey: no colour but those that tell a state.
    Graphite,
}

impl Accent {
    /// All accents, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Violet, Self::Pink, Self::Teal, Self::Graphite];

    /// The accent's name on the command line, in JSON and in the style sheet.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Violet => "violet",
            Self::Pink => "pink",
            Self::Teal => "teal",
            Self::Graphite => "graphite",
        }
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Accent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|accent| accent.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not an accent; expected violet, pink, teal or graphite"))
    }
}
