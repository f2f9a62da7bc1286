use super::*;
use git2::{ObjectType, Repository};

fn entry(mode: &str, name: &[u8], id: git2::Oid) -> Vec<u8> {
    [mode.as_bytes(), b" ", name, b"\0", id.as_bytes()].concat()
}

/// A repository in which trees can be written that git would not write.
fn with_odb(test: impl FnOnce(git2::Odb<'_>)) {
    let folder = tempfile::tempdir().unwrap();
    crate::init();
    let git = Repository::init_bare(folder.path()).unwrap();
    test(git.odb().unwrap());
}

#[test]
fn names_that_could_leave_a_folder_are_counted_and_never_told() {
    with_odb(|odb| {
        let blob = odb.write(ObjectType::Blob, b"x").unwrap();
        let names: [&[u8]; 12] = [
            b"..",
            b".",
            b".git",
            b".GIT",
            b"a/b",
            b"/etc/passwd",
            b"",
            b"\xff\xfe",
            b"a\x1b[2J",
            b"new\nline",
            b"ok",
            b"ok",
        ];
        let data = names.map(|name| entry("100644", name, blob)).concat();
        let data = [data, entry("100644", "日本".as_bytes(), blob), entry("010000", b"fifo", blob)].concat();
        let root = odb.write(ObjectType::Tree, &data).unwrap();
        let tree = Tree::new(odb, "here", commit::object_id(root));
        let mut told = Vec::new();
        let summary = tree
            .walk(WalkLimits::default(), |path, _| {
                told.push(path.to_owned());
                Visit::Continue
            })
            .unwrap();
        assert_eq!(told, ["ok", "日本"]);
        assert_eq!((summary.entries, summary.unsafe_names), (2, 12));
        assert_eq!(tree.lookup("..").unwrap(), Lookup::Missing);
        assert_eq!(tree.lookup(".git").unwrap(), Lookup::Missing);
    });
}

#[test]
fn a_tree_deeper_than_a_stack_is_walked_to_the_limit() {
    with_odb(|odb| {
        let mut id = odb.write(ObjectType::Blob, b"x").unwrap();
        let mut mode = "100644";
        for _ in 0..2_000 {
            id = odb.write(ObjectType::Tree, &entry(mode, b"d", id)).unwrap();
            mode = "40000";
        }
        let tree = Tree::new(odb, "here", commit::object_id(id));
        let limits = WalkLimits { max_depth: 100, ..WalkLimits::default() };
        let summary = tree.walk(limits, |_, _| Visit::Continue).unwrap();
        assert_eq!((summary.entries, summary.unread.len()), (100, 1));
        let summary = tree.walk(WalkLimits { max_depth: 3_000, max_entries: 3_000 }, |_, _| Visit::Continue).unwrap();
        assert_eq!((summary.entries, summary.unread.len()), (2_000, 0));
        let few = tree.walk(WalkLimits { max_depth: 3_000, max_entries: 1_999 }, |_, _| Visit::Continue);
        assert!(matches!(few, Err(GitError::LimitExceeded { limit: Limit::TreeEntries, .. })));
    });
}

#[test]
fn a_broken_folder_is_named_and_the_rest_is_told() {
    with_odb(|odb| {
        let blob = odb.write(ObjectType::Blob, b"x").unwrap();
        let broken = odb.write(ObjectType::Tree, b"100644 cut off").unwrap();
        let data = [entry("40000", b"a", broken), entry("100644", b"b", blob), entry("40000", b"c", blob)].concat();
        let root = odb.write(ObjectType::Tree, &data).unwrap();
        let tree = Tree::new(odb, "here", commit::object_id(root));
        let summary = tree.walk(WalkLimits::default(), |_, _| Visit::Continue).unwrap();
        assert_eq!((summary.entries, summary.unread), (3, vec!["a".to_owned(), "c".to_owned()]));
        assert!(matches!(tree.lookup("a/x"), Err(GitError::Corrupt { .. })));
        assert!(matches!(tree.lookup("b").unwrap(), Lookup::Found(_)));
    });
}

#[test]
fn a_walk_skips_and_stops_where_it_is_told_to() {
    with_odb(|odb| {
        let blob = odb.write(ObjectType::Blob, b"x").unwrap();
        let folder = odb.write(ObjectType::Tree, &entry("100644", b"in", blob)).unwrap();
        let data = [entry("40000", b"a", folder), entry("40000", b"b", folder), entry("100644", b"c", blob)].concat();
        let root = odb.write(ObjectType::Tree, &data).unwrap();
        let tree = Tree::new(odb, "here", commit::object_id(root));
        let mut told = Vec::new();
        let visit = |path: &str, _: Entry| {
            told.push(path.to_owned());
            match path {
                "a" => Visit::Skip,
                "b/in" => Visit::Stop,
                _ => Visit::Continue,
            }
        };
        tree.walk(WalkLimits::default(), visit).unwrap();
        assert_eq!(told, ["a", "b", "b/in"]);
    });
}
