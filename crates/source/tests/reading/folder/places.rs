//! Where the files of an item go, and how their imports read there.

use super::project::{JSX, read};
use model::DiagnosticCode;

#[test]
fn files_keep_their_places_and_those_in_subfolders_have_targets() {
    let read = read(&[
        ("src/components/ui/button.tsx", JSX),
        ("src/components/ui/chart/index.tsx", "import './legend'\nexport const Chart = () => <b/>"),
        ("src/components/ui/chart/legend.tsx", "export const Legend = () => <b/>"),
        (
            "src/components/site/nav.tsx",
            "import { env } from '../../config/env'\nexport const Nav = () => <b>{env}</b>",
        ),
        ("src/config/env.ts", "export const env = 1"),
        ("src/hooks/use-x.ts", "export const useX = 1"),
        ("src/lib/deep/format.ts", "export const format = 1"),
    ]);
    assert_eq!(read.files("button"), [("components/ui/button.tsx", "registry:ui", "")]);
    assert_eq!(
        read.files("chart"),
        [
            ("components/ui/chart/index.tsx", "registry:ui", "@ui/chart/index.tsx"),
            ("components/ui/chart/legend.tsx", "registry:ui", "@ui/chart/legend.tsx"),
        ]
    );
    assert_eq!(
        read.files("nav"),
        [
            ("components/site/nav.tsx", "registry:component", "@components/site/nav.tsx"),
            ("config/env.ts", "registry:lib", "config/env.ts"),
        ]
    );
    assert_eq!(read.files("use-x"), [("hooks/use-x.ts", "registry:hook", "")]);
    assert_eq!(read.files("format"), [("lib/deep/format.ts", "registry:lib", "@lib/deep/format.ts")]);
    assert_eq!(read.lost_imports(), [""; 0]);
}

#[test]
fn ui_and_blocks_beside_components_go_where_projects_keep_them() {
    let read = read(&[
        ("src/components/card.tsx", "import { Button } from '../ui/button'\nexport const Card = () => <Button/>"),
        ("src/ui/button.tsx", "export const Button = () => <b/>"),
        ("src/primitives/slot.tsx", "export const Slot = () => <b/>"),
        ("src/blocks/hero/hero.tsx", "import { Card } from '../../components/card'\nexport const Hero = () => <Card/>"),
    ]);
    assert_eq!(read.files("button"), [("components/ui/button.tsx", "registry:ui", "")]);
    assert_eq!(
        read.files("slot"),
        [("components/primitives/slot.tsx", "registry:component", "@components/primitives/slot.tsx")]
    );
    assert_eq!(
        read.files("hero"),
        [("components/blocks/hero/hero.tsx", "registry:block", "@components/blocks/hero/hero.tsx")]
    );
    assert!(read.text("src/components/card.tsx").starts_with("import { Button } from '@/components/ui/button'"));
    // `components/card` is where it was from `blocks/hero`, but not from `components/blocks/hero`.
    assert!(read.text("src/blocks/hero/hero.tsx").starts_with("import { Card } from '@/components/card'"));
}

#[test]
fn style_sheets_and_data_are_installed_unchanged() {
    let read = read(&[
        (
            "components/a.tsx",
            "import './a.css'\nimport rows from './rows.json'\nimport icon from './icon.svg?react'\nexport const A = () => <b/>",
        ),
        ("components/a.css", "@import './b.css';\n@import 'tailwindcss';"),
        ("components/b.css", "b {}"),
        ("components/rows.json", "[]"),
        ("components/icon.svg", "<svg/>"),
    ]);
    let files = read.files("a");
    assert_eq!(files[0], ("components/a.tsx", "registry:component", ""));
    assert_eq!(files[1], ("components/a.css", "registry:file", "@components/a.css"));
    assert_eq!(files.len(), 5);
    assert_eq!(read.text("components/a.tsx").lines().next(), Some("import './a.css'"));
}

#[test]
fn what_cannot_be_installed_is_told() {
    let read = read(&[
        (
            "components/a.tsx",
            "import logo from './logo.png'\nimport pkg from '../package.json'\nexport const A = () => <b/>",
        ),
        ("components/logo.png", "\u{0}"),
        ("package.json", "{}"),
    ]);
    assert_eq!(read.item("a").files.len(), 1);
    let codes: Vec<_> = read.findings().iter().map(|finding| finding.1).collect();
    assert_eq!(codes, [DiagnosticCode::UnpublishedImport; 2]);
}

#[test]
fn a_page_goes_to_its_route_and_finds_its_parts_by_alias() {
    let read = read(&[
        (
            "components/blocks/dashboard-01/page.tsx",
            "import { Nav } from './parts/nav'\nexport default function Page() { return <Nav/> }",
        ),
        (
            "components/blocks/dashboard-01/parts/nav.tsx",
            "import { x } from './x'\nexport const Nav = () => <b>{x}</b>",
        ),
        ("components/blocks/dashboard-01/parts/x.ts", "export const x = 1"),
        ("components/pages/settings/profile.tsx", JSX),
    ]);
    assert_eq!(read.field("dashboard-01", "type"), "registry:block");
    assert_eq!(
        read.files("dashboard-01")[0],
        ("app/dashboard-01/page.tsx", "registry:page", "app/dashboard-01/page.tsx")
    );
    assert!(
        read.text("components/blocks/dashboard-01/page.tsx")
            .starts_with("import { Nav } from '@/components/blocks/dashboard-01/parts/nav'")
    );
    assert!(read.text("components/blocks/dashboard-01/parts/nav.tsx").starts_with("import { x } from './x'"));
    assert_eq!(read.field("profile", "type"), "registry:page");
    assert_eq!(read.files("profile")[0].2, "app/settings/profile/page.tsx");
    assert_eq!(read.lost_imports(), [""; 0]);
}

#[test]
fn an_import_is_served_as_written_where_it_leads_to_the_right_file() {
    let text = "import { B } from './b' // stays\nimport { C } from \"@/components/ui/c\"\nimport { d } from '@/registry/new-york/lib/d'\nexport const A = () => <B/>";
    let read = read(&[
        ("tsconfig.json", r#"{"compilerOptions": {"paths": {"@/*": ["./*"]}}}"#),
        ("registry/new-york/components/a.tsx", text),
        ("registry/new-york/components/b.tsx", JSX),
        ("registry/new-york/ui/e.tsx", JSX),
        ("registry/new-york/lib/d.ts", "export const d = 1"),
    ]);
    assert_eq!(read.text("registry/new-york/components/a.tsx"), text);
    assert_eq!(read.field("a", "registryDependencies"), "b d");
}

#[test]
fn two_files_never_go_to_one_place() {
    let read = read(&[
        (
            "registry/new-york/ui/a.tsx",
            "import { cn } from '../lib/utils'\nimport { cn as own } from '@/lib/utils'\nexport const A = () => <b>{cn(own)}</b>",
        ),
        ("registry/new-york/ui/b.tsx", "import { cn } from '@/lib/utils'\nexport const B = () => <b>{cn()}</b>"),
        ("registry/new-york/lib/utils.ts", "export function cn() {}"),
        ("lib/utils.ts", "export function cn() {}"),
    ]);
    assert_eq!(read.names(), ["lib-utils", "utils", "a", "b"]);
    assert_eq!(read.lost_imports(), [""; 0]);
}
