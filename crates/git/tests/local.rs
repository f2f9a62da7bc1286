use crate::{Host, name};
use git::{GitError, Lookup, Repository, Visit, WalkLimits, testing::TestRepository};
use model::EntryKind;
use std::path::Path;

fn repository() -> (tempfile::TempDir, TestRepository) {
    let folder = tempfile::tempdir().unwrap();
    let repository = TestRepository::new(&folder.path().join("ui"));
    (folder, repository)
}

fn clone(from: &TestRepository, to: &Path, options: &[&str]) {
    let (from_url, to) = (format!("file://{}", from.folder().display()), to.display().to_string());
    from.git(&[&["clone", "--quiet"], options, &[&from_url, &to]].concat());
}

#[test]
fn a_local_repository_is_read_where_it_is_in_every_shape() {
    let (folder, ui) = repository();
    ui.write("a.txt", "one").commit("Begin");
    let head = ui.write("a.txt", "two").commit("Change");
    let at = |name: &str| folder.path().join(name);
    clone(&ui, &at("bare"), &["--bare"]);
    clone(&ui, &at("shallow"), &["--depth=1"]);
    clone(&ui, &at("shared"), &["--shared"]);
    clone(&ui, &at("blobless"), &["--filter=blob:none", "--no-checkout"]);
    ui.git(&["worktree", "add", "--quiet", "-b", "side", &at("linked").display().to_string()]);
    for shape in ["ui", "bare", "shallow", "shared", "linked", "blobless"] {
        let repository = Repository::open_in_place(&at(shape)).unwrap_or_else(|error| panic!("{shape}: {error}"));
        let refs = repository.refs().unwrap();
        assert_eq!(refs.branches[&name("main")], head, "{shape}");
        let tree = repository.tree(&head).unwrap();
        assert_eq!(tree.lookup("a.txt").unwrap().found().unwrap().kind, EntryKind::File, "{shape}");
    }
    let shallow = Repository::open_in_place(&at("shallow")).unwrap();
    let paths = [("a.txt".to_owned(), 0)];
    let history = shallow.history(&head, &git::HistoryOptions::new(&paths), &mut |_| {}).unwrap();
    assert_eq!((history.commits.len(), history.ends_early_at), (1, Some(head)));
}

#[test]
fn a_refresh_in_place_sees_new_commits_and_asks_nobody() {
    let host = Host::with_commit();
    let mut repository = Repository::open_in_place(host.ui.folder()).unwrap();
    host.refresh(&mut repository).unwrap();
    let head = host.ui.write("a.txt", "two").commit("Change");
    assert_eq!(host.refresh(&mut repository).unwrap().branches[&name("main")], head);
    assert_eq!(host.requests().len(), 0);
    std::fs::rename(host.ui.folder(), host.folder.path().join("away")).unwrap();
    assert!(matches!(host.refresh(&mut repository), Err(GitError::Vanished { .. })));
}

