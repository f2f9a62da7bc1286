//! Events that are not in the database yet: kept in the local table until they
//! are, also over a restart.

use super::Event;
use crate::{service::ServiceError, tenants::Tenant};
use instant::Transaction;
use tokio::sync::Mutex;

const SCOPE: &str = "audit-unsent";
/// Most events that wait. Only a database that is away for very long brings so many about.
const MOST: usize = 10_000;

/// The events that wait for the database.
#[derive(Debug, Default)]
pub(crate) struct Unsent {
    /// Held while the list is changed: it is one value.
    one_at_a_time: Mutex<()>,
}

impl Unsent {
    /// Adds one. It is on disk when this returns.
    pub(super) async fn keep(&self, tenant: &Tenant, event: Event) -> Result<(), ServiceError> {
        let _order = self.one_at_a_time.lock().await;
        let mut events = load(tenant).await?;
        if events.len() >= MOST {
            let message = format!("{MOST} events wait for the database, and no more are kept");
            return Err(ServiceError::Internal(message));
        }
        events.push(event);
        save(tenant, &events).await
    }

    /// Writes them all to the database.
    pub(super) async fn send(&self, tenant: &Tenant) -> Result<(), ServiceError> {
        let _order = self.one_at_a_time.lock().await;
        let events = load(tenant).await?;
        if events.is_empty() {
            return Ok(());
        }
        let mut transaction = Transaction::new();
        for event in &events {
            event.note(&mut transaction);
        }
        // By their ids, so that writing one twice does no harm.
        tenant.db.transact_in_chunks(transaction).await?;
        tenant.local.delete(SCOPE, tenant.organisation.as_str()).await?;
        Ok(())
    }
}

async fn load(tenant: &Tenant) -> Result<Vec<Event>, ServiceError> {
    let stored = tenant.local.get(SCOPE, tenant.organisation.as_str()).await?;
    Ok(stored.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default())
}

async fn save(tenant: &Tenant, events: &[Event]) -> Result<(), ServiceError> {
    let text = serde_json::to_vec(events).expect("events serialise");
    Ok(tenant.local.put(SCOPE, tenant.organisation.as_str(), &text, None).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::Access,
        data::DataFolder,
        service::audit::{Action, event_view},
    };
    use instant::{Embedded, Local, rows};
    use model::OrganisationId;
    use std::sync::Arc;

    #[tokio::test]
    async fn what_waits_for_the_database_is_written_to_it_once_also_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let db = Arc::new(Embedded::temporary().await.unwrap());
        let data = DataFolder::at(folder.path()).unwrap();
        let tenant = Tenant::new(OrganisationId::local(), db, Local::temporary().await.unwrap(), data);
        let access = Access::operator(OrganisationId::local());
        for name in ["one", "other"] {
            Unsent::default().keep(&tenant, Event::of(&access, Action::SignIn, name)).await.unwrap();
        }
        for _ in 0..2 {
            Unsent::default().send(&tenant).await.unwrap();
            let rows = tenant.db.select::<rows::Event>().all().await.unwrap();
            let mut subjects: Vec<String> = rows.into_iter().map(|row| event_view(row).subject).collect();
            // Both may have happened in the same millisecond.
            subjects.sort();
            assert_eq!(subjects, ["one", "other"]);
        }
    }
}
