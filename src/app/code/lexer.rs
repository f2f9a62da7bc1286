//! Cuts sources into pieces of one colour. Knows that the text of JSX is no
//! code, and nothing else of a grammar: what it takes wrongly has a wrong
//! colour, and all pieces together are always the source.

/// What a piece of source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Plain,
    Comment,
    Text,
    Keyword,
    Number,
    Tag,
    Call,
    Attribute,
    Type,
}

impl Class {
    /// The class of its element in HTML.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Comment => "c",
            Self::Text => "s",
            Self::Keyword => "k",
            Self::Number => "n",
            Self::Tag => "t",
            Self::Call => "f",
            Self::Attribute => "a",
            Self::Type => "y",
        }
    }
}

/// A family of languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Script,
    Style,
    Json,
    Shell,
    Plain,
}

impl Language {
    /// The language of a file by its path, or of a block by its name.
    pub(super) fn of(path: &str) -> Self {
        match path.rsplit('.').next().unwrap_or_default() {
            "ts" | "tsx" | "js" | "jsx" | "mjs" | "cjs" | "mts" | "cts" | "vue" | "svelte" | "astro" | "html"
            | "typescript" | "javascript" => Self::Script,
            "css" | "scss" | "pcss" | "less" => Self::Style,
            "json" | "jsonc" => Self::Json,
            "sh" | "bash" | "env" | "yml" | "yaml" | "toml" | "shell" => Self::Shell,
            _ => Self::Plain,
        }
    }
}

#[rustfmt::skip]
const KEYWORDS: [&str; 50] = [
    "abstract", "as", "async", "await", "break", "case", "catch", "class", "const", "continue", "declare", "default",
    "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for", "from", "function", "if",
    "implements", "import", "in", "instanceof", "interface", "keyof", "let", "new", "null", "of", "private",
    "readonly", "return", "satisfies", "static", "super", "switch", "this", "throw", "true", "try", "type", "typeof",
    "undefined", "var", "while",
];

/// How deep JSX is followed; what stands deeper has the colours of code.
const MAX_DEPTH: usize = 200;

/// Where the lexer is. At the bottom is code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between braces in JSX, with as many braces open within.
    Braces(usize),
    /// In a tag, from its name to its `>`.
    Tag { closing: bool },
    /// Between an element's tags.
    Words,
}

/// Cuts a source into pieces; together they are the source.
pub(super) fn tokens(language: Language, source: &str) -> Vec<(Class, &str)> {
    if language == Language::Plain {
        return vec![(Class::Plain, source)];
    }
    let mut lexer = Lexer { language, places: Vec::new(), before: ' ', word: "" };
    let mut out: Vec<(Class, &str)> = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (class, length) = lexer.token(rest, first);
        let (piece, tail) = rest.split_at(length.max(first.len_utf8()));
        lexer.note(piece);
        out.push((class, piece));
        rest = tail;
    }
    out
}

struct Lexer<'s> {
    language: Language,
    places: Vec<Place>,
    /// The last character that is no white space.
    before: char,
    /// The last piece, if it is a word.
    word: &'s str,
}

impl<'s> Lexer<'s> {
    fn note(&mut self, piece: &'s str) {
        if let Some(last) = piece.trim_end().chars().next_back() {
            self.before = last;
            self.word = if last.is_alphanumeric() { piece } else { "" };
        }
    }

    /// The class and length of the piece at the start of `rest`.
    fn token(&mut self, rest: &str, first: char) -> (Class, usize) {
        match self.places.last().copied() {
            Some(Place::Words) => return self.words(rest, first),
            Some(Place::Tag { closing }) => return self.tag(rest, first, closing),
            Some(Place::Braces(open)) => match first {
                '{' => return self.replace(Place::Braces(open + 1)),
                '}' if open > 0 => return self.replace(Place::Braces(open - 1)),
                '}' => {
                    self.places.pop();
                    return (Class::Plain, 1);
                }
                _ => {}
            },
            None => {}
        }
        self.code(rest, first)
    }

    fn replace(&mut self, place: Place) -> (Class, usize) {
        if let Some(last) = self.places.last_mut() {
            *last = place;
        }
        (Class::Plain, 1)
    }

