//! Names of items, from names of files.

use crate::path;
use model::RESERVED_SEGMENTS;

/// The name of a file without its extensions, or of a folder.
pub(super) fn stem(path: &str) -> &str {
    let name = path::basename(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.strip_suffix(".d").unwrap_or(stem)
}

/// `DatePicker` as `date-picker`, `useMobile` as `use-mobile`, `OTPInput` as
/// `otp-input`, `[...slug]` as `slug`.
pub(super) fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    let chars: Vec<char> = name.chars().collect();
    for (at, &char) in chars.iter().enumerate() {
        if !char.is_alphanumeric() {
            if !kebab.is_empty() && !kebab.ends_with('-') {
                kebab.push('-');
            }
            continue;
        }
        let previous = at.checked_sub(1).map(|at| chars[at]);
        let begins_word = char.is_uppercase()
            && previous.is_some_and(|previous| {
                previous.is_lowercase()
                    || previous.is_numeric()
                    || (previous.is_uppercase() && chars.get(at + 1).is_some_and(|next| next.is_lowercase()))
            });
        if begins_word && !kebab.ends_with('-') {
            kebab.push('-');
        }
        kebab.extend(char.to_lowercase());
    }
    kebab.truncate(kebab.trim_end_matches('-').len());
    kebab
}

/// `date-picker` as `Date Picker`.
pub(super) fn title(name: &str) -> String {
    let words = name.split(['-', '_', '/']).filter(|word| !word.is_empty()).map(|word| {
        let mut chars = word.chars();
        let first = chars.next().into_iter().flat_map(char::to_uppercase);
        first.chain(chars).collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The item name of what is at `path`: that of the folder for an index or a
/// page, else its own. A name that the registry's routes keep for themselves
/// gets the folder's name before it: `icons` in `components` is
/// `components-icons`.
pub(super) fn of_path(path: &str) -> String {
    let own = kebab(stem(path));
    let folder = path::parent(path);
    if matches!(own.as_str(), "index" | "page") && !folder.is_empty() {
        return of_path(folder);
    }
    if own.is_empty() || RESERVED_SEGMENTS.contains(&own.as_str()) { qualified(path) } else { own }
}

/// The name with its folder's before it: `layout-types`. A folder of sources
/// is called like what it is in.
pub(super) fn qualified(path: &str) -> String {
    let parent = path::parent(path);
    let parent = if path::basename(parent) == "src" { path::parent(parent) } else { parent };
    let folder = kebab(path::basename(parent));
    let own = kebab(stem(path));
    match (folder.as_str(), own.as_str()) {
        ("", "") => "unnamed".to_owned(),
        ("", own) => format!("root-{own}"),
        (folder, "") => folder.to_owned(),
        (folder, own) => format!("{folder}-{own}"),
    }
}

/// Whether a name says nothing without its folder's.
pub(super) fn is_generic(name: &str) -> bool {
    matches!(
        name,
        "api"
            | "common"
            | "config"
            | "constants"
            | "context"
            | "data"
            | "helpers"
            | "index"
            | "props"
            | "schema"
            | "shared"
            | "store"
            | "styles"
            | "types"
            | "util"
            | "utils"
            | "variants"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_kebab_case() {
        for (name, expected) in [
            ("DatePicker", "date-picker"),
            ("useMobile", "use-mobile"),
            ("use-mobile", "use-mobile"),
            ("OTPInput", "otp-input"),
            ("Chart3D", "chart3-d"),
            ("button.props", "button-props"),
            ("[...slug]", "slug"),
            ("_internal", "internal"),
            ("snake_case", "snake-case"),
            ("Über", "über"),
            ("", ""),
            ("---", ""),
        ] {
            assert_eq!(kebab(name), expected, "{name}");
        }
    }

    #[test]
    fn an_index_is_named_like_its_folder_and_a_reserved_name_after_it() {
        for (path, expected) in [
            ("components/DatePicker.tsx", "date-picker"),
            ("components/DataTable/index.tsx", "data-table"),
            ("components/DataTable", "data-table"),
            ("app/dashboard/page.tsx", "dashboard"),
            ("components/icons.tsx", "components-icons"),
            ("components/icons/index.tsx", "components-icons"),
            ("types/index.d.ts", "types"),
            ("index.ts", "root-index"),
            ("lib/styles.ts", "lib-styles"),
            ("packages/ui/src/icons/index.tsx", "ui-icons"),
        ] {
            assert_eq!(of_path(path), expected, "{path}");
        }
    }

    #[test]
    fn titles_are_names_in_words() {
        assert_eq!(title("date-picker"), "Date Picker");
        assert_eq!(title("use-mobile"), "Use Mobile");
    }
}
