use super::Served;
use crate::AppStatus;
use model::EntityId;
use net::http::Method;
use serde_json::json;

#[tokio::test]
async fn a_token_is_taken_in_either_case_and_nothing_else_is() {
    let served = Served::start().await;
    let query = json!({ "query": { "goals": {} } });
    let asked = |token: String| {
        served
            .bare(Method::POST, "/admin/query")
            .header("app-id", &served.app_id())
            .header("authorization", &token)
            .json(&query)
    };
    for token in [served.token(), served.token().to_uppercase()] {
        asked(format!("Bearer {token}")).send().await.ok();
    }
    assert_eq!(asked(format!("Bearer {}", EntityId::random())).send().await.refused(400), "record-not-found");
    assert_eq!(asked("Bearer per_0123".to_owned()).send().await.refused(400), "record-not-found");
    assert_eq!(asked(format!("Bearer {}x", served.token())).send().await.refused(400), "param-malformed");
    let renewed = served.store.renew_admin_token().await.unwrap();
    asked(format!("Bearer {}", renewed.expose())).send().await.ok();
}

#[tokio::test]
async fn a_wrong_token_is_refused_before_its_body_is_read() {
    let served = Served::start().await;
    let told = served
        .bare(Method::POST, "/admin/transact")
        .header("app-id", &served.app_id())
        .header("authorization", &format!("Bearer {}", EntityId::random()));
    let told = told.header("content-type", "application/json").body("{").send().await;
    assert_eq!(told.refused(400), "record-not-found");
}

#[tokio::test]
async fn the_platform_api_takes_the_token_of_its_own_app_only() {
    let served = Served::start().await;
    let bearer = format!("Bearer {}", served.token());
    let perms = |app: String| {
        served.bare(Method::GET, &format!("/superadmin/apps/{app}/perms")).header("authorization", &bearer)
    };
    assert_eq!(perms(served.app_id()).send().await.ok(), json!({ "perms": null }));
    let told = perms(EntityId::random().to_string()).send().await;
    assert_eq!(told.refused(400), "validation-failed");
    assert_eq!(told.json()["hint"], json!({ "reason": "admin-token-mismatch" }));
    let stranger = served.bare(Method::GET, &format!("/superadmin/apps/{}/perms", served.app_id()));
    let told = stranger.header("authorization", &format!("Bearer {}", EntityId::random())).send().await;
    assert_eq!(told.refused(401), "record-not-found");
}

#[tokio::test]
async fn guests_do_what_rules_allow_outright_and_nothing_else() {
    let served = Served::start().await;
    served.post("/admin/transact", &json!({ "steps": [["update", "goals", EntityId::random(), { "title": "x" }], ["update", "notes", EntityId::random(), {}]] })).await.ok();
    let guest =
        |path: &str| served.bare(Method::POST, path).header("app-id", &served.app_id()).header("as-guest", "true");
    let see = |etype: &str| guest("/admin/query").json(&json!({ "query": { etype: {} } })).send();
    let write = |step: serde_json::Value| guest("/admin/transact").json(&json!({ "steps": [step] })).send();
    let goal = || json!(["update", "goals", EntityId::random(), { "title": "x" }]);
    assert_eq!(see("goals").await.refused(400), "permission-denied");
    assert_eq!(write(goal()).await.refused(400), "permission-denied");
    served
        .rules(json!({ "goals": { "allow": { "view": "true" } }, "notes": { "allow": { "view": "data.id != null" } } }))
        .await;
    see("goals").await.ok();
    assert_eq!(see("notes").await.refused(400), "permission-denied");
    assert_eq!(write(goal()).await.refused(400), "permission-denied");
    served
        .rules(json!({ "$default": { "allow": { "$default": "true" } }, "notes": { "allow": { "delete": "false" } } }))
        .await;
    see("notes").await.ok();
    write(goal()).await.ok();
    assert_eq!(write(json!(["delete", "notes", EntityId::random()])).await.refused(400), "permission-denied");
    // The store's own namespaces need a rule of their own.
    assert_eq!(see("$users").await.refused(400), "permission-denied");
    served.rules(json!({ "goals": { "allow": { "view": "true" }, "fields": { "title": "false" } } })).await;
    assert_eq!(see("goals").await.refused(400), "permission-denied");
}

#[tokio::test]
async fn a_guests_schema_stays_as_it_is() {
    let served = Served::start().await;
    served.rules(json!({ "goals": { "allow": { "$default": "true" } } })).await;
    let guest =
        served.bare(Method::POST, "/admin/transact").header("app-id", &served.app_id()).header("as-guest", "true");
    let told =
        guest.json(&json!({ "steps": [["update", "goals", EntityId::random(), { "title": "x" }]] })).send().await;
    assert_eq!(told.refused(400), "validation-failed");
    assert!(told.text.contains("Attributes are missing in your schema"), "{told:?}");
}

