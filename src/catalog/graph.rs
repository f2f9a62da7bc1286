//! What stands around a component: what it needs, and what needs it.

use super::{Catalog, Entry, packages};
use model::{
    ItemName,
    view::{GraphKind, GraphMore, GraphNode, GraphView},
};
use source::Dependency;
use std::collections::HashMap;

/// How far what needs it and what it needs are followed.
const MAX_DISTANCE: i32 = 3;

/// Most nodes at one distance.
const MAX_WIDTH: usize = 12;

/// Most nodes in all.
const MAX_NODES: usize = 40;

impl Catalog {
    /// The surroundings of a component; empty for one that is not served. Its npm
    /// packages are in it, those of others are not.
    pub fn graph(&self, name: &str) -> GraphView {
        let Some(entry) = self.get(name) else { return GraphView::default() };
        let mut growing = Growing { nodes: Vec::new(), at: HashMap::new(), more: Vec::new() };
        growing.add(Found::component(&entry.name), 0);
        for side in [1, -1] {
            let mut edge = vec![entry.name.clone()];
            for step in 1..=MAX_DISTANCE {
                let found: Vec<Found> = edge.iter().flat_map(|name| self.beside(name, side)).collect();
                let packages = if side * step == 1 { packages::of(entry) } else { Vec::new() };
                let packages = packages
                    .into_iter()
                    .map(|(name, written)| Found { label: written, kind: GraphKind::Package(name) });
                edge = growing.grow(found.into_iter().chain(packages), side * step);
            }
        }
        let edges = growing.edges(self);
        GraphView { edges, nodes: growing.nodes, more: growing.more }
    }

    /// What an item needs, or who needs it.
    fn beside(&self, name: &ItemName, side: i32) -> Vec<Found> {
        if side < 0 {
            return self.used_by(name.as_str()).iter().map(Found::component).collect();
        }
        let Some(entry) = self.get(name.as_str()) else { return Vec::new() };
        entry.dependencies.iter().map(|dependency| self.found(entry, dependency)).collect()
    }

    /// What a dependency leads to.
    fn found(&self, entry: &Entry, dependency: &Dependency) -> Found {
        let here = entry.dependency_here(dependency, &self.identity.alias);
        if let Some(name) = here.filter(|name| self.get(name.as_str()).is_some()) {
            return Found::component(&name);
        }
        let label = match dependency {
            Dependency::Own(name) => format!("{}/{name}", entry.alias),
            Dependency::AsWritten(text) => text.clone(),
        };
        Found { label, kind: GraphKind::Foreign }
    }
}

/// What may become a node.
struct Found {
    label: String,
    kind: GraphKind,
}

impl Found {
    fn component(name: &ItemName) -> Self {
        Self { label: name.to_string(), kind: GraphKind::Component(name.clone()) }
    }

    /// Tells it from all others; a package may be called like an item.
    fn key(&self) -> (bool, String) {
        (matches!(self.kind, GraphKind::Package(_)), self.label.clone())
    }
}

struct Growing {
    nodes: Vec<GraphNode>,
    at: HashMap<(bool, String), usize>,
    more: Vec<GraphMore>,
}

impl Growing {
    fn add(&mut self, found: Found, distance: i32) {
        self.at.insert(found.key(), self.nodes.len());
        self.nodes.push(GraphNode { label: found.label, kind: found.kind, distance });
    }

    /// Adds what is new at a distance, as far as there is room; answers the
    /// components among it.
    fn grow(&mut self, found: impl Iterator<Item = Found>, distance: i32) -> Vec<ItemName> {
        let mut seen = std::collections::HashSet::new();
        let mut components = Vec::new();
        let (mut width, mut count) = (0, 0);
        for one in found {
            let key = one.key();
            if self.at.contains_key(&key) || !seen.insert(key) {
                continue;
            }
            if width == MAX_WIDTH || self.nodes.len() == MAX_NODES {
                count += 1;
                continue;
            }
            width += 1;
            if let GraphKind::Component(name) = &one.kind {
                components.push(name.clone());
            }
            self.add(one, distance);
        }
        if count > 0 {
            self.more.push(GraphMore { distance, count });
        }
        components
    }

    /// Who of the nodes needs whom.
    fn edges(&self, catalog: &Catalog) -> Vec<(usize, usize)> {
        let mut edges = Vec::new();
        for (from, node) in self.nodes.iter().enumerate() {
            let GraphKind::Component(name) = &node.kind else { continue };
            let packages = self.nodes.iter().enumerate();
            let packages = packages.filter(|(_, node)| from == 0 && matches!(node.kind, GraphKind::Package(_)));
            let needed = catalog.beside(name, 1).into_iter().filter_map(|found| self.at.get(&found.key()).copied());
            let mut to: Vec<usize> = needed.chain(packages.map(|(at, _)| at)).collect();
            to.sort_unstable();
            to.dedup();
            edges.extend(to.into_iter().map(|to| (from, to)));
        }
        edges
    }
}
