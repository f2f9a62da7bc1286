use super::*;
use crate::testing::ManualClock;
use serde_json::json;
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// Answers from a script, and counts.
#[derive(Debug)]
struct Script {
    answer: Mutex<Result<ApiKeyRecord, BackendError>>,
    member_of: Vec<&'static str>,
    asked: AtomicUsize,
}

#[async_trait]
impl ApiKeySource for Script {
    async fn api_key(&self, _key: &Secret) -> Result<ApiKeyRecord, BackendError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.answer.lock().unwrap().clone()
    }

    async fn memberships(&self, _user: &UserId) -> Result<Vec<Membership>, BackendError> {
        let membership = |id: &&str| json!({ "role": "org:member", "organization": { "id": id, "name": "Acme" } });
        Ok(serde_json::from_value(self.member_of.iter().map(membership).collect()).unwrap())
    }
}

struct Bench {
    script: Arc<Script>,
    clock: Arc<ManualClock>,
    keys: ApiKeys,
}

#[expect(clippy::unnecessary_wraps, reason = "one of several answers")]
fn record(changes: &Value) -> Result<ApiKeyRecord, BackendError> {
    let mut record = json!({
        "id": "key_1", "name": "ci", "subject": "org_1", "scopes": [], "claims": null, "revoked": false,
        "expired": false, "expiration": null,
    });
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    Ok(serde_json::from_value(record).unwrap())
}

impl Bench {
    fn new(answer: Result<ApiKeyRecord, BackendError>, member_of: &[&'static str]) -> Self {
        let member_of = member_of.to_vec();
        let script = Arc::new(Script { answer: Mutex::new(answer), member_of, asked: AtomicUsize::new(0) });
        let clock = Arc::new(ManualClock::at(UnixMillis(0)));
        Self { keys: ApiKeys::new(script.clone(), clock.clone()), script, clock }
    }

    async fn verify(&self) -> ApiKeyOutcome {
        self.keys.verify(&Secret::new("ak_canary")).await
    }

    fn asked(&self) -> usize {
        self.script.asked.load(Ordering::SeqCst)
    }
}

async fn outcome(changes: &Value) -> ApiKeyOutcome {
    Bench::new(record(changes), &["org_1", "org_2"]).verify().await
}

#[tokio::test]
async fn a_key_of_an_organisation_acts_for_it() {
    let ApiKeyOutcome::Valid(key) = outcome(&json!({ "scopes": ["registry:read"] })).await else { panic!("it holds") };
    assert_eq!((key.organization.as_str(), key.user, key.scopes), ("org_1", None, vec!["registry:read".to_owned()]));
}

#[tokio::test]
async fn clerks_200_is_not_taken_for_a_yes() {
    for (changes, why) in [
        (json!({ "revoked": true }), InvalidApiKey::Revoked),
        (json!({ "expired": true }), InvalidApiKey::Expired),
        (json!({ "scopes": ["billing:read"] }), InvalidApiKey::Scope),
        (json!({ "subject": "mch_1" }), InvalidApiKey::NoOrganization),
        (json!({ "subject": "org_../x" }), InvalidApiKey::NoOrganization),
        (json!({ "expiration": -1 }), InvalidApiKey::Expired),
    ] {
        assert_eq!(outcome(&changes).await, ApiKeyOutcome::Invalid(why), "{changes}");
    }
}

#[tokio::test]
async fn a_members_key_acts_for_the_organisation_that_it_names_and_they_belong_to() {
    let of = |claims: Value| json!({ "subject": "user_1", "claims": claims });
    let ApiKeyOutcome::Valid(key) = outcome(&of(json!({ "org": "org_2" }))).await else { panic!("they are a member") };
    assert_eq!((key.organization.as_str(), key.user.unwrap().as_str()), ("org_2", "user_1"));
    for claims in [json!(null), json!({}), json!({ "org": "org_3" }), json!({ "org": 7 })] {
        let outcome = outcome(&of(claims)).await;
        assert_eq!(outcome, ApiKeyOutcome::Invalid(InvalidApiKey::NoOrganization));
    }
}

#[tokio::test]
async fn what_is_no_key_by_its_form_costs_no_call() {
    let bench = Bench::new(record(&json!({})), &[]);
    for text in ["", "ak_", "ak_ x", "ak_é", "sk_live_x", "eyJ", &format!("ak_{}", "x".repeat(300))] {
        let outcome = bench.keys.verify(&Secret::new(text)).await;
        assert_eq!(outcome, ApiKeyOutcome::Invalid(InvalidApiKey::Unknown), "{text}");
    }
    assert_eq!(bench.asked(), 0);
}

#[tokio::test]
async fn an_answer_is_good_for_a_minute() {
    let bench = Bench::new(record(&json!({})), &[]);
    assert!(matches!(bench.verify().await, ApiKeyOutcome::Valid(_)));
    *bench.script.answer.lock().unwrap() = record(&json!({ "revoked": true }));
    bench.clock.advance(Duration::from_secs(59));
    assert!(matches!(bench.verify().await, ApiKeyOutcome::Valid(_)));
    assert_eq!(bench.asked(), 1);
    bench.clock.advance(Duration::from_secs(2));
    assert_eq!(bench.verify().await, ApiKeyOutcome::Invalid(InvalidApiKey::Revoked));
}

#[tokio::test]
async fn a_key_expires_on_time_though_it_is_remembered() {
    let bench = Bench::new(record(&json!({ "expiration": 30_000 })), &[]);
    assert!(matches!(bench.verify().await, ApiKeyOutcome::Valid(_)));
    bench.clock.advance(Duration::from_secs(30));
    assert_eq!(bench.verify().await, ApiKeyOutcome::Invalid(InvalidApiKey::Expired));
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn an_outage_is_neither_a_yes_nor_a_no_and_is_not_made_worse() {
    let bench = Bench::new(Err(BackendError::Unavailable { what: "no answer".into(), retry_after: None }), &[]);
    for _ in 0..5 {
        assert_eq!(bench.verify().await, ApiKeyOutcome::Unavailable);
    }
    assert_eq!(bench.asked(), 1);
    let bench = Bench::new(Err(BackendError::Refused { what: "401".into() }), &[]);
    assert_eq!(bench.verify().await, ApiKeyOutcome::Misconfigured);
}

#[tokio::test]
async fn many_uses_at_once_are_one_call() {
    let bench = Bench::new(record(&json!({})), &[]);
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let keys = bench.keys.clone();
            tokio::spawn(async move { keys.verify(&Secret::new("ak_canary")).await })
        })
        .collect();
    for task in tasks {
        assert!(matches!(task.await.unwrap(), ApiKeyOutcome::Valid(_)));
    }
    assert_eq!(bench.asked(), 1);
}
