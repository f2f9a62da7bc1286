//! The watched paths as a tree of their own, laid over two git trees.

use super::difference::Slot;
use crate::{GitError, commit, tree};
use model::{EntryKind, ObjectId};
use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

/// How many folders are remembered; then it begins anew.
const MAX_REMEMBERED: usize = 50_000;

/// Most segments of watched paths: what a walk learns on its way is bounded.
const MAX_NODES: usize = 1_000_000;

/// Why a path is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Watch {
    /// It belongs to this component.
    Component(usize),
    /// It defines components.
    Definition,
}

/// A watched path that differs between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Touch {
    pub(super) path: String,
    pub(super) watches: BTreeSet<Watch>,
    pub(super) before: Slot,
    pub(super) after: Slot,
}

/// One segment of the paths.
#[derive(Default)]
struct Node {
    /// Why the path that ends here is watched.
    watches: BTreeSet<Watch>,
    /// How many watches there are here and beneath.
    beneath: usize,
    /// The segments behind it, by name.
    children: HashMap<Rc<str>, usize>,
    /// The same segments in a fixed order; it only grows.
    order: Vec<(usize, Rc<str>)>,
}

/// The watched paths, and what was already read of the repository.
pub(super) struct Trie<'a> {
    odb: &'a git2::Odb<'a>,
    place: &'a str,
    nodes: Vec<Node>,
    /// What a folder holds at each child of a node, in the node's order. Each
    /// tree is asked for twice: as a commit's own and as its child's parent.
    /// The key's number of children tells what was read before a node grew.
    remembered: HashMap<(usize, usize, ObjectId), Rc<[Slot]>>,
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

impl<'a> Trie<'a> {
    pub(super) fn new(odb: &'a git2::Odb<'a>, place: &'a str) -> Self {
        Self { odb, place, nodes: vec![Node::default()], remembered: HashMap::new() }
    }

    /// Watches a path; whether it was not watched for this before.
    pub(super) fn watch(&mut self, path: &str, watch: Watch) -> bool {
        if self.nodes.len() >= MAX_NODES {
            return false;
        }
        let mut way = vec![0];
        for segment in segments(path) {
            let (at, fresh) = (way[way.len() - 1], self.nodes.len());
            let known = self.nodes[at].children.get(segment).copied();
            let next = known.unwrap_or_else(|| {
                let name: Rc<str> = segment.into();
                self.nodes[at].children.insert(Rc::clone(&name), fresh);
                self.nodes[at].order.push((fresh, name));
                self.nodes.push(Node::default());
                fresh
            });
            way.push(next);
        }
        let is_new = self.nodes[way[way.len() - 1]].watches.insert(watch);
        if is_new {
            for at in way {
                self.nodes[at].beneath += 1;
            }
        }
        is_new
    }

    /// Watches a path no longer for this.
    pub(super) fn unwatch(&mut self, path: &str, watch: Watch) {
        let mut way = vec![0];
        for segment in segments(path) {
            let Some(next) = self.nodes[way[way.len() - 1]].children.get(segment) else {
                return;
            };
            way.push(*next);
        }
        if self.nodes[way[way.len() - 1]].watches.remove(&watch) {
            for at in way {
                self.nodes[at].beneath -= 1;
            }
        }
    }

    /// The watched paths that differ between two root trees, in their order.
    /// Without a tree before, every watched path that exists.
    pub(super) fn touched(&mut self, before: Option<git2::Oid>, after: git2::Oid) -> Result<Vec<Touch>, GitError> {
        let slot = |id: git2::Oid| (EntryKind::Folder, commit::object_id(id));
        let mut touched = Vec::new();
        let mut pending = vec![(0, String::new(), before.map(slot), Some(slot(after)))];
        while let Some((node, path, before, after)) = pending.pop() {
            if before == after || self.nodes[node].beneath == 0 {
                continue;
            }
            let here = &self.nodes[node];
            if !here.watches.is_empty() {
                touched.push(Touch { path: path.clone(), watches: here.watches.clone(), before, after });
            }
            if here.order.is_empty() {
                continue;
            }
            let (before, after) = (self.children(node, before)?, self.children(node, after)?);
            let order = self.nodes[node].order.iter().zip(before.iter().zip(after.iter()));
            let differing = order.filter(|(_, (before, after))| before != after);
            pending.extend(differing.map(|((child, name), (before, after))| {
                let path = if path.is_empty() { name.to_string() } else { format!("{path}/{name}") };
                (*child, path, *before, *after)
            }));
        }
        touched.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(touched)
    }

    /// What stands at each child of a node.
    fn children(&mut self, node: usize, slot: Slot) -> Result<Rc<[Slot]>, GitError> {
        let nothing = vec![None; self.nodes[node].order.len()];
        let Some((EntryKind::Folder, id)) = slot else {
            return Ok(nothing.into());
        };
        let key = (node, nothing.len(), id);
        if let Some(known) = self.remembered.get(&key) {
            return Ok(Rc::clone(known));
        }
        let corrupt = |reason: &str| GitError::Corrupt {
            place: self.place.to_owned(),
            id,
            reason: reason.escape_debug().to_string(),
        };
        let object = self.odb.read(commit::oid(&id)).map_err(|error| corrupt(error.message()))?;
        let mut slots = nothing;
        let Node { children, order, .. } = &self.nodes[node];
        for entry in tree::entries(object.data()) {
            let entry = entry.ok_or_else(|| corrupt("the folder is malformed"))?;
            let child = str::from_utf8(entry.name).ok().and_then(|name| children.get(name));
            if let (Some(child), Some(kind)) = (child, entry.kind()) {
                // The order is ascending, for nodes are made one after the other.
                let position = order.binary_search_by_key(child, |(child, _)| *child);
                slots[position.expect("each child is in the order")] = Some((kind, entry.id));
            }
        }
        if self.remembered.len() >= MAX_REMEMBERED {
            self.remembered.clear();
        }
        let slots: Rc<[Slot]> = slots.into();
        self.remembered.insert(key, Rc::clone(&slots));
        Ok(slots)
    }
}
