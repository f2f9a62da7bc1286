//! The state of a repository's refs that the last sync saw: what a look
//! compares with. Kept beside the store; without it the next look syncs.

use super::ServiceError;
use crate::tenants::Tenant;
use model::{Digest, RepositoryId};

const SCOPE: &str = "seen-refs";

/// What the last sync saw, if it came to an end that would be the same again.
pub(super) async fn get(tenant: &Tenant, repository: RepositoryId) -> Result<Option<Digest>, ServiceError> {
    let bytes = tenant.local.get(SCOPE, &repository.to_string()).await?;
    Ok(bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).map(Digest::from_bytes))
}

/// Takes note of what a sync saw.
pub(super) async fn put(tenant: &Tenant, repository: RepositoryId, state: &Digest) -> Result<(), ServiceError> {
    Ok(tenant.local.put(SCOPE, &repository.to_string(), state.as_bytes(), None).await?)
}

/// Lets the next look sync, whatever it finds.
pub(super) async fn forget(tenant: &Tenant, repository: RepositoryId) -> Result<(), ServiceError> {
    Ok(tenant.local.delete(SCOPE, &repository.to_string()).await?)
}
