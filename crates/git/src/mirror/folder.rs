//! A mirror's folder on disk: made, cleaned, replaced; and who may do so.

use crate::GitError;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// All mirrors that this process has open.
static LOCKS: Mutex<BTreeMap<PathBuf, Weak<MirrorLock>>> = Mutex::new(BTreeMap::new());

/// One mirror's lock: two fetches into one repository collide.
pub(super) struct MirrorLock(Mutex<()>);

impl MirrorLock {
    /// The lock of the mirror in this folder. Its strong count is the number
    /// of open handles.
    pub(super) fn of(dir: &Path) -> Arc<Self> {
        let mut locks = LOCKS.lock().unwrap_or_else(PoisonError::into_inner);
        locks.retain(|_, lock| lock.strong_count() > 0);
        if let Some(lock) = locks.get(dir).and_then(Weak::upgrade) {
            return lock;
        }
        let lock = Arc::new(Self(Mutex::default()));
        locks.insert(dir.to_owned(), Arc::downgrade(&lock));
        lock
    }

    /// Waits for the mirror. A panic under the lock leaves what a killed
    /// process would leave, which is made for.
    pub(super) fn hold(&self) -> MutexGuard<'_, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the number of handles says.
pub(super) trait Handles {
    /// Whether no other handle is open.
    fn is_alone(&self) -> bool;
}

impl Handles for Arc<MirrorLock> {
    fn is_alone(&self) -> bool {
        Arc::strong_count(self) == 1
    }
}

/// A mirror's folder.
pub(super) struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// Makes the folder if need be.
    pub(super) fn new(dir: &Path) -> Result<Self, GitError> {
        fs::create_dir_all(dir).map_err(|source| storage(dir, source))?;
        let dir = dir.canonicalize().map_err(|source| storage(dir, source))?;
        Ok(Self { dir })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    fn mirror(&self) -> PathBuf {
        self.dir.join("mirror.git")
    }

    fn next(&self) -> PathBuf {
        self.dir.join("next.git")
    }

    fn old(&self) -> PathBuf {
        self.dir.join("old.git")
    }

    /// Puts in order what a killed process left: an exchange of generations
    /// half done, locks, temporary files.
    pub(super) fn recover(&self) -> Result<(), GitError> {
        if !self.mirror().exists() && self.old().exists() {
            rename(&self.old(), &self.mirror())?;
        }
        remove(&self.next())?;
        remove(&self.old())?;
        clean(&self.mirror(), false)
    }

    /// Opens the mirror, or makes an empty one.
    pub(super) fn open(&self) -> Result<git2::Repository, GitError> {
        open_or_init(&self.mirror())
    }

    /// How many packs the mirror has.
    pub(super) fn packs(&self) -> usize {
        let Ok(files) = fs::read_dir(self.mirror().join("objects/pack")) else {
            return 0;
        };
        files.flatten().filter(|file| file.path().extension().is_some_and(|end| end == "pack")).count()
    }

    /// Begins a new generation.
    pub(super) fn begin_next(&self) -> Result<git2::Repository, GitError> {
        remove(&self.next())?;
        open_or_init(&self.next())
    }

    /// Puts the new generation in the old one's place. Killed anywhere in
    /// between, [`Folder::recover`] finds one of them whole.
    pub(super) fn install_next(&self) -> Result<git2::Repository, GitError> {
        remove(&self.old())?;
        rename(&self.mirror(), &self.old())?;
        rename(&self.next(), &self.mirror())?;
        remove(&self.old())?;
        self.open()
    }
}

fn open_or_init(path: &Path) -> Result<git2::Repository, GitError> {
    match git2::Repository::open_bare(path) {
        Err(error) if error.code() == git2::ErrorCode::NotFound => {
            // Killed while it was made, it holds nothing yet.
            remove(path)?;
            let mut options = git2::RepositoryInitOptions::new();
            options.bare(true).external_template(false).initial_head("main");
            git2::Repository::init_opts(path, &options)
        }
        opened => opened,
    }
    .map_err(|error| GitError::from_git(&path.display().to_string(), &error))
}

/// Removes locks, and below `objects` libgit2's temporary files. Elsewhere a
/// file of such a name may be a branch.
fn clean(folder: &Path, objects: bool) -> Result<(), GitError> {
    let files = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        files => files.map_err(|source| storage(folder, source))?,
    };
    for file in files.flatten() {
        let (path, name) = (file.path(), file.file_name());
        let name = name.to_string_lossy();
        let is_folder = file.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder {
            clean(&path, objects || name == "objects")?;
        } else if name.ends_with(".lock") || (objects && name.contains("_git2_")) {
            tracing::info!(path = %path.display(), "removed what a killed process left in a mirror");
            fs::remove_file(&path).map_err(|source| storage(&path, source))?;
        }
    }
    Ok(())
}

fn rename(from: &Path, to: &Path) -> Result<(), GitError> {
    fs::rename(from, to).map_err(|source| storage(from, source))
}

fn remove(path: &Path) -> Result<(), GitError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(storage(path, error)),
        _ => Ok(()),
    }
}

fn storage(path: &Path, source: io::Error) -> GitError {
    if source.kind() == io::ErrorKind::StorageFull {
        return GitError::DiskFull { place: path.display().to_string() };
    }
    GitError::Storage { path: path.to_owned(), source }
}
