//! Which item each file belongs to: helpers go with the item that imports
//! them, and become an item of their own when several do.

use super::{
    graph,
    group::{Group, is_code},
    kind::Kind,
    layout::Layout,
    naming,
    overrides::Overrides,
    project::{Project, Target},
};
use crate::{module::Export, tree::TreeError};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Most files outside the folders that are followed.
const MAX_HELPERS: usize = 20_000;

/// All items and who has which file.
#[derive(Debug)]
pub(super) struct Shares {
    pub(super) groups: Vec<Group>,
    /// The position of the group that a file belongs to.
    pub(super) owners: HashMap<String, usize>,
    /// For each group those that its files import, but not itself.
    pub(super) needs: Vec<BTreeSet<usize>>,
}

/// Follows all imports from the groups on.
pub(super) fn share(
    project: &mut Project<'_, '_>,
    layout: &Layout,
    overrides: &Overrides,
    groups: Vec<Group>,
) -> Result<Shares, TreeError> {
    let mut groups = without_helpers(project, layout, overrides, groups)?;
    let mut nodes: HashMap<String, usize> = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        nodes.extend(group.files.iter().map(|file| (file.clone(), at)));
    }
    let roots: Vec<usize> = (0..groups.len()).collect();
    let mut edges: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
    let mut helpers: Vec<String> = Vec::new();
    let mut queue: Vec<(usize, String)> = Vec::new();
    for (at, group) in groups.iter().enumerate().rev() {
        queue.extend(group.files.iter().rev().map(|file| (at, file.clone())));
    }
    while let Some((from, file)) = queue.pop() {
        let source = project.source(&file)?;
        for target in &source.targets {
            let Target::File(target) = target else { continue };
            let to = match nodes.get(target) {
                Some(to) => *to,
                None if helpers.len() >= MAX_HELPERS => continue,
                None => {
                    let to = groups.len() + helpers.len();
                    nodes.insert(target.clone(), to);
                    helpers.push(target.clone());
                    edges.push(Vec::new());
                    queue.push((to, target.clone()));
                    to
                }
            };
            if to != from {
                edges[from].push(to);
            }
        }
    }
    let dominators = graph::dominators(&edges, &roots);
    let count = groups.len();
    // The group or helper that a node belongs to in the end.
    let owner_of = |mut node: usize| {
        while node >= count {
            match dominators[node] {
                Some(above) => node = above,
                None => break,
            }
        }
        node
    };
    let mut positions: HashMap<usize, usize> = (0..count).map(|at| (at, at)).collect();
    for node in count..count + helpers.len() {
        if owner_of(node) == node {
            let file = helpers[node - count].clone();
            positions.insert(node, groups.len());
            groups.push(Group { path: file.clone(), main: file.clone(), files: vec![file], is_shared: true });
        }
    }
    for (nth, file) in helpers.iter().enumerate() {
        let at = positions[&owner_of(count + nth)];
        if groups[at].main != *file {
            groups[at].files.push(file.clone());
        }
    }
    groups.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(connect(project, groups)?)
}

fn connect(project: &mut Project<'_, '_>, mut groups: Vec<Group>) -> Result<Shares, TreeError> {
    let mut owners = HashMap::new();
    for (at, group) in groups.iter_mut().enumerate() {
        let main = group.main.clone();
        group.files.sort_by_key(|file| (*file != main, file.clone()));
        owners.extend(group.files.iter().map(|file| (file.clone(), at)));
    }
    let mut needs = vec![BTreeSet::new(); groups.len()];
    for (at, group) in groups.iter().enumerate() {
        for file in &group.files {
            for target in &project.source(file)?.targets {
                if let Target::File(target) = target
                    && let Some(owner) = owners.get(target).filter(|owner| **owner != at)
                {
                    needs[at].insert(*owner);
                }
            }
        }
    }
    Ok(Shares { groups, owners, needs })
}

/// The groups that are items by themselves. A file of components' folders that
/// has no component and no hook, but is imported by another file, is a helper;
/// so is a file that only passes on what others export.
fn without_helpers(
    project: &mut Project<'_, '_>,
    layout: &Layout,
    overrides: &Overrides,
    groups: Vec<Group>,
) -> Result<Vec<Group>, TreeError> {
    let mut imported: HashSet<String> = HashSet::new();
    for group in &groups {
        for file in &group.files {
            for target in &project.source(file)?.targets {
                if let Target::File(target) = target
                    && !group.files.contains(target)
                {
                    imported.insert(target.clone());
                }
            }
        }
    }
    let mut kept = Vec::with_capacity(groups.len());
    for group in groups {
        let module = &project.source(&group.main)?.module;
        let says_something =
            module.has_jsx || module.exports.iter().any(|export| export.is_component() || export.is_hook());
        let is_helper = !says_something && layout.kind(&group.main) != Kind::Lib && imported.contains(&group.main);
        let is_helper = (is_helper || module.is_barrel) && module.errors.is_empty();
        if group.is_folder() || overrides.items.contains_key(&group.path) || !is_helper {
            kept.push(group);
        }
    }
    Ok(kept)
}

/// A name for what several items share, that no item has.
pub(super) fn shared_name(layout: &Layout, path: &str, taken: &HashSet<String>) -> String {
    let own = naming::of_path(path);
    let is_index = naming::stem(path) == "index";
    let is_known = is_index || layout.source_of(path).is_some_and(|source| source.kind == Kind::Lib);
    let whole = naming::kebab(path.rsplit_once('.').map_or(path, |(stem, _)| stem));
    let first = (is_known || !naming::is_generic(&own)).then_some(own);
    let candidates = first.into_iter().chain([naming::qualified(path), whole.clone()]);
    let numbered = (2..).map(|number| format!("{whole}-{number}"));
    candidates.chain(numbered).find(|name| !taken.contains(name)).expect("there is always another number")
}

/// The type of a group by what it is and where it is.
pub(super) fn kind_of(project: &mut Project<'_, '_>, layout: &Layout, group: &Group) -> Result<Kind, TreeError> {
    let source = project.source(&group.main)?;
    let module = &source.module;
    let by_place = layout.kind(&group.main);
    let is_block = by_place == Kind::Block || group.is_folder() && layout.kind(&group.path) == Kind::Block;
    if is_block && !group.is_shared {
        return Ok(Kind::Block);
    }
    if super::group::is_page(&group.main) || by_place == Kind::Page && is_code(&group.main) && module.has_jsx {
        return Ok(Kind::Page);
    }
    let mut values = module.exports.iter().filter(|export| !export.is_type).peekable();
    let only_hooks = values.peek().is_some() && values.all(Export::is_hook);
    let is_hook_file = naming::kebab(naming::stem(&group.main)).starts_with("use-") && !module.has_jsx;
    if only_hooks || (is_hook_file && module.exports.iter().any(Export::is_hook)) {
        return Ok(Kind::Hook);
    }
    let is_component = module.has_jsx || module.exports.iter().any(Export::is_component);
    Ok(match by_place {
        Kind::Ui if is_component || group.is_folder() => Kind::Ui,
        Kind::Lib if !group.is_folder() || !is_component => Kind::Lib,
        Kind::Hook if !module.has_jsx => Kind::Hook,
        _ if is_component || group.is_folder() => Kind::Component,
        _ => Kind::Lib,
    })
}
