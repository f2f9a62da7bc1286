//! The types of items that a folder can yield.

use crate::path;

/// What an item, or a folder of items, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Ui,
    Block,
    Hook,
    Lib,
    Page,
    Component,
    File,
    Item,
}

impl Kind {
    /// All of them, by the names that people write.
    pub(super) const NAMES: [(&'static str, Self); 8] = [
        ("ui", Self::Ui),
        ("block", Self::Block),
        ("hook", Self::Hook),
        ("lib", Self::Lib),
        ("page", Self::Page),
        ("component", Self::Component),
        ("file", Self::File),
        ("item", Self::Item),
    ];

    /// `registry:ui`
    pub(super) fn as_type(self) -> &'static str {
        match self {
            Self::Ui => "registry:ui",
            Self::Block => "registry:block",
            Self::Hook => "registry:hook",
            Self::Lib => "registry:lib",
            Self::Page => "registry:page",
            Self::Component => "registry:component",
            Self::File => "registry:file",
            Self::Item => "registry:item",
        }
    }

    /// `ui` or `registry:ui`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix("registry:").unwrap_or(text);
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// What a folder of this name holds, whatever is above it.
    pub(super) fn of_folder(name: &str) -> Option<Self> {
        match name {
            "ui" | "primitives" => Some(Self::Ui),
            "blocks" => Some(Self::Block),
            "hooks" => Some(Self::Hook),
            "lib" | "libs" | "util" | "utils" | "helpers" => Some(Self::Lib),
            "pages" => Some(Self::Page),
            _ => None,
        }
    }

    /// Where a project keeps what is of this kind.
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Ui => "components/ui",
            Self::Block => "components/blocks",
            Self::Hook => "hooks",
            Self::Lib => "lib",
            Self::Page | Self::Component | Self::File | Self::Item => "components",
        }
    }
}

/// Whether a file is text that may be installed beside code, by its name.
pub(super) fn is_asset(path: &str) -> bool {
    let extension = path::basename(path).rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(
        extension,
        "css"
            | "scss"
            | "sass"
            | "less"
            | "pcss"
            | "json"
            | "svg"
            | "txt"
            | "html"
            | "graphql"
            | "gql"
            | "glsl"
            | "vert"
            | "frag"
            | "wgsl"
            | "csv"
            | "yaml"
            | "yml"
            | "vue"
            | "svelte"
    )
}
