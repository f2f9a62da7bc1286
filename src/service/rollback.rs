//! Rolling back: an earlier snapshot becomes current again.

use super::{
    RegistryService, ServiceError,
    catalogue::Fresh,
    heads::Heads,
    history,
    names::holders,
    projection::{repair, served_name},
    publish::{Proposal, PublicationKind, Published, publish},
    reading::ReadingSettings,
    snapshots::{self, Snapshot, SnapshotList},
};
use crate::service::audit::{Action, Event};
use crate::{
    auth::{Access, Admin, Read},
    tenants::Tenant,
};
use instant::rows;
use model::{
    ItemName, RepositoryId, SnapshotId,
    view::{PublicationView, RollbackView},
};
use serde_json::json;
use std::collections::{HashMap, HashSet};

impl RegistryService {
    /// Makes an earlier snapshot of a repository current again. A later commit
    /// is published on top of it as ever. What others hold by now stays out.
    pub async fn rollback(
        &self,
        access: &Access<Admin>,
        id: RepositoryId,
        to: SnapshotId,
    ) -> Result<PublicationView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let _order = tenant.publishing.lock().await;
        let target = self.rollback_target(tenant, id, to).await?;
        loop {
            let row = self.repository_row(tenant, id).await?;
            let settings = ReadingSettings::of(&row)?;
            let heads = tenant.sequence.catch_up(tenant).await?;
            let before = heads.of(id);
            let Return { left_out, claimed } = returning(tenant, &heads, id, &settings, &target.list).await?;
            let target = if left_out.is_empty() {
                target.clone()
            } else {
                let mut list = target.list.clone();
                list.0.retain(|listed| !left_out.contains(&listed.item));
                snapshots::write(tenant, id, settings.digest(), target.row.commit, list).await?
            };
            if before.is_some_and(|head| head.snapshot.row.id == target.row.id) {
                return Err(ServiceError::Conflict(
                    "This snapshot is what is served now. There is nothing to roll back.".to_owned(),
                ));
            }
            let proposal = Proposal {
                repository: id,
                snapshot: target.row.id,
                kind: PublicationKind::Rollback,
                actor: Some(access.actor()),
                expected: before.map(|head| head.id),
                settings: settings.digest(),
                claimed,
            };
            let event = Event::of(access, Action::RepositoryRollback, id)
                .with(json!({ "name": row.name, "snapshot": target.row.id }));
            if let Published::Done(_) = publish(tenant, proposal, |transaction| event.note(transaction)).await? {
                break;
            }
        }
        repair(tenant, id).await?;
        self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await?;
        let publication = self.publications(&access.clone().into(), id, 1).await?.pop();
        publication.ok_or_else(|| ServiceError::Internal("the publication vanished as it was made".to_owned()))
    }

    /// What a rollback would do.
    pub async fn preview_rollback(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        to: SnapshotId,
    ) -> Result<RollbackView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        let settings = ReadingSettings::of(&row)?;
        let target = self.rollback_target(tenant, id, to).await?;
        let heads = tenant.sequence.catch_up(tenant).await?;
        let Return { left_out, .. } = returning(tenant, &heads, id, &settings, &target.list).await?;
        let last = tenant
            .db
            .select::<rows::Publication>()
            .filter(rows::Publication::SNAPSHOT.is(to))
            .order(rows::Publication::SEQ.desc())
            .one()
            .await?;
        let commit = match target.row.commit {
            Some(commit) => history::hashes(tenant, [commit]).await?.remove(&commit),
            None => None,
        };
        let before = heads.of(id).map(|head| head.snapshot.list.clone()).unwrap_or_default();
        let (old, new) = (before.by_item(), target.list.by_item());
        let name = |item: &ItemName| served_name(settings.namespace.as_ref(), item).unwrap_or_else(|_| item.clone());
        let names = |list: &SnapshotList, keep: &dyn Fn(&snapshots::Listed) -> bool| -> Vec<ItemName> {
            list.0.iter().filter(|listed| keep(listed)).map(|listed| name(&listed.item)).collect()
        };
        let stays = |listed: &snapshots::Listed| !left_out.contains(&listed.item);
        Ok(RollbackView {
            snapshot: to,
            at: last.map(|publication| publication.at.as_millis()),
            commit,
            count: target.list.0.len() - left_out.len(),
            added: names(&target.list, &|listed| stays(listed) && !old.contains_key(listed.item.as_str())),
            changed: names(&target.list, &|listed| {
                stays(listed) && old.get(listed.item.as_str()).is_some_and(|version| *version != listed.version)
            }),
            removed: names(&before, &|listed| !new.contains_key(listed.item.as_str())),
            left_out: names(&target.list, &|listed| !stays(listed)),
        })
    }

    async fn rollback_target(
        &self,
        tenant: &Tenant,
        id: RepositoryId,
        to: SnapshotId,
    ) -> Result<Snapshot, ServiceError> {
        let target = snapshots::get(tenant, to).await?.filter(|snapshot| snapshot.row.repository == Some(id));
        target.ok_or_else(|| {
            ServiceError::not_found("snapshot of this repository", to, "The repository's history lists its snapshots.")
        })
    }

    /// The snapshot that a person means: its id, or the commit it was made from.
    pub async fn find_snapshot_by_text(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        text: &str,
    ) -> Result<SnapshotId, ServiceError> {
        if let Ok(snapshot) = text.parse() {
            return Ok(snapshot);
        }
        let digits = text.strip_prefix("sha-").unwrap_or(text);
        let found = self.publications(access, id, 1_000).await?;
        let mut matching = found.iter().filter(|publication| {
            digits.len() >= 7 && publication.commit.as_ref().is_some_and(|commit| commit.as_str().starts_with(digits))
        });
        matching.next().map(|publication| publication.snapshot).ok_or_else(|| {
            ServiceError::not_found(
                "snapshot",
                text,
                "Give a snapshot's id, or at least seven digits of the commit it was published from.",
            )
        })
    }
}

/// What becomes of the items of an earlier list that are not served now.
struct Return {
    /// They cannot be served again: others hold their names by now, or the
    /// repository's settings leave them none.
    left_out: HashSet<ItemName>,
    /// They can, under these names.
    claimed: HashMap<ItemName, ItemName>,
}

async fn returning(
    tenant: &Tenant,
    heads: &Heads,
    id: RepositoryId,
    settings: &ReadingSettings,
    list: &SnapshotList,
) -> Result<Return, ServiceError> {
    let ours = heads.of(id).map(|head| head.snapshot.list.by_item()).unwrap_or_default();
    let (mut left_out, mut claimed) = (HashSet::new(), HashMap::new());
    for listed in list.0.iter().filter(|listed| !ours.contains_key(listed.item.as_str())) {
        match served_name(settings.namespace.as_ref(), &listed.item) {
            Ok(name) => drop(claimed.insert(name, listed.item.clone())),
            Err(_) => drop(left_out.insert(listed.item.clone())),
        }
    }
    for name in holders(tenant, heads, id, &claimed).await?.keys() {
        left_out.extend(claimed.remove(name));
    }
    Ok(Return { left_out, claimed })
}
