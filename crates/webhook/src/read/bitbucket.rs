//! Bitbucket: Cloud and Data Center have nothing in common but the name.

use super::parse;
use crate::{GitRef, RefChange, Tip};
use serde::Deserialize;

#[derive(Deserialize)]
struct CloudPush {
    push: CloudChanges,
}

#[derive(Deserialize)]
struct CloudChanges {
    changes: Vec<CloudChange>,
}

/// Without `old` the ref was made, without `new` it was deleted.
#[derive(Deserialize)]
struct CloudChange {
    #[serde(default)]
    old: Option<CloudRef>,
    #[serde(default)]
    new: Option<CloudRef>,
}

#[derive(Deserialize)]
struct CloudRef {
    r#type: String,
    name: String,
    target: CloudTarget,
}

#[derive(Deserialize)]
struct CloudTarget {
    hash: String,
}

/// `repo:push` of Bitbucket Cloud:
/// <https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/#Push>.
pub(super) fn cloud(json: &[u8]) -> Result<Vec<RefChange>, String> {
    let push: CloudPush = parse(json)?;
    let mut changes = Vec::new();
    for CloudChange { old, new } in push.push.changes {
        let Some(either) = new.as_ref().or(old.as_ref()) else {
            return Err("a change has neither `old` nor `new`".to_owned());
        };
        let name = GitRef::from_short_name(&either.r#type, &either.name);
        let tip = |side: Option<CloudRef>| side.map_or(Ok(Tip::None), |side| side.target.hash.parse());
        let (before, after) = (tip(old)?, tip(new)?);
        changes.extend(name.map(|name| RefChange { name, before, after }));
    }
    Ok(changes)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerPush {
    changes: Vec<ServerChange>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerChange {
    r#ref: ServerRef,
    from_hash: String,
    to_hash: String,
}

#[derive(Deserialize)]
struct ServerRef {
    id: String,
}

/// `repo:refs_changed` of Bitbucket Data Center:
/// <https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html#Eventpayload-Push>.
pub(super) fn server(json: &[u8]) -> Result<Vec<RefChange>, String> {
    let push: ServerPush = parse(json)?;
    let mut changes = Vec::new();
    for change in push.changes {
        let (before, after) = (change.from_hash.parse()?, change.to_hash.parse()?);
        let name = GitRef::from_full_name(&change.r#ref.id);
        changes.extend(name.map(|name| RefChange { name, before, after }));
    }
    Ok(changes)
}
