//! Room in memory: organisations that nobody uses are closed while the process
//! is larger than it may be, and looked at now and then all the same.

use super::RegistryService;
use model::OrganisationId;
use std::{
    collections::HashMap,
    fs,
    time::{Duration, Instant},
};

/// Between two looks at the process's size, at most.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// A closed organisation is opened this often, so that its repositories are looked at.
const WAKE_EVERY: Duration = Duration::from_hours(1);
/// Bytes of a page in `/proc/self/statm`; Linux has no other on the machines that this runs on.
const PAGE: u64 = 4096;

/// An organisation that is open.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) organisation: OrganisationId,
    /// For how long nobody asked for it.
    pub(crate) idle: Duration,
    /// Whether something goes on in it.
    pub(crate) is_busy: bool,
}

/// The one to close next: of those that nobody used for a while, the one that
/// nobody used for longest.
pub(super) fn to_close(candidates: &[Candidate], idle_after: Duration) -> Option<&OrganisationId> {
    let may = candidates.iter().filter(|candidate| !candidate.is_busy && candidate.idle >= idle_after);
    may.max_by_key(|candidate| candidate.idle).map(|candidate| &candidate.organisation)
}

/// The memory of this process in bytes, where the system tells.
fn resident() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * PAGE)
}

impl RegistryService {
    /// Closes organisations while the process is larger than `most` bytes, and
    /// opens each closed one for a moment every hour. Runs until the process ends.
    pub async fn keep_room(self, most: u64) {
        let idle_after = Duration::from_secs(self.config.idle_after.value.as_seconds());
        let mut woken: HashMap<OrganisationId, Instant> = HashMap::new();
        loop {
            tokio::time::sleep(LOOK_EVERY.min(idle_after)).await;
            let now = Instant::now();
            for tenant in self.tenants.all() {
                woken.insert(tenant.organisation.clone(), now);
            }
            if resident().is_some_and(|bytes| bytes > most) {
                // One at a time: what it frees shows at the next look.
                let open = self.tenants.candidates(now);
                if let Some(tenant) =
                    to_close(&open, idle_after).and_then(|organisation| self.tenants.get(organisation))
                {
                    tracing::info!(organisation = %tenant.organisation, "an organisation that nobody uses is closed to make room");
                    self.leave(&tenant).await;
                }
            }
            for organisation in self.data.organisations() {
                let is_due = woken.get(&organisation).is_none_or(|at| now.duration_since(*at) >= WAKE_EVERY);
                if is_due && self.tenants.get(&organisation).is_none() {
                    woken.insert(organisation.clone(), now);
                    if let Err(error) = self.enter(&organisation).await {
                        tracing::debug!(%organisation, %error, "an organisation is not entered");
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, idle: u64, is_busy: bool) -> Candidate {
        let organisation = format!("org_{name}").parse().unwrap();
        Candidate { organisation, idle: Duration::from_mins(idle), is_busy }
    }

    #[test]
    fn the_organisation_that_nobody_used_for_longest_is_closed_first_and_never_one_in_use() {
        let close = |candidates: &[Candidate]| to_close(candidates, Duration::from_mins(10)).map(ToString::to_string);
        let all = [candidate("one", 20, false), candidate("two", 60, false), candidate("busy", 90, true)];
        assert_eq!(close(&all).as_deref(), Some("org_two"));
        assert_eq!(close(&[candidate("used", 9, false), candidate("busy", 90, true)]), None);
        assert_eq!(close(&[]), None);
    }

    #[test]
    fn the_size_of_the_process_is_known_on_linux() {
        if cfg!(target_os = "linux") {
            assert!(resident().is_some_and(|bytes| bytes > 1 << 20));
        }
    }
}
