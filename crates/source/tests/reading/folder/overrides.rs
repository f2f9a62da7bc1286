//! `ekairos.json`.

use super::project::{JSX, read, read_at, tree, try_read};
use model::{
    DiagnosticCode::{self, InvalidName, UnsafeDependency, UnsafePath},
    Severity,
};
use source::{RegistryKind, SourceError, discover};

#[test]
fn the_folders_of_the_override_file_are_read_and_no_others() {
    let files = [
        (
            "ekairos.json",
            r#"{"name": "acme", "homepage": "https://acme.test", "folders": ["src/widgets", {"path": "./packages/charts", "type": "ui"}]}"#,
        ),
        ("package.json", r#"{"name": "other"}"#),
        ("src/widgets/a.tsx", "import { B } from '../../packages/charts/b'\nexport const A = () => <B/>"),
        ("src/components/x.tsx", JSX),
        ("packages/charts/b.tsx", "export const B = () => <b/>"),
    ];
    let candidates = discover(&tree(&files)).unwrap();
    assert_eq!((candidates[0].kind, candidates[0].path.as_str()), (RegistryKind::Folder, "ekairos.json"));
    let read = read(&files);
    assert_eq!(read.names(), ["b", "a"]);
    assert_eq!(read.field("b", "type"), "registry:ui");
    assert_eq!(read.registry.name.as_deref(), Some("acme"));
    assert_eq!(read.registry.homepage.as_deref(), Some("https://acme.test"));
    assert_eq!(read.lost_imports(), [""; 0]);
}

#[test]
fn the_override_file_holds_for_the_folder_it_is_in_or_above() {
    let files = [
        ("ekairos.json", r#"{"ignore": ["packages/ui/secret*"]}"#),
        ("packages/ui/secret.tsx", JSX),
        ("packages/ui/open.tsx", JSX),
        ("packages/kit/ekairos.json", r#"{"ignore": ["secret.tsx"]}"#),
        ("packages/kit/secret.tsx", JSX),
        ("packages/kit/open.tsx", JSX),
    ];
    assert_eq!(read_at(&files, Some("packages/ui")).names(), ["open"]);
    assert_eq!(read_at(&files, Some("packages/kit")).names(), ["open"]);
    assert_eq!(read_at(&files, Some("packages/kit/ekairos.json")).names(), ["open"]);
}

#[test]
fn ignored_files_and_folders_are_no_items() {
    let read = read(&[
        ("ekairos.json", r#"{"ignore": ["**/internal", "components/legacy/", "components/*.draft.tsx"]}"#),
        ("components/a.tsx", JSX),
        ("components/b.draft.tsx", JSX),
        ("components/deep/b.draft.tsx", JSX),
        ("components/x/internal/c.tsx", JSX),
        ("components/legacy/old/d.tsx", JSX),
    ]);
    assert_eq!(read.names(), ["a", "b-draft"]);
}

#[test]
fn an_item_of_the_override_file_is_what_it_says() {
    let read = read(&[
        (
            "ekairos.json",
            r#"{"items": {
                "components/a.tsx": {
                    "name": "alpha", "type": "block", "title": "Alpha", "description": "First.", "docs": "Read it.",
                    "target": "~/src/alpha.tsx", "categories": ["letters"],
                    "files": {"add": ["styles/a.css"], "remove": ["components/helper.ts"]},
                    "dependencies": {"add": ["zod@^4", "extra"], "remove": ["lodash"]},
                    "devDependencies": {"add": ["@types/x@1"]},
                    "registryDependencies": {"add": ["@other/thing"], "remove": ["b"]}
                },
                "components/charts": {"name": "graphs"}
            }}"#,
        ),
        ("package.json", r#"{"dependencies": {"zod": "^3", "lodash": "^4"}}"#),
        (
            "components/a.tsx",
            "/** Second. @name other */\nimport 'zod'\nimport 'lodash'\nimport './helper'\nimport { B } from './b'\nexport const A = () => <B/>",
        ),
        ("components/helper.ts", "export const x = 1"),
        ("components/b.tsx", "export const B = () => <b/>"),
        ("components/charts/bar.tsx", JSX),
        ("components/charts/line.tsx", "import { B } from '../b'\nexport const Line = () => <B/>"),
        ("styles/a.css", "b {}"),
    ]);
    assert_eq!(read.names(), ["alpha", "b", "graphs"]);
    for (field, value) in [
        ("type", "registry:block"),
        ("title", "Alpha"),
        ("description", "First."),
        ("docs", "Read it."),
        ("categories", "letters"),
        ("dependencies", "extra zod@^4"),
        ("devDependencies", "@types/x@1"),
        ("registryDependencies", "@other/thing"),
    ] {
        assert_eq!(read.field("alpha", field), value, "{field}");
    }
    assert_eq!(
        read.files("alpha"),
        [("alpha.tsx", "registry:component", "~/src/alpha.tsx"), ("styles/a.css", "registry:file", "styles/a.css")]
    );
    assert!(read.text("components/a.tsx").contains("from '@/components/b'"));
    assert_eq!(read.item("graphs").files.len(), 2);
    assert_eq!(read.findings(), []);
}

#[test]
fn an_item_may_be_named_wherever_it_is() {
    let read = read(&[
        ("ekairos.json", r#"{"items": {"features/tasks": {"type": "block"}, "lib/db.ts": {}, "none.tsx": {}}}"#),
        ("index.html", ""),
        ("components/a.tsx", JSX),
        ("features/tasks/list.tsx", "import { B } from './row'\nexport const List = () => <B/>"),
        ("features/tasks/row.tsx", JSX),
        ("lib/db.ts", "export const db = 1"),
    ]);
    assert_eq!(read.names(), ["a", "tasks", "db"]);
    assert_eq!(read.item("tasks").files.len(), 2);
    let (severity, code, message) = read.finding();
    assert_eq!((severity, code), (Severity::Warning, DiagnosticCode::Override));
    assert!(message.contains("none.tsx"), "{message}");
}

#[test]
fn imports_are_kept_if_the_override_file_says_so() {
    let text =
        "import { B } from '~/components/b'\nimport { useX } from '../hooks'\nexport const A = () => <B a={useX}/>";
    let read = read(&[
        ("ekairos.json", r#"{"imports": "keep"}"#),
        ("components/a.tsx", text),
        ("components/b.tsx", JSX),
        ("hooks/index.ts", "export * from './use-x'"),
        ("hooks/use-x.ts", "export const useX = 1"),
    ]);
    assert_eq!(read.text("components/a.tsx"), text);
    assert_eq!(read.field("a", "registryDependencies"), "b use-x");
    assert_eq!(read.item("a").files[1].source_path, "hooks/index.ts");
}

#[test]
fn unknown_keys_are_told_with_the_known_ones() {
    let read = read(&[
        ("ekairos.json", r#"{"folder": ["x"], "items": {"components/a.tsx": {"tpye": "ui", "files": {"ad": []}}}}"#),
        ("components/a.tsx", JSX),
    ]);
    assert_eq!(read.names(), ["a"]);
    let findings = read.findings();
    assert_eq!(findings.len(), 3);
    assert!(findings.iter().all(|one| (one.0, one.1) == (Severity::Warning, DiagnosticCode::Override)));
    assert!(findings[0].2.contains("`folder`") && findings[0].2.contains("folders, ignore"), "{}", findings[0].2);
    assert!(findings[1].2.contains("`tpye`") && findings[1].2.contains("registryDependencies"), "{}", findings[1].2);
}

#[test]
fn an_override_file_that_is_wrong_is_an_error_and_nothing_is_published() {
    for (text, part) in [
        ("{", "JSON"),
        ("[]", "must be an object"),
        (r#"{"folders": "x"}"#, "`folders` must be a list"),
        (r#"{"folders": [{"type": "ui"}]}"#, "`folders.0.path` is missing"),
        (r#"{"folders": ["../x"]}"#, "leaves the repository"),
        (r#"{"ignore": ["[a"]}"#, "`ignore.0` is no pattern"),
        (r#"{"imports": "other"}"#, "\"rewrite\" or \"keep\""),
        (r#"{"items": {"a.tsx": {"type": "widget"}}}"#, "one of ui, block, hook, lib, page, component, file, item"),
        (r#"{"items": {"a.tsx": {"name": 1}}}"#, "must be a text"),
        (r#"{"items": {"a.tsx": {"dependencies": ["zod"]}}}"#, "`add` and `remove`"),
        (r#"{"items": {"a.tsx": {"categories": [1]}}}"#, "must be a list of texts"),
    ] {
        let Err(error) = try_read(&tree(&[("ekairos.json", text), ("components/a.tsx", JSX)]), None) else {
            panic!("{text} was read")
        };
        assert!(matches!(error, SourceError::Unreadable(_)));
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn names_and_targets_of_the_override_file_are_checked_like_any_other() {
    let read = read(&[
        (
            "ekairos.json",
            r#"{"items": {"components/a.tsx": {"name": "a b?"}, "components/b.tsx": {"target": "../../x"}, "components/c.tsx": {"dependencies": {"add": ["--global"]}}}}"#,
        ),
        ("components/a.tsx", JSX),
        ("components/b.tsx", JSX),
        ("components/c.tsx", JSX),
    ]);
    assert_eq!(read.quarantined(), ["a b?", "b", "c"]);
    let codes: Vec<_> = read.findings().iter().map(|finding| finding.1).collect();
    assert_eq!(codes, [InvalidName, UnsafePath, UnsafeDependency]);
}
