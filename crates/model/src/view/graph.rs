//! What a component needs, and what needs it.

use crate::ItemName;
use serde::{Deserialize, Serialize};

/// The surroundings of a component: what it needs, what needs it, and what those
/// need and are needed by, as far as it is followed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphView {
    /// The component itself first.
    pub nodes: Vec<GraphNode>,
    /// Who needs whom, as positions in `nodes`.
    pub edges: Vec<(usize, usize)>,
    /// How many more there are at each distance that has more.
    pub more: Vec<GraphMore>,
}

/// Something that needs, or is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphNode {
    /// What it is called.
    pub label: String,
    /// What it is.
    pub kind: GraphKind,
    /// How far it is from the component: below 0 what needs it, above 0 what it needs.
    pub distance: i32,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GraphKind {
    /// A component that is served here.
    Component(ItemName),
    /// An item of another registry, or one that is not here.
    Foreign,
    /// An npm package.
    Package(String),
}

/// What is not told of a distance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphMore {
    /// The distance.
    pub distance: i32,
    /// How many there are that are no nodes.
    pub count: usize,
}
