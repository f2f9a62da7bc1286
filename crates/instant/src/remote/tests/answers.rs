//! Answers of every kind: refusals, other servers, and hostile ones.

use super::*;
use crate::{InstantError, Store};

async fn asked(reply: impl Fn() -> Reply + Send + Sync + 'static) -> InstantError {
    let server = Server::start(move |_, _| reply()).await;
    let patience = Patience { trying: Duration::from_millis(1), ..patience() };
    remote_at(&server.uri(), patience).query(&todos()).await.unwrap_err()
}

#[tokio::test]
async fn refusals_come_back_as_what_they_are() {
    let body = json!({
        "type": "record-not-unique",
        "message": "`key` is a unique attribute on `leases` and an entity already exists with `leases.key` = \"x\"",
        "hint": { "record-type": "triple", "attr-id": A, "etype": "leases", "label": "key", "value": "\"x\"" },
        "trace-id": "0".repeat(32),
    });
    let server = Server::start(move |_, _| Reply::json(400, &body)).await;
    let error = remote(&server).transact(unrepeatable()).await.unwrap_err();
    assert!(error.is_not_unique() && error.to_string().contains("`leases.key` = \"x\""), "{error}");
}

#[tokio::test]
async fn the_token_is_in_no_error_whatever_the_server_repeats() {
    let echo = |status: u16, content_type: &'static str| {
        move || {
            let body = json!({
                "type": "record-not-found",
                "message": format!("Record not found for {TOKEN}"),
                "hint": { "args": [{ "token": TOKEN }], "record-type": "horse" },
            });
            Reply::of(status, content_type, body.to_string())
        }
    };
    let broken = move || Reply::of(400, "text/html", format!("<p>{TOKEN}</p>"));
    for error in [
        asked(echo(400, "application/json")).await,
        asked(echo(500, "application/json")).await,
        asked(echo(429, "application/json")).await,
        asked(broken).await,
        asked(|| Reply::Cut).await,
    ] {
        let told = format!("{error} {error:?} {}", error.hint());
        assert!(!told.contains("canary"), "{told}");
    }
}

