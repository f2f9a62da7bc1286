//! The components' paths as a tree of their own, laid over two git trees.

use crate::{GitError, commit, tree};
use model::{EntryKind, ObjectId};
use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

/// How many folders are remembered; then it begins anew.
const MAX_REMEMBERED: usize = 50_000;

/// What stands at a path: its kind and id, or nothing.
type Slot = Option<(EntryKind, ObjectId)>;

/// One segment of the paths.
#[derive(Default)]
struct Node {
    /// The components whose path ends here.
    components: Vec<usize>,
    /// The segments behind it, by name.
    children: HashMap<Box<str>, usize>,
    /// The same segments in a fixed order.
    order: Vec<usize>,
}

/// The components' paths, and what was already read of the repository.
pub(super) struct Trie<'a> {
    odb: &'a git2::Odb<'a>,
    place: &'a str,
    nodes: Vec<Node>,
    /// What a folder holds at each child of a node, in the node's order. Each
    /// tree is asked for twice: as a commit's own and as its child's parent.
    remembered: HashMap<(usize, ObjectId), Rc<[Slot]>>,
}

impl<'a> Trie<'a> {
    pub(super) fn new(odb: &'a git2::Odb<'a>, place: &'a str, paths: &[(String, usize)]) -> Self {
        let mut nodes = vec![Node::default()];
        for (path, component) in paths {
            let mut at = 0;
            for segment in path.split('/').filter(|segment| !segment.is_empty()) {
                let fresh = nodes.len();
                let node = &mut nodes[at];
                at = *node.children.entry(segment.into()).or_insert(fresh);
                if at == fresh {
                    node.order.push(fresh);
                    nodes.push(Node::default());
                }
            }
            nodes[at].components.push(*component);
        }
        Self { odb, place, nodes, remembered: HashMap::new() }
    }

    /// The components that differ between two root trees, ascending. Without a
    /// tree before, every component that exists.
    pub(super) fn touched(&mut self, before: Option<git2::Oid>, after: git2::Oid) -> Result<Vec<usize>, GitError> {
        let slot = |id: git2::Oid| (EntryKind::Folder, commit::object_id(id));
        let mut touched = BTreeSet::new();
        let mut pending = vec![(0, before.map(slot), Some(slot(after)))];
        while let Some((node, before, after)) = pending.pop() {
            if before == after {
                continue;
            }
            touched.extend(&self.nodes[node].components);
            if self.nodes[node].order.is_empty() {
                continue;
            }
            let (before, after) = (self.children(node, before)?, self.children(node, after)?);
            let order = self.nodes[node].order.iter().zip(before.iter().zip(after.iter()));
            pending.extend(order.map(|(child, (before, after))| (*child, *before, *after)));
        }
        Ok(touched.into_iter().collect())
    }

    /// What stands at each child of a node.
    fn children(&mut self, node: usize, slot: Slot) -> Result<Rc<[Slot]>, GitError> {
        let nothing = vec![None; self.nodes[node].order.len()];
        let Some((EntryKind::Folder, id)) = slot else {
            return Ok(nothing.into());
        };
        if let Some(known) = self.remembered.get(&(node, id)) {
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
                // `order` is ascending, for nodes are made one after the other.
                let position = order.binary_search(child).expect("each child is in the order");
                slots[position] = Some((kind, entry.id));
            }
        }
        if self.remembered.len() >= MAX_REMEMBERED {
            self.remembered.clear();
        }
        let slots: Rc<[Slot]> = slots.into();
        self.remembered.insert((node, id), Rc::clone(&slots));
        Ok(slots)
    }
}
