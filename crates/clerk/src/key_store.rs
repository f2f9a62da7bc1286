//! The instance's keys, kept up to date: renewed in the background, good for a
//! day while Clerk is away, and asked for anew when a token names one that is
//! not there, but not more often than every half minute.

use crate::{
    BackendError, Clock, KeyAnswer, KeySet, UnixMillis,
    slot::{Answered, Slot, pause},
};
use async_trait::async_trait;
use std::{fmt, sync::Arc, time::Duration};

/// After this long the keys are asked for again, while they go on being used.
const FRESH: Duration = Duration::from_mins(5);

/// After this long without a request they are asked for first: a key that was
/// withdrawn meanwhile must not be taken once more.
const OVERDUE: Duration = Duration::from_mins(15);

/// For this long the last keys are used while Clerk is away.
const BUDGET: Duration = Duration::from_hours(24);

/// For this long a key that was not there is taken not to be there.
const UNKNOWN: Duration = Duration::from_secs(30);

/// Where keys come from.
#[async_trait]
pub trait KeySource: fmt::Debug + Send + Sync {
    /// The instance's keys now.
    async fn keys(&self) -> Result<KeySet, BackendError>;
}

/// Keeps the keys of one instance. Cheap to clone.
#[derive(Debug, Clone)]
pub struct KeyStore {
    source: Arc<dyn KeySource>,
    clock: Arc<dyn Clock>,
    slot: Arc<Slot<Arc<KeySet>, Failure>>,
}

/// Why there are no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Unavailable,
    Refused,
}

impl From<Failure> for KeyAnswer {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable => Self::Unavailable,
            Failure::Refused => Self::Refused,
        }
    }
}

impl KeyStore {
    /// A store that is empty at first.
    pub fn new(source: Arc<dyn KeySource>, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock, slot: Arc::default() }
    }

    /// The key with an id. Asks Clerk only if nothing that is known tells.
    pub async fn key(&self, kid: &str) -> KeyAnswer {
        if let Some(answer) = self.known(kid) {
            return answer;
        }
        let _turn = self.slot.turn().await;
        // Someone else may have asked while we waited.
        if let Some(answer) = self.known(kid) {
            return answer;
        }
        match self.fetch().await {
            Ok(keys) => keys.get(kid).map_or(KeyAnswer::Mismatch, |key| KeyAnswer::Key(key.clone())),
            // The last keys may do, now that it is known that there are no newer ones.
            Err(failure) => self.known(kid).unwrap_or_else(|| failure.into()),
        }
    }

    /// What is known without asking.
    fn known(&self, kid: &str) -> Option<KeyAnswer> {
        let now = self.clock.now();
        let failed = self.slot.failed(now);
        if let Some(Answered { value: keys, at }) = self.usable(now) {
            let age = now.since(at);
            match keys.get(kid) {
                Some(key) if age <= OVERDUE || self.slot.failed_lately(now).is_some() => {
                    if age > FRESH {
                        self.renew();
                    }
                    return Some(KeyAnswer::Key(key.clone()));
                }
                None if age < UNKNOWN => return Some(KeyAnswer::Mismatch),
                Some(_) | None => {}
            }
        }
        failed.map(KeyAnswer::from)
    }

    fn usable(&self, now: UnixMillis) -> Option<Answered<Arc<KeySet>>> {
        self.slot.last().filter(|answered| now.since(answered.at) < BUDGET)
    }

    /// Asks in the background, unless someone does or it failed a moment ago.
    fn renew(&self) {
        if self.slot.failed(self.clock.now()).is_some() {
            return;
        }
        if let Some(renewal) = self.slot.begin_renewal() {
            let store = self.clone();
            tokio::spawn(async move {
                let _turn = store.slot.turn().await;
                let _ = store.fetch().await;
                drop(renewal);
            });
        }
    }

    /// Asks Clerk. Only in one's turn.
    async fn fetch(&self) -> Result<Arc<KeySet>, Failure> {
        match self.source.keys().await {
            Ok(keys) => {
                let keys = Arc::new(keys);
                self.slot.answered(Arc::clone(&keys), self.clock.now());
                Ok(keys)
            }
            Err(error) => {
                let failure = if let BackendError::Refused { .. } = error {
                    tracing::error!(%error, "Clerk's keys cannot be read");
                    Failure::Refused
                } else {
                    tracing::warn!(%error, "Clerk's keys cannot be read; those that are known are used for a day");
                    Failure::Unavailable
                };
                self.slot.failed_until(failure, self.clock.now().plus(pause(error.retry_after())));
                Err(failure)
            }
        }
    }
}

#[cfg(test)]
mod tests;
