use super::*;
use crate::testing::{ManualClock, SigningKey};
use serde_json::json;
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

/// Answers from a script, and counts.
#[derive(Debug)]
struct Script {
    answer: Mutex<Result<KeySet, BackendError>>,
    asked: AtomicUsize,
    /// Lets answers through.
    gate: Semaphore,
}

#[async_trait]
impl KeySource for Script {
    async fn keys(&self) -> Result<KeySet, BackendError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let _ = self.gate.acquire().await.unwrap();
        self.answer.lock().unwrap().clone()
    }
}

struct Bench {
    script: Arc<Script>,
    clock: Arc<ManualClock>,
    store: KeyStore,
}

fn keys(kids: &[&str]) -> KeySet {
    let jwks: Vec<_> = kids.iter().map(|kid| SigningKey::generate(kid).jwk()).collect();
    KeySet::read(json!({ "keys": jwks }).to_string().as_bytes()).unwrap()
}

fn away(retry_after: Option<u64>) -> BackendError {
    BackendError::Unavailable { what: "no answer".into(), retry_after: retry_after.map(Duration::from_secs) }
}

impl Bench {
    fn new(answer: Result<KeySet, BackendError>) -> Self {
        let script =
            Arc::new(Script { answer: Mutex::new(answer), asked: AtomicUsize::new(0), gate: Semaphore::new(100) });
        let clock = Arc::new(ManualClock::at(UnixMillis(0)));
        Self { store: KeyStore::new(script.clone(), clock.clone()), script, clock }
    }

    fn now_answers(&self, answer: Result<KeySet, BackendError>) {
        *self.script.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.script.asked.load(Ordering::SeqCst)
    }

    /// What becomes of a key, in a word.
    async fn key(&self, kid: &str) -> &'static str {
        word(&self.store.key(kid).await)
    }

    /// Lets what was begun in the background come to its end.
    async fn settle(&self) {
        while self.store.slot.begin_renewal().is_none() {
            tokio::task::yield_now().await;
        }
    }
}

