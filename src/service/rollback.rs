//! Rolling back: an earlier snapshot becomes current again.

use super::{
    RegistryService, ServiceError,
    catalogue::Fresh,
    publish::{PublicationKind, Published, publish},
    reading::ReadingSettings,
    snapshots,
};
use crate::auth::{Access, Admin, Read};
use model::{RepositoryId, SnapshotId, view::PublicationView};

impl RegistryService {
    /// Makes an earlier snapshot of a repository current again. A later commit
    /// is published on top of it as ever.
    pub async fn rollback(
        &self,
        access: &Access<Admin>,
        id: RepositoryId,
        to: SnapshotId,
    ) -> Result<PublicationView, ServiceError> {
        let tenant = self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        let settings = ReadingSettings::of(&row)?;
        let target = snapshots::get(tenant, to).await?.filter(|snapshot| snapshot.row.repository == Some(id));
        let target = target.ok_or_else(|| {
            ServiceError::not_found("snapshot of this repository", to, "The repository's history lists its snapshots.")
        })?;
        loop {
            let current = snapshots::current_publication(tenant, id).await?;
            if current.as_ref().and_then(|publication| publication.snapshot) == Some(to) {
                return Err(ServiceError::Conflict(
                    "This snapshot is what is served now. There is nothing to roll back.".to_owned(),
                ));
            }
            let expected = current.map(|publication| publication.id);
            if let Published::Done(_) = publish(tenant, id, to, PublicationKind::Rollback, expected, |_| {}).await? {
                break;
            }
        }
        super::projection::repair(tenant, id, settings.namespace.as_ref(), &target.list).await?;
        self.rebuild_catalog(tenant, &Fresh::new(), |_, _| {}).await?;
        self.mark_settled(tenant, id).await?;
        self.audit(tenant, access, "repository.rollback", &format!("{id} to {to}")).await?;
        let publication = self.publications(&access.clone().into(), id, 1).await?.pop();
        publication.ok_or_else(|| ServiceError::Internal("the publication vanished as it was made".to_owned()))
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
