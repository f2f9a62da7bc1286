//! The bounds that every room shares.

/// Longest item name, in UTF-8 bytes.
pub const MAX_NAME_BYTES: usize = 255;

/// Longest value of an indexed or unique string attribute, in UTF-8 bytes: what
/// fits InstantDB's 1,024-byte jsonb limit (`specs/instantdb-admin-api.md` 11).
pub const MAX_INDEXED_BYTES: usize = 1_012;

/// Largest file of an item, in bytes.
pub const MAX_FILE_BYTES: u64 = 5 * 1024 * 1024;

/// Most items a registry may define.
pub const MAX_ITEMS: usize = 50_000;

/// How many commits of history a first sync or a force-push records, where the
/// configuration says nothing.
pub const DEFAULT_COMMITS: usize = 2_000;

/// The most commits of history that the configuration may ask for: they are in
/// memory at a time.
pub const MAX_COMMITS: usize = 20_000;

/// First path segments that the routes under `/r/` keep for themselves.
pub const RESERVED_SEGMENTS: [&str; 11] =
    ["registry", "registries", "styles", "colors", "icons", "themes", "index", "init", "o", "api", "r"];
