//! What an item depends on.

use super::project::{JSX, read, read_at};
use model::DiagnosticCode::{self, UndeclaredImport, UnusableRange};

#[test]
fn npm_packages_have_the_range_of_the_nearest_package_json() {
    let read = read(&[
        (
            "package.json",
            r#"{"dependencies": {"zod": "^3.22.0", "lodash": "*", "@acme/x": "workspace:*"}, "devDependencies": {"@types/lodash": "^4.0.0", "@types/react": "^19"}}"#,
        ),
        (
            "components/a.tsx",
            "import { z } from 'zod/v4'\nimport _ from 'lodash/fp'\nimport fs from 'node:fs'\nimport path from 'path'\nimport React from 'react'\nimport 'react-dom/client'\nimport Link from 'next/link'\nexport const A = () => <b/>",
        ),
    ]);
    assert_eq!(read.field("a", "dependencies"), "lodash zod@^3.22.0");
    assert_eq!(read.field("a", "devDependencies"), "@types/lodash@^4.0.0");
    assert_eq!(read.findings(), []);
}

#[test]
fn a_package_without_a_usable_version_is_told_once() {
    let read = read(&[
        ("package.json", r#"{"dependencies": {"local": "file:../local", "cat": "catalog:"}}"#),
        ("packages/other/package.json", r#"{"name": "other", "dependencies": {"hoisted": "^2"}}"#),
        (
            "components/a.tsx",
            "import 'local'\nimport 'cat'\nimport 'nobody'\nimport 'hoisted'\nexport const A = () => <b/>",
        ),
        ("components/b.tsx", "import 'nobody'\nexport const B = () => <b/>"),
    ]);
    assert_eq!(read.field("a", "dependencies"), "cat hoisted@^2 local nobody");
    let codes: Vec<_> = read.findings().iter().map(|finding| finding.1).collect();
    assert_eq!(codes, [UndeclaredImport, UndeclaredImport, UnusableRange, UnusableRange]);
    let all = read.findings().iter().map(|finding| finding.2).collect::<Vec<_>>().join("\n");
    for part in ["components/a.tsx, components/b.tsx", "packages/other/package.json", "file:../local", "catalog:"] {
        assert!(all.contains(part), "{all}");
    }
}

#[test]
fn a_catalog_of_the_workspace_gives_the_version() {
    let read = read(&[
        ("pnpm-workspace.yaml", "packages:\n  - packages/*\ncatalog:\n  zod: ^4.0.0\n"),
        ("packages/ui/package.json", r#"{"name": "ui", "dependencies": {"zod": "catalog:"}}"#),
        ("packages/ui/src/a.tsx", "import 'zod'\nexport const A = () => <b/>"),
    ]);
    assert_eq!(read.field("a", "dependencies"), "zod@^4.0.0");
}

#[test]
fn own_items_are_found_by_every_way_to_import_them() {
    let read = read(&[
        ("tsconfig.json", r#"{"extends": "./base.json", "compilerOptions": {"baseUrl": "."}}"#),
        ("base.json", r##"{"compilerOptions": {"paths": {"#ui/*": ["./components/ui/*"], "@/*": ["./*"]}}}"##),
        ("package.json", r##"{"name": "@acme/web", "imports": {"#own/*": "./components/*.tsx"}}"##),
        (
            "components/a.tsx",
            "import b from './ui/b'\nimport c from '@/components/ui/c'\nimport d from '#ui/d'\nimport e from 'components/ui/e'\nimport f from '#own/f'\nimport g from '@acme/web/components/g'\nexport { x } from './h.js'\nconst i = import('./i')\nexport const A = () => <b/>",
        ),
        ("components/ui/b.tsx", JSX),
        ("components/ui/c.tsx", JSX),
        ("components/ui/d.tsx", JSX),
        ("components/ui/e.tsx", JSX),
        ("components/f.tsx", JSX),
        ("components/g.tsx", JSX),
        ("components/h.tsx", JSX),
        ("components/i.tsx", JSX),
    ]);
    assert_eq!(read.field("a", "registryDependencies"), "b c d e f g h i");
    assert_eq!(read.field("a", "dependencies"), "");
    assert_eq!(read.findings(), []);
    assert_eq!(read.lost_imports(), [""; 0]);
}

const MONOREPO: &[(&str, &str)] = &[
    ("package.json", r#"{"workspaces": ["packages/*"]}"#),
    (
        "packages/ui/package.json",
        r#"{"name": "@acme/ui", "private": true, "exports": {"./*": "./src/*.tsx", "./lib/*": "./src/lib/*.ts"}, "dependencies": {"@acme/tokens": "workspace:*", "@acme/published": "workspace:^"}}"#,
    ),
    (
        "packages/ui/src/card.tsx",
        "import { Button } from '@acme/ui/button'\nimport { cn } from \"@acme/ui/lib/utils\"\nimport { color } from '@acme/tokens'\nimport '@acme/published/x'\nexport const Card = () => <Button a={cn(color)}/>",
    ),
    ("packages/ui/src/button.tsx", "import { cn } from './lib/utils'\nexport const Button = () => <b>{cn()}</b>"),
    ("packages/ui/src/lib/utils.ts", "export function cn() {}"),
    ("packages/tokens/package.json", r#"{"name": "@acme/tokens", "main": "./src/index.ts"}"#),
    ("packages/tokens/src/index.ts", "export * from './color'"),
    ("packages/tokens/src/color.ts", "export const color = 1"),
    (
        "packages/published/package.json",
        r#"{"name": "@acme/published", "version": "1.2.3", "publishConfig": {"access": "public"}}"#,
    ),
];

#[test]
fn a_monorepos_own_packages_are_internal_and_its_published_ones_npm() {
    let read = read_at(MONOREPO, Some("packages/ui/src"));
    assert_eq!(read.names(), ["button", "card", "utils"]);
    assert_eq!(read.field("card", "registryDependencies"), "button utils");
    assert_eq!(read.field("card", "dependencies"), "@acme/published@^1.2.3");
    assert_eq!(
        read.files("card"),
        [
            ("components/ui/card.tsx", "registry:ui", ""),
            ("lib/tokens/color.ts", "registry:lib", "@lib/tokens/color.ts"),
        ]
    );
    assert!(read.text("packages/ui/src/card.tsx").starts_with(
        "import { Button } from '@/components/ui/button'\nimport { cn } from \"@/lib/utils\"\nimport { color } from '../../lib/tokens/color'\nimport '@acme/published/x'\n"
    ));
    assert_eq!(
        read.text("packages/ui/src/button.tsx"),
        "import { cn } from '@/lib/utils'\nexport const Button = () => <b>{cn()}</b>"
    );
    assert_eq!(read.findings(), []);
}

#[test]
fn what_is_shadcns_and_not_there_is_a_dependency_on_shadcns_item() {
    let read = read(&[(
        "components/a.tsx",
        "import { Button } from '@/components/ui/button'\nimport { cn } from '@/lib/utils'\nimport { useIsMobile } from '~/hooks/use-mobile'\nimport x from '@/components/ui/none'\nexport const A = () => <Button/>",
    )]);
    assert_eq!(read.field("a", "registryDependencies"), "button use-mobile utils");
    assert!(read.text("components/a.tsx").contains("from '@/hooks/use-mobile'"));
    let (_, code, message) = read.finding();
    assert_eq!(code, DiagnosticCode::UnresolvedImport);
    assert!(message.contains("components/a.tsx:4") && message.contains("@/components/ui/none"), "{message}");
}

#[test]
fn a_tsconfig_that_extends_itself_is_told_and_the_items_are_served() {
    let read = read(&[
        ("tsconfig.json", r#"{"extends": "./tsconfig.json"}"#),
        ("components/a.tsx", "import { B } from '@/components/b'\nexport const A = () => <B/>"),
        ("components/b.tsx", JSX),
    ]);
    assert_eq!(read.field("a", "registryDependencies"), "b");
    assert_eq!(read.finding().1, DiagnosticCode::BrokenConfig);
}
