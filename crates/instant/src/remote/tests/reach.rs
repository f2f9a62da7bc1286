//! Whether InstantDB can be reached.

use super::*;
use crate::{Reach, Store, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A server that can be switched off.
async fn switched(on: &Arc<AtomicBool>) -> Server {
    let on = Arc::clone(on);
    Server::start(move |_, _| {
        if on.load(Ordering::SeqCst) {
            Reply::ok(&json!({ "todos": [] }))
        } else {
            Reply::of(503, "text/html", "<html>away</html>")
        }
    })
    .await
}

#[tokio::test]
async fn what_goes_away_and_comes_back_is_told_without_anyone_asking_for_data() {
    let on = Arc::new(AtomicBool::new(true));
    let server = switched(&on).await;
    let remote = remote_at(&server.uri(), Patience { trying: Duration::from_millis(2), ..patience() });
    let mut reach = remote.reach();
    assert_eq!(*reach.borrow(), Reach::Up);
    let before = Timestamp::now();
    on.store(false, Ordering::SeqCst);
    remote.query(&todos()).await.unwrap_err();
    match &*reach.borrow_and_update() {
        Reach::Down { since, why } => {
            assert!(*since >= before && why.contains("503"), "{why}");
        }
        Reach::Up => panic!("it is away"),
    }
    on.store(true, Ordering::SeqCst);
    reach.wait_for(|reach| *reach == Reach::Up).await.unwrap();
}

#[tokio::test]
async fn nobody_is_asked_while_nobody_wants_to_know() {
    let on = Arc::new(AtomicBool::new(false));
    let server = switched(&on).await;
    let remote = remote_at(&server.uri(), Patience { trying: Duration::ZERO, ..patience() });
    remote.query(&todos()).await.unwrap_err();
    assert_eq!(server.asked().len(), 1);
    assert!(matches!(*remote.reach().borrow(), Reach::Down { .. }));
    // A success of its own is enough.
    on.store(true, Ordering::SeqCst);
    remote.query(&todos()).await.unwrap();
    assert_eq!(*remote.reach().borrow(), Reach::Up);
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    let server = Server::start(|_, _| {
        Reply::json(400, &json!({ "type": "app-disabled", "message": "This app is currently disabled." }))
    })
    .await;
    let remote = remote(&server);
    remote.http.note_down("for a test".to_owned());
    remote.query(&todos()).await.unwrap_err();
    assert_eq!(*remote.reach().borrow(), Reach::Up);
}

#[tokio::test]
async fn where_nobody_listens_is_down_and_is_asked_once_a_call() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let patience = Patience { trying: Duration::from_millis(2), ..patience() };
    let remote = remote_at(&format!("http://127.0.0.1:{port}"), patience);
    let error = remote.query(&todos()).await.unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("cannot be reached"), "{error}");
    assert!(matches!(&*remote.reach().borrow(), Reach::Down { why, .. } if why.contains("cannot be reached")));
}
