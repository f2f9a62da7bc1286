use super::{Asking, Served};
use crate::AppStatus;
use crate::api::ApiOptions;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use model::EntityId;
use net::http::Method;
use serde_json::{Value, json};
use std::pin::Pin;

/// The events of a subscription.
struct Events {
    bytes: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
    text: String,
}

impl Events {
    async fn of(served: &Served, query: Value) -> Self {
        Self::to(served.admin(Method::POST, "/admin/subscribe-query"), query).await
    }

    async fn to(asking: Asking, query: Value) -> Self {
        let response = asking.json(&json!({ "query": query })).open().await;
        assert_eq!(response.status(), 200);
        let bytes = Box::pin(response.bytes_stream().map(Result::unwrap_or_default));
        let mut events = Self { bytes, text: String::new() };
        assert_eq!(events.event().await.unwrap(), "retry: 500");
        assert_eq!(events.next().await["op"], "sse-init");
        events
    }

    /// The next block of lines; `None` at the end.
    async fn event(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(event);
            }
            let bytes = self.bytes.next().await?;
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    async fn next(&mut self) -> Value {
        let event = self.event().await.unwrap();
        serde_json::from_str(event.strip_prefix("data: ").unwrap_or(&event))
            .unwrap_or_else(|error| panic!("{error}: {event}"))
    }
}

async fn write(served: &Served, etype: &str, title: &str) {
    let steps = json!([["update", etype, EntityId::random(), { "title": title }]]);
    served.post("/admin/transact", &json!({ "steps": steps })).await.ok();
}

#[tokio::test]
async fn a_subscription_tells_of_changes_to_its_answer_and_of_nothing_else() {
    let served = Served::start().await;
    let mut events = Events::of(&served, json!({ "goals": {} })).await;
    let first = events.next().await;
    assert_eq!((&first["op"], &first["result"]), (&json!("add-query-ok"), &json!({ "goals": [] })));
    write(&served, "other", "x").await;
    write(&served, "goals", "one").await;
    let second = events.next().await;
    assert_eq!(second["op"], "refresh-ok");
    assert_eq!(second["computations"][0]["instaql-result"]["goals"][0]["title"], "one");
    assert!(second["processed-tx-id"].as_u64() > first["processed-tx-id"].as_u64());
}

#[tokio::test]
async fn a_refused_query_is_told_once_on_a_stream_that_stays_open() {
    let served = Served::start().await;
    let mut events = Events::of(&served, json!({ "goals": { "$": { "limit": -1 } } })).await;
    let error = events.next().await;
    assert_eq!(
        (&error["op"], &error["status"], &error["type"]),
        (&json!("error"), &json!(400), &json!("validation-failed"))
    );
    write(&served, "goals", "one").await;
    served.store.set_status(AppStatus::Disabled).await.unwrap();
    // The next commit makes it look again; the same refusal is not repeated.
    served.store.set_status(AppStatus::Active).await.unwrap();
    served.options.stop.cancel();
    assert_eq!(events.event().await, None);
}

#[tokio::test]
async fn there_are_at_most_as_many_subscriptions_as_are_allowed() {
    let served = Served::start_with(|options| ApiOptions { max_subscriptions: 1, ..options }).await;
    let first = Events::of(&served, json!({ "goals": {} })).await;
    let another = served.post("/admin/subscribe-query", &json!({ "query": { "goals": {} } })).await;
    assert_eq!(another.refused(429), "rate-limited");
    drop(first);
    // The server notices at its next word to the one that left.
    loop {
        write(&served, "goals", "again").await;
        let asked = served.admin(Method::POST, "/admin/subscribe-query").json(&json!({ "query": { "goals": {} } }));
        if asked.open().await.status() == 200 {
            break;
        }
    }
}

#[tokio::test]
async fn subscriptions_end_when_the_server_does() {
    let served = Served::start().await;
    let mut events = Events::of(&served, json!({ "goals": {} })).await;
    events.next().await;
    served.options.stop.cancel();
    assert_eq!(events.event().await, None);
}

#[tokio::test]
async fn who_may_not_come_in_gets_an_ordinary_answer() {
    let served = Served::start().await;
    let stranger = served.bare(Method::POST, "/admin/subscribe-query").header("app-id", &served.app_id());
    assert_eq!(stranger.json(&json!({ "query": { "goals": {} } })).send().await.refused(400), "param-missing");
    let told = served.post("/admin/subscribe-query", &json!({})).await;
    assert_eq!(told.refused(400), "param-missing");
}

#[tokio::test]
async fn who_was_refused_for_a_while_is_told_when_that_is_over_also_if_nothing_changed() {
    let served = Served::start().await;
    let open = json!({ "goals": { "allow": { "view": "true" } } });
    served.rules(open.clone()).await;
    write(&served, "goals", "one").await;
    let guest = served.bare(Method::POST, "/admin/subscribe-query").header("app-id", &served.app_id());
    let mut events = Events::to(guest.header("as-guest", "true"), json!({ "goals": {} })).await;
    assert_eq!(events.next().await["op"], "add-query-ok");
    served.rules(json!({})).await;
    write(&served, "other", "x").await;
    let refused = events.next().await;
    assert_eq!((&refused["op"], &refused["type"]), (&json!("error"), &json!("permission-denied")));
    served.rules(open).await;
    write(&served, "other", "x").await;
    let again = events.next().await;
    assert_eq!(again["op"], "refresh-ok", "{again}");
    assert_eq!(again["computations"][0]["instaql-result"]["goals"][0]["title"], "one");
}

#[tokio::test]
async fn under_many_writers_every_subscriber_ends_with_what_is_there() {
    let served = Served::start().await;
    let mut subscribers = Vec::new();
    for _ in 0..8 {
        subscribers.push(Events::of(&served, json!({ "goals": { "$": { "fields": ["title"] } } })).await);
    }
    // One never reads.
    let idle = Events::of(&served, json!({ "goals": {} })).await;
    let writers = (0..8).map(|writer| {
        let served = &served;
        async move {
            for nth in 0..25 {
                write(served, "goals", &format!("{writer} {nth} {}", "x".repeat(2_000))).await;
            }
        }
    });
    futures::future::join_all(writers).await;
    for mut events in subscribers {
        loop {
            let message = events.next().await;
            let tree = message.get("result").or_else(|| message.pointer("/computations/0/instaql-result"));
            if tree.unwrap()["goals"].as_array().unwrap().len() == 200 {
                break;
            }
        }
    }
    drop(idle);
}
