//! The answer to a query, kept up to date: over a stream of events, and by
//! asking again and again while there is none.

use super::backoff::Backoff;
use super::events::Events;
use super::http::{Again, Call, Failure, Http, send};
use crate::{InstantError, Query, Tree};
use net::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::watch;
use tokio::time::sleep;

/// What becomes of one live query.
struct Live {
    http: Arc<Http>,
    query: Query,
    sender: watch::Sender<Option<Arc<Tree>>>,
    streamed: Streamed,
}

/// Whether a stream delivers, and how often one has: an answer to a query that
/// was asked before must not replace what a stream told since.
#[derive(Default)]
struct Streamed {
    connected: AtomicBool,
    answers: AtomicU64,
}

impl Http {
    /// Begins to follow a query; ends when the receiver is dropped.
    pub(super) fn live(self: &Arc<Self>, query: Query) -> watch::Receiver<Option<Arc<Tree>>> {
        let (sender, receiver) = watch::channel(None);
        let live = Live { http: Arc::clone(self), query, sender, streamed: Streamed::default() };
        tokio::spawn(async move {
            tokio::select! {
                () = live.sender.closed() => {}
                () = live.stream() => {}
                () = live.poll() => {}
            }
        });
        receiver
    }
}

impl Live {
    /// Hands on an answer, unless it is what was handed on last.
    fn tell(&self, tree: Tree) {
        self.sender.send_if_modified(|last| {
            let new = last.as_deref() != Some(&tree);
            if new {
                *last = Some(Arc::new(tree));
            }
            new
        });
    }

    /// Keeps a stream of events open. Every new one begins with the whole answer.
    async fn stream(&self) {
        let patience = &self.http.patience;
        let fresh = || Backoff::new(patience.first_wait, patience.longest_wait);
        let mut backoff = fresh();
        loop {
            let failure = match self.open().await {
                Ok(mut events) => loop {
                    match self.next(&mut events).await {
                        Ok(()) => backoff = fresh(),
                        Err(failure) => break failure,
                    }
                },
                Err(failure) => failure,
            };
            self.streamed.connected.store(false, Ordering::SeqCst);
            tracing::debug!(error = %failure.error, "a live query has no stream of events");
            if failure.down {
                self.http.note_down(failure.error.to_string());
            }
            let wait = backoff.wait();
            // A server that refuses streams is asked for one as rarely as it is asked anything.
            sleep(if failure.again == Again::Never { wait.max(patience.poll) } else { wait }).await;
        }
    }

    /// Asks again and again while no stream delivers; the first time at once,
    /// since a stream may be long in coming, or held back on its way.
    async fn poll(&self) {
        loop {
            if !self.streamed.connected.load(Ordering::SeqCst) {
                let before = self.streamed.answers.load(Ordering::SeqCst);
                match self.http.call(&Call::query(&self.query)).await {
                    Ok(Value::Object(tree)) if self.streamed.answers.load(Ordering::SeqCst) == before => {
                        self.tell(tree);
                    }
                    Ok(_) => {}
                    Err(error) => tracing::debug!(%error, "a live query was not answered"),
                }
            }
            sleep(self.http.patience.poll).await;
        }
    }

    async fn open(&self) -> Result<Events, Failure> {
        let patience = &self.http.patience;
        let mut url = self.http.settings.api_uri.at("/admin/subscribe-query");
        url.query_pairs_mut().append_pair("local_connection_id", &uuid::Uuid::new_v4().to_string());
        let versions = json!({ "@instantdb/admin": super::http::SPOKEN, "@instantdb/core": super::http::SPOKEN });
        let body = json!({ "query": self.query.to_json(), "inference?": self.query.inference, "versions": versions });
        let request = self
            .http
            .request(Method::POST, url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::PRAGMA, "no-cache")
            .header(header::CACHE_CONTROL, "no-cache")
            .body(body.to_string());
        let response = send(request, &url, patience.answer).await?;
        if response.status() != StatusCode::OK {
            let status = response.status();
            return Err(match self.http.read(response, patience.answer).await {
                Err(failure) => failure,
                Ok(_) => Failure::not_instant(format!("a stream of events was answered with {status}")),
            });
        }
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(|value| value.starts_with("text/event-stream")) {
            return Err(Failure::not_instant(format!("a stream of events was answered with {content_type:?}")));
        }
        Ok(Events::of(response, patience.silence))
    }

    /// Takes in one message.
    async fn next(&self, events: &mut Events) -> Result<(), Failure> {
        let mut message = events.next().await?;
        let tree = match message.get("op").and_then(Value::as_str) {
            Some("add-query-ok") => message.get_mut("result").map(Value::take),
            Some("refresh-ok") => message.pointer_mut("/computations/0/instaql-result").map(Value::take),
            Some("error") => {
                return Err(Failure::refused(InstantError::from_wire(&message)));
            }
            _ => None,
        };
        // Any message is a sign of life.
        self.http.note_up();
        if let Some(Value::Object(tree)) = tree {
            self.streamed.answers.fetch_add(1, Ordering::SeqCst);
            self.streamed.connected.store(true, Ordering::SeqCst);
            self.tell(tree);
        }
        Ok(())
    }
}
