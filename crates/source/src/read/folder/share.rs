//! Which item each file belongs to: helpers go with the item that imports
//! them, and become an item of their own when several do.

use super::{
    barrel::{self, Origin},
    graph,
    group::{Group, is_code, is_page},
    kind::Kind,
    layout::Layout,
    naming,
    overrides::Overrides,
    project::{Project, Target, Why},
};
use crate::{
    module::{Dialect, Export},
    path,
    tree::TreeError,
};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Most files outside the folders that are followed.
const MAX_HELPERS: usize = 20_000;

/// How many other files outside the folders a file may bring along. Whoever
/// imports more imports a program, not a helper.
const MAX_BROUGHT: usize = 25;

/// All items and who has which file.
#[derive(Debug)]
pub(super) struct Shares {
    pub(super) groups: Vec<Group>,
    /// The position of the group that a file belongs to.
    pub(super) owners: HashMap<String, usize>,
    /// For each group those that its files import, but not itself.
    pub(super) needs: Vec<BTreeSet<usize>>,
    /// Where the names come from that a file imports through another one, by
    /// the file and the position of the import in it.
    pub(super) origins: HashMap<(String, usize), Vec<Origin>>,
}

/// Follows all imports from the groups on.
pub(super) fn share(
    project: &mut Project<'_, '_>,
    layout: &Layout,
    overrides: &Overrides,
    groups: Vec<Group>,
) -> Result<Shares, TreeError> {
    let mut groups = without_helpers(project, layout, overrides, groups)?;
    let mut explorer = Explorer::new(&groups, overrides.keeps_imports);
    explorer.follow_all(project, &groups)?;
    // What brings too much along is cut off, and what only it leads to with it.
    if explorer.cut_programs(project) {
        explorer = Explorer::new(&groups, overrides.keeps_imports);
        explorer.follow_all(project, &groups)?;
    }
    let Explorer { edges, helpers, origins, .. } = explorer;
    let count = groups.len();
    let dominators = graph::dominators(&edges, &(0..count).collect::<Vec<_>>());
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
    connect(project, groups, origins)
}

/// The graph of groups, which come first, and helpers.
struct Explorer {
    nodes: HashMap<String, usize>,
    groups: usize,
    edges: Vec<Vec<usize>>,
    helpers: Vec<String>,
    origins: HashMap<(String, usize), Vec<Origin>>,
    keeps_imports: bool,
}

impl Explorer {
    fn new(groups: &[Group], keeps_imports: bool) -> Self {
        let mut nodes = HashMap::new();
        for (at, group) in groups.iter().enumerate() {
            nodes.extend(group.files.iter().map(|file| (file.clone(), at)));
        }
        let edges = vec![Vec::new(); groups.len()];
        Self { nodes, groups: groups.len(), edges, helpers: Vec::new(), origins: HashMap::new(), keeps_imports }
    }

    fn follow_all(&mut self, project: &mut Project<'_, '_>, groups: &[Group]) -> Result<(), TreeError> {
        let mut queue: Vec<(usize, String)> = Vec::new();
        for (at, group) in groups.iter().enumerate().rev() {
            queue.extend(group.files.iter().rev().map(|file| (at, file.clone())));
        }
        while let Some((from, file)) = queue.pop() {
            let source = project.source(&file)?;
            for at in 0..source.targets.len() {
                for target in self.targets(project, &file, at)? {
                    let to = match self.nodes.get(&target) {
                        Some(to) => *to,
                        None if self.helpers.len() >= MAX_HELPERS => continue,
                        None => {
                            let to = self.groups + self.helpers.len();
                            self.nodes.insert(target.clone(), to);
                            self.helpers.push(target.clone());
                            self.edges.push(Vec::new());
                            queue.push((to, target));
                            to
                        }
                    };
                    if to != from {
                        self.edges[from].push(to);
                    }
                }
            }
        }
        Ok(())
    }

    /// The files that one import of a file leads to.
    fn targets(&mut self, project: &mut Project<'_, '_>, file: &str, at: usize) -> Result<Vec<String>, TreeError> {
        let source = project.source(file)?;
        let Target::File(target) = &source.targets[at] else {
            return Ok(Vec::new());
        };
        let import = &source.module.imports[at];
        let is_of_item = self.nodes.get(target).is_some_and(|node| *node < self.groups);
        // A barrel's own imports are followed only if it is needed itself.
        let may_pass = !self.keeps_imports && !is_of_item && import.statement.is_some() && !source.module.is_barrel;
        if may_pass
            && project.source(target)?.module.is_barrel
            && let Some(origins) = barrel::origins(project, target, &import.names)?
        {
            let files = origins.iter().map(|origin| origin.file.clone()).collect();
            self.origins.insert((file.to_owned(), at), origins);
            return Ok(files);
        }
        Ok(vec![target.clone()])
    }

