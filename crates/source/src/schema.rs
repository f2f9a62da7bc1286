//! The item schema (`specs/shadcn-protocol.md` 1): what is valid, which keys
//! are kept, and in which order they are written.
//!
//! Cleaning follows zod, which the CLI uses: unknown keys are dropped at every
//! level of known shape, `config` alone refuses them, records keep everything
//! but `__proto__`, and the result has the schema's order of keys.

mod clean;
mod tables;

use model::{Diagnostic, DiagnosticCode};
use serde_json::{Map, Value};

pub(crate) use tables::{FILE_KEYS, ITEM_KEYS};

/// One thing wrong with an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// `files.0.target`; empty for the item itself.
    pub(crate) field: String,
    pub(crate) code: DiagnosticCode,
    pub(crate) message: String,
    pub(crate) fix: String,
}

impl Problem {
    pub(crate) fn diagnostic(self) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code, self.message).fix(self.fix);
        if self.field.is_empty() { diagnostic } else { diagnostic.at_field(self.field) }
    }
}

/// What the CLI keeps of an item, or all that is wrong with it.
pub(crate) fn clean_item(item: Value) -> Result<Map<String, Value>, Vec<Problem>> {
    clean::Cleaner::default().item(item)
}

/// Whether a value has the `type` of a registry item, known or not: what tells
/// a `registry.json` of ours from another product's.
pub(crate) fn looks_like_item(value: &Value) -> bool {
    value.get("type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("registry:"))
}

#[cfg(test)]
mod tests;
