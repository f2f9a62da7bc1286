//! Where a file lands in a project, as the shadcn CLI decides it.

use model::view::FileView;

/// The path in a project that has the folders of `shadcn init`: the file's own
/// target, else a folder by its type and what follows that folder's name in the
/// path (`shadcn` 4: `resolveFilePath`, `resolveNestedFilePath`). None where the
/// CLI puts nothing.
pub(super) fn landing(file: &FileView) -> Option<String> {
    if let Some(target) = &file.target {
        return Some(target.strip_prefix("~/").unwrap_or(target).to_owned());
    }
    let folder = match file.kind.as_str() {
        "registry:ui" => "components/ui",
        "registry:lib" => "lib",
        "registry:hook" => "hooks",
        // These say where they go, or go nowhere.
        "registry:page" | "registry:file" => return None,
        _ => "components",
    };
    let last = folder.rsplit('/').next().unwrap_or(folder);
    let segments: Vec<&str> = file.path.split('/').filter(|segment| !segment.is_empty()).collect();
    let below = match segments.iter().position(|segment| *segment == last) {
        Some(at) if at + 1 < segments.len() => segments[at + 1..].join("/"),
        _ => (*segments.last()?).to_owned(),
    };
    Some(format!("{folder}/{below}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Digest;

    fn landed(path: &str, kind: &str, target: Option<&str>) -> Option<String> {
        let target = target.map(str::to_owned);
        let (path, kind) = (path.to_owned(), kind.to_owned());
        landing(&FileView { path, kind, target, size: 0, digest: Digest::of(b""), content: String::new() })
    }

    #[test]
    fn a_file_lands_where_its_target_or_its_type_says() {
        for (path, kind, target, expected) in [
            ("registry/new-york/ui/button.tsx", "registry:ui", None, Some("components/ui/button.tsx")),
            ("registry/new-york/ui/side/bar.tsx", "registry:ui", None, Some("components/ui/side/bar.tsx")),
            ("button.tsx", "registry:ui", None, Some("components/ui/button.tsx")),
            ("src/utils.ts", "registry:lib", None, Some("lib/utils.ts")),
            ("hooks/use-x.ts", "registry:hook", None, Some("hooks/use-x.ts")),
            ("blocks/a/components/form.tsx", "registry:component", None, Some("components/form.tsx")),
            ("blocks/a/page.tsx", "registry:page", Some("app/login/page.tsx"), Some("app/login/page.tsx")),
            ("x/.env", "registry:file", Some("~/.env"), Some(".env")),
            ("x/page.tsx", "registry:page", None, None),
        ] {
            assert_eq!(landed(path, kind, target).as_deref(), expected, "{path}");
        }
    }
}
