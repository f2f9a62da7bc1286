//! Requests are those of InstantDB's own client: the captures of
//! `specs/instantdb-admin-api.md` 10, with its names for app and entities.

use super::*;
use crate::{Clause, Condition, Direction, Order, Store, Upload, Where};

/// Everything about a request that is ours to choose.
fn shown(asked: &Asked) -> Value {
    let headers: serde_json::Map<String, Value> = asked
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "host" | "user-agent" | "accept-encoding"))
        .map(|(name, value)| (name.clone(), value.replace(TOKEN, "<token>").into()))
        .collect();
    let body = match asked.header("content-type") {
        Some("application/json") if asked.body.is_empty() => Value::Null,
        Some("application/json") if asked.path() != "/admin/storage/upload" => asked.json(),
        _ => String::from_utf8_lossy(&asked.body).into_owned().into(),
    };
    json!({ "request": format!("{} {}", asked.method, asked.target), "headers": headers, "body": body })
}

async fn body_of(query: Query) -> Value {
    let nothing: serde_json::Map<String, Value> =
        query.forms.iter().map(|(namespace, _)| (namespace.clone(), json!([]))).collect();
    let server = Server::start(move |_, _| Reply::ok(&nothing.clone().into())).await;
    remote(&server).query(&query).await.unwrap();
    server.asked()[0].json()
}

async fn steps_of(steps: Value) -> Value {
    let server = Server::start(|_, _| Reply::ok(&json!({ "tx-id": 1 }))).await;
    remote(&server).transact(transaction(&steps)).await.unwrap();
    server.asked()[0].json()
}

#[tokio::test]
async fn every_kind_of_request_is_sent_as_instantdb_takes_it() {
    let server = Server::start(|asked, _| {
        Reply::ok(&match asked.path() {
            "/admin/query" => json!({ "todos": [] }),
            "/admin/transact" => json!({ "tx-id": 7 }),
            "/admin/storage/upload" => json!({ "data": { "id": A, "location-id": B, "size": 7 } }),
            path if path.ends_with("/schema/pull") => json!({ "schema": {}, "attrs": [], "app-title": "x" }),
            path if path.ends_with("/perms") => json!({ "perms": { "a": 1 }, "rules": null }),
            _ => json!({ "steps": [], "transaction": {}, "indexing-jobs": null }),
        })
    })
    .await;
    let remote = remote(&server);
    remote.query(&todos()).await.unwrap();
    assert_eq!(remote.transact(unrepeatable()).await.unwrap().0, 7);
    let upload = Upload {
        path: "dir/a b.json".to_owned(),
        content_type: "application/json".to_owned(),
        bytes: "{\"x\":1}".into(),
    };
    assert_eq!(remote.upload_all(vec![upload]).await.unwrap(), [A.parse().unwrap()]);
    assert_eq!(remote.attrs().await.unwrap(), []);
    remote.push_schema(&json!({ "entities": {}, "links": {} })).await.unwrap();
    remote.delete_attrs(&[A.parse().unwrap()]).await.unwrap();
    assert_eq!(remote.rules().await.unwrap(), Some(json!({ "a": 1 })));
    remote.replace_rules(&json!({ "a": 2 })).await.unwrap();
    let asked: Vec<Value> = server.asked().iter().map(shown).collect();
    insta::assert_json_snapshot!(asked);
}

#[tokio::test]
async fn a_path_prefix_comes_before_every_route() {
    let server = Server::start(|_, _| Reply::ok(&json!({ "perms": null, "todos": [] }))).await;
    let remote = remote_at(&format!("{}/_instant/", server.uri()), patience());
    remote.query(&todos()).await.unwrap();
    assert_eq!(remote.rules().await.unwrap(), None);
    let targets: Vec<String> = server.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(
        targets,
        [format!("/_instant/admin/query?app_id={APP}"), format!("/_instant/superadmin/apps/{APP}/perms?app_id={APP}"),]
    );
}

#[tokio::test]
async fn queries_equal_those_that_were_captured() {
    let nested = |children: &[&str]| Form {
        children: children.iter().map(|label| ((*label).to_owned(), Form::default())).collect(),
        ..Form::default()
    };
    assert_eq!(
        body_of(Query::of("todos", nested(&["tags"]))).await,
        json!({ "query": { "todos": { "tags": {} } }, "inference?": true })
    );
    let field = |path: &str, condition| Clause::Field(vec![path.to_owned()], condition);
    let one = |clause| Where { clauses: vec![clause] };
    let form = Form {
        filter: Where {
            clauses: vec![
                field("title", Condition::Eq("x".into())),
                Clause::Or(vec![
                    one(field("a", Condition::Eq(1.into()))),
                    one(field("b", Condition::In(vec![1.into(), 2.into()]))),
                ]),
            ],
        },
        order: Some(Order { by: "serverCreatedAt".to_owned(), direction: Direction::Desc }),
        limit: Some(2),
        offset: Some(1),
        fields: Some(vec!["title".to_owned()]),
        ..nested(&["tags"])
    };
    assert_eq!(
        body_of(Query { inference: false, ..Query::of("todos", form) }).await,
        json!({ "query": { "todos": { "$": { "where": { "title": "x", "or": [{ "a": 1 }, { "b": { "$in": [1, 2] } }] }, "order": { "serverCreatedAt": "desc" }, "limit": 2, "offset": 1, "fields": ["title"] }, "tags": {} } }, "inference?": false })
    );
}

