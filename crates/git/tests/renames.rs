//! Which files a commit touched, and where renamed ones were before.

use git::{HistoryOptions, Redefined, Repository, testing::TestRepository};
use model::FileChange;

/// A history, and what is watched in it: each path is a component of its own.
struct Past {
    _folder: tempfile::TempDir,
    ui: TestRepository,
}

/// Ten lines, of which the first ones are this number's own.
fn text(own: usize, number: u32) -> String {
    (0..10)
        .map(|line| if line < own { format!("line {line} of {number}\n") } else { format!("line {line}\n") })
        .collect()
}

impl Past {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ui = TestRepository::new(&folder.path().join("ui"));
        Self { _folder: folder, ui }
    }

    /// What each commit did, newest first: `message: change path [from] (components)`.
    fn told(&self, paths: &[&str]) -> Vec<String> {
        let paths: Vec<(String, usize)> = paths.iter().enumerate().map(|(at, path)| ((*path).to_owned(), at)).collect();
        self.told_with(&HistoryOptions::new(&paths))
    }

    fn told_with(&self, options: &HistoryOptions<'_>) -> Vec<String> {
        let repository = Repository::open_in_place(self.ui.folder()).unwrap();
        let history = repository.history(&self.ui.head(), options, &mut |_| {}).unwrap();
        let commits = history.commits.into_iter().map(|commit| {
            let files = commit.files.iter().map(|file| {
                let from = file.from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
                format!("{} {}{from} {:?}", file.change.as_str(), file.path, file.components)
            });
            format!("{}: {}", commit.message, files.collect::<Vec<_>>().join(", "))
        });
        commits.collect()
    }
}

#[test]
fn a_renamed_file_keeps_its_history() {
    let past = Past::new();
    past.ui.write("a.tsx", text(0, 0)).commit("begin");
    past.ui.write("a.tsx", text(1, 1)).commit("change");
    past.ui.rename("a.tsx", "ui/b.tsx").commit("rename");
    assert_eq!(
        past.told(&["ui/b.tsx"]),
        ["rename: renamed ui/b.tsx from a.tsx [0]", "change: changed a.tsx [0]", "begin: added a.tsx [0]"]
    );
}

#[test]
fn a_file_that_is_renamed_and_changed_keeps_its_history_while_half_of_it_is_the_same() {
    let past = Past::new();
    past.ui.write("a.tsx", text(0, 0)).commit("begin");
    past.ui.remove("a.tsx").write("b.tsx", text(3, 1)).commit("rename with a change");
    past.ui.remove("b.tsx").write("c.tsx", text(10, 2)).commit("another file");
    past.ui.write("c.tsx", text(9, 3)).commit("change");
    assert_eq!(past.told(&["c.tsx"]), ["change: changed c.tsx [0]", "another file: added c.tsx [0]"]);
    assert_eq!(
        past.told(&["b.tsx"])[1..],
        ["rename with a change: renamed b.tsx from a.tsx [0]", "begin: added a.tsx [0]"]
    );
}