    /// What stands between tags: words, until a tag or a brace.
    fn words(&mut self, rest: &str, first: char) -> (Class, usize) {
        match first {
            '{' => {
                self.places.push(Place::Braces(0));
                (Class::Plain, 1)
            }
            '<' if rest.starts_with("</") || opens_tag(rest) => self.open_tag(rest),
            _ => {
                let length = first.len_utf8();
                (Class::Plain, length + run(&rest[length..], |c| !matches!(c, '<' | '{')))
            }
        }
    }

    fn open_tag(&mut self, rest: &str) -> (Class, usize) {
        let closing = rest.starts_with("</");
        let start = 1 + usize::from(closing);
        let name = run(&rest[start..], |c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'));
        if closing && self.places.last() == Some(&Place::Words) {
            self.places.pop();
        }
        self.places.push(Place::Tag { closing });
        (Class::Tag, start + name)
    }

    fn tag(&mut self, rest: &str, first: char, closing: bool) -> (Class, usize) {
        match first {
            '>' => {
                self.places.pop();
                if !closing {
                    self.places.push(Place::Words);
                }
                (Class::Plain, 1)
            }
            '/' if rest.starts_with("/>") => {
                self.places.pop();
                (Class::Plain, 2)
            }
            '{' => {
                self.places.push(Place::Braces(0));
                (Class::Plain, 1)
            }
            // A value in quotes may run over lines here.
            '"' | '\'' => (Class::Text, rest[1..].find(first).map_or(rest.len(), |at| at + 2)),
            '/' if rest.starts_with("/*") || rest.starts_with("//") => self.code(rest, first),
            c if c.is_alphabetic() || matches!(c, '_' | '$' | '@' | ':' | '#') => {
                (Class::Attribute, first.len_utf8() + run(&rest[first.len_utf8()..], is_of_attribute))
            }
            c => (Class::Plain, c.len_utf8()),
        }
    }

    /// Whether a `<` here can begin a tag: an operand is due.
    fn awaits_operand(&self) -> bool {
        if self.word.is_empty() {
            !matches!(self.before, ')' | ']' | '"' | '\'' | '`' | '_' | '$')
        } else {
            matches!(self.word, "return" | "default" | "case" | "else" | "do" | "yield" | "await")
        }
    }

    fn code(&mut self, rest: &str, first: char) -> (Class, usize) {
        let language = self.language;
        if language == Language::Shell {
            return shell(rest, first, self.before);
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            return (Class::Comment, comment.find("*/").map_or(rest.len(), |at| at + 4));
        }
        if rest.starts_with("//") && language != Language::Style {
            return (Class::Comment, rest.find('\n').unwrap_or(rest.len()));
        }
        match first {
            '"' | '`' => (Class::Text, string(rest, first)),
            // In a text an apostrophe is often just one: a string ends on its line.
            '\'' => match string(rest, first) {
                length if length > 1 && rest[..length].ends_with('\'') => (Class::Text, length),
                _ => (Class::Plain, 1),
            },
            '0'..='9' => (Class::Number, run(rest, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%'))),
            '<' if language == Language::Script => {
                let is_tag = (opens_tag(rest) || rest.starts_with("</")) && self.awaits_operand();
                if is_tag && self.places.len() < MAX_DEPTH { self.open_tag(rest) } else { (Class::Plain, 1) }
            }
            '@' | '#' if language == Language::Style => {
                let length = 1 + run(&rest[1..], |c| c.is_ascii_alphanumeric() || c == '-');
                (if first == '@' { Class::Keyword } else { Class::Number }, length)
            }
            '-' if language == Language::Style && rest.starts_with("--") => {
                (Class::Call, run(rest, |c| c.is_ascii_alphanumeric() || c == '-'))
            }
            c if c.is_alphabetic() || matches!(c, '_' | '$') => word(language, rest, self.before),
            c => (Class::Plain, c.len_utf8()),
        }
    }
}

fn is_of_attribute(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '$' | ':' | '.' | '@')
}

/// Whether a `<` is followed by what a tag's name can be, and by nothing that a
/// list of types has: `<T,`, `<T extends`.
fn opens_tag(rest: &str) -> bool {
    let name = run(&rest[1..], |c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'));
    let tail = &rest[1 + name..];
    match rest[1..].chars().next() {
        Some('>') => true,
        Some(c) if c.is_alphabetic() => {
            let next = tail.trim_start();
            !next.starts_with([',', '=', '|', '&', '[', '<', '(', ')', ';']) && !next.starts_with("extends ")
        }
        _ => false,
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
        Language::Script if word.starts_with(|c: char| c.is_uppercase()) => Class::Type,
        _ => Class::Plain,
    };
    (class, length)
}

/// Commands and settings: comments, strings, and the name before `=` or `:`.
fn shell(rest: &str, first: char, before: char) -> (Class, usize) {
    match first {
        '#' if before != '$' && before != '{' => (Class::Comment, rest.find('\n').unwrap_or(rest.len())),
        '"' => (Class::Text, string(rest, first)),
        '\'' => match string(rest, first) {
            length if length > 1 && rest[..length].ends_with('\'') => (Class::Text, length),
            _ => (Class::Plain, 1),
        },
        c if c.is_alphabetic() || c == '_' => {
            let length = run(rest, |c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@'));
            (if rest[length..].starts_with(['=', ':']) { Class::Attribute } else { Class::Plain }, length)
        }
        c => (Class::Plain, c.len_utf8()),
    }
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
    use proptest::prelude::*;

    const SOURCE: &str = "import { cn } from \"@/lib\" // it's\nexport function A() {\n  return <Slot.Root x={`a\nb`} on>Sign in, don't {n < 10}</Slot.Root>\n}\n";

    fn of_class(class: Class, source: &str) -> Vec<&str> {
        tokens(Language::Script, source).into_iter().filter(|(is, _)| *is == class).map(|(_, text)| text).collect()
    }

    #[test]
    fn a_script_is_told_apart() {
        assert_eq!(of_class(Class::Keyword, SOURCE), ["import", "from", "export", "function", "return"]);
        assert_eq!(of_class(Class::Text, SOURCE), ["\"@/lib\"", "`a\nb`"]);
        assert_eq!(of_class(Class::Comment, SOURCE), ["// it's"]);
        assert_eq!(of_class(Class::Tag, SOURCE), ["<Slot.Root", "</Slot.Root"]);
        assert_eq!(of_class(Class::Attribute, SOURCE), ["x", "on"]);
        assert_eq!(of_class(Class::Number, SOURCE), ["10"]);
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn the_words_between_tags_are_no_code() {
        let source = "return (<p>this is for you {if_so && <b>new</b>} if 1 < 2</p>)\nconst a = 1";
        assert_eq!(of_class(Class::Keyword, source), ["return", "const"]);
        assert_eq!(of_class(Class::Tag, source), ["<p", "<b", "</b", "</p"]);
    }

    #[test]
    fn types_are_no_tags() {
        let source = "const [a, b] = useState<Props>(null); function f<T extends X>(x: Array<string>): Map<A, B> { return a < b }";
        assert_eq!(of_class(Class::Tag, source), [""; 0]);
        assert_eq!(of_class(Class::Keyword, source), ["const", "null", "function", "extends", "return"]);
        let generic = "const f = <T,>(x: T) => x\nconst g = <T extends unknown>(x: T) => x\nconst h = 1";
        assert_eq!(of_class(Class::Tag, generic), [""; 0]);
        assert_eq!(of_class(Class::Keyword, generic).len(), 4);
    }

    #[test]
    fn objects_in_attributes_end_where_they_end() {
        let source = "<A style={{ width: { a: 1 } }} {...props} b='x\ny' /> \nconst c = 1";
        assert_eq!(of_class(Class::Keyword, source), ["const"]);
        assert_eq!(of_class(Class::Attribute, source), ["style", "b"]);
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_source(source in "([<>/{}()='\"`#@:;.,é \n*-]|const |a|</|/>|=>|<b|1){0,80}") {
            for language in [Language::Script, Language::Style, Language::Json, Language::Shell, Language::Plain] {
                let joined: String = tokens(language, &source).into_iter().map(|(_, text)| text).collect();
                prop_assert_eq!(&joined, &source);
            }
        }
    }
}
