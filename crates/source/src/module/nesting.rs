//! A look at a text before the parser sees it: does it nest further than any
//! code that people write?
//!
//! The parser is a recursive one. Its stack is made large enough for any text
//! ([`super::Module::parse`]), but some texts take it a time that doubles with
//! each level: `[a<{[a<{[a<{…`, where every `<` is tried as the begin of type
//! arguments and then again as a comparison. So both brackets and angles are
//! bounded, and so are words in a row, each of which may be a modifier of the
//! next.

/// How many brackets may be open at once.
pub(super) const MAX_BRACKETS: usize = 500;

/// How many angles may be open at once: tags, type arguments and what may be them.
const MAX_ANGLES: usize = 24;

/// How many words may follow each other.
const MAX_WORDS: usize = 2_000;

/// The text nests too deeply.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooDeep {
    /// Where, from 1.
    pub(super) line: u32,
}

/// Refuses what nests too deeply.
///
/// Twice: once with strings and comments left out, and once, for what such a
/// scan takes for a string by mistake, with everything in it. There brackets do
/// not balance, so only the angles count.
pub(super) fn check(text: &str) -> Result<(), TooDeep> {
    Scan::new(text, true).run(MAX_BRACKETS, MAX_ANGLES)?;
    Scan::new(text, false).run(usize::MAX, MAX_ANGLES * 2)
}

/// What came before, as far as it tells a regular expression from a division.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// A name, a number, a string or a closing bracket.
    Operand,
    /// Anything else, or a keyword that an expression follows.
    Operator,
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    /// Whether strings, comments and regular expressions are left out.
    knows_strings: bool,
    before: Before,
    /// Whether a line ended since the last token.
    is_new_line: bool,
    /// The open brackets: `(`, `[`, `{`, `<`, and `$` for `${`.
    open: Vec<u8>,
    angles: usize,
    /// How many words stand in a row.
    words: usize,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, knows_strings: bool) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
            knows_strings,
            before: Before::Operator,
            is_new_line: false,
            open: Vec::new(),
            angles: 0,
            words: 0,
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn run(mut self, max_brackets: usize, max_angles: usize) -> Result<(), TooDeep> {
        while self.at < self.bytes.len() {
            self.step();
            let is_list = self.knows_strings && self.words > MAX_WORDS;
            if self.open.len() > max_brackets || self.angles > max_angles || is_list {
                return Err(TooDeep { line: self.line });
            }
        }
        Ok(())
    }

    fn step(&mut self) {
        let byte = self.peek(0);
        self.at += 1;
        match byte {
            b'\n' => {
                self.line += 1;
                self.is_new_line = true;
            }
            b' ' | b'\t' | b'\r' => {}
            b'/' if self.knows_strings => self.slash(),
            b'"' | b'\'' if self.knows_strings => {
                self.string(byte);
                self.token(Before::Operand);
            }
            b'`' if self.knows_strings => self.template(),
            b'(' | b'[' | b'{' => {
                self.open.push(byte);
                self.token(Before::Operator);
            }
            b')' => self.close(b'('),
            b']' => self.close(b'['),
            b'}' => self.close_brace(),
            b'<' => self.angle(),
            b'>' => {
                if self.open.last() == Some(&b'<') && self.at >= 2 && self.bytes[self.at - 2] != b'=' {
                    self.pop();
                    self.token(Before::Operand);
                } else {
                    self.token(Before::Operator);
                }
            }
            b';' => {
                self.drop_angles();
                self.token(Before::Operator);
            }
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80 => self.word(),
            _ => self.token(Before::Operator),
        }
    }

    fn token(&mut self, before: Before) {
        self.before = before;
        self.is_new_line = false;
        self.words = 0;
    }

    fn word(&mut self) {
        let start = self.at - 1;
        while {
            let byte = self.peek(0);
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
        } {
            self.at += 1;
        }
        // A line that ends with an operand and goes on with a name is a new statement.
        if self.is_new_line && self.before == Before::Operand {
            self.drop_angles();
        }
        let is_keyword = matches!(
            &self.bytes[start..self.at],
            b"return"
                | b"typeof"
                | b"case"
                | b"in"
                | b"of"
                | b"delete"
                | b"void"
                | b"do"
                | b"else"
                | b"yield"
                | b"await"
                | b"throw"
                | b"new"
                | b"instanceof"
                | b"default"
        );
        let words = self.words + 1;
        self.token(if is_keyword { Before::Operator } else { Before::Operand });
        self.words = words;
    }

    /// A comment, a regular expression, a closing tag, or a division.
    fn slash(&mut self) {
        match self.peek(0) {
            b'/' => {
                while !matches!(self.peek(0), b'\n' | 0) {
                    self.at += 1;
                }
            }
            b'*' => {
                self.at += 1;
                while self.at < self.bytes.len() && !(self.peek(0) == b'*' && self.peek(1) == b'/') {
                    self.line += u32::from(self.peek(0) == b'\n');
                    self.at += 1;
                }
                self.at += 2;
            }
            b'>' => {}
            _ if self.before == Before::Operand => self.token(Before::Operator),
            _ => {
                self.regular_expression();
                self.token(Before::Operand);
            }
        }
    }

    fn regular_expression(&mut self) {
        let mut is_class = false;
        loop {
            match self.peek(0) {
                b'\n' | 0 => return,
                b'\\' => self.at += 1,
                b'[' => is_class = true,
                b']' => is_class = false,
                b'/' if !is_class => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Up to the closing quote, or the line's end: an apostrophe in a text
    /// between tags begins no string.
    fn string(&mut self, quote: u8) {
        loop {
            match self.peek(0) {
                b'\n' | 0 => return,
                b'\\' => {
                    self.line += u32::from(self.peek(1) == b'\n');
                    self.at += 1;
                }
                byte if byte == quote => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// The text of a template up to its end, or to the next `${`.
    fn template(&mut self) {
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'`' => {
                    self.at += 1;
                    return self.token(Before::Operand);
                }
                b'$' if self.peek(1) == b'{' => {
                    self.at += 2;
                    self.open.push(b'$');
                    return self.token(Before::Operator);
                }
                b'\\' => self.at += 1,
                b'\n' => self.line += 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn angle(&mut self) {
        if !matches!(self.peek(0), b'/' | b'=' | b'<') {
            self.open.push(b'<');
            self.angles += 1;
        }
        self.token(Before::Operator);
    }

    fn close_brace(&mut self) {
        let is_template =
            self.open.iter().rev().take(MAX_BRACKETS).find(|open| matches!(open, b'{' | b'$')) == Some(&b'$');
        if is_template && self.knows_strings {
            self.close(b'$');
            self.template();
        } else {
            self.close(b'{');
        }
    }

    /// Closes the nearest such bracket and what was left open within it.
    fn close(&mut self, bracket: u8) {
        // No further down than brackets may be open: this is done for each closing one.
        if self.open.iter().rev().take(MAX_BRACKETS).any(|open| *open == bracket) {
            while self.pop() != Some(bracket) {}
        }
        self.token(Before::Operand);
    }

    fn drop_angles(&mut self) {
        while self.open.last() == Some(&b'<') {
            self.pop();
        }
    }

    fn pop(&mut self) -> Option<u8> {
        let popped = self.open.pop();
        self.angles -= usize::from(popped == Some(b'<'));
        popped
    }
}
