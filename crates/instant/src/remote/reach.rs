//! Whether InstantDB can be reached, as its last answer told.

use super::backoff::Backoff;
use super::http::{Call, Http};
use crate::{Form, Query, Reach, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// What is known, and whether someone is finding out more.
pub(super) struct Reaching {
    state: watch::Sender<Reach>,
    probing: AtomicBool,
}

impl Default for Reaching {
    fn default() -> Self {
        Self { state: watch::Sender::new(Reach::Up), probing: AtomicBool::new(false) }
    }
}

impl Http {
    /// It answered.
    pub(super) fn note_up(&self) {
        self.reaching.state.send_if_modified(|state| {
            let back = *state != Reach::Up;
            if back {
                tracing::info!("InstantDB can be reached again");
                *state = Reach::Up;
            }
            back
        });
    }

    /// It did not answer, or said that it cannot.
    pub(super) fn note_down(self: &Arc<Self>, why: String) {
        self.reaching.state.send_if_modified(|state| match state {
            Reach::Up => {
                tracing::warn!(%why, "InstantDB cannot be reached");
                *state = Reach::Down { since: Timestamp::now(), why };
                true
            }
            Reach::Down { why: before, .. } if *before != why => {
                *before = why;
                true
            }
            Reach::Down { .. } => false,
        });
        self.probe();
    }

    pub(super) fn is_down(&self) -> bool {
        *self.reaching.state.borrow() != Reach::Up
    }

    /// Follows what is known. As long as someone does, a lost InstantDB is looked for.
    pub(super) fn watch_reach(self: &Arc<Self>) -> watch::Receiver<Reach> {
        let receiver = self.reaching.state.subscribe();
        self.probe();
        receiver
    }

    fn is_looked_for(&self) -> bool {
        self.is_down() && self.reaching.state.receiver_count() > 0
    }

    /// Asks again and again, less and less often, while it is away and someone wants to know.
    fn probe(self: &Arc<Self>) {
        if !self.is_looked_for() || self.reaching.probing.swap(true, Ordering::SeqCst) {
            return;
        }
        let (weak, patience) = (Arc::downgrade(self), self.patience.clone());
        tokio::spawn(async move {
            let mut backoff = Backoff::new(patience.first_wait, patience.longest_wait);
            loop {
                tokio::time::sleep(backoff.wait()).await;
                let Some(http) = weak.upgrade() else { return };
                if http.is_looked_for() {
                    // What it answers is noted by the call itself.
                    let _ = http.call_once(&cheap_query()).await;
                    continue;
                }
                http.reaching.probing.store(false, Ordering::SeqCst);
                // It may have gone away again before that was stored.
                http.probe();
                return;
            }
        });
    }
}

/// One that every app can answer, and not without its database.
fn cheap_query() -> Call {
    let form = Form { limit: Some(1), fields: Some(vec!["id".to_owned()]), ..Form::default() };
    Call::query(&Query::of("$files", form))
}
