//! Live queries: streams, what becomes of them, and what stands in for them.

use super::server::Events;
use super::*;
use crate::{Reach, Store, Tree};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

type Live = watch::Receiver<Option<Arc<Tree>>>;

/// A server whose streams a test opens one by one; queries are answered by `query`.
async fn streaming(replies: Vec<Reply>, query: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    let replies = Mutex::new(replies.into_iter());
    Server::start(
        move |asked, _| {
            if asked.is_stream() { replies.lock().unwrap().next().unwrap_or(Reply::Silence) } else { query() }
        },
    )
    .await
}

fn tree(n: u64) -> Value {
    json!({ "todos": [{ "id": A, "n": n }] })
}

/// Waits for this answer.
async fn until(live: &mut Live, wanted: &Value) {
    live.wait_for(|last| last.as_deref().is_some_and(|last| Value::from(last.clone()) == *wanted)).await.unwrap();
}

#[tokio::test]
async fn every_change_arrives_however_the_stream_is_cut() {
    let (events, reply) = Reply::events();
    let server = streaming(vec![reply], || Reply::Silence).await;
    let mut live = remote(&server).live(todos());
    assert_eq!(*live.borrow(), None);
    events.begin(&tree(1));
    until(&mut live, &tree(1)).await;
    for n in 2..5 {
        let message = json!({ "op": "refresh-ok", "computations": [{ "instaql-result": tree(n) }] });
        events.write(": keep alive\n\n");
        for piece in format!("data: {message}\r\n\r\n").as_bytes().chunks(7) {
            events.write(String::from_utf8_lossy(piece).into_owned());
        }
        until(&mut live, &tree(n)).await;
    }
    // What says nothing new wakes no one.
    live.mark_unchanged();
    events.message(&json!({ "op": "refresh-ok", "computations": [] }));
    events.message(&json!({ "op": "something-new" }));
    events.refresh(&tree(4));
    events.refresh(&tree(5));
    live.changed().await.unwrap();
    until(&mut live, &tree(5)).await;
}

#[tokio::test]
async fn a_lost_stream_is_opened_again_and_misses_nothing() {
    let (first, first_reply) = Reply::events();
    let (second, second_reply) = Reply::events();
    let server = streaming(vec![first_reply, Reply::Cut, second_reply], || Reply::Silence).await;
    let mut live = remote(&server).live(todos());
    first.begin(&tree(1));
    until(&mut live, &tree(1)).await;
    drop(first);
    second.begin(&tree(9));
    until(&mut live, &tree(9)).await;
    let connections: Vec<String> =
        server.asked().into_iter().filter(Asked::is_stream).map(|asked| asked.target).collect();
    assert_eq!(connections.len(), 3);
}

#[tokio::test]
async fn a_stream_that_falls_silent_counts_as_dead() {
    let (first, first_reply) = Reply::events();
    let (second, second_reply) = Reply::events();
    let server = streaming(vec![first_reply, second_reply], || Reply::Silence).await;
    let patience = Patience { silence: Duration::from_millis(40), ..patience() };
    let mut live = remote_at(&server.uri(), patience).live(todos());
    first.begin(&tree(1));
    until(&mut live, &tree(1)).await;
    second.begin(&tree(2));
    until(&mut live, &tree(2)).await;
}

#[tokio::test]
async fn where_streams_are_refused_the_query_is_asked_again_and_again() {
    for refusal in [
        || Reply::json(404, &json!({ "message": "Oops! We couldn't match this route." })),
        || Reply::of(200, "text/html", "<html>"),
        || Reply::of(405, "text/plain", "no"),
        || Reply::Cut,
    ] {
        let asked = Mutex::new(0);
        let server = Server::start(move |request, _| {
            if request.is_stream() {
                return refusal();
            }
            let mut asked = asked.lock().unwrap();
            *asked += 1;
            Reply::ok(&tree(*asked))
        })
        .await;
        let mut live = remote(&server).live(todos());
        until(&mut live, &tree(3)).await;
    }
}

#[tokio::test]
async fn an_answer_that_was_asked_for_before_a_stream_told_more_is_dropped() {
    let (events, reply) = Reply::events();
    let (held, held_reply) = Reply::events();
    let held_reply = Mutex::new(Some(held_reply));
    let server = streaming(vec![reply], move || match held_reply.lock().unwrap().take() {
        // The raw bytes of an answer that takes its time.
        Some(Reply::Stream(bytes)) => Reply::Stream(skip_first(bytes)),
        _ => Reply::Silence,
    })
    .await;
    let mut live = remote(&server).live(todos());
    asked(&server, |asked| asked.path() == "/admin/query").await;
    events.begin(&tree(2));
    until(&mut live, &tree(2)).await;
    let body = tree(1).to_string();
    held.write(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()));
    drop(held);
    events.refresh(&tree(3));
    until(&mut live, &tree(3)).await;
    live.mark_unchanged();
    events.refresh(&tree(4));
    live.changed().await.unwrap();
    assert_eq!(Value::from(live.borrow().as_deref().unwrap().clone()), tree(4));
}

/// Without the head that a stream of events begins with.
fn skip_first(
    mut bytes: tokio::sync::mpsc::UnboundedReceiver<bytes::Bytes>,
) -> tokio::sync::mpsc::UnboundedReceiver<bytes::Bytes> {
    bytes.try_recv().unwrap();
    bytes
}

/// Waits until something was asked.
async fn asked(server: &Server, which: impl Fn(&Asked) -> bool) {
    while !server.asked().iter().any(&which) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn it_ends_when_nobody_listens_any_more() {
    let (events, reply) = Reply::events();
    let server = streaming(vec![reply], || Reply::Silence).await;
    let mut live = remote(&server).live(todos());
    events.begin(&tree(1));
    until(&mut live, &tree(1)).await;
    drop(live);
    // The server notices when it writes to a connection that is closed.
    while events_are_taken(&events) {
        tokio::task::yield_now().await;
    }
}

fn events_are_taken(events: &Events) -> bool {
    events.try_write(": anyone there?\n\n")
}

#[tokio::test]
async fn a_refused_query_is_asked_again_and_tells_what_it_finds() {
    let refused =
        json!({ "op": "error", "status": 400, "type": "validation-failed", "message": "Validation failed for query" });
    let (first, first_reply) = Reply::events();
    let (second, second_reply) = Reply::events();
    first.message(&refused);
    second.begin(&tree(1));
    let server = streaming(vec![first_reply, second_reply], || Reply::Silence).await;
    let mut live = remote(&server).live(todos());
    until(&mut live, &tree(1)).await;
}

#[tokio::test]
async fn a_live_message_says_that_instantdb_is_back() {
    let server = Server::start(|_, _| Reply::of(503, "text/plain", "away")).await;
    let patience = Patience { trying: Duration::ZERO, poll: Duration::from_secs(60), ..patience() };
    let remote = remote_at(&server.uri(), patience.clone());
    remote.query(&todos()).await.unwrap_err();
    let reach = remote.reach();
    assert!(matches!(*reach.borrow(), Reach::Down { .. }));
    drop(reach);

    let (events, reply) = Reply::events();
    let back = streaming(vec![reply], || Reply::Silence).await;
    let remote = remote_at(&back.uri(), patience);
    remote.http.note_down("for a test".to_owned());
    let _live = remote.live(todos());
    events.begin(&tree(1));
    let mut reach = remote.reach();
    reach.wait_for(|reach| *reach == Reach::Up).await.unwrap();
}
