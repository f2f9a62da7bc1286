//! The dependencies that a manifest names, as its author wrote them.

use model::Manifest;
use serde_json::Value;

fn strings(manifest: &Manifest, key: &str) -> Vec<String> {
    match manifest.to_object().remove(key) {
        Some(Value::Array(values)) => values
            .into_iter()
            .filter_map(|value| match value {
                Value::String(text) => Some(text),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The item's `registryDependencies`, in order: what [`crate::render`] expects
/// one [`crate::Dependency`] each for.
pub fn registry_dependencies(manifest: &Manifest) -> Vec<String> {
    strings(manifest, "registryDependencies")
}

/// The item's npm `dependencies`, in order: `zod`, `zod@^3.0`.
pub fn npm_dependencies(manifest: &Manifest) -> Vec<String> {
    strings(manifest, "dependencies")
}

/// The item's npm `devDependencies`, in order.
pub fn dev_dependencies(manifest: &Manifest) -> Vec<String> {
    strings(manifest, "devDependencies")
}

/// The name and the range of an npm dependency as it is written: `@acme/ui@^1.2`.
/// The range is `*` where none is given.
pub fn split_package(written: &str) -> (&str, &str) {
    match written.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) if at + 1 < written.len() => (&written[..at], &written[at + 1..]),
        Some((at, _)) => (&written[..at], "*"),
        None => (written, "*"),
    }
}

/// What every project has that installs components: the CLI's own rule
/// (`shadcn` 4.23.0, `getDependencyFromModuleSpecifier`), and their types.
pub(crate) fn is_brought_along(name: &str) -> bool {
    matches!(name, "react" | "react-dom" | "next" | "@types/react" | "@types/react-dom" | "@types/node")
}

#[cfg(test)]
mod tests {
    use super::split_package;

    #[test]
    fn a_package_and_its_range_are_told_apart() {
        assert_eq!(split_package("zod"), ("zod", "*"));
        assert_eq!(split_package("zod@^3.0"), ("zod", "^3.0"));
        assert_eq!(split_package("zod@"), ("zod", "*"));
        assert_eq!(split_package("@radix-ui/react-slot"), ("@radix-ui/react-slot", "*"));
        assert_eq!(split_package("@radix-ui/react-slot@1.2"), ("@radix-ui/react-slot", "1.2"));
        assert_eq!(split_package(""), ("", "*"));
    }
}
