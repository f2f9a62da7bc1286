//! Hunks of a diff as people read them: numbered lines with `+` and `-`, every
//! character seen, nothing of it markup.

use super::{
    format::{is_odd, number, odd_name},
    words::t,
};
use model::view::{DiffLine, Hunk, LineMark};
use std::fmt::Write as _;

/// The hunks as the inner HTML of `<code>`.
pub fn html(hunks: &[Hunk]) -> String {
    let mut out = String::new();
    for hunk in hunks {
        let Hunk { before, before_lines, after, after_lines, lines } = hunk;
        // Writing to a string does not fail.
        let _ = write!(out, "<span class=\"hunk\">@@ -{before},{before_lines} +{after},{after_lines} @@\n</span>");
        for line in lines {
            write_line(&mut out, line);
        }
    }
    out
}

fn write_line(out: &mut String, line: &DiffLine) {
    let (tag, mark) = match line.mark {
        LineMark::Kept => ("span", ' '),
        LineMark::Removed => ("del", '-'),
        LineMark::Added => ("ins", '+'),
    };
    let _ = write!(out, "<{tag} class=\"dl\">");
    for at in [line.before, line.after] {
        match at {
            Some(at) => drop(write!(out, "<i data-n=\"{at}\"></i>")),
            None => out.push_str("<i></i>"),
        }
    }
    out.push(mark);
    let mut start = 0;
    for (from, to) in &line.emphasis {
        let (Some(plain), Some(marked)) = (line.text.get(start..*from), line.text.get(*from..*to)) else {
            break;
        };
        write_text(out, plain);
        out.push_str("<b>");
        write_text(out, marked);
        out.push_str("</b>");
        start = *to;
    }
    write_text(out, line.text.get(start..).unwrap_or_default());
    if line.cut > 0 {
        let _ =
            write!(out, "<span class=\"note\"> … {}</span>", t!("%{count} more characters", count = number(line.cut)));
    }
    out.push('\n');
    let _ = write!(out, "</{tag}>");
    if line.unended {
        let told = t!("No line end at the end of the file");
        let _ = write!(out, "<span class=\"dl note\"><i></i><i></i>\\ {told}\n</span>");
    }
}

fn write_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c if is_odd(c) => drop(write!(out, "<span class=\"odd\">{}</span>", odd_name(c))),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(mark: LineMark, text: &str) -> DiffLine {
        let (before, after) = (Some(1), Some(2));
        DiffLine { mark, before, after, text: text.to_owned(), emphasis: Vec::new(), cut: 0, unended: false }
    }

    fn shown(lines: Vec<DiffLine>) -> String {
        html(&[Hunk { before: 1, before_lines: 1, after: 2, after_lines: 1, lines }])
    }

    #[test]
    fn text_is_shown_and_not_interpreted() {
        let text = shown(vec![line(LineMark::Added, "<script>&\u{202e}\r")]);
        assert!(text.contains("+&lt;script&gt;&amp;<span class=\"odd\">U+202E</span><span class=\"odd\">CR</span>\n"));
        assert!(text.starts_with("<span class=\"hunk\">@@ -1,1 +2,1 @@\n</span>"));
    }

    #[test]
    fn emphasis_cuts_and_missing_line_ends_are_shown() {
        let mut odd = line(LineMark::Removed, "let x = 1");
        odd.emphasis = vec![(8, 9)];
        odd.cut = 1_200;
        odd.unended = true;
        let text = shown(vec![odd]);
        assert!(text.contains("<del class=\"dl\"><i data-n=\"1\"></i><i data-n=\"2\"></i>-let x = <b>1</b>"), "{text}");
        assert!(text.contains("1,200 more characters") && text.contains("No line end"), "{text}");
    }
}