/// InstantDB reads tokens as UUIDs and repeats them in lower case.
#[tokio::test]
async fn a_token_that_was_set_in_capitals_is_in_no_error_either() {
    let server = Server::start(|_, _| {
        Reply::json(400, &json!({ "type": "x", "message": format!("Unknown: {TOKEN}"), "hint": { "token": TOKEN } }))
    })
    .await;
    let settings = RemoteSettings {
        app_id: APP.parse().unwrap(),
        admin_token: Secret::new(TOKEN.to_uppercase()),
        api_uri: server.uri().parse().unwrap(),
    };
    let strangers = TenantClient::new("".parse().unwrap()).unwrap();
    let remote = Remote::with_patience(settings, strangers, patience()).unwrap();
    let error = remote.query(&todos()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn a_wrong_token_names_the_settings() {
    let error = asked(|| {
        let hint = json!({ "args": [{ "app-id": APP, "token": TOKEN }], "record-type": "app-admin-token" });
        Reply::json(
            400,
            &json!({ "type": "record-not-found", "message": "Record not found: app-admin-token", "hint": hint }),
        )
    })
    .await;
    assert!(error.to_string().contains("instant-admin-token"), "{error}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn what_is_no_instantdb_is_told_as_such() {
    let redirect = || {
        Reply::Bytes(
            b"HTTP/1.1 302 Found\r\nlocation: https://login.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                .to_vec(),
        )
    };
    for error in [
        asked(|| Reply::of(200, "text/html", "<html>Welcome to nginx</html>")).await,
        asked(|| Reply::of(404, "text/html", "<html>Not found</html>")).await,
        asked(|| Reply::of(413, "text/plain", "too large")).await,
        asked(|| Reply::of(200, "application/json", "null")).await,
        asked(|| Reply::of(200, "application/json", "[{}]")).await,
        asked(|| Reply::of(200, "application/json", "\"ok\"")).await,
        asked(|| Reply::of(200, "application/json", "{\"todos\":[")).await,
        asked(|| Reply::of(200, "application/json", "{\"todos\":".repeat(100_000))).await,
        asked(|| Reply::of(200, "application/json", b"{\"\xff\":1}")).await,
        asked(|| Reply::of(400, "application/json", "{}")).await,
        asked(|| Reply::of(201, "application/json", "{}")).await,
        // Not an app without anything in it: InstantDB names what was asked for.
        asked(|| Reply::of(200, "application/json", "{}")).await,
        asked(|| Reply::of(200, "application/json", "{\"status\":[]}")).await,
        asked(|| Reply::of(200, "application/json", "{\"todos\":null}")).await,
        asked(redirect).await,
        asked(|| {
            Reply::Bytes(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999999999999\r\n\r\n{".to_vec(),
            )
        })
        .await,
    ] {
        assert!(matches!(error, InstantError::NotInstant { .. }), "{error:?}");
        assert!(error.to_string().contains("instant-api-uri") && error.to_string().len() < 600, "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_tells_where_it_leads() {
    let redirect = |target: &'static str| {
        move || {
            Reply::Bytes(
                format!("HTTP/1.1 308 X\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .into_bytes(),
            )
        }
    };
    let error = asked(redirect("https://instant.example/x/admin/query?token=canary")).await.to_string();
    assert!(error.contains("leads to https://instant.example/x/admin/query"), "{error}");
    assert!(error.contains("instant-api-uri") && !error.contains("canary"), "{error}");
    for odd in ["", "/elsewhere", "http://["] {
        let error = asked(redirect(odd)).await;
        assert!(matches!(error, InstantError::NotInstant { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_without_rules_is_not_taken_for_an_app_that_has_none() {
    for body in [json!({}), json!({ "rules": {} }), json!({ "perms": [] }), json!({ "perms": "x" })] {
        let server = Server::start(move |_, _| Reply::ok(&body)).await;
        let error = remote(&server).rules().await.unwrap_err();
        assert!(matches!(error, InstantError::NotInstant { .. }), "{error:?}");
    }
    let server = Server::start(|_, _| Reply::ok(&json!({ "perms": null }))).await;
    assert_eq!(remote(&server).rules().await.unwrap(), None);
}

#[tokio::test]
async fn what_breaks_off_or_speaks_no_http_may_be_better_another_time() {
    for error in [
        asked(|| Reply::Cut).await,
        asked(|| Reply::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())).await,
        asked(|| Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"todos\"".to_vec())).await,
        asked(|| Reply::of(502, "text/html", "<html>Bad Gateway</html>")).await,
        asked(|| Reply::json(500, &json!({ "type": "unknown", "message": "Something went wrong. Sorry about this!" })))
            .await,
    ] {
        assert!(error.is_transient(), "{error:?}");
    }
}

#[tokio::test]
async fn rows_of_other_types_than_expected_are_errors_not_panics() {
    for body in [
        json!({ "data": 1 }),
        json!({ "data": { "id": 7 } }),
        json!({ "tx-id": "x", "attrs": 1, "perms": [] }),
        json!({}),
    ] {
        let server = Server::start(move |_, _| Reply::ok(&body)).await;
        let remote = remote(&server);
        let upload = crate::Upload { path: "a".to_owned(), content_type: "text/plain".to_owned(), bytes: "x".into() };
        remote.upload_all(vec![upload]).await.unwrap_err();
        remote.transact(repeatable()).await.unwrap_err();
        remote.attrs().await.unwrap_err();
        remote.rules().await.unwrap_err();
        remote.download_all(&["a".to_owned()]).await.unwrap_err();
        remote.count("todos", &crate::Where::default()).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_count_goes_through_all_pages() {
    let server = Server::start(|asked, _| {
        let offset = asked.json()["query"]["todos"]["$"]["offset"].as_u64().unwrap_or(0);
        let rows: Vec<Value> = (offset..12_345).take(10_000).map(|_| json!({ "id": A })).collect();
        Reply::ok(&json!({ "todos": rows }))
    })
    .await;
    assert_eq!(remote(&server).count("todos", &crate::Where::default()).await.unwrap(), 12_345);
    let asked: Vec<Value> = server.asked().iter().map(|asked| asked.json()["query"]["todos"]["$"].clone()).collect();
    assert_eq!(
        asked,
        [json!({ "limit": 10_000, "fields": ["id"] }), json!({ "limit": 10_000, "offset": 10_000, "fields": ["id"] })]
    );
}

#[tokio::test]
async fn a_push_waits_for_work_in_the_background_and_tells_what_failed() {
    for (last, told) in [("completed", None), ("errored", Some("unique of todos.key failed: triple-not-unique-error"))]
    {
        let server = Server::start(move |asked, before| {
            if asked.method == "POST" {
                return Reply::ok(&json!({ "steps": [], "indexing-jobs": { "group-id": A, "jobs": [] } }));
            }
            let job = |status: &str| json!({ "job_status": status, "job_type": "unique", "attr_name": "todos.key", "error": "triple-not-unique-error" });
            let second = if before < 3 { "processing" } else { last };
            Reply::ok(&json!({ "jobs": [job("completed"), job(second)] }))
        })
        .await;
        let pushed = remote(&server).push_schema(&json!({})).await.map_err(|error| error.to_string());
        match told {
            None => pushed.unwrap(),
            Some(told) => assert!(pushed.unwrap_err().contains(told)),
        }
        assert_eq!(server.asked().len(), 4);
        assert!(server.asked()[3].target.starts_with(&format!("/dash/apps/{APP}/indexing-jobs/group/{A}")));
    }
}
