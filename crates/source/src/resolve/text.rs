//! Configuration files: read leniently, for they are not what is published.

use super::Resolver;
use crate::tree::TreeError;
use model::{Diagnostic, DiagnosticCode};
use serde_json::Value;

/// Largest configuration file that is read, in bytes.
const MAX_CONFIG_BYTES: u64 = 2 * 1024 * 1024;

impl Resolver<'_> {
    /// A file's text; none where there is none, or none that could be meant.
    pub(super) fn text(&mut self, file: &str) -> Result<Option<String>, TreeError> {
        let Some(id) = self.files.id(file) else {
            return Ok(None);
        };
        let read = match self.tree.size(id) {
            Ok(size) if size > MAX_CONFIG_BYTES => {
                self.tell(broken(file, "it is too large"));
                return Ok(None);
            }
            Ok(_) => self.tree.read(id),
            Err(error) => Err(error),
        };
        match read {
            Ok(bytes) => {
                let text = String::from_utf8(bytes).ok();
                if text.is_none() {
                    self.tell(broken(file, "it is not UTF-8"));
                }
                Ok(text)
            }
            Err(error @ TreeError::MissingObject(_)) => {
                self.tell(broken(file, &error.to_string()));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// A JSON file with comments and trailing commas allowed.
    pub(crate) fn json(&mut self, file: &str) -> Result<Option<Value>, TreeError> {
        let Some(text) = self.text(file)? else {
            return Ok(None);
        };
        let mut text = text.trim_start_matches('\u{feff}').to_owned();
        let parsed = json_strip_comments::strip(&mut text)
            .map_err(|error| error.to_string())
            .and_then(|()| serde_json::from_str(&text).map_err(|error| error.to_string()));
        match parsed {
            Ok(value) => Ok(Some(value)),
            Err(problem) => {
                self.tell(broken(file, &problem));
                Ok(None)
            }
        }
    }
}

/// A configuration file that is read past.
pub(super) fn broken(file: &str, problem: &str) -> Diagnostic {
    let message = format!("{file} cannot be read, so imports are resolved without it: {problem}");
    Diagnostic::warning(DiagnosticCode::BrokenConfig, message).in_file(file).fix("Correct the file.")
}
