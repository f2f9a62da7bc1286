//! What goes when a repository is removed.

use crate::{
    auth::{Access, Admin},
    service::{RegistryService, ServiceError},
};
use instant::rows;
use model::{ItemName, RepositoryId};
use std::collections::BTreeSet;

/// How many ids one query names.
const IDS: usize = 500;

/// What goes when a repository is removed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Removal {
    /// Components that are served from it now.
    pub served: usize,
    /// Components it had once, whose names it still holds.
    pub held: usize,
    /// Versions of all of them.
    pub versions: usize,
    /// Commits that are recorded of it.
    pub commits: usize,
    /// Whether it has a webhook.
    pub webhook: bool,
    /// Served components of other repositories that need one of its own, by name.
    pub needed_by: Vec<ItemName>,
}

impl RegistryService {
    /// What would go with a repository. Changes nothing.
    pub async fn preview_removal(&self, access: &Access<Admin>, id: RepositoryId) -> Result<Removal, ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        let components =
            tenant.db.select::<rows::Component>().filter(rows::Component::REPOSITORY.is(id)).pages().await?;
        let mut versions = 0;
        for chunk in components.chunks(IDS) {
            let of = rows::Version::COMPONENT.is_in(chunk.iter().map(|component| component.id));
            versions += tenant.db.select::<rows::Version>().filter(of).count().await?;
        }
        let catalog = tenant.catalog.load_full();
        let own: BTreeSet<&ItemName> = catalog.of_repository(id).map(|entry| &entry.name).collect();
        let needed_by: BTreeSet<&ItemName> =
            own.iter().flat_map(|name| catalog.used_by(name.as_str())).filter(|user| !own.contains(user)).collect();
        Ok(Removal {
            served: own.len(),
            held: components.iter().filter(|component| component.removed_at.is_some()).count(),
            versions: usize::try_from(versions).unwrap_or(usize::MAX),
            commits: self.commit_count(&access.clone().into(), id).await?,
            webhook: row.hook.is_some(),
            needed_by: needed_by.into_iter().cloned().collect(),
        })
    }
}
