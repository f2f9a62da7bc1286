//! npm packages that components ask for.

use crate::ItemName;
use serde::{Deserialize, Serialize};

/// An npm package, and who asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageView {
    /// Its name: `@radix-ui/react-slot`.
    pub name: String,
    /// The ranges that are asked for, the one that most ask for first.
    pub ranges: Vec<PackageRange>,
    /// How many components ask for it.
    pub components: usize,
}

/// A range of a package, and who asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageRange {
    /// The range as it is written: `^3.0`; `*` where none is given.
    pub range: String,
    /// Who asks for it, in listing order.
    pub users: Vec<PackageUser>,
}

/// A component that asks for a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageUser {
    /// The component.
    pub component: ItemName,
    /// Whether it needs it for development only.
    pub dev: bool,
}

impl PackageView {
    /// Whether components ask for different ranges of it.
    pub fn differs(&self) -> bool {
        self.ranges.len() > 1
    }
}
