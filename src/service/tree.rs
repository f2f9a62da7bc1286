//! Trees as `source` reads them: a commit's, or a folder's on disk.

use model::{Digest, Entry, EntryKind, ObjectId};
use source::{Tree, TreeError, WalkControl};
use std::{
    cell::RefCell,
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

fn other(error: impl std::error::Error + Send + Sync + 'static) -> TreeError {
    TreeError::Other(Box::new(error))
}

/// Whether something is closed to us, or gone.
fn is_out_of_reach(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::NotFound)
}

/// The most files that a walk over a folder visits.
const MAX_WALK: usize = 200_000;

/// A folder on disk, for `check`: what is not committed yet counts too.
#[derive(Debug)]
pub(super) struct FolderTree {
    root: PathBuf,
    /// An id stands for a path, content is read when asked for.
    paths: RefCell<HashMap<ObjectId, PathBuf>>,
}

impl FolderTree {
    pub(super) fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), paths: RefCell::default() }
    }

    fn entry(&self, path: &Path, metadata: &fs::Metadata) -> Entry {
        let kind = if metadata.is_symlink() {
            EntryKind::Symlink
        } else if metadata.is_dir() {
            // A repository inside another is what git records as a submodule.
            if path != self.root && path.join(".git").exists() { EntryKind::Submodule } else { EntryKind::Folder }
        } else {
            EntryKind::File
        };
        let digest = Digest::of(path.as_os_str().as_encoded_bytes());
        let mut bytes = [0; 20];
        bytes.copy_from_slice(&digest.as_bytes()[..20]);
        let id = ObjectId::from_bytes(bytes);
        self.paths.borrow_mut().insert(id, path.to_owned());
        Entry { kind, id }
    }

    fn path_of(&self, id: ObjectId) -> Result<PathBuf, TreeError> {
        self.paths.borrow().get(&id).cloned().ok_or(TreeError::MissingObject(id))
    }
}

impl Tree for FolderTree {
    fn lookup(&self, path: &str) -> Result<Option<Entry>, TreeError> {
        let mut at = self.root.clone();
        let mut found = self.entry(&at, &fs::symlink_metadata(&at).map_err(other)?);
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            if found.kind != EntryKind::Folder {
                // What blocks the way is the answer; below a file there is nothing.
                return Ok((found.kind != EntryKind::File).then_some(found));
            }
            at.push(segment);
            found = match fs::symlink_metadata(&at) {
                Ok(metadata) => self.entry(&at, &metadata),
                Err(error)
                    if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) =>
                {
                    return Ok(None);
                }
                Err(error) => return Err(other(error)),
            };
        }
        Ok(Some(found))
    }

    fn size(&self, id: ObjectId) -> Result<u64, TreeError> {
        fs::symlink_metadata(self.path_of(id)?).map(|metadata| metadata.len()).map_err(other)
    }

    fn read(&self, id: ObjectId) -> Result<Vec<u8>, TreeError> {
        fs::read(self.path_of(id)?).map_err(other)
    }

    fn walk(&self, visit: &mut dyn FnMut(&str, &Entry) -> WalkControl) -> Result<(), TreeError> {
        // What git is told to ignore would not be committed either.
        let files = ignore::WalkBuilder::new(&self.root)
            .standard_filters(false)
            .parents(false)
            .git_ignore(true)
            .git_exclude(true)
            .require_git(false)
            .filter_entry(|child| {
                let is_another_repository = || child.depth() > 0 && child.path().join(".git").exists();
                child.file_name() != ".git" && child.file_name() != "node_modules" && !is_another_repository()
            })
            .sort_by_file_path(Path::cmp)
            .build();
        let mut visited = 0;
        for child in files {
            let child = match child {
                Ok(child) => child,
                // A folder that is closed to us, or goes while we look, holds nothing that could be read.
                Err(error) if error.io_error().is_some_and(is_out_of_reach) => continue,
                Err(error) => return Err(other(error)),
            };
            let entry = match child.path().symlink_metadata() {
                Ok(metadata) => self.entry(child.path(), &metadata),
                Err(error) if is_out_of_reach(&error) => continue,
                Err(error) => return Err(other(error)),
            };
            if entry.kind == EntryKind::Folder {
                continue;
            }
            visited += 1;
            let Some(path) = child.path().strip_prefix(&self.root).ok().and_then(Path::to_str) else {
                continue;
            };
            if visited > MAX_WALK {
                return Err(TreeError::Other(
                    format!(
                        "there are more than {MAX_WALK} files that git does not ignore; check a folder further down"
                    )
                    .into(),
                ));
            }
            if visit(path, &entry) == WalkControl::Stop {
                break;
            }
        }
        Ok(())
    }
}

/// A commit's tree.
pub(super) struct CommitTree<'r>(pub git::Tree<'r>);

impl Tree for CommitTree<'_> {
    fn lookup(&self, path: &str) -> Result<Option<Entry>, TreeError> {
        Ok(self.0.lookup(path).map_err(other)?.last_entry())
    }

    fn size(&self, id: ObjectId) -> Result<u64, TreeError> {
        self.0.size(id).map_err(|error| missing_or_other(id, error))
    }

    fn read(&self, id: ObjectId) -> Result<Vec<u8>, TreeError> {
        // What may be read of which file is for `source` to say; this only
        // bounds memory.
        self.0.read(id, git::Limits::default().max_object_bytes).map_err(|error| missing_or_other(id, error))
    }

    fn walk(&self, visit: &mut dyn FnMut(&str, &Entry) -> WalkControl) -> Result<(), TreeError> {
        let visited = self.0.walk(git::WalkLimits::default(), |path, entry| {
            if entry.kind == EntryKind::Folder {
                return git::Visit::Continue;
            }
            match visit(path, &entry) {
                WalkControl::Continue => git::Visit::Continue,
                WalkControl::Stop => git::Visit::Stop,
            }
        });
        visited.map(|_| ()).map_err(other)
    }
}

/// One missing object costs one item, not the sync.
fn missing_or_other(id: ObjectId, error: git::GitError) -> TreeError {
    match error {
        git::GitError::Corrupt { .. } => TreeError::MissingObject(id),
        error => other(error),
    }
}
