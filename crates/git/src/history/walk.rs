//! The walk from commit to first parent.

use super::{
    Commit, History, HistoryOptions, MAX_TOUCHED_FILES, Redefined, Redefinition, TouchedFile,
    difference::{self, Reach, Slot},
    renames::{File, Renames},
    trie::{Touch, Trie, Watch},
};
use crate::{GitError, commit};
use model::{CommitSha, EntryKind, FileChange};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How much of a watched folder is looked through for what differs in it.
const FOLDER_REACH: Reach = Reach { folders: 2_000, files: 2_000 };

/// How many renames one walk follows.
const MAX_FOLLOWED: usize = 200_000;

/// Walks the first parents from `head`. `progress` hears the number of commits
/// looked at.
pub(crate) fn walk(
    git: &git2::Repository,
    place: &str,
    head: git2::Oid,
    options: &HistoryOptions<'_>,
    progress: &mut dyn FnMut(usize),
) -> Result<History, GitError> {
    let odb = git.odb().map_err(|error| GitError::from_git(place, &error))?;
    let mut trie = Trie::new(&odb, place);
    for (path, component) in options.paths {
        trie.watch(path, Watch::Component(*component));
    }
    for path in options.definitions {
        trie.watch(path, Watch::Definition);
    }
    let mut walker = Walker { odb: &odb, trie, renames: Renames::new(&odb), options, followed: 0 };
    let mut history = History::default();
    let missing = |id: git2::Oid| GitError::CommitNotFound { place: place.to_owned(), commit: id.to_string() };
    let mut next = Some((head, read_commit(&odb, head).ok_or_else(|| missing(head))?));
    while let Some((id, data)) = next.take() {
        if options.cancel.is_cancelled() {
            return Err(GitError::Cancelled { place: place.to_owned() });
        }
        let sha = commit::sha(id);
        if (options.known)(&sha) {
            history.reached_known = true;
            break;
        }
        if history.commits.len() == options.limit {
            history.truncated = true;
            break;
        }
        let links = commit::links(&data).ok_or_else(|| missing(id))?;
        let mut before = None;
        if let Some(parent) = links.parents.first() {
            match read_commit(&odb, *parent) {
                Some(data) => {
                    before = commit::links(&data).map(|links| links.tree);
                    next = Some((*parent, data));
                }
                None => history.ends_early_at = Some(sha.clone()),
            }
        }
        let parent = next.as_ref().map(|(parent, _)| commit::sha(*parent));
        let found = walker.step(&sha, parent.as_ref(), before, links.tree)?;
        history.examined += 1;
        progress(history.examined);
        if !found.touched.is_empty()
            && let Some(info) = commit::parse(id, &data)
        {
            let more_files = found.files.len().saturating_sub(MAX_TOUCHED_FILES) + found.uncounted;
            let mut files = found.files;
            files.truncate(MAX_TOUCHED_FILES);
            let touched = found.touched.into_iter().collect();
            let (author, date, message) = (info.author, info.date, info.message);
            history.commits.push(Commit { sha: info.sha, author, date, message, touched, files, more_files });
        }
    }
    Ok(history)
}

/// The bytes of a commit, if it is one with a tree.
fn read_commit(odb: &git2::Odb<'_>, id: git2::Oid) -> Option<Vec<u8>> {
    let object = odb.read(id).ok()?;
    let data = object.data();
    (object.kind() == git2::ObjectType::Commit && commit::links(data).is_some()).then(|| data.to_vec())
}

/// What one commit touched.
#[derive(Default)]
struct Found {
    touched: BTreeSet<usize>,
    files: Vec<TouchedFile>,
    /// Whether there are more, beyond what was looked through: 1 or 0.
    uncounted: usize,
}

struct Walker<'a, 'o> {
    odb: &'a git2::Odb<'a>,
    trie: Trie<'a>,
    renames: Renames<'a>,
    options: &'o HistoryOptions<'o>,
    followed: usize,
}