#[tokio::test]
async fn a_closed_app_stays_closed_to_writes_of_every_kind() {
    let served = Served::start().await;
    served.store.set_status(AppStatus::ReadOnly).await.unwrap();
    let put = served.admin(Method::PUT, "/admin/storage/upload").header("path", "a").body("a").send().await;
    assert_eq!(put.refused(400), "app-read-only");
    for (path, body) in [
        ("/admin/transact", json!({ "steps": [] })),
        ("/admin/storage/files/delete", json!({ "filenames": ["a"] })),
        ("/admin/storage/signed-upload-url", json!({ "filename": "a" })),
        ("/admin/refresh_tokens", json!({ "email": "a@b.co" })),
    ] {
        assert_eq!(served.post(path, &body).await.refused(400), "app-read-only", "{path}");
    }
    served.query(json!({ "goals": {} })).await;
    served.store.set_status(AppStatus::Disabled).await.unwrap();
    let told = served.post("/admin/query", &json!({ "query": { "goals": {} } })).await;
    assert_eq!(told.refused(400), "app-disabled");
    assert_eq!(served.admin(Method::GET, "/admin/storage/files").send().await.refused(400), "app-disabled");
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_not_read_and_a_large_one_is_refused() {
    let served = Served::start().await;
    let told = served
        .admin(Method::POST, "/admin/query")
        .header("content-type", "text/plain")
        .body("{\"query\":{}}")
        .send()
        .await;
    assert_eq!(told.refused(400), "param-missing");
    let guest = served.bare(Method::POST, "/admin/query").header("app-id", &served.app_id()).header("as-guest", "true");
    let told = guest
        .json(&json!({ "query": { "goals": { "$": { "where": { "title": "x".repeat(2 << 20) } } } } }))
        .send()
        .await;
    assert_eq!(told.status, 413, "{told:?}");
    // The SDK says JSON and sends nothing.
    served.admin(Method::GET, "/admin/storage/files").header("content-type", "application/json").send().await.ok();
}

#[tokio::test]
async fn a_rehearsed_transaction_leaves_nothing_behind() {
    let served = Served::start().await;
    let rules = json!({ "goals": { "allow": { "$default": "true" } } });
    let body = json!({ "steps": [["update", "goals", EntityId::random(), { "title": "x" }]], "rules-override": rules });
    let guest = || served.admin(Method::POST, "/admin/transact_perms_check").header("as-guest", "true");
    let before = *served.store.latest().borrow();
    let told = guest().json(&body).send().await.ok();
    assert_eq!((&told["all-checks-ok?"], &told["committed?"]), (&json!(true), &json!(false)));
    assert_eq!(served.query(json!({ "goals": {} })).await, json!({ "goals": [] }));
    assert_eq!(*served.store.latest().borrow(), before);
    let mut committed = body.clone();
    committed["dangerously-commit-tx"] = json!(true);
    assert_eq!(guest().json(&committed).send().await.ok()["committed?"], true);
    assert_eq!(served.query(json!({ "goals": {} })).await["goals"][0]["title"], "x");
}

#[tokio::test]
async fn a_token_ends_with_its_user_also_when_the_id_comes_again() {
    let served = Served::start().await;
    let made = served.post("/admin/refresh_tokens", &json!({ "email": "a@b.co" })).await.ok();
    let (user, token) = (&made["user"]["id"], &made["user"]["refresh_token"]);
    let verify = || {
        let body = json!({ "app-id": served.app_id(), "refresh-token": token });
        served.bare(Method::POST, "/runtime/auth/verify_refresh_token").json(&body).send()
    };
    assert_eq!(&verify().await.ok()["user"]["id"], user);
    for step in [json!(["delete", "$users", user]), json!(["create", "$users", user, { "email": "c@d.co" }])] {
        served.post("/admin/transact", &json!({ "steps": [step] })).await.ok();
        assert_eq!(verify().await.refused(400), "record-not-found");
    }
}

#[tokio::test]
async fn a_user_who_is_made_by_several_at_once_is_made_once() {
    let served = Served::start().await;
    let body = json!({ "email": "a@b.co" });
    let made = futures::future::join_all((0..8).map(|_| served.post("/admin/refresh_tokens", &body))).await;
    let ids: std::collections::HashSet<String> =
        made.into_iter().map(|told| told.ok()["user"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn every_answer_has_the_security_headers_also_one_to_a_browser_that_asks_whether_it_may() {
    let served = Served::start().await;
    let asking = served.bare(Method::OPTIONS, "/admin/query").header("origin", "https://app.example");
    let told = asking.header("access-control-request-method", "POST").open().await;
    assert_eq!(told.status().as_u16(), 200);
    for (name, value) in
        [("access-control-max-age", "600"), ("x-frame-options", "DENY"), ("x-content-type-options", "nosniff")]
    {
        assert_eq!(told.headers()[name], value);
    }
}
