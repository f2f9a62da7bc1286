//! When a repository is looked at next. Pure: time and chance come in.

use std::time::{Duration, Instant};

/// A repository that keeps failing is looked at this often all the same.
const SELDOM: Duration = Duration::from_hours(1);

/// Between a start and the first looks, at most: everyone at once would be a burst.
const SPREAD: Duration = Duration::from_secs(10);

/// When a repository is looked at next, and how it went so far.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    /// When it is next.
    pub(super) next: Instant,
    /// The interval that [`Turn::next`] was reckoned with.
    pub(super) every: Duration,
    /// Whether someone looks right now.
    pub(super) looking: bool,
    /// How many looks failed since the last that did not.
    failures: u32,
}

impl Turn {
    /// The first turn of a repository. `chance` is from 0 to 1, here and below.
    pub(super) fn first(now: Instant, every: Duration, chance: f64) -> Self {
        Self { next: now + every.min(SPREAD).mul_f64(chance), every, looking: false, failures: 0 }
    }

    /// Whether it is time.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        !self.looking && self.next <= now
    }

    /// Another interval was set: the next turn is no later than that.
    pub(super) fn change_interval(&mut self, now: Instant, every: Duration) {
        if self.every != every {
            self.every = every;
            self.next = self.next.min(now + every);
        }
    }

    /// A sync went well that no look asked for: what failed before does no more.
    pub(super) fn mend(&mut self, now: Instant) {
        if self.failures > 0 {
            self.failures = 0;
            self.next = self.next.min(now + self.every);
        }
    }

    /// What kept all looks from going well is over: those that are overdue come
    /// soon, but not at once.
    pub(super) fn resume(&mut self, now: Instant, chance: f64) {
        self.failures = 0;
        if self.next < now {
            self.next = now + self.every.min(SPREAD).mul_f64(chance);
        }
    }

    /// A look ended.
    pub(super) fn end(&mut self, now: Instant, went_well: bool, chance: f64) {
        self.looking = false;
        self.failures = if went_well { 0 } else { self.failures.saturating_add(1) };
        self.next = now + delay(self.every, self.failures, chance);
    }
}

/// The interval, doubled for each failure up to an hour, and a sixth more or
/// less by chance, so that servers and repositories do not fall into step.
fn delay(every: Duration, failures: u32, chance: f64) -> Duration {
    let longest = SELDOM.max(every);
    let backed_off = every.saturating_mul(2u32.saturating_pow(failures.min(16))).min(longest);
    backed_off.mul_f64(5.0 / 6.0 + chance / 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn failures_double_the_wait_up_to_an_hour_and_success_ends_that() {
        let now = Instant::now();
        let mut turn = Turn::first(now, 5 * MINUTE, 0.5);
        let mut waits = Vec::new();
        for went_well in [false, false, false, false, false, true] {
            turn.end(now, went_well, 0.5);
            waits.push(turn.next - now);
        }
        assert_eq!(waits, [10, 20, 40, 60, 60, 5].map(|minutes| minutes * MINUTE));
    }

    #[test]
    fn a_sync_that_went_well_ends_the_wait_for_a_host_that_was_away() {
        let now = Instant::now();
        let mut turn = Turn::first(now, 5 * MINUTE, 0.5);
        turn.mend(now);
        assert!(turn.next < now + MINUTE, "nothing failed, so nothing changes");
        for _ in 0..10 {
            turn.end(now, false, 0.5);
        }
        turn.mend(now);
        assert_eq!(turn.next, now + 5 * MINUTE);
        turn.end(now, false, 0.5);
        assert_eq!(turn.next, now + 10 * MINUTE, "it begins anew");
    }

    #[test]
    fn a_start_looks_at_everything_within_seconds_but_not_at_once() {
        let now = Instant::now();
        assert_eq!(Turn::first(now, 5 * MINUTE, 0.0).next, now);
        assert_eq!(Turn::first(now, 5 * MINUTE, 1.0).next, now + SPREAD);
        assert_eq!(Turn::first(now, Duration::from_secs(1), 1.0).next, now + Duration::from_secs(1));
    }

    #[test]
    fn after_an_outage_what_is_overdue_comes_soon_but_not_at_once_and_the_rest_in_its_turn() {
        let now = Instant::now();
        let mut turn = Turn::first(now, 5 * MINUTE, 0.0);
        for _ in 0..10 {
            turn.end(now, false, 0.5);
        }
        let late = now + 100 * MINUTE;
        turn.resume(late, 0.5);
        assert_eq!(turn.next, late + SPREAD / 2);
        turn.end(late, false, 0.5);
        assert_eq!(turn.next, late + 10 * MINUTE, "what failed before does not count");
        turn.resume(late, 0.5);
        assert_eq!(turn.next, late + 10 * MINUTE);
    }

    #[test]
    fn a_shorter_interval_counts_at_once() {
        let now = Instant::now();
        let mut turn = Turn::first(now, 60 * MINUTE, 0.0);
        turn.end(now, true, 1.0);
        turn.change_interval(now, MINUTE);
        assert_eq!(turn.next, now + MINUTE);
    }

    #[test]
    fn no_two_looks_at_one_repository_run_at_once() {
        let now = Instant::now();
        let mut turn = Turn::first(now, MINUTE, 0.0);
        assert!(turn.is_due(now));
        turn.looking = true;
        assert!(!turn.is_due(now + MINUTE));
        turn.end(now, true, 0.0);
        assert!(turn.is_due(now + MINUTE));
    }

    proptest! {
        #[test]
        fn a_wait_is_near_its_interval_whatever_chance_says(
            seconds in 1u64..86_400, failures in 0u32..100, chance in 0.0..=1.0f64
        ) {
            let every = Duration::from_secs(seconds);
            let wait = delay(every, failures, chance);
            prop_assert!(wait >= every.mul_f64(0.83));
            prop_assert!(wait <= every.max(SELDOM).mul_f64(1.17));
        }
    }
}
