//! `POST /admin/subscribe-query`: a query's answer, and what becomes of it, as
//! server-sent events (`specs/instantdb-admin-api.md` 8).

use super::Shared;
use super::caller::Asked;
use super::error::{ApiError, trace_id};
use super::query;
use crate::{Answer, Query, TxId};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt as _, stream};
use model::EntityId;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};

/// How often a comment says that the connection is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// When a client whose connection broke comes again.
const RETRY: Duration = Duration::from_millis(500);

/// Subscribes to a query.
pub(super) async fn subscribe(State(api): State<Shared>, asked: Asked) -> Result<Response, ApiError> {
    if !asked.body.get("query").is_some_and(Value::is_object) {
        // Answered with the error that a query without a query gets.
        query::parsed(&api, &asked).await?;
    }
    let Ok(permit) = api.subscriptions.clone().try_acquire_owned() else {
        let message = "You're making too many requests. This store has no place for another subscription.";
        return Err(ApiError::new("rate-limited", message, &json!({})).with_status(StatusCode::TOO_MANY_REQUESTS));
    };
    let init = json!({
        "op": "sse-init", "machine-id": api.machine, "session-id": EntityId::random(),
        "sse-token": EntityId::random(), "trace-id": trace_id(),
    });
    let first = [Event::default().retry(RETRY), event(&init)];
    let stop = api.stop.clone();
    let session = Session { latest: api.store.latest(), api, asked, sent: None, failed: None, _permit: permit };
    let events = stream::iter(first).chain(session.events()).map(Ok::<_, Infallible>);
    let events = events.take_until(async move { stop.cancelled().await });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=UTF-8"));
    Ok(response)
}

/// One subscription.
struct Session {
    api: Shared,
    asked: Asked,
    latest: watch::Receiver<TxId>,
    /// What the client has: tree and `result-meta`, as text.
    sent: Option<(String, String)>,
    /// The refusal that the client was told last.
    failed: Option<Value>,
    _permit: OwnedSemaphorePermit,
}

impl Session {
    /// The first answer, then one for each change of it.
    fn events(mut self) -> impl Stream<Item = Event> {
        self.latest.mark_changed();
        stream::unfold(self, |mut session| async move {
            loop {
                // The store is gone when this fails.
                session.latest.changed().await.ok()?;
                if let Some(message) = session.message().await {
                    return Some((event(&message), session));
                }
            }
        })
    }

    /// What there is to tell after a transaction; `None` when nothing changed for this query.
    async fn message(&mut self) -> Option<Value> {
        let answer = match self.answer().await {
            Ok(answer) => answer,
            Err(error) => return self.refusal(error),
        };
        // Whoever was told of a refusal is told that it is over.
        let recovered = self.failed.take().is_some();
        let Answer { tree, meta, processed } = answer;
        let now = (Value::Object(tree.clone()).to_string(), meta.to_string());
        if !recovered && self.sent.as_ref() == Some(&now) {
            return None;
        }
        let first = self.sent.replace(now).is_none();
        let query = &self.asked.body["query"];
        Some(if first {
            json!({
                "op": "add-query-ok", "q": query, "result": tree, "result-meta": meta,
                "processed-tx-id": processed.0, "processed-isn": isn(processed),
                "client-event-id": EntityId::random(), "trace-id": trace_id(),
            })
        } else {
            json!({
                "op": "refresh-ok", "processed-tx-id": processed.0, "processed-isn": isn(processed),
                "computations": [{ "instaql-query": query, "instaql-result": tree, "result-meta": meta }],
                "trace-id": trace_id(),
            })
        })
    }

    /// The answer as the rules and the app's status are now.
    async fn answer(&self) -> Result<Answer, ApiError> {
        let query: Query = query::parsed(&self.api, &self.asked).await?;
        Ok(self.api.store.answer(&query).await?)
    }

    /// The event for a refusal, once for each.
    fn refusal(&mut self, error: ApiError) -> Option<Value> {
        let (status, mut body) = error.into_parts();
        let key = json!([body["type"], body["message"]]);
        if self.failed.as_ref() == Some(&key) {
            return None;
        }
        self.failed = Some(key);
        body["op"] = "error".into();
        body["status"] = status.as_u16().into();
        body["client-event-id"] = json!(EntityId::random());
        body["original-event"] = json!({ "op": "add-query", "q": self.asked.body["query"] });
        Some(body)
    }
}

fn event(message: &Value) -> Event {
    Event::default().data(message.to_string())
}

/// Where a change stands in the log; here transactions are numbered without one.
fn isn(tx: TxId) -> String {
    format!("0/{:X}", tx.0)
}
