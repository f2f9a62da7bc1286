//! A component's files as a tree of folders. Folders that hold nothing but
//! another folder are told in one line with it.

/// A folder or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Branch {
    /// A folder: its name, and what is in it.
    Folder(String, Vec<Branch>),
    /// A file: its name, and its position among all files.
    File(String, usize),
}

/// How deep folders are told apart; what is deeper keeps its path as its name.
const MAX_DEPTH: usize = 12;

/// The tree of these paths: folders first, both in the order in which they
/// first occur.
pub(super) fn tree<'p>(paths: impl IntoIterator<Item = &'p str>) -> Vec<Branch> {
    let mut root = Vec::new();
    for (at, path) in paths.into_iter().enumerate() {
        insert(&mut root, path, at, 0);
    }
    sorted(root)
}

/// Joined where a folder holds only a folder, folders first.
fn sorted(branches: Vec<Branch>) -> Vec<Branch> {
    let mut branches: Vec<Branch> = branches.into_iter().map(joined).collect();
    branches.sort_by_key(|branch| matches!(branch, Branch::File(..)));
    branches
}

fn joined(branch: Branch) -> Branch {
    let Branch::Folder(name, inner) = branch else { return branch };
    let mut inner = sorted(inner);
    match inner.pop() {
        Some(Branch::Folder(below, inside)) if inner.is_empty() => Branch::Folder(format!("{name}/{below}"), inside),
        last => {
            inner.extend(last);
            Branch::Folder(name, inner)
        }
    }
}

fn insert(branches: &mut Vec<Branch>, path: &str, at: usize, depth: usize) {
    match path.split_once('/') {
        Some((folder, rest)) if depth < MAX_DEPTH && !folder.is_empty() && !rest.is_empty() => {
            let place = branches.iter().position(|branch| matches!(branch, Branch::Folder(name, _) if name == folder));
            let place = place.unwrap_or_else(|| {
                branches.push(Branch::Folder(folder.to_owned(), Vec::new()));
                branches.len() - 1
            });
            if let Branch::Folder(_, inner) = &mut branches[place] {
                insert(inner, rest, at, depth + 1);
            }
        }
        _ => branches.push(Branch::File(path.to_owned(), at)),
    }
}

impl Branch {
    /// Whether a file stands in it, by its position.
    pub(super) fn holds(&self, file: usize) -> bool {
        match self {
            Self::File(_, at) => *at == file,
            Self::Folder(_, inner) => inner.iter().any(|branch| branch.holds(file)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(name: &str, at: usize) -> Branch {
        Branch::File(name.to_owned(), at)
    }

    fn folder(name: &str, inner: Vec<Branch>) -> Branch {
        Branch::Folder(name.to_owned(), inner)
    }

    #[test]
    fn files_stand_in_their_folders_and_folders_come_first() {
        assert_eq!(
            tree(["page.tsx", "a/x.ts", "a/b/y.ts", "a/z.ts"]),
            [
                folder("a", vec![folder("b", vec![file("y.ts", 2)]), file("x.ts", 1), file("z.ts", 3)]),
                file("page.tsx", 0)
            ]
        );
    }

    #[test]
    fn folders_that_hold_one_folder_are_one_line() {
        assert_eq!(
            tree(["registry/new-york/ui/a.tsx", "registry/new-york/lib/b.ts"]),
            [folder(
                "registry/new-york",
                vec![folder("ui", vec![file("a.tsx", 0)]), folder("lib", vec![file("b.ts", 1)])]
            )]
        );
        assert_eq!(tree(["a/b/c.ts"]), [folder("a/b", vec![file("c.ts", 0)])]);
    }

    fn files(branches: &[Branch], out: &mut Vec<usize>) {
        for branch in branches {
            match branch {
                Branch::File(_, at) => out.push(*at),
                Branch::Folder(_, inner) => files(inner, out),
            }
        }
    }

    proptest! {
        #[test]
        fn every_file_is_in_the_tree_once(paths in prop::collection::vec("[ab/]{0,30}", 0..20)) {
            let tree = tree(paths.iter().map(String::as_str));
            let mut found = Vec::new();
            files(&tree, &mut found);
            found.sort_unstable();
            prop_assert_eq!(found, (0..paths.len()).collect::<Vec<_>>());
        }
    }
}
