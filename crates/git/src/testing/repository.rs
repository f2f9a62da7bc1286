//! Repositories made with the `git` command.
#![expect(clippy::disallowed_types, reason = "tests make repositories with the command that people use")]

use model::CommitSha;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

/// The date of every repository's first commit, in seconds since 1970.
const FIRST_DATE: u64 = 1_700_000_000;

/// A repository with a work tree, for a test to write into. Same calls, same
/// commit names: authors and dates are fixed.
#[derive(Debug)]
pub struct TestRepository {
    folder: PathBuf,
    commits: AtomicU64,
}

impl TestRepository {
    /// An empty repository in this folder, on the branch `main`.
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("the test's folder is writable");
        let repository = Self { folder: folder.to_owned(), commits: AtomicU64::new(0) };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// The folder of its work tree.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs git in it and returns what it prints, trimmed.
    ///
    /// # Panics
    /// If git fails.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = git_command(&self.folder, self.commits.load(Ordering::Relaxed))
            .args(arguments)
            .output()
            .expect("git is installed");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?} failed: {error}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Writes a file.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Removes a file or folder.
    pub fn remove(&self, path: &str) -> &Self {
        let path = self.folder.join(path);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        self
    }

    /// Moves a file or folder.
    pub fn rename(&self, from: &str, to: &str) -> &Self {
        let to = self.folder.join(to);
        fs::create_dir_all(to.parent().expect("a file has a folder")).unwrap();
        fs::rename(self.folder.join(from), to).unwrap();
        self
    }

    /// Makes a symbolic link.
    #[cfg(unix)]
    pub fn symlink(&self, path: &str, target: &str) -> &Self {
        std::os::unix::fs::symlink(target, self.folder.join(path)).unwrap();
        self
    }

    /// Makes an entry for a submodule.
    pub fn submodule(&self, path: &str, commit: &CommitSha) -> &Self {
        // An empty folder keeps `git add` from taking the entry out again.
        fs::create_dir_all(self.folder.join(path)).unwrap();
        self.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{path}")]);
        self
    }

    /// Commits everything that is in the work tree.
    pub fn commit(&self, message: &str) -> CommitSha {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    /// Merges a branch, always with a commit.
    pub fn merge(&self, branch: &str, message: &str) -> CommitSha {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.git(&["merge", "--quiet", "--no-ff", "--message", message, branch]);
        self.head()
    }

    /// The current commit.
    pub fn head(&self) -> CommitSha {
        self.git(&["rev-parse", "HEAD"]).parse().expect("git prints a commit's name")
    }

    /// Makes, or moves, a tag to the current commit.
    pub fn tag(&self, name: &str) -> &Self {
        self.git(&["tag", "--force", name]);
        self
    }

    /// Makes, or moves, an annotated tag to the current commit.
    pub fn annotated_tag(&self, name: &str) -> &Self {
        self.git(&["tag", "--force", "--annotate", "--message", name, name]);
        self
    }

    /// Makes a branch at the current commit, without going there.
    pub fn branch(&self, name: &str) -> &Self {
        self.git(&["branch", "--force", name]);
        self
    }

    /// Goes to a branch.
    pub fn checkout(&self, name: &str) -> &Self {
        self.git(&["checkout", "--quiet", name]);
        self
    }

    /// Deletes a branch.
    pub fn delete_branch(&self, name: &str) -> &Self {
        self.git(&["branch", "--quiet", "--delete", "--force", name]);
        self
    }

    /// Deletes a tag.
    pub fn delete_tag(&self, name: &str) -> &Self {
        self.git(&["tag", "--delete", name]);
        self
    }

    /// Puts the current branch back to a commit, as a force-push would.
    pub fn force_reset(&self, commit: &CommitSha) -> &Self {
        self.git(&["reset", "--quiet", "--hard", commit.as_str()]);
        self
    }
}

/// A git that knows nothing of the machine it runs on.
pub(super) fn git_command(folder: &Path, commits: u64) -> Command {
    let date = format!("{} +0000", FIRST_DATE + 60 * commits);
    let mut command = Command::new("git");
    command.current_dir(folder).args([
        "-c",
        "protocol.file.allow=always",
        "-c",
        "core.symlinks=true",
        "-c",
        "advice.detachedHead=false",
    ]);
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(variable);
    }
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_AUTHOR_NAME", "Ada")
        .env("GIT_AUTHOR_EMAIL", "ada@example.com")
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_NAME", "Ada")
        .env("GIT_COMMITTER_EMAIL", "ada@example.com")
        .env("GIT_COMMITTER_DATE", &date);
    command
}