    /// Keeps items from helpers that bring too much along. Whether there are any.
    fn cut_programs(&self, project: &mut Project<'_, '_>) -> bool {
        let mut any = false;
        for nth in 0..self.helpers.len() {
            let brought = self.brought(self.groups + nth);
            if brought > MAX_BROUGHT {
                project.keep(&self.helpers[nth], Why::Program);
                any = true;
            }
        }
        any
    }

    /// How many helpers a helper leads to, as far as it matters.
    fn brought(&self, node: usize) -> usize {
        let mut seen = BTreeSet::from([node]);
        let mut next = vec![node];
        while let Some(node) = next.pop() {
            for to in self.edges[node].iter().filter(|to| **to >= self.groups) {
                if seen.len() <= MAX_BROUGHT + 1 && seen.insert(*to) {
                    next.push(*to);
                }
            }
        }
        seen.len() - 1
    }
}

fn connect(
    project: &mut Project<'_, '_>,
    mut groups: Vec<Group>,
    origins: HashMap<(String, usize), Vec<Origin>>,
) -> Result<Shares, TreeError> {
    let mut owners = HashMap::new();
    for (at, group) in groups.iter_mut().enumerate() {
        let main = group.main.clone();
        group.files.sort_by_key(|file| (*file != main, file.clone()));
        owners.extend(group.files.iter().map(|file| (file.clone(), at)));
    }
    let mut needs = vec![BTreeSet::new(); groups.len()];
    for (at, group) in groups.iter().enumerate() {
        for file in &group.files {
            for (nth, target) in project.source(file)?.targets.iter().enumerate() {
                let led: Vec<&String> = match (origins.get(&(file.clone(), nth)), target) {
                    (Some(origins), _) => origins.iter().map(|origin| &origin.file).collect(),
                    (None, Target::File(target)) => vec![target],
                    (None, _) => Vec::new(),
                };
                needs[at].extend(led.into_iter().filter_map(|file| owners.get(file)).filter(|owner| **owner != at));
            }
        }
    }
    Ok(Shares { groups, owners, needs, origins })
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
        let is_helper =
            !says_something && layout.kind(&group.main) != Some(Kind::Lib) && imported.contains(&group.main);
        let is_helper = (is_helper || module.is_barrel) && module.errors.is_empty();
        if group.is_folder() || overrides.items.contains_key(&group.path) || !is_helper {
            kept.push(group);
        }
    }
    Ok(kept)
}

/// A name for what several items share, that no item has: a component, a hook
/// and a file of the library keep their own, others have their folder's before it.
pub(super) fn shared_name(layout: &Layout, path: &str, kind: Kind, taken: &HashSet<String>) -> String {
    let own = naming::of_path(path);
    let is_of_library = layout.source_of(path).is_some_and(|source| source.kind == Kind::Lib);
    let is_alone = naming::stem(path) == "index" || path::parent(path).is_empty();
    let keeps_own = is_of_library || is_alone || (kind != Kind::Lib && !naming::is_generic(&own));
    let whole = naming::kebab(path.rsplit_once('.').map_or(path, |(stem, _)| stem));
    let candidates = keeps_own.then_some(own).into_iter().chain([naming::qualified(path), whole.clone()]);
    let numbered = (2..).map(|number| format!("{whole}-{number}"));
    candidates.chain(numbered).find(|name| !taken.contains(name)).expect("there is always another number")
}

/// The type of a group by where it is and what it has.
pub(super) fn kind_of(project: &mut Project<'_, '_>, layout: &Layout, group: &Group) -> Result<Kind, TreeError> {
    let source = project.source(&group.main)?;
    let module = &source.module;
    let by_place = layout.kind(&group.main);
    let is_block = by_place == Some(Kind::Block) || group.is_folder() && layout.kind(&group.path) == Some(Kind::Block);
    if is_block && !group.is_shared {
        return Ok(Kind::Block);
    }
    if is_page(&group.main) || by_place == Some(Kind::Page) && is_code(&group.main) && module.has_jsx {
        return Ok(Kind::Page);
    }
    let mut values = module.exports.iter().filter(|export| !export.is_type).peekable();
    let only_hooks = values.peek().is_some() && values.all(Export::is_hook);
    let is_named_hook = naming::kebab(naming::stem(&group.main)).starts_with("use-");
    let has_hook = module.exports.iter().any(Export::is_hook);
    if only_hooks || by_place == Some(Kind::Hook) || (is_named_hook && has_hook && !module.has_jsx) {
        return Ok(Kind::Hook);
    }
    let is_component = module.has_jsx || module.exports.iter().any(Export::is_component) || group.is_folder();
    let is_code = Dialect::of(&group.main).is_some();
    Ok(match by_place {
        Some(Kind::Lib) => Kind::Lib,
        Some(Kind::Ui) if is_component => Kind::Ui,
        _ if is_component && is_code => Kind::Component,
        _ => Kind::Lib,
    })
}
