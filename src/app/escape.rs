//! Texts that others wrote, as parts of HTML that we put together ourselves.

use super::format::{is_odd, odd_name};
use std::fmt::Write as _;

/// Appends a text. Characters that are not seen, or change how others are seen,
/// stand in a span that names them; they are still there for whoever copies it.
pub fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\r' => out.push(c),
            // Writing to a string does not fail.
            c if is_odd(c) => drop(write!(out, "<span class=\"odd\" data-n=\"{}\">{c}</span>", odd_name(c))),
            c => out.push(c),
        }
    }
}

/// Appends the value of an attribute, for between double quotes.
pub fn push_attribute(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_place() {
        let mut out = String::new();
        push_text(&mut out, "<b>&\u{202e}\n");
        assert_eq!(out, "&lt;b&gt;&amp;<span class=\"odd\" data-n=\"U+202E\">\u{202e}</span>\n");
        out.clear();
        push_attribute(&mut out, "\"><script>'");
        assert_eq!(out, "&quot;&gt;&lt;script&gt;'");
    }
}
