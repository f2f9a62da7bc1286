//! Generated folders with a known answer.

use super::project::{Read, tree, try_read};
use proptest::prelude::*;
use std::{collections::BTreeSet, fmt::Write};

/// A component and which others it imports, by which of the ways.
#[derive(Debug, Clone)]
struct Component {
    is_ui: bool,
    imports: BTreeSet<usize>,
    way: u8,
    has_error: bool,
    uses_helper: bool,
}

fn component(count: usize) -> impl Strategy<Value = Component> {
    let imports = proptest::collection::btree_set(0..count, 0..3);
    (any::<bool>(), imports, 0..3_u8, proptest::bool::weighted(0.1), any::<bool>()).prop_map(
        |(is_ui, imports, way, has_error, uses_helper)| Component { is_ui, imports, way, has_error, uses_helper },
    )
}

fn folder(all: &[Component], at: usize) -> &'static str {
    if all[at].is_ui { "components/ui" } else { "components/parts" }
}

fn read_all(all: &[Component]) -> Read {
    let mut files = vec![
        ("packages/kit/package.json".to_owned(), r#"{"name": "@acme/kit", "dependencies": {"zod": "^3"}}"#.to_owned()),
        ("packages/kit/src/helpers.ts".to_owned(), "export const help = 1".to_owned()),
    ];
    for (at, one) in all.iter().enumerate() {
        let mut text = "import 'zod'\n".to_owned();
        for other in &one.imports {
            let path = format!("{}/part-{other}", folder(all, *other));
            let before = ["@acme/kit/src/", "@/", "../../"][usize::from(one.way)];
            writeln!(text, "import {{ Part as P{other} }} from '{before}{path}'").unwrap();
        }
        if one.uses_helper {
            text += "import { help } from '../../helpers'\n";
        }
        text += "export const Part = () => <b/>\n";
        if one.has_error {
            text += "const = 1\n";
        }
        files.push((format!("packages/kit/src/{}/part-{at}.tsx", folder(all, at)), text));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    try_read(&tree(&files), Some("packages/kit/src/components")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn items_dependencies_and_imports_are_what_was_generated(all in proptest::collection::vec(component(8), 8..=8)) {
        let read = read_all(&all);
        let helpers = all.iter().filter(|one| one.uses_helper).count();
        for (at, one) in all.iter().enumerate() {
            let name = format!("part-{at}");
            prop_assert_eq!(read.names().contains(&name.as_str()), !one.has_error);
            prop_assert_eq!(read.quarantined().contains(&name.as_str()), one.has_error);
            if one.has_error {
                continue;
            }
            let mut needs: Vec<String> =
                one.imports.iter().filter(|other| **other != at).map(|other| format!("part-{other}")).collect();
            if one.uses_helper && helpers > 1 {
                needs.push("kit-helpers".to_owned());
            }
            needs.sort();
            prop_assert_eq!(read.field(&name, "registryDependencies"), needs.join(" "));
            prop_assert_eq!(read.field(&name, "dependencies"), "zod@^3");
            prop_assert_eq!(read.field(&name, "type"), if one.is_ui { "registry:ui" } else { "registry:component" });
        }
        // Everything that is served leads to what is served, wherever it was.
        if all.iter().all(|one| !one.has_error) {
            prop_assert_eq!(read.lost_imports(), [""; 0]);
        }
    }

    #[test]
    fn the_same_tree_is_read_the_same(all in proptest::collection::vec(component(6), 6..=6)) {
        let (one, other) = (read_all(&all), read_all(&all));
        prop_assert_eq!(one.registry.items, other.registry.items);
        prop_assert_eq!(one.registry.diagnostics, other.registry.diagnostics);
    }

    #[test]
    fn any_names_and_texts_are_read_without_panic(
        files in proptest::collection::btree_map("(components|lib|hooks|src|[a-zA-Z._-]{1,6})(/[a-zA-Z.\\[\\]_-]{1,6}){0,3}\\.(tsx|ts|js|css|json|d\\.ts|png)", "(import|export|from|'[./@a-z]{0,8}'|[{}<>()*a-z ;\n]){0,12}", 1..12),
        overriding in "[\\[\\]{}\":,a-z*/. ]{0,40}",
    ) {
        let mut tree = tree(&[("components/one.tsx", "export const One = () => <b/>")]);
        for (path, text) in &files {
            if path.split('/').all(|segment| !matches!(segment, "" | "." | "..")) && tree_accepts(&files, path) {
                tree.insert(path, text.as_str());
            }
        }
        let _ = try_read(&tree, None);
        tree.insert("ekairos.json", overriding);
        let _ = try_read(&tree, None);
    }
}

/// A path cannot be both a file and a folder.
fn tree_accepts(files: &std::collections::BTreeMap<String, String>, path: &str) -> bool {
    !files.keys().any(|other| other.starts_with(&format!("{path}/")) || path.starts_with(&format!("{other}/")))
}