impl Walker<'_, '_> {
    /// What a commit touched. From here on, older commits are looked at with
    /// the paths that files had before it.
    fn step(
        &mut self,
        commit: &CommitSha,
        parent: Option<&CommitSha>,
        before: Option<git2::Oid>,
        after: git2::Oid,
    ) -> Result<Found, GitError> {
        let root = |id: git2::Oid| (EntryKind::Folder, commit::object_id(id));
        let roots = (before.map(root), Some(root(after)));
        let mut touches = self.trie.touched(before, after)?;
        if touches.is_empty() {
            return Ok(Found::default());
        }
        let mut redefined = Redefined::default();
        let definitions: Vec<&Touch> =
            touches.iter().filter(|touch| touch.watches.contains(&Watch::Definition)).collect();
        if !definitions.is_empty() {
            let origins = self.renames.origins(roots.0, roots.1, &added(definitions.iter().copied(), before));
            let renamed: Vec<(String, String)> = origins.into_iter().map(|(to, from)| (from, to)).collect();
            redefined = (self.options.redefined)(&Redefinition { commit, parent, renamed: &renamed });
            let mut grown = false;
            for (path, component) in &redefined.paths {
                grown |= self.trie.watch(path, Watch::Component(*component));
            }
            for path in &redefined.definitions {
                self.trie.watch(path, Watch::Definition);
            }
            if grown {
                touches = self.trie.touched(before, after)?;
            }
        }
        let origins = self.renames.origins(roots.0, roots.1, &added(touches.iter(), before));
        let found = self.found(&touches, &origins, &redefined);
        self.follow(&touches, &origins);
        Ok(found)
    }

    /// Looks for renamed files under their former paths from now on.
    fn follow(&mut self, touches: &[Touch], origins: &HashMap<String, String>) {
        for touch in touches {
            let Some(from) = origins.get(&touch.path) else { continue };
            self.followed += 1;
            if self.followed > MAX_FOLLOWED {
                return;
            }
            for watch in &touch.watches {
                self.trie.unwatch(&touch.path, *watch);
                self.trie.watch(from, *watch);
            }
        }
    }

    fn found(&self, touches: &[Touch], origins: &HashMap<String, String>, redefined: &Redefined) -> Found {
        let mut found = Found::default();
        let mut files: BTreeMap<String, TouchedFile> = BTreeMap::new();
        let mut note = |path: &str, before: Slot, after: Slot, components: &BTreeSet<usize>| {
            let from = origins.get(path);
            let change = match (before, after, from) {
                (None, _, Some(_)) => FileChange::Renamed,
                (None, _, None) => FileChange::Added,
                (_, None, _) => FileChange::Removed,
                _ => FileChange::Changed,
            };
            let file = files.entry(path.to_owned()).or_insert_with(|| TouchedFile {
                path: path.to_owned(),
                change,
                from: from.cloned(),
                components: Vec::new(),
            });
            file.components.extend(components);
        };
        for touch in touches {
            let components: BTreeSet<usize> = touch
                .watches
                .iter()
                .filter_map(|watch| match watch {
                    Watch::Component(component) => Some(*component),
                    Watch::Definition => None,
                })
                .collect();
            found.touched.extend(&components);
            if components.is_empty() {
                continue;
            }
            if is_folder(touch.before) || is_folder(touch.after) {
                let (below, all) = difference::between(self.odb, &touch.path, touch.before, touch.after, FOLDER_REACH);
                found.uncounted += usize::from(!all);
                for differing in below {
                    note(&differing.path, differing.before, differing.after, &components);
                }
            } else {
                note(&touch.path, touch.before, touch.after, &components);
            }
        }
        let definitions: HashMap<&str, &Touch> = touches.iter().map(|touch| (touch.path.as_str(), touch)).collect();
        for (path, component) in &redefined.touched {
            found.touched.insert(*component);
            if let Some(touch) = definitions.get(path.as_str()) {
                note(path, touch.before, touch.after, &BTreeSet::from([*component]));
            }
        }
        // Where a file went is told with the file that it became.
        for (to, from) in origins {
            if let Some(gone) = files.remove(from)
                && let Some(file) = files.get_mut(to)
            {
                file.components.extend(gone.components);
            }
        }
        found.files = files.into_values().collect();
        for file in &mut found.files {
            file.components.sort_unstable();
            file.components.dedup();
        }
        found
    }
}

fn is_folder(slot: Slot) -> bool {
    matches!(slot, Some((EntryKind::Folder, _)))
}

/// The files that a commit adds, if it has a parent to add to.
fn added<'t>(touches: impl Iterator<Item = &'t Touch>, parent: Option<git2::Oid>) -> Vec<File> {
    let added = touches.filter_map(|touch| match (touch.before, touch.after) {
        (None, Some((EntryKind::File, id))) if parent.is_some() => Some(File { path: touch.path.clone(), id }),
        _ => None,
    });
    added.collect()
}
