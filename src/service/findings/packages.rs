//! npm packages: what changes under whoever installs it.

use super::some_of;
use model::{Diagnostic, DiagnosticCode};
use source::Registry;
use std::collections::BTreeMap;

/// A package and its range as an item writes them: `zod@^3.0`, `@acme/ui`.
pub(super) fn name_and_range(dependency: &str) -> (&str, Option<&str>) {
    match dependency.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => (&dependency[..at], Some(&dependency[at + 1..]).filter(|range| !range.is_empty())),
        None => (dependency, None),
    }
}

/// One finding for each package that is needed without a range: every install
/// takes whatever is newest that day.
pub(super) fn find(registry: &Registry) -> Vec<Diagnostic> {
    let mut unpinned: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for item in &registry.items {
        let all = source::npm_dependencies(&item.manifest).into_iter().chain(source::dev_dependencies(&item.manifest));
        for dependency in all {
            if let (name, None | Some("latest" | "*")) = name_and_range(&dependency) {
                let items = unpinned.entry(name.to_owned()).or_default();
                if items.last() != Some(&item.name.as_str()) {
                    items.push(item.name.as_str());
                }
            }
        }
    }
    unpinned
        .into_iter()
        .map(|(package, items)| {
            Diagnostic::note(
                DiagnosticCode::UnpinnedPackage,
                format!("the npm package {package:?} is needed without a version range by {}", some_of(&items)),
            )
            .in_file(&registry.path)
            .at_field("dependencies")
            .fix(format!("Write it with the range that the components were made for, such as \"{package}@^1.2.0\""))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_stands_behind_the_last_at_that_is_not_the_scopes() {
        assert_eq!(name_and_range("zod"), ("zod", None));
        assert_eq!(name_and_range("zod@^3.0"), ("zod", Some("^3.0")));
        assert_eq!(name_and_range("@acme/ui"), ("@acme/ui", None));
        assert_eq!(name_and_range("@acme/ui@1"), ("@acme/ui", Some("1")));
        assert_eq!(name_and_range("zod@"), ("zod", None));
    }
}
