//! Something that is asked of Clerk, remembered for a while: by one caller at a
//! time, and not again at once where that failed.

use crate::UnixMillis;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex as Turn, MutexGuard};

/// The shortest and the longest time in which nobody asks again after a failure.
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_mins(1);

/// What an answer was, and when.
#[derive(Debug, Clone)]
pub(crate) struct Answered<V> {
    pub(crate) value: V,
    pub(crate) at: UnixMillis,
}

/// The last answer to one question.
#[derive(Debug)]
pub(crate) struct Slot<V, E> {
    last: Mutex<Option<Answered<V>>>,
    /// Why the last attempt failed, and until when that counts.
    failed: Mutex<Option<(E, UnixMillis)>>,
    turn: Turn<()>,
    renewing: AtomicBool,
}

impl<V, E> Default for Slot<V, E> {
    fn default() -> Self {
        Self {
            last: Mutex::default(),
            failed: Mutex::default(),
            turn: Turn::default(),
            renewing: AtomicBool::default(),
        }
    }
}

impl<V: Clone, E: Clone> Slot<V, E> {
    /// The last answer.
    pub(crate) fn last(&self) -> Option<Answered<V>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why asking now would fail, as the last attempt did a moment ago.
    pub(crate) fn failed(&self, now: UnixMillis) -> Option<E> {
        self.failure(|until| now < until && until.since(now) <= LONGEST)
    }

    /// The same, also when it is time to ask again: the next attempt may well fail
    /// too, and whoever has an older answer need not wait for it.
    pub(crate) fn failed_lately(&self, now: UnixMillis) -> Option<E> {
        self.failure(|until| until.since(now) <= LONGEST)
    }

    fn failure(&self, counts: impl Fn(UnixMillis) -> bool) -> Option<E> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().filter(|(_, until)| counts(*until)).map(|(why, _)| why.clone())
    }

    /// Waits until nobody else asks. What was answered meanwhile is in `last`.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Notes an answer.
    pub(crate) fn answered(&self, value: V, at: UnixMillis) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Answered { value, at });
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Notes that there was none, so that nobody asks for a while.
    pub(crate) fn failed_until(&self, why: E, until: UnixMillis) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some((why, until));
    }

    /// Whether the caller is the one to renew the answer in the background; the
    /// guard says when that is over.
    pub(crate) fn begin_renewal(self: &Arc<Self>) -> Option<Renewal<V, E>> {
        let begun = self.renewing.swap(true, Ordering::AcqRel);
        (!begun).then(|| Renewal(Arc::clone(self)))
    }
}

/// A renewal under way.
pub(crate) struct Renewal<V, E>(Arc<Slot<V, E>>);

impl<V, E> Drop for Renewal<V, E> {
    fn drop(&mut self) {
        self.0.renewing.store(false, Ordering::Release);
    }
}

/// How long nobody asks again after a failure: what Clerk wants, within reason.
pub(crate) fn pause(retry_after: Option<Duration>) -> Duration {
    retry_after.unwrap_or_default().clamp(SHORTEST, LONGEST)
}
