//! Imports as they must read where an item is installed.
//!
//! The CLI maps `@/…` to the aliases of the project and leaves everything else
//! alone (`shadcn` 4.23.0, `transform-import`). So an import is served as it is
//! written wherever it leads to the right file in a project of shadcn's own
//! layout, and is written anew where it does not.

use super::layout::rest;
use crate::{files::join, path};

/// What stands between the quotes of an import is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::read) struct Edit {
    pub(in crate::read) start: usize,
    pub(in crate::read) end: usize,
    pub(in crate::read) text: String,
}

/// Applies edits that do not overlap, in rising order.
pub(in crate::read) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut edited = String::with_capacity(text.len() + edits.len() * 16);
    let mut copied = 0;
    for edit in edits {
        let Some(kept) = text.get(copied..edit.start) else { continue };
        edited.push_str(kept);
        edited.push_str(&edit.text);
        copied = edit.end;
    }
    edited.push_str(text.get(copied..).unwrap_or_default());
    edited
}

/// Extensions that an import leaves out.
const CODE: [&str; 11] = [".d.ts", ".d.mts", ".d.cts", ".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".cts", ".cjs"];

/// Whether an import in the file that is installed at `from` leads to the file
/// installed at `to`.
pub(super) fn leads(from: &str, specifier: &str, to: &str) -> bool {
    let specifier = specifier.split_once('?').map_or(specifier, |(plain, _)| plain);
    let target = if specifier.starts_with('.') {
        path::resolve(path::parent(from), specifier)
    } else {
        by_alias(specifier).and_then(|target| path::resolve("", &target))
    };
    let Some(target) = target else { return false };
    let bare = without_extension(to);
    target == to
        || target == bare
        || bare.strip_suffix("/index") == Some(&target)
        || (bare == "index" && target.is_empty())
        || (without_extension(&target) == bare && target.len() > bare.len() && is_code(to))
}

/// Where the CLI takes an alias to, in a project with its own default aliases.
fn by_alias(specifier: &str) -> Option<String> {
    let below = specifier.strip_prefix("@/").or_else(|| specifier.strip_prefix("#/"))?;
    let Some(registry) = below.strip_prefix("registry/") else {
        return Some(below.to_owned());
    };
    // `@/registry/new-york/ui/button` is a registry's way to say `@/components/ui/button`.
    for (folder, place) in [("ui", "components/ui"), ("components", "components"), ("lib", "lib"), ("hooks", "hooks")] {
        if let Some(at) = registry.rfind(&format!("/{folder}/")).filter(|at| *at > 0) {
            return Some(join(place, &registry[at + folder.len() + 2..]));
        }
    }
    let (_, rest) = registry.split_once('/')?;
    Some(join("components", rest))
}

/// How the file at `from` imports the one at `to`: relative within an item, so
/// that it stays together wherever it goes, else by the alias.
pub(super) fn specifier(from: &str, to: &str, is_same_item: bool) -> String {
    let target = if is_code(to) { without_extension(to) } else { to };
    let target = target.strip_suffix("/index").filter(|_| is_code(to)).unwrap_or(target);
    if !is_same_item {
        return format!("@/{target}");
    }
    let relative = path::relative(path::parent(from), target);
    if relative.is_empty() {
        return ".".to_owned();
    }
    if relative.starts_with("..") { relative } else { format!("./{relative}") }
}

fn is_code(path: &str) -> bool {
    CODE.iter().any(|extension| path.ends_with(extension))
}

fn without_extension(path: &str) -> &str {
    CODE.iter().find_map(|extension| path.strip_suffix(extension)).unwrap_or(path)
}

/// The part of `@/components/ui/button` behind the alias, for what looks like
/// an import of something of shadcn's own.
pub(super) fn shadcn_item(specifier: &str) -> Option<(&str, String)> {
    let below = ["@/", "~/", "#/"].iter().find_map(|alias| specifier.strip_prefix(alias))?;
    let below = below.strip_prefix("src/").unwrap_or(below);
    let below = match below.strip_prefix("registry/") {
        Some(registry) => registry.split_once('/')?.1,
        None => below,
    };
    for (folder, place) in
        [("components/ui", "components/ui"), ("ui", "components/ui"), ("hooks", "hooks"), ("lib", "lib")]
    {
        let name = rest(below, folder);
        if name != below && !name.is_empty() && !name.contains('/') {
            return Some((name, format!("@/{place}/{name}")));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_that_leads_to_the_right_file_is_known_as_such() {
        let from = "components/ui/card/card.tsx";
        for (specifier, to) in [
            ("./parts", "components/ui/card/parts.tsx"),
            ("./parts.js", "components/ui/card/parts.tsx"),
            ("../button", "components/ui/button.tsx"),
            ("../button", "components/ui/button/index.tsx"),
            (".", "components/ui/card/index.ts"),
            ("../../../lib/utils", "lib/utils.ts"),
            ("@/lib/utils", "lib/utils.ts"),
            ("@/components/ui/button", "components/ui/button.tsx"),
            ("#/lib/utils", "lib/utils.ts"),
            ("@/registry/new-york/ui/button", "components/ui/button.tsx"),
            ("@/registry/default/blocks/hero/hero", "components/blocks/hero/hero.tsx"),
            ("./styles.css", "components/ui/card/styles.css"),
            ("./icon.svg?react", "components/ui/card/icon.svg"),
            ("./types", "components/ui/card/types.d.ts"),
        ] {
            assert!(leads(from, specifier, to), "{specifier} {to}");
        }
        for (specifier, to) in [
            ("@acme/ui/button", "components/ui/button.tsx"),
            ("~/lib/utils", "lib/utils.ts"),
            ("../utils", "lib/utils.ts"),
            ("./styles", "components/ui/card/styles.css"),
            ("../../../../x", "x.ts"),
        ] {
            assert!(!leads(from, specifier, to), "{specifier} {to}");
        }
    }

    #[test]
    fn an_import_is_written_relative_within_an_item_and_by_alias_beyond() {
        let from = "components/ui/card/card.tsx";
        assert_eq!(specifier(from, "components/ui/card/parts.tsx", true), "./parts");
        assert_eq!(specifier(from, "components/ui/card/index.ts", true), ".");
        assert_eq!(specifier(from, "lib/utils.ts", true), "../../../lib/utils");
        assert_eq!(specifier(from, "lib/utils.ts", false), "@/lib/utils");
        assert_eq!(specifier(from, "components/chart/index.tsx", false), "@/components/chart");
        assert_eq!(specifier(from, "components/ui/card/a.module.css", true), "./a.module.css");
        assert_eq!(specifier(from, "types/index.d.ts", false), "@/types");
        for (to, same) in [("components/ui/card/x/index.tsx", true), ("lib/a.b.ts", false), ("index.ts", true)] {
            assert!(leads(from, &specifier(from, to, same), to), "{to}");
        }
    }

    #[test]
    fn what_looks_like_shadcns_is_told_by_its_place() {
        let found = |specifier| shadcn_item(specifier).map(|(name, path)| (name.to_owned(), path));
        assert_eq!(found("@/components/ui/button"), Some(("button".to_owned(), "@/components/ui/button".to_owned())));
        assert_eq!(found("~/ui/card"), Some(("card".to_owned(), "@/components/ui/card".to_owned())));
        assert_eq!(found("@/registry/new-york/ui/card").map(|one| one.0), Some("card".to_owned()));
        assert_eq!(found("@/lib/utils").map(|one| one.0), Some("utils".to_owned()));
        assert_eq!(found("@/lib/a/b"), None);
        assert_eq!(found("react"), None);
    }

    #[test]
    fn edits_replace_what_stands_between_the_quotes() {
        let text = "import a from '@x/é'; import b from \"./b\"";
        let edit = |part: &str, to: &str| {
            let start = text.find(part).unwrap();
            Edit { start, end: start + part.len(), text: to.to_owned() }
        };
        let edited = apply(text, &[edit("@x/é", "@/e"), edit("./b", "../b")]);
        assert_eq!(edited, "import a from '@/e'; import b from \"../b\"");
    }
}
