//! What is an item, and what it is called.

use super::project::{JSX, read, tree, try_read};
use model::{DiagnosticCode, Severity};
use source::{Blobs, Dialect, MemoryBlobs, Module, Settings, read_registry};

fn types(files: &[(&str, &str)]) -> Vec<(String, String)> {
    read(files).types()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn one_file_is_one_item() {
    let read = read(&[
        ("components/DatePicker.tsx", JSX),
        ("components/forms/loginForm.jsx", JSX),
        ("components/a_b.tsx", JSX),
    ]);
    assert_eq!(read.names(), ["date-picker", "a-b", "login-form"]);
    assert_eq!(read.item("date-picker").definition.file, "components/DatePicker.tsx");
    assert_eq!(read.field("date-picker", "title"), "Date Picker");
}

#[test]
fn a_folder_with_an_index_or_a_file_of_its_own_name_is_one_item() {
    let read = read(&[
        ("components/data-table/index.ts", "export * from './table'\nexport * from './parts/row'"),
        (
            "components/data-table/table.tsx",
            "import './table.css'\nimport { Row } from './parts/row'\nexport const Table = () => <Row/>",
        ),
        ("components/data-table/parts/row.tsx", "export const Row = () => <b/>"),
        ("components/data-table/table.css", "b {}"),
        ("components/data-table/README.md", "# Table"),
        ("components/data-table/table.test.tsx", ""),
        ("components/Accordion/Accordion.tsx", JSX),
        ("components/Accordion/icon.svg", "<svg/>"),
        ("components/layout/header.tsx", "export const Header = () => <b/>"),
        ("components/layout/footer.tsx", "export const Footer = () => <b/>"),
    ]);
    assert_eq!(read.names(), ["accordion", "data-table", "footer", "header"]);
    let sources: Vec<&str> = read.item("data-table").files.iter().map(|file| file.source_path.as_str()).collect();
    assert_eq!(
        sources,
        [
            "components/data-table/index.ts",
            "components/data-table/parts/row.tsx",
            "components/data-table/table.css",
            "components/data-table/table.tsx",
        ]
    );
    assert_eq!(read.item("accordion").files.len(), 2);
    assert_eq!(read.findings(), []);
}

#[test]
fn each_folder_below_blocks_is_one_item() {
    let read = read(&[
        ("components/blocks/hero/main.tsx", "import { Part } from './parts/part'\nexport const Main = () => <Part/>"),
        ("components/blocks/hero/parts/part.tsx", JSX),
        ("components/blocks/pricing.tsx", JSX),
    ]);
    assert_eq!(read.types(), pairs(&[("hero", "block"), ("pricing", "block")]));
    assert_eq!(read.item("hero").files.len(), 2);
}

#[test]
fn a_helper_belongs_to_the_item_that_imports_it() {
    let read = read(&[
        (
            "components/chart.tsx",
            "import { sizes } from './sizes'\nimport data from '../data/rows.json'\nexport const Chart = () => <b>{sizes}{data}</b>",
        ),
        ("components/sizes.ts", "import { base } from './base'\nexport const sizes = base"),
        ("components/base.ts", "export const base = 1"),
        ("data/rows.json", "[]"),
    ]);
    assert_eq!(read.names(), ["chart"]);
    let sources: Vec<&str> = read.item("chart").files.iter().map(|file| file.source_path.as_str()).collect();
    assert_eq!(sources, ["components/chart.tsx", "components/base.ts", "components/sizes.ts", "data/rows.json"]);
}

#[test]
fn a_helper_that_several_items_import_is_an_item_of_its_own() {
    let read = read(&[
        ("components/a.tsx", "import { site } from '../config/site'\nexport const A = () => <b>{site}</b>"),
        (
            "components/b.tsx",
            "import { site } from '../config/site'\nimport { Logo } from '../assets/logo'\nexport const B = () => <Logo a={site}/>",
        ),
        (
            "components/c.tsx",
            "import { Logo } from '../assets/logo'\nimport type { T } from './layout/types'\nexport const C = () => <Logo/>",
        ),
        ("components/layout/d.tsx", "import type { T } from './types'\nexport const D = () => <b/>"),
        ("components/layout/types.ts", "export type T = 1"),
        ("config/site.ts", "import { env } from './env'\nexport const site = env"),
        ("config/env.ts", "export const env = 1"),
        ("assets/logo.tsx", "export const Logo = () => <b/>"),
    ]);
    assert_eq!(
        read.types(),
        pairs(&[
            ("logo", "component"),
            ("a", "component"),
            ("b", "component"),
            ("c", "component"),
            ("d", "component"),
            ("layout-types", "lib"),
            ("config-site", "lib"),
        ])
    );
    assert_eq!(read.field("b", "registryDependencies"), "config-site logo");
    assert_eq!(read.item("config-site").files.len(), 2);
    assert_eq!(read.lost_imports(), [""; 0]);
}

#[test]
fn a_helper_that_brings_a_program_along_stays_where_it_is() {
    let modules: Vec<(String, String)> = (0..40)
        .map(|at| (format!("server/m{at}.ts"), format!("import './m{}'\nexport const m{at} = 1", at + 1)))
        .collect();
    let mut files: Vec<(&str, &str)> = modules.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.extend([
        ("server/m40.ts", "export const end = 1"),
        ("components/a.tsx", "import { m0 } from '../server/m0'\nimport { m30 } from '../server/m30'\nexport const A = () => <b>{m0}{m30}</b>"),
    ]);
    let read = read(&files);
    assert_eq!(read.item("a").files.len(), 12);
    let (severity, code, message) = read.finding();
    assert_eq!((severity, code), (Severity::Warning, DiagnosticCode::UnpublishedImport));
    assert!(message.contains("components/a.tsx:1") && message.contains("too many"), "{message}");
}

#[test]
fn an_import_through_an_index_leads_to_where_the_name_comes_from() {
    let read = read(&[
        (
            "components/a.tsx",
            "import { useX, useY as y, type Z } from '../hooks'\nexport const A = () => <b>{useX(y)}</b>",
        ),
        ("components/b.tsx", "import { useX } from '../hooks'\nexport const B = () => <b>{useX()}</b>"),
        ("components/c.tsx", "import * as all from '../hooks'\nexport const C = () => <b>{all.useX()}</b>"),
        (
            "hooks/index.ts",
            "export * from './use-x'\nimport { inner } from './use-y'\nexport { inner as useY }\nexport * from './z'",
        ),
        ("hooks/use-x.ts", "export function useX() {}"),
        ("hooks/use-y.ts", "export function inner() {}"),
        ("hooks/z.ts", "export type Z = 1"),
    ]);
    assert_eq!(read.field("a", "registryDependencies"), "use-x use-y z");
    assert_eq!(read.field("b", "registryDependencies"), "use-x");
    assert!(read.text("components/a.tsx").starts_with(
        "import { useX } from \"@/hooks/use-x\"\nimport { inner as y } from \"@/hooks/use-y\"\nimport { type Z } from \"@/hooks/z\"\nexport"
    ));
    assert!(read.text("components/b.tsx").starts_with("import { useX } from '@/hooks/use-x'\n"));
    // What needs everything gets it.
    assert!(read.item("c").files.iter().any(|file| file.source_path == "hooks/index.ts"));
    assert_eq!(read.lost_imports(), [""; 0]);
}

#[test]
fn tests_stories_and_configurations_are_left_out() {
    let read = read(&[
        (
            "components/a.tsx",
            "import '../globals'\nimport { config } from './a.config'\nexport const A = () => <b>{config}</b>",
        ),
        ("components/a.test.tsx", JSX),
        ("components/a.stories.tsx", JSX),
        ("components/a.config.ts", "export const config = 1"),
        ("components/a.d.ts", ""),
        ("components/__tests__/b.tsx", JSX),
        ("components/__mocks__/c.tsx", JSX),
        ("components/.internal/d.tsx", JSX),
        ("components/dist/e.tsx", JSX),
        ("components/e2e/f.tsx", JSX),
        ("globals.d.ts", "declare const x: 1"),
    ]);
    assert_eq!(read.names(), ["a"]);
    // Declarations are installed with what imports them, configurations are not.
    assert_eq!(read.item("a").files[1].source_path, "globals.d.ts");
    assert_eq!(read.finding().1, DiagnosticCode::UnpublishedImport);
}

#[test]
fn the_type_is_told_by_folder_and_content() {
    let hook = "export function useX() {}";
    assert_eq!(
        types(&[
            ("components/ui/button.tsx", JSX),
            ("components/ui/aspect.tsx", "export const Aspect = Primitive.Root"),
            ("components/ui/use-toast.ts", "export function useToast() {}\nexport const toast = 1"),
            ("components/card.tsx", JSX),
            ("components/use-y.ts", "export function useY() {}"),
            ("components/math.ts", "export const sum = 1, MAX_SIZE = 2"),
            ("components/blocks/hero.tsx", JSX),
            ("components/dashboard/page.tsx", JSX),
            ("hooks/use-x.ts", hook),
            ("hooks/provider.tsx", JSX),
            ("lib/format.ts", hook),
            ("utils/auth/index.ts", "export const auth = 1"),
        ]),
        pairs(&[
            ("hero", "block"),
            ("card", "component"),
            ("dashboard", "page"),
            ("math", "lib"),
            ("aspect", "ui"),
            ("button", "ui"),
            ("use-toast", "hook"),
            ("use-y", "hook"),
            ("provider", "hook"),
            ("use-x", "hook"),
            ("format", "hook"),
            ("auth", "lib"),
        ])
    );
}

#[test]
fn the_components_of_a_package_called_ui_are_ui() {
    let read = read(&[
        ("packages/ui/package.json", r#"{"name": "@acme/ui"}"#),
        ("packages/ui/src/components/button.tsx", JSX),
        ("packages/ui/src/lib/utils.ts", "export const cn = 1"),
    ]);
    assert_eq!(read.types(), pairs(&[("button", "ui"), ("utils", "lib")]));
    assert_eq!(read.files("button"), [("components/ui/button.tsx", "registry:ui", "")]);
}

#[test]
fn the_doc_comment_sets_text_name_and_type() {
    let read = read(&[
        (
            "components/a.tsx",
            "/**\n * Picks a date.\n *\n * @title Date Field\n * @name date-field\n * @type registry:block\n */\nimport 'x'\nexport const A = () => <b/>",
        ),
        ("components/b.tsx", "import 'x'\n/** Shows it. */\nexport function B() { return <b/> }"),
        ("components/c.tsx", "/** @type nonsense */\nexport const C = () => <b/>"),
        ("package.json", r#"{"dependencies": {"x": "1"}}"#),
    ]);
    assert_eq!(read.types(), pairs(&[("date-field", "block"), ("b", "component"), ("c", "component")]));
    assert_eq!(read.field("date-field", "title"), "Date Field");
    assert_eq!(read.field("date-field", "description"), "Picks a date.");
    assert_eq!(read.field("b", "description"), "Shows it.");
    let (severity, code, message) = read.finding();
    assert_eq!((severity, code), (Severity::Warning, DiagnosticCode::UnknownType));
    assert!(message.contains("components/c.tsx") && message.contains("nonsense"), "{message}");
}

#[test]
fn a_name_that_the_routes_need_gets_its_folders_before_it() {
    let read = read(&[
        ("components/icons.tsx", JSX),
        ("components/a.tsx", "import { Part } from './icons'\nexport const A = () => <Part/>"),
    ]);
    assert_eq!(read.names(), ["a", "components-icons"]);
    assert_eq!(read.field("a", "registryDependencies"), "components-icons");
}

#[test]
fn of_two_files_with_one_name_the_first_is_served_and_the_other_told() {
    let read = read(&[
        ("components/a/header.tsx", JSX),
        ("components/b/Header.tsx", JSX),
        ("components/c.tsx", "import { Part } from './b/Header'\nexport const C = () => <Part/>"),
    ]);
    assert_eq!((read.names(), read.quarantined()), (vec!["header", "c"], vec!["header"]));
    assert_eq!(read.item("header").definition.file, "components/a/header.tsx");
    let findings = read.findings();
    assert_eq!(findings[0].1, DiagnosticCode::DuplicateName);
    assert!(findings[0].2.contains("components/b/Header.tsx") && findings[0].2.contains("components/a/header.tsx"));
    // Not on the item that has the name.
    assert_eq!(read.field("c", "registryDependencies"), "");
    assert_eq!((findings.len(), findings[1].1), (2, DiagnosticCode::UnresolvedDependency));
}

#[test]
fn a_syntax_error_quarantines_its_own_item_alone() {
    let read = read(&[
        ("components/a.tsx", "export const A = () => <b>\n  {1 +}\n</b>"),
        ("components/b.tsx", "import { A } from './a'\nexport const B = () => <A/>"),
        ("components/c.tsx", JSX),
    ]);
    assert_eq!((read.names(), read.quarantined()), (vec!["b", "c"], vec!["a"]));
    let findings = read.findings();
    let (severity, code, message) = findings[0];
    assert_eq!((severity, code), (Severity::Error, DiagnosticCode::SyntaxError));
    assert!(message.starts_with("components/a.tsx:2:7: "), "{message}");
    let (severity, code, message) = findings[1];
    assert_eq!((severity, code), (Severity::Warning, DiagnosticCode::UnresolvedDependency));
    assert!(message.contains("\"a\" (components/a.tsx)"), "{message}");
    assert_eq!(read.field("b", "registryDependencies"), "a");
    assert!(!read.registry.is_incomplete());
}

#[test]
fn a_syntax_error_takes_nothing_away_that_items_share() {
    let files = |mistake: &'static str| {
        let text = format!("import {{ site }} from '../config/site'\nexport const A = () => <b>{{site}}</b>{mistake}");
        read(&[
            ("components/a.tsx", &text),
            ("components/b.tsx", "import { site } from '../config/site'\nexport const B = () => <b>{site}</b>"),
            ("config/site.ts", "export const site = 1"),
        ])
    };
    assert_eq!(files("").names(), ["a", "b", "config-site"]);
    assert_eq!(files("\nconst = 1").names(), ["b", "config-site"]);
}

#[test]
fn a_hostile_file_quarantines_its_own_item_alone() {
    for text in ["(".repeat(100_000), "[a<{".repeat(50_000), "<a>".repeat(100_000), "a".repeat(2 << 20)] {
        let read = read(&[("components/a.tsx", &text), ("components/b.tsx", JSX)]);
        assert_eq!((read.names(), read.quarantined()), (vec!["b"], vec!["a"]));
    }
    let tree = tree(&[("components/b.tsx", JSX)]).file("components/a.tsx", b"\xff\xfe".to_vec());
    assert_eq!(try_read(&tree, None).unwrap().quarantined(), ["a"]);
}

#[test]
fn items_that_import_each_other_are_served_and_told() {
    let read = read(&[
        ("components/a.tsx", "import { B } from './b'\nexport const A = () => <B/>"),
        ("components/b.tsx", "import { C } from './c'\nexport const B = () => <C/>"),
        ("components/c.tsx", "import { A } from './a'\nexport const C = () => <A/>"),
    ]);
    assert_eq!(read.names(), ["a", "b", "c"]);
    let (severity, code, message) = read.finding();
    assert_eq!((severity, code), (Severity::Warning, DiagnosticCode::ImportCycle));
    assert!(message.ends_with("a, b, c"), "{message}");
    assert_eq!(read.field("c", "registryDependencies"), "a");
}

#[test]
fn links_submodules_and_missing_objects_cost_what_needs_them() {
    let tree = tree(&[("components/a.tsx", "import './b'\nexport const A = () => <b/>"), ("components/c.tsx", JSX)])
        .symlink("components/b.tsx")
        .submodule("components/vendor");
    let read = try_read(&tree, None).unwrap();
    assert_eq!(read.names(), ["a", "c"]);
    assert_eq!(read.finding().1, DiagnosticCode::UnresolvedImport);
}

#[test]
fn what_did_not_change_is_neither_read_nor_parsed_again() {
    let tree = tree(&[
        ("components/a.tsx", "import { B } from './b'\nexport const A = () => <B/>"),
        ("components/b.tsx", "import { cn } from '../lib/utils'\nexport const B = () => <b/>"),
        ("lib/utils.ts", "export const cn = 1"),
    ]);
    let mut blobs = MemoryBlobs::default();
    let mut again = || {
        let before = tree.reads();
        read_registry(&tree, &Settings::default(), &mut blobs, &mut |_, _| {}).unwrap();
        tree.reads() - before
    };
    assert!(again() > 0);
    assert_eq!(again(), 0);
}

#[test]
fn what_a_file_says_may_be_kept_by_whoever_reads() {
    struct Kept(MemoryBlobs, usize);
    impl Blobs for Kept {
        fn known(&self, id: model::ObjectId) -> Option<(model::Digest, u64)> {
            self.0.known(id)
        }
        fn store(&mut self, id: Option<model::ObjectId>, digest: model::Digest, bytes: Vec<u8>) {
            self.0.store(id, digest, bytes);
        }
        fn parsed(&self, _: model::ObjectId, dialect: Dialect) -> Option<Module> {
            Some(Module { has_jsx: dialect == Dialect::Tsx, ..Module::default() })
        }
        fn store_parsed(&mut self, _: model::ObjectId, _: Dialect, _: &Module) {
            self.1 += 1;
        }
    }
    let tree = tree(&[("components/a.tsx", "(((("), ("components/b.ts", "((((")]);
    let mut blobs = Kept(MemoryBlobs::default(), 0);
    let registry = read_registry(&tree, &Settings::default(), &mut blobs, &mut |_, _| {}).unwrap();
    assert_eq!((registry.items.len(), blobs.1), (2, 0));
}
