use super::{
    Resolution::{Builtin, File, Unresolved},
    *,
};
use crate::MemoryTree;
use model::DiagnosticCode;
use proptest::prelude::*;
use serde_json::json;

fn tree(files: &[(&str, &str)]) -> MemoryTree {
    files.iter().fold(MemoryTree::new(), |tree, (path, text)| tree.file(path, *text))
}

fn file(path: &str) -> Resolution {
    File(path.to_owned())
}

fn npm(name: &str, range: &str) -> Resolution {
    Resolution::Package { name: name.to_owned(), range: Range::Known(range.to_owned()) }
}

/// Where the specifiers lead from one file, and what was found on the way.
fn resolve(tree: &MemoryTree, from: &str, specifiers: &[&str]) -> (Vec<Resolution>, Vec<Diagnostic>) {
    let mut resolver = Resolver::new(tree).unwrap();
    let found = specifiers.iter().map(|specifier| resolver.resolve(from, specifier).unwrap()).collect();
    (found, resolver.take_diagnostics())
}

fn found(tree: &MemoryTree, from: &str, specifiers: &[&str]) -> Vec<Resolution> {
    resolve(tree, from, specifiers).0
}

#[test]
fn a_relative_import_leads_to_a_file_an_extension_or_an_index() {
    let tree = tree(&[
        ("a/b.tsx", ""),
        ("a/c/index.ts", ""),
        ("a/d.ts", ""),
        ("a/style.css", ""),
        ("a/data.json", "{}"),
        ("a/types.d.ts", ""),
        ("a/icon.svg", ""),
        ("index.js", ""),
        ("a/e.mts", ""),
    ]);
    let specifiers = [
        "./b",
        "./c",
        "./d.js",
        "./style.css",
        "./data.json",
        "./types",
        "./icon.svg?react",
        "..",
        "../a/b.tsx",
        "./e.mjs",
        "./nothing",
        "../../outside",
        "./b.js",
    ];
    let expected = [
        file("a/b.tsx"),
        file("a/c/index.ts"),
        file("a/d.ts"),
        file("a/style.css"),
        file("a/data.json"),
        file("a/types.d.ts"),
        file("a/icon.svg"),
        file("index.js"),
        file("a/b.tsx"),
        file("a/e.mts"),
        Unresolved,
        Unresolved,
        file("a/b.tsx"),
    ];
    assert_eq!(found(&tree, "a/x.tsx", &specifiers), expected);
}

#[test]
fn tsconfig_paths_lead_with_comments_trailing_commas_and_the_longest_pattern() {
    let config = r#"{
        // where things are
        "compilerOptions": {
            "baseUrl": "./src", /* and */
            "paths": { "@/*": ["./*"], "@/ui/*": ["./design/*", "./old/*"], "~lib": ["lib/index.ts"], },
        },
    }"#;
    let tree = tree(&[
        ("tsconfig.json", config),
        ("src/a.ts", ""),
        ("src/design/button.tsx", ""),
        ("src/old/card.tsx", ""),
        ("src/lib/index.ts", ""),
    ]);
    assert_eq!(
        found(&tree, "src/deep/x.ts", &["@/a", "@/ui/button", "@/ui/card", "~lib", "lib", "@/none"]),
        [
            file("src/a.ts"),
            file("src/design/button.tsx"),
            file("src/old/card.tsx"),
            file("src/lib/index.ts"),
            file("src/lib/index.ts"),
            Unresolved,
        ]
    );
}