#[test]
fn what_is_no_repository_is_told_with_a_way_on() {
    let (folder, ui) = repository();
    ui.write("packages/ui/a.txt", "").commit("Begin");
    let error = Repository::open_in_place(&folder.path().join("nowhere")).unwrap_err();
    assert!(matches!(error, GitError::NotFound { .. }), "{error}");
    let error = Repository::open_in_place(folder.path()).unwrap_err();
    assert!(matches!(error, GitError::NotGit { .. }), "{error}");
    let error = Repository::open_in_place(&ui.folder().join("packages/ui")).unwrap_err().to_string();
    assert!(
        error.contains(&format!("it lies in the one at {}", ui.folder().canonicalize().unwrap().display())),
        "{error}"
    );
    for format in ["--object-format=sha256", "--ref-format=reftable"] {
        let odd = folder.path().join(format);
        ui.git(&["init", "--quiet", format, &odd.display().to_string()]);
        let error = Repository::open_in_place(&odd).unwrap_err();
        assert!(matches!(error, GitError::Unsupported { .. }), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn links_and_submodules_are_told_and_never_followed() {
    let (_folder, ui) = repository();
    let first = ui.write("real/a.txt", "x").commit("Begin");
    ui.symlink("link", "real").symlink("passwd", "/etc/passwd").submodule("vendor", &first);
    let head = ui.commit("Links");
    let repository = Repository::open_in_place(ui.folder()).unwrap();
    let tree = repository.tree(&head).unwrap();
    let kind = |path: &str| tree.lookup(path).unwrap().found().map(|entry| entry.kind);
    assert_eq!(
        (kind("link"), kind("passwd"), kind("vendor"), kind("real")),
        (Some(EntryKind::Symlink), Some(EntryKind::Symlink), Some(EntryKind::Submodule), Some(EntryKind::Folder))
    );
    for (path, blocked) in [("link/a.txt", "link"), ("vendor/x/y", "vendor")] {
        assert!(matches!(tree.lookup(path).unwrap(), Lookup::Blocked { at, .. } if at == blocked), "{path}");
    }
    for path in ["real/../real", "real//a.txt", "./real", "real/a.txt/b", "nothing", "/real"] {
        assert_eq!(tree.lookup(path).unwrap(), Lookup::Missing, "{path}");
    }
    let link = tree.lookup("passwd").unwrap().found().unwrap();
    assert_eq!(tree.read(link.id, 100).unwrap(), b"/etc/passwd");
    let mut seen = Vec::new();
    let summary = tree
        .walk(WalkLimits::default(), |path, _| {
            seen.push(path.to_owned());
            Visit::Continue
        })
        .unwrap();
    assert_eq!(seen, ["link", "passwd", "real", "real/a.txt", "vendor"]);
    assert_eq!((summary.entries, summary.unsafe_names), (5, 0));
}

#[test]
fn a_file_over_the_limit_is_refused_unread() {
    let (_folder, ui) = repository();
    let head = ui.write("a.txt", "0123456789").commit("Begin");
    let repository = Repository::open_in_place(ui.folder()).unwrap();
    let tree = repository.tree(&head).unwrap();
    let file = tree.lookup("a.txt").unwrap().found().unwrap();
    assert_eq!(tree.read(file.id, 10).unwrap().len(), 10);
    assert!(matches!(
        tree.read(file.id, 9),
        Err(GitError::LimitExceeded { limit: git::Limit::FileBytes, allowed: 9, .. })
    ));
}

#[test]
fn a_missing_file_is_that_files_error_alone() {
    let (_folder, ui) = repository();
    let head = ui.write("a.txt", "one").write("b.txt", "two").commit("Begin");
    let id = ui.git(&["rev-parse", "HEAD:a.txt"]);
    std::fs::remove_file(ui.folder().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    let repository = Repository::open_in_place(ui.folder()).unwrap();
    let tree = repository.tree(&head).unwrap();
    let read = |path: &str| tree.read(tree.lookup(path).unwrap().found().unwrap().id, 10);
    assert!(matches!(read("a.txt"), Err(GitError::Corrupt { id: found, .. }) if found.to_string() == id));
    assert_eq!(read("b.txt").unwrap(), b"two");
}

#[test]
fn commits_are_found_by_unambiguous_prefixes() {
    let (_folder, ui) = repository();
    let head = ui.write("a.txt", "one").commit("Begin");
    let repository = Repository::open_in_place(ui.folder()).unwrap();
    assert_eq!(repository.resolve_prefix(head.short()).unwrap(), Some(head.clone()));
    assert_eq!(repository.resolve_prefix(head.as_str()).unwrap(), Some(head));
    let blob = ui.git(&["rev-parse", "HEAD:a.txt"]);
    for prefix in [&blob[..10], "abc", "xyz1", "", "../../x"] {
        assert_eq!(repository.resolve_prefix(prefix).unwrap(), None, "{prefix}");
    }
    let absent = "1".repeat(40).parse().unwrap();
    assert!(matches!(repository.commit(&absent), Err(GitError::CommitNotFound { .. })));
}
