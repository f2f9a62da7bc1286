//! The imports of a text that is not valid.
//!
//! What several items share is an item of its own. If a file with a mistake had
//! no imports, what it shares with one other would become that one's, and an
//! item that is served would be gone for a mistake elsewhere.

use super::{Import, ImportKind};

/// Longest specifier that is taken, in bytes.
const MAX_SPECIFIER: usize = 300;

/// What looks like an import, strings and comments included.
pub(super) fn imports(text: &str) -> Vec<Import> {
    let mut found = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        for (keyword, kind) in [
            ("from", ImportKind::Static),
            ("import", ImportKind::Static),
            ("import(", ImportKind::Dynamic),
            ("require(", ImportKind::Require),
        ] {
            for (at, _) in content.match_indices(keyword) {
                let is_word = content[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
                let rest = content[at + keyword.len()..].trim_start();
                let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
                let quoted = quoted.or_else(|| rest.strip_prefix('\'').and_then(|rest| rest.split_once('\'')));
                if let Some((specifier, _)) = quoted
                    && !is_word
                    && !specifier.is_empty()
                    && specifier.len() <= MAX_SPECIFIER
                {
                    found.push(Import {
                        specifier: specifier.to_owned(),
                        kind,
                        is_type: false,
                        line,
                        start: 0,
                        end: 0,
                        names: Vec::new(),
                        statement: None,
                    });
                }
            }
        }
    }
    found
}
