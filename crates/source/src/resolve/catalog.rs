//! The versions that a workspace shares: pnpm's and Bun's catalogs.

use saphyr_parser::{Event, Parser};
use serde_json::Value;
use std::{borrow::Cow, collections::HashMap};

/// Ranges by catalog and package. The catalog without a name is `default`.
#[derive(Debug, Clone, Default)]
pub(super) struct Catalogs(HashMap<(String, String), String>);

impl Catalogs {
    pub(super) fn get(&self, catalog: &str, package: &str) -> Option<&str> {
        let catalog = if catalog.is_empty() { "default" } else { catalog };
        self.0.get(&(catalog.to_owned(), package.to_owned())).map(String::as_str)
    }

    fn add(&mut self, catalog: &str, package: &str, range: &str) {
        self.0.insert((catalog.to_owned(), package.to_owned()), range.to_owned());
    }

    /// What a `package.json` says: `catalog` and `catalogs`, by themselves or
    /// in `workspaces`.
    pub(super) fn from_package(package: &Value) -> Self {
        let mut catalogs = Self::default();
        for place in [Some(package), package.get("workspaces")].into_iter().flatten() {
            catalogs.add_all("default", place.get("catalog"));
            for (name, catalog) in place.get("catalogs").and_then(Value::as_object).into_iter().flatten() {
                catalogs.add_all(name, Some(catalog));
            }
        }
        catalogs
    }

    fn add_all(&mut self, catalog: &str, ranges: Option<&Value>) {
        for (package, range) in ranges.and_then(Value::as_object).into_iter().flatten() {
            if let Some(range) = range.as_str() {
                self.add(catalog, package, range);
            }
        }
    }

    /// What a `pnpm-workspace.yaml` says. Anchors are not followed.
    pub(super) fn add_yaml(&mut self, text: &str) -> Result<(), String> {
        // The keys that lead to where the parser is; of a key without its value yet.
        let mut path: Vec<Option<Cow<'_, str>>> = Vec::new();
        for event in Parser::new_from_str(text) {
            match event.map_err(|error| error.to_string())?.0 {
                Event::MappingStart(..) => path.push(None),
                // Nothing of ours is below a list.
                Event::SequenceStart(..) => path.push(Some(Cow::Borrowed("[]"))),
                Event::MappingEnd | Event::SequenceEnd => {
                    path.pop();
                    end_value(&mut path);
                }
                Event::Alias(_) => end_value(&mut path),
                Event::Scalar(text, ..) => match path.last_mut() {
                    Some(key @ None) => *key = Some(text),
                    Some(Some(_)) => {
                        match path.iter().map(|key| key.as_deref()).collect::<Vec<_>>()[..] {
                            [Some("catalog"), Some(package)] => self.add("default", package, &text),
                            [Some("catalogs"), Some(catalog), Some(package)] => self.add(catalog, package, &text),
                            _ => {}
                        }
                        end_value(&mut path);
                    }
                    None => {}
                },
                _ => {}
            }
        }
        Ok(())
    }
}

/// The value of the innermost key has ended; in a list there are no keys.
fn end_value(path: &mut [Option<Cow<'_, str>>]) {
    if let Some(key) = path.last_mut()
        && key.as_deref() != Some("[]")
    {
        *key = None;
    }
}
