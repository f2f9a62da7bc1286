//! Doc comments.

use serde::{Deserialize, Serialize};

/// Longest description that is taken from a comment, in characters.
const MAX_DESCRIPTION: usize = 500;

/// Longest value of any other tag, in characters.
const MAX_TAG: usize = 200;

/// How an author describes a file or an export: a `/** … */`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Doc {
    /// `@description`, else the first paragraph.
    pub description: Option<String>,
    /// `@title`
    pub title: Option<String>,
    /// `@name`
    pub name: Option<String>,
    /// `@type`, when it is no `{type}` of code: `registry:block`, `block`.
    pub kind: Option<String>,
}

impl Doc {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What this one does not say, `other` may.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self {
            description: self.description.or_else(|| other.description.clone()),
            title: self.title.or_else(|| other.title.clone()),
            name: self.name.or_else(|| other.name.clone()),
            kind: self.kind.or_else(|| other.kind.clone()),
        }
    }

    /// Reads what stands between `/**` and `*/`.
    pub(super) fn read(comment: &str) -> Self {
        let mut doc = Self::default();
        let mut section = Section::Text;
        let mut paragraph = String::new();
        let mut described = String::new();
        let mut is_code = false;
        for line in comment.lines().map(content) {
            if line.starts_with("```") {
                is_code = !is_code;
                section = if section == Section::Text && paragraph.is_empty() { Section::Text } else { Section::Other };
                continue;
            }
            if is_code {
                continue;
            }
            if let Some(tag) = line.strip_prefix('@') {
                let (tag, value) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
                section = doc.tag(tag, value.trim(), &mut described);
                continue;
            }
            match section {
                // A paragraph ends at an empty line, and so does the text.
                Section::Text if line.is_empty() && !paragraph.is_empty() => section = Section::Other,
                Section::Text => append(&mut paragraph, line),
                Section::Description => append(&mut described, line),
                Section::Other => {}
            }
        }
        if is_notice(comment) {
            paragraph.clear();
        }
        let description = if described.is_empty() { paragraph } else { described };
        doc.description = Some(shorten(&plain(&description), MAX_DESCRIPTION)).filter(|text| !text.is_empty());
        doc
    }

    fn tag(&mut self, tag: &str, value: &str, described: &mut String) -> Section {
        let value = || Some(shorten(&plain(value), MAX_TAG)).filter(|text| !text.is_empty());
        match tag {
            "title" => self.title = value(),
            "name" => self.name = value(),
            "type" => self.kind = value().filter(|kind| !kind.starts_with('{')),
            "description" | "desc" => {
                *described = value().unwrap_or_default();
                return Section::Description;
            }
            _ => {}
        }
        Section::Other
    }
}

/// What the lines of a comment belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Text,
    Description,
    Other,
}

/// A line without the star that decorates it.
fn content(line: &str) -> &str {
    let line = line.trim();
    line.strip_prefix('*').unwrap_or(line).trim()
}

fn append(text: &mut String, line: &str) {
    if !text.is_empty() && !line.is_empty() {
        text.push(' ');
    }
    text.push_str(line);
}

/// Whether a comment is addressed to lawyers or tools.
fn is_notice(comment: &str) -> bool {
    const NOTICES: [&str; 9] =
        ["copyright", "@license", "spdx-", "eslint-", "prettier-", "biome-", "@ts-", "@jsx", "@vitest-"];
    let lower: String = comment.chars().take(2_000).flat_map(char::to_lowercase).collect();
    NOTICES.iter().any(|notice| lower.contains(notice))
}

/// A text without the marks of links: `{@link Button}` is `Button`.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{@link") {
        plain.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('}').map(|end| at + end) else { break };
        let link = rest[at..end].trim_start_matches("{@link").trim_start_matches(['c', 'p']).trim_start();
        plain.push_str(link.split_once('|').map_or(link, |(_, label)| label).trim());
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    plain.retain(|char| !char.is_control());
    plain.trim().to_owned()
}

/// At most `limit` characters, cut after a sentence or a word.
fn shorten(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let cut = &text[..end];
    if let Some(at) = cut.rfind(". ") {
        return cut[..=at].to_owned();
    }
    format!("{}…", cut.rfind(' ').map_or(cut, |at| &cut[..at]))
}
