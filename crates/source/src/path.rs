//! Paths by their spelling alone, with the rules of POSIX and of the CLI.

/// The path in the tree that `path` means when it stands in `folder`: what
/// Node's `path.resolve` gives with the tree as the whole disk. `None` when it
/// is absolute or leaves the tree on its way.
pub(crate) fn resolve(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut segments: Vec<&str> = folder.split('/').filter(|segment| !segment.is_empty()).collect();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            name => segments.push(name),
        }
    }
    Some(segments.join("/"))
}

/// Node's `path.relative` between two paths of one tree.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let split = |path: &str| -> Vec<String> {
        path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
    };
    let (from, to) = (split(from), split(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to[common..].iter().map(String::as_str)).collect::<Vec<_>>().join("/")
}

/// The folder that holds `path`; `""` for the root.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last segment of `path`.
pub(crate) fn basename(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Whether the name ends in `.json`, spelled just so: what the CLI asks for.
pub(crate) fn is_json(path: &str) -> bool {
    path.strip_suffix(".json").is_some_and(|name| !name.is_empty())
}

/// Whether a segment of `path` is `..`, with either kind of slash.
pub(crate) fn has_parent_segment(path: &str) -> bool {
    path.split(['/', '\\']).any(|segment| segment == "..")
}

/// Whether the CLI writes a file to this target, whatever the project's folder
/// is: its `isSafeTarget` (`specs/shadcn-protocol.md` 1.4), for a folder that
/// cannot be known here, so that every absolute path is unsafe.
pub fn is_safe_target(target: &str) -> bool {
    if target.contains('\0') {
        return false;
    }
    let Some(decoded) = decode_until_stable(target) else {
        return false;
    };
    let normal = normalise(&decoded.replace('\\', "/"));
    let (written, decoded_outside) = (without_catch_alls(target), without_catch_alls(&decoded));
    if [&written, &decoded_outside, &without_catch_alls(&normal)].iter().any(|text| text.contains("..")) {
        return false;
    }
    if written.chars().chain(decoded_outside.chars()).any(|c| ('\0'..='\u{1f}').contains(&c)) {
        return false;
    }
    let either = |part: &str| target.contains(part) || decoded.contains(part);
    if either("~") && either("../") {
        return false;
    }
    let mut start = decoded.chars();
    if let (Some('a'..='z' | 'A'..='Z'), Some(':'), Some('/' | '\\')) = (start.next(), start.next(), start.next()) {
        return false;
    }
    // A normalised relative path leaves its folder only by a leading `..`.
    !normal.starts_with('/') && normal != ".." && !normal.starts_with("../")
}

/// `decodeURIComponent` until nothing changes; `None` where it would throw.
fn decode_until_stable(text: &str) -> Option<String> {
    let mut decoded = text.to_owned();
    while decoded.contains('%') {
        let next = decode_uri_component(&decoded)?;
        if next == decoded {
            break;
        }
        decoded = next;
    }
    Some(decoded)
}

fn decode_uri_component(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte != b'%' {
            bytes.push(byte);
            rest = tail;
            continue;
        }
        let digit = |at: usize| tail.get(at).and_then(|&digit| char::from(digit).to_digit(16));
        bytes.push(u8::try_from(digit(0)? * 16 + digit(1)?).ok()?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok()
}

/// Node's `path.posix.normalize`, but for a trailing slash.
fn normalise(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => {
                segments.pop();
            }
            ".." if absolute => {}
            name => segments.push(name),
        }
    }
    let joined = segments.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

/// The text without the catch-all segments of framework routes, `[...slug]`:
/// their dots mean no parent. The expression is `/\[\.\.\..*?\]/g`.
fn without_catch_alls(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("[...") {
        let inside = &rest[start + 4..];
        // `.` matches no line terminator.
        let end = inside.find([']', '\n', '\r', '\u{2028}', '\u{2029}']);
        if let Some(end) = end.filter(|end| inside[*end..].starts_with(']')) {
            kept.push_str(&rest[..start]);
            rest = &inside[end + 1..];
        } else {
            kept.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
        }
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_relative_path_leads_where_it_was_made_for(
            from in "([ab]/){0,4}[ab]", to in "([ab.]{1,2}/){0,4}c"
        ) {
            let to = resolve("root", &to).unwrap_or_default();
            let from = format!("root/{from}");
            prop_assert_eq!(resolve(&from, &relative(&from, &to)), Some(to));
        }

        #[test]
        fn a_safe_target_stays_in_its_folder(target in "[a./%25eE\\\\\\[\\]~:]{0,12}") {
            if is_safe_target(&target) {
                prop_assert!(resolve("project", &target).is_some_and(|path| path.starts_with("project")));
            }
        }
    }

    #[test]
    fn a_path_resolves_within_the_tree_or_not_at_all() {
        assert_eq!(resolve("apps/www", "./a//b/../c.tsx").as_deref(), Some("apps/www/a/c.tsx"));
        assert_eq!(resolve("apps/www", "../../packages/x").as_deref(), Some("packages/x"));
        assert_eq!(resolve("", "a/").as_deref(), Some("a"));
        assert_eq!(resolve("apps", "").as_deref(), Some("apps"));
        assert_eq!(resolve("apps/www", "../../../x"), None);
        assert_eq!(resolve("apps", "../../repo/x"), None);
        assert_eq!(resolve("", "/etc/passwd"), None);
    }

    #[test]
    fn a_served_path_is_relative_to_the_registry() {
        assert_eq!(relative("apps/www", "apps/www/a/c.tsx"), "a/c.tsx");
        assert_eq!(relative("apps/www", "packages/x"), "../../packages/x");
        assert_eq!(relative("apps/www", "apps/www2/x"), "../www2/x");
        assert_eq!(relative("", "a"), "a");
    }

    #[test]
    fn ordinary_targets_are_safe() {
        for target in [
            "",
            "a.tsx",
            "components/ui/a.tsx",
            "~/x",
            "@ui/a",
            "app/[...slug]/page.tsx",
            "app/[[...slug]]/page.tsx",
            ".env",
            "a b",
            "./a",
            "%41",
            "日本",
            "a:b",
            "~",
        ] {
            assert!(is_safe_target(target), "{target:?}");
        }
    }

    #[test]
    fn every_spelling_of_a_way_out_is_unsafe() {
        for target in [
            "..",
            "../a",
            "a/../b",
            "a\\..\\b",
            "%2e%2e/a",
            "%252e%252e%252fa",
            "..%2fa",
            "/etc/passwd",
            "\\etc",
            "C:\\x",
            "c:/x",
            "%2Fetc",
            "a\0b",
            "a%00b",
            "a\nb",
            "a%0ab",
            "a..b",
            "%",
            "%zz",
            "%ff",
            "[...a/../b",
            "[...]/../..",
            "~/../x",
        ] {
            assert!(!is_safe_target(target), "{target:?}");
        }
    }
}
