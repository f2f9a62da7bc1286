//! The schema as tables, in the order in which keys are written.

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Anything.
    Any,
    /// A string of at least this many code points.
    String(usize),
    /// `true` or `false`.
    Bool,
    /// Anything, turned into a boolean by JavaScript's rules.
    Truthiness,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// An array.
    Array(&'static Shape),
    /// An object with any keys.
    Record(&'static Shape),
    /// An object with these keys; others are dropped, or refused when strict.
    Object { fields: &'static [Field], strict: bool },
    /// A string, an array of strings and records of strings, or a record of these.
    Css,
    /// An item's file.
    File,
    /// An entry of `config.registries`: a URL with `{name}`, or an object with one.
    Registries,
}

/// A key of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
}

const fn optional(key: &'static str, shape: Shape) -> Field {
    Field { key, shape, required: false }
}

const fn required(key: &'static str, shape: Shape) -> Field {
    Field { key, shape, required: true }
}

const fn object(fields: &'static [Field]) -> Shape {
    Shape::Object { fields, strict: false }
}

const TEXT: Shape = Shape::String(0);
const TEXTS: Shape = Shape::Array(&TEXT);
const TEXT_RECORD: Shape = Shape::Record(&TEXT);

/// Every item type (1.3).
pub(super) const TYPES: &[&str] = &[
    "registry:lib",
    "registry:block",
    "registry:component",
    "registry:ui",
    "registry:hook",
    "registry:page",
    "registry:file",
    "registry:theme",
    "registry:style",
    "registry:item",
    "registry:base",
    "registry:font",
    "registry:example",
    "registry:internal",
];

/// The keys of a built item in order. `$schema` is written without being kept.
pub(crate) const ITEM_KEYS: &[&str] = &[
    "extends",
    "name",
    "title",
    "author",
    "description",
    "dependencies",
    "devDependencies",
    "registryDependencies",
    "files",
    "tailwind",
    "cssVars",
    "css",
    "envVars",
    "meta",
    "docs",
    "categories",
    "type",
    "config",
    "font",
];

/// The keys of a built item's file in order.
pub(crate) const FILE_KEYS: &[&str] = &["path", "content", "type", "target"];

/// What every item may have (1.2), `type` apart.
pub(super) const COMMON: &[Field] = &[
    optional("$schema", TEXT),
    optional("extends", TEXT),
    required("name", TEXT),
    optional("title", TEXT),
    optional("author", Shape::String(2)),
    optional("description", TEXT),
    optional("dependencies", TEXTS),
    optional("devDependencies", TEXTS),
    optional("registryDependencies", TEXTS),
    optional("files", Shape::Array(&Shape::File)),
    optional("tailwind", object(TAILWIND)),
    optional("cssVars", object(CSS_VARS)),
    optional("css", Shape::Record(&Shape::Css)),
    optional("envVars", TEXT_RECORD),
    optional("meta", Shape::Record(&Shape::Any)),
    optional("docs", TEXT),
    optional("categories", TEXTS),
];

/// What a `registry:base` adds.
pub(super) const BASE: &[Field] = &[optional("config", Shape::Object { fields: CONFIG, strict: true })];

/// What a `registry:font` adds.
pub(super) const FONT: &[Field] = &[required("font", object(FONT_FIELDS))];

/// A file whose target is up to the CLI.
pub(super) const FILE: &[Field] = &[required("path", TEXT), optional("content", TEXT), optional("target", TEXT)];

/// A file that goes where its target says: `registry:file`, `registry:page`.
pub(super) const TARGETED_FILE: &[Field] =
    &[required("path", TEXT), optional("content", TEXT), required("target", TEXT)];

const TAILWIND: &[Field] = &[optional(
    "config",
    object(&[optional("content", TEXTS), optional("theme", Shape::Record(&Shape::Any)), optional("plugins", TEXTS)]),
)];

const CSS_VARS: &[Field] =
    &[optional("theme", TEXT_RECORD), optional("light", TEXT_RECORD), optional("dark", TEXT_RECORD)];

const FONT_FIELDS: &[Field] = &[
    required("family", TEXT),
    required("provider", Shape::OneOf(&["google"])),
    required("import", TEXT),
    required("variable", TEXT),
    optional("weight", TEXTS),
    optional("subsets", TEXTS),
    optional("selector", TEXT),
    optional("dependency", TEXT),
];

/// A partial `components.json` (1.5).
const CONFIG: &[Field] = &[
    optional("$schema", TEXT),
    optional("style", TEXT),
    optional("rsc", Shape::Truthiness),
    optional("tsx", Shape::Truthiness),
    optional(
        "tailwind",
        object(&[
            optional("config", TEXT),
            optional("css", TEXT),
            optional("baseColor", TEXT),
            optional("cssVariables", Shape::Bool),
            optional("prefix", TEXT),
        ]),
    ),
    optional("iconLibrary", TEXT),
    optional("rtl", Shape::Truthiness),
    optional("menuColor", Shape::OneOf(&["default", "inverted", "default-translucent", "inverted-translucent"])),
    optional("menuAccent", Shape::OneOf(&["subtle", "bold"])),
    optional(
        "aliases",
        object(&[
            optional("components", TEXT),
            optional("utils", TEXT),
            optional("ui", TEXT),
            optional("lib", TEXT),
            optional("hooks", TEXT),
        ]),
    ),
    optional("registries", Shape::Registries),
];

/// The object form of an entry of `config.registries`.
pub(super) const REGISTRY: &[Field] =
    &[required("url", TEXT), optional("params", TEXT_RECORD), optional("headers", TEXT_RECORD)];
