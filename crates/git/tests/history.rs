use git::{GitError, History, HistoryOptions, Repository, testing::TestRepository};
use model::CommitSha;

/// Components 0 to 2: a folder, a file in a folder, and two files; `lib.ts`
/// belongs to 0 and 2.
fn paths() -> Vec<(String, usize)> {
    [("ui/button", 0), ("ui/card/card.tsx", 1), ("ui/dialog.tsx", 2), ("lib.ts", 2), ("lib.ts", 0)]
        .map(|(path, index)| (path.to_owned(), index))
        .to_vec()
}

struct Past {
    _folder: tempfile::TempDir,
    ui: TestRepository,
}

impl Past {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ui = TestRepository::new(&folder.path().join("ui"));
        Self { _folder: folder, ui }
    }

    fn read(&self, change: impl FnOnce(&mut HistoryOptions<'_>)) -> Result<History, GitError> {
        let paths = paths();
        let mut options = HistoryOptions { known: &|_| false, ..HistoryOptions::new(&paths) };
        change(&mut options);
        let repository = Repository::open_in_place(self.ui.folder()).unwrap();
        repository.history(&self.ui.head(), &options, &mut |_| {})
    }

    /// Messages with the components touched, newest first.
    fn told(&self) -> Vec<(String, Vec<usize>)> {
        let history = self.read(|_| {}).unwrap();
        history.commits.into_iter().map(|commit| (commit.message, commit.touched)).collect()
    }
}

fn told(expected: &[(&str, &[usize])]) -> Vec<(String, Vec<usize>)> {
    expected.iter().map(|(message, touched)| ((*message).to_owned(), touched.to_vec())).collect()
}

#[test]
fn a_commit_touches_the_components_whose_paths_it_changed() {
    let past = Past::new();
    past.ui.write("README.md", "").commit("no component");
    past.ui.write("ui/button/index.tsx", "1").write("ui/card/card.tsx", "1").commit("two begin");
    past.ui.write("ui/card/other.tsx", "1").commit("beside one");
    past.ui.write("ui/button/deep/er.css", "1").commit("below one");
    past.ui.write("lib.ts", "1").commit("shared");
    past.ui.write("ui/dialog.tsx", "1").commit("one file");
    past.ui.commit("nothing at all");
    past.ui.remove("ui/card/card.tsx").commit("gone");
    assert_eq!(
        past.told(),
        told(&[("gone", &[1]), ("one file", &[2]), ("shared", &[0, 2]), ("below one", &[0]), ("two begin", &[0, 1])])
    );
}

#[test]
fn a_rename_touches_both_sides() {
    let past = Past::new();
    past.ui.write("ui/card/card.tsx", "1").commit("begin");
    past.ui.rename("ui/card/card.tsx", "ui/dialog.tsx").commit("becomes another");
    past.ui.rename("ui/dialog.tsx", "elsewhere.tsx").commit("leaves");
    assert_eq!(past.told(), told(&[("leaves", &[2]), ("becomes another", &[1, 2]), ("begin", &[1, 2])]));
}

#[test]
fn a_merge_touches_what_it_brings_and_its_own_commits_are_not_walked() {
    let past = Past::new();
    past.ui.write("ui/button/a", "1").commit("begin");
    past.ui.branch("side").checkout("side");
    past.ui.write("ui/card/card.tsx", "1").commit("on the side");
    past.ui.checkout("main").write("ui/dialog.tsx", "1").commit("meanwhile");
    past.ui.merge("side", "merge");
    assert_eq!(past.told(), told(&[("merge", &[1]), ("meanwhile", &[2]), ("begin", &[0])]));
}

#[cfg(unix)]
#[test]
fn a_file_that_becomes_a_link_or_a_folder_is_touched() {
    let past = Past::new();
    past.ui.write("ui/dialog.tsx", "lib.ts").commit("file");
    past.ui.remove("ui/dialog.tsx").symlink("ui/dialog.tsx", "lib.ts").commit("link of the same bytes");
    past.ui.remove("ui/dialog.tsx").write("ui/dialog.tsx/index", "1").commit("folder");
    assert_eq!(past.told(), told(&[("folder", &[2]), ("link of the same bytes", &[2]), ("file", &[2])]));
}

#[test]
fn a_walk_ends_at_what_is_known_or_at_its_limit() {
    let past = Past::new();
    past.ui.write("lib.ts", "1").commit("one");
    let second: CommitSha = past.ui.write("lib.ts", "2").commit("two");
    past.ui.write("lib.ts", "3").commit("three");
    let known = |sha: &CommitSha| *sha == second;
    let history = {
        let paths = paths();
        let repository = Repository::open_in_place(past.ui.folder()).unwrap();
        let options = HistoryOptions { known: &known, ..HistoryOptions::new(&paths) };
        repository.history(&past.ui.head(), &options, &mut |_| {}).unwrap()
    };
    assert_eq!((history.commits.len(), history.reached_known, history.truncated), (1, true, false));
    let history = past.read(|options| options.limit = 2).unwrap();
    assert_eq!((history.commits.len(), history.reached_known, history.truncated), (2, false, true));
    let history = past.read(|options| options.limit = 3).unwrap();
    assert_eq!((history.commits.len(), history.truncated, history.examined), (3, false, 3));
}

#[test]
fn a_walk_can_be_called_off() {
    let past = Past::new();
    past.ui.write("lib.ts", "1").commit("one");
    assert!(matches!(past.read(|options| options.cancel.cancel()), Err(GitError::Cancelled { .. })));
}

#[test]
fn the_empty_path_is_the_whole_tree() {
    let past = Past::new();
    past.ui.write("a", "1").commit("one");
    past.ui.commit("nothing");
    let paths = [(String::new(), 7)];
    let repository = Repository::open_in_place(past.ui.folder()).unwrap();
    let history = repository.history(&past.ui.head(), &HistoryOptions::new(&paths), &mut |_| {}).unwrap();
    assert_eq!(history.commits.iter().map(|commit| commit.touched.clone()).collect::<Vec<_>>(), [[7]]);
}

#[test]
fn an_author_line_that_does_not_read_hides_no_history() {
    let past = Past::new();
    past.ui.write("lib.ts", "1").commit("one");
    let tree = past.ui.write("lib.ts", "2").git(&["rev-parse", "HEAD^{tree}"]);
    let raw = format!("tree {tree}\nparent {}\nauthor nonsense\ncommitter also nonsense\n\nodd\n", past.ui.head());
    let file = past.ui.folder().join(".git/odd");
    std::fs::write(&file, raw).unwrap();
    let odd = past.ui.git(&["hash-object", "-t", "commit", "-w", "--literally", ".git/odd"]);
    past.ui.git(&["update-ref", "refs/heads/main", &odd]);
    past.ui.commit("two");
    assert_eq!(past.told(), told(&[("two", &[0, 2]), ("one", &[0, 2])]));
    let repository = Repository::open_in_place(past.ui.folder()).unwrap();
    assert_eq!(repository.commit(&odd.parse().unwrap()).unwrap().date, 0);
}
