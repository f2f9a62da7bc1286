//! What is tried again, and what is not.

use super::*;
use crate::{InstantError, Store, Upload};

fn gateway(status: u16) -> Reply {
    Reply::of(status, "text/html", "<html><h1>Bad Gateway</h1></html>")
}

fn refused(status: u16, code: &str, hint: &Value) -> Reply {
    Reply::json(status, &json!({ "type": code, "message": "Not now.", "hint": hint }))
}

/// A server that fails some times, then succeeds.
async fn failing(times: usize, failure: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |_, before| {
        if before < times { failure() } else { Reply::ok(&json!({ "tx-id": 9, "data": { "id": A }, "todos": [] })) }
    })
    .await
}

#[tokio::test]
async fn a_query_an_upload_and_a_repeatable_transaction_outlast_a_gateway_that_fails() {
    for status in [502, 503, 504] {
        let server = failing(3, move || gateway(status)).await;
        remote(&server).query(&todos()).await.unwrap();
        assert_eq!(server.asked().len(), 4);

        let server = failing(3, move || gateway(status)).await;
        let upload = Upload { path: "a".to_owned(), content_type: "text/plain".to_owned(), bytes: "x".into() };
        remote(&server).upload_all(vec![upload]).await.unwrap();
        assert_eq!(server.asked().len(), 4);

        let server = failing(3, move || gateway(status)).await;
        remote(&server).transact(repeatable()).await.unwrap();
        assert_eq!(server.asked().len(), 4);
    }
}

#[tokio::test]
async fn a_transaction_that_is_not_repeatable_is_sent_once_where_its_outcome_is_unknown() {
    let failures: [fn() -> Reply; 3] = [
        || gateway(502),
        || Reply::Cut,
        || {
            Reply::Bytes(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"tx".to_vec(),
            )
        },
    ];
    for failure in failures {
        let server = failing(1, failure).await;
        let error = remote(&server).transact(unrepeatable()).await.unwrap_err();
        assert!(matches!(error, InstantError::Unavailable { .. }), "{error:?}");
        assert_eq!(server.asked().len(), 1);
        // The same where it does no harm.
        let server = failing(1, failure).await;
        remote(&server).transact(repeatable()).await.unwrap();
        assert_eq!(server.asked().len(), 2);
    }
}

#[tokio::test]
async fn what_had_no_effect_is_sent_again_whatever_it_is() {
    for code in ["rate-limited", "timeout"] {
        let server = failing(2, move || refused(429, code, &json!({ "retry-after": 0.001 }))).await;
        remote(&server).transact(unrepeatable()).await.unwrap();
        assert_eq!(server.asked().len(), 3);
    }
}

#[tokio::test]
async fn a_wait_that_is_longer_than_our_patience_is_not_begun() {
    let server = failing(2, || refused(429, "rate-limited", &json!({ "retry-after": 3_600 }))).await;
    let error = remote(&server).query(&todos()).await.unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("Not now."), "{error}");
    assert_eq!(server.asked().len(), 1);
}

/// A 429 whose header asks for a wait.
fn asking_to_wait(wait: &str) -> Reply {
    let head = format!("HTTP/1.1 429 X\r\nretry-after: {wait}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    Reply::Bytes(head.into_bytes())
}

#[tokio::test]
async fn a_wait_that_a_header_asks_for_is_kept_in_seconds_and_as_a_date() {
    for (wait, sent) in [
        ("0", 3),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 3),
        ("soon", 3),
        ("-1", 3),
        ("3600", 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1),
        ("18446744073709551615", 1),
    ] {
        let server = failing(2, move || asking_to_wait(wait)).await;
        let outcome = remote(&server).query(&todos()).await;
        assert_eq!((outcome.is_ok(), server.asked().len()), (sent == 3, sent), "{wait}");
    }
}

#[tokio::test]
async fn what_would_fail_again_is_not_sent_again() {
    for (status, code) in [(400, "validation-failed"), (400, "app-read-only"), (404, "unknown"), (500, "sql-exception")]
    {
        let server = failing(1, move || refused(status, code, &json!({}))).await;
        remote(&server).transact(repeatable()).await.unwrap_err();
        assert_eq!(server.asked().len(), 1, "{status} {code}");
    }
}

#[tokio::test]
async fn trying_comes_to_an_end() {
    let server = failing(usize::MAX, || gateway(503)).await;
    let patience = Patience { trying: Duration::from_millis(30), ..patience() };
    let error = remote_at(&server.uri(), patience).query(&todos()).await.unwrap_err();
    assert!(error.to_string().contains("503"), "{error}");
    assert!(server.asked().len() > 1);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_waited_for_for_ever() {
    let server = failing(usize::MAX, || Reply::Silence).await;
    let patience = Patience { answer: Duration::from_millis(20), trying: Duration::from_millis(1), ..patience() };
    let error = remote_at(&server.uri(), patience).query(&todos()).await.unwrap_err();
    assert!(error.to_string().contains("did not answer"), "{error}");
}
