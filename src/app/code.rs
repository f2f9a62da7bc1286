//! Source as people read it: numbered lines, coloured by a small lexer that
//! knows what the languages of components have in common.
//!
//! An own lexer and no library, because of who writes the source and how often
//! it is read. `syntect` has no TSX of its own, and its grammars go through a
//! backtracking engine, whose time depends on what strangers wrote;
//! tree-sitter's parsers are C, which would read it in the
//! process that holds everyone's keys. This one is safe Rust, goes over a text
//! once whatever stands in it, and needs classes only, which the page's policy
//! wants.

mod lexer;

use super::{escape::push_text, words::t};
use lexer::{Class, Language, tokens};
use std::fmt::Write as _;

/// The most lines that a page shows of one file.
pub const MAX_LINES: usize = 3_000;

/// The file as the inner HTML of `<code>`: one `span.line` a line, each with a
/// link to itself; and how many lines were left off.
pub fn html(path: &str, source: &str) -> (String, usize) {
    let total = source.lines().count();
    let mut out = String::with_capacity(source.len() * 2);
    let (mut number, word) = (0, t!("Line"));
    let mut open_line = |out: &mut String| {
        number += 1;
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "<span class=\"line\"><a id=\"L{number}\" href=\"#L{number}\" data-n=\"{number}\" tabindex=\"-1\" aria-label=\"{word} {number}\"></a>"
        );
    };
    let source = source.strip_suffix('\n').unwrap_or(source);
    let mut shown = source;
    if let Some((end, _)) = source.match_indices('\n').nth(MAX_LINES - 1) {
        shown = &source[..end];
    }
    open_line(&mut out);
    for (class, piece) in tokens(Language::of(path), shown) {
        for (at, part) in piece.split('\n').enumerate() {
            if at > 0 {
                out.push_str("\n</span>");
                open_line(&mut out);
            }
            push_piece(&mut out, class, part);
        }
    }
    out.push_str("\n</span>");
    (out, total.saturating_sub(MAX_LINES))
}

/// A piece of code in a text, as the inner HTML of `<code>`. The language is
/// what stands behind a fence: `tsx`, or the name of a file.
pub fn block(language: &str, source: &str) -> String {
    let mut out = String::with_capacity(source.len() * 2);
    for (class, piece) in tokens(Language::of(language), source) {
        push_piece(&mut out, class, piece);
    }
    out
}

fn push_piece(out: &mut String, class: Class, text: &str) {
    if text.is_empty() {
        return;
    }
    if class == Class::Plain {
        return push_text(out, text);
    }
    let _ = write!(out, "<i class=\"{}\">", class.name());
    push_text(out, text);
    out.push_str("</i>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_links_to_itself_and_nothing_is_markup() {
        let (text, left) = html("a.tsx", "<b>\n&\n");
        assert_eq!(left, 0);
        assert_eq!(text.matches("class=\"line\"").count(), 2);
        assert!(text.contains("id=\"L2\" href=\"#L2\""));
        assert!(text.contains("&lt;b") && text.contains("&amp;"));
        assert_eq!(html("a.txt", &"x\n".repeat(MAX_LINES + 5)).1, 5);
        assert_eq!(html("a.txt", &"x\n".repeat(MAX_LINES + 5)).0.matches("class=\"line\"").count(), MAX_LINES);
    }

    #[test]
    fn a_block_is_coloured_and_not_numbered() {
        assert_eq!(block("tsx", "const a = <b/>"), "<i class=\"k\">const</i> a = <i class=\"t\">&lt;b</i>/&gt;");
        assert_eq!(block("", "const <a>"), "const &lt;a&gt;");
    }
}
