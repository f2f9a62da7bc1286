//! Following the database: what any server publishes is served here, and while
//! the database is away, what was published before.

use super::{RegistryService, ServiceError, mend::Mending};
use crate::tenants::Tenant;
use instant::{Direction, Entity, Form, Order, Query, Reach, Tree, rows};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// Time between two looks where nothing tells of a change.
const POLL: Duration = Duration::from_secs(30);
/// Until several changes in a row are looked at as one.
const COALESCE: Duration = Duration::from_millis(30);
/// The first pause after the database did not answer, and the longest.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// What tells of every change that alters answers. What decides which name leads
/// where takes a number of the sequence, so its newest row stands for all of it.
fn wakes() -> Query {
    fn of<E: Entity>(fields: &[&str]) -> (String, Form) {
        let fields = Some(fields.iter().map(|field| (*field).to_owned()).collect());
        (E::NAMESPACE.to_owned(), Form { fields, ..Form::default() })
    }
    let repositories = of::<rows::Repository>(&[
        rows::Repository::URL.label(),
        rows::Repository::NAME.label(),
        rows::Repository::NAMESPACE.label(),
        rows::Repository::CONFIG_PATH.label(),
        rows::Repository::TRACKED_REF.label(),
        rows::Repository::DEPENDENCY_POLICY.label(),
        rows::Repository::POLL_EVERY.label(),
        rows::Repository::HOOK.label(),
        rows::Repository::HOOK_SECRET.label(),
        rows::Repository::WANTED.label(),
        rows::Repository::ANSWERED_BY.label(),
        rows::Repository::LAST_SUCCESS.label(),
        rows::Repository::PROJECTED.label(),
    ]);
    let tokens = of::<rows::Token>(&[
        rows::Token::HASH.label(),
        rows::Token::NAME.label(),
        rows::Token::SCOPES.label(),
        rows::Token::EXPIRES_AT.label(),
        rows::Token::REVOKED_AT.label(),
    ]);
    let settings = of::<rows::Settings>(&[
        rows::Settings::ALIAS.label(),
        rows::Settings::NAME.label(),
        rows::Settings::HOMEPAGE.label(),
        rows::Settings::PUBLIC.label(),
    ]);
    let (namespace, newest) = of::<rows::Publication>(&[rows::Publication::SEQ.label()]);
    let order = Order { by: rows::Publication::SEQ.label().to_owned(), direction: Direction::Desc };
    let newest = Form { order: Some(order), limit: Some(1), ..newest };
    Query { forms: vec![(namespace, newest), repositories, tokens, settings], inference: true }
}

/// How long to wait after so many failures in a row; a third more or less by
/// chance, so that servers do not fall into step.
fn pause(failures: u32) -> Duration {
    let (first, longest) = RETRY;
    let pause = match failures {
        0 => POLL,
        _ => first.saturating_mul(2_u32.saturating_pow(failures - 1)).min(longest),
    };
    pause.mul_f64(2.0 / 3.0 + rand::random::<f64>() * 2.0 / 3.0)
}

impl RegistryService {
    /// Serves what the database says, until the server stops; and mends what
    /// this server or another one left unfinished.
    pub(super) async fn follow(self, tenant: Arc<Tenant>) {
        let stopped = tenant.jobs.cancellation();
        let mut reach = tenant.db.reach();
        let mut live = tenant.db.live(wakes());
        let mut mending = Mending::default();
        let mut failures = 0_u32;
        loop {
            let looked = tokio::select! {
                () = stopped.cancelled() => return,
                looked = self.look_at_store(&tenant, &mut mending) => looked,
                why = gone(&mut reach) => Err(Lost { why, refused: false }),
            };
            let wait = match looked {
                Ok(next) => {
                    if failures > 0 {
                        tracing::info!("the database answers again");
                    }
                    failures = 0;
                    next.map_or_else(|| pause(0), |next| next.min(pause(0)))
                }
                Err(Lost { why, refused }) => {
                    if failures == 0 {
                        tracing::warn!(%why, "the database does not answer; what was published before is served");
                    }
                    failures = failures.saturating_add(1);
                    tenant.contact.lost(&why);
                    if refused {
                        self.open_again_if_replaced(&tenant).await;
                    }
                    pause(failures)
                }
            };
            self.keep_noting(&tenant).await;
            tokio::select! {
                () = stopped.cancelled() => return,
                () = told(&mut live, &mut reach) => tokio::time::sleep(COALESCE).await,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn keep_noting(&self, tenant: &Arc<Tenant>) {
        if let Err(error) = self.keep(tenant).await {
            tracing::warn!(%error, "what requests are checked with could not be kept on disk");
        }
    }

    /// Serves what the database says now, and mends. `Err` if it does not
    /// answer; else when to look again at the latest, if that is soon.
    async fn look_at_store(&self, tenant: &Arc<Tenant>, mending: &mut Mending) -> Result<Option<Duration>, Lost> {
        {
            // What is published here just now is served by whoever publishes it.
            let _order = tenant.publishing.lock().await;
            self.refresh(tenant).await.or_else(|error| unless_away(&error))?;
        }
        // Before what may take long.
        self.keep_noting(tenant).await;
        tenant.polls.wake();
        self.take_up_deliveries(tenant).await.or_else(|error| unless_away(&error))?;
        self.send_events(tenant).await.or_else(|error| unless_away(&error))?;
        match self.mend(tenant, mending).await {
            Ok(next) => Ok(next),
            Err(error) => unless_away(&error).map(|()| None),
        }
    }
}

/// The database does not answer, or not us.
struct Lost {
    why: String,
    /// Whether it refuses its credentials.
    refused: bool,
}

/// Tells an outage from a failure that would be the same again.
fn unless_away(error: &ServiceError) -> Result<(), Lost> {
    if error.is_store_away() {
        return Err(Lost { why: error.cause(), refused: error.is_refused() });
    }
    tracing::error!(%error, "what the database says could not be followed");
    Ok(())
}

/// Waits until the store is found not to answer, and says why.
async fn gone(reach: &mut watch::Receiver<Reach>) -> String {
    while reach.changed().await.is_ok() {
        if let Reach::Down { why, .. } = &*reach.borrow_and_update() {
            return why.clone();
        }
    }
    // A store that never tells is found out by asking it.
    std::future::pending().await
}

/// Waits until there is news.
async fn told(live: &mut watch::Receiver<Option<Arc<Tree>>>, reach: &mut watch::Receiver<Reach>) {
    let news = async {
        if live.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let contact = async {
        if reach.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = news => {}
        () = contact => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_away_is_asked_at_once_and_then_less_and_less() {
        for (failures, least, most) in [(1, 0.3, 0.7), (2, 0.6, 1.4), (6, 10.0, 20.1), (u32::MAX, 10.0, 20.1)] {
            let seconds = pause(failures).as_secs_f64();
            assert!((least..=most).contains(&seconds), "{failures}: {seconds}");
        }
    }
}
