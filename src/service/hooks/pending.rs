//! Repositories of which deliveries told while the database was away: kept in
//! the local table until a sync of each was asked for, also over a restart.

use instant::{InstantError, Local};
use model::RepositoryId;
use std::collections::BTreeSet;
use tokio::sync::Mutex;

const PLACE: (&str, &str) = ("hook-pending", "repositories");

/// The repositories that wait for the database.
pub(super) struct Pending {
    local: Local,
    /// What the table holds, once it was read.
    known: Mutex<Option<BTreeSet<RepositoryId>>>,
}

impl Pending {
    pub(super) fn new(local: Local) -> Self {
        Self { local, known: Mutex::default() }
    }

    /// All of them.
    pub(super) async fn list(&self) -> Result<Vec<RepositoryId>, InstantError> {
        let mut known = self.known.lock().await;
        Ok(self.load(&mut known).await?.iter().copied().collect())
    }

    /// Adds some. They are on disk when this returns.
    pub(super) async fn add(&self, repositories: &[RepositoryId]) -> Result<(), InstantError> {
        self.change(|known| known.extend(repositories)).await
    }

    /// Removes one: its sync was asked for.
    pub(super) async fn remove(&self, repository: RepositoryId) -> Result<(), InstantError> {
        self.change(|known| {
            known.remove(&repository);
        })
        .await
    }

    async fn change(&self, change: impl FnOnce(&mut BTreeSet<RepositoryId>)) -> Result<(), InstantError> {
        let mut known = self.known.lock().await;
        let mut next = self.load(&mut known).await?.clone();
        change(&mut next);
        if known.as_ref() == Some(&next) {
            return Ok(());
        }
        let text = serde_json::to_vec(&next).expect("ids serialise");
        self.local.put(PLACE.0, PLACE.1, &text, None).await?;
        *known = Some(next);
        Ok(())
    }

    async fn load<'a>(
        &self,
        known: &'a mut Option<BTreeSet<RepositoryId>>,
    ) -> Result<&'a BTreeSet<RepositoryId>, InstantError> {
        if known.is_none() {
            let stored = self.local.get(PLACE.0, PLACE.1).await?;
            *known = Some(stored.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default());
        }
        Ok(known.as_ref().expect("it was just read"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_for_the_database_waits_over_a_restart() {
        let local = Local::temporary().await.unwrap();
        let (one, other) = (RepositoryId::of_key("one"), RepositoryId::of_key("other"));
        let pending = Pending::new(local.clone());
        assert_eq!(pending.list().await.unwrap(), []);
        pending.add(&[one, other, one]).await.unwrap();
        let restarted = Pending::new(local.clone());
        assert_eq!(restarted.list().await.unwrap().len(), 2);
        restarted.remove(one).await.unwrap();
        assert_eq!(Pending::new(local.clone()).list().await.unwrap(), [other]);
    }
}
