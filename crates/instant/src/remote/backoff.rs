//! Waiting longer and longer, never in step with others.

use rand::RngExt as _;
use std::time::Duration;

/// Jittered exponential waits.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { next: first, longest }
    }

    /// The next wait: between half of the step and all of it.
    pub(super) fn wait(&mut self) -> Duration {
        let step = self.next.min(self.longest);
        self.next = step.saturating_mul(2);
        step.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_differ() {
        let mut waits = Backoff::new(Duration::from_millis(100), Duration::from_millis(350));
        for step in [100_u64, 200, 350, 350] {
            let wait = waits.wait();
            assert!(wait <= Duration::from_millis(step) && wait >= Duration::from_millis(step / 2), "{wait:?}");
        }
        let first = || Backoff::new(Duration::from_secs(1), Duration::from_secs(1)).wait();
        assert!((0..20).map(|_| first()).collect::<std::collections::HashSet<_>>().len() > 1);
    }
}
