//! What one TypeScript or JavaScript file says: what it imports and exports,
//! and how its author describes it.

mod doc;
mod facts;
mod nesting;
mod salvage;

pub use doc::Doc;

use serde::{Deserialize, Serialize};
use std::thread;

/// Largest file that is parsed, in bytes.
const MAX_SOURCE_BYTES: usize = 1024 * 1024;

/// How many syntax errors of a file are told.
const MAX_ERRORS: usize = 3;

/// The language of a file, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// `.ts`, `.mts`, `.cts`
    Ts,
    /// `.tsx`
    Tsx,
    /// `.js`, `.jsx`, `.mjs`, `.cjs`: JavaScript, with JSX allowed.
    Js,
    /// `.d.ts`, `.d.mts`, `.d.cts`: declarations only.
    Dts,
}

impl Dialect {
    /// The dialect of the file at `path`; `None` when it is no such file.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let (stem, extension) = name.rsplit_once('.')?;
        let is_declaration = stem.rsplit_once('.').is_some_and(|(_, last)| last == "d");
        match extension {
            "ts" | "mts" | "cts" if is_declaration => Some(Self::Dts),
            "ts" | "mts" | "cts" => Some(Self::Ts),
            "tsx" => Some(Self::Tsx),
            "js" | "jsx" | "mjs" | "cjs" => Some(Self::Js),
            _ => None,
        }
    }
}

/// What one file says. Depends on its text and [`Dialect`] alone, so that it
/// may be kept for as long as [`Module::FORMAT`] stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Module {
    /// What it imports, in the order of the text.
    pub imports: Vec<Import>,
    /// What it exports by name, in the order of the text; the default export
    /// is `default`. What `export *` passes on is not among them.
    pub exports: Vec<Export>,
    /// Whether it has JSX, or calls `createElement`.
    pub has_jsx: bool,
    /// Whether it does nothing but pass on what other files export.
    pub is_barrel: bool,
    /// Its directives: `use client`.
    pub directives: Vec<String>,
    /// Its first comment, when that describes the file: a `/** … */` before the
    /// imports, or before the first export of a file that imports nothing.
    pub doc: Doc,
    /// Why it is not valid, at most three reasons. The rest is what could be
    /// read nevertheless, often no more than what looks like an import.
    pub errors: Vec<SyntaxError>,
}

/// An import of another file or package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What stands between the quotes, escapes resolved.
    pub specifier: String,
    /// How it is imported.
    pub kind: ImportKind,
    /// Whether only types are imported, which leave no trace in the built code.
    pub is_type: bool,
    /// Where it stands, from 1.
    pub line: u32,
    /// Offsets in bytes of what stands between the quotes.
    pub start: u32,
    /// The end of it, exclusive.
    pub end: u32,
    /// What is imported by name, where a whole statement imports it. Empty for
    /// `import "x"` and for all imports within expressions and types.
    pub names: Vec<ImportedName>,
    /// Offsets in bytes of the statement with those names, if nothing but them
    /// and the specifier stands in it.
    pub statement: Option<(u32, u32)>,
}

/// A name that a statement imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedName {
    /// What the other file exports: `default` for its default export, `*` for
    /// all of them.
    pub imported: String,
    /// The name that it has here, or that it is passed on under. `*` where
    /// everything is passed on.
    pub local: String,
    /// Whether it is marked as a type by itself.
    pub is_type: bool,
}

/// How something is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportKind {
    /// `import … from "x"`, `import "x"`
    Static,
    /// `export … from "x"`
    ReExport,
    /// `import("x")`, in code or as a type
    Dynamic,
    /// `require("x")`, `import x = require("x")`
    Require,
}

/// An exported name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The name that importers use.
    pub name: String,
    /// Its name inside the file, where that is another one: of
    /// `export default Button` it is `Button`.
    pub local: Option<String>,
    /// Whether it is a type alone.
    pub is_type: bool,
    /// The `/** … */` right before its declaration.
    pub doc: Doc,
}

/// Why a file is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyntaxError {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// What is wrong, as the parser says it.
    pub message: String,
}

