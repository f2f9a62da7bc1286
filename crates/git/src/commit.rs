//! Commits, read leniently: one odd author line must not hide a history.

use model::{CommitSha, ObjectId};

/// How much of a message is read, in bytes: thousands of commits are in memory
/// at a time.
const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its name.
    pub sha: CommitSha,
    /// Its parents' names, the first being the branch it was made on.
    pub parents: Vec<CommitSha>,
    /// The author's name; empty where the line does not read.
    pub author: String,
    /// The author's e-mail address; empty where the line does not read.
    pub email: String,
    /// When it was authored, else committed, in seconds since 1970; 0 where
    /// neither reads.
    pub date: i64,
    /// The message, without the line end behind it; at most 64 KiB of it.
    pub message: String,
    /// Its root folder.
    pub tree: ObjectId,
}

impl CommitInfo {
    /// The message's first line.
    pub fn summary(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// What `commit` objects hold that is not for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Links {
    pub(crate) tree: git2::Oid,
    pub(crate) parents: Vec<git2::Oid>,
}

/// The name of a commit.
pub(crate) fn sha(id: git2::Oid) -> CommitSha {
    id.to_string().parse().expect("git2 writes forty lower-case digits")
}

/// The name of an object.
pub(crate) fn object_id(id: git2::Oid) -> ObjectId {
    let bytes = id.as_bytes().try_into().expect("this libgit2 knows SHA-1 alone");
    ObjectId::from_bytes(bytes)
}

/// The name of an object, for libgit2.
pub(crate) fn oid(id: &ObjectId) -> git2::Oid {
    git2::Oid::from_bytes(id.as_bytes()).expect("twenty bytes are a SHA-1")
}

/// Reads tree and parents of a `commit` object; `None` if it has no tree.
pub(crate) fn links(data: &[u8]) -> Option<Links> {
    let hex = |line: &[u8], key: &[u8]| {
        let digits = line.strip_prefix(key).filter(|digits| digits.len() == 40)?;
        git2::Oid::from_str(str::from_utf8(digits).ok()?).ok()
    };
    let mut lines = data.split(|byte| *byte == b'\n');
    let tree = hex(lines.next()?, b"tree ")?;
    let parents = lines.map_while(|line| hex(line, b"parent ")).collect();
    Some(Links { tree, parents })
}

/// Reads a `commit` object; `None` if it has no tree.
pub(crate) fn parse(id: git2::Oid, data: &[u8]) -> Option<CommitInfo> {
    let Links { tree, parents } = links(data)?;
    let end = data.windows(2).position(|pair| pair == b"\n\n").unwrap_or(data.len());
    let (headers, message) = (&data[..end], data.get(end + 2..).unwrap_or_default());
    let message = &message[..message.len().min(MAX_MESSAGE_BYTES)];
    let mut author = Person::default();
    let mut committed = None;
    for line in headers.split(|byte| *byte == b'\n') {
        if let Some(text) = line.strip_prefix(b"author ") {
            author = person(text);
        } else if let Some(text) = line.strip_prefix(b"committer ") {
            committed = person(text).date;
        }
    }
    Some(CommitInfo {
        sha: sha(id),
        parents: parents.into_iter().map(sha).collect(),
        author: author.name,
        email: author.email,
        date: author.date.or(committed).unwrap_or(0),
        message: String::from_utf8_lossy(message).trim_end().to_owned(),
        tree: object_id(tree),
    })
}

#[derive(Default)]
struct Person {
    name: String,
    email: String,
    date: Option<i64>,
}

/// Reads `Name <email> seconds zone`.
fn person(line: &[u8]) -> Person {
    let text = String::from_utf8_lossy(line);
    let (who, when) = text.rsplit_once('>').unwrap_or((&text, ""));
    let (name, email) = who.split_once('<').unwrap_or((who, ""));
    Person {
        name: name.trim().to_owned(),
        email: email.trim().to_owned(),
        date: when.split_whitespace().next().and_then(|seconds| seconds.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

    fn read(text: &str) -> CommitInfo {
        let id = git2::Oid::from_str(TREE).unwrap();
        parse(id, text.as_bytes()).unwrap()
    }

    #[test]
    fn an_ordinary_commit_reads_whole() {
        let commit = read(&format!(
            "tree {TREE}\nparent {TREE}\nparent {TREE}\nauthor Ada <ada@example.com> 1700000000 +0100\ncommitter Bob <b@x> 1 +0000\n\nSubject\n\nBody\n"
        ));
        assert_eq!(
            (commit.author.as_str(), commit.email.as_str(), commit.date),
            ("Ada", "ada@example.com", 1_700_000_000)
        );
        assert_eq!((commit.summary(), commit.message.as_str()), ("Subject", "Subject\n\nBody"));
        assert_eq!(commit.parents.len(), 2);
    }

    #[test]
    fn a_bad_author_line_hides_neither_commit_nor_parents() {
        let commit =
            read(&format!("tree {TREE}\nparent {TREE}\nauthor broken\ncommitter Bob <b@x> 1600000000 +0000\n\nm"));
        assert_eq!((commit.date, commit.parents.len(), commit.message.as_str()), (1_600_000_000, 1, "m"));
        let commit = read(&format!("tree {TREE}\nauthor A <> 99999999999999999999 +0000\n\nm"));
        assert_eq!(commit.date, 0);
    }

    #[test]
    fn a_message_cannot_forge_a_header() {
        let commit = read(&format!("tree {TREE}\nauthor A <a@x> 5 +0000\n\nauthor B <b@x> 6 +0000\nparent {TREE}"));
        assert_eq!((commit.author.as_str(), commit.date, commit.parents.len()), ("A", 5, 0));
    }

    #[test]
    fn what_has_no_tree_is_no_commit() {
        assert_eq!(links(b""), None);
        assert_eq!(links(b"tree 123\n"), None);
    }
}
