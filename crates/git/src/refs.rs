//! Branches and tags of a repository.

use crate::{commit::sha, protocol::Listing};
use model::{CommitSha, Digest, RefName};
use std::collections::BTreeMap;

/// A ref that is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedRef {
    /// Its full name, control characters escaped.
    pub name: String,
    /// Why it is not used.
    pub reason: String,
}

/// Branches and tags of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refs {
    /// The branch that HEAD stands for; `None` where HEAD names none that exists.
    pub default_branch: Option<RefName>,
    /// Branches with their newest commits.
    pub branches: BTreeMap<RefName, CommitSha>,
    /// Tags with the commits that they finally name.
    pub tags: BTreeMap<RefName, CommitSha>,
    /// Refs that are not used.
    pub skipped: Vec<SkippedRef>,
    /// Whether anything was fetched; `false` when the host had nothing new, and
    /// for a local repository, which is never fetched.
    pub fetched: bool,
    /// A digest that changes whenever HEAD, a branch or a tag does: what
    /// [`crate::look`] compares with.
    pub state: Digest,
    /// Where the host says the repository is now, without credentials, if it
    /// answered from another address than it was asked at.
    pub moved_to: Option<String>,
}

/// No refs at all.
impl Default for Refs {
    fn default() -> Self {
        Self {
            default_branch: None,
            branches: BTreeMap::new(),
            tags: BTreeMap::new(),
            skipped: Vec::new(),
            fetched: false,
            state: Listing::default().state(),
            moved_to: None,
        }
    }
}

impl Refs {
    /// The commit of the default branch; without one, of `main`, `master`, or
    /// the only branch.
    pub fn head(&self) -> Option<(&RefName, &CommitSha)> {
        let named = |name: &str| self.branches.get_key_value(name);
        let only = || {
            if self.branches.len() == 1 { self.branches.iter().next() } else { None }
        };
        let default = self.default_branch.as_ref().and_then(|name| named(name.as_str()));
        default.or_else(|| named("main")).or_else(|| named("master")).or_else(only)
    }
}

/// What a ref's full name says.
enum Kind {
    Branch(RefName),
    Tag(RefName),
}

fn kind(name: &str) -> Result<Kind, String> {
    let parse = |short: &str| short.parse::<RefName>().map_err(|error| error.to_string());
    if !git2::Reference::is_valid_name(name) {
        return Err("git refuses such a name".to_owned());
    }
    if let Some(short) = name.strip_prefix("refs/heads/") {
        return parse(short).map(Kind::Branch);
    }
    match name.strip_prefix("refs/tags/") {
        Some(short) => parse(short).map(Kind::Tag),
        None => Err("it is neither a branch nor a tag".to_owned()),
    }
}

/// Whether a ref can be kept in a mirror.
pub(crate) fn is_usable(name: &str) -> bool {
    kind(name).is_ok()
}

/// Branches and tags with the commits that they finally name.
pub(crate) fn resolve(git: &git2::Repository, listing: &Listing) -> Result<Refs, git2::Error> {
    let odb = git.odb()?;
    let mut refs = Refs { state: listing.state(), ..Refs::default() };
    for (name, listed) in &listing.refs {
        let peeled = kind(name).and_then(|kind| Ok((kind, sha(peel(&odb, listed.id)?))));
        match peeled {
            Ok((Kind::Branch(name), commit)) => drop(refs.branches.insert(name, commit)),
            Ok((Kind::Tag(name), commit)) => drop(refs.tags.insert(name, commit)),
            Err(reason) => refs.skipped.push(SkippedRef { name: name.escape_debug().to_string(), reason }),
        }
    }
    let head = listing.head.as_deref().and_then(|head| head.strip_prefix("refs/heads/"));
    refs.default_branch = head.and_then(|name| refs.branches.get_key_value(name)).map(|(name, _)| name.clone());
    Ok(refs)
}

/// The commit that a ref finally names, through any tags. Reads types and not
/// contents: a commit with an odd date is a commit all the same.
fn peel(odb: &git2::Odb<'_>, mut id: git2::Oid) -> Result<git2::Oid, String> {
    const MAX_TAGS: usize = 16;
    for _ in 0..MAX_TAGS {
        let header =
            odb.read_header(id).map_err(|error| format!("object {id} cannot be read ({})", error.message()))?;
        match header {
            (_, git2::ObjectType::Commit) => return Ok(id),
            (size, git2::ObjectType::Tag) if size < 1 << 20 => {
                let tag = odb.read(id).map_err(|error| format!("tag {id} cannot be read ({})", error.message()))?;
                let line = tag.data().split(|byte| *byte == b'\n').next().unwrap_or_default();
                let digits = line.strip_prefix(b"object ").and_then(|digits| str::from_utf8(digits).ok());
                let target = digits.and_then(|digits| git2::Oid::from_str(digits).ok());
                id = target.ok_or_else(|| format!("tag {id} names no object"))?;
            }
            _ => return Err("it leads to no commit".to_owned()),
        }
    }
    Err("it is a tag of a tag of a tag, without an end".to_owned())
}

/// Branches and tags as a repository on this disk has them.
pub(crate) fn listing_of(git: &git2::Repository) -> Result<Listing, git2::Error> {
    let mut listing = Listing::default();
    let head = git.find_reference("HEAD");
    listing.head = head.ok().and_then(|head| head.symbolic_target().ok().flatten().map(str::to_owned));
    for pattern in ["refs/heads/*", "refs/tags/*"] {
        for reference in git.references_glob(pattern)? {
            // One broken file among refs must not hide the others.
            let Ok(reference) = reference.and_then(|reference| reference.resolve()) else {
                continue;
            };
            if let Some(id) = reference.target() {
                let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
                listing.refs.insert(name, crate::protocol::Listed { id });
            }
        }
    }
    Ok(listing)
}
