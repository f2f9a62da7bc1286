//! GitHub, and Gitea and Forgejo, whose bodies are modelled on GitHub's.
//!
//! - <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>, `#create`, `#delete`
//! - <https://docs.gitea.com/usage/repository/webhooks>
//! - <https://forgejo.org/docs/latest/user/webhooks/>

use super::parse;
use crate::{GitRef, RefChange, RefKind, Tip};
use serde::Deserialize;

#[derive(Deserialize)]
struct Push {
    r#ref: String,
    before: String,
    after: String,
    /// The commit that the ref leads to; none when it was deleted.
    #[serde(default)]
    head_commit: Option<HeadCommit>,
}

#[derive(Deserialize)]
struct HeadCommit {
    id: String,
}

/// `push`: one ref each.
pub(super) fn push(json: &[u8]) -> Result<Vec<RefChange>, String> {
    let push: Push = parse(json)?;
    let (before, mut after): (Tip, Tip) = (push.before.parse()?, push.after.parse()?);
    let Some(name) = GitRef::from_full_name(&push.r#ref) else {
        return Ok(Vec::new());
    };
    // `after` of an annotated tag is the tag object.
    if let (RefKind::Tag, Tip::At(_), Some(head)) = (name.kind, &after, push.head_commit) {
        after = head.id.parse()?;
    }
    Ok(vec![RefChange { name, before, after }])
}

#[derive(Deserialize)]
struct Made {
    r#ref: String,
    ref_type: String,
    /// Where it is; Gitea and Forgejo tell.
    #[serde(default)]
    sha: Option<String>,
}

/// `create`: a branch or tag, by its short name.
pub(super) fn create(json: &[u8]) -> Result<Vec<RefChange>, String> {
    let made: Made = parse(json)?;
    let after = match made.sha.filter(|sha| !sha.is_empty()) {
        Some(sha) => sha.parse()?,
        None => Tip::Somewhere,
    };
    let name = GitRef::from_short_name(&made.ref_type, &made.r#ref);
    Ok(name.map(|name| RefChange { name, before: Tip::None, after }).into_iter().collect())
}

/// `delete`: the same.
pub(super) fn delete(json: &[u8]) -> Result<Vec<RefChange>, String> {
    let gone: Made = parse(json)?;
    let name = GitRef::from_short_name(&gone.ref_type, &gone.r#ref);
    Ok(name.map(|name| RefChange { name, before: Tip::Somewhere, after: Tip::None }).into_iter().collect())
}
