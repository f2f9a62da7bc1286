//! Room in memory: organisations that nobody uses are closed while the process
//! is larger than it may be, and looked at now and then all the same.

use super::RegistryService;
use model::OrganisationId;
use std::{
    cmp::Reverse,
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

/// Those to close next: of those that nobody used for a while, the eighth part that
/// nobody used for longest. What that frees shows at the next look.
///
/// Not one alone: as many as are opened every hour have to be closed again.
pub(super) fn to_close(candidates: &[Candidate], idle_after: Duration) -> Vec<&OrganisationId> {
    let mut may: Vec<_> =
        candidates.iter().filter(|candidate| !candidate.is_busy && candidate.idle >= idle_after).collect();
    may.sort_by_key(|candidate| Reverse(candidate.idle));
    may.truncate(may.len().div_ceil(8));
    may.into_iter().map(|candidate| &candidate.organisation).collect()
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
                let open = self.tenants.candidates(now);
                for tenant in
                    to_close(&open, idle_after).into_iter().filter_map(|organisation| self.tenants.get(organisation))
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

    const FRESH: Duration = Duration::from_mins(10);

    fn candidate(name: &str, idle: u64, is_busy: bool) -> Candidate {
        let organisation = format!("org_{name}").parse().unwrap();
        Candidate { organisation, idle: Duration::from_mins(idle), is_busy }
    }

    #[test]
    fn the_organisation_that_nobody_used_for_longest_is_closed_first_and_never_one_in_use() {
        let close = |candidates: &[Candidate]| {
            let closed = to_close(candidates, FRESH);
            closed.into_iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let all = [candidate("one", 20, false), candidate("two", 60, false), candidate("busy", 90, true)];
        assert_eq!(close(&all), ["org_two"]);
        let none: [String; 0] = [];
        assert_eq!(close(&[candidate("used", 9, false), candidate("busy", 90, true)]), none);
        assert_eq!(close(&[]), none);
    }

    #[test]
    fn however_many_organisations_there_are_more_are_closed_than_are_woken() {
        // A look every minute; each closed one is opened an hour later and stays for ten minutes.
        let (mut open, mut closed) = (vec![Duration::from_hours(1); 1000], Vec::new());
        for minute in 0..600_u64 {
            let all: Vec<_> = open.iter().map(|idle| Candidate { idle: *idle, ..candidate("x", 0, false) }).collect();
            let many = to_close(&all, FRESH).len();
            open.sort();
            open.truncate(open.len() - many);
            closed.extend(std::iter::repeat_n(minute, many));
            let due = closed.iter().filter(|at| minute - **at >= 60).count();
            closed.retain(|at| minute - at < 60);
            open.extend(std::iter::repeat_n(Duration::ZERO, due));
            for idle in &mut open {
                *idle += LOOK_EVERY;
            }
        }
        assert!(open.len() < 300, "{}", open.len());
    }

    #[test]
    fn the_size_of_the_process_is_known_on_linux() {
        if cfg!(target_os = "linux") {
            assert!(resident().is_some_and(|bytes| bytes > 1 << 20));
        }
    }
}
