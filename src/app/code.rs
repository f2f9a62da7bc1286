//! Source as people read it: numbered lines, coloured by a small lexer that
//! knows what the languages of components have in common.

use std::fmt::Write as _;

/// The most lines that a page shows of one file.
pub const MAX_LINES: usize = 3_000;

/// What a piece of source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Comment,
    Text,
    Keyword,
    Number,
    Tag,
    Call,
}

impl Class {
    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Comment => "c",
            Self::Text => "s",
            Self::Keyword => "k",
            Self::Number => "n",
            Self::Tag => "t",
            Self::Call => "f",
        }
    }
}

/// A family of languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Script,
    Style,
    Json,
    Plain,
}

impl Language {
    fn of(path: &str) -> Self {
        match path.rsplit('.').next().unwrap_or_default() {
            "ts" | "tsx" | "js" | "jsx" | "mjs" | "cjs" | "mts" | "cts" | "vue" | "svelte" | "astro" => Self::Script,
            "css" | "scss" | "pcss" | "less" => Self::Style,
            "json" | "jsonc" => Self::Json,
            _ => Self::Plain,
        }
    }
}

const KEYWORDS: [&str; 50] = [
    "abstract",
    "as",
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "from",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "keyof",
    "let",
    "new",
    "null",
    "of",
    "private",
    "readonly",
    "return",
    "satisfies",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "var",
    "while",
];

/// The file as the inner HTML of `<code>`: one `span.line` a line, each with a
/// link to itself; and how many lines were left off.
pub fn html(path: &str, source: &str) -> (String, usize) {
    let total = source.lines().count();
    let mut out = String::with_capacity(source.len() * 2);
    let mut number = 0;
    let mut open_line = |out: &mut String| {
        number += 1;
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "<span class=\"line\"><a id=\"L{number}\" href=\"#L{number}\" data-n=\"{number}\" tabindex=\"-1\" aria-label=\"Line {number}\"></a>"
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
            if part.is_empty() {
                continue;
            }
            if class == Class::Plain {
                escape(&mut out, part);
            } else {
                let _ = write!(out, "<i class=\"{}\">", class.name());
                escape(&mut out, part);
                out.push_str("</i>");
            }
        }
    }
    out.push_str("\n</span>");
    (out, total.saturating_sub(MAX_LINES))
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

/// Cuts a source into pieces; together they are the source.
fn tokens(language: Language, source: &str) -> Vec<(Class, &str)> {
    let mut out: Vec<(Class, &str)> = Vec::new();
    if language == Language::Plain {
        return vec![(Class::Plain, source)];
    }
    let mut rest = source;
    let mut before = '\n';
    while let Some(first) = rest.chars().next() {
        let (class, length) = token(language, rest, first, before);
        let (piece, tail) = rest.split_at(length);
        before = piece.chars().next_back().unwrap_or('\n');
        out.push((class, piece));
        rest = tail;
    }
    out
}

/// The class and length of the piece at the start of `rest`, which begins with
/// `first` and follows `before`.
fn token(language: Language, rest: &str, first: char, before: char) -> (Class, usize) {
    let until = |end: &str| rest[2..].find(end).map_or(rest.len(), |at| at + 2);
    if rest.starts_with("/*") {
        return (Class::Comment, (until("*/") + 2).min(rest.len()));
    }
    if rest.starts_with("//") && language != Language::Style && before != ':' {
        return (Class::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    match first {
        '"' | '`' => (Class::Text, string(rest, first)),
        // In JSX an apostrophe is often just one: a string ends on its line.
        '\'' => match string(rest, first) {
            length if rest[..length].len() > 1 && rest[..length].ends_with('\'') => (Class::Text, length),
            _ => (Class::Plain, 1),
        },
        '0'..='9' => (Class::Number, run(rest, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%'))),
        '<' if language == Language::Script => {
            let slash = usize::from(rest[1..].starts_with('/'));
            let name = run(&rest[1 + slash..], |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
            // `Array<string>` is no tag: a tag does not touch the word before it.
            if name > 0 && !before.is_alphanumeric() { (Class::Tag, 1 + slash + name) } else { (Class::Plain, 1) }
        }
        '@' | '#' if language == Language::Style => {
            let length = 1 + run(&rest[1..], |c| c.is_ascii_alphanumeric() || c == '-');
            (if first == '@' { Class::Keyword } else { Class::Number }, length)
        }
        '-' if language == Language::Style && rest.starts_with("--") => {
            (Class::Call, run(rest, |c| c.is_ascii_alphanumeric() || c == '-'))
        }
        c if c.is_alphabetic() || matches!(c, '_' | '$') => word(language, rest, before),
        c => (Class::Plain, c.len_utf8()),
    }
}

fn word(language: Language, rest: &str, before: char) -> (Class, usize) {
    let dashed = language == Language::Style;
    let length = run(rest, |c| c.is_alphanumeric() || matches!(c, '_' | '$') || (dashed && c == '-'));
    let (word, tail) = rest.split_at(length);
    let class = match language {
        Language::Style if tail.starts_with(':') && !tail.starts_with("::") => Class::Tag,
        Language::Json | Language::Script if before != '.' && KEYWORDS.binary_search(&word).is_ok() => Class::Keyword,
        Language::Style | Language::Script if tail.starts_with('(') => Class::Call,
        _ => Class::Plain,
    };
    (class, length)
}

/// How many bytes at the start of `text` have characters that `fit`.
fn run(text: &str, fit: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fit(c)).unwrap_or(text.len())
}

/// The length of the string that begins `rest`; only a template runs over lines.
fn string(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote != '`' => return at,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "import { cn } from \"@/lib\" // it's\nexport function A() {\n  return <Slot.Root x={`a\nb`}>don't {n < 10}</Slot.Root>\n}\n";

    fn of_class(class: Class) -> Vec<&'static str> {
        tokens(Language::Script, SOURCE).into_iter().filter(|(is, _)| *is == class).map(|(_, text)| text).collect()
    }

    #[test]
    fn the_pieces_are_the_source() {
        for language in [Language::Script, Language::Style, Language::Json, Language::Plain] {
            for source in [SOURCE, "/*", "/", "'", "\"é", "a: #fff; --x: 1px", "<", "</", ""] {
                let joined: String = tokens(language, source).into_iter().map(|(_, text)| text).collect();
                assert_eq!(joined, source);
            }
        }
    }

    #[test]
    fn a_script_is_told_apart() {
        assert_eq!(of_class(Class::Keyword), ["import", "from", "export", "function", "return"]);
        assert_eq!(of_class(Class::Text), ["\"@/lib\"", "`a\nb`"]);
        assert_eq!(of_class(Class::Comment), ["// it's"]);
        assert_eq!(of_class(Class::Tag), ["<Slot.Root", "</Slot.Root"]);
        assert_eq!(of_class(Class::Number), ["10"]);
        assert!(KEYWORDS.is_sorted());
    }

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
}
