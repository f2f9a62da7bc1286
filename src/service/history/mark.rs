//! How far back a repository's history was recorded; kept beside the store.

use super::super::ServiceError;
use crate::tenants::Tenant;
use instant::rows;
use model::{RepositoryId, view::HistoryBound};
use serde::{Deserialize, Serialize};

/// Scope of the marks.
const SCOPE: &str = "history";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The limit with which all of it was last looked at.
    pub(super) limit: usize,
    /// Whether commits were left out because of the limit.
    pub(super) cut: bool,
}

impl Mark {
    /// `None` where history was never recorded, or by a version that kept no mark.
    pub(super) async fn load(tenant: &Tenant, id: RepositoryId) -> Result<Option<Self>, ServiceError> {
        let text = tenant.local.get(SCOPE, &id.to_string()).await?;
        Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
    }

    pub(super) async fn save(self, tenant: &Tenant, id: RepositoryId) -> Result<(), ServiceError> {
        let text = serde_json::to_vec(&self).expect("a number and a truth value serialise");
        Ok(tenant.local.put(SCOPE, &id.to_string(), &text, None).await?)
    }

    /// Whether this limit would record more.
    pub(super) fn is_due(self, limit: usize) -> bool {
        self.cut && limit > self.limit
    }
}

/// Nothing was recorded of a repository, or nothing is left of it.
pub(in crate::service) async fn forget(tenant: &Tenant, id: RepositoryId) -> Result<(), ServiceError> {
    Ok(tenant.local.delete(SCOPE, &id.to_string()).await?)
}

/// Whether history has to be recorded though the commit is the same.
pub(in crate::service) async fn is_due(
    tenant: &Tenant,
    repository: &rows::Repository,
    limit: usize,
) -> Result<bool, ServiceError> {
    Ok(Mark::load(tenant, repository.id).await?.is_none_or(|mark| mark.is_due(limit)))
}

/// How far back the history goes that is recorded.
pub(in crate::service) async fn bound(
    tenant: &Tenant,
    id: RepositoryId,
    limit: usize,
) -> Result<HistoryBound, ServiceError> {
    let mark = Mark::load(tenant, id).await?.unwrap_or(Mark { limit, cut: false });
    Ok(HistoryBound { limit: mark.limit, cut: mark.cut })
}
