//! That the fake keeps what its other tests rely on: its platform, and its
//! commands for tests in another process.

use super::FakeClerk;
use crate::InstanceKind;
use net::{
    OperatorClient,
    http::{Method, Response, StatusCode},
};
use serde_json::{Value, json};

const BACK: &str = "http://localhost:3030/registry?x=1";

fn fake() -> FakeClerk {
    let fake = FakeClerk::start(InstanceKind::Production);
    fake.organization("org_1", "Acme", json!({})).user("user_1", "Ada", &[("org_1", "org:admin")]);
    fake
}

async fn post(fake: &FakeClerk, path: &str, cookie: &str, content_type: &str, body: String) -> Response {
    let url = format!("{}{path}", fake.platform_url("127.0.0.1")).parse().unwrap();
    let request = OperatorClient::new().unwrap().request(Method::POST, url);
    request.header("cookie", cookie).header("content-type", content_type).body(body).send().await.unwrap()
}

async fn submit(fake: &FakeClerk, path: &str, cookie: &str, id: &str) -> Response {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("id", id)
        .append_pair("redirect", BACK)
        .finish();
    post(fake, path, cookie, "application/x-www-form-urlencoded", body).await
}

async fn command(fake: &FakeClerk, command: Value) -> (StatusCode, Value) {
    let response = post(fake, "/__fake", "", "application/json", command.to_string()).await;
    let status = response.status();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn the_platform_signs_in_sets_up_and_sends_back() {
    let fake = fake();
    let granted = json!({ "instant": { "appId": "app", "adminToken": "canary" } });
    fake.grants(Some(granted.clone()));
    let signed_in = submit(&fake, "/sign-in", "", "user_1").await;
    assert_eq!(signed_in.status(), StatusCode::SEE_OTHER);
    assert_eq!(signed_in.headers()["location"], BACK);
    let cookies: Vec<_> = signed_in.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|line| line.starts_with("__client_uat=")));
    let cookie = cookies.iter().find(|line| line.starts_with("__client=")).unwrap().split(';').next().unwrap();
    let set_up = submit(&fake, "/platform/grant", cookie, "org_1").await;
    assert_eq!(set_up.status(), StatusCode::SEE_OTHER);
    assert_eq!(set_up.headers()["location"], BACK);
    assert_eq!(fake.look(|world| world.organizations["org_1"].private_metadata.clone()), granted);
    // Not for others.
    assert_eq!(submit(&fake, "/platform/grant", cookie, "org_9").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(submit(&fake, "/platform/grant", "", "org_1").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_process_can_say_who_and_what_there_is() {
    let fake = fake();
    for wanted in [
        json!({ "do": "organization", "id": "org_2", "name": "Globex", "private_metadata": {} }),
        json!({ "do": "user", "id": "user_2", "first_name": "Grace", "memberships": { "org_2": "org:member" } }),
        json!({ "do": "switch", "user": "user_2", "organization": "org_2" }),
        json!({ "do": "end", "user": "user_2" }),
        json!({ "do": "grants", "private_metadata": null }),
        json!({ "do": "rotate", "forget_old": true }),
        json!({ "do": "gone", "organization": "org_1" }),
        json!({ "do": "trouble", "prefix": "/v1", "status": 500 }),
        json!({ "do": "no_trouble" }),
        json!({ "do": "calls" }),
    ] {
        assert_eq!(command(&fake, wanted.clone()).await, (StatusCode::OK, json!({})), "{wanted}");
    }
    let names = fake.look(|world| world.organizations.keys().cloned().collect::<Vec<_>>());
    assert_eq!(names, ["org_2"]);
    assert!(command(&fake, json!({ "do": "something else" })).await.0.is_client_error());
}