impl Module {
    /// Rises whenever the same text would give another [`Module`].
    pub const FORMAT: u32 = 1;

    /// Reads a file. Never panics, and never takes the caller's stack: what
    /// nests too deeply, is too large or is not UTF-8 has an error instead.
    pub fn parse(text: &[u8], dialect: Dialect) -> Self {
        let mut module = Self::parse_all(text, dialect);
        if !module.errors.is_empty() && module.imports.is_empty() {
            module.imports = salvage::imports(&String::from_utf8_lossy(text));
        }
        module
    }

    fn parse_all(text: &[u8], dialect: Dialect) -> Self {
        let Ok(text) = std::str::from_utf8(text) else {
            return Self::refused(1, "the file is not UTF-8 text");
        };
        if text.len() > MAX_SOURCE_BYTES {
            let message = format!("the file has {} bytes; at most {MAX_SOURCE_BYTES} are parsed", text.len());
            return Self::refused(1, message);
        }
        if let Err(nesting::TooDeep { line }) = nesting::check(text) {
            return Self::refused(line, "the code nests too deeply to be read");
        }
        let read = thread::Builder::new().name("module".to_owned()).stack_size(stack_bytes(text));
        thread::scope(|scope| match read.spawn_scoped(scope, || facts::read(text, dialect)) {
            Ok(reading) => reading.join().unwrap_or_else(|_| Self::refused(1, "the parser gave up on the file")),
            Err(error) => Self::refused(1, format!("the file could not be parsed for want of memory: {error}")),
        })
    }

    /// The export that the file is about: the one that is named like the file
    /// (`stem`, in any spelling), else the default one, else the first that is a
    /// hook, or in a file with JSX a component, by its name, else the only one
    /// that is no type.
    pub fn main_export(&self, stem: &str) -> Option<&Export> {
        let plain = |name: &str| -> String {
            name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let stem = plain(stem);
        let values = || self.exports.iter().filter(|export| !export.is_type);
        values()
            .find(|export| plain(&export.name) == stem)
            .or_else(|| values().find(|export| export.name == "default"))
            .or_else(|| values().find(|export| export.is_hook() || (self.has_jsx && export.is_component())))
            .or_else(|| values().next().filter(|_| values().count() == 1))
    }

    /// How the author describes the file, or else its main export.
    pub fn description(&self, stem: &str) -> Doc {
        let main = self.main_export(stem).map(|export| &export.doc);
        main.map_or_else(|| self.doc.clone(), |main| self.doc.clone().or(main))
    }

    fn refused(line: u32, message: impl Into<String>) -> Self {
        Self { errors: vec![SyntaxError { line, column: 1, message: message.into() }], ..Self::default() }
    }
}

impl Export {
    /// Whether it is a component by its name: `Button`, or a default export
    /// that is called so inside the file. `MAX_SIZE` is none.
    pub fn is_component(&self) -> bool {
        let name = self.own_name();
        let is_constant = name.len() > 1 && !name.contains(|char: char| char.is_lowercase());
        !self.is_type && !is_constant && name.starts_with(|first: char| first.is_uppercase())
    }

    /// Whether it is a hook by its name: `useMobile`.
    pub fn is_hook(&self) -> bool {
        let rest = self.own_name().strip_prefix("use");
        !self.is_type && rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_uppercase()))
    }

    fn own_name(&self) -> &str {
        if self.name == "default" { self.local.as_deref().unwrap_or_default() } else { &self.name }
    }
}

/// Enough stack for whatever this text can be, so that no text overflows it:
/// measured are at most 1,470 bytes for an opening bracket and 320 for any other
/// byte, in any build. Only what is used is ever backed by memory.
fn stack_bytes(text: &str) -> usize {
    let brackets = text.bytes().filter(|byte| matches!(byte, b'(' | b'[' | b'{' | b'<')).count();
    let brackets = brackets.min(nesting::MAX_BRACKETS * 4);
    4 * 1024 * 1024 + brackets * 4096 + text.len() * 1024
}

#[cfg(test)]
mod tests;