#[test]
fn a_tsconfig_takes_paths_from_what_it_extends() {
    let tree = tree(&[
        ("packages/config/package.json", r#"{"name": "@acme/config"}"#),
        ("packages/config/base.json", r##"{"compilerOptions": {"paths": {"#/*": ["${configDir}/src/*"]}}}"##),
        ("tsconfig.base.json", r#"{"compilerOptions": {"paths": {"@/*": ["./shared/*"]}}}"#),
        ("apps/web/tsconfig.json", r#"{"extends": ["../../tsconfig.base", "next/tsconfig"]}"#),
        ("apps/docs/tsconfig.json", r#"{"extends": "@acme/config/base.json"}"#),
        ("apps/docs/src/x.ts", ""),
        ("shared/a.ts", ""),
    ]);
    assert_eq!(found(&tree, "apps/web/src/y.ts", &["@/a"]), [file("shared/a.ts")]);
    assert_eq!(found(&tree, "apps/docs/src/y.ts", &["#/x"]), [file("apps/docs/src/x.ts")]);
}

#[test]
fn a_tsconfig_of_references_takes_the_paths_of_its_own_folder() {
    let tree = tree(&[
        (
            "tsconfig.json",
            r#"{"files": [], "references": [{"path": "./tsconfig.node.json"}, {"path": "./tsconfig.app.json"}]}"#,
        ),
        ("tsconfig.node.json", "{}"),
        ("tsconfig.app.json", r#"{"compilerOptions": {"paths": {"$/*": ["./code/*"]}}}"#),
        ("code/a.ts", ""),
    ]);
    assert_eq!(found(&tree, "code/b.ts", &["$/a"]), [file("code/a.ts")]);
}

#[test]
fn a_tsconfig_that_extends_itself_is_told_once_and_read_no_further() {
    let tree = tree(&[
        ("tsconfig.json", r#"{"extends": "./a.json", "compilerOptions": {"paths": {"@/*": ["./x/*"]}}}"#),
        ("a.json", r#"{"extends": ["./b.json"]}"#),
        ("b.json", r#"{"extends": "./tsconfig.json"}"#),
        ("x/a.ts", ""),
    ]);
    let (found, diagnostics) = resolve(&tree, "x/b.ts", &["@/a", "@/a", "@/b"]);
    assert_eq!(found, [file("x/a.ts"), file("x/a.ts"), Unresolved]);
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert_eq!(diagnostics[0].code, DiagnosticCode::BrokenConfig);
    assert_eq!(
        diagnostics[0].message,
        "tsconfig.json extends itself: tsconfig.json -> a.json -> b.json -> tsconfig.json"
    );
}

#[test]
fn configurations_that_fan_out_are_read_a_bounded_number_of_times() {
    let mut tree = MemoryTree::new();
    for level in 0..40 {
        let next = format!("./c{}.json", level + 1);
        let name = if level == 0 { "tsconfig.json".to_owned() } else { format!("c{level}.json") };
        tree.insert(&name, json!({"extends": [next, next, next]}).to_string());
    }
    let (_, diagnostics) = resolve(&tree, "a.ts", &["@/a"]);
    assert!(tree.reads() <= 200, "{}", tree.reads());
    assert_eq!(diagnostics.iter().filter(|one| one.message.contains("too many")).count(), 1, "{diagnostics:?}");
}

#[test]
fn a_broken_configuration_is_told_and_read_past() {
    let tree = tree(&[("tsconfig.json", "{\"compilerOptions\": "), ("src/a.ts", ""), ("package.json", "[1,")]);
    let (found, diagnostics) = resolve(&tree, "src/b.ts", &["@/a", "zod"]);
    assert_eq!(found[0], file("src/a.ts"));
    assert_eq!(diagnostics.iter().map(|one| one.code).collect::<Vec<_>>(), [DiagnosticCode::BrokenConfig; 2]);
}

#[test]
fn without_a_configuration_aliases_mean_src_or_the_package() {
    let tree = tree(&[
        ("package.json", "{}"),
        ("src/a.ts", ""),
        ("lib/b.ts", ""),
        ("packages/ui/package.json", r#"{"name": "@acme/ui"}"#),
        ("packages/ui/src/c.ts", ""),
    ]);
    assert_eq!(
        found(&tree, "src/x.ts", &["@/a", "~/lib/b", "@/none"]),
        [file("src/a.ts"), file("lib/b.ts"), Unresolved]
    );
    assert_eq!(found(&tree, "packages/ui/src/x.ts", &["@/c", "@/a"]), [file("packages/ui/src/c.ts"), file("src/a.ts")]);
}

#[test]
fn a_workspace_package_is_the_repositorys_own() {
    let package = json!({
        "name": "@acme/ui",
        "private": true,
        "exports": {
            ".": {"types": "./dist/index.d.ts", "import": "./dist/index.mjs"},
            "./components/*": "./src/components/*.tsx",
            "./lib/*": [{"node": null}, "./src/lib/*.ts"],
            "./styles.css": "./src/styles.css",
            "./built": {"import": {"default": "./dist/esm/built/index.js"}},
        }
    });
    let tree = tree(&[
        ("package.json", r#"{"workspaces": ["packages/*"]}"#),
        ("packages/ui/package.json", &package.to_string()),
        ("packages/ui/src/index.ts", ""),
        ("packages/ui/src/components/button.tsx", ""),
        ("packages/ui/src/lib/utils.ts", ""),
        ("packages/ui/src/styles.css", ""),
        ("packages/ui/src/built/index.ts", ""),
        ("packages/ui/src/plain.ts", ""),
        ("packages/utils/package.json", r#"{"name": "@acme/utils", "main": "./lib.ts"}"#),
        ("packages/utils/lib.ts", ""),
        ("tests/fixtures/package.json", r#"{"name": "react"}"#),
    ]);
    let specifiers = [
        "@acme/ui",
        "@acme/ui/components/button",
        "@acme/ui/lib/utils",
        "@acme/ui/styles.css",
        "@acme/ui/built",
        "@acme/ui/plain",
        "@acme/utils",
        "@acme/ui/none",
    ];
    let expected = [
        file("packages/ui/src/index.ts"),
        file("packages/ui/src/components/button.tsx"),
        file("packages/ui/src/lib/utils.ts"),
        file("packages/ui/src/styles.css"),
        file("packages/ui/src/built/index.ts"),
        file("packages/ui/src/plain.ts"),
        file("packages/utils/lib.ts"),
        Unresolved,
    ];
    for from in ["apps/web/x.tsx", "packages/ui/src/x.tsx"] {
        assert_eq!(found(&tree, from, &specifiers), expected);
    }
    let react = Resolution::Package { name: "react".to_owned(), range: Range::Undeclared };
    assert_eq!(found(&tree, "a.ts", &["react"]), [react]);
}

#[test]
fn a_workspace_package_that_is_published_is_an_npm_package() {
    let tree = tree(&[
        (
            "packages/utils/package.json",
            r#"{"name": "@acme/utils", "version": "1.2.3", "publishConfig": {"access": "public"}}"#,
        ),
        ("packages/utils/src/index.ts", ""),
    ]);
    assert_eq!(found(&tree, "packages/ui/a.ts", &["@acme/utils"]), [npm("@acme/utils", "^1.2.3")]);
    assert_eq!(found(&tree, "packages/utils/src/a.ts", &["@acme/utils"]), [file("packages/utils/src/index.ts")]);
}

#[test]
fn package_imports_lead_by_the_nearest_package() {
    let package =
        r##"{"imports": {"#lib/*": "./src/lib/*.ts", "#env": {"node": "./src/node.ts", "default": "./src/env.ts"}}}"##;
    let tree = tree(&[("package.json", package), ("src/lib/a.ts", ""), ("src/env.ts", "")]);
    assert_eq!(found(&tree, "src/x.ts", &["#lib/a", "#env"]), [file("src/lib/a.ts"), file("src/env.ts")]);
}

#[test]
fn an_npm_package_has_the_range_of_the_nearest_package_json() {
    let tree = tree(&[
        ("package.json", r#"{"dependencies": {"zod": "^3.0.0", "@a/b": "1.0.0"}, "devDependencies": {"vite": "*"}}"#),
        (
            "packages/ui/package.json",
            r#"{"dependencies": {"zod": "^3.22.0"}, "peerDependencies": {"zod": ">=3", "react": "^19"}, "optionalDependencies": {"o": "1"}, "devDependencies": {"react": "19.0.0"}}"#,
        ),
    ]);
    assert_eq!(
        found(&tree, "packages/ui/src/a.ts", &["zod", "zod/v4", "react/jsx-runtime", "@a/b/c", "o"]),
        [npm("zod", "^3.22.0"), npm("zod", "^3.22.0"), npm("react", "^19"), npm("@a/b", "1.0.0"), npm("o", "1")]
    );
    let any = Resolution::Package { name: "vite".to_owned(), range: Range::Any };
    assert_eq!(found(&tree, "packages/ui/src/a.ts", &["vite"]), [any]);
}

#[test]
fn a_catalog_gives_the_range() {
    let yaml = "packages:\n  - 'packages/*'\ncatalog:\n  react: ^19.0.0\n  \"zod\": '^3.1'\ncatalogs:\n  next:\n    zod: ^4.0.0\nother: {catalog: {zod: 1}}\n";
    let tree = tree(&[
        ("pnpm-workspace.yaml", yaml),
        ("package.json", r#"{"workspaces": {"catalog": {"bun": "1"}, "catalogs": {"x": {"y": "2"}}}}"#),
        (
            "packages/ui/package.json",
            r#"{"dependencies": {"react": "catalog:", "zod": "catalog:next", "bun": "catalog:default", "y": "catalog:x", "none": "catalog:"}}"#,
        ),
    ]);
    let none = Resolution::Package { name: "none".to_owned(), range: Range::Unusable("catalog:".to_owned()) };
    assert_eq!(
        found(&tree, "packages/ui/a.ts", &["react", "zod", "bun", "y", "none"]),
        [npm("react", "^19.0.0"), npm("zod", "^4.0.0"), npm("bun", "1"), npm("y", "2"), none]
    );
}

#[test]
fn ranges_that_mean_nothing_elsewhere_are_unusable() {
    for range in
        ["file:../x", "link:x", "git+ssh://a/b", "github:a/b", "a/b", "https://a.test/x.tgz", "workspace:*", "-x"]
    {
        assert_eq!(Range::read(range), Range::Unusable(range.to_owned()));
        assert_eq!(Range::read(range).of("x"), "x");
    }
    for range in ["^1", "latest", "npm:@a/b@^1", ">=1 <2 || 3"] {
        assert_eq!(Range::read(range).of("x"), format!("x@{range}"));
    }
    assert_eq!(Range::read("workspace:^1.2").of("x"), "x@^1.2");
}

#[test]
fn builtins_and_virtual_modules_are_no_packages() {
    let tree = tree(&[]);
    let specifiers =
        ["node:fs", "fs", "fs/promises", "virtual:icons", "astro:content", "bun:test", "https://a.test/x.js"];
    assert!(found(&tree, "a.ts", &specifiers).iter().all(|found| *found == Builtin));
    let nowhere = ["@components/button", "/absolute", "~x", "$lib/x", "a b", "@/x", "", "@", "@x/"];
    assert!(found(&tree, "a.ts", &nowhere).iter().all(|found| *found == Unresolved));
}

#[test]
fn types_are_found_beside_the_package() {
    let tree = tree(&[("package.json", r#"{"devDependencies": {"@types/lodash": "^4", "@types/a__b": "1"}}"#)]);
    let mut resolver = Resolver::new(&tree).unwrap();
    let mut types = |name| resolver.types_of("src/a.ts", name).unwrap().map(|(name, range)| range.of(&name));
    assert_eq!(types("lodash").as_deref(), Some("@types/lodash@^4"));
    assert_eq!(types("@a/b").as_deref(), Some("@types/a__b@1"));
    assert_eq!(types("zod"), None);
}

#[test]
fn each_configuration_is_read_once() {
    let tree = tree(&[
        ("package.json", r#"{"dependencies": {"zod": "1"}}"#),
        ("tsconfig.json", r#"{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}"#),
        ("src/a.ts", ""),
    ]);
    let mut resolver = Resolver::new(&tree).unwrap();
    for _ in 0..50 {
        for specifier in ["zod", "@/a", "./a", "next"] {
            let _ = resolver.resolve("src/x.ts", specifier).unwrap();
        }
    }
    assert!(tree.reads() <= 3, "{}", tree.reads());
}

proptest! {
    #[test]
    fn any_specifier_is_answered(specifier in "[@~#./a-z*?:{$ é-]{0,24}", text in "[\\[\\]{}\":,a-z#*/ \n-]{0,80}") {
        let tree = tree(&[
            ("package.json", &text),
            ("tsconfig.json", &text),
            ("pnpm-workspace.yaml", &text),
            ("a/package.json", r##"{"name":"a","exports":{"./*":{"x":["./*.js","./src/*"]}},"imports":{"#*":"./*"}, "dependencies": {"b": "catalog:"}}"##),
            ("a/src/b.tsx", ""),
        ]);
        let mut resolver = Resolver::new(&tree).unwrap();
        for from in ["x.ts", "a/src/c.ts"] {
            for specifier in [specifier.as_str(), "b", "@/a"] {
                if let File(file) = resolver.resolve(from, specifier).unwrap() {
                    prop_assert!(resolver.files.has(&file));
                }
            }
        }
    }
}
