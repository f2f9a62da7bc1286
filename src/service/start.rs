//! What happens once when a process takes the data folder, before it serves.

use super::{RegistryService, ServiceError, mend::end_own};
use crate::tenants::Tenant;
use std::{sync::Arc, time::Duration};

/// How long a start waits for the store where there is something to serve without it.
const BRIEFLY: Duration = Duration::from_secs(1);
/// And where there is nothing.
const FIRST_CONTACT: Duration = Duration::from_secs(5);
/// Where the name of this server lies.
const SERVER: (&str, &str) = ("server", "name");

impl RegistryService {
    /// Serves what was served last, and what the store has now if it answers
    /// soon. The data folder must be ours alone.
    pub async fn begin(&self, tenant: &Arc<Tenant>) -> Result<(), ServiceError> {
        succeed(tenant).await;
        self.bring_back_kept(tenant).await?;
        self.bring_back_catalog(tenant).await?;
        let patience = if tenant.catalog.load().basis().is_some() { BRIEFLY } else { FIRST_CONTACT };
        match tokio::time::timeout(patience, self.refresh(tenant)).await {
            Ok(Ok(())) => {
                if let Err(error) = end_own(tenant).await {
                    // A disk that is full or read-only must not end serving.
                    tracing::warn!(%error, "could not take note of what an earlier process left");
                }
            }
            Ok(Err(error)) if error.is_store_away() => tenant.contact.lost(&error.cause()),
            Ok(Err(error)) => return Err(error),
            Err(_) => tenant.contact.lost("It did not answer in time."),
        }
        Ok(())
    }
}

/// Finds out which process had the data folder before, and leaves the name of
/// this one for the next.
async fn succeed(tenant: &Tenant) {
    let (scope, key) = SERVER;
    let left = tenant.local.get(scope, key).await.ok().flatten().and_then(|name| String::from_utf8(name).ok());
    if let Some(name) = left {
        tenant.succeeds(name);
    }
    if let Err(error) = tenant.local.put(scope, key, tenant.server().as_bytes(), None).await {
        // What it leaves behind is then found by its silence, later.
        tracing::warn!(%error, "this server's name could not be kept");
    }
}
