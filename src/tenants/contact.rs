//! Whether the database answers, and since when it does not.

use instant::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long tokens are trusted that cannot be checked against the database.
const TRUSTED: Duration = Duration::from_hours(24);

/// The contact with one organisation's database.
#[derive(Debug)]
pub struct Contact {
    away: AtomicBool,
    state: watch::Sender<State>,
}

/// The database does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// Since when, as far as is known: what is served is as it was then.
    /// `None` if it has not answered yet, ever.
    pub since: Option<Timestamp>,
    /// Why, in a sentence for people who run the registry.
    pub why: Arc<str>,
}

#[derive(Debug, Default)]
struct State {
    away: Option<Away>,
    /// When it last answered, by the calendar.
    last: Option<Timestamp>,
    /// Until when tokens are trusted, by this process's own clock.
    trusted: Option<Instant>,
}

impl Default for Contact {
    /// A database that has not been asked yet.
    fn default() -> Self {
        let away = Away { since: None, why: "It has not been asked yet.".into() };
        let state = State { away: Some(away), ..State::default() };
        Self { away: AtomicBool::new(true), state: watch::Sender::new(state) }
    }
}

impl Contact {
    /// It answered, and what it says is what is served.
    pub fn made(&self) {
        self.change(|state| {
            state.last = Some(Timestamp::now());
            state.trusted = Some(Instant::now() + TRUSTED);
            state.away = None;
        });
    }

    /// It does not answer.
    pub fn lost(&self, why: &str) {
        self.change(|state| {
            let since = state.away.as_ref().map_or(state.last, |away| away.since);
            state.away = Some(Away { since, why: why.into() });
        });
    }

    /// An earlier process had contact until then.
    pub fn was_until(&self, at: Timestamp) {
        // Also where a clock ran ahead then: nobody knows for how long.
        let ago = Timestamp::now().as_millis().abs_diff(at.as_millis());
        let left = TRUSTED.checked_sub(Duration::from_millis(ago));
        self.change(|state| {
            state.last = Some(at);
            state.trusted = left.map(|left| Instant::now() + left);
            if let Some(away) = &mut state.away {
                away.since = Some(at);
            }
        });
    }

    /// What is served until it answers is as it was then, as far as anyone can tell.
    pub fn as_of(&self, at: Timestamp) {
        self.change(|state| {
            if let Some(away) = &mut state.away {
                away.since.get_or_insert(at);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        self.state.send_modify(|state| {
            change(state);
            self.away.store(state.away.is_some(), Ordering::Release);
        });
    }

    /// Since when and why it does not answer; `None` while it does.
    pub fn away(&self) -> Option<Away> {
        // Every answer asks this.
        if !self.away.load(Ordering::Acquire) {
            return None;
        }
        self.state.borrow().away.clone()
    }

    /// When it last answered.
    pub fn last(&self) -> Option<Timestamp> {
        self.state.borrow().last
    }

    /// Whether tokens may still be trusted that were valid when it last answered.
    pub fn is_trusted(&self) -> bool {
        !self.away.load(Ordering::Acquire) || self.state.borrow().trusted.is_some_and(|until| Instant::now() < until)
    }

    /// Waits until it answers.
    pub async fn regained(&self) {
        let mut state = self.state.subscribe();
        // The sender is ours and lives as long.
        let _ = state.wait_for(|state| state.away.is_none()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * 60 * 1000;

    #[test]
    fn what_is_served_is_as_it_was_when_the_database_last_answered() {
        let contact = Contact::default();
        assert_eq!(contact.away().unwrap().since, None);
        contact.made();
        assert_eq!(contact.away(), None);
        let last = contact.last();
        contact.lost("It is not there.");
        contact.lost("It is still not there.");
        let away = contact.away().unwrap();
        assert_eq!((away.since, &*away.why), (last, "It is still not there."));
        contact.made();
        assert_eq!(contact.away(), None);
    }

    #[test]
    fn tokens_are_trusted_for_a_day_without_the_database() {
        let ago = |hours: i64| {
            let contact = Contact::default();
            contact.was_until(Timestamp::now().plus_millis(-hours * HOUR));
            contact
        };
        assert!(!Contact::default().is_trusted(), "it never answered");
        assert!(ago(23).is_trusted());
        assert!(!ago(25).is_trusted());
        assert!(ago(-1).is_trusted());
        assert!(!ago(-25).is_trusted(), "by a clock that was set back since");
        let contact = ago(25);
        contact.made();
        assert!(contact.is_trusted());
        contact.lost("");
        assert!(contact.is_trusted(), "the day begins now");
    }
}
