//! Files: where they are fetched, and with what.

use super::*;
use crate::{InstantError, Store};
use bytes::Bytes;

fn rows(rows: &[(&str, String)]) -> Reply {
    let rows: Vec<Value> = rows.iter().map(|(path, url)| json!({ "id": A, "path": path, "url": url })).collect();
    Reply::ok(&json!({ "$files": rows }))
}

fn paths(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

fn own(asked: &Asked, path: &str) -> String {
    format!("http://{}{path}", asked.header("host").unwrap())
}

#[tokio::test]
async fn files_come_in_the_order_of_their_paths_and_are_asked_for_without_credentials() {
    let server = Server::start(|asked, _| match asked.path() {
        "/admin/query" => rows(&[("b", own(asked, "/_files/b?sig=1")), ("a", own(asked, "/_files/a?sig=1"))]),
        path => Reply::of(200, "text/plain", path.replace("/_files/", "bytes of ")),
    })
    .await;
    let files = remote(&server).download_all(&paths(&["a", "missing", "b", "a"])).await.unwrap();
    let bytes = |text: &'static str| Some(Bytes::from_static(text.as_bytes()));
    assert_eq!(files, [bytes("bytes of a"), None, bytes("bytes of b"), bytes("bytes of a")]);
    let asked = server.asked();
    assert_eq!(
        asked[0].json(),
        json!({ "query": { "$files": { "$": { "where": { "path": { "$in": ["a", "missing", "b", "a"] } }, "fields": ["path", "url"] } } }, "inference?": true })
    );
    for fetched in &asked[1..] {
        assert!(fetched.target.ends_with("?sig=1"));
        assert!(!format!("{fetched:?}").contains(TOKEN) && fetched.header("app-id").is_none(), "{fetched:?}");
    }
}

#[tokio::test]
async fn many_paths_are_looked_up_a_hundred_at_a_time() {
    let server = Server::start(|asked, _| match asked.path() {
        "/admin/query" => {
            let wanted = asked.json()["query"]["$files"]["$"]["where"]["path"]["$in"].clone();
            let wanted: Vec<String> = serde_json::from_value(wanted).unwrap();
            assert!(wanted.len() <= 100);
            let rows: Vec<Value> =
                wanted.iter().map(|path| json!({ "path": path, "url": own(asked, &format!("/{path}")) })).collect();
            Reply::ok(&json!({ "$files": rows }))
        }
        path => Reply::of(200, "text/plain", path),
    })
    .await;
    let wanted: Vec<String> = (0..250).map(|n| n.to_string()).collect();
    let files = remote(&server).download_all(&wanted).await.unwrap();
    for (path, bytes) in wanted.iter().zip(files) {
        assert_eq!(bytes.unwrap(), format!("/{path}"));
    }
    assert_eq!(server.asked().iter().filter(|asked| asked.path() == "/admin/query").count(), 3);
}

#[tokio::test]
async fn a_file_that_vanished_is_none_and_one_that_was_replaced_is_fetched_again() {
    let server = Server::start(|asked, before| match (asked.path(), before) {
        ("/admin/query", 0) => rows(&[("gone", own(asked, "/old")), ("moved", own(asked, "/old"))]),
        ("/admin/query", _) => rows(&[("moved", own(asked, "/new"))]),
        ("/old", _) => Reply::of(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>"),
        _ => Reply::of(200, "text/plain", "new"),
    })
    .await;
    let files = remote(&server).download_all(&paths(&["gone", "moved"])).await.unwrap();
    assert_eq!(files, [None, Some(Bytes::from_static(b"new"))]);
}

#[tokio::test]
async fn a_row_without_bytes_is_damage() {
    let server = Server::start(|asked, _| match asked.path() {
        "/admin/query" => rows(&[("a", own(asked, "/a"))]),
        _ => Reply::of(404, "text/plain", "no"),
    })
    .await;
    let error = remote(&server).download_all(&paths(&["a"])).await.unwrap_err();
    assert!(matches!(error, InstantError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn an_address_elsewhere_must_be_public_or_allowed() {
    let files = Server::start(|_, _| Reply::of(200, "text/plain", "from elsewhere")).await;
    let elsewhere = format!("{}/bucket/a?X-Amz-Signature=canary-signature", files.uri());
    let server = Server::start(move |_, _| rows(&[("a", elsewhere.clone())])).await;
    let error = remote(&server).download_all(&paths(&["a"])).await.unwrap_err();
    assert!(matches!(error, InstantError::NotInstant { .. }) && error.to_string().contains("127.0.0.1"), "{error:?}");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    assert!(files.asked().is_empty());

    let settings = remote(&server).settings().clone();
    let strangers = TenantClient::new("127.0.0.1=127.0.0.0/8".parse().unwrap()).unwrap();
    let remote = Remote::with_patience(settings, strangers, patience()).unwrap();
    let fetched = remote.download_all(&paths(&["a"])).await.unwrap();
    assert_eq!(fetched, [Some(Bytes::from_static(b"from elsewhere"))]);
    let asked = &files.asked()[0];
    assert!(asked.header("authorization").is_none() && asked.header("app-id").is_none(), "{asked:?}");
}

#[tokio::test]
async fn a_fetch_outlasts_a_storage_that_fails_for_a_moment() {
    let server = Server::start(|asked, before| match (asked.path(), before) {
        ("/admin/query", _) => rows(&[("a", own(asked, "/a"))]),
        (_, 1) => Reply::of(503, "application/xml", "<Error><Code>SlowDown</Code></Error>"),
        (_, 2) => Reply::Cut,
        (_, 3) => Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal".to_vec()),
        _ => Reply::of(200, "text/plain", "whole"),
    })
    .await;
    assert_eq!(remote(&server).download("a").await.unwrap().unwrap(), "whole");
}

#[tokio::test]
async fn an_address_that_is_none_is_an_error() {
    for url in ["", "file:///etc/passwd", "//x", "ftp://127.0.0.1/a"] {
        let server = Server::start(move |_, _| rows(&[("a", url.to_owned())])).await;
        let error = remote(&server).download_all(&paths(&["a"])).await.unwrap_err();
        assert!(matches!(error, InstantError::NotInstant { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_is_told_by_its_path() {
    let server = Server::start(|asked, _| match asked.path() {
        "/admin/query" => rows(&[("films/long.mp4", own(asked, "/a"))]),
        _ => Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 5000000000\r\n\r\nx".to_vec()),
    })
    .await;
    let error = remote(&server).download("films/long.mp4").await.unwrap_err();
    assert!(error.to_string().starts_with("the file films/long.mp4 is over 268435456 bytes"), "{error}");
}
