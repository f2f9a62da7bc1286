//! How far back a repository's history was recorded; kept in its row.

use super::super::ServiceError;
use crate::tenants::Tenant;
use instant::{Transaction, rows};
use model::{RepositoryId, view::HistoryBound};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The limit with which all of it was last looked at.
    pub(super) limit: usize,
    /// Whether commits were left out because of the limit.
    pub(super) cut: bool,
}

impl Mark {
    /// `None` where history was never recorded, or by a version that kept no mark.
    pub(super) fn of(repository: &rows::Repository) -> Option<Self> {
        repository.history.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    pub(super) async fn save(self, tenant: &Tenant, id: RepositoryId) -> Result<(), ServiceError> {
        let text = serde_json::to_string(&self).expect("a number and a truth value serialise");
        let mut transaction = Transaction::new();
        transaction.update_existing::<rows::Repository>(id).set(rows::Repository::HISTORY, text);
        tenant.db.transact(transaction).await?;
        Ok(())
    }

    /// Whether this limit would record more.
    pub(super) fn is_due(self, limit: usize) -> bool {
        self.cut && limit > self.limit
    }
}

/// Whether history has to be recorded though the commit is the same.
pub(in crate::service) fn is_due(repository: &rows::Repository, limit: usize) -> bool {
    Mark::of(repository).is_none_or(|mark| mark.is_due(limit))
}

/// How far back the history goes that is recorded.
pub(in crate::service) fn bound(repository: &rows::Repository, limit: usize) -> HistoryBound {
    let mark = Mark::of(repository).unwrap_or(Mark { limit, cut: false });
    HistoryBound { limit: mark.limit, cut: mark.cut }
}
