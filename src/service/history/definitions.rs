//! What older commits defined: items that are gone since, files that items had
//! before, and which commit changed which definition.

use super::{super::tree::CommitTree, ComponentPaths};
use git::{Redefined, Redefinition, Repository};
use model::{CommitSha, ItemName};
use source::{Outline, SourceError};
use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

/// How many bytes of definitions one walk reads; older commits are looked at
/// with what is known then.
const MAX_BYTES: u64 = 64 << 20;

/// Most components that one walk speaks of.
const MAX_COMPONENTS: usize = 100_000;

/// Reads definitions as a walk through history meets them.
pub(super) struct Definitions<'r> {
    repository: &'r Repository,
    state: RefCell<State>,
}

struct State {
    /// Where the registry is defined in the commits that are looked at now.
    root: Option<String>,
    /// What is defined there.
    outline: Option<Outline>,
    /// How many bytes may still be read.
    left: u64,
    components: Vec<ItemName>,
    positions: HashMap<String, usize>,
}

impl<'r> Definitions<'r> {
    pub(super) fn new(repository: &'r Repository, paths: &ComponentPaths) -> Self {
        let components = paths.components.clone();
        let positions = components.iter().enumerate().map(|(at, name)| (name.to_string(), at)).collect();
        let (root, outline) = (paths.root.clone(), None);
        let state = State { root, outline, left: MAX_BYTES, components, positions };
        Self { repository, state: RefCell::new(state) }
    }

    /// The components by their positions, those that are gone included.
    pub(super) fn into_components(self) -> Vec<ItemName> {
        self.state.into_inner().components
    }

    /// What a commit changed.
    pub(super) fn redefined(&self, change: &Redefinition<'_>) -> Redefined {
        let mut state = self.state.borrow_mut();
        let Some(root) = state.root.clone() else { return Redefined::default() };
        if state.outline.is_none() {
            state.outline = self.outline(&mut state, change.commit, &root);
        }
        let renamed = change.renamed.iter().find(|(_, to)| *to == root).map(|(from, _)| from.clone());
        let former_root = renamed.unwrap_or(root);
        state.root = Some(former_root.clone());
        let before = match change.parent {
            Some(parent) => self.outline(&mut state, parent, &former_root),
            None => Some(Outline::default()),
        };
        // What cannot be read is not known; the next readable state is compared.
        let (Some(after), Some(before)) = (&state.outline, before) else { return Redefined::default() };
        let mut changed = BTreeSet::new();
        for (name, item) in &after.items {
            if before.items.get(name).is_none_or(|former| former.written != item.written) {
                changed.insert((item.definition.clone(), name.clone()));
            }
        }
        for (name, item) in before.items.iter().filter(|(name, _)| !after.items.contains_key(*name)) {
            changed.insert((item.definition.clone(), name.clone()));
        }
        let touched = changed.into_iter().filter_map(|(file, name)| Some((file, state.position(&name)?))).collect();
        let mut paths = Vec::new();
        for (name, item) in &before.items {
            if let Some(position) = state.position(name) {
                paths.extend(item.files.iter().map(|file| (file.clone(), position)));
            }
        }
        paths.sort_unstable();
        let definitions = before.definitions.iter().cloned().collect();
        state.outline = Some(before);
        Redefined { touched, paths, definitions }
    }

    /// What a commit defines; `None` if that cannot be told.
    fn outline(&self, state: &mut State, commit: &CommitSha, root: &str) -> Option<Outline> {
        if state.left == 0 {
            return None;
        }
        let tree = CommitTree(self.repository.tree(commit).ok()?);
        let outline: Result<Outline, SourceError> = source::outline(&tree, root);
        // Also what is broken was read: at least a commit's worth of work.
        state.left = state.left.saturating_sub(outline.as_ref().map_or(64 << 10, |outline| outline.bytes));
        outline.ok()
    }
}

impl State {
    /// The position of the component with this name, if there can be one.
    fn position(&mut self, name: &str) -> Option<usize> {
        if let Some(position) = self.positions.get(name) {
            return Some(*position);
        }
        let item = name.parse().ok().filter(|_| self.components.len() < MAX_COMPONENTS)?;
        self.positions.insert(name.to_owned(), self.components.len());
        self.components.push(item);
        Some(self.components.len() - 1)
    }
}
