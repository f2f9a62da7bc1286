use super::*;
use crate::{UnixMillis, testing::ManualClock};
use serde_json::{Value, json};
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// Answers from a script, and counts.
#[derive(Debug)]
struct Script {
    answer: Mutex<Result<OrganizationRecord, BackendError>>,
    asked: AtomicUsize,
}

#[async_trait]
impl OrganizationSource for Script {
    async fn organization(&self, _id: &OrganizationId) -> Result<OrganizationRecord, BackendError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        // Others get their turn meanwhile.
        tokio::task::yield_now().await;
        self.answer.lock().unwrap().clone()
    }
}

struct Bench {
    script: Arc<Script>,
    clock: Arc<ManualClock>,
    organizations: Organizations,
}

fn id() -> OrganizationId {
    "org_1".parse().unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "one of several answers")]
fn acme(metadata: &Value) -> Result<OrganizationRecord, BackendError> {
    let record = json!({ "id": "org_1", "name": "Acme", "slug": "acme", "private_metadata": metadata });
    Ok(serde_json::from_value(record).unwrap())
}

fn with_token(token: &str) -> Result<OrganizationRecord, BackendError> {
    acme(&json!({ "instant": { "appId": "app", "adminToken": token } }))
}

fn away() -> Result<OrganizationRecord, BackendError> {
    Err(BackendError::Unavailable { what: "no answer".into(), retry_after: None })
}

fn refused() -> Result<OrganizationRecord, BackendError> {
    Err(BackendError::Refused { what: "401".into() })
}

fn gone() -> Result<OrganizationRecord, BackendError> {
    Err(BackendError::NotFound { what: "404".into(), code: "resource_not_found".into() })
}

impl Bench {
    fn new(answer: Result<OrganizationRecord, BackendError>) -> Self {
        let script = Arc::new(Script { answer: Mutex::new(answer), asked: AtomicUsize::new(0) });
        let clock = Arc::new(ManualClock::at(UnixMillis(0)));
        Self { organizations: Organizations::new(script.clone(), clock.clone()), script, clock }
    }

    fn now_answers(&self, answer: Result<OrganizationRecord, BackendError>) {
        *self.script.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.script.asked.load(Ordering::SeqCst)
    }

    fn after(&self, seconds: u64) -> &Self {
        self.clock.advance(Duration::from_secs(seconds));
        self
    }

    /// The admin token, or what there is instead.
    async fn credentials(&self) -> String {
        word(&self.organizations.credentials(&id()).await)
    }

    /// Lets what was begun in the background come to its end.
    async fn settle(&self) {
        let slot = self.organizations.slots.get(&id()).unwrap();
        while slot.begin_renewal().is_none() {
            tokio::task::yield_now().await;
        }
    }
}

fn word(credentials: &Credentials) -> String {
    match credentials {
        Credentials::Found { credentials, .. } => credentials.admin_token.expose().to_owned(),
        Credentials::Missing { organization } => format!("{} has none", organization.name),
        Credentials::Gone => "gone".to_owned(),
        Credentials::Unavailable { .. } => "unavailable".to_owned(),
        Credentials::Misconfigured => "misconfigured".to_owned(),
    }
}

#[tokio::test]
async fn each_of_the_five_outcomes_is_told_apart() {
    for (answer, outcome) in [
        (with_token("t1"), "t1"),
        (acme(&json!({})), "Acme has none"),
        (gone(), "gone"),
        (away(), "unavailable"),
        (Err(BackendError::Unreadable { what: "html".into() }), "unavailable"),
        (refused(), "misconfigured"),
    ] {
        assert_eq!(Bench::new(answer).credentials().await, outcome);
    }
}

#[tokio::test]
async fn half_credentials_are_missing_ones() {
    for metadata in [
        json!(null),
        json!({ "instant": null }),
        json!({ "instant": "app" }),
        json!({ "instant": { "appId": "app" } }),
        json!({ "instant": { "appId": "app", "adminToken": "  " } }),
        json!({ "instant": { "appId": 7, "adminToken": "t" } }),
    ] {
        assert_eq!(Bench::new(acme(&metadata)).credentials().await, "Acme has none", "{metadata}");
    }
    let padded = json!({ "instant": { "appId": " app ", "adminToken": " t1\n", "apiUri": "https://instant.example" } });
    let Credentials::Found { credentials, .. } = Bench::new(acme(&padded)).organizations.credentials(&id()).await
    else {
        panic!("they are whole")
    };
    assert_eq!((credentials.app_id.as_str(), credentials.admin_token.expose()), ("app", "t1"));
    assert_eq!(credentials.api_uri.as_deref(), Some("https://instant.example"));
    assert!(!format!("{credentials:?}").contains("t1"));
}

#[tokio::test]
async fn credentials_are_used_for_five_minutes_and_then_renewed_behind_the_scenes() {
    let bench = Bench::new(with_token("t1"));
    for _ in 0..3 {
        assert_eq!(bench.credentials().await, "t1");
    }
    bench.now_answers(with_token("t2"));
    assert_eq!(bench.after(299).credentials().await, "t1");
    assert_eq!(bench.asked(), 1);
    assert_eq!(bench.after(2).credentials().await, "t1");
    bench.settle().await;
    assert_eq!((bench.credentials().await.as_str(), bench.asked()), ("t2", 2));
}

