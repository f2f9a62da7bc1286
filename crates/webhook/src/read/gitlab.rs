//! GitLab: <https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events>,
//! `#tag-events`.

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
    checkout_sha: Option<String>,
}

/// `Push Hook` and `Tag Push Hook`: one ref each.
pub(super) fn push(json: &[u8]) -> Result<Vec<RefChange>, String> {
    let push: Push = parse(json)?;
    let (before, mut after): (Tip, Tip) = (push.before.parse()?, push.after.parse()?);
    let Some(name) = GitRef::from_full_name(&push.r#ref) else {
        return Ok(Vec::new());
    };
    // `after` of an annotated tag is the tag object.
    if let (RefKind::Tag, Tip::At(_), Some(commit)) = (name.kind, &after, push.checkout_sha) {
        after = commit.parse()?;
    }
    Ok(vec![RefChange { name, before, after }])
}