#[test]
fn renames_are_the_ones_that_git_itself_finds() {
    let past = Past::new();
    for (at, own) in (0..10).zip([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        past.ui.write(&format!("old/{at}.tsx"), text(own, at));
    }
    past.ui.commit("begin");
    past.ui.remove("old");
    for (at, own) in (0..10).zip([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]) {
        past.ui.write(&format!("new/{at}.tsx"), text(own, at));
    }
    past.ui.commit("all at once");
    let paths: Vec<String> = (0..10).map(|at| format!("new/{at}.tsx")).collect();
    let told = past.told(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let count = |told: &str, change: &str| told.matches(change).count();
    let by_git = past.ui.git(&["diff", "--find-renames=50%", "--name-status", "HEAD~1", "HEAD"]);
    let renamed = by_git.lines().filter(|line| line.starts_with('R')).count();
    assert_eq!(count(&told[0], "renamed "), renamed, "{told:?}\n{by_git}");
    assert!(renamed > 4, "{by_git}");
}

#[test]
fn a_renamed_folder_keeps_the_history_of_all_its_files() {
    let past = Past::new();
    // Two files with the same content: their names tell them apart.
    past.ui.write("old/x/index.tsx", text(0, 0)).write("old/y/other.tsx", text(0, 0)).commit("begin");
    past.ui.write("old/y/other.tsx", text(1, 1)).commit("one of them");
    past.ui.write("old/y/other.tsx", text(0, 0)).commit("back");
    past.ui.rename("old", "new").commit("move");
    assert_eq!(
        past.told(&["new/x/index.tsx", "new/y/other.tsx"]),
        [
            "move: renamed new/x/index.tsx from old/x/index.tsx [0], renamed new/y/other.tsx from old/y/other.tsx [1]",
            "back: changed old/y/other.tsx [1]",
            "one of them: changed old/y/other.tsx [1]",
            "begin: added old/x/index.tsx [0], added old/y/other.tsx [1]",
        ]
    );
}

#[test]
fn a_file_can_be_renamed_again_and_again() {
    let past = Past::new();
    past.ui.write("a", text(0, 0)).commit("begin");
    past.ui.rename("a", "b").commit("one");
    past.ui.write("b", text(2, 1)).commit("change");
    past.ui.rename("b", "c").commit("two");
    past.ui.rename("c", "a").commit("back");
    assert_eq!(
        past.told(&["a"]),
        [
            "back: renamed a from c [0]",
            "two: renamed c from b [0]",
            "change: changed b [0]",
            "one: renamed b from a [0]",
            "begin: added a [0]"
        ]
    );
}

#[test]
fn two_files_that_change_places_are_both_changed() {
    let past = Past::new();
    past.ui.write("a", text(3, 1)).write("b", text(3, 2)).commit("begin");
    past.ui.rename("a", "t").rename("b", "a").rename("t", "b").commit("swap");
    assert_eq!(past.told(&["a", "b"]), ["swap: changed a [0], changed b [1]", "begin: added a [0], added b [1]"]);
}

#[test]
fn a_file_that_becomes_another_components_file_is_told_once_and_touches_both() {
    let past = Past::new();
    past.ui.write("card.tsx", text(0, 0)).commit("begin");
    past.ui.rename("card.tsx", "dialog.tsx").commit("becomes another");
    past.ui.remove("dialog.tsx").commit("gone");
    assert_eq!(
        past.told(&["card.tsx", "dialog.tsx"]),
        [
            "gone: removed dialog.tsx [1]",
            "becomes another: renamed dialog.tsx from card.tsx [0, 1]",
            "begin: added card.tsx [0, 1]"
        ]
    );
}

#[test]
fn a_merge_tells_what_it_brings_with_where_it_was_before() {
    let past = Past::new();
    past.ui.write("a", text(0, 0)).commit("begin");
    past.ui.branch("side").checkout("side");
    past.ui.rename("a", "b").commit("on the side");
    past.ui.write("b", text(1, 1)).commit("and changed");
    past.ui.checkout("main").write("c", "1").commit("meanwhile");
    past.ui.merge("side", "merge");
    assert_eq!(past.told(&["b"]), ["merge: renamed b from a [0]", "begin: added a [0]"]);
}

#[test]
fn the_first_commit_adds_what_it_holds() {
    let past = Past::new();
    past.ui.write("a", "1").write("b", "1").write("c", "1").commit("begin");
    assert_eq!(past.told(&["a", "c"]), ["begin: added a [0], added c [1]"]);
}

#[test]
fn a_copy_and_an_empty_file_come_from_nowhere() {
    let past = Past::new();
    past.ui.write("a", text(0, 0)).write("empty", "").commit("begin");
    past.ui.write("b", text(0, 0)).remove("empty").write("void", "").commit("copy");
    assert_eq!(past.told(&["b", "void"]), ["copy: added b [0], added void [1]"]);
}

#[test]
fn a_commit_tells_two_hundred_files_and_how_many_more_there_are() {
    let past = Past::new();
    for at in 0..250 {
        past.ui.write(&format!("ui/{at}.tsx"), "1");
    }
    past.ui.commit("many");
    let paths = [("ui".to_owned(), 0)];
    let repository = Repository::open_in_place(past.ui.folder()).unwrap();
    let history = repository.history(&past.ui.head(), &HistoryOptions::new(&paths), &mut |_| {}).unwrap();
    let commit = &history.commits[0];
    assert_eq!((commit.files.len(), commit.more_files), (git::MAX_TOUCHED_FILES, 50));
    assert!(commit.files.iter().all(|file| file.change == FileChange::Added));
}

#[cfg(unix)]
#[test]
fn a_file_that_becomes_a_folder_is_removed_and_what_is_in_the_folder_is_added() {
    let past = Past::new();
    past.ui.write("dialog", text(0, 0)).commit("file");
    past.ui.remove("dialog").write("dialog/index", "1").commit("folder");
    assert_eq!(
        past.told(&["dialog"]),
        ["folder: removed dialog [0], added dialog/index [0]", "file: added dialog [0]"]
    );
}

#[test]
fn what_an_older_definition_names_is_watched_from_there_on() {
    let past = Past::new();
    past.ui.write("registry.json", "a").write("a", "1").commit("begin");
    past.ui.write("gone", "1").commit("defined by nobody");
    past.ui.write("registry.json", "a, gone").commit("a second one");
    past.ui.write("gone", "2").commit("change");
    past.ui.rename("registry.json", "deep/registry.json").commit("move");
    past.ui.remove("gone").write("deep/registry.json", "a").commit("one less");
    let asked = std::cell::RefCell::new(Vec::new());
    let repository = Repository::open_in_place(past.ui.folder()).unwrap();
    let message = |sha: Option<&model::CommitSha>| {
        sha.map_or_else(|| "nothing".to_owned(), |sha| repository.commit(sha).unwrap().message)
    };
    let redefined = |change: &git::Redefinition<'_>| {
        let commit = message(Some(change.commit));
        asked.borrow_mut().push(format!("{commit} after {} {:?}", message(change.parent), change.renamed));
        match commit.as_str() {
            "one less" => {
                let paths = vec![("gone".to_owned(), 1)];
                Redefined { touched: vec![("deep/registry.json".to_owned(), 1)], paths, ..Redefined::default() }
            }
            _ => Redefined::default(),
        }
    };
    let paths = [("a".to_owned(), 0)];
    let definitions = ["deep/registry.json".to_owned()];
    let options = HistoryOptions { definitions: &definitions, redefined: &redefined, ..HistoryOptions::new(&paths) };
    assert_eq!(
        past.told_with(&options),
        [
            "one less: changed deep/registry.json [1], removed gone [1]",
            "change: changed gone [1]",
            "defined by nobody: added gone [1]",
            "begin: added a [0]",
        ]
    );
    assert_eq!(
        asked.into_inner(),
        [
            "one less after move []",
            "move after change [(\"registry.json\", \"deep/registry.json\")]",
            "a second one after defined by nobody []",
            "begin after nothing []",
        ]
    );
}