#[tokio::test]
async fn conditions_without_content_are_not_sent() {
    let everything = || Where { clauses: Vec::new() };
    let title = Clause::Field(vec!["title".to_owned()], Condition::Eq("x".into()));
    let some = || Where { clauses: vec![title.clone()] };
    for (clauses, sent) in [
        (vec![Clause::And(vec![everything()])], json!({})),
        (vec![Clause::And(vec![everything(), some()])], json!({ "$": { "where": { "and": [{ "title": "x" }] } } })),
        (vec![Clause::Or(vec![everything(), some()])], json!({})),
        (vec![Clause::Or(vec![everything(), some()]), title.clone()], json!({ "$": { "where": { "title": "x" } } })),
    ] {
        let form = Form { filter: Where { clauses }, ..Form::default() };
        assert_eq!(body_of(Query::of("todos", form)).await["query"]["todos"], sent);
    }
}

#[tokio::test]
async fn transactions_equal_those_that_were_captured() {
    for steps in [
        json!([
            ["update", "todos", A, { "title": "t", "n": 1, "f": 1.5, "b": true, "nul": null, "obj": { "a": [1] }, "d": "1970-01-01T00:00:00.000Z" }],
            ["link", "todos", A, { "tags": B }],
            ["link", "todos", A, { "tags": [A, B] }],
            ["unlink", "todos", A, { "tags": B }],
        ]),
        json!([["create", "todos", A, { "title": "t" }]]),
        json!([["update", "todos", A, { "title": "t" }, { "upsert": false }]]),
        json!([["merge", "todos", A, { "meta": { "a": 1 } }]]),
        json!([["delete", "todos", A, null]]),
        json!([
            ["update", "todos", ["key", "k1"], { "title": "z" }],
            ["link", "todos", ["key", "k1"], { "tags": "lookup__name__\"n1\"" }],
            ["delete", "todos", ["key", "k 2__\"q\""], null],
            ["link", "todos", ["key", 15], { "tags": ["lookup__name__\"n1\"", B] }],
        ]),
        json!([["update", "todos", A, { "title": "s", "key": "k", "due": "2023-11-14T22:13:20.000Z" }]]),
        json!([]),
    ] {
        assert_eq!(steps_of(steps.clone()).await, json!({ "steps": steps, "throw-on-missing-attrs?": true }));
    }
}

#[tokio::test]
async fn a_subscription_equals_the_one_that_was_captured() {
    let (events, reply) = Reply::events();
    events.begin(&json!({ "todos": [] }));
    let reply = std::sync::Mutex::new(Some(reply));
    let server = Server::start(move |asked, _| {
        let reply = if asked.is_stream() { reply.lock().unwrap().take() } else { None };
        reply.unwrap_or(Reply::Silence)
    })
    .await;
    let mut live = remote(&server).live(todos());
    live.wait_for(Option::is_some).await.unwrap();
    let asked = server.asked().into_iter().find(Asked::is_stream).unwrap();
    let mut shown = shown(&asked);
    let target = asked.target.split_once("local_connection_id=").unwrap();
    assert!(target.1.parse::<model::EntityId>().is_ok(), "{target:?}");
    shown["request"] = format!("{} {}local_connection_id=<uuid>", asked.method, target.0).into();
    insta::assert_json_snapshot!(shown);
}

#[tokio::test]
async fn what_is_too_large_for_one_transaction_is_not_sent() {
    let server = Server::start(|_, _| Reply::ok(&json!({ "tx-id": 1 }))).await;
    let remote = remote(&server);
    let step = json!(["update", "todos", A, { "title": "t" }]);
    let steps = |count: usize| transaction(&vec![step.clone(); count].into());
    remote.transact(steps(500)).await.unwrap();
    let error = remote.transact(steps(501)).await.unwrap_err();
    assert_eq!(error.code(), "parameter-limit-exceeded");
    let wide: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("a{n}"), n.into())).collect();
    let error = remote.transact(transaction(&json!([["update", "todos", A, wide]]))).await.unwrap_err();
    assert!(error.to_string().contains("5001 triples"), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_path_that_no_header_can_carry_is_given_by_a_transaction() {
    let server = Server::start(|asked, before| {
        Reply::ok(&match asked.path() {
            // The first one is there already.
            "/admin/query" if before == 0 => json!({ "$files": [{ "id": A }] }),
            "/admin/query" => json!({ "$files": [] }),
            "/admin/transact" => json!({ "tx-id": 1 }),
            _ => json!({ "data": { "id": A } }),
        })
    })
    .await;
    let upload = |path: &str| Upload { path: path.to_owned(), content_type: String::new(), bytes: "x".into() };
    for path in ["日本.png", "résumé.pdf", " a", "a\nb", "a\u{7f}"] {
        remote(&server).upload_all(vec![upload(path)]).await.unwrap();
    }
    let asked = server.asked();
    let kinds = |asked: &[Asked]| asked.iter().map(|asked| asked.path().to_owned()).collect::<Vec<_>>();
    assert_eq!(kinds(&asked[..4]), ["/admin/query", "/admin/transact", "/admin/storage/upload", "/admin/transact"]);
    let aside = asked[2].header("path").unwrap().to_owned();
    assert!(aside.starts_with("registry/aside/") && asked[2].header("content-type").is_none(), "{:?}", asked[2]);
    let renamed = |path: &str| json!([["update", "$files", A, { "path": path }, { "upsert": false }]]);
    assert_eq!(asked[1].json()["steps"], renamed(&aside));
    assert_eq!(asked[3].json()["steps"], renamed("日本.png"));
    assert_eq!(kinds(&asked[4..7]), ["/admin/query", "/admin/storage/upload", "/admin/transact"]);
    let error = remote(&server).upload_all(vec![upload("")]).await.unwrap_err();
    assert!(error.to_string().contains("no path"), "{error}");
}
