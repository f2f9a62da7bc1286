//! Mirrors on demand: what another server fetched is fetched here when someone
//! asks for it, and so is what went with a data folder.

use super::{RegistryService, ServiceError, fetching::Wanted, reading};
use crate::tenants::Tenant;
use git::{Address, Fetch};
use instant::rows;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// How long a fetch for someone who waits may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// Least time between two attempts at one mirror: names that exist nowhere must
/// not keep a host busy.
const PAUSE: Duration = Duration::from_secs(30);

/// When each mirror was last brought up to date on demand.
#[derive(Debug, Default)]
pub(crate) struct Mirrors(Mutex<HashMap<String, Instant>>);

impl Mirrors {
    /// Whether it is time for another attempt, which counts from now.
    fn begin(&self, key: &str, now: Instant) -> bool {
        let mut begun = self.0.lock().expect("nothing panics while it holds this lock");
        begun.retain(|_, at| now - *at < PAUSE);
        begun.insert(key.to_owned(), now).is_none()
    }
}

impl RegistryService {
    /// Brings this server's mirror to what the newest sync saw, whatever server
    /// that ran on. Whether there is something in it that was not before.
    pub(super) async fn catch_up_mirror(
        &self,
        tenant: &Arc<Tenant>,
        repository: &rows::Repository,
    ) -> Result<bool, ServiceError> {
        let Ok(address @ Address::Remote(_)) = Address::parse(&repository.url, true) else { return Ok(false) };
        let Some(seen) = repository.seen_refs.clone() else { return Ok(false) };
        let wanted = Wanted { url: &repository.url, given: None, back: "/registry" };
        let (http, data) = (self.http.clone(), tenant.data.clone());
        let (url, cancel, owned) = (repository.url.clone(), tenant.jobs.cancellation(), tenant.clone());
        let fetching = self.fetch_signed_in(tenant, wanted, move |credentials| {
            let mut opened = reading::open(&data, &url)?;
            if opened.refs()?.state.to_string() == seen || !owned.mirrors.begin(&address.key(), Instant::now()) {
                return Ok(false);
            }
            let mut fetch = Fetch::new(&http);
            fetch.credentials = credentials;
            fetch.limits.deadline = DEADLINE;
            fetch.cancel = cancel.clone();
            Ok::<_, ServiceError>(opened.refresh(&fetch)?.fetched)
        });
        match fetching.await {
            Err(error @ (ServiceError::Git(_) | ServiceError::Github(_))) => {
                tracing::warn!(repository = %repository.name, %error, "a mirror could not be brought up to date");
                Ok(false)
            }
            fetched => Ok(fetched?.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_not_tried_again_at_once() {
        let (mirrors, now) = (Mirrors::default(), Instant::now());
        assert!(mirrors.begin("a", now));
        assert!(!mirrors.begin("a", now));
        assert!(mirrors.begin("b", now));
        assert!(mirrors.begin("a", now + PAUSE));
    }
}