#[tokio::test]
async fn after_an_hour_without_a_visit_credentials_are_asked_for_first() {
    let bench = Bench::new(with_token("t1"));
    bench.credentials().await;
    bench.now_answers(with_token("t2"));
    assert_eq!(bench.after(3601).credentials().await, "t2");
}

#[tokio::test]
async fn an_outage_of_a_day_is_bridged_and_no_more() {
    let bench = Bench::new(with_token("t1"));
    bench.credentials().await;
    bench.now_answers(away());
    assert_eq!(bench.after(3601).credentials().await, "t1");
    for _ in 0..22 {
        assert_eq!(bench.after(3600).credentials().await, "t1");
    }
    assert_eq!(bench.after(3600).credentials().await, "unavailable");
    bench.now_answers(with_token("t2"));
    assert_eq!(bench.after(6).credentials().await, "t2");
}

#[tokio::test]
async fn an_outage_is_not_taken_for_missing_credentials_and_not_made_worse() {
    let bench = Bench::new(away());
    for _ in 0..10 {
        assert_eq!(bench.credentials().await, "unavailable");
    }
    assert_eq!(bench.asked(), 1);
    bench.after(6).credentials().await;
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_refused_secret_key_bridges_nothing() {
    let bench = Bench::new(with_token("t1"));
    bench.credentials().await;
    bench.now_answers(refused());
    assert_eq!(bench.after(3601).credentials().await, "misconfigured");
}

#[tokio::test]
async fn missing_credentials_are_looked_for_again_after_five_seconds() {
    let bench = Bench::new(acme(&json!({})));
    bench.credentials().await;
    bench.now_answers(with_token("t1"));
    assert_eq!(bench.after(4).credentials().await, "Acme has none");
    assert_eq!(bench.after(2).credentials().await, "t1");
}

#[tokio::test]
async fn somebody_who_comes_back_from_setting_up_does_not_wait() {
    let bench = Bench::new(acme(&json!({})));
    bench.credentials().await;
    bench.now_answers(with_token("t1"));
    bench.organizations.forget_missing(&id());
    assert_eq!(bench.credentials().await, "t1");
    // What was found stays.
    bench.organizations.forget_missing(&id());
    bench.credentials().await;
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_change_that_clerk_tells_of_counts_at_once() {
    let bench = Bench::new(with_token("t1"));
    bench.credentials().await;
    bench.now_answers(gone());
    bench.organizations.forget(&id());
    assert_eq!(bench.credentials().await, "gone");
}

#[tokio::test]
async fn an_answer_from_before_a_change_is_not_kept() {
    let bench = Bench::new(with_token("t1"));
    let organizations = bench.organizations.clone();
    let early = tokio::spawn(async move { word(&organizations.credentials(&id()).await) });
    while bench.asked() == 0 {
        tokio::task::yield_now().await;
    }
    bench.organizations.forget(&id());
    early.await.unwrap();
    bench.now_answers(with_token("t2"));
    assert_eq!(bench.credentials().await, "t2");
}

#[tokio::test]
async fn many_who_ask_at_once_ask_clerk_once() {
    for answer in [with_token("t1"), away()] {
        let bench = Bench::new(answer);
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let organizations = bench.organizations.clone();
                tokio::spawn(async move { organizations.credentials(&id()).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(bench.asked(), 1);
    }
}

#[tokio::test]
async fn rejected_credentials_are_asked_for_once_more() {
    let bench = Bench::new(with_token("t1"));
    let Credentials::Found { credentials: rejected, .. } = bench.organizations.credentials(&id()).await else {
        panic!("they are there")
    };
    bench.now_answers(with_token("t2"));
    // They were asked for just now.
    assert_eq!(word(&bench.organizations.after_rejection(&id(), &rejected).await), "t1");
    bench.after(31);
    assert_eq!(word(&bench.organizations.after_rejection(&id(), &rejected).await), "t2");
    assert_eq!(bench.asked(), 2);
    // Who comes with the old ones gets the new ones, without a call.
    bench.after(31);
    assert_eq!(word(&bench.organizations.after_rejection(&id(), &rejected).await), "t2");
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn during_a_long_outage_nobody_waits_for_attempts_that_fail() {
    let bench = Bench::new(with_token("t1"));
    bench.credentials().await;
    bench.now_answers(away());
    bench.after(3601).credentials().await;
    bench.settle().await;
    bench.now_answers(with_token("t2"));
    // What is known comes first, the attempt behind it.
    assert_eq!(bench.after(10).credentials().await, "t1");
    bench.settle().await;
    assert_eq!(bench.credentials().await, "t2");
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_nothing_last() {
    let year = Duration::from_hours(365 * 24);
    for (answer, then) in [(with_token("t1"), "t2"), (acme(&json!({})), "t2"), (away(), "t2"), (refused(), "t2")] {
        let bench = Bench::new(answer);
        bench.clock.advance(year);
        bench.credentials().await;
        bench.clock.set_back(year);
        bench.now_answers(with_token("t2"));
        assert_eq!(bench.credentials().await, then);
    }
}
