//! Which folder is read.

use super::project::{JSX, read, read_at, tree, try_read};
use source::{RegistryKind, SourceError, discover};

fn found(files: &[(&str, &str)]) -> Vec<String> {
    let candidates = discover(&tree(files)).unwrap();
    candidates.into_iter().filter(|one| one.kind == RegistryKind::Folder).map(|one| one.path).collect()
}

#[test]
fn a_folder_of_components_is_found_by_its_name_in_each_package() {
    for folder in ["components", "src/components", "app/components", "ui", "src/ui", "primitives", "blocks", "registry"]
    {
        assert_eq!(found(&[(&format!("{folder}/button.tsx"), JSX), ("package.json", "{}")]), [folder], "{folder}");
    }
    assert_eq!(found(&[("app/page.tsx", JSX), ("src/main.ts", ""), ("docs/a.md", "")]), [""; 0]);
}

#[test]
fn a_library_that_keeps_its_components_in_src_is_read_from_there() {
    let library = [
        ("packages/kit/package.json", r#"{"name": "@acme/kit"}"#),
        ("packages/kit/src/button.tsx", JSX),
        ("packages/kit/src/index.ts", "export * from './button'"),
    ];
    assert_eq!(found(&library), ["packages/kit/src"]);
    assert_eq!(read(&library).names(), ["button"]);
}

#[test]
fn a_style_of_a_registry_folder_is_read_by_itself() {
    let files = [
        ("registry/default/ui/button.tsx", JSX),
        ("registry/new-york/ui/button.tsx", JSX),
        ("registry/new-york/hooks/use-x.ts", "export function useX() {}"),
    ];
    assert_eq!(found(&files), ["registry/new-york"]);
    let read = read(&files);
    assert_eq!(read.names(), ["use-x", "button"]);
    assert_eq!(read.files("button"), [("components/ui/button.tsx", "registry:ui", "")]);
}

#[test]
fn components_json_decides_where_it_names_the_folders() {
    let files = [
        ("components.json", r#"{"aliases": {"components": "@/shared", "ui": "@/shared/kit", "hooks": "@/behaviour"}}"#),
        ("tsconfig.json", r#"{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}"#),
        ("src/shared/card.tsx", "import { Part } from './kit/button'\nexport const Card = () => <Part/>"),
        (
            "src/shared/kit/button.tsx",
            "import { useX } from '@/behaviour/use-x'\nexport const Part = () => <b>{useX()}</b>",
        ),
        ("src/behaviour/use-x.ts", "export function useX() {}"),
        ("src/components/other.tsx", JSX),
    ];
    assert_eq!(found(&files), ["src/shared"]);
    let read = read(&files);
    assert_eq!(
        read.types(),
        [("use-x", "hook"), ("card", "component"), ("button", "ui")].map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert_eq!(read.lost_imports(), [""; 0]);
}

#[test]
fn what_is_beside_components_is_read_with_it() {
    let files = [
        ("src/components/card.tsx", JSX),
        ("src/ui/button.tsx", JSX),
        ("src/blocks/hero.tsx", JSX),
        ("src/hooks/use-x.ts", "export const useX = 1"),
        ("src/lib/format.ts", "export const format = 1"),
        ("src/utils/cx.ts", "export const cx = 1"),
        ("src/pages/other.tsx", ""),
        ("src/data/rows.ts", "export const rows = 1"),
    ];
    let read = read(&files[..6]);
    assert_eq!(read.names(), ["hero", "card", "use-x", "format", "button", "cx"]);
    assert!(!read_at(&files, Some("src/components")).names().contains(&"rows"));
}

#[test]
fn of_an_app_the_library_is_read_as_far_as_items_need_it_and_no_page_is() {
    let read = read(&[
        ("package.json", "{}"),
        ("app/page.tsx", "import { Card } from '@/components/card'\nexport default function Page() { return <Card/> }"),
        ("app/actions.ts", "export const act = 1"),
        (
            "components/card.tsx",
            "import { cn } from '@/lib/utils'\nimport { act } from '@/app/actions'\nexport const Card = () => <b>{cn(act)}</b>",
        ),
        ("components/list.tsx", "import { cn } from '@/lib/utils'\nexport const List = () => <b>{cn()}</b>"),
        ("lib/utils.ts", "export function cn() {}"),
        ("lib/database.ts", "export const secret = 1"),
        ("hooks/use-x.ts", "export const useX = 1"),
    ]);
    assert_eq!(read.names(), ["card", "list", "use-x", "utils"]);
    let (_, code, message) = read.finding();
    assert_eq!(code.as_str(), "unpublished-import");
    assert!(message.contains("app/actions.ts") && message.contains("pages"), "{message}");
}

#[test]
fn each_package_of_a_monorepo_is_offered_ui_first_and_examples_last() {
    let files = [
        ("package.json", "{}"),
        ("apps/web/package.json", "{}"),
        ("apps/web/next.config.js", ""),
        ("apps/web/components/a.tsx", JSX),
        ("packages/charts/package.json", "{}"),
        ("packages/charts/src/a.tsx", JSX),
        ("packages/ui/package.json", r#"{"name": "@acme/ui"}"#),
        ("packages/ui/src/components/a.tsx", JSX),
        ("examples/next/package.json", "{}"),
        ("examples/next/components/a.tsx", JSX),
    ];
    let expected =
        ["packages/ui/src/components", "packages/charts/src", "apps/web/components", "examples/next/components"];
    assert_eq!(found(&files), expected);
    assert_eq!(read(&files).registry.path, "packages/ui/src/components");
}

#[test]
fn a_folder_is_read_only_where_nothing_is_declared_or_built() {
    let folder = ("components/card.tsx", JSX);
    let registry = crate::common::registry_json(&serde_json::json!([crate::common::item("a", "a.ts")]));
    let declared = [folder, ("docs/registry.json", registry.as_str()), ("docs/a.ts", "")];
    assert_eq!(read(&declared).registry.kind, RegistryKind::Manifest);
    let kinds: Vec<_> = discover(&tree(&declared)).unwrap().into_iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [RegistryKind::Manifest, RegistryKind::Folder]);
    let built =
        r#"{"name": "b", "type": "registry:ui", "files": [{"path": "b.ts", "type": "registry:ui", "content": "1"}]}"#;
    assert_eq!(read(&[folder, ("public/r/b.json", built)]).registry.kind, RegistryKind::Built);
    assert_eq!(read(&[folder]).registry.kind, RegistryKind::Folder);
}

#[test]
fn a_folder_takes_no_broken_registrys_place() {
    let folder = ("components/card.tsx", JSX);
    for (path, text) in [
        ("docs/registry.json", "{\"items\": ["),
        ("registry.json", "[]"),
        ("registry.json", "{\"name\": \"acme\"}"),
        ("apps/www/registry.json", "{\"items\": []}"),
    ] {
        let files = tree(&[folder, (path, text), ("apps/www/package.json", "{}")]);
        let Err(SourceError::Unreadable(problem)) = try_read(&files, None) else { panic!("{text} was no error") };
        assert_eq!(problem.file.as_deref(), Some(path));
        assert_eq!(try_read(&files, Some("components")).unwrap().names(), ["card"]);
    }
    // What lies anywhere else may be anything.
    assert_eq!(read(&[folder, ("data/registry.json", "{\"items\": []}")]).names(), ["card"]);
}

#[test]
fn the_config_path_may_name_any_folder_or_package() {
    let files = [
        ("packages/ui/package.json", "{}"),
        ("packages/ui/src/components/a.tsx", JSX),
        ("packages/ui/src/hooks/use-b.ts", "export const useB = 1"),
        ("features/tasks/table.tsx", JSX),
        ("features/notes/list.tsx", JSX),
        ("docs/a.md", ""),
    ];
    assert_eq!(read_at(&files, Some("packages/ui")).names(), ["a", "use-b"]);
    assert_eq!(read_at(&files, Some("features/tasks/")).names(), ["table"]);
    assert_eq!(read_at(&files, Some("features")).names(), ["list", "table"]);
    for (path, problem) in [("docs", "no code"), ("none", "nothing"), ("../x", "leaves")] {
        let Err(error) = try_read(&tree(&files), Some(path)) else { panic!("{path} was read") };
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn a_part_of_the_components_is_read_alone_and_keeps_its_place() {
    let read = read_at(
        &[
            (
                "components/ui/8bit/button.tsx",
                "import { cn } from '@/lib/utils'\nexport const Button = () => <b>{cn()}</b>",
            ),
            ("components/ui/button.tsx", JSX),
            ("components/card.tsx", JSX),
            ("lib/utils.ts", "export function cn() {}"),
        ],
        Some("components/ui/8bit"),
    );
    assert_eq!(read.names(), ["button"]);
    assert_eq!(
        read.files("button"),
        [("components/ui/8bit/button.tsx", "registry:ui", "@ui/8bit/button.tsx"), ("lib/utils.ts", "registry:lib", "")]
    );
}
