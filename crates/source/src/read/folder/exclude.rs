//! Files that are no part of what a team shares.

use crate::path;

/// Folders whose files are left out wherever they are.
const FOLDERS: [&str; 18] = [
    "__fixtures__",
    "__mocks__",
    "__snapshots__",
    "__stories__",
    "__test__",
    "__tests__",
    "build",
    "coverage",
    "cypress",
    "dist",
    "e2e",
    "fixtures",
    "node_modules",
    "out",
    "stories",
    "storybook-static",
    "test",
    "tests",
];

/// What stands before the extension of a test, a story or a configuration:
/// `button.test.tsx`.
const INFIXES: [&str; 12] =
    ["bench", "config", "cy", "e2e", "fixture", "mock", "spec", "spec-d", "stories", "story", "test", "test-d"];

/// Whether a file is no item, by its path below the folder that is read.
pub(super) fn is_left_out(below: &str) -> bool {
    let name = path::basename(below);
    let in_folder = path::parent(below).split('/').any(|folder| folder.starts_with('.') || FOLDERS.contains(&folder));
    in_folder || name.starts_with('.') || has_infix(name, &INFIXES) || has_infix(name, &["d"])
}

/// Whether a file may not be installed even if an item imports it: a test, a
/// secret, a part of how this one repository is built.
pub(super) fn is_never_published(path: &str) -> bool {
    let name = path::basename(path);
    let in_folder = path::parent(path).split('/').any(|folder| folder.starts_with('.') || FOLDERS.contains(&folder));
    let is_lock =
        matches!(name, "package.json" | "package-lock.json" | "tsconfig.json" | "jsconfig.json" | "deno.json");
    in_folder || name.starts_with('.') || is_lock || has_infix(name, &INFIXES)
}

fn has_infix(name: &str, infixes: &[&str]) -> bool {
    let mut parts = name.rsplit('.').skip(1);
    let Some(infix) = parts.next() else { return false };
    parts.next().is_some() && infixes.contains(&infix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_stories_and_the_like_are_left_out() {
        for left_out in [
            "button.test.tsx",
            "button.spec.ts",
            "Button.stories.tsx",
            "__tests__/button.tsx",
            "a/__mocks__/b.ts",
            ".storybook/main.ts",
            "e2e/a.ts",
            "globals.d.ts",
            "vite.config.ts",
            "node_modules/a/index.js",
            "dist/a.js",
            "a/build/b.js",
            "out/a.js",
            ".next/a.js",
            ".eslintrc.js",
            "button.cy.tsx",
        ] {
            assert!(is_left_out(left_out), "{left_out}");
        }
        for kept in ["button.tsx", "test.tsx", "config.ts", "d.ts", "stories.tsx", "button.client.tsx", "spec/a.ts"] {
            assert!(!is_left_out(kept), "{kept}");
        }
        assert!(!is_never_published("types/index.d.ts"));
        assert!(
            is_never_published("a/package.json")
                && is_never_published(".env")
                && is_never_published("tailwind.config.ts")
        );
    }
}