fn word(answer: &KeyAnswer) -> &'static str {
    match answer {
        KeyAnswer::Key(_) => "key",
        KeyAnswer::Mismatch => "mismatch",
        KeyAnswer::Unavailable => "unavailable",
        KeyAnswer::Refused => "refused",
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn keys_are_asked_for_once_and_then_known() {
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    for _ in 0..10 {
        assert_eq!(bench.key("ins_1").await, "key");
    }
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn many_who_ask_at_once_ask_clerk_once() {
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    let answers = futures(&bench, "ins_1", 50).await;
    assert!(answers.iter().all(|answer| *answer == "key"));
    assert_eq!(bench.asked(), 1);
    // Also when it fails.
    let bench = Bench::new(Err(away(None)));
    let answers = futures(&bench, "ins_1", 50).await;
    assert!(answers.iter().all(|answer| *answer == "unavailable"));
    assert_eq!(bench.asked(), 1);
}

async fn futures(bench: &Bench, kid: &'static str, count: usize) -> Vec<&'static str> {
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let store = bench.store.clone();
            tokio::spawn(async move { word(&store.key(kid).await) })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn keys_are_renewed_in_the_background_while_they_go_on_being_used() {
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    bench.key("ins_1").await;
    bench.clock.advance(seconds(301));
    bench.now_answers(Ok(keys(&["ins_2"])));
    assert_eq!(bench.key("ins_1").await, "key");
    bench.settle().await;
    assert_eq!(bench.asked(), 2);
    assert_eq!(bench.key("ins_2").await, "key");
    // What was taken out is no key any more.
    assert_eq!(bench.key("ins_1").await, "mismatch");
}

#[tokio::test]
async fn a_key_that_was_withdrawn_in_a_quiet_hour_is_not_taken_once_more() {
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    bench.key("ins_1").await;
    bench.clock.advance(seconds(3600));
    bench.now_answers(Ok(keys(&["ins_2"])));
    assert_eq!(bench.key("ins_1").await, "mismatch");
}

#[tokio::test]
async fn a_rotated_key_is_found_at_once() {
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    bench.key("ins_1").await;
    bench.clock.advance(seconds(31));
    bench.now_answers(Ok(keys(&["ins_1", "ins_2"])));
    assert_eq!(bench.key("ins_2").await, "key");
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn invented_keys_cost_one_call_in_half_a_minute() {
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    bench.key("ins_1").await;
    for round in 0..10 {
        for kid in ["a", "b", "c"] {
            assert_eq!(bench.key(kid).await, "mismatch");
        }
        assert_eq!(bench.asked(), 1 + round);
        bench.clock.advance(seconds(31));
    }
}

#[tokio::test]
async fn the_last_keys_are_good_for_a_day_while_clerk_is_away() {
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    bench.key("ins_1").await;
    bench.now_answers(Err(away(None)));
    for _ in 0..23 {
        bench.clock.advance(seconds(3600));
        assert_eq!(bench.key("ins_1").await, "key");
        bench.settle().await;
    }
    assert_eq!(bench.key("ins_2").await, "unavailable");
    bench.clock.advance(seconds(3601));
    assert_eq!(bench.key("ins_1").await, "unavailable");
    bench.now_answers(Ok(keys(&["ins_1"])));
    bench.clock.advance(seconds(6));
    assert_eq!(bench.key("ins_1").await, "key");
}

#[tokio::test]
async fn an_outage_is_not_made_worse() {
    let bench = Bench::new(Err(away(None)));
    for _ in 0..10 {
        assert_eq!(bench.key("ins_1").await, "unavailable");
    }
    assert_eq!(bench.asked(), 1);
    bench.clock.advance(seconds(6));
    bench.now_answers(Err(away(Some(20))));
    assert_eq!(bench.key("ins_1").await, "unavailable");
    bench.clock.advance(seconds(19));
    assert_eq!(bench.key("ins_1").await, "unavailable");
    assert_eq!(bench.asked(), 2);
    bench.clock.advance(seconds(2));
    bench.now_answers(Ok(keys(&["ins_1"])));
    assert_eq!(bench.key("ins_1").await, "key");
}

#[tokio::test]
async fn a_refused_secret_key_is_said_to_be_one() {
    let bench = Bench::new(Err(BackendError::Refused { what: "401".into() }));
    assert_eq!(bench.key("ins_1").await, "refused");
    assert_eq!(bench.key("ins_1").await, "refused");
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn somebody_who_gives_up_waiting_holds_up_nobody() {
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    let _closed = bench.script.gate.acquire_many(100).await.unwrap();
    let store = bench.store.clone();
    let impatient = tokio::spawn(async move { store.key("ins_1").await });
    while bench.asked() == 0 {
        tokio::task::yield_now().await;
    }
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    bench.script.gate.add_permits(1);
    assert_eq!(bench.key("ins_1").await, "key");
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn during_a_long_outage_nobody_waits_for_attempts_that_fail() {
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    bench.key("ins_1").await;
    bench.clock.advance(seconds(3600));
    bench.now_answers(Err(away(None)));
    // The first one finds out.
    assert_eq!(bench.key("ins_1").await, "key");
    let _closed = bench.script.gate.acquire_many(100).await.unwrap();
    for nth in 0..5 {
        bench.clock.advance(seconds(10));
        let waits = tokio::time::timeout(seconds(5), bench.key("ins_1"));
        assert_eq!(waits.await, Ok("key"), "{nth}");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_nothing_last() {
    let year = seconds(365 * 24 * 3600);
    let bench = Bench::new(Err(away(None)));
    bench.clock.advance(year);
    assert_eq!(bench.key("ins_1").await, "unavailable");
    bench.clock.set_back(year);
    bench.now_answers(Ok(keys(&["ins_1"])));
    assert_eq!(bench.key("ins_1").await, "key", "a failure of the future is over");
    let bench = Bench::new(Ok(keys(&["ins_1"])));
    bench.clock.advance(year);
    bench.key("ins_1").await;
    bench.clock.set_back(year);
    bench.now_answers(Ok(keys(&["ins_2"])));
    assert_eq!(bench.key("ins_2").await, "key", "keys of the future are asked for anew");
    assert_eq!(bench.key("ins_1").await, "mismatch");
}
