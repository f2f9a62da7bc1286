//! A bound on wrong signatures: beyond it they are neither noted nor explained.
//!
//! Right ones are never counted nor refused on account of others'.

use model::RepositoryId;
use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

/// How many wrong signatures of one webhook are answered in a [`WINDOW`].
const MOST: u32 = 20;
const WINDOW: Duration = Duration::from_mins(1);

/// Counts wrong signatures, by repository: those of webhooks that exist.
#[derive(Debug, Default)]
pub(super) struct Limiter(Mutex<HashMap<RepositoryId, (Instant, u32)>>);

impl Limiter {
    /// Counts a wrong signature at `now`; `Err` with how long to wait if there
    /// were too many.
    pub(super) fn count(&self, repository: RepositoryId, now: Instant) -> Result<(), Duration> {
        let mut windows = self.0.lock().expect("nothing panics while it holds this lock");
        windows.retain(|_, (since, _)| now.saturating_duration_since(*since) < WINDOW);
        let (since, count) = windows.entry(repository).or_insert((now, 0));
        *count = count.saturating_add(1);
        if *count > MOST { Err(WINDOW.saturating_sub(now.saturating_duration_since(*since))) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_signatures_are_bounded_for_each_webhook_by_itself() {
        let limiter = Limiter::default();
        let (one, other) = (RepositoryId::of_key("1"), RepositoryId::of_key("2"));
        let start = Instant::now();
        for _ in 0..MOST {
            assert_eq!(limiter.count(one, start), Ok(()));
        }
        assert_eq!(limiter.count(one, start + Duration::from_secs(20)), Err(Duration::from_secs(40)));
        assert_eq!(limiter.count(other, start), Ok(()));
        assert_eq!(limiter.count(one, start + WINDOW), Ok(()));
    }
}
